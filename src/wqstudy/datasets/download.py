"""Where a data set's files are: a folder of one's own, the cache, or a download into the cache."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pooch

from wqstudy.datasets.registry import File, card, registered
from wqstudy.errors import ReadError

DATA_VARIABLE = "WQSTUDY_DATA"
BASE_URL = "https://raw.githubusercontent.com"
_WORKERS = 8
_SECONDS = 60


def cache() -> Path:
    """The folder that downloads go to, which the environment variable `WQSTUDY_CACHE` may name."""
    return Path(os.environ.get("WQSTUDY_CACHE") or pooch.os_cache("wqstudy"))


def places() -> list[Path]:
    """Folders that are looked in, in this order."""
    own = os.environ.get(DATA_VARIABLE)
    return [*([Path(own)] if own else []), cache()]


def locate(name: str, months: Iterable[str] | str | None = None, *, progress: bool = False) -> Path:
    """The folder below which the files of a data set are; they are downloaded if they are nowhere.

    Raises
    ------
    ReadError
        If they are not on this computer and cannot be downloaded; says what to do.
    """
    files = registered(name, months)
    for place in places():
        if _present(name, files, place, whole=place == cache()):
            return place
    return fetch(name, months, progress=progress)


def _present(name: str, files: Sequence[File], place: Path, *, whole: bool) -> bool:
    """Whether the files are there; of a data set that may be partial, some in every folder are enough.

    In the cache, which is filled file by file, all must be there.
    """
    if card(name).partial and not whole:
        folders = {str(Path(file.file).parent) for file in files}
        return all(any((place / folder).glob("*.*")) for folder in folders)
    return all((place / file.file).is_file() for file in files)


def fetch(name: str, months: Iterable[str] | str | None = None, *, progress: bool = False) -> Path:
    """Download what is missing of a data set into the cache; every file's sha256 is checked.

    Parameters
    ----------
    progress
        Show a bar on the terminal.

    Returns
    -------
    Path
        The cache.

    Raises
    ------
    ReadError
        If it is not published as it stands, there is no connection, or a file is not the one expected.
    """
    files = registered(name, months)
    for file in files:
        if not file.path:
            _cannot(name, file)
    with _quiet(), _bar(sum(file.size for file in files), name, shown=progress) as advance:
        pool = ThreadPoolExecutor(_WORKERS)
        try:
            waiting = {pool.submit(_download, file): file for file in files}
            for done in as_completed(waiting):
                done.result()
                advance(waiting[done].size)
        finally:
            pool.shutdown(cancel_futures=True)
    return cache()


def url(file: File) -> str:
    """Where a file is published, at the commit that the registry names."""
    return f"{BASE_URL}/{file.repo}/{file.commit}/{quote(file.path)}"


def verify(names: Iterable[str], *, content: bool = True) -> pd.DataFrame:
    """What is on this computer, and whether it is what the registry says.

    Parameters
    ----------
    content
        Read the files; without it ``good`` only means that there is a file.

    Returns
    -------
    DataFrame
        `name, file, state, place`; `state` is ``good``, ``differs`` or ``absent``.
    """
    rows = []
    for name in names:
        for file in registered(name):
            found = next((place for place in places() if (place / file.file).is_file()), None)
            state = "absent" if found is None else "good" if not content or _same(found, file) else "differs"
            rows.append((name, file.file, state, "" if found is None else str(found)))
    return pd.DataFrame(rows, columns=["name", "file", "state", "place"])


def _same(place: Path, file: File) -> bool:
    return hashlib.sha256((place / file.file).read_bytes()).hexdigest() == file.sha256


def _download(file: File) -> None:
    target = cache() / file.file
    try:
        pooch.retrieve(
            url(file),
            known_hash=f"sha256:{file.sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(timeout=_SECONDS),
        )
    except OSError as problem:  # the errors of connections are of this kind
        reason = " ".join(str(problem).split())[:200]
        raise ReadError(
            f"the file is not on this computer and could not be downloaded ({reason})",
            file=file.file,
            mend=f"connect to the internet and try again; or download {url(file)} by hand as {target}; or "
            f"set the environment variable {DATA_VARIABLE} to a folder that holds {file.file}",
        ) from None
    except ValueError:
        raise ReadError(
            f"what was downloaded from {url(file)} is not the file expected, and was thrown away",
            file=file.file,
            valid=f"a file with sha256 {file.sha256}",
            mend="try again on another connection; a proxy may have put a page of its own in its place",
        ) from None


def _cannot(name: str, file: File) -> None:
    own = card(name)
    obtain = own.obtain or f"look at github.com/{file.repo}"
    raise ReadError(
        f"data set {name!r} is not on this computer, and cannot be downloaded as it stands",
        file=file.file,
        mend=f"set the environment variable {DATA_VARIABLE} to the folder that holds {file.file}; {obtain}",
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pooch's own lines on the terminal."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _bar(total: int, name: str, *, shown: bool) -> Iterator[Callable[[int], None]]:
    from rich.console import Console  # noqa: PLC0415 - only where something is downloaded
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as progress:
        task = progress.add_task(name, total=total)
        yield lambda size: progress.advance(task, size)
