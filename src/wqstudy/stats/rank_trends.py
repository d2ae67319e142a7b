"""Spearman's rank correlation with time, and its distribution where nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import numba
import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]

EXACT_UP_TO = 12
"""Series of so many values or fewer get exact probabilities; longer ones those of Student's t."""


@dataclass(frozen=True, slots=True)
class RankTrends:
    """Rank correlation with time of many series; each array has the shape (series,).

    Parameters
    ----------
    n
        Values in the series.
    ties
        How many of them share their value with another.
    rs
        Correlation of the ranks (midranks where values tie); nan where fewer than two values differ.
    rs_formula
        1 − 6Σd²/(n³ − n), which is the same without ties and wrong with them.
    p_one_sided
        For a trend in the direction of `rs`.
    p_two_sided
        For a trend in either.
    exact
        Whether the probabilities are exact.
    """

    n: npt.NDArray[np.int64]
    ties: npt.NDArray[np.int64]
    rs: FloatArray
    rs_formula: FloatArray
    p_one_sided: FloatArray
    p_two_sided: FloatArray
    exact: npt.NDArray[np.bool_]


def rank_trends(values: npt.ArrayLike) -> RankTrends:
    """Rank correlation of each series with time, with probabilities for independent values in any order.

    Up to `EXACT_UP_TO` values every order is counted, the ties as they are; beyond, rs √((n − 2)/(1 − rs²))
    is taken as Student's t with n − 2 degrees of freedom. Serial correlation makes either too small.

    Parameters
    ----------
    values
        Shape (series, periods), periods in their order; NaN where there is none.

    References
    ----------
    Spearman C. (1904), Am. J. Psychology 15; Kendall M. G. (1970), Rank Correlation Methods, ch. 5.

    Examples
    --------
    >>> found = rank_trends([[5.0, 4.0, 3.0, 1.0, 2.0]])
    >>> found.rs, found.p_one_sided
    (array([-0.9]), array([0.04166667]))
    """
    y = np.atleast_2d(np.asarray(values, dtype=np.float64))
    present = ~np.isnan(y)
    n = present.sum(axis=1)
    time = np.where(present, np.cumsum(present, axis=1), 0)
    doubled = np.zeros(y.shape, np.int64)
    if y.size:
        ranks = stats.rankdata(np.where(present, y, np.inf), axis=1)
        doubled = np.where(present, np.rint(2 * ranks), 0).astype(np.int64)
    middle = (n + 1) / 2
    variation = np.where(present, doubled / 2 - middle[:, None], 0.0)
    whole = (n.astype(np.float64) ** 3 - n) / 12
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.sqrt(whole * (variation**2).sum(axis=1))
        rs = ((time * doubled).sum(axis=1) / 2 - n * middle**2) / both
        formula = 1 - ((time - doubled / 2) ** 2).sum(axis=1) / (2 * whole)
    rs = np.where(both > 0, np.clip(rs, -1, 1), np.nan)
    one = _student(rs, n)
    exact = (n <= EXACT_UP_TO) & np.isfinite(rs)
    if exact.any():
        one[exact] = _counted(time[exact], doubled[exact])
    return RankTrends(n, _ties(doubled), rs, formula, one, np.minimum(1.0, 2 * one), exact)


def null_distribution(n: int) -> tuple[FloatArray, FloatArray]:
    """Every value that rs of n untied values can have, and the exact probability of it or a larger one.

    Examples
    --------
    >>> rs, p = null_distribution(5)
    >>> rs[-2:], p[-2:]
    (array([0.9, 1. ]), array([0.04166667, 0.00833333]))
    """
    lowest, counts = _orders(tuple(range(2, 2 * n + 1, 2)))
    used = np.flatnonzero(counts)
    product = (lowest + used) / 2
    rs = (product - n * (n + 1) ** 2 / 4) / ((n**3 - n) / 12)
    return rs, np.cumsum(counts[::-1])[::-1][used] / factorial(n)


def _student(rs: FloatArray, n: npt.NDArray[np.int64]) -> FloatArray:
    freedom = np.maximum(n - 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(rs) * np.sqrt(freedom / (1 - rs**2))
    one: FloatArray = np.where(np.isfinite(rs), stats.t.sf(t, freedom), np.nan)
    return one


def _counted(time: npt.NDArray[np.int64], doubled: npt.NDArray[np.int64]) -> FloatArray:
    """Exact one-sided probabilities; series with the same set of ranks share one distribution."""
    sets, which = np.unique(np.sort(doubled, axis=1), axis=0, return_inverse=True)
    statistic = (time * doubled).sum(axis=1)
    one = np.empty(len(time))
    for number, ranks in enumerate(sets):
        lowest, counts = _orders(tuple(int(rank) for rank in ranks if rank))
        rows = which.ravel() == number
        place = statistic[rows] - lowest
        upto = np.cumsum(counts)
        below, total = upto[place], upto[-1]
        one[rows] = np.minimum(below, total - below + counts[place]) / total
    return one


def _ties(doubled: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ordered = np.sort(doubled, axis=1)
    same = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] > 0)
    edge = np.zeros((len(ordered), 1), bool)
    tied = np.hstack([same, edge]) | np.hstack([edge, same])
    ties: npt.NDArray[np.int64] = tied.sum(axis=1)
    return ties


@lru_cache(maxsize=256)
def _orders(doubled: tuple[int, ...]) -> tuple[int, npt.NDArray[np.int64]]:
    """Number of orders of the ranks for every Σ time × doubled rank, from the lowest such sum on."""
    ranks = np.sort(np.array(doubled, np.int64))
    n, least = len(ranks), int(ranks[0])
    step = max(1, int(np.gcd.reduce(ranks - least)))
    counts = _count((ranks - least) // step)
    spread = np.zeros((len(counts) - 1) * step + 1, np.int64)
    spread[::step] = counts
    return least * n * (n + 1) // 2, spread


@numba.njit(cache=True)
def _count(ranks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Orders by sum: the set of ranks already placed says which time comes next."""
    n = len(ranks)
    size = 1
    for place in range(n):
        size += (place + 1) * ranks[place]  # the largest sum: ranks in ascending order
    table = np.zeros((1 << n, size), np.int64)
    table[0, 0] = 1
    for held in range(1 << n):
        time = 1
        for place in range(n):
            time += held >> place & 1
        for place in range(n):
            if not held >> place & 1:
                more = time * ranks[place]
                after = held | 1 << place
                for total in range(size - more):
                    table[after, total + more] += table[held, total]
    return table[-1].copy()
