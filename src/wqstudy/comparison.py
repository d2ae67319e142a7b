"""Before against after: one row a unit and parameter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.calibration import ground
from wqstudy.doubts import doubt_notes
from wqstudy.errors import ArgumentError
from wqstudy.multiplicity import Adjust, q_values
from wqstudy.progress import Progress, steps
from wqstudy.results import Estimate
from wqstudy.series import Cell, cell_rng, check_question, seed_of, unit_windows
from wqstudy.stats import averaged, step, twoway
from wqstudy.study import Study
from wqstudy.windows import Windows

COLUMNS = (
    "parameter",
    "n_before",
    "n_after",
    "censored_share",
    "median_before",
    "median_after",
    "hl_percent",
    "change_percent",
    "low",
    "high",
    "level",
    "p_value",
    "q_value",
    "ar1_low",
    "ar1_high",
    "improved_share",
    "method",
    "calibrated",
    "notes",
)
"""Columns of a comparison, after that of the unit."""

_NUMBERS = ("hl_percent", "change_percent", "low", "high", "ar1_low", "ar1_high")

FloatArray = npt.NDArray[np.float64]


def compare(
    study: Study,
    before: Iterable[Any] | None = None,
    after: Iterable[Any] | None = None,
    by: str = "district",
    *,
    parameters: Iterable[str] | None = None,
    level: float = 0.95,
    adjust: Adjust = "bh",
    family: str | None = None,
    rng: int | np.random.Generator = 0,
    lang: str | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Change of concentration between two windows, with its interval, for every unit and parameter.

    A unit's stations are reduced to one monthly series on the log scale by station and month effects,
    so that stations that come and go do no harm; they share their weather and are never counted as
    replicates. The step between the windows is estimated beside calendar-month effects; its interval
    averages over kinds of noise (`wqstudy.stats.averaged.averaged_step`). Non-detects are completed by draws
    (`wqstudy.stats.augment.impute`), and the interval carries their spread.

    Parameters
    ----------
    study
        The study.
    before, after
        Windows ``(start, end)``, the end not included, for every unit alike. By default each treated
        district is split at its own start, and the others have the study's pooled windows.
    by
        ``"district"``, ``"station"`` or any column of the stations table.
    parameters
        Codes or names; by default the study's.
    level
        Of the intervals.
    adjust, family
        How q-values are made, and within which column's values: see `wqstudy.multiplicity.q_values`. By
        default Benjamini and Hochberg over all rows.
    rng
        Seed of the draws for non-detects, or a generator to draw one from. A cell's draws do not depend
        on the other cells.
    lang
        Language of the notes; by default the study's.
    progress
        Called with a unit, its number and how many there are, before its turn; True shows a bar.

    Returns
    -------
    DataFrame
        ``<by>, parameter, n_before, n_after, censored_share, median_before, median_after, hl_percent,
        change_percent, low, high, level, p_value, q_value, ar1_low, ar1_high, improved_share, method,
        calibrated, notes``. Medians in the parameter's unit; changes in per cent of the geometric mean;
        ``hl_percent`` is the Hodges-Lehmann step of the same series, a check by ranks; ``q_value`` the share
        of false discoveries to expect among rows with so small a p; ``ar1_low, ar1_high`` is the interval
        that would do if the noise were known to be AR(1) (`wqstudy.stats.step.ar1_step`);
        ``improved_share`` is the share of stations sampled in both windows whose own mean moved to the
        better; ``calibrated`` says whether the test was simulated, and held its size, where months and
        non-detects are as here. nan, with the reason in ``notes``, where nothing can be said. ``attrs``
        has ``left_out``, the stations without a unit, and ``seed``.

    Raises
    ------
    ArgumentError
        If a column, parameter or window cannot be used, or no sample lies in the windows.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> table = compare(datasets.load("demo"), parameters=["TP"])
    >>> list(table["parameter"].unique()), len(table)
    (['TP'], 6)
    """
    wanted = study.parameters if parameters is None else catalogue.codes(parameters)
    check_question(wanted, level, by, COLUMNS)
    seed = seed_of(rng)
    lang = words.language(lang or study.language)
    windows = unit_windows(study, by, before, after)
    samples = study.samples.loc[study.samples["parameter"].isin(wanted)]
    unit = samples["station"].map(study.unit_of(by))
    unset = sorted(samples.loc[unit.isna(), "station"].unique())
    groups = dict(iter(samples.groupby([unit, samples["parameter"]], sort=False)))
    _overlap(samples, windows)
    if unit.isna().all():
        raise ArgumentError(
            f"no station that has samples of these parameters has a {by}",
            argument="by",
            mend=f"fill column {by!r} in the stations table",
        )
    unused = _unused_starts(study, by, windows) if before is None else {}
    rows = [
        {by: name, "parameter": code}
        | _row(
            groups.get((name, code), samples.iloc[:0]),
            windows[name],
            code,
            level,
            cell_rng(seed, name, code),
            lang,
            [words.text("note.start_unused", lang, start=unused[name])] if name in unused else [],
        )
        for name in steps(windows, progress, len(windows))
        for code in wanted
    ]
    table = pd.DataFrame(rows)
    table["q_value"] = q_values(table, adjust, family)
    table = table[[by, *COLUMNS]]
    table.attrs |= {"left_out": unset, "seed": seed}
    return table


