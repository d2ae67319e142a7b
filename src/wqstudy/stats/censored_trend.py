"""Trend of a series with non-detects: Kendall's test and the Akritas-Theil-Sen slope."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import CensoredTrend
from wqstudy.stats.censored_kendall import concordance, crossing, permutation_variance
from wqstudy.stats.checks import BoolArray, FloatArray, aligned, flags, vector
from wqstudy.stats.inputs import check_level
from wqstudy.stats.nondetects import kaplan_meier

Variance = Literal["cenken", "permutation"]

_APART = 0.05
"""Relative difference of the two standard deviations above which a note gives the other p."""


def akritas_theil_sen(
    x: npt.ArrayLike,
    censored: npt.ArrayLike,
    t: npt.ArrayLike,
    level: float = 0.95,
    *,
    variance: Variance = "cenken",
) -> CensoredTrend:
    """Kendall's test for values below limits, and the slope that leaves no trend.

    A pair counts where its order is known: two detected values, or a limit and a detected value at or above
    it (Akritas, Murphy and LaValley 1995). The slope is exact, not iterated: the middle of the slopes at
    which S of the residuals is zero, the Theil-Sen slope where nothing is censored.

    Parameters
    ----------
    x
        Values and limits, or their logs. Shape (n,).
    censored
        True where the value is a limit. Shape (n,).
    t
        Times, in any order; pairs of equal times do not count. Shape (n,).
    level
        Of the slope's interval: the slopes whose S stays within the normal quantile times the sd of S.
    variance
        ``"cenken"``: Lorenz's correction for ties and for pairs of unknown order, as NADA's cenken; in
        simulation too large with several limits (size .01 to .03 for .05) and too small with one limit and
        many non-detects (.06). ``"permutation"``: exact over all orders of the values (Daniels 1944),
        size .04 to .05. `p_permutation` holds the p of the second in either case.

    Returns
    -------
    CensoredTrend

    Raises
    ------
    ArgumentError
        If there are fewer than three values, shapes differ, or a value is not finite.

    References
    ----------
    Akritas M. G., Murphy S. A., LaValley M. P. (1995) J. Am. Stat. Assoc. 90. Helsel D. R. (2012) Statistics
    for Censored Environmental Data, 2nd ed., chapter 11.

    Examples
    --------
    >>> x = [5.0, 5.0, 4.0, 3.0, 3.5, 2.0, 2.0, 1.0]
    >>> trend = akritas_theil_sen(x, [False, True, False, False, False, False, True, False], range(8))
    >>> trend.s, round(trend.slope, 3), round(trend.p_value, 3)
    (-19, -0.571, 0.018)
    """
    values = vector(x, "x", 3)
    hidden = flags(censored, "censored", values.size)
    times = aligned(t, "t", values.size)
    check_level(level)
    if variance not in ("cenken", "permutation"):
        raise ArgumentError(f"{variance!r} is not known", argument="variance", valid="cenken, permutation")
    order = np.argsort(times, kind="stable")
    values, hidden, times = values[order], hidden[order], times[order]
    n = values.size
    s = int(concordance(values, hidden, times))
    exact = permutation_variance(values, hidden, times)
    var_s = exact if variance == "permutation" else _lorenz_variance(values, hidden, times)
    # Lorenz's corrections can exceed what they correct in very short series.
    var_s = var_s if var_s > 0 else exact
    z, p_value = _score(s, var_s)
    p_exact = _score(s, exact)[1]
    reach = float(stats.norm.isf((1 - level) / 2)) * np.sqrt(var_s)
    slope, low, high = crossing(values, hidden, times, reach)
    notes: tuple[str, ...] = ()
    if exact <= 0:
        notes += ("no pair of values can be told apart",)
    elif abs(np.sqrt(var_s / exact) - 1) > _APART:
        notes += (f"p by the exact variance of S is {p_exact:.2g}",)
    intercept = float("nan")
    if np.isfinite(slope):
        left = values - slope * times
        intercept = kaplan_meier(left, hidden).median
    return CensoredTrend(
        s,
        float(var_s),
        z,
        p_value,
        s / (n * (n - 1) / 2),
        float(slope),
        float(low),
        float(high),
        n,
        int(hidden.sum()),
        level,
        intercept,
        p_exact,
        notes,
    )


def _score(s: int, var_s: float) -> tuple[float, float]:
    if var_s <= 0:
        return 0.0, 1.0
    z = float(np.sign(s) * max(abs(s) - 1, 0) / np.sqrt(var_s))
    return z, float(min(1.0, 2 * special.ndtr(-abs(z))))


def _lorenz_variance(x: FloatArray, hidden: BoolArray, t: FloatArray) -> float:
    """Variance of S as NADA has it: ties of limits, ties of detected values and times, unknown pairs."""
    n = x.size

    def sums(values: FloatArray) -> tuple[float, float, float]:
        tied = np.unique(values, return_counts=True)[1].astype(float)
        pairs = tied * (tied - 1)
        return float(pairs @ (2 * tied + 5)), float(pairs @ (tied - 2)), float(pairs.sum())

    limits, seen, times = sums(x[hidden]), sums(x[~hidden]), sums(t)
    # Every limit is of unknown order to all values and limits below it, but for one a group of equal limits.
    rank = np.empty(n)
    rank[np.lexsort((~hidden, x))] = np.arange(n)
    unknown = rank[hidden].sum() - (hidden.sum() - np.unique(x[hidden]).size)
    variance = (n * (n - 1) * (2 * n + 5) - limits[0] - seen[0] - times[0]) / 18 - unknown
    variance += seen[1] * times[1] / (9 * n * (n - 1) * (n - 2)) + seen[2] * times[2] / (2 * n * (n - 1))
    return float(variance)
