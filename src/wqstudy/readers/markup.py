"""Tables inside saved web feeds: JSON with headings and rows of HTML, and whole HTML pages."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy.errors import ReadError
from wqstudy.readers.heading_rows import text_of
from wqstudy.readers.headings import role_columns
from wqstudy.readers.sheet import Notes, Sheet, from_gb18030

_TAG = re.compile(r"<[^>]*>")
_TIP = r"title=(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)')"
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def plain(markup: str) -> str:
    """The text of a piece of HTML.

    Examples
    --------
    >>> plain("水温<br/><span class='unit'>(℃)</span>"), plain("A&amp;B&nbsp;")
    ('水温(℃)', 'A&B')
    """
    return " ".join(html.unescape(_TAG.sub("", _BREAK.sub("", markup))).split())


def plain_texts(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells without tags and escapes, and without outer blanks."""
    texts = pc.replace_substring_regex(cells, _TAG.pattern, "")
    if pc.any(pc.match_substring(texts, "&")).as_py():
        coded = texts.dictionary_encode().combine_chunks()
        words = pa.array([html.unescape(text) for text in coded.dictionary.to_pylist()], pa.large_string())
        texts = pa.chunked_array([words.take(coded.indices)])
    return pc.utf8_trim_whitespace(texts)


def tooltips(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """What the cells' tooltips say; empty where there is none.

    Examples
    --------
    >>> cells = ["<i title='raw: 1'>0.9</i>", "<i title='' data-original-title='x'>y</i>", "3"]
    >>> tooltips(pa.chunked_array([cells])).to_pylist()
    ['raw: 1', 'x', '']
    """
    found = pc.extract_regex(cells.cast(pa.large_string()), _TIP)
    double, single = (pc.struct_field(found, quote).fill_null("") for quote in ("double", "single"))
    return pc.if_else(pc.equal(double, ""), single, double)


def load_json(path: Path) -> list[Sheet]:
    """The one table of a JSON file: the feed's headings and rows of HTML, or records, or columns.

    The cells of the feed stay as they are in the file, with their HTML.
    """
    try:
        text, notes = _text(path)
        held = json.loads(text)
    except ValueError as problem:
        raise ReadError(f"it is not valid JSON ({problem})", file=path) from None
    table = _table_in(held)
    if table is None:
        raise ReadError(
            "the JSON holds no table that is known here",
            file=path,
            valid='an object with "thead", a list of headings, and "tbody", a list of rows; '
            'a list of records; an object of columns, or with "columns" and "data"',
        )
    headings, body = tuple(plain(str(heading)) for heading in table[0]), table[1]
    return [Sheet(path, None, headings, _frame(path, body, len(headings)), notes=notes)]


def _table_in(held: Any) -> tuple[list[Any], list[Any]] | None:
    """Headings and rows of what a JSON file holds, by the shapes in which tables are written."""
    if isinstance(held, list) and held and all(isinstance(record, dict) for record in held):
        headings = list(dict.fromkeys(key for record in held for key in record))
        return headings, [[record.get(key) for key in headings] for record in held]
    if not isinstance(held, dict):
        return None
    for head, body in (("thead", "tbody"), ("columns", "data")):
        if held.get(head) and isinstance(held[head], list) and isinstance(held.get(body), list):
            return held[head], held[body]
    if held and all(isinstance(column, dict) for column in held.values()):
        rows = dict.fromkeys(row for column in held.values() for row in column)
        return list(held), [[column.get(row) for column in held.values()] for row in rows]
    inner = [found for one in held.values() if isinstance(one, (list, dict)) and (found := _table_in(one))]
    return inner[0] if len(inner) == 1 else None


def load_html(path: Path) -> list[Sheet]:
    """The table of a saved page: its first row with a heading for the station, and the rows like it.

    A cell with a tooltip stays as it is in the page, of others only the text is taken.
    """
    page = _Page()
    text, notes = _text(path)
    page.feed(text)
    page.close()
    start = next((n for n, row in enumerate(page.rows) if "station" in role_columns(_told(row))), None)
    if start is None:
        raise ReadError(
            "the page has no table with a heading for the station",
            file=path,
            valid="a heading such as 断面名称, station",
            mend="save the page when its table has been loaded, or save the table as CSV",
        )
    headings = tuple(_told(page.rows[start]))
    rows = [row for row in page.rows[start + 1 :] if len(row) == len(headings) and _told(row) != [*headings]]
    cells = [[cell if "title=" in cell else plain(cell) for cell in row] for row in rows]
    return [Sheet(path, None, headings, _frame(path, cells, len(headings)), notes=notes)]


def _told(row: list[str]) -> list[str]:
    return [plain(cell) for cell in row]


def _text(path: Path) -> tuple[str, Notes]:
    """The text of a file, and what the ledger says of its encoding."""
    held = path.read_bytes()
    if not held.strip():
        raise ReadError("the file is empty", file=path)
    try:
        return held.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    return from_gb18030(path, held)


def _frame(path: Path, rows: list[Any], width: int) -> pd.DataFrame:
    """Rows of cells as columns of text."""
    for number, row in enumerate(rows, start=2):
        if not isinstance(row, list) or len(row) != width:
            found = f"{len(row)} cells" if isinstance(row, list) else repr(row)[:40]
            raise ReadError(f"the row is {found} and there are {width} headings", file=path, row=number)
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pd.DataFrame(
        {
            place: pd.array([None if cell is None else text_of(cell) for cell in column], dtype="str")
            for place, column in enumerate(columns)
        },
        copy=False,
    )


class _Page(HTMLParser):
    """The rows of all tables of a page, cells with the markup inside them. Tables within a cell end it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
            if tag == "tr" or (tag != "table" and not self.rows):
                self.rows.append([])
            if tag in ("td", "th"):
                self._cell = []
        else:
            self._add(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._add(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        else:
            self._add(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_entityref(self, name: str) -> None:
        self._add(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._add(f"&#{name};")

    def _add(self, piece: str) -> None:
        if self._cell is not None:
            self._cell.append(piece)

    def _end_cell(self) -> None:
        if self._cell is not None:
            self.rows[-1].append("".join(self._cell).strip())
            self._cell = None
