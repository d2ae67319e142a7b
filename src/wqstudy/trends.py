"""Trends: one row a unit and parameter, the slope of each year, and rank tests beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, stats, words
from wqstudy.calibration import ground
from wqstudy.doubts import doubt_notes
from wqstudy.errors import ArgumentError
from wqstudy.multiplicity import Adjust, q_values
from wqstudy.progress import Progress, steps
from wqstudy.results import Estimate, Trend
from wqstudy.series import Cell, cell_rng, check_question, seed_of
from wqstudy.stats import averaged, twoway
from wqstudy.stats.kendall import z_and_p
from wqstudy.study import Study

COLUMNS = (
    "parameter",
    "n_samples",
    "months",
    "start",
    "end",
    "censored_share",
    "median",
    "percent_per_year",
    "low",
    "high",
    "level",
    "p_value",
    "q_value",
    "sen_percent",
    "tau",
    "rank_p_value",
    "direction",
    "method",
    "calibrated",
    "notes",
)
"""Columns of a table of trends, after that of the unit."""

FloatArray = npt.NDArray[np.float64]


def trend(
    study: Study,
    by: str = "district",
    start: Any = None,
    end: Any = None,
    *,
    parameters: Iterable[str] | None = None,
    level: float = 0.95,
    adjust: Adjust = "bh",
    family: str | None = None,
    rng: int | np.random.Generator = 0,
    lang: str | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Change of concentration a year, with its interval, for every unit and parameter.

    The series is made as a comparison makes it (stations as station and month effects, logs, non-detects by
    draws); its slope is estimated beside calendar-month effects with noise of unknown memory
    (`wqstudy.stats.averaged_trend`). The seasonal Kendall test and its Sen slope stand beside it, as the
    check that supposes no distribution: with the covariance of seasons from ten years on.

    Parameters
    ----------
    study
        The study.
    by
        ``"district"``, ``"station"`` or any column of the stations table.
    start, end
        First day, and the day after the last; by default all that was sampled.
    parameters
        Codes or names; by default the study's.
    level
        Of the intervals.
    adjust, family
        How q-values are made, and within which column's values: see `wqstudy.multiplicity.q_values`.
    rng
        Seed of the draws for non-detects, or a generator to draw one from. A cell's draws do not depend on
        the other cells.
    lang
        Language of the notes; by default the study's.
    progress
        Called with a unit, its number and how many there are, before its turn; True shows a bar.

    Returns
    -------
    DataFrame
        ``<by>, parameter, n_samples, months, start, end, censored_share, median, percent_per_year, low, high,
        level, p_value, q_value, sen_percent, tau, rank_p_value, direction, method, calibrated,
        notes``. The median in the parameter's unit; changes in per cent of the geometric mean a year;
        ``direction`` how likely it is that the series falls, by the rank test; ``calibrated`` whether the
        test was simulated, and held its size, where months and non-detects are as here. nan, with the
        reason in ``notes``, where nothing can be said. ``attrs`` has ``left_out``, the stations without a
        unit, and ``seed``.

    Raises
    ------
    ArgumentError
        If a column, parameter or date cannot be used, or no sample lies in the span.

    References
    ----------
    Hirsch R.M., Slack J.R. 1984, Water Resour. Res. 20, 727-732; docs/methods.md.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> table = trend(datasets.load("demo"), parameters=["TP"])
    >>> len(table), bool((table["percent_per_year"] < 0).all())
    (6, True)
    """
    wanted = study.parameters if parameters is None else catalogue.codes(parameters)
    check_question(wanted, level, by, COLUMNS)
    seed = seed_of(rng)
    lang = words.language(lang or study.language)
    samples = _within(study.samples.loc[study.samples["parameter"].isin(wanted)], start, end)
    units = study.unit_of(by)
    unit = samples["station"].map(units)
    if unit.isna().all():
        raise ArgumentError(
            f"no station that has samples of these parameters has a {by}",
            argument="by",
            mend=f"fill column {by!r} in the stations table",
        )
    groups = dict(iter(samples.groupby([unit, samples["parameter"]], sort=False)))
    names = list(units.dropna().unique())
    rows = [
        {by: name, "parameter": code}
        | _row(groups.get((name, code), samples.iloc[:0]), level, cell_rng(seed, name, code), lang)
        for name in steps(names, progress, len(names))
        for code in wanted
    ]
    table = pd.DataFrame(rows)
    table["q_value"] = q_values(table, adjust, family)
    table = table[[by, *COLUMNS]]
    table.attrs |= {"left_out": sorted(samples.loc[unit.isna(), "station"].unique()), "seed": seed}
    return table


def _within(samples: pd.DataFrame, start: Any, end: Any) -> pd.DataFrame:
    """The samples from a day on, before another."""
    for name, day in (("start", start), ("end", end)):
        if day is None:
            continue
        moment = pd.to_datetime(str(day), errors="coerce")
        if pd.isna(moment) or moment.tz is not None:
            raise ArgumentError(f"{day!r} is not a day", argument=name, valid="a date such as 2016-01-01")
        samples = samples[samples["time"] >= moment if name == "start" else samples["time"] < moment]
    if samples.empty:
        raise ArgumentError(
            "no sample of these parameters lies in the span", argument="start, end", mend="widen the span"
        )
    return samples


