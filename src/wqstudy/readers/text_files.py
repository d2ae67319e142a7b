"""Tables in files of text: UTF-8 or GB18030, parted by commas or tabs."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from wqstudy.errors import ReadError
from wqstudy.readers.grid import default_unit, sheets_of, title_year
from wqstudy.readers.heading_rows import (
    Heading,
    find_heading,
    names_parameter,
    next_heading,
    station_headings,
)
from wqstudy.readers.headings import fitting_columns, role_columns
from wqstudy.readers.sheet import Sheet, as_arrow, as_text

_HEAD = 200  # records among which the heading is looked for
_LARGE = 4 << 20  # bytes of a file whose numbers are not first read as text
_BLOCK = 16 << 20  # bytes a chunk: few chunks a file, and still two cores busy


def load_csv(path: Path) -> list[Sheet]:
    """The tables of a text file, every cell as text. UTF-8 is tried first, then GB18030."""
    return _load_text(path, ",")


def load_tsv(path: Path) -> list[Sheet]:
    """The tables of a text file whose cells are parted by tabs."""
    return _load_text(path, "\t")


def _load_text(path: Path, separator: str) -> list[Sheet]:
    held = _as_utf8(path, _bytes(path))
    if len(end := held[-9:]) - len(end.rstrip(b"\r\n")) > 2 or end.endswith((b"\n\n", b"\r\r")):
        held = held.rstrip(b"\r\n")
    if not held[:99].strip() and not held.strip():
        raise ReadError("the file is empty", file=path)
    kind = "CSV" if separator == "," else "TSV"
    if held.lstrip()[:9].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise ReadError(
            f"it is a web page and not a {kind} table", file=path, mend="open it and save it as .xlsx"
        )
    try:
        head = list(islice(_records(held, separator), _HEAD))
        heading = find_heading(head) or _first_row(head)
        width, skip = len(heading.texts), heading.last + 1
        kinds = _kinds(heading) if len(held) > _LARGE else ["text"] * width
        cells = _with_arrow(held, separator, skip, kinds)
        if cells is None:
            records = list(_records(held, separator))
            if next_heading(records, skip) < len(records):
                return sheets_of(path, None, records)
            cells = _with_csv(path, records, width, skip)
        elif _headed_again(heading, cells):
            return sheets_of(path, None, list(_records(held, separator)))
    except csv.Error as problem:
        raise ReadError(f"it is not a {kind} table ({problem})", file=path) from None
    above = [(row, texts) for row, record in enumerate(head[: heading.first], 1) if (texts := _texts(record))]
    titles = [text for _, texts in above for text in texts]
    return [
        Sheet(
            path,
            None,
            heading.texts,
            cells,
            skip,
            unit=default_unit(titles),
            year=title_year(titles),
            notes=tuple((row, " | ".join(texts), "stands above the table") for row, texts in above),
            as_written=partial(text_columns, held, separator, skip, width),
        )
    ]


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


def _records(held: bytes, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.TextIOWrapper(io.BytesIO(held), encoding="utf-8", newline=""), delimiter=separator)


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


def _with_arrow(held: bytes, separator: str, skip: int, kinds: Sequence[str]) -> pd.DataFrame | None:
    """The quick way; None if there are blank lines or rows of unequal length.

    Columns that are numbers throughout come as numbers, and those that are dates throughout as dates; what
    they look like in the file is read again by `text_columns` where the ledger must show it.
    """
    types = {"text": pa.large_string(), "name": pa.dictionary(pa.int32(), pa.string())}
    given = {str(column): types[kind] for column, kind in enumerate(kinds) if kind in types}
    table = _read_arrow(held, separator, skip, len(kinds), given)
    if table is None:
        return None
    anew = [column for column, kind in enumerate(kinds) if not _is_as_hoped(table.schema.types[column], kind)]
    if anew:
        again = text_columns(held, separator, skip, len(kinds), anew)
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


def text_columns(
    held: bytes, separator: str, skip: int, width: int, columns: Sequence[int]
) -> dict[int, pa.ChunkedArray]:
    """Some columns as they stand in the file."""
    given = {str(column): pa.large_string() for column in columns}
    table = _read_arrow(held, separator, skip, width, given, list(given))
    return {} if table is None else {column: table.column(str(column)) for column in columns}


def _read_arrow(
    held: bytes,
    separator: str,
    skip: int,
    width: int,
    types: dict[str, pa.DataType],
    only: list[str] | None = None,
) -> pa.Table | None:
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(held),
            pyarrow.csv.ReadOptions(
                column_names=[str(column) for column in range(width)],
                skip_rows_after_names=skip,
                block_size=_BLOCK,
            ),
            # Empty lines count, or the ledger's rows would not be the spreadsheet's.
            pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True, ignore_empty_lines=False),
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
