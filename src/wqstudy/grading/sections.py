"""Classes of sections: every sample, month, quarter or year of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.doubts import in_doubt
from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.classes import classify_means
from wqstudy.grading.labels import class_numbers, codes_of
from wqstudy.grading.likelihood import likelihood
from wqstudy.grading.limits import Rounding, items_of
from wqstudy.grading.means import Means, Nondetect
from wqstudy.grading.periods import PERIODS, Grouped, Period, grouped, one_of
from wqstudy.samples import Reading
from wqstudy.study import Study


def grade(
    samples: Study | Reading | pd.DataFrame,
    period: Period = "sample",
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
    rounding: Rounding = "assessment",
    nondetect: Nondetect = "half",
    complete: bool = True,
    probability: bool = False,
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
    probability
        Whether to say how sure the class of a month, quarter or year is: the columns `p_class` (of the
        class itself), `p_good` (I to III) and `p_inferior_v` before `notes`, and in these the classes that
        it is not distinguishable from. `class_probability` says more.
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
    one_of(rounding, ("assessment", "none"), "rounding")
    if probability:
        one_of(period, tuple(PERIODS), "period")
    found = grouped(samples, period, items_of(parameters, standard=standard), nondetect)
    items, keys, held = found.items, found.keys, found.means
    body = water_bodies(keys["station"], found.stations, found.table, water_body)
    enough = _enough(held, period) if complete else held.n > 0
    counted = np.where(enough, held.n, 0)
    item_class, row_class = classify_means(
        held.total, counted, items, body == "lake", rounding=rounding, standard=standard
    )
    graded = keys.assign(water_body=body)
    graded["class"] = _class_column(row_class)
    graded["class_label"] = _labels(row_class, lang)
    sets = (item_class == row_class[:, None]) & (row_class > 1)[:, None]
    graded["determining"] = codes_of(sets, items)
    graded["n_samples"] = held.counts.max(axis=1, initial=0) if items else 0
    mean = held.mean
    for number, name in enumerate(items):
        graded[name] = mean[:, number]
        graded[f"{name}_class"] = _class_column(item_class[:, number])
    if period == "sample" and "reported_class" in found.table:
        graded["reported_class"] = _class_column(
            class_numbers(found.table["reported_class"].iloc[found.first])
        )
    notes = _notes(held, enough, row_class, items, period, lang)
    _add_doubts(notes, found, lang)
    if probability:
        likely = likelihood(
            found,
            counted > 0,
            row_class,
            body == "lake",
            rounding=rounding,
            nondetect=nondetect,
            standard=standard,
        )
        graded = graded.assign(**likely.columns())
        for row, said in enumerate(likely.notes(lang)):
            notes[row] = words.joined(filter(None, [notes[row], *said]), lang)
    graded["notes"] = pd.array(notes, dtype="str")
    return graded


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


def _notes(
    held: Means,
    enough: npt.NDArray[np.bool_],
    row_class: npt.NDArray[np.int8],
    items: tuple[str, ...],
    period: Period,
    lang: str,
) -> npt.NDArray[np.object_]:
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
    return notes


def _add_doubts(notes: npt.NDArray[np.object_], found: Grouped, lang: str) -> None:
    """Say of each row how many of its samples have a unit in doubt."""
    doubtful = np.flatnonzero(in_doubt(found.table))
    pairs = np.column_stack([found.group[doubtful], found.item[doubtful]])
    for (row, place), n in zip(*np.unique(pairs, axis=0, return_counts=True), strict=True):
        said = words.text("class.in_doubt", lang, code=found.items[place], n=n)
        notes[row] = words.joined(filter(None, [notes[row], said]), lang)
