"""What files say about stations: district, river, water body, group, longitude, latitude."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

from wqstudy import rules
from wqstudy.parameters import fold
from wqstudy.readers.layout import PLACE_ROLES, Layout
from wqstudy.readers.rows import Rows
from wqstudy.readers.sheet import Sheet

_BOUNDS = {"lon": 180.0, "lat": 90.0}
_REASONS = {
    "water_body": "neither river nor lake: left blank",
    "group": "neither treated nor control: left blank",
    "lon": "not a longitude in degrees: left blank",
    "lat": "not a latitude in degrees: left blank",
}


@cache
def _words(role: str) -> dict[str, str]:
    words = rules.load("readers")["words"][role]
    return {fold(spelling): word for word, spellings in words.items() for spelling in spellings}


def understood(role: str, text: str) -> str | None:
    """The text as a study's table has it, or None if it cannot stand there.

    Examples
    --------
    >>> understood("water_body", "湖库"), understood("lat", "22.5"), understood("lat", "N22.5")
    ('lake', '22.5', None)
    """
    if role in _BOUNDS:
        number = pd.to_numeric(text, errors="coerce")
        return text if abs(number) <= _BOUNDS[role] else None
    if role in rules.load("readers")["words"]:
        return _words(role).get(fold(text))
    return text


def count_places(sheet: Sheet, layout: Layout, rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How often each station is said to be where and what.

    Returns
    -------
    counts
        `station, role, text, n`, in the order first met. Stations of which nothing is said have one
        line with an empty role.
    notes
        Ledger lines for texts that were not understood.
    """
    names = pd.Series(rows.names, dtype="str")
    counts = [pd.DataFrame({"station": names, "role": "", "text": "", "n": 0})]
    notes = []
    for role in PLACE_ROLES:
        if role not in layout.roles:
            continue
        texts = sheet.names(layout.roles[role])
        said = pd.DataFrame({"station": rows.station, "text": texts})
        said = said[(rows.station >= 0) & (texts != "").to_numpy()]
        distinct = said["text"].drop_duplicates()
        meant = {text: understood(role, text) for text in distinct}
        heading = sheet.headings[layout.roles[role]]
        notes += [
            (sheet.row(position), heading, text, f"{role}: {_REASONS[role]}")
            for position, text in zip(distinct.index, distinct, strict=True)
            if meant[text] is None
        ]
        said = said.assign(text=said["text"].map(meant)).dropna(subset="text")
        counted = said.groupby(["station", "text"], sort=False).size().rename("n").reset_index()
        counted["station"] = names.take(counted["station"].to_numpy()).to_numpy()
        counts.append(counted.assign(role=role))
    return pd.concat(counts, ignore_index=True), pd.DataFrame(
        notes, columns=["row", "column", "raw", "reason"]
    )


def settle_places(counts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row a station, with what is said of it most often (of equals, what was met first).

    Examples
    --------
    >>> said = pd.DataFrame({"station": ["a", "a"], "role": "river", "text": ["Xi", "Dong"], "n": [1, 2]})
    >>> settle_places([said]).to_dict("records")
    [{'station': 'a', 'river': 'Dong'}]
    """
    said = pd.concat(counts, ignore_index=True)
    stations = pd.DataFrame({"station": said["station"].drop_duplicates().to_numpy()})
    said = said[said["role"] != ""].groupby(["station", "role", "text"], sort=False)["n"].sum().reset_index()
    best = said.sort_values("n", ascending=False, kind="stable").drop_duplicates(["station", "role"])
    for role in PLACE_ROLES:
        one = best[best["role"] == role].set_index("station")["text"]
        if len(one):
            column = stations["station"].map(one)
            stations[role] = pd.to_numeric(column) if role in _BOUNDS else column.astype("str")
    return stations.astype({"station": "str"})
