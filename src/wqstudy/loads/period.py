"""Loads of years and months by the averaging formulas, Beale's ratio and interpolation."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads import formulas
from wqstudy.loads.nondetects import filled
from wqstudy.loads.sampled import sampled
from wqstudy.loads.spans import Spans
from wqstudy.loads.strata import beale_over, strata_of
from wqstudy.loads.units import KG_PER_DAY
from wqstudy.series import seed_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

By = Literal["year", "month", "all"]
Strata = Literal["flow", "season"]

_LEAST, _FEW = 2, 6  # samples of a period, and few of them
_COVERED = 0.99


def period_load(
    samples: pd.DataFrame,
    flow: pd.DataFrame | None = None,
    method: str = "E",
    *,
    by: By = "year",
    start_month: int = 1,
    station: str | None = None,
    parameter: str | None = None,
    nondetect: str = "zero",
    level: float = 0.95,
    replicates: int = 1000,
    rng: int | np.random.Generator = 0,
    lang: str = "en",
) -> pd.DataFrame:
    """Load of each year or month from its own samples.

    Parameters
    ----------
    samples
        `time, value` in mg/L, and where there are any `censored, station, parameter`. Flows of the moment
        of sampling may stand in a column `flow`, or as samples of parameter ``FLOW`` at the same time.
    flow
        `time, flow`: daily means in m3/s. Without it only methods A and C can be used.
    method
        ``"A"`` mean concentration times mean flow of the samples. ``"B"`` the same with the mean flow of
        the period: right where concentration does not depend on flow. ``"C"`` mean of the samples' loads:
        point sources, low water. ``"D"`` each sample stands for the days nearest to it: even sampling.
        ``"E"`` flow-weighted concentration times the mean flow of the period: diffuse sources, floods.
        ``"interpolation"`` of concentration between samples: frequent sampling. ``"beale"`` as `beale`.
    by
        ``"year"``, ``"month"`` or ``"all"``: the whole record of flow, or of samples where there is none.
    start_month
        First month of a year; it is called by the calendar year in which it ends.
    station, parameter
        Which of them, where the tables hold more than one.
    nondetect
        ``"zero"``, ``"half"``, ``"limit"`` or ``"likelihood"``; see `wqstudy.loads.nondetect_spread`.
    level
        Of the interval of sampling error: for C Student's t, for Beale's ratio its own error, else a
        bootstrap of the samples.
    replicates, rng
        Of the bootstrap: how many, and seed or generator.
    lang
        Language of the notes.

    Returns
    -------
    DataFrame
        ``period, start, days, method, n_samples, n_censored, flux, conc, load, load_low, load_high,
        level, notes``: kg/d, flow-weighted mg/L, tonnes of the period with the ends of the interval. nan,
        with the reason, where a period has too few samples, or flow on less than 99 % of its days.
        ``attrs`` has ``seed``
        and ``left_out``, the samples that had no flow.

    Raises
    ------
    ArgumentError
        If an argument cannot be used, or the method needs daily flow and there is none.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", "2019-12-31")
    >>> flow = pd.DataFrame({"time": days, "flow": 2.0})
    >>> samples = pd.DataFrame({"time": days[::30], "value": 0.5})
    >>> period_load(samples, flow, "B")[["period", "n_samples", "flux", "load"]]
      period  n_samples  flux    load
    0   2019         13  86.4  31.536
    """
    return _table(
        samples,
        flow,
        method,
        None,
        by=by,
        start_month=start_month,
        station=station,
        parameter=parameter,
        nondetect=nondetect,
        level=level,
        replicates=replicates,
        rng=rng,
        lang=lang,
    )


def beale(
    samples: pd.DataFrame,
    flow: pd.DataFrame,
    strata: Strata | None = None,
    *,
    by: By = "year",
    start_month: int = 1,
    station: str | None = None,
    parameter: str | None = None,
    nondetect: str = "zero",
    level: float = 0.95,
    lang: str = "en",
) -> pd.DataFrame:
    """Load of each year or month by Beale's ratio estimator, as a whole or by strata.

    Parameters
    ----------
    samples, flow, by, start_month, station, parameter, nondetect, level, lang
        As for `period_load`.
    strata
        ``"flow"``: days above the 80 % quantile of the record's flows, and the others; ``"season"``: the
        quarters of the calendar. Loads and variances of the strata add up; a stratum with fewer than three
        samples is joined to the next one.

    Returns
    -------
    DataFrame
        As for `period_load`. The interval is Student's t, with Satterthwaite's degrees of freedom over
        the strata.

    References
    ----------
    See `wqstudy.loads.formulas.beale`.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", "2019-12-31")
    >>> flow = pd.DataFrame({"time": days, "flow": 1.0 + np.arange(365) % 7})
    >>> samples = pd.DataFrame({"time": days[::15], "value": 0.5})
    >>> beale(samples, flow)[["load", "load_low", "load_high"]].round(3)
         load  load_low  load_high
    0  62.942    62.942     62.942
    """
    if strata not in (None, "flow", "season"):
        raise ArgumentError(f"{strata!r} is not known", argument="strata", valid="None, flow, season")
    return _table(
        samples,
        flow,
        "beale",
        strata,
        by=by,
        start_month=start_month,
        station=station,
        parameter=parameter,
        nondetect=nondetect,
        level=level,
        replicates=0,
        rng=0,
        lang=lang,
    )


def _table(
    samples: pd.DataFrame,
    flow: pd.DataFrame | None,
    method: str,
    strata: str | None,
    *,
    by: str,
    start_month: int,
    station: str | None,
    parameter: str | None,
    nondetect: str,
    level: float,
    replicates: int,
    rng: int | np.random.Generator,
    lang: str,
) -> pd.DataFrame:
    _check(method, by, start_month, level, replicates, daily=flow is not None)
    words.language(lang)
    own = sampled(samples, flow, station, parameter, lang)
    conc = filled(own.value, own.side, own.flow, nondetect)
    spans = Spans.of(own.days if own.days.size else own.date, by, start_month)
    sample_span, day_span = spans.number(own.date), spans.number(own.days)
    cuts = strata_of(own, strata)
    seed = seed_of(rng)
    rows = []
    for key in np.unique(sample_span[(sample_span == 0) | (spans.months > 0)]).tolist():
        chosen, inside = sample_span == key, day_span == key
        start = spans.start(key)
        period = formulas.Period(
            (own.date[chosen].to_numpy() - start) / np.timedelta64(1, "D"),
            conc[chosen],
            own.flow[chosen],
            (own.days[inside].to_numpy() - start) / np.timedelta64(1, "D"),
            own.discharge[inside],
        )
        reason = _unusable(period, spans.days(key), daily=flow is not None, lang=lang)
        notes = [*([reason] if reason else []), *own.notes]
        values = dict.fromkeys(("flux", "low", "high"), np.nan)
        if not reason:
            draws = np.random.default_rng([seed, key % 2**32])
            values = _load(
                period, method, (cuts[0][chosen], cuts[1][inside]), (level, replicates, draws), notes, lang
            )
        to_load = spans.days(key) / 1000
        rows.append(
            {
                "period": spans.name(key),
                "start": start,
                "days": spans.days(key),
                "method": method if strata is None else f"{method}, {strata}",
                "n_samples": int(chosen.sum()),
                "n_censored": int((own.side[chosen] != 0).sum()),
                "flux": values["flux"],
                "conc": np.nan if reason else values["flux"] / (KG_PER_DAY * period.mean_flow),
                "load": values["flux"] * to_load,
                "load_low": values["low"] * to_load,
                "load_high": values["high"] * to_load,
                "level": level,
                "notes": words.joined(notes, lang),
            }
        )
    table = pd.DataFrame(rows)
    table.attrs |= {"seed": seed, "left_out": own.left_out.to_dict("records")}
    return table


def _check(method: str, by: str, start_month: int, level: float, replicates: int, *, daily: bool) -> None:
    if method not in formulas.METHODS:
        raise ArgumentError(f"{method!r} is not known", argument="method", valid=", ".join(formulas.METHODS))
    if method not in formulas.SPOT and not daily:
        raise ArgumentError(
            f"method {method} multiplies by the flow of every day of the period, and there is no daily flow",
            argument="method",
            valid=f"{', '.join(formulas.SPOT)} with the flows of the moment of sampling alone",
            mend="give daily flow, or use A or C and say that they know nothing of the days between",
        )
    if by not in ("year", "month", "all"):
        raise ArgumentError(f"{by!r} is not known", argument="by", valid="year, month, all")
    if start_month not in range(1, 13):
        raise ArgumentError(f"{start_month!r} is no month", argument="start_month", valid="1 to 12")
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    if replicates < 0:
        raise ArgumentError(f"{replicates!r} is no number", argument="replicates", valid="0 or more")


def _unusable(period: formulas.Period, length: int, *, daily: bool, lang: str) -> str:
    """Why a period has no load, or nothing."""
    n, covered = period.conc.size, period.days.size
    if daily and covered < _COVERED * length:
        return words.text("loads.flow_covers", lang, n=covered, all=length)
    if n < _LEAST:
        return words.text("loads.few_samples", lang, n=n, least=_LEAST)
    return ""


def _load(
    period: formulas.Period,
    method: str,
    strata: tuple[IntArray, IntArray],
    how: tuple[float, int, np.random.Generator],
    notes: list[str],
    lang: str,
) -> dict[str, float]:
    """Mean load of one period in kg/d with its interval."""
    level, replicates, rng = how
    n = period.conc.size
    if n < _FEW:
        notes.append(words.text("loads.rests_on", lang, n=n))
    if method == "beale":
        flux, low, high, joined = beale_over(period, *strata, level)
        if joined:
            notes.append(words.text("loads.joined", lang, n=joined))
    else:
        flux = formulas.mean_load(period, method)
        low, high = formulas.interval(period, method, level, replicates, rng)
    return {"flux": flux, "low": low, "high": high}
