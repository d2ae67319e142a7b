"""A study as a folder: `study.toml` beside its tables."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError, ReadError
from wqstudy.outputs import replacing_folder, write_table
from wqstudy.readers import read
from wqstudy.readers.study_tables import read_study_table
from wqstudy.samples import Reading
from wqstudy.schemas import SCHEMAS
from wqstudy.study import Study
from wqstudy.windows import Windows

SCHEMA_VERSION = 1
SETTINGS = "study.toml"
_KEYS = ("schema_version", "title", "source", "language", "time_zone", "simulated", "parameters", "windows")
_KINDS: dict[str, tuple[type[str | bool | list[Any]], str]] = {
    "title": (str, "text in quotes"),
    "source": (str, "text in quotes"),
    "language": (str, "text in quotes"),
    "time_zone": (str, "text in quotes"),
    "simulated": (bool, "true or false"),
    "parameters": (list, "a list of codes or names in quotes"),
}
_TABLES = ("stations", "measures", "flow", "targets", "aliases", "claims", "truth")
_REPLACED = (".csv", ".csv.gz", ".parquet")
"""Endings of tables that a study written anew takes the place of: a workbook may hold more than its table."""
_ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")


def open_study(path: Path, parameters: Iterable[str] | None = None) -> Study:
    """The study in a folder, or one made of a monitoring table (or folder of tables) alone.

    Parameters
    ----------
    path
        Study folder, monitoring table, or folder of tables.
    parameters
        Read only these; by default all that the catalogue knows.

    Raises
    ------
    ReadError
        If there is nothing there or it cannot be read.
    """
    # A folder laid out as a study that has lost its settings is told so, not read as loose tables.
    laid_out = path.is_dir() and _find(path, "samples") and any(_find(path, name) for name in _TABLES)
    if (path / SETTINGS).is_file() or laid_out:
        return read_folder(path, parameters)
    reading = read(path, parameters)
    return _study_of(reading, title=path.stem)


def read_folder(folder: Path, parameters: Iterable[str] | None = None) -> Study:
    """The study that a folder holds.

    Parameters
    ----------
    folder
        Has `study.toml`, the samples as `samples.csv` (or `.csv.gz`, `.xlsx`, `.parquet`) or as tables in
        `raw/`, and where there are any `stations`, `measures`, `flow`, `targets`, `aliases`, `claims`.
    parameters
        Read only these; by default all that the catalogue knows.

    Raises
    ------
    ReadError, SchemaError
        Name the file and the place in it.
    """
    settings = _settings(folder / SETTINGS)
    reading = read_samples(folder, parameters)
    tables = {name: read_study_table(found, name) for name in _TABLES if (found := _find(folder, name))}
    try:
        return _study_of(reading, **tables, **settings)
    except ArgumentError as problem:
        if problem.argument not in settings:
            raise
        raise ReadError(str(problem).removeprefix("argument "), file=folder / SETTINGS) from None


def samples_of(path: Path) -> Path:
    """Where the samples are: in a study folder its table of samples or `raw/`, else the path itself.

    Raises
    ------
    ReadError
        If a study folder has neither.
    """
    if not (path / SETTINGS).is_file():
        return path
    raw = path / "raw"
    samples = raw if raw.is_dir() else _find(path, "samples")
    if samples is None:
        valid = ", ".join(f"samples{ending}" for ending in _ENDINGS)
        raise ReadError("there is no table of samples", file=path, valid=f"{valid}, or a folder raw")
    return samples


def read_samples(path: Path, parameters: Iterable[str] | None = None, **how: Any) -> Reading:
    """The samples of a study folder, a folder of tables or a table, as `wqstudy.read` gives them.

    Raises
    ------
    ReadError
        As `wqstudy.read`; and if a table of samples beside `raw/` holds what the tables in `raw/` do not.
    """
    place = samples_of(path)
    reading = read(place, parameters, **how)
    beside = _find(path, "samples") if place != path and place.is_dir() else None
    if beside is None:
        return reading
    same = ["station", "time", "parameter"]
    other = read(beside, parameters, strict=False).samples[same].drop_duplicates()
    station = dict(zip(reading.aliases["alias"], reading.aliases["station"], strict=True))
    other["station"] = other["station"].replace(station)
    lacking = len(other) - len(other.merge(reading.samples[same].drop_duplicates()))
    if lacking:
        raise ReadError(
            f"it holds {lacking:,} samples that the tables in raw do not, which are read in its place",
            file=beside,
            mend="move it into raw, or take one of the two away",
        )
    return reading


def _study_of(reading: Reading, **parts: Any) -> Study:
    """A study of what was read; what a stations table says goes before what the samples' file says."""
    stations = parts.pop("stations", None)
    if stations is None:
        stations = reading.stations
    elif "station" in stations and len(reading.stations):
        told = reading.stations.set_index("station").reindex(stations["station"]).reset_index(drop=True)
        rows, where = stations.index, stations.attrs
        stations = (
            stations.reset_index(drop=True)
            .combine_first(told)[[*stations, *told.columns.difference(stations.columns)]]
            .set_axis(rows)
        )
        stations.attrs |= where
    aliases = parts.pop("aliases", None)
    if len(reading.aliases):  # other tables of the study may use a former name too
        told = reading.aliases if aliases is None else pd.concat([aliases, reading.aliases])
        aliases = told.drop_duplicates("alias", ignore_index=True)
    return Study(reading.samples, stations, aliases=aliases, reading=reading, **parts)


