"""Two spans with non-detects compared by ranks: Gehan and Peto-Prentice."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.results import StepTest
from wqstudy.stats.censored_kendall import concordance, crossing
from wqstudy.stats.checks import BoolArray, FloatArray, flags, vector
from wqstudy.stats.inputs import check_level

Weights = Literal["Gehan", "Peto-Prentice"]


def gehan(
    before: npt.ArrayLike,
    before_censored: npt.ArrayLike,
    after: npt.ArrayLike,
    after_censored: npt.ArrayLike,
    level: float = 0.95,
) -> StepTest:
    """Gehan's (1965) test: the rank-sum test where the order of some pairs is not known.

    Parameters
    ----------
    before, after
        Values and limits of the two spans, or their logs. Shape (n,) and (m,).
    before_censored, after_censored
        True where the value is a limit; limits may differ within and between spans. Same shapes.
    level
        Of the interval.

    Returns
    -------
    StepTest
        `statistic` is the number of pairs in which the value after is known to be larger, less those in
        which it is known to be smaller; `z` divides it by the hypergeometric variance, which holds when the
        limits of the spans differ. `value` is the shift that leaves no difference, `low` and `high` those
        that the test does not reject (Akritas, Murphy and LaValley 1995, time being 0 and 1).

    Raises
    ------
    ArgumentError
        If a span is empty, shapes differ, or a value is not finite.

    References
    ----------
    Gehan E. A. (1965) Biometrika 52. Helsel D. R. (2012), chapter 9.

    Examples
    --------
    >>> step = gehan([3.0, 2.0, 2.5, 4.0], [False] * 4, [1.0, 1.0, 2.1, 1.5], [True, True, False, False])
    >>> step.statistic, round(step.z, 3), step.value
    (-14.0, -2.135, -1.7)
    """
    return _compare(before, before_censored, after, after_censored, level, "Gehan")


def peto_prentice(
    before: npt.ArrayLike,
    before_censored: npt.ArrayLike,
    after: npt.ArrayLike,
    after_censored: npt.ArrayLike,
    level: float = 0.95,
) -> StepTest:
    """Peto and Prentice's test: as Gehan's, its weights taken from the pooled distribution.

    Its weights do not depend on where the limits lie (Prentice and Marek 1979), so that it is the one to
    take when limits have changed. The square of `z` is the chi-square of NADA's cendiff.

    Parameters
    ----------
    before, before_censored, after, after_censored, level
        As for `gehan`.

    Returns
    -------
    StepTest
        `statistic` is observed less expected, weighted. `value`, `low` and `high` are those of `gehan`.

    Raises
    ------
    ArgumentError
        As for `gehan`.

    References
    ----------
    Peto R., Peto J. (1972) J. R. Stat. Soc. A 135. Prentice R. L. (1978) Biometrika 65. Harrington D. P.,
    Fleming T. R. (1982) Biometrika 69, rho = 1.

    Examples
    --------
    >>> hidden = [True, True, False, False]
    >>> step = peto_prentice([3.0, 2.0, 2.5, 4.0], [False] * 4, [1.0, 1.0, 2.1, 1.5], hidden)
    >>> round(step.z, 3), step.value
    (-2.135, -1.7)
    """
    return _compare(before, before_censored, after, after_censored, level, "Peto-Prentice")


def _compare(
    before: npt.ArrayLike,
    before_censored: npt.ArrayLike,
    after: npt.ArrayLike,
    after_censored: npt.ArrayLike,
    level: float,
    weights: Weights,
) -> StepTest:
    first, second = vector(before, "before"), vector(after, "after")
    x = np.concatenate([first, second])
    hidden = np.concatenate(
        [
            flags(before_censored, "before_censored", first.size),
            flags(after_censored, "after_censored", second.size),
        ]
    )
    later = np.repeat([False, True], [first.size, second.size])
    check_level(level)
    tail = (1 - level) / 2
    excess, variance = _weighted(x, hidden, later, weights)
    _, gehan_variance = _weighted(x, hidden, later, "Gehan")
    t = later.astype(float)
    reach = float(stats.norm.isf(tail)) * np.sqrt(gehan_variance)
    value, low, high = crossing(x, hidden, t, reach)
    statistic = float(concordance(x, hidden, t)) if weights == "Gehan" else excess
    z = excess / np.sqrt(variance) if variance > 0 else 0.0
    notes = () if variance > 0 else ("no pair of values can be told apart",)
    return StepTest(
        float(value),
        float(low),
        float(high),
        float(z),
        float(min(1.0, 2 * special.ndtr(-abs(z)))),
        x.size,
        level,
        statistic,
        weights,
        notes,
    )


def _weighted(x: FloatArray, hidden: BoolArray, later: BoolArray, weights: Weights) -> tuple[float, float]:
    """Observed less expected among the later values, and its hypergeometric variance.

    From the largest detected value downwards: of the r values and limits at or below it, d are detected
    there; without a difference the later span has its share of them.
    """
    point, d = np.unique(x[~hidden], return_counts=True)
    if not point.size:
        return 0.0, 0.0
    r = np.searchsorted(np.sort(x), point, "right").astype(float)
    r_later = np.searchsorted(np.sort(x[later]), point, "right")
    own = np.sort(x[later & ~hidden])
    d_later = np.searchsorted(own, point, "right") - np.searchsorted(own, point, "left")
    if weights == "Gehan":
        weight = r
    else:
        # The pooled estimate of the probability of a value at or below each point.
        weight = np.append(np.cumprod((1 - d / r)[::-1])[::-1][1:], 1.0)
    share = r_later / r
    variance = weight**2 * d * share * (1 - share) * (r - d) / np.maximum(r - 1, 1)
    return float(weight @ (d_later - d * share)), float(variance.sum())
