"""Tables in files of text: UTF-8 or GB18030, parted by commas or tabs."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from wqstudy.errors import ReadError
from wqstudy.outputs import unguarded
from wqstudy.readers.grid import default_unit, sheets_of, title_year
from wqstudy.readers.heading_rows import (
    Heading,
    find_heading,
    next_heading,
    station_headings,
)
from wqstudy.readers.headings import fitting_columns, names_parameter, role_columns
from wqstudy.readers.sheet import Notes, Sheet, as_arrow, as_text, from_gb18030, no_text

_HEAD = 200  # records among which the heading is looked for
_HEAD_BYTES = 1 << 20  # among which these records are looked for first
_LARGE = 4 << 20  # bytes of a file whose numbers are not first read as text
_BLOCK = 16 << 20  # bytes a chunk: few chunks a file, and still two cores busy


def load_csv(path: Path) -> list[Sheet]:
    """The tables of a text file, every cell as text. UTF-8 is tried first, then GB18030.

    Cells are parted by commas, or where the first line has none by the tabs or semicolons that it has.
    """
    return _load_text(path, ",")


def load_tsv(path: Path) -> list[Sheet]:
    """The tables of a text file whose cells are parted by tabs."""
    return _load_text(path, "\t")


def _load_text(path: Path, separator: str) -> list[Sheet]:
    written = _bytes(path)
    separator = _separator(written, separator)
    # Arrow checks the texts of a large table while it reads them; all others are checked before.
    sheet = _whole_table(path, written, separator) if len(written) > _LARGE else None
    if sheet is not None:
        return [replace(sheet, cells=unguarded(sheet.cells))]
    held, notes = _as_utf8(path, written)
    if not held.strip():
        raise ReadError("the file is empty", file=path)
    kind = "CSV" if separator == "," else "TSV"
    if held.lstrip()[:9].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise ReadError(
            f"it is a web page and not a {kind} table", file=path, mend="open it and save it as .xlsx"
        )
    try:
        sheet = _whole_table(path, held, separator)
        sheets = _tables(path, list(_records(held, separator))) if sheet is None else [sheet]
    except csv.Error as problem:
        raise ReadError(f"it is not a {kind} table ({problem})", file=path) from None
    sheets = [replace(sheet, cells=unguarded(sheet.cells)) for sheet in sheets]
    return [replace(sheets[0], notes=(*notes, *sheets[0].notes)), *sheets[1:]]


def _whole_table(path: Path, held: bytes, separator: str) -> Sheet | None:
    """The one table of a text in UTF-8, read the quick way; None if that is not to be had."""
    if b"\0" in held:
        return None
    try:
        head = list(islice(_records(held[:_HEAD_BYTES], separator), _HEAD))
        if len(head) < _HEAD and len(held) > _HEAD_BYTES:
            head = list(islice(_records(held, separator), _HEAD))
        heading = find_heading(head) or _first_row(head)
    except (UnicodeDecodeError, csv.Error):
        return None
    width, skip = len(heading.texts), heading.last + 1
    kinds = _kinds(heading) if len(held) > _LARGE else ["text"] * width
    table = pa.py_buffer(held)
    if held.startswith(codecs.BOM_UTF8):
        table = table.slice(len(codecs.BOM_UTF8))
    if len(end := held[-9:]) - len(end.rstrip(b"\r\n")) > 2 or end.endswith((b"\n\n", b"\r\r")):
        table = table.slice(0, table.size - len(held) + len(held.rstrip(b"\r\n")))
    text = _Text(table, separator, skip, width, quoted=b'"' in held)
    cells = _with_arrow(text, kinds)
    if cells is None or _headed_again(heading, cells):
        return None
    return _sheet(path, heading, head, cells, as_written=text.columns)


def _sheet(
    path: Path, heading: Heading, head: Sequence[Sequence[str]], cells: pd.DataFrame, **rest: Any
) -> Sheet:
    above = [(row, texts) for row, record in enumerate(head[: heading.first], 1) if (texts := _texts(record))]
    titles = [text for _, texts in above for text in texts]
    return Sheet(
        path,
        None,
        heading.texts,
        cells,
        heading.last + 1,
        unit=default_unit(titles),
        year=title_year(titles),
        titles=(" ".join(titles),),
        notes=tuple((row, " | ".join(texts), "stands above the table") for row, texts in above),
        **rest,
    )


def _tables(path: Path, records: list[list[str]]) -> list[Sheet]:
    """The tables of a text, read the slow way, which forgives short rows and tables under one another."""
    head = records[:_HEAD]
    heading = find_heading(head) or _first_row(head)
    if next_heading(records, heading.last + 1) < len(records):
        return sheets_of(path, None, records)
    return [_sheet(path, heading, head, _with_csv(path, records, len(heading.texts), heading.last + 1))]


def _texts(record: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in record if cell.strip()]


def _first_row(head: Sequence[Sequence[str]]) -> Heading:
    """The first record that is not empty, where none is known to be a heading."""
    for place, record in enumerate(head):
        if _texts(record):
            return Heading(place, place, tuple(cell.strip() for cell in record))
    raise csv.Error("there is no heading row")


def _headed_again(heading: Heading, cells: pd.DataFrame) -> bool:
    """Whether some cell under the heading of stations is such a heading: another table begins there."""
    for column in fitting_columns(heading.texts, "station")[:1] if len(cells) else ():
        names = as_arrow(cells.iloc[:, column])
        names = (
            names.unique() if not pa.types.is_dictionary(names.type) else names.combine_chunks().dictionary
        )
        return bool(pc.any(pc.is_in(as_text(names), station_headings())).as_py())
    return False


def _separator(written: bytes, usual: str) -> str:
    """What parts the cells of the first line that is not empty: as usual, or else what else stands there."""
    line = next((one for one in written[:_HEAD_BYTES].splitlines() if one.strip(b"\xef\xbb\xbf ")), b"")
    if usual.encode() in line:
        return usual
    return next((other for other in "\t;" if line.count(other.encode()) > 1), usual)


def _bytes(path: Path) -> bytes:
    held = path.read_bytes()
    if path.suffix.lower() != ".gz":
        return held
    try:
        return gzip.decompress(held)
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise ReadError(f"the compressed file is damaged ({problem})", file=path) from None


def _as_utf8(path: Path, held: bytes) -> tuple[bytes, Notes]:
    """The bytes in UTF-8, without a byte-order mark, and what the ledger says of their encoding."""
    if not _is_utf8(held):
        text, notes = from_gb18030(path, held)
        return text.encode(), notes
    if b"\0" in held:  # a byte of no text, but of UTF-16 and of workbooks
        raise no_text(path)
    return held.removeprefix(codecs.BOM_UTF8), ()


def _is_utf8(held: bytes) -> bool:
    try:
        pa.array([held], pa.large_binary()).cast(pa.large_string())  # the fastest check that is at hand
    except pa.ArrowInvalid:
        return False
    return True


def _records(held: bytes, separator: str) -> Iterator[list[str]]:
    return csv.reader(
        io.TextIOWrapper(io.BytesIO(held), encoding="utf-8-sig", newline=""), delimiter=separator
    )


def _kinds(heading: Heading) -> list[str]:
    """What each column is likely to hold: numbers, times, names that recur, or text."""
    kinds = ["text"] * len(heading.texts)
    tidy = {"parameter", "value"} <= role_columns(heading.texts).keys()
    for column, text in enumerate(heading.texts):
        if names_parameter(text) and not tidy:
            kinds[column] = "number"
    for column in fitting_columns(heading.texts, "value") if tidy else ():
        kinds[column] = "number"
    for role, kind in (("time", "time"), ("station", "name")):
        for column in fitting_columns(heading.texts, role)[:1]:
            kinds[column] = kind
    return kinds


@dataclass(frozen=True, slots=True)
class _Text:
    """A table of text in UTF-8: `skip` rows, then rows of `width` cells, with or without quotes."""

    held: pa.Buffer
    separator: str
    skip: int
    width: int
    quoted: bool

    def columns(self, columns: Sequence[int]) -> dict[int, pa.ChunkedArray]:
        """Some columns as they stand in the file."""
        given = {str(column): pa.large_string() for column in columns}
        table = self.read(given, list(given))
        return {} if table is None else {column: table.column(str(column)) for column in columns}

    def read(self, types: dict[str, pa.DataType], only: list[str] | None = None) -> pa.Table | None:
        """The table; None if there are blank lines, rows of unequal length or bytes that are no text."""
        try:
            return pyarrow.csv.read_csv(
                pa.BufferReader(self.held),
                pyarrow.csv.ReadOptions(
                    column_names=[str(column) for column in range(self.width)],
                    skip_rows_after_names=self.skip,
                    block_size=_BLOCK,
                ),
                # Empty lines count, or the ledger's rows would not be the spreadsheet's.
                pyarrow.csv.ParseOptions(
                    delimiter=self.separator, newlines_in_values=self.quoted, ignore_empty_lines=False
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=types,
                    include_columns=only,
                    null_values=[],
                    true_values=[],
                    false_values=[],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None


def _with_arrow(text: _Text, kinds: Sequence[str]) -> pd.DataFrame | None:
    """The quick way; None if the text is not so regular.

    Columns that are numbers throughout come as numbers, and those that are dates throughout as dates; what
    they look like in the file is read again where the ledger must show it.
    """
    types = {"text": pa.large_string(), "name": pa.dictionary(pa.int32(), pa.string())}
    table = text.read({str(column): types[kind] for column, kind in enumerate(kinds) if kind in types})
    if table is None:
        return None
    anew = [column for column, kind in enumerate(kinds) if not _is_as_hoped(table.schema.types[column], kind)]
    if anew:
        again = text.columns(anew)
        if not again:
            return None
        for column in anew:
            table = table.set_column(column, str(column), again[column])
    cells: pd.DataFrame = table.to_pandas()
    for column, kind in enumerate(table.schema.types):
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            cells[str(column)] = pd.Series(table.column(column).cast(pa.timestamp("us")).to_numpy())
    return cells


def _is_as_hoped(kind: pa.DataType, hoped: str) -> bool:
    if hoped == "number":
        return bool(pa.types.is_int64(kind) or pa.types.is_float64(kind) or pa.types.is_string(kind))
    if hoped == "time":
        naive = pa.types.is_timestamp(kind) and kind.tz is None
        return bool(naive or pa.types.is_date(kind) or pa.types.is_string(kind))
    return True


def _with_csv(path: Path, records: list[list[str]], width: int, skip: int) -> pd.DataFrame:
    """The slow way, which forgives short rows and blank cells beyond the last heading."""
    records = records[skip:]
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
