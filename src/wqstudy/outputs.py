"""Writing results: beside what was there, then moved into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from wqstudy.errors import OutputError

TABLE_FORMATS = (".csv", ".xlsx", ".parquet")
_ELSEWHERE = "name an empty or new folder"
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
    if path.suffix.lower() not in TABLE_FORMATS:
        raise OutputError(
            f"a table cannot be written as {path.suffix or 'a file without ending'!r}",
            file=path,
            valid=", ".join(TABLE_FORMATS),
        )
    with _replacing_file(path) as beside:
        if path.suffix.lower() == ".csv":
            table.to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\n")
        elif path.suffix.lower() == ".xlsx":
            table.to_excel(beside, index=False)
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
    with _replacing_file(path) as beside:
        beside.write_bytes(held)
    return path


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
