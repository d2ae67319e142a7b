"""One table as a file holds it: headings and cells, not yet understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy.errors import ReadError

_NO_NAME = pa.array(["-", "--", "/", "null", "<null>", "nan"], pa.large_string())


Notes = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table found in a file.

    Parameters
    ----------
    path
        The file.
    name
        Name of the sheet; None where the format has no sheets.
    headings
        Text of each heading, as in the file.
    cells
        One column a heading, in their order: text as it stands, or typed where the file has types.
    heading_row
        Spreadsheet row of the (last) heading row, counted from 1. The cells begin in the next row.
    unit
        Unit of concentrations whose heading names none, where a line about the table says it.
    year
        Year of times that name none.
    titles
        Lines above the table as one text, then those above the first table of the sheet.
    notes
        What stands in the file beside the table: lines of the ledger, `row, raw, reason`.
    nothing
        Why the sheet holds no table, where it holds none.
    left
        Which rows under the heading `cells` are, counted from 0, where some were set aside.
    written_under
        The heading that the value of each row of `cells` stands under in the file, where they are several.
    as_written
        Gives the text of columns that came as numbers or times from a file of text.
    strict
        Whether a fault of the table is an error; else what it spoils is dropped and told.
    """

    path: Path
    name: str | None
    headings: tuple[str, ...]
    cells: pd.DataFrame
    heading_row: int = 1
    unit: str | None = None
    year: int | None = None
    titles: tuple[str, ...] = ()
    notes: Notes = ()
    nothing: str | None = None
    left: npt.NDArray[np.intp] | None = None
    written_under: npt.NDArray[np.object_] | None = None
    as_written: Callable[[Sequence[int]], dict[int, pa.ChunkedArray]] | None = None
    strict: bool = True

    def rows(self, positions: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """Spreadsheet rows of rows of `cells`."""
        return self.heading_row + 1 + (positions if self.left is None else self.left[positions])

    def row(self, position: int) -> int:
        """Spreadsheet row of a row of `cells`."""
        return int(self.rows(np.array([position]))[0])

    def without(self, aside: npt.NDArray[np.bool_]) -> Sheet:
        """The sheet without some rows of `cells`."""
        left = np.flatnonzero(~aside)
        cells = self.cells.iloc[left].reset_index(drop=True)
        under = None if self.written_under is None else self.written_under[left]
        left = left if self.left is None else self.left[left]
        return replace(self, cells=cells, left=left, written_under=under)

    def texts(self, column: int) -> pd.Series[str]:
        """Cells of a column as text without outer blanks; empty cells as empty text."""
        return pd.Series(pd.array(self.trimmed(column), dtype="str"))

    def names(self, column: int) -> pd.Series[str]:
        """Cells of a column as names: what says that there is none becomes empty text."""
        return pd.Series(pd.array(self.names_as_arrow(column), dtype="str"))

    def names_as_arrow(self, column: int) -> pa.ChunkedArray:
        """Cells of a column as names, as Arrow holds them."""
        return unnamed_as_blank(self.trimmed(column))

    def coded(self, column: int) -> pa.DictionaryArray:
        """Cells of a column as `trimmed` gives them, each distinct text held once."""
        held = as_arrow(self.cells.iloc[:, column])
        if not pa.types.is_dictionary(held.type):
            return self.trimmed(column).combine_chunks().dictionary_encode()
        held = held.combine_chunks()
        held = held.fill_null("") if held.null_count else held
        texts = pc.utf8_trim_whitespace(as_text(held.dictionary)).dictionary_encode()
        return pa.DictionaryArray.from_arrays(texts.indices.take(held.indices), texts.dictionary)

    def raw(self, places: Sequence[tuple[int, npt.NDArray[np.integer]]]) -> pa.ChunkedArray:
        """Cells as the file has them, as text: column after column, those of some rows of it."""
        numbers = [
            c for c, rows in places if len(rows) and not _is_text(as_arrow(self.cells.iloc[:, c]).type)
        ]
        written = self.as_written(numbers) if self.as_written is not None and numbers else {}
        chunks = list[pa.Array]()
        for column, positions in places:
            if not len(positions):
                continue
            rows = positions if self.left is None or column not in written else self.left[positions]
            held = written[column] if column in written else as_arrow(self.cells.iloc[:, column])
            chunks += as_text(held.take(pa.array(rows))).chunks
        return pa.chunked_array(chunks, pa.large_string())

    def trimmed(self, column: int) -> pa.ChunkedArray:
        """Cells of a column as Arrow text without outer blanks; empty cells as empty text."""
        texts = as_text(as_arrow(self.cells.iloc[:, column]))
        return pc.utf8_trim_whitespace(texts.fill_null(""))

    def error(
        self,
        problem: str,
        *,
        position: int | None = None,
        column: int | None = None,
        valid: str | None = None,
        mend: str | None = None,
    ) -> ReadError:
        """An error that names this table and a place in it.

        Parameters
        ----------
        position
            Row of `cells`; None means the heading row where a column is given.
        column
            Column of `cells`.
        """
        at_heading = self.heading_row if column is not None else None
        return ReadError(
            problem,
            file=self.path,
            sheet=self.name,
            row=at_heading if position is None else self.row(position),
            column=None if column is None else self.headings[column],
            valid=valid,
            mend=mend,
        )


def from_gb18030(path: Path, held: bytes) -> tuple[str, Notes]:
    """The text of bytes that are not UTF-8, and the note that it was read so.

    Raises
    ------
    ReadError
        If they are not GB18030 either.
    """
    if b"\0" not in held:  # a byte of no text in these encodings, but of UTF-16 and of workbooks
        try:
            return held.decode("gb18030"), ((1, "GB18030", "encoding: not UTF-8, read as GB18030"),)
        except UnicodeDecodeError:
            pass
    raise no_text(path)


def no_text(path: Path) -> ReadError:
    """What is wrong with a file that is no text."""
    return ReadError(
        "its bytes are not text in a known encoding",
        file=path,
        valid="UTF-8 (with or without byte-order mark), GB18030 (and so GBK, GB2312)",
        mend="save it again as UTF-8",
    )


def unnamed_as_blank(texts: pa.Array) -> pa.Array:
    """Texts, blank where they only say that there is no name."""
    return pc.if_else(pc.is_in(pc.utf8_lower(texts), _NO_NAME), "", texts)


def as_arrow(column: pd.Series) -> pa.ChunkedArray:
    """A column of a frame as Arrow holds it, missing cells as null."""
    if column.dtype == object:  # Python objects of several kinds: only their text is safe
        column = column.map(str, na_action="ignore").astype("str")
    held = pa.array(column, from_pandas=True)
    return held if isinstance(held, pa.ChunkedArray) else pa.chunked_array([held])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def as_text(cells: pa.Array) -> pa.Array:
    """Cells as text, numbers with as many digits as tell them from their neighbours."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    return cells.cast(pa.large_string())


def spell(words: Sequence[str | None], codes: npt.NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """A text column from its vocabulary and the place of each cell's word in it.

    Examples
    --------
    >>> import numpy as np
    >>> list(spell(["none", "left"], np.array([1, 0, 1])))
    ['left', 'none', 'left']
    """
    return pd.array(list(words), dtype="str").take(codes)