def _overlap(samples: pd.DataFrame, windows: dict[str, Windows]) -> None:
    """Both windows must hold samples somewhere; a unit without is told in its own row."""
    if samples.empty:
        raise ArgumentError("the study has no samples of these parameters", argument="parameters")
    first, last = samples["time"].min(), samples["time"].max()
    for side in ("before", "after"):
        spans = [getattr(window, side) for window in windows.values()]
        if not any(start <= last and first < end for start, end in spans):
            start, end = spans[0]
            raise ArgumentError(
                f"no sample lies in the {side} window {start:%Y-%m-%d} to {end:%Y-%m-%d}",
                argument=side,
                valid=f"a span within the data, {first:%Y-%m-%d} to {last:%Y-%m-%d}",
            )


def _unused_starts(study: Study, by: str, windows: dict[str, Windows]) -> dict[str, str]:
    """Units whose own start lies outside the time compared, so that the pooled windows stand in."""
    return {
        unit: f"{start:%Y-%m-%d}"
        for unit, start in study.own_starts(by).items()
        if start is not None and windows[unit].after[0] != start
    }


def _row(
    samples: pd.DataFrame,
    window: Windows,
    code: str,
    level: float,
    rng: np.random.Generator,
    lang: str,
    notes: list[str],
) -> dict[str, Any]:
    """One row of the table, without unit, parameter and q-value."""
    limits = rules.load("comparison")
    times = samples["time"]
    early = (times >= window.before[0]) & (times < window.before[1])
    late = (times >= window.after[0]) & (times < window.after[1])
    inside = early | late
    cell = Cell.of(samples.loc[inside], late[inside].to_numpy(), code)
    row = _counts(cell)
    if not cell.value.size:
        return row | _nothing(level, [words.text("note.no_samples", lang), *notes], lang)
    notes += doubt_notes(samples.loc[inside], lang)
    if cell.zeros:
        notes.append(words.text("note.zeros", lang, n=cell.zeros, limit=f"{cell.limit:g}"))
    if any(np.mean(cell.side[w] < 0) >= 0.5 for w in (cell.late, ~cell.late) if w.any()):
        notes.append(words.text("note.median_hidden", lang))
    kept = cell.linked()
    if kept.stations < cell.stations:
        notes.append(words.text("note.left_out", lang, n=cell.stations - kept.stations))
    before, after = kept.months
    share = f"{100 * kept.worst_share:.0f}"
    if min(before, after) < limits["min_months"]:
        reason = words.text("note.too_few", lang, before=before, after=after, least=limits["min_months"])
        return row | _nothing(level, [reason, *notes], lang)
    if kept.worst_share > limits["max_censored"]:
        return row | _nothing(level, [words.text("note.all_censored", lang, share=share), *notes], lang)
    if kept.constant:
        return row | _nothing(level, [words.text("note.constant", lang), *notes], lang)
    beyond = []
    if kept.worst_share > limits["much_censored"]:
        beyond.append(words.text("note.much_censored", lang, share=share))
    least, whole = limits["calibrated_window"], limits["calibrated_months"]
    if min(before, after) < least or before + after < whole:
        n = {"before": before, "after": after, "least": least, "whole": whole}
        beyond.append(words.text("note.few_months", lang, **n))
    held = ground("averaged-step", before + after, kept.worst_share)
    if not beyond and held.fails:
        beyond.append(words.text("note.not_held", lang, size=f"{100 * held.size:.0f}"))
    if held.drifts:
        notes.append(words.text("note.drifts", lang, size=f"{100 * held.drift:.0f}"))
    found = _change(kept, code, level, rng, lang, [*beyond, *notes])
    return row | found | {"calibrated": not beyond and found["method"] != "none"}


