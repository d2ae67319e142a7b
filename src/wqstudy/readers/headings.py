"""What a heading says: the role of its column, or a parameter and its unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.parameters import factor, find, fold, unit_name

_BRACKETED = re.compile(r"(.+?)[\s/,_]*[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_BASIS = re.compile(r"(?:as|以)\s*(\w+?)\s*计?", re.IGNORECASE)


@cache
def _roles() -> dict[str, dict[str, int]]:
    """Rank of every folded spelling, by role."""
    return {
        role: {fold(spelling): rank for rank, spelling in reversed(list(enumerate(spellings)))}
        for role, spellings in rules.load("readers")["roles"].items()
    }


def role_columns(headings: Collection[str]) -> dict[str, int]:
    """Column of each role that some heading has.

    Examples
    --------
    >>> role_columns(["区县", "断面编号", "断面名称", "采样时间", "氨氮(mg/L)"])
    {'station': 2, 'time': 3, 'district': 0}
    """
    return {role: fitting[0] for role in _roles() if (fitting := fitting_columns(headings, role))}


def fitting_columns(headings: Collection[str], role: str) -> list[int]:
    """Columns whose headings fit a role, the best first.

    Examples
    --------
    >>> fitting_columns(["日期", "监测时间", "TP"], "time")
    [1, 0]
    """
    ranks = _roles()[role]
    folded = [fold(heading) for heading in headings]
    return [
        column
        for _, column in sorted((ranks[text], place) for place, text in enumerate(folded) if text in ranks)
    ]


def parameter_and_unit(heading: str) -> tuple[str, str | None] | None:
    """Code and unit that a heading names, or None if it names no parameter.

    The unit is as written where it is not known: `factor` then says so.

    Raises
    ------
    ArgumentError
        If the heading names two different parameters.

    Examples
    --------
    >>> parameter_and_unit("氨氮（mg/L）"), parameter_and_unit("NH3-N_mg/L"), parameter_and_unit("CODMn")
    (('NH3N', 'mg/L'), ('NH3N', 'mg/L'), ('CODMn', None))
    >>> parameter_and_unit("总磷(以P计) [μg/L]"), parameter_and_unit("TN/TP")
    (('TP', 'ug/L'), None)
    >>> parameter_and_unit("总磷mg/L"), parameter_and_unit("水温℃")
    (('TP', 'mg/L'), ('WT', 'degC'))
    """
    text = " ".join(unicodedata.normalize("NFKC", heading).split())
    name, brackets = text, list[str]()
    while (code := find(name)) is None and (match := _BRACKETED.fullmatch(name)):
        name = match[1]
        brackets.insert(0, match[2].strip())
    if code is None:
        return next(_after_a_separator(text), None) or _run_together(text)
    if not brackets and (match := _BRACKETED.fullmatch(text)) and unit_name(match[2]):
        brackets = [match[2]]  # "Dissolved Oxygen (%)" is a name as a whole and tells its unit besides
    unit = None
    for inner in filter(None, brackets):
        other = find(inner)
        if unit_name(inner) is not None:
            unit = unit_name(inner)
        elif other is not None and other != code:
            raise ArgumentError(
                f"heading {heading!r} names two parameters, {code} and {other}",
                mend="write the one that was measured",
            )
        elif other is None and not _says_basis(inner, code):
            unit = inner
    return code, unit


def names_parameter(text: str) -> bool:
    """Whether a heading names a parameter, or two of them."""
    try:
        return parameter_and_unit(text) is not None
    except ArgumentError:
        return True


def _after_a_separator(text: str) -> Iterator[tuple[str, str]]:
    """Readings of a heading whose unit follows a blank, slash, comma, colon or underscore."""
    for separator in re.finditer(r"[\s/,:_]+", text):
        code, unit = find(text[: separator.start()]), unit_name(text[separator.end() :])
        if code is not None and unit:
            yield code, unit


def _run_together(text: str) -> tuple[str, str] | None:
    """Reading of a heading that a unit of its parameter ends: 总磷mg/L, 水温℃."""
    for place in range(len(text) - 1, 0, -1):
        code, unit = find(text[:place]), unit_name(text[place:])
        if code is not None and unit:
            try:
                factor(unit, code)
            except ArgumentError:
                continue
            return code, unit
    return None


def _says_basis(text: str, code: str) -> bool:
    match = _BASIS.fullmatch(text)
    return match is not None and code in rules.load("readers")["basis"].get(match[1].casefold(), ())
