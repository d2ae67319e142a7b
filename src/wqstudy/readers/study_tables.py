"""A study's other tables, as districts write them: stations, measures, flow, targets, aliases."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy import rules
from wqstudy.errors import ReadError
from wqstudy.outputs import unguarded
from wqstudy.parameters import fold, unit_name
from wqstudy.readers.dates import parse_iso, to_iso
from wqstudy.readers.heading_rows import Row, text_of
from wqstudy.readers.headings import fitting_columns
from wqstudy.readers.layout import PLACE_ROLES
from wqstudy.readers.names import plain_name
from wqstudy.readers.stations import understood
from wqstudy.readers.workbook import grids_of
from wqstudy.schemas import SCHEMAS

_LOOKED_AT = 50  # rows among which the heading is looked for
_UNIT = re.compile(r"(.+?)\s*[(（\[【](.+)[)）\]】]")


def read_study_table(path: Path, name: str) -> pd.DataFrame:
    """A table as it stands, every cell as text, under the names that its columns have in a Study.

    Types are given at the Study's door (`schemas.admit`). For its errors ``attrs`` has `file`, `sheet` and
    `headings` (those that were read as something else, by the name they got), and the index counts rows from
    the second row of the sheet.

    Parameters
    ----------
    path
        A `.csv`, `.csv.gz`, `.xlsx` or `.parquet` file.
    name
        Which table it is: a key of `SCHEMAS`. Its heading is the row that names most of its columns; a column
        under its own name goes before words for it.

    Raises
    ------
    ReadError
        If it cannot be read, if several sheets hold such a table, or if flow is not in m3/s.
    """
    sheet = None
    try:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
        elif path.suffix == ".xlsx":
            sheet, rows = _chosen(path, name)
            table = _rows(_as_csv(rows), name)
        else:
            table = unguarded(_rows(_decoded(path), name))
    except (ValueError, OSError, csv.Error) as problem:
        reason = " ".join(str(problem).split())
        raise ReadError(f"it cannot be read as a table ({reason})", file=path) from None
    columns = columns_of([str(heading) for heading in table], name)
    headings = {column: str(table.columns[place]) for column, place in columns.items()}
    _in_cubic_metres(path, sheet, headings.get("flow", ""))
    table = table.rename(columns={heading: column for column, heading in headings.items()})
    for column in columns:
        if pd.api.types.is_string_dtype(table[column].dtype):
            table[column] = _plain(table[column], name, column)
    table.attrs |= {"file": path.name, "sheet": sheet, "headings": headings}
    return table


def columns_of(headings: Sequence[str], name: str) -> dict[str, int]:
    """Which column of a table is which of the Study's.

    Examples
    --------
    >>> columns_of(["区县", "治理措施", "开工日期", "备注"], "measures")
    {'district': 0, 'measure': 1, 'start': 2}
    """
    wanted = list(dict.fromkeys([*SCHEMAS[name].columns, *(PLACE_ROLES if name == "stations" else ())]))
    found = {column: headings.index(column) for column in wanted if column in headings}
    for column in wanted:
        left = [place for place in _fitting(headings, column) if place not in found.values()]
        if column not in found and left:
            found[column] = left[0]
    return {column: found[column] for column in wanted if column in found}


def _fitting(headings: Sequence[str], column: str) -> list[int]:
    """Columns whose headings are words for a column, the best first."""
    words = _words().get(column)
    if words is None:
        return fitting_columns(headings, column) if column in rules.load("readers")["roles"] else []
    folded = [fold(_parted(heading)[0] if column == "flow" else heading) for heading in headings]
    return [place for _, place in sorted((words[t], place) for place, t in enumerate(folded) if t in words)]


@cache
def _words() -> dict[str, dict[str, int]]:
    """Rank of every folded word, by column: of those that no table of samples has."""
    return {
        column: {fold(word): rank for rank, word in enumerate(words)}
        for column, words in rules.load("readers")["tables"].items()
    }


def _parted(heading: str) -> tuple[str, str]:
    """A heading without the unit in brackets behind it, and that unit."""
    match = _UNIT.fullmatch(heading.strip())
    return (match[1], match[2]) if match else (heading, "")


def _in_cubic_metres(path: Path, sheet: str | None, heading: str) -> None:
    unit = _parted(heading)[1]
    if unit and unit_name(unit) != "m3/s":
        raise ReadError(
            f"flow is given in {unit!r}",
            file=path,
            sheet=sheet,
            column=heading,
            valid="m3/s",
            mend="turn it into m3/s, and write that into the heading",
        )


def _plain(texts: pd.Series, name: str, column: str) -> pd.Series:
    """Dates in ISO 8601, and words as the Study has them; what is not understood stays as it is."""
    if column in ("station", "alias"):  # as the samples have them
        return texts.map(plain_name, na_action="ignore")
    schema = SCHEMAS[name].columns.get(column)
    if schema is not None and "datetime" in str(schema.dtype):
        held = pa.chunked_array(pa.array(texts, pa.large_string(), from_pandas=True))
        if parse_iso(held) is None:
            held = pc.coalesce(to_iso(held), held)
        return pd.Series(pd.array(held, dtype="str"), index=texts.index)
    if column in rules.load("readers")["words"]:
        known = {text: understood(column, text) or text for text in texts.dropna().unique()}
        return texts.map(known)
    return texts


def _decoded(path: Path) -> str:
    held = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        return held.decode("gb18030")


def _rows(text: str, name: str) -> pd.DataFrame:
    """Rows under the heading that are not blank; the index keeps where they stand in the file."""
    head = list(islice(csv.reader(io.StringIO(text)), _LOOKED_AT))
    above = _heading_row(head, name)
    table = pd.read_csv(
        io.StringIO(text), dtype="str", skiprows=above, skip_blank_lines=False, index_col=False
    )
    table.index += above
    nameless = [heading for heading in table if str(heading).startswith("Unnamed: ")]
    table = table.drop(columns=[heading for heading in nameless if table[heading].isna().all()])
    return table.dropna(how="all")


def _heading_row(rows: Sequence[Row], name: str) -> int:
    """The first row that names most of the table's columns; the first of all where none names any."""
    named = [_named(row, name) for row in rows]
    return named.index(max(named)) if named else 0


