"""The change that pairs of stations have in common, and how much of it is chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats as distributions

from wqstudy import parameters as catalogue
from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.pairs import Nondetects, days_of, ratio_codes, ratios
from wqstudy.study import Study

_POOLED = (
    "parameter",
    "stations",
    "clusters",
    "both_below",
    "lower_share",
    "log_change",
    "standard_error",
    "change_percent",
    "low",
    "high",
    "level",
    "p_value",
    "rank_p_value",
    "method",
    "notes",
)


def pooled_change(
    pairs: pd.DataFrame,
    by: str = "province",
    *,
    level: float = 0.95,
    common_sd: Mapping[str, float] | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """The change that the pairs have in common, with an interval that counts clusters and not stations.

    The mean log ratio of each cluster is one observation; their mean has a t interval with one degree of
    freedom less than there are clusters (as Donner and Klar 2000, Design and Analysis of Cluster
    Randomization Trials, ch. 7, for means of clusters). Clusters count alike whatever their number of
    stations.

    Parameters
    ----------
    pairs
        What `station_pairs` returns.
    by
        Column of `pairs` whose stations share their fate: a province, a basin. ``"station"`` takes every
        station as independent, which neighbours are not.
    level
        Of the interval.
    common_sd
        By parameter, the standard deviation, in logs, of a change that all clusters share by chance
        (weather of one November against another; see `common_fluctuation`). Clusters cannot show it; it is
        added to the variance.
    lang
        Language of the notes.

    Returns
    -------
    DataFrame
        One row a parameter: ``parameter, stations, clusters, both_below, lower_share, log_change,
        standard_error, change_percent, low, high, level, p_value, rank_p_value, method, notes``. `stations`
        have a ratio; `both_below` of all pairs hang on non-detects on both sides; `lower_share` is of the
        pairs whose direction is known; `rank_p_value` is Wilcoxon's signed-rank test over stations (zeros by
        Pratt 1959), a check that knows no clusters. nan where there are fewer than two clusters.

    Raises
    ------
    ArgumentError
        If `pairs` has no such column, or a level or deviation cannot be used.

    Examples
    --------
    >>> pairs = pd.DataFrame({"parameter": "TP", "province": list("AABC"), "log_ratio": [-1, -1, 0, -0.5]})
    >>> pairs = pairs.assign(below_before=False, below_after=False, direction="lower")
    >>> pooled_change(pairs)[["stations", "clusters", "log_change", "standard_error"]].round(3)
       stations  clusters  log_change  standard_error
    0         4         3        -0.5           0.289
    """
    if by not in pairs or by in _POOLED[:1]:
        raise ArgumentError(f"the pairs have no column {by!r} to group by", argument="by")
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    shared = {} if common_sd is None else dict(common_sd)
    odd = [code for code, sd in shared.items() if not 0 <= sd < np.inf]
    if odd:
        raise ArgumentError(
            f"{shared[odd[0]]!r} is no standard deviation", argument="common_sd", valid="0 or more, finite"
        )
    rows = [
        {"parameter": code} | _pool(group, by, level, shared.get(str(code), 0.0), lang)
        for code, group in pairs.groupby("parameter", sort=False)
    ]
    return pd.DataFrame(rows, columns=list(_POOLED))


def _pool(pairs: pd.DataFrame, by: str, level: float, common: float, lang: str) -> dict[str, Any]:
    """One row of the pooled table, without its parameter."""
    used = pairs[pairs["log_ratio"].notna() & pairs[by].notna()]
    means = used.groupby(by)["log_ratio"].mean().to_numpy()
    ratio = used["log_ratio"].to_numpy()
    told = (pairs["direction"] != "unclear").sum()
    nowhere = int(pairs[by].isna().sum())
    notes = [words.text("note.no_cluster", lang, n=nowhere, by=by)] if nowhere else []
    row = {
        "stations": len(used),
        "clusters": means.size,
        "both_below": int((pairs["below_before"] & pairs["below_after"]).sum()),
        "lower_share": float((pairs["direction"] == "lower").sum() / told) if told else np.nan,
        "level": level,
        "rank_p_value": _rank_p(ratio),
    }
    if means.size < 2:
        notes.append(words.text("note.few_clusters", lang, n=means.size))
        return row | {"method": "none", "notes": words.joined(notes, lang)}
    change, df = float(means.mean()), means.size - 1
    error = float(np.hypot(means.std(ddof=1) / np.sqrt(means.size), common))
    reach = error * distributions.t.ppf((1 + level) / 2, df)
    percent = 100 * np.expm1([change, change - reach, change + reach])
    away = abs(change) / error if error > 0 else np.inf if change else 0.0
    return row | {
        "log_change": change,
        "standard_error": error,
        "change_percent": float(percent[0]),
        "low": float(percent[1]),
        "high": float(percent[2]),
        "p_value": float(2 * distributions.t.sf(away, df)),
        "method": "cluster means" + ("+common" if common else ""),
        "notes": words.joined(notes, lang),
    }


def _rank_p(ratio: npt.NDArray[np.float64]) -> float:
    if not np.any(ratio):
        return np.nan
    return float(distributions.wilcoxon(ratio, zero_method="pratt").pvalue)


def repeated_changes(
    study: Study,
    lags: Iterable[int],
    *,
    offsets: Sequence[int] = (0, 1, 2, 12),
    step: int = 7,
    by: str = "province",
    parameters: Iterable[str] | None = None,
    nondetects: Nondetects = "half",
    limits: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """What two short readings differ by within one daily record, where nothing was done: the noise.

    From the first day on, every `step` days, a set of days is compared with the set a lag later, as
    `station_pairs` and `pooled_change` compare two readings.

    Parameters
    ----------
    study
        Daily samples.
    lags
        Days from the first set to the second.
    offsets
        The days of a set, counted from its first; the default are four days such as 6, 7, 8 and 18 November.
    step
        Days from one start to the next. Sets that overlap are not independent.
    by, parameters, nondetects
        As in `station_pairs` and `pooled_change`.
    limits
        By parameter, the limit at which the record is censored, such as ``pairs.attrs["limits"]`` of the
        pairs that the noise is for; a higher one of its own goes before it.

    Returns
    -------
    DataFrame
        One row a parameter, lag and start for which every day of both sets was sampled somewhere:
        ``parameter, lag, start, stations, station_sd, log_change, standard_error``. `station_sd` is the
        standard deviation of the stations' log ratios.

    Raises
    ------
    ArgumentError
        If no two sets lie in the record, or a parameter or `nondetects` cannot be used.
    """
    wanted = ratio_codes(study.parameters if parameters is None else catalogue.codes(parameters), nondetects)
    samples = days_of(study.samples, wanted, dict.fromkeys(study.stations["station"]))
    unit, days = study.unit_of(by), pd.DatetimeIndex(samples["day"].unique())
    first, plan = days.min(), np.asarray(offsets)
    sampled = set((days - first).days)
    day = (samples["day"] - first).dt.days.to_numpy()
    tables = []
    for lag in lags:
        for start in range(0, max(sampled, default=0) + 1, step):
            if not sampled.issuperset(np.r_[start + plan, start + lag + plan].tolist()):
                continue
            early, late = (samples[np.isin(day, start + shift + plan)] for shift in (0, lag))
            pairs = ratios(early, late, nondetects, limits)[0]
            pooled = pooled_change(pairs.assign(**{by: pairs["station"].map(unit)}), by)
            pooled["station_sd"] = pooled["parameter"].map(pairs.groupby("parameter")["log_ratio"].std())
            tables.append(pooled.assign(lag=lag, start=first + pd.Timedelta(days=start)))
    if not tables:
        raise ArgumentError("no two sets of days lie in the record", argument="lags, offsets")
    columns = ["parameter", "lag", "start", "stations", "station_sd", "log_change", "standard_error"]
    return pd.concat(tables, ignore_index=True)[columns]


def common_fluctuation(changes: pd.DataFrame) -> pd.DataFrame:
    """How far all stations move together by chance between two short readings.

    The mean square of the pooled change, less what the spread between clusters explains (the mean of the
    squared standard errors), is the variance of a change that the clusters share. A season between the two
    sets is in it.

    Parameters
    ----------
    changes
        What `repeated_changes` returns.

    Returns
    -------
    DataFrame
        One row a parameter and lag: ``parameter, lag, sets, station_sd, pooled_rms, spread_rms,
        common_sd``, in logs.

    Examples
    --------
    >>> two = pd.DataFrame({"log_change": [0.3, -0.3], "standard_error": 0.1, "station_sd": 0.5})
    >>> common_fluctuation(two.assign(parameter="TP", lag=28))["common_sd"].round(3).tolist()
    [0.283]
    """
    parts = ["station_sd", "log_change", "standard_error"]
    groups = (changes[parts] ** 2).groupby([changes["parameter"], changes["lag"]], sort=False)
    station, pooled, spread = (groups[part].mean() for part in parts)
    table = pd.DataFrame(
        {
            "sets": groups.size(),
            "station_sd": np.sqrt(station),
            "pooled_rms": np.sqrt(pooled),
            "spread_rms": np.sqrt(spread),
            "common_sd": np.sqrt((pooled - spread).clip(lower=0)),
        }
    )
    return table.reset_index()
