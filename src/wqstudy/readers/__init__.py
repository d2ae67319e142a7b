"""Readers: messy files to samples, with a ledger in which every cell is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from wqstudy.errors import ArgumentError, ReadError
from wqstudy.parameters import codes
from wqstudy.readers import across, cnemc, hongkong, tables, taihu
from wqstudy.readers.account import without_table
from wqstudy.readers.copies import without_copies
from wqstudy.readers.dates import years
from wqstudy.readers.files import LOADERS, load
from wqstudy.readers.layout import is_tidy
from wqstudy.readers.names import one_name
from wqstudy.readers.namesakes import parts_apart
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.slips import find_slips, flag_slips, told_slips, wide_ranges
from wqstudy.readers.stations import settle_places
from wqstudy.readers.times import dated_by_title, year_of
from wqstudy.readers.titles import placed_by_name
from wqstudy.samples import Reading, join_ledgers

__all__ = ["read"]


@dataclass(frozen=True, slots=True)
class Format:
    """A way of writing monitoring tables: how to tell it, and how to read it."""

    name: str
    recognises: Callable[[Sheet], bool]
    read: Callable[[Sheet, Collection[str] | None], Part]


def _any(_: Sheet) -> bool:
    return True


# The first that recognises a sheet reads it; the last takes all, and says what is missing.
FORMATS = (
    Format("hongkong", hongkong.recognises, hongkong.read),
    Format("cnemc", cnemc.recognises, cnemc.read),
    Format("taihu", taihu.recognises, taihu.read),
    Format("months across", across.months_across, across.read_months),
    Format("stations across", across.stations_across, across.read_stations),
    Format("tidy", is_tidy, tables.read_tidy),
    Format("wide", _any, tables.read_wide),
)


def read(
    path: str | Path,
    parameters: Iterable[str] | str | None = None,
    *,
    strict: bool = True,
    year: int | None = None,
) -> Reading:
    r"""Read monitoring tables: one file, or all tables of a folder.

    Parameters
    ----------
    path
        A `.csv`, `.csv.gz` or `.parquet` file, a saved page (`.html`) or feed (`.json`), or a folder of
        such files, which are read in the order of their names: its own, not those of folders in it, unless
        it holds nothing but folders of `.json` files. A table is tidy (`station, time, parameter, value`,
        and if there are `unit`, `censored`), wide (station, time, one column a parameter), across (station,
        parameter, one column a month), a river table of Hong Kong's Environmental Protection Department, or
        the feed of China's national automatic stations. Headings may be Chinese or English.
    parameters
        Parameters to read, by any name the catalogue knows; None means all. Cells of others are
        not counted.
    strict
        Whether the first fault of a table's structure is an error. If not, what can be read is read, and the
        rest is told in the ledger: cell by cell where the table is understood, else one line for the sheet
        or file.
    year
        Year of times that name none, such as ``04-05 08:00``. By default the four digits in the name of the
        sheet, in the table's title or in the name of the file.

    Returns
    -------
    Reading
        `samples` with values in canonical units, `ledger` with a line for every cell that was changed
        or dropped and for every parameter heading, `stations` with what the files say of them.

    Raises
    ------
    ReadError
        Names the file, row and column, what is valid, and how to mend it.
    ArgumentError
        If `parameters` names one that the catalogue does not have.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "2021.csv")
    ...     _ = file.write_text("断面,日期,总磷(mg/L)\n北桥,2021/4/5,0.12\n北桥,2021/5/6,0.01L\n", "utf-8")
    ...     reading = read(file)
    >>> reading.samples
      station       time parameter  value censored
    0      北桥 2021-04-05        TP   0.12     none
    1      北桥 2021-05-06        TP   0.01     left
    >>> print(reading)
    2 samples, 1 stations, 1 parameters; 2 cells = 1 kept + 1 changed + 0 dropped
    """
    path = Path(path)
    wanted = None if parameters is None else codes(parameters)
    first, last = years()
    if year is not None and not first <= year <= last:
        raise ArgumentError(f"{year!r} is no year", argument="year", valid=f"{first} to {last}")
    files = _files(path)
    sheets = cnemc.bundle(sheet for file in files for sheet in _load(file, strict))
    parts = [_read_one(sheet, wanted, strict, year) for sheet in sheets]
    _on_one_clock(path, parts)
    parts, told_namesakes = parts_apart(parts)
    parts, told_copies = without_copies(parts)
    samples = _join_samples([part.samples for part in parts])
    samples, places, aliases, told_names = one_name(samples, [part.places for part in parts])
    slips = find_slips(samples, wide_ranges(part.extremes for part in parts))
    told = (told_namesakes, told_copies, told_names, told_slips(samples, slips), _left(path, files))
    reading = Reading(
        samples=flag_slips(samples, slips),
        ledger=join_ledgers([*(part.ledger for part in parts), *told]),
        stations=settle_places(places),
        kept=sum(part.kept for part in parts),
        aliases=aliases,
    )
    if wanted is not None and not reading.counts["cells"] and strict:
        raise ReadError(
            f"none of the parameters asked for is there ({', '.join(wanted) or 'none was'})",
            file=path,
            argument="parameters",
            mend="leave out `parameters` to read all that the file has",
        )
    return reading


def _load(file: Path, strict: bool) -> list[Sheet]:
    """The sheets of a file; if not strict, a fault is a sheet without a table."""
    try:
        return load(file)
    except ReadError as problem:
        if strict:
            raise
        return [Sheet(file, problem.sheet, (), pd.DataFrame(), problem.row or 1, nothing=str(problem))]


def _read_one(sheet: Sheet, wanted: Collection[str] | None, strict: bool, year: int | None) -> Part:
    """The account of a sheet; if not strict, faults are lines of it."""
    if sheet.nothing:
        return without_table(sheet)
    sheet = placed_by_name(replace(sheet, strict=strict, year=year or year_of(sheet)))
    sheet = dated_by_title(sheet)
    try:
        return _read_sheet(sheet, wanted)
    except ReadError as problem:
        if strict:
            raise
        return without_table(replace(sheet, nothing=str(problem)))


def _read_sheet(sheet: Sheet, wanted: Collection[str] | None) -> Part:
    if sheet.nothing:
        return without_table(sheet)
    form = next(form for form in FORMATS if form.recognises(sheet))
    return form.read(sheet, wanted)


def _files(path: Path) -> list[Path]:
    """The file, or the tables of the folder by name."""
    if not path.exists():
        raise ReadError("there is no such file or folder", file=path)
    if not path.is_dir():
        return [path]
    endings = tuple(LOADERS)
    found = _tables_in(path, endings)
    if not found:
        deeper = [_tables_in(folder, endings) for folder in sorted(path.iterdir()) if folder.is_dir()]
        found = [file for files in deeper for file in files]
        if not all(file.name.lower().endswith(".json") for file in found):
            found = []
    if not found:
        raise ReadError(
            "the folder has no tables in it", file=path, valid="files ending in " + ", ".join(endings)
        )
    return found


def _left(folder: Path, files: list[Path]) -> pd.DataFrame:
    """Lines of the ledger for what else lies in a folder: files that are no tables, folders with tables."""
    lines = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.name.startswith((".", "~$")) or place in files:
            continue
        if place.is_file():
            lines.append((place.name, "not a table that is read"))
        elif place not in {file.parent for file in files}:
            below = [folder for folder in (place, *place.rglob("*")) if folder.is_dir()]
            if n := sum(len(_tables_in(folder, tuple(LOADERS))) for folder in below):
                told = f"{n} tables in a folder below, not read: put them beside the others"
                lines.append((f"{place.name}/", told))
    return pd.DataFrame(lines, columns=["file", "reason"]).assign(action="not_data")


def _tables_in(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The tables that lie in a folder itself, by name."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and file.name.lower().endswith(endings) and not file.name.startswith((".", "~$"))
    )


def _on_one_clock(path: Path, parts: list[Part]) -> None:
    """Refuse times with an offset beside times without."""
    if len({part.samples["time"].dt.tz is None for part in parts if len(part.samples)}) > 1:
        raise ReadError(
            "some files have times with an offset from UTC and others have not",
            file=path,
            mend="write all times with an offset, or none",
        )


def _join_samples(samples: list[pd.DataFrame]) -> pd.DataFrame:
    samples = [part for part in samples if len(part)] or samples
    return pd.concat(samples, ignore_index=True) if len(samples) > 1 else samples[0]