def _row(samples: pd.DataFrame, level: float, rng: np.random.Generator, lang: str) -> dict[str, Any]:
    """One row of the table, without unit, parameter and q-value."""
    limits = rules.load("comparison")
    if samples.empty:
        return _blank(level, [words.text("note.no_samples", lang)], lang)
    code = str(samples["parameter"].iloc[0])
    cell = Cell.of(samples, np.zeros(len(samples), bool), code)
    notes = doubt_notes(samples, lang)
    if cell.zeros:
        notes.append(words.text("note.zeros", lang, n=cell.zeros, limit=f"{cell.limit:g}"))
    kept = cell.linked()
    if kept.stations < cell.stations:
        notes.append(words.text("note.left_out", lang, n=cell.stations - kept.stations))
    if np.mean(cell.side < 0) >= 0.5:
        notes.append(words.text("note.median_hidden", lang))
    row = {
        "n_samples": cell.value.size,
        "months": kept.time.size,
        "start": _month(kept.time[0]),
        "end": _month(kept.time[-1]),
        "censored_share": cell.censored_share,
        "median": float(np.median(cell.value)),
    }
    share = f"{100 * kept.censored_share:.0f}"
    if kept.censored_share > limits["max_censored"]:
        return _blank(level, [words.text("note.all_censored_trend", lang, share=share), *notes], lang) | row
    if kept.censored_share > limits["much_censored"]:
        notes.append(words.text("note.much_censored_trend", lang, share=share))
    if kept.time.size < limits["trend_months"]:
        reason = words.text("note.few_trend", lang, n=kept.time.size, least=limits["trend_months"])
        return _blank(level, [reason, *notes], lang) | row
    if kept.constant:
        return _blank(level, [words.text("note.constant", lang), *notes], lang) | row
    full = kept.complete(rng, regressor=_line(kept.time))
    series = twoway.column_effects(full, kept.station, kept.month)
    estimate = averaged.averaged_trend(series, kept.time, level=level)
    if not estimate.estimable:
        return _blank(level, [words.text("note.no_season", lang), *notes], lang) | row
    least = averaged.CALIBRATED_FROM
    held = ground("averaged-trend", kept.time.size, kept.censored_share)
    calibrated = kept.time.size >= least and kept.censored_share <= limits["much_censored"] and not held.fails
    if kept.time.size < least:
        notes.append(words.text("note.not_calibrated", lang, n=kept.time.size, least=least))
    elif held.fails:
        notes.append(words.text("note.not_held", lang, size=f"{100 * held.size:.0f}"))
    if held.drifts:
        notes.append(words.text("note.drifts", lang, size=f"{100 * held.drift:.0f}"))
    hidden = bool((kept.side != 0).any())
    return (
        row
        | _answer(estimate, _ranks(series, kept.time, level))
        | {
            "method": estimate.method + ("+augmentation" if hidden else ""),
            "calibrated": calibrated,
            "notes": words.joined(notes, lang),
        }
    )


def _line(time: npt.NDArray[np.int64]) -> FloatArray:
    """Time from -1/2 to 1/2, so that its coefficient is the change over the record."""
    line: FloatArray = (time - (time[0] + time[-1]) / 2) / max(int(time[-1] - time[0]), 1)
    return line


def _month(number: np.int64) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _ranks(series: FloatArray, time: npt.NDArray[np.int64], level: float) -> Trend:
    """Seasonal Kendall of the series; where it was completed by draws, their tests as one (Rubin 1987)."""
    year, season = (time // 12).astype(float), time % 12
    long = np.unique(year).size >= rules.load("comparison")["covariance_years"]
    tests = [stats.seasonal_kendall(one, year, season, covariance=long, level=level) for one in series]
    if len(tests) == 1:
        return tests[0]
    s, var, slope, tau = (
        np.array([getattr(test, name) for test in tests]) for name in ("s", "var_s", "slope", "tau")
    )
    total = float(var.mean() + (1 + 1 / len(tests)) * s.var(ddof=1))
    middle = float(s.mean())
    z, p = z_and_p(middle, total)
    return Trend(middle, total, z, p, float(tau.mean()), slope=float(np.median(slope)), n=tests[0].n)


def _answer(estimate: Estimate, ranks: Trend) -> dict[str, Any]:
    """Slopes of logs as changes in per cent a year."""
    value, low, high, sen = 100 * np.expm1([estimate.value, estimate.low, estimate.high, ranks.slope])
    return {
        "percent_per_year": float(value),
        "low": float(low),
        "high": float(high),
        "level": estimate.level,
        "p_value": estimate.p_value,
        "sen_percent": float(sen),
        "tau": ranks.tau,
        "rank_p_value": ranks.p_value,
        "direction": stats.trend_direction(ranks).likelihood,
    }


def _blank(level: float, notes: list[str], lang: str) -> dict[str, Any]:
    """What a row says where nothing can be said."""
    numbers = ("censored_share", "median", "percent_per_year", "low", "high", "p_value")
    ranks = ("sen_percent", "tau", "rank_p_value")
    return (
        {"n_samples": 0, "months": 0, "start": "", "end": ""}
        | dict.fromkeys((*numbers, *ranks), np.nan)
        | {
            "level": level,
            "direction": "",
            "method": "none",
            "calibrated": False,
            "notes": words.joined(notes, lang),
        }
    )
