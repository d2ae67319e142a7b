"""A step between two spans of a monthly series whose noise remembers its past."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from wqstudy.results import Estimate

FloatArray = npt.NDArray[np.float64]

METHOD = "ar1-step"

_ROUNDING = 1e-13
"""What sums of some hundred values lose, relative to the largest."""


def ar1_step(
    y: FloatArray,
    time: npt.NDArray[np.int64],
    after: npt.NDArray[np.bool_],
    period: int = 12,
    level: float = 0.95,
) -> Estimate:
    """Mean after minus mean before, season removed, with the interval that AR(1) noise calls for.

    The step is estimated by least squares beside one effect a season. Its variance is that of its own
    regressor under AR(1) correlation; the residual variance is made unbiased by the trace of the hat
    matrix times that correlation; the reference is Student's t with ``m (1-phi)/(1+phi) - 2`` degrees
    of freedom, m the number of values and phi the correlation of neighbours at the commonest spacing.
    That correlation of the residuals is too small by about ``(1 + 3 phi)/m`` (Marriott and Pope 1954;
    Kendall 1954), which is added back.

    Parameters
    ----------
    y
        One series, shape (n,), or draws of it, shape (draws, n): the answer is then the equal mixture of
        the draws' t distributions, which carries their spread.
    time
        Index of the month of each value, increasing, gaps allowed. Shape (n,).
    after
        True where a value belongs to the span after. Shape (n,).
    period
        Number of seasons; a value belongs to season ``time % period``.
    level
        Of the confidence interval.

    Returns
    -------
    Estimate
        In the unit of `y`. nan with a note where there are too few values to estimate anything.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> time = np.arange(96)
    >>> y = np.sin(time * np.pi / 6) + 0.3 * rng.standard_normal(96) - 1.0 * (time >= 48)
    >>> print(ar1_step(y, time, time >= 48))
    -0.9712 log  (95 % interval -1.097 to -0.8455, p = 5.3e-25)
    ar1-step, n = 96
    """
    draws = np.atleast_2d(y)
    n = time.size
    basis, regressor = beside_season(time, after, period)
    weight = regressor @ regressor
    spare = n - basis.shape[1] - 1
    if spare < 3 or weight < 1e-9 * n:
        return Estimate(
            np.nan,
            np.nan,
            np.nan,
            level,
            np.nan,
            "log",
            METHOD,
            n,
            notes=("too few months to estimate a step",),
        )
    hat = np.column_stack([basis, regressor / np.sqrt(weight)])
    residual = draws - (draws @ hat) @ hat.T
    value = draws @ regressor / weight
    phi, spacing = lag_one(residual, time)
    # Correlation at every pair of times, one matrix a draw would be n^2 a draw: the draws differ little,
    # so phi is taken once, as their mean.
    common = float(phi.mean())
    correlation = common ** (np.abs(time[:, None] - time[None, :]) / spacing)
    inflated = regressor @ correlation @ regressor / weight**2
    expected = n - float(np.sum(hat * (correlation @ hat)))
    scale = np.sqrt(np.sum(residual**2, axis=1) / max(expected, 1.0) * inflated)
    # Rounding errors are noise as well: a series without any other has no interval of its own.
    scale = np.maximum(scale, _ROUNDING * np.abs(draws).max())
    freedom = max(n * (1 - common) / (1 + common) - 2, 1.0)
    low, high, p_value = mixture_of_t(value, scale, freedom, level)
    return Estimate(float(value.mean()), low, high, level, p_value, "log", METHOD, n)


def season_part(
    y: FloatArray, time: npt.NDArray[np.int64], after: npt.NDArray[np.bool_], period: int = 12
) -> FloatArray:
    """The part of a series that the season explains, a step between the spans allowed for.

    Parameters
    ----------
    y, time, after, period
        As for `ar1_step`.

    Returns
    -------
    ndarray
        Shape of `y`.

    Examples
    --------
    >>> time = np.arange(48)
    >>> y = 1.0 * (time % 12) + 5.0 * (time >= 24)
    >>> bool(np.allclose(season_part(y, time, time >= 24), time % 12))
    True
    """
    basis, regressor = beside_season(time, after, period)
    weight = float(regressor @ regressor)
    value = y @ regressor / weight if weight > 1e-9 * time.size else np.zeros(y.shape[:-1])
    rest = y - np.multiply.outer(value, after.astype(float))
    explained: FloatArray = (rest @ basis) @ basis.T
    return explained


def beside_season(
    time: npt.NDArray[np.int64], regressor: npt.NDArray[np.bool_] | FloatArray, period: int
) -> tuple[FloatArray, FloatArray]:
    """Orthonormal basis of the season, and a regressor with the season taken out of it.

    Parameters
    ----------
    time
        Index of the month of each value, shape (n,).
    regressor
        The step or the slope, shape (n,).
    period
        Number of seasons; those that do not occur have no column.

    Examples
    --------
    >>> basis, rest = beside_season(np.arange(4), np.array([False, False, True, True]), 2)
    >>> basis.round(3).T.tolist(), rest.tolist()
    ([[0.707, 0.0, 0.707, 0.0], [0.0, 0.707, 0.0, 0.707]], [-0.5, -0.5, 0.5, 0.5])
    """
    season = np.eye(period)[time % period]
    season = season[:, season.any(axis=0)]
    basis = season / np.sqrt(season.sum(axis=0))
    step = regressor.astype(float)
    return basis, step - basis @ (basis.T @ step)


def lag_one(residual: FloatArray, time: npt.NDArray[np.int64]) -> tuple[FloatArray, int]:
    """Correlation of neighbours at the commonest spacing, made up for its bias, within 0 and 0.98.

    Parameters
    ----------
    residual
        Shape (draws, n).
    time
        Time steps, shape (n,).

    Returns
    -------
    correlation
        Shape (draws,). Negative estimates count as 0: a negative correlation would narrow the interval.
    spacing
        The commonest spacing in time steps: 1 for monthly values, 3 for quarterly ones.

    Examples
    --------
    >>> correlation, spacing = lag_one(np.array([[1.0, 1.0, -1.0, -1.0]]), np.array([0, 3, 6, 9]))
    >>> correlation.round(3), spacing
    (array([0.833]), 3)
    """
    n = time.size
    gaps = np.diff(time)
    steps, counts = np.unique(gaps[gaps > 0], return_counts=True)
    spacing = int(steps[np.argmax(counts)])
    together = np.flatnonzero(gaps == spacing)
    if together.size < 2:
        return np.zeros(residual.shape[0]), spacing
    products = (residual[:, together] * residual[:, together + 1]).mean(axis=1)
    variance = np.maximum((residual**2).mean(axis=1), np.finfo(float).tiny)
    raw = products / variance
    return np.clip(raw + (1 + 3 * raw) / n, 0.0, 0.98), spacing


def mixture_of_t(
    centre: FloatArray, scale: FloatArray, freedom: float, level: float
) -> tuple[float, float, float]:
    """Interval and two-sided p-value of an equal mixture of Student's t distributions.

    Parameters
    ----------
    centre, scale
        One component each, shape (m,).
    freedom
        Degrees of freedom, the same for all.
    level
        Of the interval.

    Returns
    -------
    low, high, p_value
        Quantiles ``(1 -+ level)/2`` of the mixture, and twice its smaller tail beyond zero.

    Examples
    --------
    >>> low, high, p = mixture_of_t(np.zeros(1), np.ones(1), 1e9, 0.95)
    >>> round(low, 3), round(high, 3), p
    (-1.96, 1.96, 1.0)
    """
    if scale.max() <= 0:
        same = float(centre.mean())
        return same, same, 0.0 if same else 1.0
    law = stats.t(freedom)

    def below(x: float) -> float:
        return float(law.cdf((x - centre) / scale).mean())

    tail = (1 - level) / 2
    reach = float(law.isf(tail / 2)) * float(scale.max())
    ends = [
        optimize.brentq(lambda x, q=q: below(x) - q, centre.min() - reach, centre.max() + reach)
        for q in (tail, 1 - tail)
    ]
    upper = float(law.sf((0.0 - centre) / scale).mean())
    return float(ends[0]), float(ends[1]), min(1.0, 2 * min(below(0.0), upper))


def hodges_lehmann(before: FloatArray, after: FloatArray) -> FloatArray:
    """Median of all differences after minus before (Hodges and Lehmann 1963).

    Parameters
    ----------
    before, after
        Shape (..., n) and (..., m).

    Returns
    -------
    ndarray
        Shape (...).

    Examples
    --------
    >>> float(hodges_lehmann(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 90.0])))
    0.0
    """
    difference = after[..., :, None] - before[..., None, :]
    shift: FloatArray = np.median(difference.reshape(*difference.shape[:-2], -1), axis=-1)
    return shift
