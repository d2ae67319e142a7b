"""From a grid of cells to the tables in it, under one another, and what stands about them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from wqstudy import rules
from wqstudy.parameters import unit_name
from wqstudy.readers.heading_rows import (
    Heading,
    Row,
    find_heading,
    next_heading,
    text_of,
    titles_before,
)
from wqstudy.readers.headings import fitting_columns, names_parameter
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.times import year_in

_UNIT = re.compile(
    r"单位\s*(?:均为|为)?\s*[:：]?\s*([^\s,，;；。、()（）]+)|\bunits?\s*:?\s*([^\s,;()]+)", re.IGNORECASE
)


def default_unit(texts: Sequence[str]) -> str | None:
    """The unit of concentration that a line about the table gives for all of it.

    Examples
    --------
    >>> default_unit(["填报单位：某监测站", "（单位：mg/L，pH无量纲）"]), default_unit(["单位：站"])
    ('mg/L', None)
    """
    found = [unit_name(match[1] or match[2]) for text in texts for match in _UNIT.finditer(text)]
    valid = set(rules.load("units")["concentration"])
    return next((unit for unit in found if unit in valid), None)


def title_year(texts: Sequence[str]) -> int | None:
    """The one year that lines about a table name."""
    return year_in(" ".join(texts))


def sheets_of(
    path: Path, name: str | None, rows: list[list[Any]], merged: Sequence[tuple[int, int, int]] = ()
) -> list[Sheet]:
    """The tables under one another in a grid, what stands about them as their notes.

    Parameters
    ----------
    rows
        The cells, row by row; the rows may be of unequal length.
    merged
        First row, last row and column (counted from 0) of cells that are merged downwards.

    Returns
    -------
    list of Sheet
        One a table; one with `nothing` said where there is none.
    """
    while rows and not any(text_of(cell) for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    rows = [[*row, *[None] * (width - len(row))] for row in rows]
    for first, last, column in merged:
        for row in rows[first + 1 : last + 1]:
            row[column] = rows[first][column]
    heading = find_heading(rows)
    if heading is None:
        return [_no_table(path, name, rows)]
    blocks = list[tuple[int, Heading, int]]()
    begin = 0
    while heading is not None:
        following = next_heading(rows, heading.last + 1)
        end = titles_before(rows, heading.last + 1, following)
        blocks.append((begin, heading, end))
        begin, heading = end, find_heading(rows, following, min(following + 1, len(rows)))
    # What stands above the first table, or at the end of the sheet, is said of all that say nothing else.
    titles = [text for row in rows[: blocks[0][1].first] for text in _texts(row)]
    last = blocks[-1][1].last + 1
    unit, year = default_unit([*titles, *_alone(rows[last:])]), title_year(titles)
    sheets = list[Sheet]()
    for begin, heading, end in blocks:
        cells = rows[heading.last + 1 : end]
        own = [text for row in rows[begin : heading.first] for text in _texts(row)]
        _unfill(cells, heading, merged)
        above = [
            (place + 1, " | ".join(texts))
            for place in range(begin, heading.first)
            if (texts := _texts(rows[place]))
        ]
        sheets.append(
            Sheet(
                path,
                name,
                heading.texts,
                pd.DataFrame({column: typed([row[column] for row in cells]) for column in range(width)}),
                heading.last + 1,
                unit=default_unit([*own, *_alone(cells)]) or unit,
                year=title_year(own) or year,
                titles=(" ".join(own), " ".join(titles)),
                notes=tuple((row, text, "stands above the table") for row, text in above),
            )
        )
    return sheets


def _no_table(path: Path, name: str | None, rows: list[list[Any]]) -> Sheet:
    """A sheet that holds no table: its first row that holds anything stands as headings."""
    first = next((place for place, row in enumerate(rows) if _texts(row)), None)
    headings = () if first is None else tuple(text_of(cell) for cell in rows[first])
    row = 1 if first is None else first + 1
    why = "the sheet is empty" if first is None else "no row of the sheet is a heading of a monitoring table"
    return Sheet(path, name, headings, pd.DataFrame(columns=range(len(headings))), row, nothing=why)


def _alone(rows: Sequence[Row]) -> list[str]:
    """Texts that have a row for themselves."""
    return [texts[0] for row in rows if len(texts := _texts(row)) == 1]


def _texts(row: Row) -> list[str]:
    return [text for cell in row if (text := text_of(cell))]


def _unfill(cells: list[list[Any]], heading: Heading, merged: Sequence[tuple[int, int, int]]) -> None:
    """Take merged values out again where they are measured: one value is one sample."""
    for first, last, column in merged:
        text = heading.texts[column]
        if first > heading.last and (names_parameter(text) or fitting_columns([text], "value")):
            for row in cells[first - heading.last : last - heading.last]:
                row[column] = None


def typed(cells: list[Any]) -> pd.Series:
    """Cells of a column: numbers or times if all are, else text.

    Examples
    --------
    >>> typed([1, None]).dtype, typed([1, 0.5]).dtype, typed([1, "<2"]).tolist()
    (Int64Dtype(), dtype('float64'), ['1', '<2'])
    """
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds and kinds <= {int, float}:
        return pd.Series(cells, dtype="Int64" if kinds == {int} else "float64")
    if kinds == {dt.datetime}:
        return pd.Series(pd.to_datetime(pd.Series(cells)), dtype="datetime64[us]")
    return pd.Series([text_of(cell) for cell in cells], dtype="str")
