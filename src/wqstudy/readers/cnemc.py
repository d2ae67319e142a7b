"""The feed of China's national automatic stations: saved days, saved pages, and tables made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy import rules
from wqstudy.errors import ReadError
from wqstudy.parameters import catalogue, factor, fold
from wqstudy.readers.account import account, nothing
from wqstudy.readers.cells import parse, stack
from wqstudy.readers.feed_times import with_years
from wqstudy.readers.layout import Layout, Measured, lay_out
from wqstudy.readers.long import Long
from wqstudy.readers.markup import plain_texts, tooltips
from wqstudy.readers.part import Part
from wqstudy.readers.rows import read_rows
from wqstudy.readers.settle import settle
from wqstudy.readers.sheet import Sheet, as_arrow, as_text
from wqstudy.readers.stations import understood

CITY, RIVER = "所在地市", "所属河流"
_PLACES = rf"(?s){CITY}[:：](?P<city>.*?)(?:&#10;|\s)+{RIVER}[:：](?P<river>.*)"
_RAW = r"^原始值[:：]\s*"
_TOLD = "; where a tooltip gives the raw value that is taken, not the rounded text shown"


@dataclass(frozen=True, slots=True)
class Days(Sheet):
    """Saved days under one another: one table for the reader, each row still under its own file.

    Parameters
    ----------
    files
        Names of the files.
    starts
        First row of `cells` of each file.
    """

    files: tuple[str, ...] = ()
    starts: npt.NDArray[np.intp] = field(default_factory=lambda: np.zeros(1, np.intp))

    def error(self, problem: str, *, position: int | None = None, **place: Any) -> ReadError:
        """An error that names the day's own file and row."""
        file = 0 if position is None else int(np.searchsorted(self.starts, position, side="right")) - 1
        own = Sheet(self.path / self.files[file], None, self.headings, self.cells, self.heading_row)
        return own.error(
            problem, position=None if position is None else position - int(self.starts[file]), **place
        )


def recognises(sheet: Sheet) -> bool:
    """Whether the headings are those of the feed."""
    folded = {fold(heading) for heading in sheet.headings}
    return any({fold(one) for one in names} <= folded for names in _rules()["signatures"])


def bundle(sheets: Iterable[Sheet]) -> list[Sheet]:
    """The sheets, with saved days of equal headings put under one another: many small tables are slow."""
    kept: list[Sheet] = []
    days: dict[tuple[str, ...], list[Sheet]] = {}
    for sheet in sheets:
        if sheet.path.suffix.lower() == ".json" and recognises(sheet):
            days.setdefault(sheet.headings, []).append(sheet)
        else:
            kept.append(sheet)
    for headings, alike in days.items():
        cells = pd.concat([day.cells for day in alike], ignore_index=True)
        starts = np.cumsum([0, *(len(day.cells) for day in alike[:-1])])
        files = tuple(day.path.name for day in alike)
        kept.append(Days(alike[0].path.parent, None, headings, cells, files=files, starts=starts))
    return kept


