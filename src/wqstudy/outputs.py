"""Writing results: beside what was there, then moved into place."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import IllegalCharacterError

from wqstudy.errors import OutputError

TABLE_FORMATS = (".csv", ".xlsx", ".parquet")
_ELSEWHERE = "name an empty or new folder"
_FORMULA = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet takes for a formula, in the half- and full-width signs of East Asian keyboards."""
_QUOTED = re.compile(r"^'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?: ?[%‰])?")
_ROWS = 1_048_575
"""What a sheet of a workbook holds below its headings."""
_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What macOS and Windows lay into a folder that is only looked at."""


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV (with a byte-order mark, so that Excel shows Chinese), Excel or Parquet.

    Raises
    ------
    OutputError
        If the ending is none of these, or the place cannot be written to. What was there stays.
    """
    path = Path(path)
    no_folder(path, "table.csv")
    if path.suffix.lower() not in TABLE_FORMATS:
        raise OutputError(
            f"a table cannot be written as {path.suffix or 'a file without ending'!r}",
            file=path,
            valid=", ".join(TABLE_FORMATS),
        )
    with _replacing_file(path) as beside:
        if path.suffix.lower() == ".csv":
            guarded(table).to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\n")
        elif path.suffix.lower() == ".xlsx":
            _write_workbook(table, beside)
        else:
            table.to_parquet(beside, index=False)
    return path


def write_bytes(held: bytes, path: str | Path) -> Path:
    """Write a file whole, or leave what was there.

    Raises
    ------
    OutputError
        If the place cannot be written to.
    """
    path = Path(path)
    no_folder(path, "page.html")
    with _replacing_file(path) as beside:
        beside.write_bytes(held)
    return path


def no_folder(path: Path, example: str) -> None:
    """Refuse a folder where a file is wanted.

    Raises
    ------
    OutputError
        If it is one.
    """
    if path.is_dir():
        raise OutputError(
            "this is a folder, and a file is wanted",
            file=path,
            valid=f"a file in it, such as {path / example}",
        )


def guarded(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts no spreadsheet takes for formulas when it opens them as CSV.

    Texts and headings that begin with ``= + - @``, a tab or a line's end, and are no number, get an
    apostrophe before them (OWASP, CSV Injection); so do those that begin with apostrophes and one of these,
    so that `unguarded` gives back every text as it was. Numbers stay numbers.

    Examples
    --------
    >>> guarded(pd.DataFrame({"name": ["=1+1", "-3", "-23 %", "甲"]}))["name"].tolist()
    ["'=1+1", '-3', '-23 %', '甲']
    """
    table = _mapped(table, _guarded)
    return table.rename(columns=lambda name: _guarded(name) if isinstance(name, str) else name)


def unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table that `guarded` was given, but for its headings.

    Examples
    --------
    >>> unguarded(pd.DataFrame({"name": ["'=1+1", "-3", "'甲'"]}))["name"].tolist()
    ['=1+1', '-3', "'甲'"]
    """
    return _mapped(table, lambda text: text[1:] if _QUOTED.match(text) else text)


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _mapped(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Texts that may be formulas, changed; all other columns are not touched."""
    changed: dict[Hashable, Any] = {}
    for name, values in table.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            names = values.cat.categories
            told = {text: change(text) for text in names if isinstance(text, str) and _FORMULA.match(text)}
            if told:
                changed[name] = values.cat.rename_categories(told)
        elif pd.api.types.is_string_dtype(values.dtype) or values.dtype == object:
            texts = values[values.astype("str").str.contains(_FORMULA.pattern, na=False)].unique()
            told = {text: change(text) for text in texts if isinstance(text, str)}
            if told:
                changed[name] = values.replace(told)
    if not changed:
        return table
    table = table.copy()
    for name, values in changed.items():
        table[name] = values
    return table


def _write_workbook(table: pd.DataFrame, place: Path) -> None:
    """An Excel workbook in which texts are texts, also those that look like formulas.

    Raises
    ------
    OutputError
        If a text has a character that a workbook cannot hold, or the table has too many rows for a sheet.
    """
    if len(table) > _ROWS:
        raise OutputError(
            f"a sheet of a workbook has no room for {len(table):,} rows",
            file=place,
            valid=f"{_ROWS:,} rows",
            mend="write it as .csv or .parquet",
        )
    try:
        table.to_excel(place, index=False)
    except IllegalCharacterError as problem:
        raise OutputError(
            f"a text has a character that a workbook cannot hold ({str(problem)[:80]!r})",
            file=place,
            mend="write it as .csv or .parquet",
        ) from None
    texts = (pd.Series(table.columns), *(table[name] for name in table.select_dtypes(exclude="number")))
    if not any(one.astype("str").str.startswith("=").any() for one in texts):
        return
    book = openpyxl.load_workbook(place)
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
    book.save(place)


@contextmanager
def _replacing_file(path: Path) -> Iterator[Path]:
    """A file to fill, which takes the place of `path` when the block ends well."""
    with _writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=path.suffix.lower(), prefix=".writing-", dir=path.parent)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            _open_to_all(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def replacing_folder(folder: Path, mark: str | None = None, names: Collection[str] = ()) -> Iterator[Path]:
    """An empty folder to fill, whose content takes the place of `folder`'s when the block ends well.

    Parameters
    ----------
    folder
        Where the result shall be.
    mark, names
        A file that an earlier result surely has, and every name that it may have. A folder that lacks the
        one, or has anything beyond the others, is somebody else's and is left alone. Without them, only
        an empty folder is filled.

    Raises
    ------
    OutputError
        If `folder` is somebody else's or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError("this is a file, and a folder is wanted", file=folder)
    found = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    there = [name for name in found if name not in _SYSTEM]
    if there and mark not in there:
        lacks = f" and has no {mark}" if mark else ""
        raise OutputError(f"the folder is not empty{lacks}: it is not replaced", file=folder, mend=_ELSEWHERE)
    strange = [name for name in there if name not in names]
    if strange:
        lost = ", ".join(repr(name) for name in strange[:5])
        raise OutputError(
            f"the folder also holds {lost}, which would be lost: it is not replaced",
            file=folder,
            mend=_ELSEWHERE,
        )
    with _writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        place = folder.resolve()
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield beside
        with _writable(folder):
            _exchange(place, beside)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if not there and not any(place.iterdir()):
            place.rmdir()


def _exchange(place: Path, beside: Path) -> None:
    """Move what a folder holds out and the new content in; what was there comes back if that fails.

    The folder itself stays, since the user may be standing in it.
    """
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}-old-", dir=place.parent))
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in ((place, old), (beside, place)):
            for entry in sorted(source.iterdir()):
                entry.rename(target / entry.name)
                moved.append((entry, target / entry.name))
    except BaseException:
        # Should this fail too, `old` stays, since it holds what cannot be made again.
        for entry, now in reversed(moved):
            now.rename(entry)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OutputError(
            f"it cannot be written ({problem.strerror or problem})",
            file=path,
            mend="close the file if another program has it open, or name another place",
        ) from None


def _open_to_all(path: Path) -> None:
    """Give a temporary file or folder the rights that a plainly written one would have."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)