def files_of(path: Path) -> list[Path]:
    """The files that a study is read from: settings and tables of a study folder, else all tables there."""
    if not path.is_dir():
        return [path]
    if not (path / SETTINGS).is_file():
        return _seen(path)
    samples = samples_of(path)
    tables = _seen(samples) if samples.is_dir() else [samples]
    others = [found for name in _TABLES if (found := _find(path, name))]
    return sorted([path / SETTINGS, *tables, *others])


def _seen(folder: Path) -> list[Path]:
    """Files of a folder by name, but for hidden ones and those by which programs lock what they have open."""
    return sorted(
        file for file in folder.iterdir() if file.is_file() and not file.name.startswith((".", "~$"))
    )


def _settings(file: Path) -> dict[str, Any]:
    """`study.toml` as arguments of Study."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ReadError(
            "the folder has no study.toml", file=file.parent, mend="make one with: wqstudy new DIR"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ReadError(f"it is not valid TOML ({problem})", file=file) from None
    unknown = sorted(set(given) - set(_KEYS))
    if unknown:
        raise ReadError(f"setting {unknown[0]!r} is not known", file=file, valid=", ".join(_KEYS))
    version = given.pop("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise ReadError(f"schema_version is {version!r}", file=file, valid=str(SCHEMA_VERSION))
    for key, (kind, valid) in _KINDS.items():
        value = given.get(key, kind())
        odd = isinstance(value, list) and not all(isinstance(item, str) for item in value)
        if odd or not isinstance(value, kind):
            raise ReadError(f"setting {key!r} is {value!r}", file=file, valid=valid)
    windows = given.pop("windows", None)
    if windows is not None:
        if not isinstance(windows, dict) or set(windows) != {"before", "after"}:
            raise ReadError(
                "the windows are not complete", file=file, valid='before and after, each ["start", "end"]'
            )
        try:
            given["windows"] = Windows.of(windows["before"], windows["after"])
        except ArgumentError as problem:
            raise ReadError(str(problem), file=file) from None
    return given


def _find(folder: Path, name: str) -> Path | None:
    found = [folder / f"{name}{ending}" for ending in _ENDINGS if (folder / f"{name}{ending}").is_file()]
    if len(found) > 1:
        raise ReadError(
            f"there are {len(found)} tables of that name: {', '.join(f.name for f in found)}",
            file=folder,
            mend="keep one of them",
        )
    return found[0] if found else None


def write_folder(study: Study, folder: Path) -> Path:
    """Write a study as a folder that `read_folder` reads back.

    Raises
    ------
    OutputError
        If the folder holds something that is not a study, or an earlier study with files that a study
        written anew does not have, such as raw tables.
    """
    names = [SETTINGS, *(f"{name}{ending}" for name in ("samples", *_TABLES) for ending in _REPLACED)]
    with replacing_folder(folder, SETTINGS, names) as beside:
        (beside / SETTINGS).write_text(_settings_text(study), encoding="utf-8", newline="\n")
        for name in ("samples", *_TABLES):
            table = getattr(study, name)
            if table is not None:
                write_table(table, beside / f"{name}.csv")
    return folder


def _settings_text(study: Study) -> str:
    """The settings as TOML (its strings and arrays of strings are written as JSON's are)."""
    keys = ("title", "source", "language", "time_zone", "simulated", "parameters")
    lines = [f"schema_version = {SCHEMA_VERSION}"]
    lines += [f"{key} = {json.dumps(getattr(study, key), ensure_ascii=False)}" for key in keys]
    if study.windows is not None:
        lines += ["", "[windows]"]
        lines += [f"{name} = {json.dumps(span)}" for name, span in study.windows.to_dict().items()]
    return "\n".join(lines) + "\n"


def new_folder(folder: Path, language: str = "en") -> Path:
    """Lay out an empty study: settings to fill in, and tables with their headings.

    Raises
    ------
    OutputError
        If the folder is not empty.
    """
    with replacing_folder(folder) as beside:
        text = [
            f"schema_version = {SCHEMA_VERSION}",
            f"title = {json.dumps(folder.resolve().name, ensure_ascii=False)}",
            'source = ""',
            f'language = "{language}"',
            'time_zone = "Asia/Shanghai"',
            'parameters = ["NH3N", "TP", "CODMn"]',
            "",
            f"# {words.text('new.no_windows', language)}",
            f"# {words.text('new.own_start', language)}",
            "# [windows]",
            f'# before = ["2016-01-01", "2018-01-01"]   # {words.text("new.end_excluded", language)}',
            '# after = ["2020-01-01", "2022-01-01"]',
        ]
        (beside / SETTINGS).write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")
        for name in ("samples", *_TABLES[:-1]):
            headings = pd.DataFrame(columns=list(SCHEMAS[name].columns))
            optional = name in ("flow", "targets", "aliases", "claims")
            where = beside / "templates" if optional else beside
            write_table(headings, where / f"{name}.csv")
    return folder
