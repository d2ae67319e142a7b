"""From a study's samples to one panel of districts: which count, from when, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.doubts import doubt_notes
from wqstudy.effects.imputed import Visits, complete
from wqstudy.series import Cell, varying
from wqstudy.simulate.panels import NEVER
from wqstudy.stats import twoway
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


NONDETECTS = {"draws": np.nan, "half": 0.5, "limit": 1.0}
"""What stands for a value below its limit: draws of it, half the limit, the limit."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a study by their part in the comparison, and their starts.

    Parameters
    ----------
    start
        Month number of each unit's start, `NEVER` for controls; treated units first.
    whole
        Whether the month of the start belongs to treatment as a whole.
    left_out
        Units that are neither, with the reason.
    district
        The district that each unit lies in, or itself where none is known: measures are by district.
    label
        How units are written in the notes.
    """

    start: dict[str, int]
    whole: dict[str, bool]
    left_out: dict[str, str]
    district: dict[str, str]
    label: dict[str, str]

    @property
    def controls(self) -> list[str]:
        """Units never treated."""
        return [unit for unit, start in self.start.items() if start == NEVER]

    @property
    def treated(self) -> list[str]:
        """Units with a start."""
        return [unit for unit, start in self.start.items() if start < NEVER]

    def districts(self, units: Iterable[str]) -> int:
        """How many districts some units lie in: those of one share its measure."""
        return len({self.district[unit] for unit in units})

    def shared(self, lang: str) -> str:
        """That units of one district are no independent cases; blank where each has its own."""
        n, districts = len(self.start), self.districts(self.start)
        if n == districts:
            return ""
        return words.text("effect.shared_measure", lang, n=n, districts=districts)


@dataclass(slots=True)
class DistrictTable:
    """One parameter in all units.

    Parameters
    ----------
    y
        Completed log series, shape (draws, units, t), nan where there is none.
    time, start
        Month numbers, shape (t,), and of the starts, shape (units,).
    units
        Their names.
    n, hidden
        Samples and non-detects of each unit.
    mute
        Why nothing but shares of detects is compared, by unit.
    notes
        What a careful reader must know, by unit; of all together under the empty name.
    """

    y: FloatArray
    time: IntArray
    start: IntArray
    units: list[str]
    n: dict[str, int]
    hidden: dict[str, int]
    mute: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)


def units_of(study: Study, by: str, lang: str) -> Units:
    """Treated units with their starts, and controls.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> units = units_of(datasets.load("demo"), "district", "en")
    >>> units.treated, units.controls
    (['甲', '乙', '丙', '丁'], ['戊', '己'])
    """
    controls = set(study.untreated(by))
    times = study.samples["time"]
    first, last = times.min(), times.max()
    start: dict[str, int] = {}
    whole: dict[str, bool] = {}
    left_out: dict[str, str] = {}
    for unit, began in study.own_starts(by).items():
        if unit in controls:
            continue
        if began is None:
            left_out[unit] = words.text("effect.no_start", lang)
        elif not first < began <= last:
            left_out[unit] = words.text("effect.start_outside", lang, start=f"{began:%Y-%m-%d}")
        else:
            start[unit] = began.year * 12 + began.month - 1
            whole[unit] = began.day == 1
    start |= dict.fromkeys((u for u in study.own_starts(by) if u in controls), NEVER)
    unit_of = study.unit_of(by)
    known = study.stations.set_index("station").get("district", unit_of).reindex(unit_of.index)
    first_of = known.fillna(unit_of).groupby(unit_of).first()
    district = {str(unit): str(name) for unit, name in first_of.items()}
    return Units(start, whole, left_out, district, study.labels(by, lang))


def inside(study: Study) -> pd.Series:
    """Samples between the first and the last day of the study's own windows, or all."""
    times = study.samples["time"]
    if study.windows is None:
        return pd.Series(data=True, index=times.index)
    return (times >= study.windows.before[0]) & (times < study.windows.after[1])


