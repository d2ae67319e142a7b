"""Headings that are months, as tables have them that write a year from left to right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.readers.headings import parameter_and_unit, role_columns

LEAST = 2
"""So many headings that are months make a table of months."""

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = (
    re.compile(
        rf"(?P<rest>.*?)\s*(?:{_YEAR}\s*[年/-]?)?\s*(?<!\d)(?<![-~至])(?P<month>0?[1-9]|1[0-2])\s*月份?"
    ),
    # A point does not part year and month: 2021.1 may be October that lost its nought.
    re.compile(
        rf"(?P<rest>.*?)\s*(?<!\d){_YEAR}\s*[年/-](?P<month>0?[1-9]|1[0-2])(?:[/-]0?1(?: 00:00:00)?)?"
    ),
    re.compile(rf"(?P<rest>.*?)\s*(?<!\d){_YEAR}(?P<month>0[1-9]|1[0-2])"),
)
_ENGLISH = re.compile(rf"(?P<rest>.*?)\s*\b(?P<month>[A-Za-z]+)\.?(?:[\s-]+{_YEAR})?")
_YEAR_ALONE = re.compile(rf"{_YEAR}\s*年?度?")


@dataclass(frozen=True, slots=True)
class Month:
    """A month that a heading names, and the parameter before it.

    Parameters
    ----------
    year
        None where the heading names none.
    month
        1 to 12.
    of
        What stands before it: a parameter, with its unit; or nothing.
    """

    year: int | None
    month: int
    of: str = ""

    def __str__(self) -> str:
        return f"{self.month}月" if self.year is None else f"{self.year}-{self.month:02d}"


@lru_cache(maxsize=10_000)
def month_heading(heading: str) -> Month | None:
    """The month that a heading names; None if it names none, or says more than a parameter besides.

    Examples
    --------
    >>> month_heading("3月"), month_heading("2021年 10月"), month_heading("1-3月")
    (Month(year=None, month=3, of=''), Month(year=2021, month=10, of=''), None)
    >>> month_heading("氨氮(mg/L) 3月"), month_heading("Mar 2021")
    (Month(year=None, month=3, of='氨氮(mg/L)'), Month(year=2021, month=3, of=''))
    """
    text = " ".join(unicodedata.normalize("NFKC", heading).split())
    for pattern in (*_MONTH, _ENGLISH):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        month = match["month"]
        number = int(month) if month.isdigit() else _english().get(month.casefold())
        year, of = match["year"], match["rest"]
        if (alone := _YEAR_ALONE.search(of)) and year is None:
            year, of = alone["year"], (of[: alone.start()] + of[alone.end() :]).strip()
        if number is not None and (not of or _names_parameter(of)):
            return Month(None if year is None else int(year), number, of)
    return None


def month_columns(headings: Sequence[str]) -> dict[int, Month]:
    """The columns that are months of a table whose columns are months; of other tables none.

    Examples
    --------
    >>> list(month_columns(["断面", "指标", "1月", "2月", "年均值"]))
    [2, 3]
    >>> month_columns(["断面", "日期", "1月", "2月"])
    {}
    """
    roles = role_columns(headings)
    if not {"station", "parameter"} & roles.keys() or {"time", "month", "day", "value"} & roles.keys():
        return {}
    found = {column: month for column, text in enumerate(headings) if (month := month_heading(text))}
    return found if len(found) >= LEAST else {}


def _names_parameter(text: str) -> bool:
    try:
        return parameter_and_unit(text) is not None
    except ArgumentError:
        return False


def _english() -> dict[str, int]:
    names = rules.load("readers")["months"]["english"]
    return {word: number for number, words in enumerate(names, 1) for word in words}
