"""Classes of sections: every sample, month, quarter or year of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.classes import classify_means
from wqstudy.grading.labels import class_numbers
from wqstudy.grading.limits import Rounding, items_of
from wqstudy.grading.means import NONDETECTS, Means, Nondetect, means
from wqstudy.samples import CENSORED, Reading
from wqstudy.study import Study

Period = Literal["sample", "month", "quarter", "year"]
PERIODS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""Months in a period."""


def grade(
    samples: Study | Reading | pd.DataFrame,
    period: Period = "sample",
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
    rounding: Rounding = "assessment",
    nondetect: Nondetect = "half",
    complete: bool = True,
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Class of every section and period, by its worst item.

    Concentrations are averaged first (pH as hydrogen ions), then rounded half to even in exact decimals, then
    graded; a value equal to a limit has the better class. Total nitrogen, water temperature and faecal
    coliforms set no class.

    Parameters
    ----------
    samples
        A study, a reading, or a table `station, time, parameter, value[, censored]`, in canonical units.
    period
        ``"sample"`` grades every station and time by itself; the others grade means.
    parameters
        Items that may set the class; by default all 21 of the standard.
    water_body
        Limits of total phosphorus: ``"auto"`` takes the column `water_body` of the stations, else lake where
        the column `river` has 湖, 水库, 滇池 or 洱海 in it, else river; ``"national"`` first asks the shipped
        table of national sections; ``"river"``, ``"lake"``, or a mapping from station.
    rounding
        ``"assessment"``, or ``"none"`` as the national feed of 2020 and 2021 graded.
    nondetect
        What a non-detect counts as: ``"half"`` its limit, the ``"limit"``, or ``"zero"``.
    complete
        Whether a mean needs what the rule asks: two samples a quarter, eight months a year. Items with less
        set no class, and `notes` say so; a section without any other item is undetermined.
    lang
        Language of `class_label` and `notes`.

    Returns
    -------
    DataFrame
        By station and time: `station`, `time` or `period` (2021-08, 2021Q3, 2021), `water_body`, `class` (1
        to 5, 6 for inferior V; missing where undetermined), `class_label`, `determining` (codes of the
        items that set a class worse than I, joined by ``;``), `n_samples`, then for each item `<code>` (the
        mean, not rounded) and `<code>_class`, `reported_class` where the samples have one (of single
        samples), and `notes`.

    Raises
    ------
    ArgumentError
        Names the argument, and what is valid.

    References
    ----------
    GB 3838-2002; 环办〔2011〕22号; 环办监测函〔2020〕82号 (non-detects, decimals); GB/T 8170-2008.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": "a", "time": pd.to_datetime(["2021-08-02", "2021-08-20"]),
    ...     "parameter": "NH3N", "value": [1.0, 1.01],
    ... })
    >>> grade(table, "month")[["station", "period", "class", "NH3N"]]
      station   period  class   NH3N
    0       a  2021-08      3  1.005
    """
    _one_of(period, ("sample", *PERIODS), "period")
    _one_of(rounding, ("assessment", "none"), "rounding")
    _one_of(nondetect, NONDETECTS, "nondetect")
    table, stations = _tables(samples)
    items = items_of(parameters, standard=standard)
    code, found = pd.factorize(table["parameter"])
    place = np.array([items.index(name) if name in items else -1 for name in found], dtype=np.int64)
    item = place[code] if len(code) else np.empty(0, np.int64)
    used = item >= 0
    present = np.unique(item[used])
    items = tuple(items[number] for number in present)
    item = np.searchsorted(present, item)
    if not used.all():
        table, item = table[used], item[used]
    keys, group, first = _groups(table, period)
    mark = _marks(table)
    months = table["time"].dt.month.to_numpy(np.int8) - 1
    value = table["value"].to_numpy(np.float64)
    _valid(table, value, items, item)
    held = means(
        group,
        item,
        value,
        mark,
        months,
        (len(keys), len(items)),
        nondetect,
        items.index("PH") if "PH" in items else None,
    )
    body = water_bodies(keys["station"], stations, table, water_body)
    enough = _enough(held, period) if complete else held.n > 0
    counted = np.where(enough, held.n, 0)
    item_class, row_class = classify_means(
        held.total, counted, items, body == "lake", rounding=rounding, standard=standard
    )
    graded = keys.assign(water_body=body)
    graded["class"] = _class_column(row_class)
    graded["class_label"] = _labels(row_class, lang)
    graded["determining"] = _determining(item_class, row_class, items)
    graded["n_samples"] = held.counts.max(axis=1, initial=0) if items else 0
    mean = held.mean
    for number, name in enumerate(items):
        graded[name] = mean[:, number]
        graded[f"{name}_class"] = _class_column(item_class[:, number])
    if period == "sample" and "reported_class" in table:
        graded["reported_class"] = _class_column(class_numbers(table["reported_class"].iloc[first]))
    graded["notes"] = _notes(held, enough, row_class, items, period, lang)
    return graded


def _one_of(value: Any, valid: Iterable[str], argument: str) -> None:
    if value not in valid:
        raise ArgumentError(f"{value!r} is not known", argument=argument, valid=", ".join(valid))


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
    table: pd.DataFrame, period: Period
) -> tuple[pd.DataFrame, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The groups by station and time, the group of each row, and the first row of each."""
    station, names = pd.factorize(table["station"])
    order = np.argsort(np.asarray(names, dtype=object))
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    if period == "sample":
        moment, moments = pd.factorize(table["time"], sort=True)
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
        spelt = np.array([_spelt(int(one), period) for one in moments], dtype=object)
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
    table: pd.DataFrame, value: npt.NDArray[np.float64], items: tuple[str, ...], item: npt.NDArray[np.int64]
) -> None:
    wrong = np.flatnonzero(~((value >= 0) & (value < 9e9)))
    if len(wrong):
        first = int(wrong[0])
        what = f"{items[item[first]]} at {table['station'].iloc[first]!r}"
        raise ArgumentError(
            f"value {value[first]:g} of {what} cannot be graded",
            argument="samples",
            valid="zero or more, in canonical units",
            mend="correct it, or leave the row out",
        )


