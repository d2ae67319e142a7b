"""From a file to the sheets in it: text files, Parquet, saved feeds and pages."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from wqstudy.errors import ReadError
from wqstudy.readers.markup import load_html, load_json
from wqstudy.readers.sheet import Sheet

_BLOCK = 16 << 20  # bytes a chunk: few chunks a file, and still two cores busy


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
    for sheet in sheets:
        if not len(sheet.cells):
            raise sheet.error("there are headings and no rows under them")
    return sheets


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
        valid=", ".join(LOADERS),
        mend="save the table as one of these",
    )


def load_csv(path: Path) -> list[Sheet]:
    """The one table of a CSV file, every cell as text. UTF-8 is tried first, then GB18030."""
    held = _as_utf8(path, _bytes(path)).rstrip(b"\r\n")
    if not held.strip():
        raise ReadError("the file is empty", file=path)
    try:
        headings, heading_row = _headings(held)
        cells = _with_arrow(held, len(headings), skip=heading_row)
        if cells is None:
            cells = _with_csv(path, held, len(headings), skip=heading_row)
    except csv.Error as problem:
        raise ReadError(f"it is not a CSV table ({problem})", file=path) from None
    return [Sheet(path, None, headings, cells, heading_row)]


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
    ".parquet": load_parquet,
    ".json": load_json,
    ".html": load_html,
    ".htm": load_html,
}


def _bytes(path: Path) -> bytes:
    held = path.read_bytes()
    if path.suffix.lower() != ".gz":
        return held
    try:
        return gzip.decompress(held)
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise ReadError(f"the compressed file is damaged ({problem})", file=path) from None


def _as_utf8(path: Path, held: bytes) -> bytes:
    """The bytes in UTF-8, without a byte-order mark."""
    if b"\0" not in held:  # bytes of no text file in these encodings, but of UTF-16 and of workbooks
        try:
            pa.array([held], pa.large_binary()).cast(pa.large_string())  # the fastest check that is at hand
        except pa.ArrowInvalid:
            try:
                return held.decode("gb18030").encode()
            except UnicodeDecodeError:
                pass
        else:
            return held.removeprefix(codecs.BOM_UTF8)
    raise ReadError(
        "its bytes are not text in a known encoding",
        file=path,
        valid="UTF-8 (with or without byte-order mark), GB18030 (and so GBK, GB2312)",
        mend="save it again as CSV UTF-8",
    )


def _records(held: bytes) -> Iterator[list[str]]:
    return csv.reader(io.TextIOWrapper(io.BytesIO(held), encoding="utf-8", newline=""))


def _headings(held: bytes) -> tuple[tuple[str, ...], int]:
    """The first record that is not empty, and its row."""
    for row, record in enumerate(_records(held), start=1):
        if record:
            return tuple(heading.strip() for heading in record), row
    raise csv.Error("there is no heading row")


def _with_arrow(held: bytes, width: int, skip: int) -> pd.DataFrame | None:
    """The quick way; None if there are blank lines or rows of unequal length."""
    names = [str(column) for column in range(width)]
    types = dict.fromkeys(names, pa.large_string())
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(held),
            pyarrow.csv.ReadOptions(column_names=names, skip_rows_after_names=skip, block_size=_BLOCK),
            # Empty lines count, or the ledger's rows would not be the spreadsheet's.
            pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    cells: pd.DataFrame = table.to_pandas()
    return cells


def _with_csv(path: Path, held: bytes, width: int, skip: int) -> pd.DataFrame:
    """The slow way, which forgives short rows and blank cells beyond the last heading."""
    records = list(_records(held))[skip:]
    for row, record in enumerate(records, start=skip + 1):
        if any(cell.strip() for cell in record[width:]):
            raise ReadError(
                f"the row has {len(record)} cells and the heading row {width}",
                file=path,
                row=row,
                mend="put cells that contain a comma in double quotes",
            )
    padded = [record[:width] + [""] * (width - len(record)) for record in records]
    return pd.DataFrame(padded, columns=range(width), dtype="str")
