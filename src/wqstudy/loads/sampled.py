"""Samples with a flow each: what formulas that need no regression start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.loads.records import SIDE, daily_flow, one_series, positive_values
from wqstudy.words import text

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Samples of one station and parameter with a flow each, and the daily flows where there are any.

    Parameters
    ----------
    station, parameter
        What it is about.
    date, value, side, flow
        Date, value or limit in mg/L, 0 observed, -1 non-detect, +1 above range, m3/s. Shape (n,).
    days, discharge
        Dates of the daily record and m3/s on them; empty where there is none. Shape (m,).
    left_out
        Samples that could not be used: `time, value, reason`.
    notes
        What was done to the record.
    """

    station: str
    parameter: str
    date: pd.DatetimeIndex
    value: FloatArray
    side: IntArray
    flow: FloatArray
    days: pd.DatetimeIndex
    discharge: FloatArray
    left_out: pd.DataFrame
    notes: tuple[str, ...]


def sampled(
    samples: pd.DataFrame,
    flow: pd.DataFrame | None,
    station: str | None = None,
    parameter: str | None = None,
    lang: str = "en",
) -> Sampled:
    """Samples with the flow of their day, or of the moment of sampling where there is no daily flow.

    Raises
    ------
    ArgumentError
        If the tables hold more than one station or parameter and none is named, or no sample has a flow.
    """
    samples = _with_spot_flow(samples)
    samples, station, parameter = one_series(samples, station, parameter)
    samples, zeros = positive_values(samples, parameter)
    notes: list[str] = []
    daily = pd.DataFrame({"time": pd.DatetimeIndex([]), "flow": np.array([])})
    if flow is not None:
        daily, notes = daily_flow(flow, station, lang, positive=False)
        date = pd.DatetimeIndex(samples["time"]).normalize()
        place = pd.DatetimeIndex(daily["time"]).get_indexer(date)
        own = np.where(place < 0, np.nan, daily["flow"].to_numpy()[place])
    elif "flow" in samples:
        own = samples["flow"].to_numpy(dtype=float)
    else:
        raise ArgumentError(
            "there is no flow: a load is concentration times flow",
            argument="flow",
            mend="give daily flow, or the flows of the moment of sampling in a column flow of the samples",
        )
    if zeros:
        limit = f"{samples['value'][samples['zero']].iloc[0]:g}"
        notes.append(text("note.zeros", lang, n=zeros, limit=limit))
    lost = ~np.isfinite(own)
    if lost.any():
        notes.append(text("loads.dropped", lang, n=int(lost.sum())))
    if lost.all():
        raise ArgumentError("no sample has a flow", argument="flow", mend="check the dates of both tables")
    left_out = samples.loc[lost, ["time", "value"]].assign(reason=text("loads.no_flow", lang))
    kept = samples.loc[~lost]
    return Sampled(
        station,
        parameter,
        pd.DatetimeIndex(kept["time"]).normalize(),
        kept["value"].to_numpy(dtype=float),
        kept["censored"].map(SIDE).to_numpy().astype(np.int64),
        own[~lost],
        pd.DatetimeIndex(daily["time"]),
        daily["flow"].to_numpy(),
        left_out.reset_index(drop=True),
        tuple(notes),
    )


def _with_spot_flow(samples: pd.DataFrame) -> pd.DataFrame:
    """Samples of parameter FLOW as a column of the others, taken at the same time and station."""
    if "parameter" not in samples or "flow" in samples:
        return samples
    is_flow = samples["parameter"] == "FLOW"
    if not is_flow.any() or is_flow.all():
        return samples
    keys = ["station", "time"] if "station" in samples else ["time"]
    spot = samples.loc[is_flow].groupby(keys)["value"].mean().rename("flow").reset_index()
    return samples.loc[~is_flow].merge(spot, on=keys, how="left")
