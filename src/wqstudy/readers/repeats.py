"""Values of one station, time and parameter that a table holds more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.parameters import fold
from wqstudy.readers.cells import Cells
from wqstudy.readers.rows import Rows

_SAMPLE = ["station", "time", "which"]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Cells that say again what another cell says, and replicates that say something else.

    Parameters
    ----------
    dropped, first
        Places of the cells that only repeat, and the rows of those that they repeat.
    replicates
        Rows that hold other values of the same station and time: `station, time` (codes), `row`.
    """

    dropped: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    first: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    replicates: pd.DataFrame | None = None


def find_repeats(
    rows: Rows,
    row: npt.NDArray[np.integer],
    which: npt.NDArray[np.integer],
    cells: Cells,
    dropped: npt.NDArray[np.bool_],
    carried: Mapping[str, pd.Series],
) -> Repeats:
    """Repeats among the cells that are not dropped.

    A cell only repeats where value, mark and every carried column are the same too, but for serial numbers:
    it was pasted twice. What differs in anything is another sample.

    Parameters
    ----------
    row, which
        Row and parameter of each cell.
    carried
        Carried columns, one item a row.
    """
    places = _suspects(rows, row, which)
    places = places[~dropped[places]]
    if not len(places):
        return Repeats()
    at = row[places]
    frame = pd.DataFrame(
        {
            "station": rows.station[at],
            "time": rows.time.array.take(at),
            "which": which[places],
            "value": cells.value[places],
            "mark": cells.mark[places],
            "row": at,
            "place": places,
        }
    )
    same = [*_SAMPLE, "value", "mark"]
    for name, held in carried.items():
        if not is_serial(name):
            frame[f"carried {name}"] = pd.factorize(held.array.take(at))[0]
            same.append(f"carried {name}")
    frame = frame.sort_values("row", kind="stable")
    again = frame.duplicated(same).to_numpy()
    first = frame.groupby(same, dropna=False, sort=False)["row"].transform("first").to_numpy()
    others = frame[~again]
    others = others[others.duplicated(_SAMPLE, keep=False)][["station", "time", "row"]].drop_duplicates()
    return Repeats(frame["place"].to_numpy()[again], first[again], others)


def _suspects(
    rows: Rows, row: npt.NDArray[np.integer], which: npt.NDArray[np.integer]
) -> npt.NDArray[np.intp]:
    """Places of cells whose station, time and parameter may occur again; all that do are among them."""
    n = len(rows.fault)
    time, station = np.asarray(rows.time.array.view("i8")), rows.station
    wide = (
        n > 0 and len(row) == n * (int(which.max(initial=-1)) + 1) and np.array_equal(row[:n], np.arange(n))
    )
    if wide and _sorted(station, time):
        return np.empty(0, np.intp)
    key = time * (len(rows.names) + 1) + station
    if not wide:
        key = key[row] * (int(which.max(initial=0)) + 1) + which
    twice = pd.Series(key).duplicated(keep=False).to_numpy()
    if wide:
        twice = twice & (rows.fault == 0)
        twice = np.tile(twice, len(row) // n) if twice.any() else twice
    return np.flatnonzero(twice)


def _sorted(station: npt.NDArray[np.intp], time: npt.NDArray[np.int64]) -> bool:
    """Whether rows stand by station and time, or by time and station, and none twice."""
    place, moment = np.diff(station), np.diff(time)
    by_station = (place > 0) | ((place == 0) & (moment > 0))
    return bool(by_station.all() or ((moment > 0) | ((moment == 0) & (place > 0))).all())


def is_serial(name: str) -> bool:
    """Whether a column of such a name only numbers the rows.

    Examples
    --------
    >>> is_serial("序号"), is_serial("样品编号")
    (True, False)
    """
    return fold(name) in _serials()


@cache
def _serials() -> frozenset[str]:
    return frozenset(fold(word) for word in rules.load("readers")["carried"]["serial"])


def told_replicates(
    replicates: pd.DataFrame | None, names: Sequence[str], spreadsheet_rows: npt.NDArray[np.integer]
) -> pd.DataFrame:
    """Lines of the ledger that name the rows of replicates: one for a station and time."""
    columns = ["row", "raw", "reason"]
    if replicates is None or not len(replicates):
        return pd.DataFrame(columns=columns)
    frame = replicates.assign(row=spreadsheet_rows)
    lines = (
        frame.assign(text=frame["row"].astype("str"))
        .groupby(["station", "time"], sort=False)
        .agg(row=("row", "first"), text=("text", ", ".join))
        .reset_index()
    )
    station = np.array(names, dtype=object)[lines["station"].to_numpy()]
    lines["raw"] = station + " " + lines["time"].astype("str")
    lines["reason"] = "several samples of one station and time, all kept: rows " + lines["text"]
    return lines[columns]