def _enough(held: Means, period: Period) -> npt.NDArray[np.bool_]:
    """Whether an item's mean rests on what the rule asks."""
    need = rules.load("assessment_2011")["periods"]
    enough = held.n > 0
    if period == "quarter":
        enough &= held.counts >= need["quarter_samples"]
    if period == "year":
        enough &= held.months >= need["year_months"]
    return enough


def _class_column(number: npt.NDArray[np.integer]) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(np.asarray(number, np.int64), np.asarray(number) == 0)


def _labels(row_class: npt.NDArray[np.integer], lang: str) -> Any:
    spelt = [words.text("class.undetermined", lang), *(words.text(f"class.{n}", lang) for n in range(1, 7))]
    return pd.array(spelt, dtype="str").take(row_class)


def _determining(
    item_class: npt.NDArray[np.int8], row_class: npt.NDArray[np.int8], items: tuple[str, ...]
) -> Any:
    """Codes of the items that set the class, each combination spelt once."""
    sets = (item_class == row_class[:, None]) & (row_class > 1)[:, None]
    bits = sets @ (1 << np.arange(len(items), dtype=np.int64)) if items else np.zeros(len(sets), np.int64)
    code, found = pd.factorize(bits)
    spelt = [";".join(name for place, name in enumerate(items) if int(one) >> place & 1) for one in found]
    return pd.array(spelt, dtype="str").take(code) if len(code) else pd.array([], dtype="str")


def _notes(
    held: Means,
    enough: npt.NDArray[np.bool_],
    row_class: npt.NDArray[np.int8],
    items: tuple[str, ...],
    period: Period,
    lang: str,
) -> Any:
    """What a careful reader must know, in the order of the items."""
    notes = np.full(len(row_class), "", dtype=object)
    few = (held.counts > 0) & ~enough
    above = held.above > 0
    for row in np.flatnonzero(few.any(axis=1) | above.any(axis=1)):
        said = []
        for place in np.flatnonzero(few[row]):
            count = held.months[row, place] if period == "year" else held.counts[row, place]
            said.append(words.text(f"class.few_{period}", lang, code=items[place], n=count))
        said += [words.text("class.above", lang, code=items[place]) for place in np.flatnonzero(above[row])]
        notes[row] = words.joined(said, lang)
    return pd.array(notes, dtype="str")