def district_table(
    samples: pd.DataFrame,
    unit: pd.Series,
    units: Units,
    code: str,
    rng: np.random.Generator,
    lang: str,
    *,
    nondetects: str = "draws",
    stations: str = "effects",
) -> DistrictTable:
    """The panel of one parameter, non-detects completed by draws.

    Parameters
    ----------
    samples, unit
        Samples of the parameter, and the unit that each belongs to.
    units
        Units that count.
    code
        The parameter.
    rng
        Source of the draws.
    lang
        Language of notes.
    nondetects, stations
        One of `NONDETECTS` and of `STATIONS`: what stands for values below their limit, and how a unit's
        stations become one series.
    """
    kept = unit.isin(list(units.start)).to_numpy()
    samples, unit = samples.loc[kept], unit.loc[kept]
    cell = Cell.of(samples, np.zeros(len(samples), dtype=bool), code)
    place = dict(zip(samples["station"], unit, strict=True))
    names = list(units.start)
    district = np.array([names.index(place[s]) for s in sorted(place)], dtype=np.int64)[cell.station]
    start = np.array(list(units.start.values()), dtype=np.int64)
    # An effect rests on the unit's own samples and on those of the controls.
    untreated = {name for name in names if units.start[name] == NEVER}
    notes = {name: doubt_notes(samples[unit.isin({name} | untreated).to_numpy()], lang) for name in names}
    notes[""] = doubt_notes(samples, lang)  # of all taken together
    if cell.zeros:
        for name in names:
            notes[name].append(words.text("note.zeros", lang, n=cell.zeros, limit=f"{cell.limit:g}"))
    chosen = np.ones(cell.log.size, dtype=bool)
    month = cell.time[cell.month]
    for g, name in enumerate(names):
        own = district == g
        if not units.whole.get(name, True):
            torn = own & (month == start[g])
            chosen &= ~torn
            if torn.any():
                notes[name].append(words.text("effect.torn_month", lang, n=int(torn.sum())))
        far = _unlinked(cell, own & chosen, month >= start[g])
        if far.any():
            n = np.unique(cell.station[far]).size
            notes[name].append(words.text("note.left_out", lang, n=n))
            chosen &= ~far
    first = min((s for s in start if s < NEVER), default=NEVER)
    late = month >= np.where(start < NEVER, start, first)[district]
    shares = _shares(cell, district, late, chosen, len(names))
    most = rules.load("effects")["nondetects"]["max_censored"]
    dark = shares.hidden.max(axis=1) > most
    mute = {name: shares.said(g, start, lang) for g, name in enumerate(names) if dark[g] and start[g] < NEVER}
    moves = np.bincount(district, varying(cell.log, cell.station) | (cell.side != 0), len(names))
    still = (np.bincount(district, chosen, len(names)) > 0) & (moves == 0)
    mute |= {
        name: words.text("note.constant", lang)
        for g, name in enumerate(names)
        if still[g] and start[g] < NEVER
    }
    for key, some in (("dark_control", dark), ("constant_control", still)):
        for control in (name for g, name in enumerate(names) if some[g] and start[g] == NEVER):
            for name in names:
                notes[name].append(words.text(f"effect.{key}", lang, unit=units.label[control]))
    chosen &= ~(dark | still)[district]
    y, time = _completed(cell, district, chosen, start, rng, nondetects, STATIONS[stations])
    counts = {name: int((district == g).sum()) for g, name in enumerate(names)}
    hidden = {name: int(((district == g) & (cell.side != 0)).sum()) for g, name in enumerate(names)}
    return DistrictTable(y, time, start, names, counts, hidden, mute, notes)


def _unlinked(cell: Cell, own: BoolArray, late: BoolArray) -> BoolArray:
    """Samples of a unit's stations that no common month links to the others, as `Cell.linked` has it."""
    far = np.zeros(own.size, dtype=bool)
    at = np.flatnonzero(own)
    if not at.size:
        return far
    part = twoway.connected(*(np.unique(i[at], return_inverse=True)[1] for i in (cell.station, cell.month)))
    size = np.bincount(part)
    both = [np.unique(late[at][part == p]).size == 2 for p in range(size.size)]
    best = max(range(size.size), key=lambda p: (both[p], size[p]))
    far[at[part != best]] = True
    return far


