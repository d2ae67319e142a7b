"""Samples and daily flow as tables, and the record that loads are estimated from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy.errors import ArgumentError
from wqstudy.loads.regression import Calibration
from wqstudy.schemas import admit
from wqstudy.words import text

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SIDE = {"none": 0, "left": -1, "right": 1}
LIFT = 0.001
"""Part of the mean flow that is added to every day where some day has none."""

_LEAP_DAY = 60  # 29 February, counted from 1


@dataclass(frozen=True, slots=True)
class Record:
    """One station and parameter: samples with the flow of their day, and the flow of every day.

    Parameters
    ----------
    station, parameter
        What it is about.
    date, flow, time, day
        Dates of the daily record, m3/s, decimal years, and calendar day from 0 (1 March is 60). Shape (n,).
    sample_date, value, side, sample_flow, sample_time
        Date, value or limit in mg/L, 0 observed, -1 non-detect, +1 above range, flow of the day in m3/s,
        decimal year. Shape (m,).
    left_out
        Samples that could not be used: `time, value, reason`.
    notes
        What was done to the record.
    """

    station: str
    parameter: str
    date: pd.DatetimeIndex
    flow: FloatArray
    time: FloatArray
    day: IntArray
    sample_date: pd.DatetimeIndex
    value: FloatArray
    side: IntArray
    sample_flow: FloatArray
    sample_time: FloatArray
    left_out: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def log_flow(self) -> FloatArray:
        """Natural log of the daily flows. Shape (n,)."""
        return np.log(self.flow)

    @property
    def n_censored(self) -> int:
        """How many samples are limits only."""
        return int((self.side != 0).sum())

    def calibration(self, low: float | None = None, high: float | None = None) -> Calibration:
        """The samples as regressions see them; by default the ends lie at the water years of the samples."""
        ends = record_ends(self.sample_date, self.sample_time)
        return Calibration(
            self.sample_time,
            np.log(self.sample_flow),
            np.log(self.value),
            self.side,
            ends[0] if low is None else low,
            ends[1] if high is None else high,
        )


def record_ends(date: pd.DatetimeIndex, time: FloatArray) -> tuple[float, float]:
    """Begin of the water year of the first sample and end of that of the last, in decimal years."""
    low = float(np.floor(time[0])) - 0.25 + (date[0].month >= 10)
    return low, float(np.floor(time[-1])) + 0.75 + (date[-1].month >= 10)


def record(
    samples: pd.DataFrame,
    flow: pd.DataFrame,
    station: str | None = None,
    parameter: str | None = None,
    lang: str = "en",
) -> Record:
    """The record of one station and parameter.

    Parameters
    ----------
    samples
        `time, value`, and where there are any `censored, station, parameter`; value in mg/L.
    flow
        `time, flow`, and where there is more than one `station`: daily discharge in m3/s. A column
        `decimal_year`, here and in `samples`, stands in for the decimal year of the date.
    station, parameter
        Which of them, where the tables hold more than one.
    lang
        Language of the notes.

    Raises
    ------
    ArgumentError
        If the tables hold more than one station or parameter and none is named, no sample has a flow on
        its day, or a day has two flows.
    """
    samples, station, parameter = one_series(samples, station, parameter)
    daily, notes = daily_flow(flow, station, lang)
    samples, zeros = positive_values(samples, parameter)
    if zeros:
        limit = f"{samples['value'][samples['zero']].iloc[0]:g}"
        notes.append(text("note.zeros", lang, n=zeros, limit=limit))
    date = pd.DatetimeIndex(samples["time"]).normalize()
    place = pd.DatetimeIndex(daily["time"]).get_indexer(date)
    lost = place < 0
    left_out = samples.loc[lost, ["time", "value"]].assign(reason=text("loads.no_flow", lang))
    if lost.any():
        notes.append(text("loads.dropped", lang, n=int(lost.sum())))
    if lost.all():
        raise ArgumentError(
            "no sample lies on a day that has a flow", argument="flow", mend="check the dates of both tables"
        )
    kept = samples.loc[~lost]
    discharge = daily["flow"].to_numpy()
    day = pd.DatetimeIndex(daily["time"])
    return Record(
        station,
        parameter,
        day,
        discharge,
        _decimal_year(daily),
        calendar_day(day),
        date[~lost],
        kept["value"].to_numpy(),
        kept["censored"].map(SIDE).to_numpy().astype(np.int64),
        discharge[place[~lost]],
        _decimal_year(kept.assign(time=date[~lost])),
        left_out.reset_index(drop=True),
        tuple(notes),
    )


def decimal_year(date: pd.DatetimeIndex) -> FloatArray:
    """Year and the part of it that is over at noon: year + (day of year - 1/2) / days of the year.

    Examples
    --------
    >>> decimal_year(pd.DatetimeIndex(["2019-07-02", "2020-12-31"])).round(4)
    array([2019.5   , 2020.9986])
    """
    length = np.where(date.is_leap_year, 366.0, 365.0)
    return date.year.to_numpy() + (date.day_of_year.to_numpy() - 0.5) / length


def calendar_day(date: pd.DatetimeIndex) -> IntArray:
    """Day of a year of 366 days from 0, so that 1 March is 60 in every year.

    Examples
    --------
    >>> calendar_day(pd.DatetimeIndex(["2019-02-28", "2019-03-01", "2020-02-29", "2020-12-31"]))
    array([ 58,  60,  59, 365])
    """
    day = date.day_of_year.to_numpy().astype(np.int64)
    return day - 1 + (~date.is_leap_year & (day >= _LEAP_DAY))


def _decimal_year(table: pd.DataFrame) -> FloatArray:
    if "decimal_year" in table:
        own: FloatArray = table["decimal_year"].to_numpy(dtype=float)
        return own
    return decimal_year(pd.DatetimeIndex(table["time"]))


def one_series(
    samples: pd.DataFrame, station: str | None, parameter: str | None
) -> tuple[pd.DataFrame, str, str]:
    """Samples of one station and parameter in order of time, and which they are."""
    samples = samples.assign(
        **{name: "" for name in ("station", "parameter") if name not in samples},
        **({} if "censored" in samples else {"censored": "none"}),
    )
    if parameter is not None:
        parameter = catalogue.parameter(parameter, argument="parameter").code
    for name, wanted in (("station", station), ("parameter", parameter)):
        if wanted is not None:
            found = samples[name].unique()
            samples = samples[samples[name] == wanted]
            if samples.empty:
                raise ArgumentError(
                    f"the samples have no {name} {wanted!r}",
                    argument=name,
                    valid=", ".join(map(str, found[:10])),
                )
    chosen = {}
    for name in ("station", "parameter"):
        found = samples[name].unique()
        if len(found) != 1:
            raise ArgumentError(
                f"the samples hold {len(found)} of them" if len(found) else "there are no samples",
                argument=name,
                valid=", ".join(map(str, found[:10])) or None,
                mend=f"name one {name}: each has a load of its own" if len(found) else None,
            )
        chosen[name] = str(found[0])
    named = samples.assign(
        station=chosen["station"] or "-", parameter=chosen["parameter"] or next(iter(catalogue.catalogue()))
    )
    checked = admit("samples", named).sort_values("time", kind="stable", ignore_index=True)
    return checked, chosen["station"], chosen["parameter"]


def daily_flow(
    flow: pd.DataFrame, station: str, lang: str, *, positive: bool = True
) -> tuple[pd.DataFrame, list[str]]:
    """Flows of the station in order of date; where they must be positive, lifted if one is zero."""
    if "station" in flow and station:
        own = flow[flow["station"] == station]
        if own.empty:
            raise ArgumentError(
                f"there is no flow of station {station!r}",
                argument="flow",
                valid=", ".join(map(str, flow["station"].unique()[:10])),
            )
        flow = own
    notes = []
    missing = flow["flow"].isna()
    if missing.any():
        notes.append(text("loads.flow_missing", lang, n=int(missing.sum())))
        flow = flow[~missing]
    if flow.empty:
        raise ArgumentError("there is no daily flow", argument="flow")
    daily = admit("flow", flow.assign(station=station or "-"))
    daily = daily.assign(time=daily["time"].dt.normalize()).sort_values("time", ignore_index=True)
    twice = daily["time"].duplicated()
    if twice.any():
        raise ArgumentError(
            f"{daily['time'][twice].iloc[0]:%Y-%m-%d} has two flows ({int(twice.sum())} such days)",
            argument="flow",
            mend="give daily means, one a day and station",
        )
    gaps = int((daily["time"].iloc[-1] - daily["time"].iloc[0]).days) + 1 - len(daily)
    if gaps:
        notes.append(text("loads.gaps", lang, n=gaps))
    if not positive:
        return daily, notes
    dry = daily["flow"] <= 0
    if dry.all():
        raise ArgumentError("no day has a flow above zero", argument="flow")
    if dry.any():
        lift = LIFT * daily["flow"].mean()
        daily = daily.assign(flow=daily["flow"] + lift)
        notes.append(text("loads.lifted", lang, n=int(dry.sum()), lift=f"{lift:.3g}"))
    return daily, notes


def positive_values(samples: pd.DataFrame, parameter: str) -> tuple[pd.DataFrame, int]:
    """Zeros as non-detects below the usual limit, or the smallest value that is not zero."""
    zero = samples["value"] <= 0
    limit = catalogue.parameter(parameter).detection_limit if parameter else None
    if limit is None:
        limit = float(samples["value"][~zero].min()) if (~zero).any() else 1.0
    samples = samples.assign(
        value=samples["value"].mask(zero, limit),
        censored=samples["censored"].mask(zero, "left"),
        zero=zero,
    )
    return samples, int(zero.sum())
