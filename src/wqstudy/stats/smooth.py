"""A smooth curve through points: locally weighted lines (lowess)."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.stats import inputs

FloatArray = npt.NDArray[np.float64]


def lowess(y: npt.ArrayLike, x: npt.ArrayLike, span: float = 2 / 3, passes: int = 3) -> FloatArray:
    """Locally weighted straight lines, outliers weighted down.

    Parameters
    ----------
    y, x
        Points, shape (n,), without nan, in any order.
    span
        Share of the points that each line is fitted to, the nearest ones.
    passes
        Repetitions with weights by the residuals.

    Returns
    -------
    ndarray
        Curve at `x`, shape (n,).

    Raises
    ------
    ArgumentError
        If shapes differ, a number is missing, or `span` is not between 0 and 1.

    References
    ----------
    Cleveland W.S. 1979, JASA 74, 829-836; tricube weights, bisquare weights at six median residuals.

    Examples
    --------
    >>> x = np.arange(10.0)
    >>> bool(np.allclose(lowess(3 + 2 * x, x), 3 + 2 * x))
    True
    """
    values = inputs.series(y)
    at = inputs.times_of(values, x, "x")
    if not 0 < span <= 1:
        raise ArgumentError(f"is {span}", argument="span", valid="above 0, at most 1, such as 2/3")
    if not np.isfinite(values).all():
        raise ArgumentError("some values are missing or infinite", argument="y", valid="finite numbers")
    if not values.size:
        return values
    order = np.argsort(at, kind="stable")
    near = min(max(int(span * values.size + 1e-10), 2), values.size)
    curve = np.empty(values.size)
    curve[order] = _local_lines(values[order], at[order], near, passes)
    return curve


@numba.njit(cache=True)
def _local_lines(y: FloatArray, x: FloatArray, near: int, passes: int) -> FloatArray:
    """Lowess of points sorted by x."""
    n = x.size
    curve, trust, weight = y.copy(), np.ones(n), np.empty(n)
    for turn in range(passes + 1):
        left = 0
        for i in range(n):
            while left + near < n and x[i] - x[left] > x[left + near] - x[i]:
                left += 1
            widest = max(x[i] - x[left], x[left + near - 1] - x[i])
            curve[i] = _line_at(i, y, x, trust, weight, left, left + near, widest)
        if turn < passes:
            rest = np.abs(y - curve)
            limit = 6 * np.median(rest)
            # Residuals that are rounding errors tell no outliers.
            if limit <= 1e-12 * np.abs(y).max():
                break
            for j in range(n):
                trust[j] = (1 - min(rest[j] / limit, 1.0) ** 2) ** 2
    return curve


@numba.njit(cache=True)
def _line_at(
    i: int,
    y: FloatArray,
    x: FloatArray,
    trust: FloatArray,
    weight: FloatArray,
    first: int,
    last: int,
    widest: float,
) -> float:
    """Weighted line through the points first ... last - 1, at point i."""
    total = mean = spread = 0.0
    for j in range(first, last):
        share = abs(x[j] - x[i]) / widest if widest > 0 else 0.0
        weight[j] = trust[j] * (1 - share**3) ** 3
        total += weight[j]
    if total <= 0:
        return float(y[i])
    for j in range(first, last):
        mean += weight[j] / total * x[j]
    for j in range(first, last):
        spread += weight[j] / total * (x[j] - mean) ** 2
    # Points all but in one place have no slope.
    tilt = (x[i] - mean) / spread if np.sqrt(spread) > 0.001 * (x[-1] - x[0]) else 0.0
    fit = 0.0
    for j in range(first, last):
        fit += weight[j] / total * (1 + tilt * (x[j] - mean)) * y[j]
    return fit