@dataclass(frozen=True, slots=True)
class _Shares:
    """Shares of each unit, before and after: of samples that are hidden, and of those above the limit."""

    hidden: FloatArray
    above: FloatArray

    def said(self, g: int, start: IntArray, lang: str) -> str:
        """The change of the share of detects, beside that of the controls."""
        controls = self.above[start == NEVER]
        change = np.diff(self.above, axis=1)[:, 0]
        others = float(np.mean(change[start == NEVER])) if controls.size else np.nan
        return words.text(
            "effect.shares",
            lang,
            before=f"{100 * self.above[g, 0]:.0f}",
            after=f"{100 * self.above[g, 1]:.0f}",
            controls=words.percent(100 * others, signed=True) or "–",
        )


def _shares(cell: Cell, district: IntArray, late: BoolArray, chosen: BoolArray, units: int) -> _Shares:
    limits = cell.value[(cell.side < 0) & chosen]
    limit = limits.max(initial=-np.inf)
    above = (cell.value >= limit) & (cell.side >= 0)
    hidden, over = np.zeros((units, 2)), np.full((units, 2), np.nan)
    for g in range(units):
        for side in (0, 1):
            own = chosen & (district == g) & (late == bool(side))
            if own.any():
                hidden[g, side] = np.mean(cell.side[own] != 0)
                over[g, side] = np.mean(above[own])
    return _Shares(hidden, over)


def _completed(
    cell: Cell,
    district: IntArray,
    chosen: BoolArray,
    start: IntArray,
    rng: np.random.Generator,
    nondetects: str,
    reduce: Callable[[FloatArray, IntArray, IntArray], FloatArray],
) -> tuple[FloatArray, IntArray]:
    """Series of every unit, shape (draws, units, t), and their months."""
    if not chosen.any():
        return np.full((1, start.size, 0), np.nan), np.zeros(0, dtype=np.int64)
    months, month = np.unique(cell.month[chosen], return_inverse=True)
    time = cell.time[months]
    there, place = np.unique(district[chosen], return_inverse=True)
    station = np.unique(cell.station[chosen], return_inverse=True)[1]
    if nondetects == "draws":
        visits = Visits(cell.log[chosen], cell.side[chosen], station, place, month, time, start[there])
        rule = rules.load("effects")["nondetects"]
        full = complete(visits, rng, rule["draws"], rule["burn"], rule["thin"])
    else:
        full = (cell.log[chosen] + np.log(NONDETECTS[nondetects]) * (cell.side[chosen] < 0))[None]
    y = np.full((full.shape[0], start.size, time.size), np.nan)
    for i, g in enumerate(there):
        own = place == i
        seen, column = np.unique(month[own], return_inverse=True)
        row = np.unique(station[own], return_inverse=True)[1]
        y[:, g, seen] = reduce(full[:, own], row, column)
    return y, time


def _median(y: FloatArray, row: IntArray, column: IntArray) -> FloatArray:
    """Medians over the stations, each station's own level taken out."""
    left = y - twoway.column_effects(y, row, column)[:, column]
    count = np.bincount(row)
    level = np.stack([np.bincount(row, one) / count for one in left])[:, row]
    order = np.argsort(column, kind="stable")
    edges = np.flatnonzero(np.diff(column[order])) + 1
    parts = np.split((y - level)[:, order], edges, axis=1)
    return np.stack([np.median(part, axis=1) for part in parts], axis=1)


def _mean(y: FloatArray, row: IntArray, column: IntArray) -> FloatArray:  # noqa: ARG001 - all stations alike
    """Log of the mean concentration over the stations that were sampled."""
    total = np.stack([np.bincount(column, one) for one in np.exp(y)])
    means: FloatArray = np.log(total / np.bincount(column))
    return means


STATIONS: dict[str, Callable[[FloatArray, IntArray, IntArray], FloatArray]] = {
    "effects": twoway.column_effects,
    "median": _median,
    "mean": _mean,
}
"""Months beside station effects; medians of what stations have beyond their level; mean concentrations."""
