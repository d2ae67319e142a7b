"""From a file to the sheets in it: text files, Parquet, workbooks, saved feeds and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from wqstudy.errors import ReadError
from wqstudy.readers.layout import lay_out
from wqstudy.readers.markup import load_html, load_json
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.text_files import load_csv, load_tsv
from wqstudy.readers.workbook import load_workbook, refuse_xls


def load(path: Path) -> list[Sheet]:
    """The sheets of a file.

    Raises
    ------
    ReadError
        If the file is not there, is of a kind that is not read, holds nothing, or is damaged.
    """
    try:
        sheets = loader(path)(path)
    except OSError as problem:
        raise ReadError(f"it cannot be opened ({problem.strerror or problem})", file=path) from None
    sheets = [sheet if sheet.nothing or len(sheet.cells) else _without_rows(sheet) for sheet in sheets]
    if all(sheet.nothing for sheet in sheets):
        raise _no_table(sheets)
    return sheets


def _without_rows(sheet: Sheet) -> Sheet:
    return replace(sheet, nothing="there are headings and no rows under them")


def _no_table(sheets: Sequence[Sheet]) -> ReadError:
    """What is wrong with the first sheet that holds anything."""
    told = next((sheet for sheet in sheets if sheet.headings), sheets[0])
    if told.headings and len(sheets) == 1 and "headings and no rows" not in (told.nothing or ""):
        try:
            lay_out(told)
        except ReadError as problem:
            return problem
    return told.error(
        told.nothing or "",
        valid="headings that name the station, the time and parameters, such as 断面名称, 采样日期, 氨氮",
    )


def loader(path: Path) -> Callable[[Path], list[Sheet]]:
    """What reads a file with such an ending.

    Examples
    --------
    >>> loader(Path("a.CSV")).__name__
    'load_csv'
    """
    for ending, read in LOADERS.items():
        if path.name.lower().endswith(ending):
            return read
    raise ReadError(
        f"files ending in {path.suffix!r} are not read"
        if path.suffix
        else "a file without ending is not read",
        file=path,
        valid=", ".join(ending for ending in LOADERS if ending != ".xls"),
        mend="save the table as one of these",
    )


def load_parquet(path: Path) -> list[Sheet]:
    """The one table of a Parquet file, its cells with the types they have there."""
    if not path.stat().st_size:
        raise ReadError("the file is empty", file=path)
    try:
        table = pyarrow.parquet.ParquetFile(path).read()
        table.validate(full=True)  # or damaged text would only be met later
        cells: pd.DataFrame = table.to_pandas()
    except (pa.ArrowException, ValueError) as problem:
        raise ReadError(f"it is not a Parquet table ({str(problem).splitlines()[0]})", file=path) from None
    if any(name is not None for name in cells.index.names):
        cells = cells.reset_index()
    headings = tuple(str(name) for name in cells.columns)
    return [Sheet(path, None, headings, cells.reset_index(drop=True))]


LOADERS: dict[str, Callable[[Path], list[Sheet]]] = {
    ".csv": load_csv,
    ".csv.gz": load_csv,
    ".tsv": load_tsv,
    ".xlsx": load_workbook,
    ".xlsm": load_workbook,
    ".xls": refuse_xls,
    ".parquet": load_parquet,
    ".json": load_json,
    ".html": load_html,
    ".htm": load_html,
}
