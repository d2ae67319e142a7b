"""From the files of each data set to a reading, and to its daily flow where it has one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from wqstudy.datasets.registry import Card, registered
from wqstudy.errors import ReadError
from wqstudy.parameters import factor
from wqstudy.readers import cnemc, read, taihu
from wqstudy.readers.files import load
from wqstudy.readers.layout import Layout, Measured
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.stations import settle_places
from wqstudy.readers.tables import read_wide
from wqstudy.readers.text_files import load_csv
from wqstudy.samples import Reading, join_ledgers

Wanted = Collection[str] | None
Months = Iterable[str] | str | None


def _folder(card: Card, root: Path, wanted: Wanted, _: Months) -> Reading:
    return read(root / card.folder, wanted)


def _feed(card: Card, root: Path, wanted: Wanted, months: Months) -> Reading:
    files = [root / file.file for file in registered(card.name, months)]
    sheets = cnemc.bundle(sheet for file in files if file.is_file() for sheet in load(file))
    return _reading([cnemc.read(sheet, wanted) for sheet in sheets])


def _taihu(card: Card, root: Path, wanted: Wanted, _: Months) -> Reading:
    (file,) = registered(card.name)
    return _reading([taihu.read(sheet, wanted) for sheet in taihu.load(root / file.file)])


def _egret(card: Card, root: Path, wanted: Wanted, _: Months) -> Reading:
    """Samples coded as EGRET does: `Uncen` 0 means below `ConcHigh`."""
    (sheet,) = load_csv(root / registered(card.name)[_place(card, "_sample.csv")].file)
    own = _columns(sheet, ("Date", "ConcLow", "ConcHigh", "Uncen"))
    below = pd.to_numeric(own["Uncen"]) == 0
    if (below & (pd.to_numeric(own["ConcLow"], errors="coerce") > 0)).any():
        raise sheet.error(
            "a value lies between two limits, which is not read",
            position=int(np.argmax(below & (own["ConcLow"] != ""))),
            column=sheet.headings.index("ConcLow"),
            valid="ConcLow blank where Uncen is 0",
        )
    value = own["ConcHigh"].mask(below, "<" + own["ConcHigh"])
    part = _part(sheet, card, wanted, "ConcHigh", {"station": card.station, "time": own["Date"]}, value)
    reading = _reading([_on_rivers(part)])
    if "DecYear" not in sheet.headings:
        return reading
    # The packaged record of the Choptank counts every year as 366 days, and its results rest on that.
    own_year = pd.to_numeric(sheet.texts(sheet.headings.index("DecYear")))
    year = dict(zip(pd.to_datetime(own["Date"]), own_year, strict=True))
    return replace(reading, samples=reading.samples.assign(decimal_year=reading.samples["time"].map(year)))


def _brazil(card: Card, root: Path, wanted: Wanted, _: Months) -> Reading:
    """Samples whose `status` says 1 observed, 2 below the value, 0 not to be used."""
    parts = []
    for file in sorted((root / card.folder / "PT").glob("*.csv")):
        (sheet,) = load_csv(file)
        own = _columns(sheet, ("date", "PT", "CODIGO_ESTACAO", "status"))
        value = own["PT"].mask(own["status"] == "2", "<" + own["PT"])
        value = value.where(own["status"].isin(["1", "2"]), own["PT"] + " (status " + own["status"] + ")")
        places = {"station": own["CODIGO_ESTACAO"], "time": own["date"]}
        parts.append(_on_rivers(_part(sheet, card, wanted, "PT", places, value)))
    reading = _reading(parts)
    sites = pd.read_csv(root / card.folder / "siteInfo.csv").drop_duplicates("site.id").set_index("site.id")
    where = sites.loc[reading.stations["station"], ["lon", "lat"]].reset_index(drop=True)
    return replace(reading, stations=reading.stations.join(where.astype("float64")))


READERS: dict[str, Callable[[Card, Path, Wanted, Months], Reading]] = {
    "hongkong": _folder,
    "taihu": _taihu,
    "cnemc-2020": _feed,
    "cnemc-2021-04": _feed,
    "cnemc-2025-11": _feed,
    "arkansas-ammonia": _egret,
    "choptank-nitrate": _egret,
    "brazil-tp": _brazil,
}


def daily_flow(card: Card, root: Path) -> pd.DataFrame | None:
    """Daily discharge in m3/s, where the data set has one."""
    if not card.flow_unit:
        return None
    if card.station:
        tables = [
            pd.read_csv(root / registered(card.name)[_place(card, "_daily")].file).assign(s=card.station)
        ]
    else:
        tables = [pd.read_csv(file) for file in sorted((root / card.folder / "Q").glob("*.csv"))]
    names = {"Date": "time", "date": "time", "s": "station", "CODIGO_ESTACAO": "station", "Q": "flow"}
    flow = pd.concat(tables, ignore_index=True).rename(columns=names | {"DecYear": "decimal_year"})
    flow = flow[[c for c in ("station", "time", "flow", "decimal_year") if c in flow]]
    return flow.assign(flow=flow["flow"] * factor(card.flow_unit, "FLOW"), time=pd.to_datetime(flow["time"]))


def _place(card: Card, words: str) -> int:
    """Which of the card's files has these words in its name."""
    return next(place for place, file in enumerate(registered(card.name)) if words in file.file)


def _columns(sheet: Sheet, names: Sequence[str]) -> dict[str, pd.Series]:
    missing = [name for name in names if name not in sheet.headings]
    if missing:
        raise ReadError(f"column {missing[0]!r} is missing", file=sheet.path, valid=", ".join(names))
    return {name: sheet.texts(sheet.headings.index(name)) for name in names}


def _part(
    sheet: Sheet,
    card: Card,
    wanted: Wanted,
    heading: str,
    places: Mapping[str, pd.Series | str],
    value: pd.Series,
) -> Part:
    """One column of values, marked as tables of monitoring mark them, read as any wide table."""
    cells = pd.DataFrame({**places, "value": value}).astype("str")
    measured = () if wanted is not None and card.parameter not in wanted else (_measured(card),)
    made = replace(sheet, headings=(*places, heading), cells=cells)
    return read_wide(made, wanted, Layout({"station": 0, "time": 1}, measured, {}))


def _measured(card: Card) -> Measured:
    return Measured(2, card.parameter, card.unit, factor(card.unit, card.parameter))


def _on_rivers(part: Part) -> Part:
    stations = part.places["station"].drop_duplicates()
    river = pd.DataFrame({"station": stations, "role": "water_body", "text": "river", "n": 1})
    return replace(part, places=pd.concat([part.places, river], ignore_index=True))


def _reading(parts: Sequence[Part]) -> Reading:
    return Reading(
        samples=pd.concat([part.samples for part in parts], ignore_index=True),
        ledger=join_ledgers(part.ledger for part in parts),
        stations=settle_places([part.places for part in parts]),
        kept=sum(part.kept for part in parts),
    )
