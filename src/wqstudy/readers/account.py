"""The account of a sheet: every parameter cell becomes a sample, a line in the ledger, or both."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from wqstudy.readers.cells import MANY, Cells, stack
from wqstudy.readers.layout import Layout
from wqstudy.readers.long import Long, samples_of
from wqstudy.readers.namesakes import namesakes_apart
from wqstudy.readers.outcomes import FIRST_DROPPED, NONE, OUTCOMES, Why
from wqstudy.readers.part import Part
from wqstudy.readers.repeats import Repeats, find_repeats, told_replicates
from wqstudy.readers.rows import Rows
from wqstudy.readers.sheet import Sheet, spell
from wqstudy.readers.stations import count_places
from wqstudy.samples import LEDGER_COLUMNS


def account(sheet: Sheet, layout: Layout, rows: Rows, long: Long, cells: Cells, notes: pd.DataFrame) -> Part:
    """Samples of the cells that are taken, and the ledger of all that were not simply kept.

    Parameters
    ----------
    long, cells
        The cells as they stand, and what was read from them.
    notes
        Lines of the ledger that are not about one cell: `row, column, raw, reason`.
    """
    rows, shared = namesakes_apart(sheet, layout, rows)
    places, strange = count_places(sheet, layout, rows)
    dropped = cells.why >= FIRST_DROPPED
    if rows.fault.any():
        dropped |= rows.fault[long.row] > 0
    carried = {name: held for name, c in layout.carried.items() if (held := _carried(sheet, c)).notna().any()}
    twice = find_repeats(rows, long.row, long.which, cells, dropped, carried)
    dropped[twice.dropped] = True
    repeated = _told_replicates(sheet, rows, twice)
    notes = pd.concat([notes, shared, repeated, strange, _told(sheet, layout, rows)], ignore_index=True)
    told = np.flatnonzero(dropped | (cells.why != Why.PLAIN))
    lines = _cell_lines(sheet, rows, long, cells, told, dropped[told], twice)
    ledger = pd.concat([_notes(sheet, notes), lines], ignore_index=True)
    samples = samples_of(rows, long, cells, dropped, carried)
    extremes = _extremes(long, cells, dropped)
    kept = len(dropped) - len(told)
    return Part(samples, ledger, places, kept, extremes, partial(_sample_lines, sheet, long, dropped))


def _sample_lines(
    sheet: Sheet, long: Long, dropped: npt.NDArray[np.bool_], samples: npt.NDArray[np.intp]
) -> pd.DataFrame:
    """Where samples stand in the sheet, and what is written there."""
    told = np.flatnonzero(~dropped)[samples]
    return _filed(sheet, pd.DataFrame(_places(sheet, long, told), copy=False))


def _extremes(long: Long, cells: Cells, dropped: npt.NDArray[np.bool_]) -> dict[str, tuple[float, float]]:
    """Smallest and largest measured value above zero of each parameter."""
    found = {}
    for place, parameter in enumerate(long.parameters):
        block = long.block(place)
        value = cells.value[block]
        usable = ~dropped[block] & (cells.mark[block] == NONE) & (value > 0)
        if block == slice(None):
            usable &= long.which == place
        if not usable.all():
            value = value[usable]
        if len(value):
            found[parameter.code] = (float(value.min()), float(value.max()))
    return found


def nothing(sheet: Sheet, layout: Layout, rows: Rows, notes: pd.DataFrame) -> Part:
    """The account of a sheet of which no parameter was asked for."""
    none = np.empty(0, np.intp)
    long = Long(none, none, [], [])
    cells = Cells(np.empty(0), none.astype(np.int8), none.astype(np.int8))
    return account(sheet, layout, rows, long, cells, notes)


def without_table(sheet: Sheet) -> Part:
    """The account of a sheet that holds no table: one line of the ledger."""
    samples = pd.DataFrame(
        {
            "station": pd.Series(dtype="str"),
            "time": pd.Series(dtype="datetime64[us]"),
            "parameter": pd.Series(dtype="str"),
            "value": pd.Series(dtype="float64"),
            "censored": pd.Series(dtype="str"),
        }
    )
    places = pd.DataFrame({name: pd.Series(dtype="str") for name in ("station", "role", "text")})
    line = [(sheet.heading_row, None, " | ".join(filter(None, sheet.headings)) or None, sheet.nothing)]
    notes = _notes(sheet, pd.DataFrame(line, columns=["row", "column", "raw", "reason"]))
    return Part(samples, notes, places.assign(n=0), 0)


def _carried(sheet: Sheet, column: int) -> pd.Series:
    """A column to hand on: with the type that the file gives it; text without what is blank."""
    held = sheet.cells.iloc[:, column]
    return held.mask(held.str.strip() == "") if held.dtype == "str" else held


def _cell_lines(
    sheet: Sheet,
    rows: Rows,
    long: Long,
    cells: Cells,
    told: npt.NDArray[np.intp],
    dropped: npt.NDArray[np.bool_],
    twice: Repeats,
) -> pd.DataFrame:
    """Lines of the cells at the places `told`; of these, `dropped` says which were."""
    row, which = long.row[told], long.which[told]
    # A reason may name the parameter: each pair that occurs is spelt once, then the rows' faults.
    p, fault = len(long.parameters), rows.fault[row].astype(np.intp)
    pairs = cells.why[told].astype(np.intp) * p + which
    used, reason = np.unique(np.where(fault > 0, len(Why) * p + fault, pairs), return_inverse=True)
    spelt = [
        OUTCOMES[Why(code // p)][1].format(p=long.parameters[code % p])
        if code < len(Why) * p
        else rows.faults[code - len(Why) * p]
        for code in used.tolist()
    ]
    if len(twice.dropped):
        first, names = pd.factorize(sheet.rows(twice.first))
        reason[np.searchsorted(told, twice.dropped)] = len(spelt) + first
        spelt += [f"duplicate of row {row}" for row in names]
    lines = _places(sheet, long, told) | {
        "action": spell(("changed", "dropped"), dropped.astype(np.int8)),
        "reason": spell(spelt, reason),
        "value": np.where(dropped, np.nan, cells.value[told]),
    }
    return _filed(sheet, pd.DataFrame(lines, copy=False))


def _places(sheet: Sheet, long: Long, told: npt.NDArray[np.intp]) -> dict[str, Any]:
    """Row, heading and text of cells."""
    columns: Any = spell([sheet.headings[column] for column in long.columns], long.which[told])
    if sheet.written_under is not None:
        columns = pd.array(sheet.written_under[long.row[told]], dtype="str")
    return {
        "row": sheet.rows(long.row[told]),
        "column": columns,
        "raw": _raw(sheet, long, told),
    }


def _raw(sheet: Sheet, long: Long, told: npt.NDArray[np.intp]) -> pd.api.extensions.ExtensionArray:
    """Cells as the file has them."""
    held = [sheet.cells.iloc[:, column] for column in long.columns]
    if long.wide is not None and len(long.row) < MANY and all(column.dtype == "str" for column in held):
        raw: pd.api.extensions.ExtensionArray = pd.array(stack(held).take(pa.array(told)), dtype="str")
        return raw
    if long.wide is None:
        places = [(column, long.row[told]) for column in long.columns[:1]]
    else:
        bounds = np.searchsorted(told, np.arange(len(long.columns) + 1) * long.wide)
        places = [(c, long.row[told[bounds[p] : bounds[p + 1]]]) for p, c in enumerate(long.columns)]
    texts: pd.api.extensions.ExtensionArray = pd.array(sheet.raw(places), dtype="str")
    return texts


def _notes(sheet: Sheet, notes: pd.DataFrame) -> pd.DataFrame:
    notes = notes.reindex(columns=["row", "column", "raw", "reason"]).assign(action="not_data", value=np.nan)
    texts = dict.fromkeys(("column", "raw", "action", "reason"), "str")
    return _filed(sheet, notes.astype({"row": "int64", **texts}))


def _told_replicates(sheet: Sheet, rows: Rows, twice: Repeats) -> pd.DataFrame:
    others = twice.replicates
    where = np.empty(0, np.intp) if others is None else sheet.rows(others["row"].to_numpy())
    return told_replicates(others, rows.names, where)


def _told(sheet: Sheet, layout: Layout, rows: Rows) -> pd.DataFrame:
    """Lines of the ledger about the times, and about what stands beside the table."""
    time = sheet.headings[layout.roles["time"]]
    lines: list[tuple[int, str | None, str, str]]
    lines = [(sheet.heading_row, time, raw, reason) for raw, reason in rows.told]
    lines += [(row, None, raw, reason) for row, raw, reason in sheet.notes]
    return pd.DataFrame(lines, columns=["row", "column", "raw", "reason"])


def _filed(sheet: Sheet, lines: pd.DataFrame) -> pd.DataFrame:
    """Lines under the name of their file and sheet."""
    first = np.zeros(len(lines), np.intp)
    lines["file"], lines["sheet"] = spell([sheet.path.name], first), spell([sheet.name], first)
    return lines[[name for name in LEDGER_COLUMNS if name in lines]]
