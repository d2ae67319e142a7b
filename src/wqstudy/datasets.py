"""Data sets by name: the embedded demonstration, and real ones that lie on this computer."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from wqstudy.errors import ArgumentError, ReadError
from wqstudy.study import Study
from wqstudy.windows import Windows

DATA_VARIABLE = "WQSTUDY_DATA"

_HOW = (
    f"set the environment variable {DATA_VARIABLE} to the folder that holds hongkong-rivers, with the files "
    "river-historical-YYYY-en.csv of the Environmental Protection Department, Hong Kong "
    "(open government data, 'River Water Quality')"
)


def names() -> tuple[str, ...]:
    """Names that `load` knows.

    Examples
    --------
    >>> names()
    ('demo', 'hongkong')
    """
    return ("demo", "hongkong")


def load(name: str) -> Study:
    """A data set as a study.

    Parameters
    ----------
    name
        ``"demo"``: the simulated demonstration study, which is part of the package.
        ``"hongkong"``: rivers of Hong Kong, 1986-2020, 87 stations, districts being the water control
        zones, windows its first and last five years. Source: Environmental Protection Department,
        Government of the Hong Kong Special Administrative Region. Not part of the package: read from
        ``$WQSTUDY_DATA/hongkong-rivers``.

    Raises
    ------
    ArgumentError
        If the name is not known.
    ReadError
        If the data are not on this computer; says how to get them.

    Examples
    --------
    >>> load("demo").simulated
    True
    """
    if name == "demo":
        return Study.from_folder(_demo_folder())
    if name == "hongkong":
        return _hongkong()
    raise ArgumentError(f"there is no data set {name!r}", argument="name", valid=", ".join(names()))


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
    if name == "hongkong":
        return _hongkong_folder()
    raise ArgumentError(f"there is no data set {name!r}", argument="name", valid=", ".join(names()))


def _demo_folder() -> Path:
    """Inside the installed package, or in the repository."""
    inside = Path(str(files("wqstudy"))) / "_demo"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "data" / "demo"


def _hongkong_folder() -> Path:
    base = os.environ.get(DATA_VARIABLE)
    place = Path(base or ".") / "hongkong-rivers"
    if base is None or not place.is_dir():
        raise ReadError("the Hong Kong river data are not on this computer", file=place, mend=_HOW)
    return place


def _hongkong() -> Study:
    from wqstudy.readers import read  # noqa: PLC0415 - the embedded study needs no reader of formats

    reading = read(_hongkong_folder())
    return Study(
        reading.samples,
        reading.stations,
        reading=reading,
        title="Rivers of Hong Kong, 1986-2020",
        source=(
            "Environmental Protection Department, Government of the Hong Kong Special Administrative Region: "
            "river water quality monitoring, open government data"
        ),
        time_zone="Asia/Hong_Kong",
        windows=Windows.of(("1986-01-01", "1991-01-01"), ("2016-01-01", "2021-01-01")),
        parameters=["NH3N", "TP", "CODCr"],
    )
