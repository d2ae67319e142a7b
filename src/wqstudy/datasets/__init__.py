"""Data sets by name: the embedded demonstration, and real ones that are read here or downloaded."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from wqstudy.datasets.registry import Card, card, cards
from wqstudy.errors import ArgumentError
from wqstudy.parameters import codes
from wqstudy.study import Study
from wqstudy.windows import Windows

if TYPE_CHECKING:
    from wqstudy.samples import Reading

__all__ = ["folder", "info", "load", "names", "read"]

# The card under the name that users ask for it by.
info = card

Floored = Literal["keep", "nondetect"]

# What reads and downloads is imported where it is used: the embedded study needs neither.


def names() -> tuple[str, ...]:
    """Names that `load` knows.

    Examples
    --------
    >>> names()[:3]
    ('demo', 'hongkong', 'taihu')
    """
    return ("demo", *cards())


def load(
    name: str,
    *,
    months: Iterable[str] | str | None = None,
    floored: Floored = "keep",
    progress: bool = False,
) -> Study:
    """A data set as a study.

    Parameters
    ----------
    name
        ``"demo"`` is the simulated demonstration study, part of the package. The others are real, and no
        part of it: they are looked for below the folder that the environment variable ``WQSTUDY_DATA``
        names, then in the user's cache, and else downloaded into the cache, with their sha256 checked.
        `info` tells what they are.
    months
        For ``"cnemc-2020"``, the months to read, such as ``["2020-05"]``; None means all.
    floored
        Of the later feeds of the national stations, whether values that stand at a limit without being
        marked are kept, or taken as ``"nondetect"``.
    progress
        Show a bar on the terminal if something is downloaded.

    Raises
    ------
    ArgumentError
        If the name, a month or `floored` is not known.
    ReadError
        If the data are not on this computer and cannot be downloaded; says how to get them.

    Examples
    --------
    >>> load("demo").simulated
    True
    """
    if name == "demo":
        _only_for_feeds(name, months, floored)
        return Study.from_folder(_demo_folder())
    from wqstudy.datasets.loaders import daily_flow  # noqa: PLC0415

    own = _card(name)
    _only_for_feeds(name, months, floored)
    root, reading = _read(own, None, months, progress=progress)
    samples = reading.samples
    if name.startswith("cnemc"):
        samples = samples.drop_duplicates(["station", "time", "parameter"], keep="last")
    if floored == "nondetect":
        samples = _without_floors(own, samples)
    return Study(
        samples,
        reading.stations,
        flow=daily_flow(own, root),
        reading=reading,
        title=own.title,
        source=f"{own.publisher}. {own.citation}",
        time_zone=own.time_zone,
        windows=None if own.windows is None else Windows.of(own.windows["before"], own.windows["after"]),
        parameters=own.parameters,
    )


def read(
    name: str, parameters: Iterable[str] | str | None = None, *, months: Iterable[str] | str | None = None
) -> Reading:
    """The samples of a data set, with the account of every cell.

    Raises
    ------
    ArgumentError, ReadError
        As for `load`.

    Examples
    --------
    >>> print(read("demo", "TP"))
    3,758 samples, 48 stations, 1 parameters; 4,060 cells = 3,700 kept + 58 changed + 302 dropped
    """
    wanted = None if parameters is None else codes(parameters)
    if name == "demo":
        from wqstudy.folder import samples_of  # noqa: PLC0415
        from wqstudy.readers import read as read_table  # noqa: PLC0415

        return read_table(samples_of(_demo_folder()), wanted)
    return _read(_card(name), wanted, months)[1]


def folder(name: str) -> Path:
    """The folder that a data set is read from.

    Raises
    ------
    ArgumentError, ReadError
        As for `load`.

    Examples
    --------
    >>> (folder("demo") / "study.toml").is_file()
    True
    """
    if name == "demo":
        return _demo_folder()
    from wqstudy.datasets.download import locate  # noqa: PLC0415

    own = _card(name)
    return locate(name) / own.folder


def _card(name: str) -> Card:
    if name not in names():
        raise ArgumentError(f"there is no data set {name!r}", argument="name", valid=", ".join(names()))
    return card(name)


def _read(
    own: Card, wanted: list[str] | None, months: Iterable[str] | str | None, *, progress: bool = False
) -> tuple[Path, Reading]:
    from wqstudy.datasets.download import locate  # noqa: PLC0415
    from wqstudy.datasets.loaders import READERS  # noqa: PLC0415

    months = [months] if isinstance(months, str) else None if months is None else list(months)
    root = locate(own.name, months, progress=progress)
    return root, READERS[own.name](own, root, wanted, months)


def _only_for_feeds(name: str, months: Iterable[str] | str | None, floored: str) -> None:
    """Refuse options that mean nothing for a data set."""
    if floored not in ("keep", "nondetect"):
        raise ArgumentError(f"{floored!r} is not known", argument="floored", valid="keep, nondetect")
    if floored == "nondetect" and (name == "demo" or not card(name).floors):
        valid = ", ".join(other for other, own in cards().items() if own.floors)
        raise ArgumentError(
            f"the values of data set {name!r} stand at no limit without being marked",
            argument="floored",
            valid=f"keep; nondetect is for {valid}",
        )
    if months is not None and name != "cnemc-2020":
        raise ArgumentError(
            f"data set {name!r} is read as a whole",
            argument="months",
            valid="None; months are for cnemc-2020",
        )


def _without_floors(own: Card, samples: pd.DataFrame) -> pd.DataFrame:
    """Values that stand at a limit as non-detects."""
    value, censored = samples["value"].to_numpy(copy=True), samples["censored"].to_numpy(object, copy=True)
    for code, floor in own.floors.items():
        at = (samples["parameter"] == code).to_numpy() & np.isclose(value, floor["shown"], rtol=1e-9)
        value[at], censored[at] = floor["limit"], "left"
    return samples.assign(value=value, censored=pd.array(censored, dtype="str"))


def _demo_folder() -> Path:
    """Inside the installed package, or in the repository."""
    inside = Path(str(files("wqstudy"))) / "_demo"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "data" / "demo"
