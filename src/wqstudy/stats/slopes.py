"""Order statistics of the slopes of all pairs: their median, and its interval by ranks.

Few pairs are listed and selected from; of many, see `selection`.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.stats import selection

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def quantiles(
    x: FloatArray, t: FloatArray, starts: IntArray, var_s: float, level: float
) -> tuple[float, float, float]:
    """Median of the slopes of all pairs within groups, and its interval by ranks.

    With N slopes and ``C = z sqrt(var S)``, z the normal quantile of ``(1 + level)/2``, the ends are the
    slopes of rank ``(N - C)/2`` and ``(N + C)/2 + 1``, each rounded to the nearest rank (Hollander and Wolfe
    1973, ch. 9; Gilbert 1987, sec. 16.5, who interpolates instead).

    Parameters
    ----------
    x, t
        Values and times sorted by group, then time; shape (n,), without nan.
    starts
        Where each group begins, and n. Shape (groups + 1,).
    var_s
        Variance of Kendall's S.
    level
        Of the interval.

    Returns
    -------
    slope, low, high
        nan where there is no pair of different times; the ends are nan where their ranks lie outside 1 ... N.

    Examples
    --------
    >>> x, t = np.array([1.0, 2.0, 2.5, 4.0, 5.5]), np.arange(5.0)
    >>> quantiles(x, t, np.array([0, 5]), 50 / 3, 0.95)
    (1.0625, 0.5, 1.5)
    """
    total = _pairs(t, starts)
    if total == 0:
        return math.nan, math.nan, math.nan
    low, high = interval_ranks(total, var_s, level)
    inside = low >= 1 and high <= total
    wanted = [(total - 1) // 2, total // 2]
    if inside:
        wanted = [low - 1, *wanted, high - 1]
    found = select_slopes(x, t, starts, np.array(wanted, dtype=np.int64))
    if not inside:
        return float(found[0] + found[1]) / 2, math.nan, math.nan
    return float(found[1] + found[2]) / 2, float(found[0]), float(found[3])


def interval_ranks(total: int, var_s: float, level: float) -> tuple[int, int]:
    """Ranks, from 1, of the slopes that end the interval; they may lie outside 1 ... total.

    Parameters
    ----------
    total
        Number of slopes.
    var_s
        Variance of Kendall's S.
    level
        Of the interval.

    Returns
    -------
    low, high

    Examples
    --------
    >>> interval_ranks(45, 125.0, 0.95)
    (12, 34)
    """
    reach = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt(var_s)
    return round((total - reach) / 2), round((total + reach) / 2) + 1


def select_slopes(x: FloatArray, t: FloatArray, starts: IntArray, wanted: IntArray) -> FloatArray:
    """Slopes of given rank among those of all pairs of different times within groups.

    Parameters
    ----------
    x, t, starts
        As for `quantiles`.
    wanted
        Ranks from 0, rising. Shape (k,).

    Returns
    -------
    ndarray
        Shape (k,).

    Examples
    --------
    >>> select_slopes(np.array([0.0, 3.0, 1.0]), np.arange(3.0), np.array([0, 3]), np.array([0, 2]))
    array([-2.,  3.])
    """
    total = _pairs(t, starts)
    if total <= selection.LISTED:
        return _select(_list_slopes(x, t, starts, total), wanted)
    return selection.select(x, t, starts, wanted, total)


@numba.njit(cache=True)
def listed_quantiles(
    x: FloatArray, t: FloatArray, starts: IntArray, reach: float
) -> tuple[float, float, float]:
    """`quantiles` by listing all pairs, for use inside other kernels.

    Parameters
    ----------
    x, t, starts
        As for `quantiles`.
    reach
        ``z sqrt(var S)``.

    Returns
    -------
    slope, low, high

    Examples
    --------
    >>> listed_quantiles(np.array([0.0, 3.0, 1.0]), np.arange(3.0), np.array([0, 3]), 0.1)
    (0.5, -2.0, 3.0)
    """
    total = _pairs(t, starts)
    listed = _list_slopes(x, t, starts, total)
    low, high = round((total - reach) / 2), round((total + reach) / 2) + 1
    inside = low >= 1 and high <= total
    first, last = (low - 1, high - 1) if inside else (0, total - 1)
    wanted = np.array([first, (total - 1) // 2, total // 2, last])
    found = _select(listed, wanted)
    middle = (found[1] + found[2]) / 2
    return (middle, found[0], found[3]) if inside else (middle, np.nan, np.nan)


@numba.njit(cache=True)
def _pairs(t: FloatArray, starts: IntArray) -> int:
    """Number of pairs of different times within groups."""
    total = 0
    for g in range(starts.size - 1):
        run = 0
        for i in range(starts[g], starts[g + 1]):
            run = run + 1 if i > starts[g] and t[i] == t[i - 1] else 1
            total += i - starts[g] + 1 - run
    return total


@numba.njit(cache=True)
def _list_slopes(x: FloatArray, t: FloatArray, starts: IntArray, total: int) -> FloatArray:
    """Slopes of all pairs of different times within groups."""
    slopes = np.empty(total)
    k = 0
    for g in range(starts.size - 1):
        for j in range(starts[g] + 1, starts[g + 1]):
            for i in range(starts[g], j):
                if t[i] < t[j]:
                    slopes[k] = (x[j] - x[i]) / (t[j] - t[i])
                    k += 1
    return slopes


@numba.njit(cache=True)
def _select(a: FloatArray, wanted: IntArray) -> FloatArray:
    """Values of given rank, rising, by quickselect (Hoare 1961). Reorders `a`."""
    found = np.empty(wanted.size)
    first = 0
    for w in range(wanted.size):
        k = wanted[w]
        left, right = first, a.size - 1
        while left < right:
            pivot = _median_of_three(a[left], a[(left + right) // 2], a[right])
            i, j = left, right
            while i <= j:
                while a[i] < pivot:
                    i += 1
                while a[j] > pivot:
                    j -= 1
                if i <= j:
                    a[i], a[j] = a[j], a[i]
                    i += 1
                    j -= 1
            if k <= j:
                right = j
            elif k >= i:
                left = i
            else:
                break
        found[w] = a[k]
        first = k
    return found


@numba.njit(cache=True)
def _median_of_three(a: float, b: float, c: float) -> float:
    """The middle one of three."""
    return max(min(a, b), min(max(a, b), c))
