"""Samples by section and period: what is averaged with what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import LARGEST
from wqstudy.grading.means import NONDETECTS, Means, Nondetect, means
from wqstudy.parameters import catalogue
from wqstudy.samples import CENSORED, Reading
from wqstudy.study import Study

Period = Literal["sample", "month", "quarter", "year"]
PERIODS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""Months in a period."""

Span = tuple[Any, Any]
"""First day, and the day after the last."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Samples of some items, and the section and period that each belongs to.

    Parameters
    ----------
    table
        The samples of the items.
    stations
        Table of stations, where one was given.
    items
        Codes of the items that were sampled.
    keys
        `station` and `time` or `period` of each group, in this order.
    group, item
        Of each row of `table`: its row of `keys`, and its place in `items`.
    first
        First row of `table` of each group.
    means
        Of each group and item.
    """

    table: pd.DataFrame
    stations: pd.DataFrame | None
    items: tuple[str, ...]
    keys: pd.DataFrame
    group: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    means: Means


def grouped(
    samples: Study | Reading | pd.DataFrame,
    period: Period | Span,
    items: Sequence[str],
    nondetect: Nondetect,
) -> Grouped:
    """Means of the items by section and period; a span of days is one period.

    Raises
    ------
    ArgumentError
        If an argument is not known, or a value can be no concentration.
    """
    span = None if isinstance(period, str) else days_of(period)
    if isinstance(period, str):
        one_of(period, ("sample", *PERIODS), "period")
    one_of(nondetect, NONDETECTS, "nondetect")
    table, stations = _tables(samples)
    if span is not None:
        table = table[(table["time"] >= span[0]) & (table["time"] < span[1])]
    code, found = pd.factorize(table["parameter"])
    place = np.array([items.index(name) if name in items else -1 for name in found], dtype=np.int64)
    item = place[code] if len(code) else np.empty(0, np.int64)
    used = item >= 0
    present = np.unique(item[used])
    if not used.all():
        table, item = table[used], item[used]
    item = np.searchsorted(present, item)
    items = tuple(items[number] for number in present)
    keys, group, first = _groups(table, period)
    month = table["time"].dt.month.to_numpy(np.int8) - 1
    value = table["value"].to_numpy(np.float64)
    _valid(table, value, items, item)
    shape = (len(keys), len(items))
    ph = items.index("PH") if "PH" in items else None
    held = means(group, item, value, _marks(table), month, shape, nondetect, ph)
    return Grouped(table, stations, items, keys, group, item, first, held)


def one_of(value: Any, valid: Iterable[str], argument: str) -> None:
    """Refuse a value that is none of the valid ones."""
    if value not in valid:
        raise ArgumentError(f"{value!r} is not known", argument=argument, valid=", ".join(valid))


def days_of(span: Span) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days of a span.

    Raises
    ------
    ArgumentError
        If it is no pair of days, or holds none.
    """
    try:
        start, end = (pd.Timestamp(one).normalize() for one in span)
    except (TypeError, ValueError) as fault:
        raise ArgumentError(
            f"{span!r} is no span of days", argument="period", valid="('2020-05-08', '2021-04-06')"
        ) from fault
    if not start < end:
        raise ArgumentError(
            f"{span!r} holds no day", argument="period", valid="a first day, and the day after the last"
        )
    return start, end


def span_text(span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    """A span as it is written in the column `period`."""
    return f"{span[0]:%Y-%m-%d}/{span[1]:%Y-%m-%d}"


def _tables(samples: Study | Reading | pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Samples and stations of what was given."""
    if isinstance(samples, Study | Reading):
        return samples.samples, samples.stations
    missing = [name for name in ("station", "time", "parameter", "value") if name not in samples]
    if missing:
        raise ArgumentError(
            f"the table has no column {missing[0]!r}",
            argument="samples",
            valid="a study, a reading, or a table with station, time, parameter, value",
        )
    table = samples
    if not pd.api.types.is_datetime64_any_dtype(table["time"]):
        table = table.assign(time=pd.to_datetime(table["time"]))
    return table, None


def _groups(
    table: pd.DataFrame, period: Period | Span
) -> tuple[pd.DataFrame, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The groups by station and time, the group of each row, and the first row of each."""
    station, names = pd.factorize(table["station"])
    order = np.argsort(np.asarray(names, dtype=object))
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    if period == "sample":
        moment, moments = pd.factorize(table["time"], sort=True)
    elif not isinstance(period, str):
        moment, moments = pd.factorize(pd.Series(0, index=table.index), sort=True)
    else:
        serial = (
            table["time"].dt.year.to_numpy(np.int64) * 12 + table["time"].dt.month.to_numpy(np.int64) - 1
        ) // PERIODS[period]
        moment, moments = pd.factorize(serial, sort=True)
    key = rank[station] * max(len(moments), 1) + moment if len(station) else np.empty(0, np.int64)
    used, first, group = np.unique(key, return_index=True, return_inverse=True)
    of_station, of_moment = np.divmod(used, max(len(moments), 1))
    keys = pd.DataFrame(
        {"station": pd.array(np.asarray(names, dtype=object)[order][of_station], dtype="str")}
    )
    if period == "sample":
        keys["time"] = pd.Series(moments).take(of_moment).to_numpy()
    else:
        spelt = np.array(
            [
                _spelt(int(one), period) if isinstance(period, str) else span_text(days_of(period))
                for one in moments
            ],
            dtype=object,
        )
        keys["period"] = pd.array(spelt[of_moment] if len(spelt) else [], dtype="str")
    return keys, group, first


def _spelt(serial: int, period: Period) -> str:
    year, part = divmod(serial, 12 // PERIODS[period])
    return {"month": f"{year}-{part + 1:02d}", "quarter": f"{year}Q{part + 1}"}.get(period, f"{year}")


def _marks(table: pd.DataFrame) -> npt.NDArray[np.int8]:
    if "censored" not in table:
        return np.zeros(len(table), np.int8)
    code, found = pd.factorize(table["censored"])
    strange = [mark for mark in found if mark not in CENSORED]
    if strange:
        raise ArgumentError(
            f"censoring {strange[0]!r} is not known", argument="samples", valid=", ".join(CENSORED)
        )
    return np.array([CENSORED.index(mark) for mark in found], dtype=np.int8)[code]


def _valid(
    table: pd.DataFrame,
    value: npt.NDArray[np.float64],
    items: tuple[str, ...],
    item: npt.NDArray[np.int64],
) -> None:
    """Refuse what is no number, what is too large to be counted, and negative concentrations."""
    known = [catalogue()[code] for code in items]
    least = np.array([0.0 if one.ratio or one.code == "PH" else -LARGEST for one in known])
    wrong = np.flatnonzero(~((value >= least[item]) & (value < LARGEST))) if len(item) else item
    if len(wrong):
        first = int(wrong[0])
        what = f"{items[item[first]]} at {table['station'].iloc[first]!r}"
        raise ArgumentError(
            f"value {value[first]:g} of {what} cannot be graded",
            argument="samples",
            valid="zero or more, in canonical units",
            mend="correct it, or leave the row out",
        )
