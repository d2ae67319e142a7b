"""Tables whose columns are months: turned to one row a value, each with its own place in the file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from wqstudy.readers import tables
from wqstudy.readers.aside import is_summary, set_aside
from wqstudy.readers.headings import role_columns
from wqstudy.readers.layout import Layout
from wqstudy.readers.month_headings import Month, month_columns, parameters_in
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet

_PARAMETER, _TIME, _MONTH, _VALUE = "parameter", "time", "month", "value"
"""Headings of the columns that the turned table has besides those of the file."""


def recognises(sheet: Sheet) -> bool:
    """Whether the columns of a sheet are months."""
    return bool(month_columns(sheet.headings))


def read(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
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
    months = month_columns(sheet.headings)
    roles = role_columns(sheet.headings)
    # What a note or a blank row has nothing in, as other tables have it in their column of times.
    beside = {"station": roles["station"], "time": next(iter(months))}
    sheet = set_aside(sheet, Layout(beside, (), {}), list(months))
    return tables.read_tidy(_turned(sheet, months, roles), wanted)


def _turned(sheet: Sheet, months: dict[int, Month], roles: dict[str, int]) -> Sheet:
    """The sheet with its months under one another, row after row."""
    n, across = len(sheet.cells), len(months)
    means = [c for c, text in enumerate(sheet.headings) if c not in months and is_summary(text)]
    kept = [c for c in range(len(sheet.headings)) if c not in months and c not in means]
    row = np.repeat(np.arange(n), across)
    columns = [sheet.cells.iloc[:, c].take(row).reset_index(drop=True) for c in kept]
    headings = [sheet.headings[c] for c in kept]
    if "parameter" not in roles:
        headings.append(_PARAMETER)
        columns.append(pd.Series(pd.array(_parameters(sheet, months) * n, dtype="str")))
    written = [sheet.raw([(c, np.arange(n))]).fill_null("").to_pylist() for c in months]
    headings += [_MONTH if "year" in roles else _TIME, _VALUE]
    columns += [
        pd.Series(pd.array([str(month) for month in months.values()] * n, dtype="str")),
        pd.Series(pd.array(np.array(written, dtype=object).T.ravel(), dtype="str")),
    ]
    names = [sheet.headings[c] for c in months]
    told = [
        (sheet.heading_row, " … ".join([names[0], names[-1]]), f"heading: {across} months, one value in each")
    ]
    told += [(sheet.heading_row, sheet.headings[c], "a column of summaries, not read") for c in means]
    return replace(
        sheet,
        headings=tuple(headings),
        cells=pd.DataFrame(dict(enumerate(columns))),
        notes=(*sheet.notes, *told),
        left=row if sheet.left is None else sheet.left[row],
        written_under=np.tile(np.array(names, dtype=object), n),
        as_written=None,
    )


def _parameters(sheet: Sheet, months: dict[int, Month]) -> list[str]:
    """The parameter of each month's column, of its heading or of what stands about the table."""
    if all(month.of for month in months.values()):
        return [month.of for month in months.values()]
    above = " ".join(text for row, text, _ in sheet.notes if row < sheet.heading_row)
    for text in (above, sheet.name or "", Path(sheet.path.name.removesuffix(".gz")).stem):
        found = parameters_in(text)
        if len(found) == 1:
            return [month.of or found[0] for month in months.values()]
        if found:
            break
    which = f"its title names {' and '.join(found)}" if found else "nothing says which parameter they hold"
    raise sheet.error(
        f"the columns are months, and {which}",
        column=next(iter(months)),
        valid="a column 指标 or parameter, a parameter over the months, or one in the title or a name",
        mend="name the sheet after the parameter, such as 氨氮",
    )
