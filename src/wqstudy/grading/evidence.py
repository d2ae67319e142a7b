"""What samples say of the mean of a whole period: values by section, item and day, and bounds of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.grading.block_error import Calendar, Cells, cells
from wqstudy.grading.limits import SCALE, WATER_BODIES, Rounding, thresholds
from wqstudy.grading.means import Nondetect
from wqstudy.grading.periods import Grouped, days_of
from wqstudy.grading.variability import OTHER, Variability, amount
from wqstudy.grading.variogram import YEAR

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Unit = Literal["day", "month"]
UNITS: dict[str, float] = {"day": 1.0, "month": YEAR / 12}
"""Days in a unit."""

COUNTS_AS: dict[str, float] = {"half": 0.5, "limit": 1.0, "zero": 0.0}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Samples of each section, period and item that has any, arrays of shape (cells,).

    Parameters
    ----------
    group, item
        Which group and item.
    held
        The samples put together.
    low, high
        Bounds of classes I to V in the unit that is averaged, shape (cells, 5).
    untold
        Bounds that the detection limit leaves open: with non-detects as zero the mean attains, with
        non-detects as their limits it does not, and a limit lies above the bound. Shape (cells, 5).
    quarters
        Calendar quarters with a sample, as bits.
    deviation, day
        Log values about the mean of their cell, and the group of each and its unit, for correlation.
    """

    group: IntArray
    item: IntArray
    held: Cells
    low: FloatArray
    high: FloatArray
    untold: BoolArray
    quarters: npt.NDArray[np.uint8]
    deviation: FloatArray
    day: IntArray


