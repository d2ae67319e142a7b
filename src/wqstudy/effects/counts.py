"""What a published rate says of the counts behind it: which are possible, and which would part two rates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from wqstudy import rules
from wqstudy.effects.figures import Figure

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_SLACK = 1e-9  # of a count: what binary fractions may be off


def compatible_counts(rate: Figure, n: int) -> IntArray:
    """Whole numbers of `n` that give a rate as it was rounded (the test by granularity, GRIM).

    Parameters
    ----------
    rate
        A share in per cent, between 0 and 100.
    n
        Number of cases.

    Returns
    -------
    ndarray
        Increasing; empty where no whole number does: then the rate is not one of `n` cases.

    References
    ----------
    Brown and Heathers 2017, Social Psychological and Personality Science 8(4).

    Examples
    --------
    >>> from wqstudy.effects.figures import figure
    >>> compatible_counts(figure("99.84 %"), 615).tolist(), compatible_counts(figure("99.87 %"), 615).tolist()
    ([614], [])
    """
    first, last = _ends(rate, np.array([n]))
    return np.arange(first[0], last[0] + 1)


def possible_totals(rate: Figure, number: int | None = None) -> IntArray:
    """The smallest numbers of cases of which a rate can be a share.

    Parameters
    ----------
    rate
        A share in per cent.
    number
        How many; by default that of `rules/claims.toml`.

    Examples
    --------
    >>> from wqstudy.effects.figures import figure
    >>> possible_totals(figure("37.66 %"), 2).tolist(), possible_totals(figure("99.97 %"), 1).tolist()
    ([77, 154], [2858])
    """
    rule = rules.load("claims")["counts"]
    n = np.arange(1, rule["most"] + 1)
    first, last = _ends(rate, n)
    return n[last >= first][: rule["tried"] if number is None else number]


def p_of(k_before: IntArray, n_before: IntArray, k_after: IntArray, n_after: IntArray) -> FloatArray:
    """One-sided exact p for a rate that differs after in the direction it does (Fisher 1935).

    Examples
    --------
    >>> p_of(np.array([1]), np.array([4]), np.array([3]), np.array([4])).round(3).tolist()
    [0.243]
    """
    # Where the rate fell, a fall is the same as a rise seen from behind.
    fell = k_after * n_before < k_before * n_after
    k1, n1 = np.where(fell, k_after, k_before), np.where(fell, n_after, n_before)
    k2, n2 = np.where(fell, k_before, k_after), np.where(fell, n_before, n_after)
    return np.asarray(stats.hypergeom.sf(k2 - 1, n1 + n2, k1 + k2, n2), dtype=np.float64)


def worst_p(before: Figure, totals_before: IntArray, after: Figure, totals_after: IntArray) -> float:
    """The largest one-sided p over all counts that both rates can be; nan where one cannot be at all."""
    rises = before.value < after.value
    # Of the counts that round to a rate, the one nearest to the other rate is the least sure.
    k1 = [_nearest(before, int(n), last=rises) for n in totals_before]
    k2 = [_nearest(after, int(n), last=not rises) for n in totals_after]
    if None in k1 or None in k2:
        return float("nan")
    early, late = np.meshgrid(np.array(k1, dtype=np.int64), np.array(k2, dtype=np.int64))
    n1, n2 = np.meshgrid(totals_before, totals_after)
    return float(p_of(early, n1, late, n2).max())


def _nearest(rate: Figure, n: int, *, last: bool) -> int | None:
    counts = compatible_counts(rate, n)
    return int(counts[-1 if last else 0]) if counts.size else None


def smallest_total(before: Figure, after: Figure, level: float) -> int | None:
    """The number of cases, as many before as after, from about which on two rates differ; None if none.

    Found by halving: as counts are whole, a few smaller numbers may do too.
    """

    def differs(n: int) -> bool:
        k1, k2 = (np.array([round(rate.value / 100 * n)]) for rate in (before, after))
        return bool(p_of(k1, np.array([n]), k2, np.array([n]))[0] <= (1 - level) / 2)

    fails, holds = 1, int(rules.load("claims")["counts"]["most"])
    if not differs(holds):
        return None
    while holds - fails > 1:
        middle = (fails + holds) // 2
        fails, holds = (fails, middle) if differs(middle) else (middle, holds)
    return holds


def difference(k1: int, n1: int, k2: int, n2: int, level: float) -> tuple[float, float]:
    """Interval of the second rate less the first, in points (Newcombe 1998, Stat. Med. 17, method 10).

    Examples
    --------
    >>> [round(end, 2) for end in difference(48, 80, 56, 70, 0.95)]
    [5.24, 33.39]
    """
    (p1, l1, u1), (p2, l2, u2) = (_wilson(k, n, level) for k, n in ((k1, n1), (k2, n2)))
    low = p2 - p1 - np.hypot(p2 - l2, u1 - p1)
    high = p2 - p1 + np.hypot(u2 - p2, p1 - l1)
    return 100 * float(low), 100 * float(high)


def _wilson(k: int, n: int, level: float) -> tuple[float, float, float]:
    """A rate and its score interval (Wilson 1927)."""
    z = float(stats.norm.ppf((1 + level) / 2))
    p = k / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return p, middle - half, middle + half


def _ends(rate: Figure, n: IntArray) -> tuple[IntArray, IntArray]:
    """First and last whole number of each `n` that rounds to the rate."""
    first = np.ceil(rate.low / 100 * n - _SLACK).astype(np.int64)
    last = np.floor(min(rate.high, 100.0) / 100 * n + _SLACK).astype(np.int64)
    return first, last
