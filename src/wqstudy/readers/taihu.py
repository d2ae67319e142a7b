"""The workbook of Lake Taihu's monthly monitoring, where the colour of a number tells that it is doubtful."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ReadError
from wqstudy.parameters import factor
from wqstudy.readers.headings import parameter_and_unit
from wqstudy.readers.layout import Layout, Measured
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet, spell
from wqstudy.readers.tables import read_wide

TIME, PLACE = "年份-月份", "row of the sheet"


def recognises(sheet: Sheet) -> bool:
    """Whether the sheet has the workbook's columns for station, year and month, and a doubtful heading."""
    own = _rules()
    return {own["station"], own["year"], own["month"], *own["headings"]} <= set(sheet.headings)


def load(path: Path) -> list[Sheet]:
    """The workbook's first sheet, every cell as text.

    Raises
    ------
    ReadError
        If it is not a workbook.
    """
    rows = [["" if cell.value is None else str(cell.value) for cell in row] for row in _worksheet(path, None)]
    cells = pd.DataFrame(rows[1:], columns=range(len(rows[0])), dtype="str")
    return [Sheet(path, None, tuple(heading.strip() for heading in rows[0]), cells)]


def read(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of the lake, at the first day of their month.

    Values whose number is coloured are kept; the column `flag` says ``green`` or ``red``.
    """
    own, headings = _rules(), sheet.headings
    year, month = (sheet.texts(headings.index(own[name])) for name in ("year", "month"))
    cells = sheet.cells.copy()
    cells.columns = pd.RangeIndex(len(headings))
    cells[len(headings)] = year + "-" + month.str.zfill(2)
    cells[len(headings) + 1] = np.arange(len(cells))
    layout = _layout(sheet, wanted)
    part = read_wide(replace(sheet, headings=(*headings, TIME, PLACE), cells=cells), wanted, layout)
    colours = _colours(sheet, [one.column for one in layout.measured])
    samples = part.samples
    if len(samples):
        column = pd.Index([one.code for one in layout.measured]).get_indexer(pd.Index(samples["parameter"]))
        colour = colours[samples[PLACE].to_numpy(np.intp), column]
        samples = samples.drop(columns=PLACE)
        if colour.any():
            samples["flag"] = spell([None, *(one["flag"] for one in own["colours"].values())], colour)
    ledger = _with_doubts(sheet, part.ledger, colours)
    return replace(part, samples=samples, ledger=ledger, places=_in_the_lake(part.places))


@cache
def _rules() -> dict[str, Any]:
    return rules.load("taihu")


def _layout(sheet: Sheet, wanted: Collection[str] | None) -> Layout:
    own, headings = _rules(), sheet.headings
    measured = []
    for column, heading in enumerate(headings):
        if heading in own["headings"]:
            code, unit = own["headings"][heading]["code"], own["headings"][heading]["unit"]
        elif (found := parameter_and_unit(heading)) is not None:
            code, unit = found
        else:
            continue
        if wanted is None or code in wanted:
            measured.append(Measured(column, code, unit, 1.0 if unit is None else factor(unit, code)))
    roles = {"station": headings.index(own["station"]), "time": len(headings)}
    carried = {PLACE: len(headings) + 1}
    if own["remark"] in headings:
        carried["remark"] = headings.index(own["remark"])
    return Layout(roles, tuple(measured), carried)


def _worksheet(path: Path, name: str | None) -> Any:
    import openpyxl  # noqa: PLC0415 - slow to load, and few tables are workbooks

    try:
        book = openpyxl.load_workbook(path, data_only=True)
        return book[name] if name in book.sheetnames else book.worksheets[0]
    except (OSError, KeyError, ValueError, TypeError, BadZipFile) as problem:
        raise ReadError(f"the workbook cannot be opened ({problem})", file=path) from None


def _colours(sheet: Sheet, columns: list[int]) -> npt.NDArray[np.intp]:
    """Of each row and column, which of the known colours the number has: 0 is none."""
    known = {f"FF{colour}": number for number, colour in enumerate(_rules()["colours"], start=1)}
    worksheet = _worksheet(sheet.path, sheet.name)
    rows = worksheet.iter_rows(min_row=sheet.heading_row + 1, max_row=sheet.heading_row + len(sheet.cells))
    found = np.zeros((len(sheet.cells), len(columns)), np.intp)
    for place, row in enumerate(rows):
        for number, column in enumerate(columns):
            colour = row[column].font.color
            if colour is not None and colour.type == "rgb":
                found[place, number] = known.get(colour.rgb, 0)
    return found


def _with_doubts(sheet: Sheet, ledger: pd.DataFrame, colours: npt.NDArray[np.intp]) -> pd.DataFrame:
    """The ledger with the doubt about a heading in its line, and a line for each colour."""
    own = _rules()
    heading = (ledger["action"] == "not_data") & (ledger["row"] == sheet.heading_row)
    doubts = ledger["column"].map({name: one["reason"] for name, one in own["headings"].items()})
    ledger = ledger.assign(reason=ledger["reason"].mask(heading & doubts.notna(), doubts))
    lines = [
        {
            "file": sheet.path.name,
            "sheet": sheet.name,
            "row": sheet.heading_row,
            "action": "not_data",
            "reason": f"{n} numbers in {one['flag']}, {one['meaning']}: kept, column flag says {one['flag']}",
        }
        for number, one in enumerate(own["colours"].values(), start=1)
        if (n := int((colours == number).sum()))
    ]
    if not lines:
        return ledger
    added = pd.DataFrame(lines).reindex(columns=ledger.columns).astype(ledger.dtypes.to_dict())
    return pd.concat([ledger, added], ignore_index=True)


def _in_the_lake(places: pd.DataFrame) -> pd.DataFrame:
    stations = places["station"].drop_duplicates()
    said = [
        pd.DataFrame({"station": stations, "role": role, "text": text, "n": 1})
        for role, text in (("river", _rules()["lake"]), ("water_body", "lake"))
    ]
    return pd.concat([places, *said], ignore_index=True)
