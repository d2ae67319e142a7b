"""What the indices share: columns of items out of a tidy table, and notes put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import WATER_BODIES

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

IDENTITY = ("station", "time", "period", "year", "water_body", "city", "district", "river")
"""Columns that say what a row is about: an index carries them along."""


def identity(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that say what each row is about; the index stays, so that the rest can be joined.

    Examples
    --------
    >>> list(identity(pd.DataFrame({"station": ["a"], "TP": [0.1]})))
    ['station']
    """
    return table[[name for name in IDENTITY if name in table]]


def need_columns(table: pd.DataFrame, columns: Iterable[str], argument: str = "table") -> None:
    """An error that names the first column that is missing, or nothing.

    Raises
    ------
    ArgumentError
        If a column is missing.
    """
    for name in columns:
        if name not in table:
            raise ArgumentError(
                f"column {name!r} is missing",
                argument=argument,
                mend=f"add it (found: {', '.join(map(str, table.columns))})",
            )


def need_filled(table: pd.DataFrame, columns: Iterable[str], argument: str = "table") -> None:
    """An error that names the first of the columns that is missing or has a blank cell, or nothing.

    Raises
    ------
    ArgumentError
        If there is one.
    """
    columns = list(columns)
    need_columns(table, columns, argument)
    for name in columns:
        blank = np.flatnonzero(table[name].isna())
        if blank.size:
            raise ArgumentError(
                f"row {blank[0]} of {name} is blank", argument=argument, mend="fill it, or leave the row out"
            )


def item_values(table: pd.DataFrame, items: Sequence[str], argument: str = "table") -> FloatArray:
    """Values of items, shape (rows, items); NaN where there is none, also for a column that is not there.

    Raises
    ------
    ArgumentError
        If none of the items is a column, or a cell is not a finite number.

    Examples
    --------
    >>> item_values(pd.DataFrame({"TP": [0.1]}), ["TP", "TN"]).tolist()
    [[0.1, nan]]
    """
    if not any(code in table for code in items):
        raise ArgumentError(
            "there is no column of any item",
            argument=argument,
            valid=f"columns {', '.join(items)}",
            mend=f"name the columns by the codes (found: {', '.join(map(str, table.columns))})",
        )
    values = np.full((len(table), len(items)), np.nan)
    for place, code in enumerate(items):
        if code in table:
            cells = pd.to_numeric(table[code], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            wrong = np.flatnonzero(table[code].notna().to_numpy() & ~np.isfinite(cells))
            if wrong.size:
                row = int(wrong[0])
                found = str(table[code].iloc[row])
                raise ArgumentError(
                    f"{found!r} in row {row} of {code} is not a number",
                    argument=argument,
                    valid="a finite number",
                )
            values[:, place] = cells
    return values


def not_negative(values: FloatArray, items: Sequence[str], argument: str = "table") -> FloatArray:
    """The values themselves, or an error that names the first that is below zero.

    Raises
    ------
    ArgumentError
        If a value is negative.
    """
    wrong = np.argwhere(values < 0)
    if wrong.size:
        row, place = (int(number) for number in wrong[0])
        raise ArgumentError(
            f"value {values[row, place]:g} in row {row} of {items[place]} is negative",
            argument=argument,
            valid="zero or more",
        )
    return values


def water_of_rows(table: pd.DataFrame, argument: str = "table") -> npt.NDArray[np.str_]:
    """Water body of each row; river where the table has no such column.

    Raises
    ------
    ArgumentError
        If a cell is neither river nor lake.
    """
    if "water_body" not in table:
        return np.full(len(table), "river")
    found = table["water_body"].astype("str").to_numpy(dtype="str")
    wrong = np.flatnonzero(~np.isin(found, WATER_BODIES))
    if wrong.size:
        row = int(wrong[0])
        raise ArgumentError(
            f"{str(found[row])!r} in row {row} of water_body is not a water body",
            argument=argument,
            valid=", ".join(WATER_BODIES),
        )
    return found


def intervals(samples: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest value that each sample can have: they differ where it is only a limit.

    Examples
    --------
    >>> low, high = intervals(pd.DataFrame({"value": [0.5, 0.1], "censored": ["none", "left"]}))
    >>> low.tolist(), high.tolist()
    ([0.5, 0.0], [0.5, 0.1])
    """
    value = samples["value"].to_numpy(dtype=float)
    mark = samples["censored"].to_numpy() if "censored" in samples else np.full(len(samples), "none")
    return np.where(mark == "left", 0.0, value), np.where(mark == "right", np.inf, value)


def listed(chosen: BoolArray, names: Sequence[str], separator: str = ", ") -> npt.NDArray[np.object_]:
    """For each row the names whose cells are true, as one text.

    Examples
    --------
    >>> listed(np.array([[True, False], [True, True]]), ["TP", "TN"]).tolist()
    ['TP', 'TP, TN']
    """
    patterns, which = np.unique(chosen, axis=0, return_inverse=True)
    texts = [separator.join(np.asarray(names, object)[pattern]) for pattern in patterns]
    return np.asarray(texts, object)[which.reshape(-1)]


def noted(key: str, chosen: npt.ArrayLike, lang: str, **fill: Sequence[Any] | npt.NDArray[Any]) -> list[str]:
    """A phrase of the catalogue for each chosen row, filled with that row's words; blank for the others.

    Examples
    --------
    >>> noted("without", [True, False], "en", items=["TP", ""])
    ['without TP', '']
    """
    return [
        words.text(f"index_note.{key}", lang, **{name: each[row] for name, each in fill.items()})
        if said
        else ""
        for row, said in enumerate(np.asarray(chosen, bool))
    ]


def join_notes(columns: Sequence[Sequence[str]], lang: str) -> list[str]:
    """Notes of each row as one text.

    Examples
    --------
    >>> join_notes([["a", ""], ["b", "c"]], "en")
    ['a; b', 'c']
    """
    return [words.joined((text for text in row if text), lang) for row in zip(*columns, strict=True)]