def spans(keys: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """First day of each group's period and the day after its last, as days since 1970."""
    code, texts = pd.factorize(keys["period"])
    ends = []
    for text in texts:
        first, _, after = str(text).partition("/")
        if after:
            start, end = days_of((first, after))
        else:
            start = pd.Period(first).start_time
            end = pd.Period(first).end_time.normalize() + pd.Timedelta(days=1)
        ends.append((start, end))
    days = np.array(ends, dtype="datetime64[D]").astype(np.int64).reshape(-1, 2)
    return days[code, 0], days[code, 1]


def evidence(
    found: Grouped,
    used: BoolArray,
    lake: BoolArray,
    model: Mapping[str, Variability],
    unit: Unit,
    nondetect: Nondetect,
    rounding: Rounding,
    standard: str,
    days: pd.DataFrame | None = None,
) -> Evidence:
    """Put samples together, one value a unit (the mean of several).

    Parameters
    ----------
    found
        Samples by group and item.
    used
        Which items count, shape (groups, items).
    lake
        Whether the limits of lakes hold, shape (groups,).
    days
        Table `station, time` of the days that the periods consist of; by default all.
    """
    items = found.items
    models = [model.get(code, model[OTHER]) for code in items]
    rows = used[found.group, found.item]
    table, group, item = found.table[rows], found.group[rows], found.item[rows]
    start, end = spans(found.keys)
    time = table["time"].to_numpy().astype("datetime64[D]")
    step = _steps(time, start[group], unit)
    size = _steps((end - 1).astype("datetime64[D]"), start, unit) + 1
    value, least, most, limit = _amounts(table, items, item, models, nondetect)
    longest = int(size.max(initial=1))
    cell_of, owner = np.unique(group * len(items) + item, return_inverse=True)
    units, inverse = np.unique(owner * longest + step, return_inverse=True)
    n_values = np.bincount(inverse)
    mean = np.bincount(inverse, value) / np.maximum(n_values, 1)
    cell_group, cell_item = (cell_of // len(items), cell_of % len(items)) if items else (cell_of, cell_of)
    in_cell, unit_place = np.divmod(units, longest)
    first = np.searchsorted(in_cell, np.arange(len(cell_of) + 1))
    gamma = np.array([one.variogram(np.arange(longest + 1) * UNITS[unit]) for one in models]).reshape(
        len(items), longest + 1
    )
    calendar = (
        None
        if days is None
        else _calendar(found.keys["station"], days, start, end, unit, group, step, cell_group)
    )
    held = cells(first, cell_item, unit_place, mean, size[cell_group], gamma, calendar)
    low, high = (
        bound[lake[cell_group].astype(int), cell_item] for bound in _bounds(items, rounding, standard)
    )
    n = np.maximum(np.bincount(owner, minlength=len(cell_of)), 1)
    lowest, highest = (np.bincount(owner, one, len(cell_of)) / n for one in (least, most))
    largest = np.zeros(len(cell_of))
    np.maximum.at(largest, owner, limit)
    untold = (lowest[:, None] <= high) & (highest[:, None] > high) & (largest[:, None] > high)
    quarters = np.zeros(len(cell_of), np.uint8)
    month = time.astype("datetime64[M]").astype(np.int64) % 12
    np.bitwise_or.at(quarters, owner, (1 << month // 3).astype(np.uint8))
    worse = np.array([0 if code == "PH" else -1 if code == "DO" else 1 for code in items])
    deviation = (np.log(mean) - held.log_mean[in_cell]) * worse[cell_item[in_cell]]
    return Evidence(
        cell_group,
        cell_item,
        held,
        low,
        high,
        untold,
        quarters,
        deviation,
        cell_group[in_cell] * longest + unit_place,
    )


def _calendar(
    station: pd.Series,
    days: pd.DataFrame,
    start: IntArray,
    end: IntArray,
    unit: Unit,
    group: IntArray,
    step: IntArray,
    cell_group: IntArray,
) -> Calendar:
    """The units of each group that the table of days has, and those that were sampled."""
    listed = days[["station", "time"]].drop_duplicates()
    keys = pd.DataFrame({"station": station, "group": np.arange(len(station))})
    both = listed.assign(station=listed["station"].astype("str")).merge(keys, on="station")
    own = both["group"].to_numpy(np.int64)
    time = both["time"].to_numpy().astype("datetime64[D]")
    inside = (time.astype(np.int64) >= start[own]) & (time.astype(np.int64) < end[own])
    own, time = own[inside], time[inside]
    group = np.concatenate([group, own])
    place = np.concatenate([step, _steps(time, start[own], unit)])
    known = np.unique(np.stack([group, place], axis=1), axis=0)
    first = np.searchsorted(known[:, 0], np.arange(len(station) + 1))
    return Calendar(first, np.ascontiguousarray(known[:, 1]), cell_group)


def _steps(time: npt.NDArray[np.datetime64], start: IntArray, unit: Unit) -> IntArray:
    """Units since the start of the period."""
    begin = start.astype("datetime64[D]")
    scale = "datetime64[D]" if unit == "day" else "datetime64[M]"
    steps: IntArray = time.astype(scale).astype(np.int64) - begin.astype(scale).astype(np.int64)
    return steps


def _amounts(
    table: pd.DataFrame,
    items: Sequence[str],
    item: IntArray,
    models: Sequence[Variability],
    nondetect: Nondetect,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Values as they are averaged; the least and most that they can be; limits of detection, else 0."""
    value = table["value"].to_numpy(np.float64)
    hidden = (
        (table["censored"] == "left").to_numpy(bool) if "censored" in table else np.zeros(len(value), bool)
    )
    floor = np.array([one.floor for one in models])[item] if items else np.zeros(0)
    ph = np.array([code == "PH" for code in items], bool)[item] if items else np.zeros(0, bool)
    hidden = hidden & ~ph
    value = np.where(ph, amount("PH", np.where(ph, value, 7.0)), value)
    counted = np.maximum(np.where(hidden, COUNTS_AS[nondetect] * value, value), floor)
    return counted, np.where(hidden, 0.0, value), value, np.where(hidden, value, 0.0)


@lru_cache(maxsize=16)
def _bounds(items: tuple[str, ...], rounding: Rounding, standard: str) -> tuple[FloatArray, FloatArray]:
    """Bounds of rivers, then of lakes, in the unit that is averaged: shape (2, items, 5)."""
    both = [thresholds(items, body, rounding, standard=standard) for body in WATER_BODIES]
    none = np.iinfo(np.int64).max // 2**21
    low = np.stack([np.where(one < -none, -np.inf, one / SCALE) for one, _ in both])
    high = np.stack([np.where(one > none, np.inf, one / SCALE) for _, one in both])
    if "PH" in items:
        ph = items.index("PH")
        low[:, ph], high[:, ph] = 10.0 ** -high[:, ph], 10.0 ** -low[:, ph]
    return low, high
