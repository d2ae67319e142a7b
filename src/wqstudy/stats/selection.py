"""Slopes of given rank among those of all pairs, without the memory that all pairs would take.

A bracket of two slopes that holds the one sought is narrowed until few enough are in it: the pairs below a
slope b are the inversions of ``x - b t``, counted in O(n log n), and a random sample of the pairs in a
bracket gives the next one (Matousek 1991, Inf. Process. Lett. 39). The sample decides how long it takes, not
what comes out: the slope of the rank asked for.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.stats import ranks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LISTED = 100_000
"""Up to this many pairs are listed; brackets are narrowed to as many, or to eight a value."""

THREADED = 50_000
"""From this many values on, median and ends of the interval are sought at the same time."""

_SAME = 1e-15
"""Times the number of values, and the range of x over that of t: slopes so close may be one slope and the
rounding errors of `x - b t` at the closest times."""

_SEED = 20_250
"""Of the samples that steer the search; no result depends on it."""


def select(x: FloatArray, t: FloatArray, starts: IntArray, wanted: IntArray, total: int) -> FloatArray:
    """Slopes of given rank among those of all pairs of different times within groups.

    Parameters
    ----------
    x, t
        Values and times sorted by group, then time; shape (n,), without nan.
    starts
        Where each group begins, and n. Shape (groups + 1,).
    wanted
        Ranks from 0, rising. Shape (k,).
    total
        Number of pairs of different times within groups.

    Returns
    -------
    ndarray
        Shape (k,). Where slopes differ by rounding errors of ``x - b t`` only, one of them.

    Examples
    --------
    >>> t = np.arange(500.0)
    >>> select(0.25 * t, t, np.array([0, 500]), np.array([0, 60_000]), 124_750)
    array([0.25, 0.25])
    """
    group = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    order = np.lexsort((x, t, group))
    pairs = _Pairs(x[order], t[order], starts, total)
    # Ranks side by side, such as the two in the middle, are nearly always in one bracket.
    clusters = np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1)
    if x.size < THREADED:
        return np.concatenate([pairs.slopes(cluster) for cluster in clusters])
    with ThreadPoolExecutor() as pool:
        return np.concatenate(list(pool.map(pairs.slopes, clusters)))


class _Pairs:
    """All pairs of a series that is sorted by group, time and value."""

    __slots__ = ("centred", "first", "same", "starts", "t", "total", "x")

    def __init__(self, x: FloatArray, t: FloatArray, starts: IntArray, total: int) -> None:
        self.x, self.t, self.starts, self.total = x, t, starts, total
        # Centred, x - b t loses as few digits as can be.
        self.centred = x - np.median(x), t - t.mean()
        self.same = _SAME * x.size * float(np.ptp(x)) / float(np.ptp(t))
        self.first = _Bracket(self).sample()

    def slopes(self, wanted: IntArray) -> FloatArray:
        """Slopes of ranks that lie side by side."""
        bracket = _Bracket(self)
        found = []
        for rank in wanted.tolist():
            if not bracket.below <= rank < bracket.upto:
                bracket = _Bracket(self)
            found.append(bracket.slope(rank))
        return np.array(found)

    def levels(self, b: float) -> FloatArray:
        """Values with a slope b taken out: two stand in falling order where their slope is below b."""
        if math.isinf(b):
            return -math.copysign(1.0, b) * self.t
        levels: FloatArray = self.centred[0] - b * self.centred[1]
        return levels


class _Bracket:
    """Slopes from `low` to `high` of all pairs; `below` and `upto` are less than each end."""

    __slots__ = ("below", "high", "inside", "low", "pairs", "rng", "upto")

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs = pairs
        self.low, self.high, self.below, self.upto = -math.inf, math.inf, 0, pairs.total
        self.inside: FloatArray | None = None
        self.rng = np.random.default_rng(_SEED)

    def slope(self, rank: int) -> float:
        """The slope of a rank that the bracket holds."""
        same = self.pairs.same
        while self.inside is None:
            count = self.upto - self.below
            if count <= max(LISTED, 8 * self.pairs.x.size):
                self.inside = np.sort(self._crossings(np.arange(count)))
                break
            whole = math.isinf(self.low) and math.isinf(self.high)
            sample = self.pairs.first if whole else self.sample()
            middle = (rank - self.below) / count * sample.size
            reach = 3 * math.sqrt(max(middle * (1 - middle / sample.size), 0.0)) + 3
            first, last = math.floor(middle - reach), math.ceil(middle + reach)
            low = float(sample[first]) if first >= 0 else self.low
            high = float(sample[last]) if last < sample.size else self.high
            single = high - low <= 2 * same
            if single:
                low, high = low - same, high + same
            narrower = self._cut(low, rank) + self._cut(high, rank)
            if (single and self.low == low and self.high == high) or not narrower:
                return float(sample[min(round(middle), sample.size - 1)])
        return float(self.inside[min(max(rank - self.below, 0), self.inside.size - 1)])

    def sample(self) -> FloatArray:
        """Slopes of some pairs drawn from those in the bracket, sorted."""
        size = max(20_000, self.pairs.x.size)
        return np.sort(self._crossings(np.sort(self.rng.integers(0, self.upto - self.below, size))))

    def _cut(self, at: float, rank: int) -> bool:
        """Narrow the bracket to the side of a slope on which the rank lies; False where it is outside."""
        if not self.low < at < self.high:
            return False
        count = _below(self.pairs.levels(at), self.pairs.starts)
        if count <= rank:
            self.low, self.below = at, count
        else:
            self.high, self.upto = at, count
        return True

    def _crossings(self, picks: IntArray) -> FloatArray:
        """Slopes of those pairs in the bracket that bear the given numbers, rising from 0."""
        pairs, starts = self.pairs, self.pairs.starts
        levels = pairs.levels(self.low)
        order = np.empty(levels.size, dtype=np.int64)
        for start, stop in pairwise(starts):
            order[start:stop] = start + np.argsort(levels[start:stop])
            _steady(levels, order[start:stop])
        return _crossing_slopes(pairs.levels(self.high)[order], order, pairs.x, pairs.t, starts, picks)


@numba.njit(cache=True, nogil=True)
def _steady(levels: FloatArray, order: IntArray) -> None:
    """Put equal levels back in the order of time, which is quicker than sorting stably."""
    start = 0
    for stop in range(1, order.size + 1):
        if stop == order.size or levels[order[stop]] != levels[order[start]]:
            if stop - start > 1:
                order[start:stop].sort()
            start = stop


@numba.njit(cache=True, nogil=True)
def _below(levels: FloatArray, starts: IntArray) -> int:
    """Number of pairs within groups that stand in falling order. Destroys `levels`."""
    spare = np.empty(levels.size)
    total = 0
    for g in range(starts.size - 1):
        total += ranks.sort_counting(levels[starts[g] : starts[g + 1]], spare)
    return total


@numba.njit(cache=True, nogil=True)
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