def _counts(cell: Cell) -> dict[str, Any]:
    """What was sampled, before any estimate."""
    value, late = cell.value, cell.late
    return {
        "n_before": int((~late).sum()),
        "n_after": int(late.sum()),
        "censored_share": cell.censored_share,
        "median_before": float(np.median(value[~late])) if (~late).any() else np.nan,
        "median_after": float(np.median(value[late])) if late.any() else np.nan,
    }


def _change(
    cell: Cell, code: str, level: float, rng: np.random.Generator, lang: str, notes: list[str]
) -> dict[str, Any]:
    """Estimate, interval and p of one cell that has enough data."""
    full = cell.complete(rng)
    series = twoway.column_effects(full, cell.station, cell.month)
    estimate = averaged.averaged_step(series, cell.time, cell.after, level=level)
    if not estimate.estimable:
        return _nothing(level, [words.text("note.no_season", lang), *notes], lang)
    alone = step.ar1_step(series, cell.time, cell.after, level=level)
    season = step.season_part(series, cell.time, cell.after)
    plain = series - season
    shift = float(step.hodges_lehmann(plain[:, ~cell.after], plain[:, cell.after]).mean())
    own = (full - season[:, cell.month]).mean(axis=0)
    hidden = bool((cell.side != 0).any())
    return _percent(estimate, alone, shift) | {
        "improved_share": _improved(own, cell, code),
        "method": estimate.method + ("+augmentation" if hidden else ""),
        "notes": words.joined(notes, lang),
    }


def _improved(own: FloatArray, cell: Cell, code: str) -> float:
    """Share of stations, sampled in both windows, whose mean log moved to the better."""
    stations = cell.stations
    late = np.bincount(cell.station, weights=cell.late, minlength=stations)
    early = np.bincount(cell.station, weights=~cell.late, minlength=stations)
    both = (late > 0) & (early > 0)
    if not both.any():
        return np.nan
    after = np.bincount(cell.station, weights=own * cell.late, minlength=stations)[both] / late[both]
    before = np.bincount(cell.station, weights=own * ~cell.late, minlength=stations)[both] / early[both]
    better = after > before if catalogue.parameter(code).higher_is_better else after < before
    return float(np.mean(better))


def _percent(estimate: Estimate, alone: Estimate, shift: float) -> dict[str, Any]:
    """A step of logs as a change in per cent, beside what AR(1) noise alone would make of it."""
    logs = [estimate.value, estimate.low, estimate.high, alone.low, alone.high, shift]
    value, low, high, ar1_low, ar1_high, hl = 100 * np.expm1(logs)
    return {
        "hl_percent": float(hl),
        "change_percent": float(value),
        "low": float(low),
        "high": float(high),
        "level": estimate.level,
        "p_value": estimate.p_value,
        "ar1_low": float(ar1_low),
        "ar1_high": float(ar1_high),
    }


def _nothing(level: float, notes: list[str], lang: str) -> dict[str, Any]:
    """What a row says where nothing can be said."""
    blank = dict.fromkeys(_NUMBERS, np.nan)
    return blank | {
        "level": level,
        "p_value": np.nan,
        "improved_share": np.nan,
        "method": "none",
        "calibrated": False,
        "notes": words.joined(notes, lang),
    }
