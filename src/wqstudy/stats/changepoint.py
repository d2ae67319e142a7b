"""One sudden change at an unknown time: Pettitt, Buishand, CUSUM and SNHT, with AR(1) noise allowed for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import ChangePoint
from wqstudy.stats.checks import FloatArray, IntArray, vector
from wqstudy.stats.inputs import check_level

Path = Callable[[FloatArray], FloatArray]
"""Many series, one a row, to the path of each: what it says of a change after 1, 2, ... n - 1 values."""

Size = Callable[[FloatArray], FloatArray]
"""Many paths to the statistic of each."""

_ROUNDING = 1e-12
"""What is left of a series without noise, relative to its range."""

LEAST = 4
"""Fewer values have nothing to change from."""


def pettitt(
    x: npt.ArrayLike,
    level: float = 0.95,
    *,
    rng: np.random.Generator | int = 0,
    phi: float | None = None,
    resamples: int = 1999,
) -> ChangePoint:
    """Pettitt's (1979) test by ranks.

    Parameters
    ----------
    x
        Values in order of time, equally spaced. Shape (n,).
    level
        Of the interval of the time of change.
    rng
        Generator or seed of the simulated p and of the interval.
    phi
        Correlation of neighbours; None means: estimate it. 0 makes `p_serial` the simulated p for
        independent values.
    resamples
        Number of simulated series.

    Returns
    -------
    ChangePoint
        `statistic` is K, the largest absolute sum of signs of differences across a time. `p_value` is
        Pettitt's formula ``2 exp(-6 K**2 / (n**3 + n**2))``, at most 1: too large where it is not small.
        `p_serial` comes from simulated normal series with the correlation that the normal scores of the
        ranks have beside the change; so nothing depends on the scale of the values. The interval is
        the basic bootstrap's (twice `index` less the quantiles of simulated times).

    Raises
    ------
    ArgumentError
        If there are fewer than four values, one is not finite, or `phi` is not from 0 to below 1.

    References
    ----------
    Pettitt A. N. (1979) Appl. Stat. 28.

    Examples
    --------
    >>> change = pettitt([1.0, 1.2, 0.9, 1.1, 1.3, 2.1, 2.4, 2.0, 2.2, 2.3])
    >>> change.statistic, change.index, round(change.p_value, 4)
    (25.0, 5, 0.0661)
    """
    values = vector(x, "x", LEAST)
    n = values.size
    scores = special.ndtri(stats.rankdata(values) / (n + 1))

    def formula(statistic: float) -> float:
        return min(1.0, 2 * float(np.exp(-6 * statistic**2 / (n**3 + n**2))))

    return _test(scores, _signs, _peak, level, rng, phi, resamples, "Pettitt", formula)


def buishand(
    x: npt.ArrayLike,
    level: float = 0.95,
    *,
    rng: np.random.Generator | int = 0,
    phi: float | None = None,
    resamples: int = 1999,
) -> ChangePoint:
    """Buishand's (1982) range test.

    Parameters
    ----------
    x, level, rng, phi, resamples
        As for `pettitt`.

    Returns
    -------
    ChangePoint
        `statistic` is ``R / n**0.5``, R the range of the partial sums of deviations from the mean (the sum
        of none, 0, included) divided by the standard deviation with n, as Buishand has it; R's trend
        takes n - 1 and gives ``((n - 1) / n)**0.5`` times as much. `p_value` is simulated for independent
        normal values, `p_serial` for AR(1).

    Raises
    ------
    ArgumentError
        As for `pettitt`.

    References
    ----------
    Buishand T. A. (1982) J. Hydrol. 58.

    Examples
    --------
    >>> change = buishand([1.0, 1.2, 0.9, 1.1, 1.3, 2.1, 2.4, 2.0, 2.2, 2.3])
    >>> round(change.statistic, 4), change.index, change.p_value < 0.05
    (1.5313, 5, True)
    """
    return _test(vector(x, "x", LEAST), _partial_sums, _spread, level, rng, phi, resamples, "Buishand")


def cusum(
    x: npt.ArrayLike,
    level: float = 0.95,
    *,
    rng: np.random.Generator | int = 0,
    phi: float | None = None,
    resamples: int = 1999,
) -> ChangePoint:
    """The largest partial sum of deviations from the mean (Page 1954; Buishand's Q).

    Parameters
    ----------
    x, level, rng, phi, resamples
        As for `pettitt`.

    Returns
    -------
    ChangePoint
        `statistic` is ``Q / n**0.5``, Q the largest absolute partial sum divided by the standard deviation
        with n. `p_value` is simulated for independent normal values, `p_serial` for AR(1).

    Raises
    ------
    ArgumentError
        As for `pettitt`.

    References
    ----------
    Page E. S. (1954) Biometrika 41. Buishand T. A. (1982) J. Hydrol. 58.

    Examples
    --------
    >>> round(cusum([1.0, 1.2, 0.9, 1.1, 1.3, 2.1, 2.4, 2.0, 2.2, 2.3]).statistic, 4)
    1.5313
    """
    return _test(vector(x, "x", LEAST), _partial_sums, _peak, level, rng, phi, resamples, "CUSUM")


def snht(
    x: npt.ArrayLike,
    level: float = 0.95,
    *,
    rng: np.random.Generator | int = 0,
    phi: float | None = None,
    resamples: int = 1999,
) -> ChangePoint:
    """The standard normal homogeneity test (Alexandersson 1986).

    Parameters
    ----------
    x, level, rng, phi, resamples
        As for `pettitt`.

    Returns
    -------
    ChangePoint
        `statistic` is the largest ``k z1**2 + (n - k) z2**2``, z1 and z2 the means before and after in
        standard deviations (n - 1) from the whole mean. It finds changes near the ends, and errs there.
        `p_value` is simulated for independent normal values, `p_serial` for AR(1).

    Raises
    ------
    ArgumentError
        As for `pettitt`.

    References
    ----------
    Alexandersson H. (1986) J. Climatol. 6.

    Examples
    --------
    >>> change = snht([1.0, 1.2, 0.9, 1.1, 1.3, 2.1, 2.4, 2.0, 2.2, 2.3])
    >>> round(change.statistic, 4), change.index
    (8.4419, 5)
    """
    return _test(vector(x, "x", LEAST), _homogeneity, _peak, level, rng, phi, resamples, "SNHT")


# ---------------------------------------------------------------- paths


def _signs(x: FloatArray) -> FloatArray:
    """Pettitt's U after each value: the sum of signs of differences across, by ranks."""
    n = x.shape[1]
    order = np.argsort(x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    if (ordered[:, 1:] == ordered[:, :-1]).any():
        ranks = stats.rankdata(x, axis=1)
    else:  # ten times as fast
        ranks = np.empty(x.shape)
        np.put_along_axis(ranks, order, np.arange(1.0, n + 1)[None, :], axis=1)
    path: FloatArray = 2 * np.cumsum(ranks, axis=1)[:, :-1] - (n + 1) * np.arange(1, n)
    return path


def _partial_sums(x: FloatArray) -> FloatArray:
    """Partial sums of deviations from the mean, in standard deviations times the root of n."""
    rest = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt((rest**2).sum(axis=1, keepdims=True))
    sums: FloatArray = np.cumsum(rest, axis=1)[:, :-1] / spread
    return sums


def _homogeneity(x: FloatArray) -> FloatArray:
    """SNHT's T after each value: the partial sums S give k z1^2 + (n - k) z2^2 = n S^2 / (k (n - k))."""
    n = x.shape[1]
    k = np.arange(1, n)
    # The partial sums above are in sd (n) times root n; T is in sd (n - 1).
    path: FloatArray = _partial_sums(x) ** 2 * n * (n - 1) / (k * (n - k))
    return path


def _peak(path: FloatArray) -> FloatArray:
    peak: FloatArray = np.abs(path).max(axis=1)
    return peak


def _spread(path: FloatArray) -> FloatArray:
    spread: FloatArray = np.maximum(path.max(axis=1), 0) - np.minimum(path.min(axis=1), 0)
    return spread


# ---------------------------------------------------------------- the test


def _test(
    x: FloatArray,
    path: Path,
    size: Size,
    level: float,
    rng: np.random.Generator | int,
    phi: float | None,
    resamples: int,
    method: str,
    formula: Callable[[float], float] | None = None,
) -> ChangePoint:
    """Statistic, time of change, and what simulated series of the same length say of them."""
    check_level(level)
    if phi is not None and not 0 <= phi < 1:
        raise ArgumentError(f"{phi!r} is not usable", argument="phi", valid="from 0 to below 1, or None")
    if resamples < 1:
        raise ArgumentError(f"{resamples!r} series are none", argument="resamples", valid="1 or more")
    n = x.size
    seed = None if isinstance(rng, np.random.Generator) else rng
    if np.ptp(x) == 0:
        same = ("all values are equal: nothing changes",)
        return ChangePoint(0.0, 1.0, 0, np.nan, np.nan, n, level, 1.0, 0.0, seed, method, same)
    source = np.random.default_rng(rng)
    own = path(x[None, :])
    statistic = float(size(own)[0])
    index = int(_times(own)[0])
    means = np.repeat([x[:index].mean(), x[index:].mean()], [index, n - index])
    rest = x - means
    rest[np.abs(rest) < _ROUNDING * np.ptp(x)] = 0.0
    memory: float | FloatArray
    if phi is None:
        phi = _remembered(rest)
        # What is not known of phi is part of the doubt: every series has its own.
        spread = np.sqrt((1 - phi**2) / n)
        memory = np.clip(phi + spread * source.standard_normal(resamples), 0.0, 0.98)
    else:
        memory = phi
    # What equals the statistic but for rounding counts as reaching it.
    reached = statistic * (1 - 1e-12)

    def simulated(correlation: float | FloatArray) -> float:
        among = size(path(noise(source, resamples, n, correlation)))
        return float((1 + (among >= reached).sum()) / (resamples + 1))

    serial = simulated(memory)
    white = formula(statistic) if formula else serial if phi == 0 else simulated(0.0)
    # Two means fitted take their own variance out of what is left.
    kept = max(1 - 2 * (1 + phi) / ((1 - phi) * n), 0.25)
    sd = np.sqrt(rest @ rest / (n * kept))
    again = _times(path(means + sd * noise(source, resamples, n, memory)))
    tails = np.quantile(again, [(1 + level) / 2, (1 - level) / 2], method="inverted_cdf")
    low, high = np.clip(2 * index - tails, 1, n - 1).tolist()
    return ChangePoint(statistic, white, index, low, high, n, level, serial, phi, seed, method)


def _remembered(rest: FloatArray) -> float:
    """Correlation of neighbours in what a fitted change leaves, made up for its bias, within 0 and 0.98.

    A mean taken out makes it too small by ``(1 + 3 phi)/n``; two means and a time chosen to suit them
    three times that, in simulation for n from 40 to 240 and phi from 0 to 0.8 without a change.
    """
    n = rest.size
    squares = float(rest @ rest)
    raw = float(rest[1:] @ rest[:-1]) / (n - 1) / (squares / n) if squares > 0 else 0.0
    return float(np.clip((n * raw + 3) / max(n - 9, 1), 0.0, 0.98))


def _times(path: FloatArray) -> IntArray:
    """Number of values before the change: where the path is farthest from zero, the first of equals."""
    reach = np.abs(path)
    first = np.argmax(reach >= reach.max(axis=1, keepdims=True) * (1 - 1e-12), axis=1)
    times: IntArray = first + 1
    return times


def noise(rng: np.random.Generator, rows: int, n: int, phi: npt.ArrayLike) -> FloatArray:
    """Stationary normal AR(1) series of variance 1.

    Parameters
    ----------
    rng
        Source of randomness.
    rows, n
        Number of series and their length.
    phi
        Correlation of neighbours: one number, or one a row.

    Returns
    -------
    ndarray
        Shape (rows, n).

    Examples
    --------
    >>> series = noise(np.random.default_rng(0), 2000, 5, 0.6)
    >>> round(float((series[:, 0] * series[:, 1]).mean()), 1)
    0.6
    """
    series = rng.standard_normal((rows, n))
    memory = np.asarray(phi, dtype=np.float64)
    if memory.any():
        fresh = np.sqrt(1 - memory**2)
        for i in range(1, n):
            series[:, i] = memory * series[:, i - 1] + fresh * series[:, i]
    return series
