"""Data cards: what each real data set is, which files it has, and where they are published."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as resources
from typing import Any

from wqstudy import rules
from wqstudy.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class File:
    """A file of a data set.

    Parameters
    ----------
    file
        Place below `$WQSTUDY_DATA` or the cache.
    size
        Bytes.
    sha256
        What its content must give.
    repo, commit, path
        Where it is published; `path` is empty if it is not published as it stands.
    """

    file: str
    size: int
    sha256: str
    repo: str
    commit: str
    path: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a data set is: publisher, licence, coverage, peculiarities, and how a study is made of it."""

    name: str
    title: str
    publisher: str
    licence: str
    coverage: str
    citation: str
    folder: str
    files: tuple[str, ...]
    quirks: tuple[str, ...]
    parameters: tuple[str, ...]
    time_zone: str = "Asia/Shanghai"
    partial: bool = False
    obtain: str = ""
    station: str = ""
    parameter: str = ""
    unit: str = ""
    flow_unit: str = ""
    windows: dict[str, list[str]] | None = None
    floors: dict[str, dict[str, float]] = field(default_factory=dict)

    def __str__(self) -> str:
        found = registered(self.name)
        size = sum(file.size for file in found) / 1e6
        lines = [
            f"{self.name}: {self.title}",
            f"publisher: {self.publisher}",
            f"licence: {self.licence}",
            f"coverage: {self.coverage}",
            f"citation: {self.citation}",
            f"files: {len(found)} in {self.folder}, {size:.1f} MB",
            *(f"download: github.com/{source}" for source in sources(self.name)),
            *([f"to obtain: {self.obtain}"] if self.obtain else []),
            *(f"- {quirk}" for quirk in self.quirks),
        ]
        return "\n".join(lines)


@cache
def cards() -> dict[str, Card]:
    """Every card by the name of its data set.

    Examples
    --------
    >>> list(cards())[:2]
    ['hongkong', 'taihu']
    """
    return {name: _card(name, entry) for name, entry in rules.load("datasets").items()}


def _card(name: str, entry: dict[str, Any]) -> Card:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return Card(name=name, **(entry | lists))


def card(name: str) -> Card:
    """The data card of a real data set: publisher, licence, coverage, citation, peculiarities.

    Raises
    ------
    ArgumentError
        If there is none of that name.

    Examples
    --------
    >>> card("choptank-nitrate").flow_unit
    'm3/s'
    """
    if name not in cards():
        raise ArgumentError(f"there is no real data set {name!r}", argument="name", valid=", ".join(cards()))
    return cards()[name]


@cache
def _registry() -> tuple[File, ...]:
    text = (resources("wqstudy.rules") / "datasets_files.csv").read_text(encoding="utf-8")
    return tuple(
        File(line["file"], int(line["bytes"]), line["sha256"], line["repo"], line["commit"], line["path"])
        for line in csv.DictReader(text.splitlines())
    )


def registered(name: str, months: Iterable[str] | str | None = None) -> tuple[File, ...]:
    """The files of a data set, or of some months of one that has its files in a folder a month.

    Raises
    ------
    ArgumentError
        If there is no such data set or month.

    Examples
    --------
    >>> [file.file for file in registered("cnemc-2020", ["2020-10"])][-1]
    'cnemc/daily_json/2020-10/2020-10-28.json'
    """
    own = card(name)
    found = tuple(file for file in _registry() if file.file.startswith(own.files))
    if months is None:
        return found
    wanted = [months] if isinstance(months, str) else list(months)
    by_month: dict[str, list[File]] = {}
    for file in found:
        month, _, rest = file.file.removeprefix(f"{own.folder}/").partition("/")
        if rest:
            by_month.setdefault(month, []).append(file)
    for month in wanted:
        if month not in by_month:
            raise ArgumentError(
                f"data set {name!r} has no month {month!r} to read by itself",
                argument="months",
                valid=", ".join(by_month) or "None: it is read as a whole",
            )
    return tuple(file for month in dict.fromkeys(wanted) for file in by_month[month])


def sources(name: str) -> list[str]:
    """Repositories, at a commit, that a data set's files can be downloaded from.

    Examples
    --------
    >>> sources("hongkong")
    ['chikity/hk_river_water at 6993481']
    """
    return sorted({f"{file.repo} at {file.commit[:7]}" for file in registered(name) if file.path})
