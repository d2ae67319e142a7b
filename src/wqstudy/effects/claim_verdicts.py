"""What an interval allows to say of an announced change, and how that stands to the background."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from wqstudy import rules
from wqstudy.effects.figures import Figure, figure
from wqstudy.errors import ArgumentError
from wqstudy.windows import Windows

SUPPORTED, OVERSTATED, UNDERSTATED, CONTRADICTED, UNDECIDED = (
    "supported",
    "overstated",
    "understated",
    "contradicted",
    "not decidable",
)
CLAIM_VERDICTS = (SUPPORTED, OVERSTATED, UNDERSTATED, CONTRADICTED, UNDECIDED)

BEYOND, WITHIN = "beyond background", "not beyond background"
BACKGROUND_VERDICTS = (BEYOND, WITHIN, UNDECIDED)

_DAYS = 365.2425  # of a year


def judge_claim(low: float, high: float, announced: Figure, tolerance: float | None = None) -> str:
    """The verdict on an announced change, of the interval of the change that was found.

    For a fall (a rise is its mirror): *contradicted* where the whole interval is a rise; *overstated* where
    it is wholly weaker than all that the announced figure may have been rounded from; *understated* where it
    is wholly stronger; *supported* where the announced figure is in the interval and every change weaker than
    ``1 - tolerance`` of it is not; else *not decidable*. For an announced "no change": contradicted where the
    interval excludes it, supported where it excludes every change worth the name.

    Parameters
    ----------
    low, high
        Ends of the interval of the change, in per cent; nan where nothing was found.
    announced
        The change as announced, in per cent, with its sign.
    tolerance
        By default that of `rules/claims.toml`.

    Returns
    -------
    str
        One of `CLAIM_VERDICTS`.

    Examples
    --------
    >>> from wqstudy.effects.figures import figure
    >>> [judge_claim(*ends, figure("-23%")) for ends in [(-40, -20), (-20, -5), (2, 9), (-40, -5)]]
    ['supported', 'overstated', 'contradicted', 'not decidable']
    """
    rule = rules.load("claims")["verdict"]
    tolerance = rule["tolerance"] if tolerance is None else tolerance
    if not (math.isfinite(low) and math.isfinite(high)):
        return UNDECIDED
    strong, weak = announced.low, announced.high
    if strong <= 0 <= weak:
        if low > weak or high < strong:
            return CONTRADICTED
        margin = rule["unchanged_percent"]
        return SUPPORTED if -margin <= low and high <= margin else UNDECIDED
    if strong > 0:
        low, high, strong, weak = -high, -low, -weak, -strong
    cases = (
        (low > 0, CONTRADICTED),
        (low > weak, OVERSTATED),
        (high < strong, UNDERSTATED),
        (high <= (1 - tolerance) * weak, SUPPORTED),
    )
    return next((said for holds, said in cases if holds), UNDECIDED)


@dataclass(frozen=True, slots=True)
class Background:
    """What the water did anyway over the time of a claim, and how the announced figure stands to it.

    Parameters
    ----------
    source
        ``national``, ``given`` or ``controls``.
    change_percent, low, high
        The change over the time of the claim, in per cent: of a published figure the ends of its rounding,
        of controls the ends of its interval.
    verdict
        One of `BACKGROUND_VERDICTS`: whether all that the announced figure may stand for is a stronger
        change, in its own direction, than all of ``low`` to ``high``.
    outside
        Whether the time lies outside the years that the rate was published for.
    """

    source: str
    change_percent: float
    low: float
    high: float
    verdict: str
    outside: bool = False


def beyond(announced: Figure, low: float, high: float) -> str:
    """Whether an announced change is stronger than the background's.

    Examples
    --------
    >>> from wqstudy.effects.figures import figure
    >>> beyond(figure("-23%"), -30, -29.8), beyond(figure("-23%"), -20, -10), beyond(figure("-23%"), -30, 2)
    ('not beyond background', 'beyond background', 'not decidable')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return UNDECIDED
    strong, weak = announced.low, announced.high
    if strong > 0:
        low, high, strong, weak = -high, -low, -weak, -strong
    if weak < low:
        return BEYOND
    return WITHIN if strong >= high else UNDECIDED


def years_between(windows: Windows) -> float:
    """Years from the middle of the one window to the middle of the other."""
    middles = [start + (end - start) / 2 for start, end in (windows.before, windows.after)]
    return float((middles[1] - middles[0]) / pd.Timedelta(days=_DAYS))


def national(parameter: str, windows: Windows, announced: Figure) -> Background | None:
    """The published change of the country's sections over the time of a claim; None where none is known.

    Examples
    --------
    >>> from wqstudy.effects.figures import figure
    >>> two = Windows.of(("2016-01-01", "2017-01-01"), ("2018-01-01", "2019-01-01"))
    >>> told = national("NH3N", two, figure("-23%"))
    >>> round(told.change_percent, 1), told.verdict
    (-29.9, 'not beyond background')
    """
    rule = rules.load("background")["national"]
    if parameter not in rule:
        return None
    half = 0.5 * 10.0 ** -rule["decimals"]
    share = years_between(windows) / (rule["to"] - rule["from"])
    low, value, high = (
        100 * math.expm1(share * math.log1p((rule[parameter] + step) / 100)) for step in (-half, 0.0, half)
    )
    first, last = windows.before[0].year, (windows.after[1] - pd.Timedelta(days=1)).year
    outside = first < rule["from"] or last > rule["to"]
    return Background("national", value, low, high, beyond(announced, low, high), outside)


def as_rate(background: str | float) -> Figure:
    """A background as a change in per cent a year.

    Raises
    ------
    ArgumentError
        If it is no rate of change.
    """
    rate = figure(background, "background")
    if rate.unit not in ("%", "") or rate.low <= -100:
        raise ArgumentError(
            f"{rate.text!r} is not a change a year",
            argument="background",
            valid="per cent a year, such as -16",
        )
    return rate


def given_rate(rate: Figure, windows: Windows, announced: Figure) -> Background:
    """A background of so many per cent a year, over the time of a claim."""
    years = years_between(windows)
    low, value, high = (
        100 * math.expm1(years * math.log1p(end / 100)) for end in (rate.low, rate.value, rate.high)
    )
    return Background("given", value, low, high, beyond(announced, low, high))