def _named(row: Row, name: str) -> int:
    """How many of the table's columns a row names."""
    return len(columns_of([text_of(cell) for cell in row], name))


def _chosen(path: Path, name: str) -> tuple[str, list[list[Any]]]:
    """The one sheet that holds the table: the only one, or the only one with its headings."""
    sheets = [
        (title, _filled(rows, merged))
        for title, rows, merged in grids_of(path)
        if any(text_of(cell) for row in rows for cell in row)
    ]
    if not sheets:
        raise ReadError("the workbook has no sheet of cells", file=path)
    fit = [max(_named(row, name) for row in rows[:_LOOKED_AT]) for _, rows in sheets]
    best = [one for one, number in zip(sheets, fit, strict=True) if number == max(fit)]
    if len(best) > 1:
        raise ReadError(
            f"{len(best)} sheets may be the table of {name}: {', '.join(title for title, _ in best)}",
            file=path,
            mend="keep one of them",
        )
    return best[0]


def _filled(rows: list[list[Any]], merged: Sequence[tuple[int, int, int]]) -> list[list[Any]]:
    """Rows with cells that are merged downwards filled, but for numbers: an amount is given once."""
    for first, last, column in merged:
        if isinstance(rows[first][column], (str, dt.datetime)):
            for row in rows[first + 1 : last + 1]:
                row[column] = rows[first][column]
    return rows


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([text_of(cell) for cell in row] for row in rows)
    return text.getvalue()
