"""An announced figure, as it is written, and all that it may stand for once rounding is taken back."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from wqstudy import rules
from wqstudy.effects.claim_refusals import Refused
from wqstudy.errors import ArgumentError

_NUMBER = re.compile(r"([+-]?)\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(.*)", re.DOTALL)
_ARROW = re.compile(
    r"\s*(?:->|=>|→|⇒|变为|下?降[至到]|降低[至到]|减少[至到]|减至|升至|增至|增加[至到]|提高[至到])\s*"
)
_MINUS = str.maketrans(dict.fromkeys("−–—﹣－", "-"))
_VALID = "such as -23%, 下降23%, about 23 %, two thirds, halved, +120 %, -0.4 mg/L, 37.66 %, 148"


@dataclass(frozen=True, slots=True)
class Figure:
    """A published number and the interval that it was rounded from.

    Parameters
    ----------
    text
        As it is written.
    value
        The number itself, in `unit`.
    low, high
        Ends of what it may stand for; infinite where the words leave an end open, as "more than" does.
    unit
        ``%``, ``points`` (percentage points), a unit, or blank for a count or a share.
    signed
        Whether sign or words say that it is a change up or down.
    """

    text: str
    value: float
    low: float
    high: float
    unit: str
    signed: bool = False

    def as_fall(self) -> Figure:
        """The same figure downwards, where only its size is said."""
        return Figure(self.text, -self.value, -self.high, -self.low, self.unit, signed=True)


def figure(text: str | float, argument: str = "announced") -> Figure:
    """Read an announced figure.

    Parameters
    ----------
    text
        The figure as it was published, in English or Chinese; a number is taken as written by Python.
    argument
        Which argument it is, for the error.

    Returns
    -------
    Figure
        "-23%" stands for -23.5 to -22.5: half a unit of the last digit written either side; "about" for a
        whole unit; a fraction in words for five per cent either side (`rules/claims.toml`).

    Raises
    ------
    ArgumentError
        If it is not understood.

    Examples
    --------
    >>> figure("-23%").low, figure("下降23%").high, figure("约23%").low, figure("two thirds").unit
    (-23.5, -22.5, 22.0, '%')
    >>> figure("−0.4 mg/L").value, figure("halved").value, figure("11.3万人").value
    (-0.4, -50.0, 113000.0)
    """
    rest = given = _plainly(text)
    words: dict[str, bool] = {}
    for kind in ("least", "nearly", "about", "fall", "rise", "filler"):
        rest, words[kind] = _without(rest, kind)
    worded = rules.load("claims")["worded"].get(given) or rules.load("claims")["worded"].get(rest)
    margin = rules.load("claims")["rounding"]
    if worded is not None:
        sign, value, step, unit = worded[0] if worded[0] in "+-" else "", abs(float(worded)), 1.0, "%"
        half = margin["worded"]
    else:
        sign, value, step, unit = _numeral(rest, text, argument)
        half = margin["about" if words["about"] else "plain"] * step
    # A direction may be said twice, as in 下降-23%, and not in two ways.
    down, up = words["fall"] or sign == "-", words["rise"] or sign == "+"
    if down and up:
        raise _unread(text, argument)
    low, high = max(value - half, 0.0), value + half
    if words["least"]:
        low, high = value, math.inf
    elif words["nearly"]:
        low, high = max(value - max(half, margin["about"] * step), 0.0), value
    if down and unit == "%" and value <= 100:
        high = min(high, 100.0)
    held = Figure(str(text), value, round(low, 10), round(high, 10), unit, signed=down or up)
    return held.as_fall() if down else held


def pair(text: str, argument: str = "announced") -> tuple[Figure, Figure] | None:
    """Two figures joined by an arrow, or None where there is no arrow.

    Examples
    --------
    >>> [one.value for one in pair("37.66 % → 99.97 %")]
    [37.66, 99.97]
    """
    parts = _ARROW.split(str(text))
    if len(parts) != 2:
        return None
    try:
        first, second = (figure(part, argument) for part in parts)
    except ArgumentError:
        raise _unread(text, argument) from None
    if not first.unit and second.unit:  # 1.8→1.2 mg/L
        first = Figure(first.text, first.value, first.low, first.high, second.unit)
    return first, second


def remaining(text: str | float, argument: str = "announced") -> Figure | None:
    """The change that leaves so much of the former level, or None where the words do not say that.

    Examples
    --------
    >>> left = remaining("降到原来的三分之一")
    >>> round(left.low, 1), round(left.value, 1), round(left.high, 1)
    (-71.7, -66.7, -61.7)
    """
    rest, found = _without(_plainly(text), "former")
    if not found:
        return None
    parts = _ARROW.split(rest)
    left = figure(parts[1], argument) if len(parts) == 2 and not parts[0] else None
    if left is None or left.unit != "%" or left.signed:
        raise _unread(text, argument)
    return Figure(str(text), left.value - 100, left.low - 100, left.high - 100, "%", signed=True)


def percent_change(before: Figure, after: Figure) -> Figure:
    """The change from one level to another in per cent, the rounding of both carried along.

    Raises
    ------
    ArgumentError
        If the units differ, or the level before may be zero.

    Examples
    --------
    >>> change = percent_change(figure("1.8 mg/L"), figure("1.2 mg/L"))
    >>> round(change.low, 1), round(change.value, 1), round(change.high, 1)
    (-37.8, -33.3, -28.6)
    """
    if before.unit != after.unit:
        raise Refused("units", argument="announced", valid="one unit", before=before.text, after=after.text)
    if before.low <= 0:
        raise Refused("zero", argument="announced", text=before.text)
    ends = (after.low / before.high, after.value / before.value, after.high / before.low)
    low, value, high = (100 * (ratio - 1) for ratio in ends)
    return Figure(f"{before.text} → {after.text}", value, low, high, "%", signed=True)


def _numeral(rest: str, text: str | float, argument: str) -> tuple[str, float, float, str]:
    """Sign, size, one unit of the last digit, and unit of a figure in digits."""
    if rest.startswith("百分之"):
        rest = rest.removeprefix("百分之") + "%"
    found = _NUMBER.fullmatch(rest)
    if found is None:
        raise _unread(text, argument)
    sign, whole, decimals, tail = found.groups()
    factor = 1.0
    for word, times in rules.load("claims")["factors"].items():
        if tail.startswith(word):
            factor, tail = times, tail.removeprefix(word)
    value = float(whole.replace(",", "") + (decimals or ""))
    step = 10.0 ** -(len(decimals) - 1 if decimals else 0)
    unit = _units().get(_plain(tail))
    if unit is None:
        raise _unread(text, argument)
    if unit == "times":
        unit, factor = "%", 100.0
    return sign, value * factor, step * factor, unit


@cache
def _units() -> dict[str, str]:
    held = rules.load("claims")["units"]
    return {_plain(spelling): unit for unit, spellings in held.items() for spelling in spellings}


def _plainly(text: str | float) -> str:
    return unicodedata.normalize("NFKC", str(text)).translate(_MINUS).casefold().strip()


def _plain(tail: str) -> str:
    return "".join(unicodedata.normalize("NFKC", tail).casefold().split())


def _without(rest: str, kind: str) -> tuple[str, bool]:
    """The text without the words of a kind, and whether there were any."""
    found = False
    for word in sorted(rules.load("claims")["words"][kind], key=len, reverse=True):
        # Latin words stand alone: "up" is no part of "cup".
        edge = r"\b" if word[0].isascii() and word[0].isalpha() else ""
        end = r"\b" if edge and word[-1].isalpha() else ""
        rest, number = re.subn(f"{edge}{re.escape(word)}{end}", " ", rest)
        found |= number > 0
    return " ".join(rest.split()), found


def _unread(text: str | float, argument: str) -> ArgumentError:
    return Refused(
        "figure",
        text=text,
        argument=argument,
        valid=_VALID,
        mend="write the number with its sign and unit, as it was published",
    )
