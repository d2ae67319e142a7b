"""Stations of one name that are several: 起点 of one river and 起点 of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.readers.layout import Layout
from wqstudy.readers.part import Part
from wqstudy.readers.rows import Rows
from wqstudy.readers.sheet import Sheet, unnamed_as_blank

_ROLES = ("river", "district", "city", "province")
_TOLD = "a name of several stations, sampled on one day: the {role} put behind it"


def namesakes_apart(sheet: Sheet, layout: Layout, rows: Rows) -> tuple[Rows, pd.DataFrame]:
    """Rows whose stations bear their river (or else district, city, province) where the name is not enough.

    A name counts as that of several stations only where it was sampled on one day in two of them: what is
    merely written differently, or corrected later, is one station.

    Returns
    -------
    rows
        With ``name·river`` for such names.
    told
        A line of the ledger for each.
    """
    none = pd.DataFrame(columns=["row", "column", "raw", "reason"])
    if not set(_ROLES) & layout.roles.keys() or not len(rows.time):
        return rows, none
    day = rows.time.dt.floor("D").array.view("i8")
    for role in _ROLES:
        if role not in layout.roles:
            continue
        texts = sheet.coded(layout.roles[role])
        said = pd.Series(unnamed_as_blank(texts.dictionary).to_pylist(), dtype="str").replace("", None)
        place, places = pd.factorize(said)
        place = place[texts.indices.to_numpy()]
        torn = _torn(rows.station, place, np.asarray(day))
        if not len(torn):
            continue
        names = np.array([*rows.names, ""], dtype=object)[rows.station]
        named = np.isin(rows.station, torn) & (place >= 0)
        names[named] = names[named] + "·" + np.array(places, dtype=object)[place[named]]
        codes, found = pd.factorize(pd.Series(names, dtype="str").mask(rows.station < 0))
        told = pd.DataFrame(
            {
                "row": [sheet.row(int(np.argmax(rows.station == one))) for one in torn],
                "column": sheet.headings[layout.roles[role]],
                "raw": [rows.names[one] for one in torn],
                "reason": _TOLD.format(role=role),
            }
        )
        return replace(rows, station=codes, names=tuple(found)), told
    return rows, none


def _torn(
    station: npt.NDArray[np.intp], place: npt.NDArray[np.intp], day: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    """Codes of stations that were sampled on one day in several places."""
    known = (station >= 0) & (place >= 0)
    if not known.any():
        return np.empty(0, np.intp)
    pairs = np.unique(station[known].astype(np.int64) * (place.max() + 1) + place[known])
    stations, n = np.unique(pairs // (place.max() + 1), return_counts=True)
    several = known & np.isin(station, stations[n > 1])
    if not several.any():
        return np.empty(0, np.intp)
    held = pd.DataFrame({"station": station[several], "day": day[several], "place": place[several]})
    n_places = held.groupby(["station", "day"])["place"].nunique()
    torn = n_places.index.get_level_values("station")[n_places > 1]
    return np.asarray(torn.unique(), dtype=np.intp)


def parts_apart(parts: Sequence[Part]) -> tuple[list[Part], pd.DataFrame]:
    """The same between sheets and files, where both have the same parameter of one day.

    One file may hold the ammonia and another the phosphorus of one station, and spell its river otherwise.
    """
    parts, told = list(parts), []
    if len(parts) < 2:
        return parts, pd.DataFrame()
    said = pd.concat([part.places.assign(part=number) for number, part in enumerate(parts)])
    said = said[said["role"].isin(_ROLES)].sort_values("n", ascending=False, kind="stable")
    said = said.drop_duplicates(["part", "station", "role"])
    for role in _ROLES:
        one = said[said["role"] == role]
        torn = one.groupby("station")["text"].nunique()
        one = one[one["station"].isin(torn.index[torn > 1])]
        if one.empty:
            continue
        names = set(one["station"])
        days = [
            part.samples.loc[part.samples["station"].isin(names), ["station", "time", "parameter"]].assign(
                part=number
            )
            for number, part in enumerate(parts)
        ]
        held = pd.concat(days).merge(one[["part", "station", "text"]], on=["part", "station"])
        same = ["station", "parameter", held["time"].dt.floor("D")]
        together = held.groupby(same)["text"].nunique()
        shared = set(together.index.get_level_values("station")[together > 1])
        for number, own in one[one["station"].isin(shared)].groupby("part"):
            place = dict(zip(own["station"], own["station"] + "·" + own["text"], strict=True))
            part = parts[int(str(number))]
            parts[int(str(number))] = replace(
                part,
                samples=part.samples.assign(station=part.samples["station"].replace(place).astype("str")),
                places=part.places.assign(station=part.places["station"].replace(place)),
            )
        told += [(name, _TOLD.format(role=role)) for name in sorted(shared)]
        said = said[~said["station"].isin(shared)]
    return parts, pd.DataFrame(told, columns=["raw", "reason"]).assign(action="not_data")
