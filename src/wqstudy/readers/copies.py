"""Samples that an earlier sheet or file holds too: a file saved twice, a year handed in again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.readers.part import Part
from wqstudy.readers.repeats import is_serial
from wqstudy.readers.sheet import as_arrow, as_text
from wqstudy.samples import SAMPLE_COLUMNS, join_ledgers

_SAMPLE = ["station", "time", "parameter"]


def without_copies(parts: Sequence[Part]) -> tuple[list[Part], pd.DataFrame]:
    """The parts without the samples that an earlier one holds too, and the ledger's lines of replicates.

    The rule is that within a table (`repeats`): where value, mark and every carried column but serial numbers
    are the same, the cell was handed in again and is dropped; where anything differs, both are samples. A
    column that one part lacks counts as blank there.

    Parameters
    ----------
    parts
        What the sheets gave, their times all with an offset from UTC or all without.
    """
    frame = _in_several(parts)
    if frame.empty:
        return list(parts), pd.DataFrame()
    part, place = frame["part"].to_numpy(), frame["place"].to_numpy()
    same = [column for column in frame if column not in ("part", "place")]
    number = frame.assign(number=np.arange(len(frame)))
    first = number.groupby(same, dropna=False, sort=False)["number"].transform("first").to_numpy()
    again = part > part[first]
    lines = {one: parts[one].lines(place[part == one]) for one in np.unique(part).tolist()}
    at = pd.concat(lines.values(), ignore_index=True)
    reason = "duplicate of " + _told_places(at).take(first)
    left = list(parts)
    for one in np.unique(part[again]).tolist():
        mine = again & (part == one)
        left[one] = _without(parts[one], place[mine], at[mine].assign(reason=reason[mine]))
    return left, _told_replicates(frame[~again], at[~again])


def _in_several(parts: Sequence[Part]) -> pd.DataFrame:
    """Samples whose station, time and parameter more than one part has: with `part`, and `place` in it.

    Most folders have none: that is told from the spans of time that each part has of a station.
    """
    stations = _stations_in_several(parts)
    suspects = []
    for number, part in enumerate(parts if len(stations) else ()):
        place = np.flatnonzero(part.samples["station"].isin(stations))
        suspects.append(part.samples[_SAMPLE].take(place).assign(part=number, place=place))
    if not suspects:
        return pd.DataFrame()
    frame = pd.concat(suspects, ignore_index=True)
    held = frame.groupby(_SAMPLE, sort=False)["part"].transform("nunique")
    frame = frame[held > 1]
    whole = []
    for number in frame["part"].unique().tolist():
        place = frame.loc[frame["part"] == number, "place"].to_numpy()
        whole.append(_comparable(parts[number].samples.take(place)).assign(part=number, place=place))
    return pd.concat(whole, ignore_index=True) if whole else frame


def _stations_in_several(parts: Sequence[Part]) -> list[str]:
    """Stations of which some two parts have samples of one span of time."""
    spans = [
        pd.DataFrame({"station": part.places["station"].unique(), "begin": time.min(), "end": time.max()})
        for part in parts
        if len(time := part.samples["time"])
    ]
    if len(spans) < 2:
        return []
    held = pd.concat(spans, ignore_index=True).sort_values(["station", "begin"], kind="stable")
    reach = held.groupby("station")["end"].cummax().shift()
    over = (held["station"] == held["station"].shift()) & (held["begin"] <= reach)
    return list(held.loc[over, "station"].unique())


def _comparable(samples: pd.DataFrame) -> pd.DataFrame:
    """The samples, carried columns as text and without serial numbers: a copy may have other types."""
    carried = {
        name: pd.array(as_text(as_arrow(samples[name])), dtype="str")
        for name in map(str, samples)
        if name not in SAMPLE_COLUMNS and not is_serial(name)
    }
    return samples[list(SAMPLE_COLUMNS)].assign(**carried)


def _told_places(at: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Where lines of the ledger stand, as text."""
    sheet = (", sheet " + at["sheet"].astype(object)).where(at["sheet"].notna(), "")
    texts = at["file"] + sheet + ", row " + at["row"].astype("str")
    told: npt.NDArray[np.object_] = texts.to_numpy(object)
    return told


def _without(part: Part, place: npt.NDArray[np.intp], lines: pd.DataFrame) -> Part:
    """The part without some samples, for each a line of the ledger in place of what stood there."""
    cell = ["file", "row", "column"]
    ledger = part.ledger
    told = pd.MultiIndex.from_frame(ledger[cell]).isin(pd.MultiIndex.from_frame(lines[cell]))
    old = (ledger["action"] == "changed").to_numpy() & told
    dropped = lines.assign(action="dropped", value=np.nan)
    samples = part.samples.drop(part.samples.index[place]).reset_index(drop=True)
    return replace(
        part,
        samples=samples,
        ledger=join_ledgers([ledger[~old], dropped]),
        kept=part.kept - (len(place) - int(old.sum())),
    )


def _told_replicates(frame: pd.DataFrame, at: pd.DataFrame) -> pd.DataFrame:
    """Lines that name the places of what stays in several parts: one for a station and time."""
    several = frame.groupby(_SAMPLE, sort=False)["part"].transform("nunique") > 1
    found = at.assign(told=_told_places(at), **frame[["station", "time"]])[several]
    found = found.drop_duplicates(["station", "time", "told"])
    lines = found.drop_duplicates(["station", "time"])
    told = found.groupby(["station", "time"], sort=False)["told"].agg("; ".join).to_numpy(object)
    return lines[["file", "sheet", "row"]].assign(
        raw=lines["station"] + " " + lines["time"].astype("str"),
        reason="several samples of one station and time, all kept: " + told,
        action="not_data",
    )
