"""Tables of graded sections, taken apart for what is computed from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import WATER_BODIES, limits
from wqstudy.grading.status import classes_of
from wqstudy.study import Study

TIMES = ("period", "time")


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections of a table as `wqstudy.grade` returns it.

    Parameters
    ----------
    keys
        `station`, and `period` or `time`.
    number
        Class of each row, 0 where there is none. Shape (n,).
    items
        Codes of the items that the table has.
    value, item_class
        Mean and class of each item, NaN and 0 where there is none or it sets no class. Shape (n, items).
    lake
        Whether the limits of lakes hold. Shape (n,).
    """

    keys: pd.DataFrame
    number: npt.NDArray[np.int8]
    items: tuple[str, ...]
    value: npt.NDArray[np.float64]
    item_class: npt.NDArray[np.int8]
    lake: npt.NDArray[np.bool_]


def graded_sections(table: pd.DataFrame, *, standard: str = "gb3838_2002") -> Sections:
    """A table of graded sections, one row a station and period.

    Raises
    ------
    ArgumentError
        If a column is missing, a class is none, or a station has two rows in a period.
    """
    time = next((name for name in TIMES if name in table), TIMES[0])
    for name in ("station", time, "class"):
        if name not in table:
            raise ArgumentError(
                f"the table has no column {name!r}",
                argument="table",
                valid="what wqstudy.grade returns: station, period, class …",
            )
    keys = table[["station", time]].reset_index(drop=True)
    twice = keys.duplicated()
    if twice.any():
        station, when = keys[twice].iloc[0]
        raise ArgumentError(
            f"station {station!r} has two rows in {when}",
            argument="table",
            valid="one row a station and period",
        )
    known = limits("lake", standard=standard)
    items = tuple(code for code in known if code in table and f"{code}_class" in table)
    item_class = [classes_of(table[f"{code}_class"], f"{code}_class") for code in items]
    held = np.stack(item_class, axis=1) if items else np.zeros((len(table), 0), np.int8)
    value = table[list(items)].to_numpy(dtype=np.float64, na_value=np.nan)
    body = table["water_body"] if "water_body" in table else pd.Series("river", index=table.index)
    strange = sorted({str(one) for one in body.unique()} - set(WATER_BODIES))
    if strange:
        raise ArgumentError(
            f"{strange[0]!r} is no water body", argument="table", valid=", ".join(WATER_BODIES)
        )
    number = classes_of(table["class"], "class")
    return Sections(keys, number, items, np.where(held > 0, value, np.nan), held, (body == "lake").to_numpy())


def group_of(table: pd.DataFrame, by: str, stations: Study | pd.DataFrame | None = None) -> pd.Series:
    """Group of each row: the table's own column, or that of its station; blank where it is not known.

    Raises
    ------
    ArgumentError
        If neither has the column.
    """
    known = stations.stations if isinstance(stations, Study) else stations
    if by in table:
        found = table[by]
    elif known is not None and by in known:
        found = table["station"].map(known.drop_duplicates("station").set_index("station")[by])
    else:
        columns = [*table.columns, *(known.columns if known is not None else ())]
        raise ArgumentError(
            f"there is no column {by!r}",
            argument="by",
            valid=", ".join(str(name) for name in dict.fromkeys(columns) if not str(name).endswith("_class")),
            mend="hand in the table of stations that has it",
        )
    return found.astype("str").fillna("").reset_index(drop=True)


def group_numbers(keys: pd.DataFrame, group: pd.Series) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
    """Number of each row's group and period, and the table of these, in their order."""
    when = keys.columns[1]
    both = pd.DataFrame({"group": group, when: keys[when]})
    code: npt.NDArray[np.int64] = (
        both.groupby(["group", when], sort=True).ngroup().to_numpy().astype(np.int64)
    )
    return code, both.drop_duplicates().sort_values(["group", when], ignore_index=True)


def integers(number: npt.ArrayLike, missing: npt.ArrayLike) -> Any:
    """A nullable column of whole numbers."""
    return pd.arrays.IntegerArray(np.asarray(number, np.int64), np.asarray(missing, bool))
