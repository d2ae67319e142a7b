"""Checks of claims as sentences that can be quoted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wqstudy import rules, words
from wqstudy.effects.claim_verdicts import (
    BEYOND,
    CONTRADICTED,
    OVERSTATED,
    SUPPORTED,
    UNDECIDED,
    UNDERSTATED,
    WITHIN,
    Background,
)

_KEYS = {
    SUPPORTED: "verdict_supported",
    OVERSTATED: "verdict_overstated",
    UNDERSTATED: "verdict_understated",
    CONTRADICTED: "verdict_contradicted",
    UNDECIDED: "verdict_undecided",
}
_BACKGROUND = {BEYOND: "beyond", WITHIN: "within", UNDECIDED: "undecided"}
_RISES = {OVERSTATED: "rise_overstated", UNDERSTATED: "rise_understated"}


def claim_verdict(said: str, lang: str = "en") -> str:
    """A verdict on a claim in a language.

    Examples
    --------
    >>> claim_verdict("overstated", "zh")
    '高估'
    """
    return words.text(f"claim.{_KEYS[said]}", lang)


def background_verdict(said: str, lang: str = "en") -> str:
    """A verdict against the background in a language; blank where there is none.

    Examples
    --------
    >>> background_verdict("not beyond background", "zh")
    '未超出背景变化'
    """
    return words.text(f"claim.background_{_BACKGROUND[said]}", lang) if said else ""


def shown(value: float, digits: int = 6) -> str:
    """A figure with the digits that it has, so many at most.

    Examples
    --------
    >>> shown(-23.5), shown(5030.5), shown(float("-inf")), shown(994.7724)
    ('−23.5', '5030.5', '−∞', '994.772')
    >>> shown(-0.0)
    '0'
    """
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    return f"{round(value, 6) + 0.0:.{digits}g}".replace("-", "−")


def claim_sentence(row: Mapping[str, Any], unit: str, lang: str = "en") -> str:
    """The check of an announced change in words.

    Parameters
    ----------
    row
        Fields of a `wqstudy.effects.ClaimCheck`.
    unit
        The unit as it is to be called; blank where none is named.
    lang
        ``en`` or ``zh``.
    """
    name = words.parameter_name(row["parameter"], lang)
    found = math.isfinite(row["low"]) and math.isfinite(row["high"])
    ends = {
        end: words.percent(row[end], signed=True) if math.isfinite(row[end]) else ""
        for end in ("low", "high")
    }
    said = words.text(
        "claim.concentration" if found else "claim.no_data",
        lang,
        parameter=name[:1].upper() + name[1:],
        unit=unit or words.text("claim.somewhere", lang),
        announced=row["announced"],
        to=shown(row["announced_high"], 4),
        change=words.percent(row["change_percent"], signed=True),
        level=f"{100 * row['level']:g}",
        verdict=_verdict(row, lang),
        reason=row["reason"],
        **{"from": shown(row["announced_low"], 4)},
        **ends,
    )
    if found and row["reason"]:
        said += words.text("claim.rate_reason", lang, reason=row["reason"])
    return said + "".join(_against(one, lang) for one in row["backgrounds"]) + words.text("claim.stop", lang)


def _verdict(row: Mapping[str, Any], lang: str) -> str:
    """The verdict; of a rise it says what is overstated, since a rise that is too large is no boast."""
    rise = row["announced_low"] > 0 and row["verdict"] in _RISES
    return (
        words.text(f"claim.{_RISES[row['verdict']]}", lang) if rise else claim_verdict(row["verdict"], lang)
    )


def _against(background: Background, lang: str) -> str:
    """What came anyway, and how the announced figure, not the change found, stands to it."""
    # A rate is known to more digits than controls are.
    rate = background.source != "controls"
    change = (
        shown(background.change_percent, 3) if rate else words.percent(background.change_percent, signed=True)
    )
    national = rules.load("background")["national"]
    span = {"first": national["from"], "last": national["to"]}
    return words.text(
        f"claim.{background.source}",
        lang,
        change=change,
        years=words.text("claim.national_beyond", lang, **span) if background.outside else "",
        low=words.percent(background.low, signed=True),
        high=words.percent(background.high, signed=True),
        verdict=words.text(f"claim.announced_{_BACKGROUND[background.verdict]}", lang),
    )
