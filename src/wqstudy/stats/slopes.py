"""Order statistics of the slopes of all pairs, without the memory that all pairs would take.

Few pairs are listed and selected from. Of many, a bracket of two slopes that holds the one sought is
narrowed until few enough are in it: the pairs below a slope b are the inversions of ``x - b t``, counted in
O(n log n), and a random sample of the pairs in a bracket gives the next one (Matousek 1991, Inf. Process.
Lett. 39). The sample decides how long it takes, not what comes out: the slope of the rank asked for.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.stats import ranks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LISTED = 100_000
"""Up to this many pairs are listed; brackets are narrowed to as many, or to four a value."""

_SAME = 1e-15
"""Times the number of values, and the range of x over that of t: slopes so close may be one slope and the
rounding errors of `x - b t` at the closest times."""

_SEED = 20_250
"""Of the samples that steer the search; no result depends on it."""


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
    if total <= LISTED:
        return _select(_list_slopes(x, t, starts, total), wanted)
    group = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    order = np.lexsort((x, t, group))
    pairs = _Pairs(x[order], t[order], starts, total)
    found = np.empty(wanted.size)
    for w, rank in enumerate(wanted.tolist()):
        # The two slopes in the middle are neighbours: one bracket nearly always holds both.
        if w == 0 or wanted[w] - wanted[w - 1] > 1 or not pairs.holds(rank):
            pairs.open()
        found[w] = pairs.slope(rank)
    return found


class _Pairs:
    """All pairs of a series sorted by group, time and value, and a bracket of slopes that narrows.

    `below` and `upto` are the numbers of slopes less than the ends `low` and `high` of the bracket.
    """

    __slots__ = (
        "below",
        "centred",
        "high",
        "inside",
        "low",
        "rng",
        "same",
        "starts",
        "t",
        "total",
        "upto",
        "x",
    )

    def __init__(self, x: FloatArray, t: FloatArray, starts: IntArray, total: int) -> None:
        self.x, self.t, self.starts, self.total = x, t, starts, total
        # Centred, x - b t loses as few digits as can be.
        self.centred = x - np.median(x), t - t.mean()
        self.rng = np.random.default_rng(_SEED)
        self.same = _SAME * x.size * float(np.ptp(x)) / float(np.ptp(t))
        self.open()

    def open(self) -> None:
        """Begin with all slopes."""
        self.low, self.high, self.below, self.upto = -math.inf, math.inf, 0, self.total
        self.inside: FloatArray | None = None

    def holds(self, rank: int) -> bool:
        """Whether the slope of this rank lies in the bracket."""
        return self.below <= rank < self.upto

    def slope(self, rank: int) -> float:
        """The slope of a rank that the bracket holds."""
        while self.inside is None:
            count = self.upto - self.below
            if count <= max(LISTED, 4 * self.x.size):
                self.inside = np.sort(self._crossings(np.arange(count)))
                break
            size = max(20_000, 2 * self.x.size)
            sample = np.sort(self._crossings(np.sort(self.rng.integers(0, count, size))))
            middle = (rank - self.below) / count * sample.size
            reach = 3 * math.sqrt(max(middle * (1 - middle / sample.size), 0.0)) + 3
            first, last = math.floor(middle - reach), math.ceil(middle + reach)
            low = float(sample[first]) if first >= 0 else self.low
            high = float(sample[last]) if last < sample.size else self.high
            single = high - low <= 2 * self.same
            if single:
                low, high = low - self.same, high + self.same
            narrower = self._cut(low, rank) + self._cut(high, rank)
            if (single and self.low == low and self.high == high) or not narrower:
                return float(sample[min(round(middle), sample.size - 1)])
        return float(self.inside[min(max(rank - self.below, 0), self.inside.size - 1)])

    def _cut(self, at: float, rank: int) -> bool:
        """Narrow the bracket to the side of a slope on which the rank lies; False where it is outside."""
        if not self.low < at < self.high:
            return False
        count = _below(self._levels(at), self.starts)
        if count <= rank:
            self.low, self.below = at, count
        else:
            self.high, self.upto = at, count
        return True

    def _levels(self, b: float) -> FloatArray:
        """Values with a slope b taken out: two stand in falling order where their slope is below b."""
        if math.isinf(b):
            return -math.copysign(1.0, b) * self.t
        levels: FloatArray = self.centred[0] - b * self.centred[1]
        return levels

    def _crossings(self, picks: IntArray) -> FloatArray:
        """Slopes of those pairs in the bracket that bear the given numbers, rising from 0."""
        levels = self._levels(self.low)
        order = np.concatenate(
            [
                start + np.argsort(levels[start:stop], kind="stable")
                for start, stop in zip(self.starts[:-1], self.starts[1:], strict=True)
            ]
        )
        return _crossing_slopes(self._levels(self.high)[order], order, self.x, self.t, self.starts, picks)


@numba.njit(cache=True)
def _below(levels: FloatArray, starts: IntArray) -> int:
    """Number of pairs within groups that stand in falling order. Destroys `levels`."""
    spare = np.empty(levels.size)
    total = 0
    for g in range(starts.size - 1):
        total += ranks.sort_counting(levels[starts[g] : starts[g + 1]], spare)
    return total


@numba.njit(cache=True)
def _crossing_slopes(
    levels: FloatArray, index: IntArray, x: FloatArray, t: FloatArray, starts: IntArray, picks: IntArray
) -> FloatArray:
    """Slopes of the pairs that stand in falling order, of those whose number is among `picks`.

    The pairs are numbered as merging finds them. Destroys `levels` and `index`, the place of each level in
    `x` and `t`.
    """
    found = np.empty(picks.size)
    taken, seen = 0, 0
    other, place = np.empty(levels.size), np.empty(levels.size, np.int64)
    for g in range(starts.size - 1):
        begin, end = starts[g], starts[g + 1]
        width = 1
        while width < end - begin:
            for start in range(begin, end, 2 * width):
                middle, stop = min(start + width, end), min(start + 2 * width, end)
                i, j = start, middle
                for k in range(start, stop):
                    if j >= stop or (i < middle and levels[i] <= levels[j]):
                        other[k], place[k] = levels[i], index[i]
                        i += 1
                    else:
                        later = index[j]
                        while taken < picks.size and picks[taken] < seen + middle - i:
                            earlier = index[i + picks[taken] - seen]
                            found[taken] = (x[later] - x[earlier]) / (t[later] - t[earlier])
                            taken += 1
                        seen += middle - i
                        other[k], place[k] = levels[j], later
                        j += 1
            levels[begin:end] = other[begin:end]
            index[begin:end] = place[begin:end]
            width *= 2
    return found[:taken]


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
