"""Which rows of a grid of cells are a heading, and what it says when its rows are put together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.parameters import find, fold, unit_name
from wqstudy.readers.aside import is_remark
from wqstudy.readers.headings import fitting_columns, names_parameter, parameter_and_unit, role_columns
from wqstudy.readers.month_headings import LEAST, month_columns, month_heading
from wqstudy.readers.titles import station_columns

Row = Sequence[Any]

_LOOKED_AT = 200  # rows among which the first heading row is looked for
_MORE_ROWS = 3  # a heading may have so many rows under its first
_NAME = 30  # a station's name is shorter
_LINES = 5  # a heading may have so many lines of text above it, blank ones among them
_NUMBER_OR_DATE = re.compile(r"[<>≤≥＜＞-]?\s*\d[\d.,:/\-年月日\s]*[L<]?")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a table in a grid.

    Parameters
    ----------
    first, last
        Rows of the grid, counted from 0, that it begins and ends in.
    texts
        One text a column, put together from its rows.
    """

    first: int
    last: int
    texts: tuple[str, ...]


def text_of(cell: Any) -> str:
    """The text of a cell without outer blanks; of an empty one, the empty text.

    Examples
    --------
    >>> text_of(None), text_of(" a "), text_of(3.0), text_of(0.1)
    ('', 'a', '3', '0.1')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def find_heading(rows: Sequence[Row], start: int = 0, stop: int | None = None) -> Heading | None:
    """The first heading from a row on: the row with the most known headings among its neighbours.

    A row is a heading if it names a station or a time, and two known things in all; what names units or
    parameters beneath it belongs to it.

    Examples
    --------
    >>> title, first = ["2021年"], ["断面", "日期", "监测项目", ""]
    >>> rows = [title, first, ["", "", "氨氮", "TP"], ["", "", "mg/L", "ug/L"], ["a", "2021-01-02", 1, 2]]
    >>> find_heading(rows)
    Heading(first=1, last=3, texts=('断面', '日期', '氨氮(mg/L)', 'TP(ug/L)'))
    """
    stop = min(len(rows), start + _LOOKED_AT) if stop is None else stop
    for first in range(start, stop):
        if not _begins(rows, first):
            continue
        texts = [text_of(cell) for cell in rows[first]]
        last = first
        above = _filled(texts)
        held = [[text] if text else [] for text in texts]
        while last + 1 < len(rows) and last - first < _MORE_ROWS:
            below = [text_of(cell) for cell in rows[last + 1]]
            if not _continues(above, below, texts):
                break
            last += 1
            held += [[] for _ in range(len(below) - len(held))]
            for column, text in enumerate(below):
                if text and not held[column] and column < len(above) and above[column]:
                    held[column].append(above[column])
                if text and text not in held[column]:
                    held[column].append(text)
        if last == first:
            return Heading(first, last, tuple(texts))
        return Heading(first, last, tuple(_composed(parts) for parts in held))
    return None


def is_heading(texts: Sequence[str]) -> bool:
    """Whether a row of texts is a heading.

    Examples
    --------
    >>> is_heading(["断面", "日期", "氨氮"]), is_heading(["北桥", "2021-01-02", "0.3"])
    (True, False)
    """
    known = [text for text in dict.fromkeys(texts) if text and len(text) < 60]
    if month_columns(known):
        return True
    roles = role_columns(known)
    if not {"station", "time", "month"} & roles.keys():
        return False
    places = {column for role in roles for column in fitting_columns(known, role)}
    named = sum(place not in places and names_parameter(text) for place, text in enumerate(known))
    clear = {roles.get("station"), roles.get("time")} - {None}
    return len(places) + named >= 2 and (named > 0 or len(clear) == 2 or "value" in roles)


def _begins(rows: Sequence[Row], place: int) -> bool:
    """Whether a row is the first of a heading."""
    texts = [text_of(cell) for cell in rows[place]]
    below = [text_of(cell) for cell in rows[place + 1]] if place + 1 < len(rows) else []
    return is_heading(texts) or _stands_over_months(texts, below) or _heads_stations(texts, below)


def _is_value(text: str) -> bool:
    """Whether a cell is a number or a date, and not the year or month that a title names."""
    return "年" not in text and _is_number_or_date(text)


def _is_number_or_date(text: str) -> bool:
    return bool(_NUMBER_OR_DATE.fullmatch(unicodedata.normalize("NFKC", text)))


def _stands_over_months(texts: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row that names stations stands over a row of months, as 断面, 2021年 over 1月, 2月."""
    if "station" not in role_columns(texts):
        return False
    return _are_months([(c, text) for c, text in enumerate(below) if text], texts)


