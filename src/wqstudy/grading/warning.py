"""Early warning: items of sections that rise above what they were while they attained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.ewma import baseline as fit
from wqstudy.grading.ewma import heights, moving_average, threshold_at, waves
from wqstudy.grading.limits import items_of
from wqstudy.grading.periods import Span, days_of, grouped
from wqstudy.grading.variability import floor_of
from wqstudy.samples import Reading
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]

_LEAST_MONTHS = 7
"""Values that season and noise need whatever else is asked."""


def early_warning(
    samples: Study | Reading | pd.DataFrame,
    baseline: Span | Mapping[str, Span],
    *,
    parameters: Iterable[str] | str | None = None,
    rate: float | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """Where an item rises above its own baseline, at a stated rate of false alarms.

    Logs of monthly means, less the season of the baseline, go into a moving average that starts anew every
    twelve months after the baseline. It warns where it is too high for chance, the error of the baseline
    itself and the correlation of months included.

    Parameters
    ----------
    samples
        As for `wqstudy.grade`.
    baseline
        Whole months in which the section attained, such as ``("2017-01-01", "2020-01-01")``, one for all or
        by station; 24 months or more. Below 36, or where chance alone would give other rates than the
        stated one, `notes` say which.
    parameters
        Items; by default all that set a class. pH is left out.
    rate
        False alarms a section, item and year; 0.1 by default.

    Returns
    -------
    DataFrame
        By station and item: `station`, `parameter`, `n_baseline` (months), `phi`, `threshold` (in sd of the
        baseline), `n_watched`, `highest` (of the average, in sd), `alarm` (first month, or missing),
        `alarms_a_year` (the stated rate), `rate_low`, `rate_high` (what chance gives, simulated for so many
        months of baseline and correlations of 0 to 0.6), `notes`.

    Raises
    ------
    ArgumentError
        If the baseline is too short or the rate is none.

    References
    ----------
    Roberts (1959), Technometrics 1; Lucas and Saccucci (1990), Technometrics 32. Heights are simulated with
    the estimation of the baseline (`grading/ewma.py`).

    Examples
    --------
    >>> months = pd.date_range("2016-01-15", periods=60, freq="30D")
    >>> rng = np.random.default_rng(1)
    >>> values = np.exp(rng.normal(0, 0.3, 60) + np.where(months >= "2020-03", 1.0, 0.0))
    >>> table = pd.DataFrame({"station": "a", "time": months, "parameter": "TP", "value": values / 10})
    >>> early_warning(table, ("2016-01-01", "2020-01-01"))["alarm"].tolist()
    ['2020-03']
    """
    rule = rules.load("attainment")["warning"]
    rate = rule["rate"] if rate is None else rate
    if not 0 < rate < 0.5:
        raise ArgumentError(f"{rate!r} is no rate", argument="rate", valid="above 0 and below 0.5")
    found = grouped(samples, "month", items_of(parameters), "half")
    stations = found.keys["station"].to_numpy()
    spans = {
        one: _months(baseline[one] if isinstance(baseline, Mapping) else baseline, rule["least_baseline"])
        for one in pd.unique(stations)
        if not isinstance(baseline, Mapping) or one in baseline
    }
    number = pd.PeriodIndex(found.keys["period"], freq="M").astype("int64").to_numpy()
    mean = found.means.mean
    rows = []
    for place, code in enumerate(found.items):
        if code == "PH":
            continue
        log = np.log(np.maximum(mean[:, place], floor_of(code))) * (-1 if code == "DO" else 1)
        for span in sorted(set(spans.values())):
            own = [one for one, other in spans.items() if other == span]
            rows.append(_watch(code, own, stations, number, log, span, rate, rule, lang))
    if not rows:
        raise ArgumentError("no section has a baseline", argument="baseline", valid="stations of the samples")
    table = pd.concat(rows, ignore_index=True)
    table = table[table["n_baseline"] + table["n_watched"] > 0]
    return table.sort_values(["station", "parameter"], kind="stable", ignore_index=True)


def _months(span: Span, least: int) -> tuple[int, int]:
    """First month and the month after the last, as months since 1970."""
    start, end = days_of(span)
    first, after = (one.to_period("M").ordinal for one in (start, end))
    if start.day != 1 or end.day != 1 or after - first < least:
        raise ArgumentError(
            f"{span!r} is not {least} whole months or more",
            argument="baseline",
            valid="('2017-01-01', '2020-01-01')",
        )
    return first, after


def _watch(
    code: str,
    own: list[str],
    stations: npt.NDArray[np.object_],
    number: npt.NDArray[np.int64],
    log: FloatArray,
    span: tuple[int, int],
    rate: float,
    rule: dict[str, float],
    lang: str,
) -> pd.DataFrame:
    """One item of the sections that share a baseline."""
    first, after = span
    row = pd.Index(own).get_indexer(pd.Index(stations))
    used = (row >= 0) & (number >= first) & np.isfinite(log)
    last = max(int(number[used].max(initial=first)) + 1, after)
    wide = np.full((len(own), last - first), np.nan)
    wide[row[used], number[used] - first] = log[used]
    seen = np.isfinite(wide)
    n_months = after - first
    n = seen[:, :n_months].sum(axis=1)
    n_watched = seen[:, n_months:].sum(axis=1)
    enough = n >= max(rule["least_share"] * n_months, _LEAST_MONTHS)
    month = np.arange(first, last)
    phi, height, highest = (np.full(len(own), np.nan) for _ in range(3))
    alarm = np.full(len(own), None, dtype=object)
    if enough.any():
        season, sd, phi[enough] = fit(wide[enough, :n_months], month[:n_months])
        height[enough] = threshold_at(phi[enough], n_months, rate)
        ahead = wide[enough, n_months:] - season @ waves(month[n_months:]).T
        # A constant baseline has no scale: any rise above it is infinitely high.
        with np.errstate(divide="ignore", invalid="ignore"):
            average = moving_average(np.where(ahead == 0, 0.0, ahead / sd[:, None]), rule["smoothing"])
        highest[enough] = average.max(axis=1, initial=-np.inf)
        over = average > height[enough, None]
        for place in np.flatnonzero(over.any(axis=1)):
            when = pd.Period(ordinal=int(after + over[place].argmax()), freq="M")
            alarm[np.flatnonzero(enough)[place]] = str(when)
    notes: npt.NDArray[np.object_] = np.where(enough, "", words.text("warning.few", lang)).astype(object)
    low, high = _chance(n_months, rate) if enough.any() else (np.nan, np.nan)
    if n_months < rule["sure_baseline"] or max(high / rate, rate / low) > 1 + rule["band"]:
        shown = {"n": n_months, "rate": rate, "low": f"{low:.2g}", "high": f"{high:.2g}"}
        notes[enough] = words.text("warning.short", lang, **shown)
    return pd.DataFrame(
        {
            "station": pd.array(own, dtype="str"),
            "parameter": code,
            "n_baseline": n,
            "phi": phi,
            "threshold": height,
            "n_watched": n_watched,
            "highest": np.where(n_watched > 0, highest, np.nan),
            "alarm": pd.Series(alarm, dtype="str"),
            "alarms_a_year": rate,
            "rate_low": np.where(enough, low, np.nan),
            "rate_high": np.where(enough, high, np.nan),
            "notes": pd.array(notes, dtype="str"),
        }
    )


def _chance(n_months: int, rate: float) -> tuple[float, float]:
    """Least and greatest share of years with an alarm, over the correlations simulated."""
    shares = heights(n_months, rate)[1]
    return float(shares.min()), float(shares.max())
