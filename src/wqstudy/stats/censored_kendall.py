"""Kendall's S where some values are only known to lie below a limit, and the slope that makes it zero."""

from __future__ import annotations

import numba
import numpy as np

from wqstudy.stats.checks import BoolArray, FloatArray

# A pair is compared where its order is known: two detected values, or a detected value at or above a limit.
# As a line of slope b is taken out, S falls in steps: at the slope of two detected values by 2 (from
# concordant to discordant), at that of a detected value and a limit by 1 (to or from unknown).


@numba.njit(cache=True, nogil=True)
def concordance(x: FloatArray, hidden: BoolArray, t: FloatArray) -> int:
    """Kendall's S: pairs whose order agrees with time, less those against it.

    Parameters
    ----------
    x
        Values and limits, shape (n,).
    hidden
        True where the value is a limit. Shape (n,).
    t
        Times, in any order; pairs of equal times do not count. Shape (n,).

    Returns
    -------
    int

    Examples
    --------
    >>> concordance(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]), np.array([0.0, 1.0, 2.0]))
    1
    """
    total = 0
    for j in range(1, x.size):
        for i in range(j):
            if t[i] == t[j]:
                continue
            if hidden[i]:
                sign = 1 if not hidden[j] and x[j] >= x[i] else 0
            elif hidden[j]:
                sign = -1 if x[i] >= x[j] else 0
            else:
                sign = int(x[j] > x[i]) - int(x[j] < x[i])
            total += sign if t[j] > t[i] else -sign
    return total


def permutation_variance(x: FloatArray, hidden: BoolArray, t: FloatArray) -> float:
    """Exact variance of `concordance` over all orders in which the values may come.

    Daniels' (1944) formula for the sum of products of two sets of pair scores, which is the tie-corrected
    variance of Kendall's S where nothing is censored.

    Parameters
    ----------
    x, hidden, t
        As for `concordance`.

    Returns
    -------
    float

    References
    ----------
    Daniels H. E. (1944) Biometrika 33. Oakes D. (1982) Biometrics 38.

    Examples
    --------
    >>> four = np.arange(4.0)
    >>> permutation_variance(four, np.zeros(4, dtype=bool), four).__round__(9)
    8.666666667
    """
    n = x.size
    if n < 3:
        return float(n == 2 and concordance(x, hidden, t) != 0)
    time_rows, time_pairs = _rows(t, np.zeros(n, dtype=np.bool_))
    rows, pairs = _rows(x, hidden)
    both = (time_rows - time_pairs) * (rows - pairs) / (n - 2)
    return float((both + time_pairs * pairs / 2) / (n * (n - 1)))


def _rows(x: FloatArray, hidden: BoolArray) -> tuple[float, float]:
    """Sum of squared row sums of the matrix of pair scores, and the number of its entries other than 0."""
    seen = np.sort(x[~hidden])
    limit = np.sort(x[hidden])
    smaller = np.where(
        hidden, 0, np.searchsorted(seen, x, "left") + np.searchsorted(limit, x, "right")
    ).astype(float)
    larger = seen.size - np.searchsorted(seen, x, "right").astype(float)
    larger[hidden] = seen.size - np.searchsorted(seen, x[hidden], "left")
    return float(np.sum((smaller - larger) ** 2)), float(2 * smaller.sum())


@numba.njit(cache=True, nogil=True)
def _weights(x: FloatArray, hidden: BoolArray, t: FloatArray) -> tuple[int, int, float, float]:
    """S of a line falling without end, the sum of all steps down from it, lowest and highest slope."""
    start, steps, low, high = 0, 0, np.inf, -np.inf
    for j in range(1, x.size):
        for i in range(j):
            if t[i] == t[j] or (hidden[i] and hidden[j]):
                continue
            slope = (x[j] - x[i]) / (t[j] - t[i])
            low, high = min(low, slope), max(high, slope)
            if hidden[i] or hidden[j]:
                steps += 1
                start += int(hidden[i])
            else:
                steps += 2
                start += 1
    return start, steps, low, high


@numba.njit(cache=True, nogil=True)
def _passed(x: FloatArray, hidden: BoolArray, t: FloatArray, slope: float) -> tuple[int, float, float]:
    """Sum of steps at slopes up to `slope`; the last of these slopes, and the first beyond."""
    passed, below, above = 0, -np.inf, np.inf
    for j in range(1, x.size):
        for i in range(j):
            if t[i] == t[j] or (hidden[i] and hidden[j]):
                continue
            own = (x[j] - x[i]) / (t[j] - t[i])
            if own <= slope:
                passed += 1 if hidden[i] or hidden[j] else 2
                below = max(below, own)
            else:
                above = min(above, own)
    return passed, below, above


def crossing(x: FloatArray, hidden: BoolArray, t: FloatArray, reach: float) -> tuple[float, float, float]:
    """Slope that makes S of what is left zero, and the slopes at which S leaves ``-reach`` to ``reach``.

    Parameters
    ----------
    x, hidden, t
        As for `concordance`, times increasing.
    reach
        How far from zero S may be.

    Returns
    -------
    slope, low, high
        `slope` is the middle of the slopes with S = 0, or the one at which S passes zero. nan where no pair
        can be compared; infinite where S does not get there.

    References
    ----------
    Akritas M. G., Murphy S. A., LaValley M. P. (1995) J. Am. Stat. Assoc. 90.

    Examples
    --------
    >>> t = np.arange(4.0)
    >>> crossing(2 * t, np.zeros(4, dtype=bool), t, 100.0)
    (2.0, -inf, inf)
    """
    start, steps, least, most = _weights(x, hidden, t)
    if steps == 0:
        return np.nan, np.nan, np.nan

    def slope_at(k: int) -> tuple[float, float]:
        """The slope at which the k-th step down is taken, and that of the next."""
        if k <= 0:
            return -np.inf, least if k == 0 else -np.inf
        if k > steps:
            return np.inf, np.inf
        low, high = least, most
        while low < high:
            middle = low + (high - low) / 2
            if middle >= high:
                middle = low
            passed, below, above = _passed(x, hidden, t, middle)
            if passed >= k:
                high = below
            else:
                low = above
        passed, _, above = _passed(x, hidden, t, high)
        return high, high if passed > k else above

    first, second = slope_at(start)
    low, _ = slope_at(int(np.ceil(start - reach)))
    high, _ = slope_at(int(np.floor(start + reach)) + 1)
    if np.isinf(first):
        first = second
    if np.isinf(second):
        second = first
    return (first + second) / 2, low, high