def _heads_stations(texts: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row names a time and stations, with a time and a value in the row beneath."""
    stations = station_columns(texts)
    if not stations or any(_is_number_or_date(texts[c]) or len(texts[c]) >= _NAME for c in stations):
        return False
    held = [below[c] if c < len(below) else "" for c in range(len(texts))]
    numbers = [bool(text) and _is_number_or_date(text) for text in held]
    times = [c for role in ("time", "month", "year") for c in fitting_columns(texts, role)]
    return any(numbers[c] for c in times) and any(numbers[c] for c in stations)


def _are_months(new: Sequence[tuple[int, str]], above: Sequence[str]) -> bool:
    """Whether cells of a row, with their columns, are months; a heading of stations may be repeated."""
    told = [(c, text) for c, text in new if not (c < len(above) and text == above[c])]  # merged downwards
    return len(told) >= LEAST and all(
        month_heading(text) is not None and not (c < len(above) and is_station_word(above[c]))
        for c, text in told
    )


def next_heading(rows: Sequence[Row], start: int) -> int:
    """The next row from `start` on that is a heading again; the number of rows if there is none."""
    words = _station_words()
    for place in range(start, len(rows)):
        texts = [text_of(cell) for cell in rows[place]]
        if any(fold(text) in words for text in texts if 0 < len(text) < 20) and _begins(rows, place):
            return place
    return len(rows)


def titles_before(rows: Sequence[Row], start: int, heading: int) -> int:
    """The first of the lines of text, from `start` on, that stand right above a heading and belong to it.

    Examples
    --------
    >>> titles_before([["a", 1], ["注：无"], ["2020年", None], [], ["断面", "氨氮"]], 0, 4)
    2
    """
    place = heading
    for row in range(heading - 1, max(start, heading - _LINES) - 1, -1):
        texts = [text for cell in rows[row] if (text := text_of(cell))]
        if len(texts) > 2 or any(is_remark(text) or _is_value(text) for text in texts):
            break
        place = row if texts else place
    return place


def is_station_word(text: str) -> bool:
    """Whether a cell holds what could head a column of stations or times.

    Examples
    --------
    >>> is_station_word("断面名称"), is_station_word("北桥")
    (True, False)
    """
    return fold(text) in _station_words()


@cache
def station_headings() -> pa.Array:
    """Headings of stations as tables write them."""
    roles = rules.load("readers")["roles"]
    return pa.array([word for word in roles["station"] if len(word) > 1], pa.large_string())


@cache
def _station_words() -> frozenset[str]:
    roles = rules.load("readers")["roles"]
    return frozenset(fold(word) for role in ("station", "time") for word in roles[role])


def _filled(texts: Sequence[str]) -> list[str]:
    """A heading's first row as it stands over the next: what has nothing to its right reaches on."""
    filled = list[str]()
    for text in texts:
        filled.append(text or (filled[-1] if filled and _may_reach(filled[-1]) else ""))
    return filled


def _may_reach(text: str) -> bool:
    return bool(text) and not is_station_word(text)


def _continues(above: Sequence[str], below: Sequence[str], first: Sequence[str]) -> bool:
    """Whether a row belongs to the heading above it."""
    new = [
        (column, text)
        for column, text in enumerate(below)
        if text
        and not (column < len(first) and text == first[column])
        and not fitting_columns([text], "unit")
    ]
    if _are_months(new, first):
        return True
    if not new or any(_is_number_or_date(text) for _, text in new):
        return False
    # Under the heading of stations stands the first station, unless this row is a heading too.
    if any(column < len(first) and is_station_word(first[column]) for column, _ in new):
        return False
    told = [names_parameter(text) or _bare_unit(text) is not None or _says_value(text) for _, text in new]
    return any(told) and all(
        said or column >= len(above) or above[column] != ""
        for (column, _), said in zip(new, told, strict=True)
    )


def _bare_unit(text: str) -> str | None:
    """The unit that a cell of a row of units names."""
    inner = re.sub(r"^[(（\[【]\s*|\s*[)）\]】]$", "", text.removeprefix("单位").lstrip(":："))
    return None if find(inner) else unit_name(inner)


def _says_value(text: str) -> bool:
    """Whether a sub-heading says that values stand beneath it: 浓度(mg/L), 监测值."""
    bare = re.sub(r"[(（\[【].*", "", text)
    return bool(fitting_columns([bare], "value"))


def _composed(parts: Sequence[str]) -> str:
    """One heading from the texts over one another."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    for place in reversed(range(len(parts))):
        name, below = parts[place], parts[place + 1 :]
        if any(fitting_columns([name], role) for role in ("parameter", "unit")):
            continue
        if place and _says_value(name):
            continue
        if not (names_parameter(name) or role_columns([name])):
            continue
        units = [unit for text in below if (unit := _unit_beneath(text)) is not None]
        if all(_bare_unit(text) is not None or _says_value(text) for text in below):
            return f"{name}({units[-1]})" if units and units[-1] and parameter_unit(name) is None else name
        break
    return " ".join(parts)


def parameter_unit(name: str) -> str | None:
    """The unit that a heading names by itself."""
    try:
        found = parameter_and_unit(name)
    except ArgumentError:
        return None
    return None if found is None else found[1]


def _unit_beneath(text: str) -> str | None:
    bracketed = re.search(r"[(（\[【]([^()（）]+)[)）\]】]\s*$", text)
    return _bare_unit(text) or (unit_name(bracketed[1]) if bracketed else None)
