"""Kendall's S, its variance under ties and covariances between series: the compiled kernels.

Kernels of other modules hold these inside them, and their cached code does not notice a change here: who
edits this module deletes the caches (`__pycache__`) beside it.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_RUN = 12
"""Runs this short are sorted by insertion, which beats merging them."""


@numba.njit(cache=True)
def sort_counting(a: FloatArray, spare: FloatArray) -> int:
    """Sort `a` in place and count its inversions, pairs that stand in falling order (Knight 1966).

    Parameters
    ----------
    a
        Shape (n,), without nan; sorted on return.
    spare
        Working space, at least n long.

    Returns
    -------
    int
        Number of pairs ``i < j`` with ``a[i] > a[j]``.

    Examples
    --------
    >>> sort_counting(np.array([2.0, 3.0, 1.0, 1.0]), np.empty(4))
    4
    """
    n = a.size
    inversions = 0
    for start in range(0, n, _RUN):
        for i in range(start + 1, min(start + _RUN, n)):
            value = a[i]
            j = i
            while j > start and a[j - 1] > value:
                a[j] = a[j - 1]
                j -= 1
            a[j] = value
            inversions += i - j
    source, target, flipped = a, spare, False
    width = _RUN
    while width < n:
        for start in range(0, n, 2 * width):
            middle = min(start + width, n)
            stop = min(start + 2 * width, n)
            i, j, k = start, middle, start
            while i < middle and j < stop:
                if source[j] < source[i]:
                    target[k] = source[j]
                    inversions += middle - i
                    j += 1
                else:
                    target[k] = source[i]
                    i += 1
                k += 1
            while i < middle:
                target[k] = source[i]
                i += 1
                k += 1
            while j < stop:
                target[k] = source[j]
                j += 1
                k += 1
        source, target, flipped = target, source, not flipped
        width *= 2
    if flipped:
        a[:] = spare[:n]
    return inversions


@numba.njit(cache=True)
def _tie_sums(ordered: FloatArray) -> tuple[float, float, float]:
    """Sums over the runs of equal values of t(t-1), t(t-1)(t-2) and t(t-1)(2t+5)."""
    two = three = five = 0.0
    run = 1
    for i in range(1, ordered.size + 1):
        if i < ordered.size and ordered[i] == ordered[i - 1]:
            run += 1
        else:
            if run > 1:
                t = float(run)
                two += t * (t - 1)
                three += t * (t - 1) * (t - 2)
                five += t * (t - 1) * (2 * t + 5)
            run = 1
    return two, three, five


@numba.njit(cache=True)
def kendall_sums(x: FloatArray, t: FloatArray, spare: FloatArray) -> tuple[float, float, float, float]:
    """Kendall's S and its variance, ties in values and in times both allowed for.

    S is the number of pairs that rise less the number that fall, by merge sort in O(n log n). The
    variance is Kendall's (1970, Rank Correlation Methods, eq. 4.4): that of S when the values are dealt
    out to the times at random.

    Parameters
    ----------
    x
        Values in the order of time, shape (n,), without nan. Destroyed.
    t
        Their times, not falling, shape (n,); or empty where no two are equal.
    spare
        Working space, at least n long.

    Returns
    -------
    s, var_s, tied_values, tied_times
        The last two: number of pairs with equal values, and with equal times.

    Examples
    --------
    >>> kendall_sums(np.array([1.0, 3.0, 2.0, 3.0]), np.empty(0), np.empty(4))
    (3.0, 7.666666666666667, 1.0, 0.0)
    """
    n = x.size
    u2 = u3 = u5 = both = 0.0
    if t.size:
        u2, u3, u5 = _tie_sums(t)
        if u2 > 0:
            start = 0
            for stop in range(1, n + 1):
                if stop == n or t[stop] != t[start]:
                    if stop - start > 1:
                        run = x[start:stop]
                        run.sort()
                        both += _tie_sums(run)[0]
                    start = stop
    falling = float(sort_counting(x, spare))
    x2, x3, x5 = _tie_sums(x)
    m = float(n)
    untied = (m * (m - 1) - u2 - x2 + both) / 2
    variance = (m * (m - 1) * (2 * m + 5) - u5 - x5) / 18
    if x2 == m * (m - 1) or u2 == m * (m - 1):
        # All equal: the sums below would leave rounding errors of either sign.
        variance = 0.0
    elif u2 > 0 and x2 > 0:
        variance += u2 * x2 / (2 * m * (m - 1))
        if n > 2:
            variance += u3 * x3 / (9 * m * (m - 1) * (m - 2))
    return untied - 2 * falling, variance, x2 / 2, u2 / 2


@numba.njit(cache=True)
def kendall_of(x: FloatArray) -> tuple[int, float, float, float]:
    """`kendall_sums` of values in the order of time, some of them nan: n, s, var_s, tied pairs."""
    work = np.empty((2, x.size))
    n = 0
    for value in x:
        if not np.isnan(value):
            work[0, n] = value
            n += 1
    s, variance, tied, _ = kendall_sums(work[0, :n], work[0, :0], work[1])
    return n, s, variance, tied


@numba.njit(cache=True)
def kendall_of_groups(
    x: FloatArray, t: FloatArray, starts: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """`kendall_sums` of every group: arrays of s, var_s, tied pairs of values and of times.

    Parameters
    ----------
    x, t
        Sorted by group, then time; shape (n,), without nan.
    starts
        Where each group begins, and n. Shape (groups + 1,).

    Returns
    -------
    s, var_s, tied_values, tied_times
        Shape (groups,).

    Examples
    --------
    >>> s, var_s, _, _ = kendall_of_groups(
    ...     np.array([1.0, 2.0, 3.0, 5.0, 4.0]), np.array([0.0, 1, 2, 0, 1]), np.array([0, 3, 5])
    ... )
    >>> s, var_s
    (array([ 3., -1.]), array([3.667, 1.   ]))
    """
    groups = starts.size - 1
    s, variance = np.empty(groups), np.empty(groups)
    tied_x, tied_t = np.empty(groups), np.empty(groups)
    work, spare = x.copy(), np.empty(x.size)
    for g in range(groups):
        part = slice(starts[g], starts[g + 1])
        s[g], variance[g], tied_x[g], tied_t[g] = kendall_sums(work[part], t[part], spare)
    return s, variance, tied_x, tied_t


@numba.njit(cache=True)
def covariance_of_s(table: FloatArray) -> FloatArray:
    """Covariance matrix of Kendall's S of several series that share their times.

    Dietz and Killeen (1981, JASA 76) with gaps as Hirsch and Slack (1984, Water Resour. Res. 20) have
    them: a missing value is neither above nor below any other. Entry g, h is ``(K + sum d_g d_h) / 3``,
    K the number of pairs of times at which both move alike less those at which they move apart, d the
    number of values of the series below a value less the number above. The diagonal is the variance
    with ties.

    Parameters
    ----------
    table
        Values, shape (times, series), nan where there is none.

    Returns
    -------
    ndarray
        Shape (series, series).

    Examples
    --------
    >>> covariance_of_s(np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0]]))
    array([[3.667, 1.667],
           [1.667, 3.667]])
    """
    concordance, moment = _cross_sums(table)
    covariance: FloatArray = (concordance + moment) / 3
    return covariance


@numba.njit(cache=True)
def covariance_at_times(table: FloatArray, t: FloatArray) -> FloatArray:
    """Covariance matrix of Kendall's S of complete series, ties in their times allowed for.

    Moments of a sum of products of two scores when the rows are dealt out to the times at random (Daniels
    1944, Biometrika 33); without ties in time it is `covariance_of_s`.

    Parameters
    ----------
    table
        Values, shape (n, series), without nan.
    t
        Their times, not falling, shape (n,).

    Returns
    -------
    ndarray
        Shape (series, series).

    Examples
    --------
    >>> covariance_at_times(np.array([[1.0], [2.0], [2.0]]), np.array([0.0, 1.0, 2.0]))
    array([[2.667]])
    """
    n = t.size
    if n < 2:
        return np.zeros((table.shape[1], table.shape[1]))
    concordance, moment = _cross_sums(table)
    time_pairs, time_moment = _cross_sums(t.reshape(n, 1))
    pairs, spread = 2 * time_pairs[0, 0], time_moment[0, 0]
    covariance: FloatArray = pairs * concordance / (n * (n - 1))
    if n > 2:
        covariance += (spread - pairs) * (moment - 2 * concordance) / (n * (n - 1) * (n - 2))
    return covariance


@numba.njit(cache=True)
def _cross_sums(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """K and ``sum d_g d_h`` of `covariance_of_s` for every two columns."""
    times, series = table.shape
    concordance = np.zeros((series, series))
    rank = np.zeros((times, series))
    sign = np.zeros(series)
    for j in range(times):
        for i in range(j):
            for g in range(series):
                rises, falls = table[j, g] > table[i, g], table[j, g] < table[i, g]
                sign[g] = 1.0 if rises else (-1.0 if falls else 0.0)
                rank[j, g] += sign[g]
                rank[i, g] -= sign[g]
            for g in range(series):
                if sign[g] != 0:
                    for h in range(g + 1):
                        concordance[g, h] += sign[g] * sign[h]
    moment = np.zeros((series, series))
    for g in range(series):
        for h in range(g + 1):
            for j in range(times):
                moment[g, h] += rank[j, g] * rank[j, h]
            moment[h, g], concordance[h, g] = moment[g, h], concordance[g, h]
    return concordance, moment