def read(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of the feed.

    Cities and rivers stand in the stations table where the sections' tooltips give them; a station is a
    lake where its river's name says so. The published class is carried as `reported_class` (1 to 6), the
    state of the station as `status`. Sections of one name in several provinces get the province behind it.

    Raises
    ------
    ReadError
        If the times have no year and neither the file's name nor a column gives one.
    """
    layout = _layout(sheet, wanted)
    sheet, layout, notes = _plain_columns(sheet, layout)
    rows = read_rows(sheet, layout)
    columns = [one.column for one in layout.measured]
    heading = _heading_notes(sheet, layout)
    notes = pd.concat([heading, notes], ignore_index=True)
    if not columns:
        return _by_file(sheet, nothing(sheet, layout, rows, notes))
    n, p = len(sheet.cells), len(columns)
    raw = stack([sheet.cells.iloc[:, column] for column in columns])
    long = Long(
        row=np.tile(np.arange(n, dtype=np.int32), p),
        which=np.repeat(np.arange(p, dtype=np.int16), n),
        parameters=[catalogue()[one.code] for one in layout.measured],
        columns=columns,
        wide=n,
    )
    factors = np.repeat([one.factor for one in layout.measured], n)
    cells = settle(parse(_values(raw)), long.which, long.parameters, factors)
    part = account(sheet, layout, rows, long, cells, notes)
    return _by_file(sheet, replace(part, places=_with_water_body(part.places)))


@cache
def _rules() -> dict[str, Any]:
    return rules.load("cnemc")


def _layout(sheet: Sheet, wanted: Collection[str] | None) -> Layout:
    """What each column is: as in any wide table, with the feed's own columns and units."""
    layout = lay_out(sheet, wanted)
    folded = [fold(heading) for heading in sheet.headings]
    own = {
        name: folded.index(fold(spelling))
        for name, spellings in _rules()["columns"].items()
        for spelling in spellings
        if fold(spelling) in folded
    }
    carried = {name: column for name, column in layout.carried.items() if column not in own.values()}
    roles = layout.roles | ({"snapshot": own.pop("snapshot")} if "snapshot" in own else {})
    measured = tuple(_in_own_unit(one) for one in layout.measured)
    return Layout(roles, measured, carried | own)


def _in_own_unit(one: Measured) -> Measured:
    unit = _rules()["units"].get(one.code)
    if one.unit is not None or unit is None:
        return one
    return replace(one, unit=unit, factor=factor(unit, one.code))


def _heading_notes(sheet: Sheet, layout: Layout) -> pd.DataFrame:
    headings = [sheet.headings[one.column] for one in layout.measured]
    told = [one.told() + (_TOLD if _has_tips(sheet, one.column) else "") for one in layout.measured]
    return pd.DataFrame({"row": sheet.heading_row, "column": headings, "raw": headings, "reason": told})


def _has_tips(sheet: Sheet, column: int) -> bool:
    held = as_text(as_arrow(sheet.cells.iloc[:, column])).fill_null("")
    return bool(pc.any(pc.match_substring(held, "title=")).as_py())


def _plain_columns(sheet: Sheet, layout: Layout) -> tuple[Sheet, Layout, pd.DataFrame]:
    """The sheet with readable names, times, classes and places, and the ledger's notes of what was done."""
    roles, notes = dict(layout.roles), []
    cells = sheet.cells.copy()
    cells.columns = pd.RangeIndex(cells.shape[1])
    measured = {one.column for one in layout.measured}
    texts = {
        column: plain_texts(as_text(as_arrow(cells[column])).fill_null(""))
        for column in range(cells.shape[1])
        if column in roles.values() or (column in layout.carried.values() and column not in measured)
    }
    station, time = roles["station"], roles["time"]
    missing = pa.array(rules.load("readers")["marks"]["missing"], pa.large_string())
    texts[time] = pc.if_else(pc.is_in(texts[time], missing), "", texts[time])
    found = pc.extract_regex(
        tooltips(as_text(as_arrow(cells[station])).fill_null("")).combine_chunks(), _PLACES
    )
    for column, text in texts.items():
        cells[column] = pd.array(text, dtype="str")
    if "province" in roles:
        cells[station], told = _apart(cells[station], cells[roles["province"]])
        notes += [(sheet.heading_row, sheet.headings[station], told)] if told else []
    names = sheet.path.name if not isinstance(sheet, Days) else sheet.files
    snapshot = cells[roles.pop("snapshot")] if "snapshot" in roles else None
    sizes = np.diff([*sheet.starts, len(cells)]) if isinstance(sheet, Days) else len(cells)
    saved = snapshot if snapshot is not None else pd.Series(np.repeat(names, sizes))
    try:
        cells[time], told = with_years(cells[time], saved)
    except ReadError as problem:
        raise sheet.error(
            "the times have no year, and nothing says when the page was saved",
            position=problem.row,
            column=time,
            valid="a date in the file's name, such as 2021-04-05.json, or a column snap",
            mend="put the day on which the page was saved into the file's name",
        ) from None
    notes += [(sheet.heading_row, sheet.headings[time], told)] if told else []
    if "reported_class" in layout.carried:
        column = layout.carried["reported_class"]
        classes = {text: understood("target_class", text) for text in cells[column].unique()}
        cells[column] = pd.to_numeric(cells[column].map(classes)).astype("Int64")
    headings = sheet.headings
    for role, name in (("city", CITY), ("river", RIVER)):
        if role not in roles and found.null_count < len(found):
            roles[role] = len(headings)
            cells[len(headings)] = pd.array(pc.struct_field(found, role).fill_null(""), dtype="str")
            headings = (*headings, name)
    frame = pd.DataFrame(notes, columns=["row", "column", "reason"]).assign(raw=lambda t: t["column"])
    return replace(sheet, headings=headings, cells=cells), replace(layout, roles=roles), frame


def _apart(names: pd.Series, provinces: pd.Series) -> tuple[pd.Series, str]:
    """Names with the province behind those that sections of several provinces bear, and what was done."""
    pairs = pd.DataFrame({"name": names, "province": provinces}).drop_duplicates()
    pairs = pairs[(pairs["name"] != "") & (pairs["province"] != "")]
    shared = set(pairs.loc[pairs["name"].duplicated(), "name"]) | set(_rules()["homonyms"]["names"])
    meant = names.isin(shared) & (provinces != "")
    if not meant.any():
        return names, ""
    apart = names.mask(meant, names + "·" + provinces)
    number = names[meant].nunique()
    return apart, f"{number} names that sections of several provinces bear: the province put behind the name"


def _values(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """What the cells say: the raw value of the tooltip, or what else it says, or the text shown."""
    if not pa.types.is_large_string(raw.type) or not pc.any(pc.match_substring(raw, "<")).as_py():
        return raw
    texts = raw.fill_null("")
    tips = tooltips(texts)
    return pc.if_else(pc.equal(tips, ""), plain_texts(texts), pc.replace_substring_regex(tips, _RAW, ""))


def _with_water_body(places: pd.DataFrame) -> pd.DataFrame:
    """Lake or river, by the name of the river where one is given."""
    said = places[places["role"] == "river"]
    lake = said["text"].str.contains("|".join(_rules()["water_body"]["lake"]))
    kind = np.where(lake, "lake", "river")
    return pd.concat([places, said.assign(role="water_body", text=kind)], ignore_index=True)


def _by_file(sheet: Sheet, part: Part) -> Part:
    """The account of a bundle under the names and rows of its files; notes on headings under the first."""
    if not isinstance(sheet, Days):
        return part
    days = sheet

    def own(ledger: pd.DataFrame) -> pd.DataFrame:
        first = days.heading_row + 1
        position = ledger["row"].to_numpy(np.int64) - first
        file = np.searchsorted(days.starts, np.maximum(position, 0), side="right") - 1
        row = np.where(position < 0, ledger["row"], position - days.starts[file] + first)
        names = pd.array(list(days.files), dtype="str").take(file)
        return ledger.assign(file=names, row=row)

    return replace(part, ledger=own(part.ledger), lines=lambda samples: own(part.lines(samples)))
