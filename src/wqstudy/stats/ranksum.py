"""Rank-sum tests of two spans, plain and season by season, with the Hodges-Lehmann step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import StepTest
from wqstudy.stats.checks import BoolArray, FloatArray, IntArray, present
from wqstudy.stats.differences import blocks, kth_difference
from wqstudy.stats.inputs import check_level, left_out

EXACT_BELOW = 50
"""Samples both smaller than this, without ties, get the exact null distribution (R's rule)."""


def rank_sum(before: npt.ArrayLike, after: npt.ArrayLike, level: float = 0.95) -> StepTest:
    """Rank-sum test (Wilcoxon 1945; Mann and Whitney 1947) with the Hodges-Lehmann step.

    The step is the median of all differences after minus before (Hodges and Lehmann 1963), its interval
    the steps that the test does not reject. p is exact where both samples have fewer than 50 values and
    no two values are equal; else normal, with tie-corrected variance and continuity correction.

    Parameters
    ----------
    before, after
        Values of the two spans, shape (n,) and (m,), in any order; nan where missing, which is left out
        with a note.
    level
        Of the interval.

    Returns
    -------
    StepTest
        `value`, `low`, `high` in the unit of the values, `n` values in all. `z` is the normal score with
        continuity correction, also where p is exact. `statistic` is the number of pairs in which the
        value after is the larger, equal ones counted half.

    Raises
    ------
    ArgumentError
        If a span is empty or has an infinite value.

    References
    ----------
    Hollander M., Wolfe D. A., Chicken E. (2014) Nonparametric Statistical Methods, 3rd ed., 4.1-4.3.

    Examples
    --------
    >>> step = rank_sum([3.1, 2.9, 3.4, 3.6], [2.0, 2.6, 2.1, 3.0])
    >>> round(step.value, 2), round(step.low, 2), round(step.high, 2), round(step.p_value, 4)
    (-0.9, -1.6, 0.1, 0.0571)
    """
    first, first_kept = present(before, "before")
    second, second_kept = present(after, "after")
    one = np.zeros(1, dtype=np.int64)
    notes = _missing(first_kept, second_kept)
    return _test(
        first,
        np.repeat(one, first.size),
        second,
        np.repeat(one, second.size),
        1,
        level,
        "rank-sum",
        notes,
    )


def seasonal_rank_sum(
    before: npt.ArrayLike,
    before_season: npt.ArrayLike,
    after: npt.ArrayLike,
    after_season: npt.ArrayLike,
    level: float = 0.95,
) -> StepTest:
    """Rank-sum test within each season, summed, with the seasonal Hodges-Lehmann step.

    Values are compared within their season only; statistics, expectations and tie-corrected variances are
    summed over the seasons that both spans have (Hirsch and Gilroy 1985; every season has weight 1, where
    van Elteren's test would divide by its size). The step is the median of all differences within
    seasons. p is normal with one continuity correction of the sum.

    Parameters
    ----------
    before, after
        Values, shape (n,) and (m,), nan where missing.
    before_season, after_season
        Season of each value, any labels. Shape (n,) and (m,).
    level
        Of the interval.

    Returns
    -------
    StepTest
        As for `rank_sum`; `n` counts the values of seasons that both spans have, the others are named in
        the notes.

    Raises
    ------
    ArgumentError
        If a span is empty or has an infinite value, sizes differ, or no season is in both spans.

    References
    ----------
    Hirsch R. M., Gilroy E. J. (1985) Water Resources Bulletin 21.

    Examples
    --------
    >>> step = seasonal_rank_sum([1.0, 9.0, 2.0, 8.0], [1, 2, 1, 2], [0.5, 6.0, 0.7, 7.0], [1, 2, 1, 2])
    >>> step.value, step.statistic, round(step.z, 3)
    (-1.4, 0.0, -1.917)
    """
    first, first_kept = present(before, "before")
    second, second_kept = present(after, "after")
    first_label, second_label = np.asarray(before_season), np.asarray(after_season)
    for label, kept, name in (
        (first_label, first_kept, "before_season"),
        (second_label, second_kept, "after_season"),
    ):
        if label.shape != kept.shape:
            raise ArgumentError(f"has shape {label.shape}", argument=name, valid=f"{kept.shape}")
    first_label, second_label = first_label[first_kept], second_label[second_kept]
    shared = np.intersect1d(first_label, second_label)
    if not shared.size:
        raise ArgumentError(
            "no season is in both spans", argument="after_season", valid="seasons of `before_season`"
        )
    in_first, in_second = np.isin(first_label, shared), np.isin(second_label, shared)
    lone = int((~in_first).sum() + (~in_second).sum())
    notes = _missing(first_kept, second_kept)
    if lone:
        notes += (f"{lone} values of seasons that only one span has are not used",)
    return _test(
        first[in_first],
        np.searchsorted(shared, first_label[in_first]),
        second[in_second],
        np.searchsorted(shared, second_label[in_second]),
        shared.size,
        level,
        "seasonal rank-sum",
        notes,
    )


def _missing(*kept: BoolArray) -> tuple[str, ...]:
    missing = sum(int((~k).sum()) for k in kept)
    return (left_out(missing),) if missing else ()


def _test(
    before: FloatArray,
    before_label: IntArray,
    after: FloatArray,
    after_label: IntArray,
    count: int,
    level: float,
    method: str,
    notes: tuple[str, ...] = (),
) -> StepTest:
    check_level(level)
    a, a_ends = blocks(before, before_label, count)
    b, b_ends = blocks(after, after_label, count)
    n, m = np.diff(a_ends), np.diff(b_ends)
    wins, variance, tied = 0.0, 0.0, False
    for s in range(count):
        x, y = a[a_ends[s] : a_ends[s + 1]], b[b_ends[s] : b_ends[s + 1]]
        reach = np.searchsorted(x, y, "left") + np.searchsorted(x, y, "right")
        wins += float(reach.sum()) / 2
        ties = np.unique(np.concatenate([x, y]), return_counts=True)[1].astype(float)
        variance += rank_sum_variance(x.size, y.size, ties)
        tied = tied or bool((ties > 1).any())
    pairs = int(n @ m)
    size = a.size + b.size
    sd = np.sqrt(variance)
    z = score(wins - pairs / 2, sd)
    exact = count == 1 and not tied and max(a.size, b.size) < EXACT_BELOW
    if exact:
        lower = np.cumsum(null_counts(a.size, b.size)) / special.binom(size, a.size)
        least = min(int(wins), pairs - int(wins))
        p_value = min(1.0, 2 * float(lower[least]))
        rejected = int(np.searchsorted(lower, (1 - level) / 2, "right")) - 1
    else:
        p_value = float(min(1.0, 2 * special.ndtr(-abs(z)))) if sd > 0 else 1.0
        # Equal values have no spread of their own: as if they differed too little to be told apart.
        untied = np.sqrt(float(n * m @ (n + m + 1)) / 12)
        rejected = rejected_below(pairs, sd if sd > 0 else untied, level)
    if sd == 0:
        notes += ("all values are equal: nothing can be told apart",)
    value = (
        kth_difference(a, a_ends, b, b_ends, (pairs + 1) // 2)
        + kth_difference(a, a_ends, b, b_ends, pairs // 2 + 1)
    ) / 2
    low, high = -np.inf, np.inf
    if rejected >= 0:
        low = kth_difference(a, a_ends, b, b_ends, rejected + 1)
        high = kth_difference(a, a_ends, b, b_ends, pairs - rejected)
    else:
        notes += (f"too few values for an interval of {100 * level:g} %",)
    return StepTest(value, low, high, z, p_value, size, level, wins, method, notes)


def rank_sum_variance(n: int, m: int, ties: FloatArray) -> float:
    """Variance of the rank-sum statistic under "no change", given the sizes of groups of equal values.

    Examples
    --------
    >>> rank_sum_variance(2, 2, np.array([1.0, 2.0, 1.0])).__round__(6)
    1.5
    """
    size = n + m
    if size < 2:
        return 0.0
    return n * m / 12 * (size + 1 - float(np.sum(ties**3 - ties)) / (size * (size - 1)))


def score(excess: float, sd: float) -> float:
    """Standard normal score with continuity correction; 0 where nothing varies.

    Examples
    --------
    >>> score(3.0, 2.0), score(-0.25, 2.0)
    (1.25, -0.0)
    """
    return float(np.sign(excess) * max(abs(excess) - 0.5, 0.0) / sd) if sd > 0 else 0.0


def rejected_below(pairs: int, sd: float, level: float) -> int:
    """Largest count that a test with normal score and continuity correction rejects; -1 if there is none.

    Examples
    --------
    >>> rejected_below(100, 13.2, 0.95)
    23
    """
    reach = pairs / 2 - 0.5 - sd * stats.norm.isf((1 - level) / 2)
    return max(int(np.floor(reach)), -1)


def null_counts(n: int, m: int) -> FloatArray:
    """In how many ways the rank-sum statistic of n and m values takes each of its values 0 ... n m.

    Coefficients of the Gaussian binomial, one factor at a time.

    Examples
    --------
    >>> null_counts(2, 2)
    array([1., 1., 2., 1., 1.])
    """
    top = n * m
    ways = np.zeros(top + 1)
    ways[0] = 1.0
    for i in range(1, n + 1):
        # Times (1 - q^(m + i)), then divided by (1 - q^i).
        ways[m + i :] -= ways[: top + 1 - (m + i)].copy()
        for r in range(i):
            ways[r::i] = np.cumsum(ways[r::i])
    return ways
