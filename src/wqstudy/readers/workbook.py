"""Excel workbooks: every sheet, hidden ones too, merged cells, and formulas by their stored results."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wqstudy.errors import ReadError
from wqstudy.readers.grid import sheets_of
from wqstudy.readers.sheet import Sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an OLE file: an old workbook, or an encrypted new one
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it in Excel or WPS and save it as .xlsx"


Grid = tuple[str, list[list[Any]], list[tuple[int, int, int]]]
"""A sheet's name, its cells row by row, and first row, last row and column of what is merged downwards."""


def load_workbook(path: Path) -> list[Sheet]:
    """The tables of a workbook.

    Raises
    ------
    ReadError
        If it is none, is damaged, or is protected with a password.
    """
    grids = grids_of(path)
    sheets = [sheet for name, rows, merged in grids for sheet in sheets_of(path, name, rows, merged)]
    if not sheets:
        raise ReadError("the workbook has no sheet of cells", file=path)
    return sheets


def grids_of(path: Path) -> list[Grid]:
    """The cells of every sheet of a workbook.

    Raises
    ------
    ReadError
        If it is none, is damaged, or is protected with a password.
    """
    import openpyxl  # noqa: PLC0415 - slow to load, and most tables are no workbooks

    held = path.read_bytes()
    _admit(path, held)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that are not read
            book = openpyxl.load_workbook(io.BytesIO(held), data_only=True)
            formulas = (
                openpyxl.load_workbook(io.BytesIO(held), data_only=False) if _has_formulas(held) else None
            )
        grids = list[Grid]()
        for sheet in book.worksheets:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            if formulas is not None:
                _put_formulas(rows, formulas[sheet.title])
            merged = [
                (r.min_row - 1, r.max_row - 1, r.min_col - 1)
                for r in sheet.merged_cells.ranges
                if r.max_row > r.min_row and r.min_row <= len(rows)
            ]
            grids.append((sheet.title, rows, merged))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, SyntaxError, OSError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise ReadError(f"the workbook is damaged ({reason})", file=path, mend=_SAVE + " again") from None
    return grids


def refuse_xls(path: Path) -> list[Sheet]:
    """Say of an old workbook, or of what only bears its ending, what to do with it.

    Raises
    ------
    ReadError
        Always, but for a new workbook under the old ending, which is read.
    """
    held = path.read_bytes()
    if held.startswith(b"PK"):
        return load_workbook(path)
    _admit(path, held)
    raise ReadError("it is not a workbook", file=path, mend=_SAVE)


def _admit(path: Path, held: bytes) -> None:
    """Refuse what is no workbook of the new kind, and say what it is."""
    start = held[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not held:
        raise ReadError("the file is empty", file=path)
    if held.startswith(_OLD):
        if _ENCRYPTED in held:
            raise ReadError(
                "the workbook is protected with a password",
                file=path,
                mend="open it with the password and save it without one",
            )
        raise ReadError(
            "it is an old workbook (.xls), which is not read", file=path, valid=".xlsx", mend=_SAVE
        )
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<meta", b"<?xml", b"mime-version")):
        raise ReadError(
            "it is a web page that bears the ending of a workbook", file=path, valid=".xlsx", mend=_SAVE
        )
    if not held.startswith(b"PK"):
        raise ReadError(
            "it is not a workbook, though it bears the ending of one",
            file=path,
            mend=f"{_SAVE}; or, if it is text, give it the ending .csv",
        )


def _has_formulas(held: bytes) -> bool:
    """Whether some sheet holds a formula: only then is the workbook opened twice."""
    with zipfile.ZipFile(io.BytesIO(held)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f>" in (text := package.read(name)) or b"<f " in text for name in sheets)


def _put_formulas(rows: list[list[Any]], formulas: Worksheet) -> None:
    """Put a formula's text where the file holds no result of it."""
    for row, written in zip(rows, formulas.iter_rows(), strict=False):
        for column, cell in enumerate(written):
            if cell.data_type == "f" and row[column] is None:
                row[column] = f"={getattr(cell.value, 'text', cell.value)}".replace("==", "=", 1)
