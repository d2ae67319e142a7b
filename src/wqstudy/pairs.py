"""The same stations in two short readings years apart: which is which, and their ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy.errors import ArgumentError
from wqstudy.readers.names import renamed
from wqstudy.study import Study

Nondetects = Literal["half", "limit", "exclude"]


def station_matches(before: Study, after: Study, *, agree: str = "province") -> pd.DataFrame:
    """Which station of a later study is which of an earlier one: the ledger of the matching.

    A station is matched with the one of the same name, else with the one that the names say it was renamed
    to or from (``X(Y)`` is X, formerly Y; `wqstudy.readers.names.renamed`). Names that differ only by a
    remark in brackets, such as 老 (old), are not taken to be one: the remark may say that the station moved.

    Parameters
    ----------
    before, after
        The two studies.
    agree
        Column of both stations tables in which a pair must not differ; not looked at where one has none.

    Returns
    -------
    DataFrame
        One row a station of `before`: ``station, station_after, how, reason``. `how` is ``same name``,
        ``renamed`` or blank; where it is blank `station_after` is missing and `reason` says why.

    Examples
    --------
    >>> def study(*names):
    ...     return Study(
    ...         pd.DataFrame({"station": names, "time": "2020-11-06", "parameter": "TP", "value": 0.1})
    ...     )
    >>> matches = station_matches(study("东桥", "旧城渡", "湖滨(老)"), study("东桥", "新安(旧城渡)", "湖滨"))
    >>> matches["station_after"].tolist(), matches["how"].tolist()
    (['东桥', '新安(旧城渡)', nan], ['same name', 'renamed', ''])
    """
    early, late = before.stations, after.stations
    alias = renamed([*early["station"], *late["station"]])
    free = late.loc[~late["station"].isin(early["station"]), "station"]
    found = early["station"].where(early["station"].isin(late["station"]))
    how = pd.Series("", index=early.index).mask(found.notna(), "same name")
    reason = pd.Series("", index=early.index).mask(found.isna(), "no station of this name")
    for says, key in (("renamed", lambda names: names.replace(alias)), ("", _bare)):
        other = _only_one(early["station"][found.isna()], free, key)
        fits = other.reindex(early.index).notna()
        if says:
            found, how, reason = found.fillna(other), how.mask(fits, says), reason.mask(fits, "")
            free = free[~free.isin(found)]
        else:
            reason = reason.mask(fits, "differs in brackets from " + other.astype("str"))
    if agree in early and agree in late:
        there = found.map(late.set_index("station")[agree])
        apart = early[agree].notna() & there.notna() & (early[agree] != there)
        told = f"{agree} differs from that of " + found.astype("str")
        found, how, reason = found.mask(apart), how.mask(apart, ""), reason.mask(apart, told)
    return pd.DataFrame({"station": early["station"], "station_after": found, "how": how, "reason": reason})


def _bare(names: pd.Series) -> pd.Series:
    return names.str.replace(r"\(.*|·.*", "", regex=True).str.strip()


def _only_one(names: pd.Series, free: pd.Series, key: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """The one free name with the same key as each name, where neither side has two."""
    own, other = key(names).drop_duplicates(keep=False), key(free).drop_duplicates(keep=False)
    return own.map(pd.Series(free[other.index].to_numpy(), index=other.to_numpy())).dropna()


def station_pairs(
    before: Study,
    after: Study,
    *,
    parameters: Iterable[str] | None = None,
    same_days: bool = True,
    nondetects: Nondetects = "half",
    agree: str = "province",
) -> pd.DataFrame:
    """The ratio of two readings at every station that both have.

    A station's level is the median over days of its daily medians, on the log scale. Both readings are first
    censored alike: at the highest limit of either, so that a lower limit on one side does not look like a
    change. Bounds that know nothing of what lies below the limit decide the direction; only the ratio itself
    needs a substitute.

    Parameters
    ----------
    before, after
        The two readings, as studies.
    parameters
        Codes or names; by default those that `before` is about.
    same_days
        Use only calendar days that both readings have, so that the season is the same.
    nondetects
        What stands in for a value below the limit in the ratio: half of it, the limit itself, or nothing:
        with ``"exclude"`` a pair whose medians are not both known has no ratio.
    agree
        As in `station_matches`.

    Returns
    -------
    DataFrame
        One row a station and parameter that both readings have: ``parameter``, the columns of `before`'s
        stations table, ``days_before, days_after, before, after`` (in the parameter's unit),
        ``below_before, below_after`` (the median is not known, but lies below the limit or depends on what
        does), ``log_ratio`` (natural log of after / before), ``direction`` (``lower``, ``higher`` or
        ``unclear``, where bounds or equal values do not say). ``attrs`` has ``days``,
        the calendar days of `before` that were used, and ``limits``, by parameter.

    Raises
    ------
    ArgumentError
        If a parameter or `nondetects` cannot be used, or the readings share no station or day.

    Examples
    --------
    >>> def reading(year, *values):
    ...     rows = {"station": list("ABC"), "time": f"{year}-11-06", "parameter": "TP", "value": values}
    ...     return Study(pd.DataFrame(rows | {"censored": ["none", "none", "left"]}))
    >>> pairs = station_pairs(reading(2020, 0.2, 0.1, 0.01), reading(2025, 0.1, 0.2, 0.01))
    >>> pairs[["station", "log_ratio", "direction"]].round(2)
      station  log_ratio direction
    0       A      -0.69     lower
    1       B       0.69    higher
    2       C       0.00   unclear
    """
    wanted = ratio_codes(before.parameters if parameters is None else catalogue.codes(parameters), nondetects)
    matches = station_matches(before, after, agree=agree).dropna(subset="station_after")
    own = dict(zip(matches["station_after"], matches["station"], strict=True))
    early = days_of(before.samples, wanted, dict.fromkeys(matches["station"]))
    late = days_of(after.samples, wanted, own)
    if early.empty or late.empty:
        raise ArgumentError("the two readings have no sampled station in common", argument="before, after")
    if same_days:
        shared = np.intersect1d(_calendar(early), _calendar(late))
        if not shared.size:
            raise ArgumentError(
                "the two readings have no calendar day in common", argument="same_days", valid="False here"
            )
        early, late = early[np.isin(_calendar(early), shared)], late[np.isin(_calendar(late), shared)]
    table, limits = ratios(early, late, nondetects)
    table = before.stations.merge(table, on="station")
    order = table["parameter"].map({code: place for place, code in enumerate(wanted)})
    table = table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    table.insert(0, "parameter", table.pop("parameter"))
    table.attrs |= {"days": sorted({f"{day:%m-%d}" for day in early["day"]}), "limits": limits}
    return table


def ratio_codes(codes: list[str], nondetects: str) -> list[str]:
    """The codes themselves, or an error where a ratio of one means nothing or `nondetects` is not known."""
    odd = [code for code in codes if not catalogue.parameter(code).ratio]
    if odd:
        raise ArgumentError(f"a ratio of {odd[0]} means nothing", argument="parameters")
    if nondetects not in ("half", "limit", "exclude"):
        raise ArgumentError(
            f"{nondetects!r} is not known", argument="nondetects", valid="half, limit, exclude"
        )
    return codes


def days_of(samples: pd.DataFrame, wanted: Sequence[str], own: Mapping[str, str | None]) -> pd.DataFrame:
    """The samples asked for, under the earlier name of their station, with their day."""
    chosen = samples[samples["station"].isin(own.keys()) & samples["parameter"].isin(wanted)]
    chosen = chosen.reset_index(drop=True)
    names = {late: early for late, early in own.items() if early is not None}
    return chosen.assign(station=chosen["station"].replace(names), day=chosen["time"].dt.floor("D"))


def _calendar(samples: pd.DataFrame) -> npt.NDArray[np.int64]:
    number: npt.NDArray[np.int64] = (samples["day"].dt.month * 100 + samples["day"].dt.day).to_numpy()
    return number


def ratios(
    early: pd.DataFrame, late: pd.DataFrame, nondetects: str, least: Mapping[str, float] | None = None
) -> tuple[pd.DataFrame, dict[str, float]]:
    """One row a station and parameter of both sides, and the limits at which both are censored."""
    limits = _limits(pd.concat([early, late], ignore_index=True), least or {})
    share = 0.5 if nondetects == "half" else 1.0
    one, other = (_medians(samples, limits, share) for samples in (early, late))
    both = one.add_suffix("_before").join(other.add_suffix("_after"), how="inner")
    below = {side: both[f"low_{side}"] < both[f"high_{side}"] for side in ("before", "after")}
    ratio = both["log_after"] - both["log_before"]
    lower = both["high_after"] < both["low_before"]
    higher = both["low_after"] > both["high_before"]
    columns = {
        "days_before": both["days_before"],
        "days_after": both["days_after"],
        "before": np.exp(both["log_before"]),
        "after": np.exp(both["log_after"]),
        "below_before": below["before"],
        "below_after": below["after"],
        "log_ratio": ratio.mask(below["before"] | below["after"]) if nondetects == "exclude" else ratio,
        "direction": np.select([lower, higher], ["lower", "higher"], default="unclear"),
    }
    return pd.DataFrame(columns).reset_index(), limits


def _limits(samples: pd.DataFrame, least: Mapping[str, float]) -> dict[str, float]:
    """The highest limit of each parameter that has non-detects, or the least one asked for.

    Zeros lie below the catalogue's limit.
    """
    zero, left = samples["value"] <= 0, samples["censored"] == "left"
    known = {code: catalogue.parameter(code).detection_limit for code in samples["parameter"].unique()}
    smallest = samples.loc[~zero].groupby("parameter")["value"].min()
    stands_in = samples["parameter"].map(known).fillna(samples["parameter"].map(smallest)).fillna(1.0)
    limit = samples["value"].mask(zero, stands_in)[left | zero].groupby(samples["parameter"]).max()
    codes = sorted({*limit.index, *least})
    return {str(code): max(float(limit.get(code, 0.0)), least.get(code, 0.0)) for code in codes}


def _medians(samples: pd.DataFrame, limits: Mapping[str, float], share: float) -> pd.DataFrame:
    """Median over days of daily medians of log values, with a substitute for non-detects and as bounds."""
    limit = samples["parameter"].map(limits).fillna(-np.inf)
    value = samples["value"].mask(samples["value"] < limit, limit)
    below = (samples["censored"] == "left") | (samples["value"] < limit)
    high = np.log(value.mask(below, limit))
    bounds = pd.DataFrame(
        {
            "log": high + np.log(share) * below,
            "low": high.mask(below, -np.inf),
            "high": high.mask(samples["censored"] == "right", np.inf),
        }
    )
    keys = [samples["station"], samples["parameter"], samples["day"]]
    daily = bounds.groupby(keys, sort=False).median().groupby(["station", "parameter"], sort=False)
    return daily.median().assign(days=daily.size())
