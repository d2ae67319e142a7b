"""What titles and names tell of a table that its columns do not: the parameter, the station."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pandas as pd

from wqstudy import rules
from wqstudy.parameters import catalogue, find, fold, unit_name
from wqstudy.readers.aside import is_summary
from wqstudy.readers.headings import fitting_columns, names_parameter, role_columns
from wqstudy.readers.month_headings import month_columns, month_heading
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.times import month_in, year_in


def parameters_in(text: str) -> list[str]:
    """Codes of the parameters that a title names, by their names in Chinese or English or their codes.

    Examples
    --------
    >>> parameters_in("2021年各断面氨氮浓度"), parameters_in("总氮总磷比"), parameters_in("水质监测结果")
    (['NH3N'], ['TP', 'TN'], [])
    """
    words = {
        name: p.code
        for p in catalogue().values()
        for name in (p.zh, p.en, p.code, *p.aliases)
        if len(fold(name)) > 1
    }
    left, found = f" {unicodedata.normalize('NFKC', text)} ".casefold(), []
    for name in sorted(words, key=lambda word: -len(word)):
        bounds = r"(?<![a-z0-9])", r"(?![a-z0-9])"
        pattern = bounds[0] + re.escape(unicodedata.normalize("NFKC", name).casefold()) + bounds[1]
        if re.search(pattern, left):
            found.append(words[name])
            left = re.sub(pattern, " ", left)
    return [code for code in catalogue() if code in found]


def unit_in(text: str) -> str | None:
    """The unit that stands in brackets in a title.

    Examples
    --------
    >>> unit_in("2021年氨氮（μg/L）"), unit_in("氨氮(手工)")
    ('ug/L', None)
    """
    found = [unit_name(inner) for inner in re.findall(r"[(（\[【]([^()（）]*)[)）\]】]", text)]
    return next((unit for unit in found if unit), None)


def station_columns(headings: Sequence[str]) -> list[int]:
    """Columns that can only be stations: of a table of times in which nothing else is known.

    Examples
    --------
    >>> station_columns(["月份", "北桥", "南桥", "平均"]), station_columns(["日期", "北桥", "氨氮"])
    ([1, 2], [])
    """
    roles = role_columns(headings)
    if not {"time", "month", "year"} & roles.keys() or {"station", "parameter", "value"} & roles.keys():
        return []
    others = [c for c, text in enumerate(headings) if text and c not in roles.values()]
    if any(names_parameter(headings[c]) or month_heading(headings[c]) for c in others):
        return []
    return [c for c in others if not is_summary(headings[c])]


def placed_by_name(sheet: Sheet) -> Sheet:
    """A sheet without a column of stations, with one of the station that the sheet is named after."""
    roles = role_columns(sheet.headings)
    name = (sheet.name or "").strip()
    timed = bool({"time", "month", "year"} & roles.keys())
    across = "parameter" in roles and bool(month_columns(sheet.headings))
    tidy = {"parameter", "value"} <= roles.keys()
    table = across or (timed and (tidy or any(map(names_parameter, sheet.headings))))
    if "station" in roles or not table or not _may_be_station(name):
        return sheet
    cells = sheet.cells.copy()
    cells.columns = pd.RangeIndex(cells.shape[1])
    cells[cells.shape[1]] = pd.array([name] * len(cells), dtype="str")
    told = (sheet.heading_row, name, "station: there is no column of stations, the sheet's name put in")
    return replace(sheet, headings=(*sheet.headings, "station"), cells=cells, notes=(*sheet.notes, told))


def _may_be_station(name: str) -> bool:
    """Whether the name of a sheet can be a station's: not that of any sheet, a time or a parameter."""
    bare = re.sub(r"[\d\s()（）_-]+", "", fold(name))
    of_any = any(word in bare for word in _of_any_sheet()) or fitting_columns([bare], "station")
    if len(bare) < 2 or of_any:
        return False
    return find(name) is None and not parameters_in(name) and month_in(name) is None and year_in(name) is None


@cache
def _of_any_sheet() -> tuple[str, ...]:
    return tuple(fold(word) for word in rules.load("readers")["names"]["sheets"])
