"""What an effect's interval allows to say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from wqstudy import rules
from wqstudy.effects.estimates import Effects

SHOWN, WORSE, NONE, UNDECIDED = (
    "effect shown",
    "worse than controls",
    "no effect beyond controls",
    "not decidable",
)
VERDICTS = (SHOWN, WORSE, NONE, UNDECIDED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict, and what the design could have found.

    Parameters
    ----------
    said
        One of `VERDICTS`.
    detectable
        The smallest reduction found with the power of `rules/effects.toml`, in per cent.
    possible
        The largest reduction that the interval does not exclude, in per cent.
    """

    said: str
    detectable: float
    possible: float


def judge(
    value: float,
    low: float,
    high: float,
    adjusted: float,
    level: float = 0.95,
    reduction: float | None = None,
) -> Verdict:
    """The verdict on one effect in logs, negative where it is to the better.

    An effect is shown where its interval lies below zero and at least half of it remains once the
    difference to the controls may have a linear trend: a district that was improving faster anyway fails
    that. "No effect" means that the same interval excludes the smallest reduction worth calling one; all
    else is not decidable.

    Parameters
    ----------
    value, low, high
        Estimate and ends of its interval of probability `level`.
    adjusted
        Estimate beside a linear trend; nan where it cannot be told, and then nothing is shown.
    level
        Of the interval.
    reduction
        The smallest reduction worth calling one, as a share; by default that of `rules/effects.toml`.

    Examples
    --------
    >>> judge(-0.5, -0.8, -0.2, -0.4).said, judge(-0.5, -0.8, -0.2, -0.1).said
    ('effect shown', 'not decidable')
    >>> judge(0.0, -0.2, 0.2, 0.1)
    Verdict(said='no effect beyond controls', detectable=24.86..., possible=18.12...)
    """
    rule = rules.load("effects")["verdict"]
    reduction = rule["reduction"] if reduction is None else reduction
    if not (math.isfinite(low) and math.isfinite(high)):
        return Verdict(UNDECIDED, math.nan, math.nan)
    lasting = adjusted * value > 0 and abs(adjusted) >= rule["kept"] * abs(value)
    said = UNDECIDED
    if high < 0 and lasting:
        said = SHOWN
    elif low > 0 and lasting:
        said = WORSE
    elif not (high < 0 or low > 0) and low > math.log1p(-reduction):
        said = NONE
    half = (high - low) / 2
    ratio = float(special.ndtri(rule["power"]) / special.ndtri((1 + level) / 2))
    return Verdict(said, -100 * math.expm1(-half * (1 + ratio)), max(0.0, -100 * math.expm1(low)))


def judge_one(
    effects: Effects, g: int, sign: float = 1.0, level: float = 0.95, reduction: float | None = None
) -> Verdict:
    """The verdict on one of several effects.

    Parameters
    ----------
    effects
        Estimated with intervals of `level`.
    g
        Which; -1 is the mean over the treated.
    sign
        -1 where more is better.
    level, reduction
        As for `judge`.
    """
    if not math.isfinite(effects.value[g]):
        return Verdict(UNDECIDED, math.nan, math.nan)
    low, high = sorted((sign * float(effects.low[g]), sign * float(effects.high[g])))
    value, adjusted = sign * float(effects.value[g]), sign * float(effects.adjusted[g])
    return judge(value, low, high, adjusted, level, reduction)
