"""Tables whose columns are months or stations: turned to one row a value, each still at its cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from wqstudy.readers import tables
from wqstudy.readers.aside import is_summary, set_aside
from wqstudy.readers.headings import role_columns
from wqstudy.readers.layout import Layout
from wqstudy.readers.month_headings import month_columns
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.titles import parameters_in, station_columns, unit_in

_STATION, _PARAMETER, _TIME, _MONTH, _VALUE = "station", "parameter", "time", "month", "value"
"""Headings of the columns that the turned table has besides those of the file."""

Added = Mapping[int, Sequence[str]]
"""What each column that is turned says of its values, by its place."""


def months_across(sheet: Sheet) -> bool:
    """Whether the columns of a sheet are months."""
    return "station" in role_columns(sheet.headings) and bool(month_columns(sheet.headings))


def stations_across(sheet: Sheet) -> bool:
    """Whether the columns of a sheet are stations, of a parameter that its title or its name tells."""
    return bool(station_columns(sheet.headings)) and len(_of_all(sheet)) == 1


def read_months(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of a table with one row a station, and parameter if it has several, and one column a month.

    The parameter is that of its column, of the heading over the months (氨氮 over 1月, 2月 …), or else the
    one that the table's title, the sheet or the file is named after.

    Parameters
    ----------
    wanted
        Codes of the parameters to read; None means all.

    Raises
    ------
    ReadError
        If no parameter is named, or two are; and as `wqstudy.readers.tables.read_tidy`.
    """
    roles, months = role_columns(sheet.headings), month_columns(sheet.headings)
    added = {column: [str(month)] for column, month in months.items()}
    headings = [_MONTH if "year" in roles else _TIME]
    if "parameter" not in roles:
        headings.append(_PARAMETER)
        of_all = "" if all(month.of for month in months.values()) else _one(sheet, next(iter(months)))
        for column, month in months.items():
            added[column].append(month.of or of_all)
    said = [tuple(one) for one in added.values()]
    if len(set(said)) < len(said):
        second = next(c for c, one in added.items() if tuple(one) in said[: list(added).index(c)])
        raise sheet.error(
            f"two columns for {' '.join(added[second])}",
            column=second,
            mend="keep one of them, or write the year or the parameter over each",
        )
    # What a note or a blank row has nothing in, as other tables have it in their column of times.
    beside = {"station": roles["station"], "time": next(iter(months))}
    return tables.read_tidy(_turned(sheet, beside, headings, added, "months"), wanted)


def read_stations(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of a table with one row a time and one column a station.

    The parameter is the one that the table's title, the sheet or the file is named after.

    Parameters
    ----------
    wanted
        Codes of the parameters to read; None means all.
    """
    columns = station_columns(sheet.headings)
    parameter = _one(sheet, columns[0])
    added = {column: [sheet.headings[column], parameter] for column in columns}
    roles = role_columns(sheet.headings)
    time = next(roles[role] for role in (_TIME, _MONTH, "year") if role in roles)
    beside = {"station": time, "time": columns[0]}
    return tables.read_tidy(_turned(sheet, beside, [_STATION, _PARAMETER], added, "stations"), wanted)


def _turned(sheet: Sheet, beside: dict[str, int], headings: list[str], added: Added, what: str) -> Sheet:
    """The sheet with the columns of `added` under one another, row after row.

    Parameters
    ----------
    beside
        Columns by which rows that are no samples are told.
    headings, added
        Of the columns that say what the turned ones were.
    """
    sheet = set_aside(sheet, Layout(beside, (), {}), list(added))
    n, across = len(sheet.cells), len(added)
    means = [c for c, text in enumerate(sheet.headings) if c not in added and is_summary(text)]
    kept = [c for c in range(len(sheet.headings)) if c not in added and c not in means]
    row = np.repeat(np.arange(n), across)
    columns = [sheet.cells.iloc[:, c].take(row).reset_index(drop=True) for c in kept]
    columns += [
        pd.Series(pd.array(list(said) * n, dtype="str")) for said in zip(*added.values(), strict=True)
    ]
    written = [sheet.raw([(c, np.arange(n))]).fill_null("").to_pylist() for c in added]
    columns.append(pd.Series(pd.array(np.array(written, dtype=object).T.ravel(), dtype="str")))
    names = [sheet.headings[c] for c in added]
    first_and_last = " … ".join(dict.fromkeys([names[0], names[-1]]))
    told = [(sheet.heading_row, first_and_last, f"heading: {across} {what}, one value in each")]
    told += [(sheet.heading_row, sheet.headings[c], "a column of summaries, not read") for c in means]
    return replace(
        sheet,
        headings=(*(sheet.headings[c] for c in kept), *headings, _VALUE),
        cells=pd.DataFrame(dict(enumerate(columns))),
        notes=(*sheet.notes, *told),
        left=row if sheet.left is None else sheet.left[row],
        written_under=np.tile(np.array(names, dtype=object), n),
        as_written=None,
    )


def _of_all(sheet: Sheet) -> list[str]:
    """Parameters that the table's title names, or else the sheet or the file, with the unit beside them."""
    for text in (*sheet.titles, sheet.name or "", Path(sheet.path.name.removesuffix(".gz")).stem):
        if found := parameters_in(text):
            unit = unit_in(text)
            return [f"{code}({unit})" if unit else code for code in found]
    return []


def _one(sheet: Sheet, column: int) -> str:
    """The one parameter of a whole table, with its unit where that is said."""
    found = _of_all(sheet)
    if len(found) == 1:
        return found[0]
    which = f"its title names {' and '.join(found)}" if found else "nothing says which parameter they hold"
    raise sheet.error(
        f"the columns are months, and {which}",
        column=column,
        valid="a column 指标 or parameter, a parameter over the months, or one in the title or a name",
        mend="name the sheet after the parameter, such as 氨氮",
    )
