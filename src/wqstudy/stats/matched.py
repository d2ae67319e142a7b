"""Two short checks of a step: signed ranks of matched values, and Welch's t of the logs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import StepTest
from wqstudy.stats.checks import FloatArray, aligned, vector
from wqstudy.stats.inputs import check_level
from wqstudy.stats.ranksum import EXACT_BELOW, rejected_below, score


def signed_rank(before: npt.ArrayLike, after: npt.ArrayLike, level: float = 0.95) -> StepTest:
    """Signed-rank test of matched values (Wilcoxon 1945), such as the same calendar months of two years.

    Pairs without a difference do not count in the test (Wilcoxon's rule), but do in the step: the median
    of the means of all pairs of differences (Hodges and Lehmann 1963). p is exact below 50 pairs where no
    two differences are equal in size and none is zero; else normal with tie-corrected variance and
    continuity correction.

    Parameters
    ----------
    before, after
        Values of the same month, station or whatever is matched, in the same order. Shape (n,).
    level
        Of the interval.

    Returns
    -------
    StepTest
        `n` pairs; `statistic` is the sum of ranks of the rises.

    Raises
    ------
    ArgumentError
        If sizes differ or a value is not finite.

    References
    ----------
    Hollander M., Wolfe D. A., Chicken E. (2014) Nonparametric Statistical Methods, 3rd ed., 3.1-3.3.

    Examples
    --------
    >>> step = signed_rank([3.0, 5.0, 4.0, 6.0, 2.0, 7.0], [2.0, 4.5, 2.6, 3.0, 2.2, 5.0])
    >>> round(step.value, 2), step.statistic, step.p_value
    (-1.2, 1.0, 0.0625)
    """
    first = vector(before, "before")
    difference = aligned(after, "after", first.size) - first
    check_level(level)
    tail = (1 - level) / 2
    n = difference.size
    i, j = np.triu_indices(n)
    walsh = np.sort((difference[i] + difference[j]) / 2)
    moved = difference[difference != 0]
    ranks = stats.rankdata(np.abs(moved))
    rises = float(ranks[moved > 0].sum())
    ties = np.unique(np.abs(moved), return_counts=True)[1].astype(float)
    m = moved.size
    variance = m * (m + 1) * (2 * m + 1) / 24 - float(np.sum(ties**3 - ties)) / 48
    z = score(rises - m * (m + 1) / 4, np.sqrt(variance))
    notes: tuple[str, ...] = ()
    if m == n and n < EXACT_BELOW and not (ties > 1).any():
        lower = np.cumsum(signed_counts(n)) / 2.0**n
        p_value = min(1.0, 2 * float(lower[int(min(rises, walsh.size - rises))]))
        rejected = int(np.searchsorted(lower, tail, "right")) - 1
    else:
        p_value = float(min(1.0, 2 * special.ndtr(-abs(z))))
        rejected = rejected_below(walsh.size, np.sqrt(variance), level)
    if m < n:
        notes += (f"{n - m} pairs have no difference",)
    low, high = -np.inf, np.inf
    if rejected >= 0 and m:
        low, high = float(walsh[rejected]), float(walsh[-1 - rejected])
    elif m:
        notes += (f"too few pairs for an interval of {100 * level:g} %",)
    return StepTest(float(np.median(walsh)), low, high, z, p_value, n, level, rises, "signed-rank", notes)


def welch_of_logs(before: npt.ArrayLike, after: npt.ArrayLike, level: float = 0.95) -> StepTest:
    """Welch's (1947) t test of the logs: the log of the ratio of geometric means.

    Parameters
    ----------
    before, after
        Values above zero, two or more. Shape (n,) and (m,).
    level
        Of the interval.

    Returns
    -------
    StepTest
        `value`, `low` and `high` in natural logs, `statistic` is t and `z` the normal score of the same p.

    Raises
    ------
    ArgumentError
        If a span has fewer than two values, or one that is not finite or not above zero.

    References
    ----------
    Welch B. L. (1947) Biometrika 34.

    Examples
    --------
    >>> step = welch_of_logs([1.0, 2.0, 4.0], [0.5, 1.0, 2.0])
    >>> round(step.value, 4), round(step.p_value, 3)
    (-0.6931, 0.288)
    """
    check_level(level)
    logs = []
    for values, name in ((before, "before"), (after, "after")):
        own = vector(values, name, 2)
        if not (own > 0).all():
            raise ArgumentError(f"the least is {own.min():g}", argument=name, valid="numbers above zero")
        logs.append(np.log(own))
    first, second = logs
    value = float(second.mean() - first.mean())
    squares = [own.var(ddof=1) / own.size for own in logs]
    error = float(np.sqrt(sum(squares)))
    n = first.size + second.size
    if error == 0:
        note = ("values do not vary within the spans",)
        p_value = 1.0 if value == 0 else 0.0
        return StepTest(
            value,
            value,
            value,
            0.0 if value == 0 else np.copysign(np.inf, value),
            p_value,
            n,
            level,
            np.nan,
            "Welch of logs",
            note,
        )
    freedom = sum(squares) ** 2 / sum(s**2 / (own.size - 1) for s, own in zip(squares, logs, strict=True))
    t = value / error
    p_value = float(2 * special.stdtr(freedom, -abs(t)))
    reach = float(stats.t.isf((1 - level) / 2, freedom)) * error
    z = float(np.copysign(-special.ndtri(p_value / 2), t))
    return StepTest(value, value - reach, value + reach, z, p_value, n, level, t, "Welch of logs")


def signed_counts(n: int) -> FloatArray:
    """In how many ways the ranks 1 ... n, each taken or not, add up to 0, 1, ... n(n + 1)/2.

    Examples
    --------
    >>> signed_counts(3)
    array([1., 1., 1., 2., 1., 1., 1.])
    """
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] += ways[:-rank].copy()
    return ways
