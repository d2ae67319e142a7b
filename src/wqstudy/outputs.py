"""Writing results: beside what was there, then moved into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from wqstudy.errors import OutputError

TABLE_FORMATS = (".csv", ".xlsx", ".parquet")


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV (with a byte-order mark, so that Excel shows Chinese), Excel or Parquet.

    Raises
    ------
    OutputError
        If the ending is none of these, or the place cannot be written to. What was there stays.
    """
    path = Path(path)
    if path.suffix.lower() not in TABLE_FORMATS:
        raise OutputError(
            f"a table cannot be written as {path.suffix or 'a file without ending'!r}",
            file=path,
            valid=", ".join(TABLE_FORMATS),
        )
    with _writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=path.suffix.lower(), prefix=".writing-", dir=path.parent)
        os.close(handle)
        beside = Path(name)
        try:
            if path.suffix.lower() == ".csv":
                table.to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\n")
            elif path.suffix.lower() == ".xlsx":
                table.to_excel(beside, index=False)
            else:
                table.to_parquet(beside, index=False)
            _open_to_all(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    return path


@contextmanager
def replacing_folder(folder: Path, mark: str | None) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of `folder` when the block ends without an error.

    Parameters
    ----------
    folder
        Where the result shall be.
    mark
        A file that the earlier result had too; a folder that is not empty and lacks it is somebody
        else's and is left alone. None: only an empty folder is replaced.

    Raises
    ------
    OutputError
        If `folder` is somebody else's or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError("this is a file, and a folder is wanted", file=folder)
    ours = mark is not None and (folder / mark).is_file()
    if folder.is_dir() and any(folder.iterdir()) and not ours:
        raise OutputError(
            "the folder is not empty" + (f" and has no {mark}" if mark else "") + ": it is not replaced",
            file=folder,
            mend="name an empty or new folder",
        )
    with _writable(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        place = folder.resolve()
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield beside
        with _writable(folder):
            _open_to_all(beside)
            if folder.is_dir() and not ours:
                # Empty, and perhaps the folder that the user stands in: it stays and is filled.
                for made in beside.iterdir():
                    made.rename(folder / made.name)
            else:
                _swap(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _swap(beside: Path, folder: Path) -> None:
    """Put a folder in the place of another, which comes back if that fails."""
    old = beside.with_name(beside.name + "-old")
    if folder.exists():
        folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
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
