"""Wide tables (one row a sample) and tidy tables (one row a value)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.parameters import catalogue, factor, find, unit_name
from wqstudy.readers.account import account, nothing
from wqstudy.readers.aside import set_aside
from wqstudy.readers.cells import parse_columns
from wqstudy.readers.layout import Layout, is_concentration, lay_out
from wqstudy.readers.long import Long
from wqstudy.readers.named_units import units_apart
from wqstudy.readers.outcomes import LEFT, NONE, RIGHT, Why
from wqstudy.readers.part import Part
from wqstudy.readers.rows import read_rows, with_fault
from wqstudy.readers.settle import settle
from wqstudy.readers.sheet import Sheet

_STATED = {"": NONE, "none": NONE, "left": LEFT, "<": LEFT, "right": RIGHT, ">": RIGHT}
_STRANGE = -1


def read_wide(sheet: Sheet, wanted: Collection[str] | None = None, layout: Layout | None = None) -> Part:
    """Samples of a table with one row a sample and one column a parameter.

    Parameters
    ----------
    wanted
        Codes of the parameters to read; None means all.
    layout
        What the columns are, where a format knows it better than the headings tell.

    Raises
    ------
    ReadError
        Names the file, row and column.
    """
    layout = layout or lay_out(sheet, wanted)
    sheet = set_aside(sheet, layout, [one.column for one in layout.measured])
    rows = read_rows(sheet, layout)
    columns = [one.column for one in layout.measured]
    headings = [sheet.headings[column] for column in columns]
    told = [one.told() for one in layout.measured]
    notes = pd.DataFrame({"row": sheet.heading_row, "column": headings, "raw": headings, "reason": told})
    if not columns:
        return nothing(sheet, layout, rows, notes)
    n, p = len(sheet.cells), len(columns)
    long = Long(
        row=np.tile(np.arange(n, dtype=np.int32), p),
        which=np.repeat(np.arange(p, dtype=np.int16), n),
        parameters=[catalogue()[one.code] for one in layout.measured],
        columns=columns,
        wide=n,
    )
    factors = np.array([one.factor for one in layout.measured])
    factors = np.repeat(factors, n) if (factors != 1).any() else np.ones(1)
    read = parse_columns([sheet.cells.iloc[:, column] for column in columns])
    cells = settle(read, long.which, long.parameters, factors)
    if any(one.second for one in layout.measured):
        second = np.repeat([one.second for one in layout.measured], n)
        value, why = np.where(second, np.nan, cells.value), np.where(second, Why.SECOND_COLUMN, cells.why)
        cells = replace(cells, value=value, why=why.astype(np.int8))
    return account(sheet, layout, rows, long, cells, notes)


def read_tidy(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of a table with one row a value.

    Parameters
    ----------
    wanted
        Codes of the parameters to read; None means all. Rows of others are not cells that were asked for.

    Raises
    ------
    ReadError
        Names the file, row and column; also where a parameter, a unit or a censoring is not known.
    """
    sheet = units_apart(sheet)
    layout = lay_out(sheet, wanted)
    sheet = set_aside(sheet, layout, [layout.roles["value"]])
    rows = read_rows(sheet, layout)
    name, names = pd.factorize(sheet.names(layout.roles["parameter"]))
    codes, notes = _codes(sheet, layout, name, list(names), wanted)
    known = list(dict.fromkeys(code for code in codes if code))
    if not known:
        return nothing(sheet, layout, rows, notes)
    # What has no parameter's name is a cell all the same: it is lost, and told so.
    nameless = np.array([code == "" for code in codes])[name]
    blank = np.array([text == "" for text in names])[name]
    rows = with_fault(rows, nameless & blank, "parameter is blank")
    rows = with_fault(rows, nameless, "the parameter is not in the catalogue")
    row = np.flatnonzero(np.array([code is not None for code in codes])[name])
    place = np.array([known.index(code) if code else 0 for code in codes])
    value = layout.roles["value"]
    long = Long(
        row=row,
        which=place[name[row]],
        parameters=[catalogue()[code] for code in known],
        columns=[value] * len(known),
    )
    factors, told = _factors(sheet, layout, long, nameless[row])
    stated = _stated(sheet, layout, row)
    if stated is not None and (stated == _STRANGE).any():
        strange = np.zeros(len(sheet.cells), bool)
        strange[row[stated == _STRANGE]] = True
        rows = with_fault(rows, strange, "the censoring stated is not known")
        stated = np.where(stated == _STRANGE, NONE, stated).astype(np.int8)
    read = parse_columns([sheet.cells.iloc[:, value].iloc[row]])
    cells = settle(read, long.which, long.parameters, factors, stated)
    return account(sheet, layout, rows, long, cells, pd.concat([notes, told], ignore_index=True))


def _codes(
    sheet: Sheet,
    layout: Layout,
    name: npt.NDArray[np.intp],
    names: Sequence[str],
    wanted: Collection[str] | None,
) -> tuple[list[str | None], pd.DataFrame]:
    """Code of each name, None if it was not asked for, empty if there is no name; and the ledger's notes."""
    column = layout.roles["parameter"]
    found = [find(text) if text else "" for text in names]
    strange = [place for place, code in enumerate(found) if code is None]
    first = [int(np.argmax(name == place)) for place in strange]
    if wanted is None and strange and sheet.strict:
        raise sheet.error(
            f"parameter {names[strange[0]]!r} is not in the catalogue",
            position=first[0],
            column=column,
            valid=", ".join(catalogue()),
            mend="correct the name, or name the parameters to read: read(path, parameters=[...])",
        )
    if wanted is None and not any(found):
        raise sheet.error("the parameter is blank in every row", column=column)
    notes = pd.DataFrame(
        {
            "row": [sheet.row(position) for position in first],
            "column": sheet.headings[column],
            "raw": [names[place] for place in strange],
            "reason": "parameter not in the catalogue and not asked for: its rows are not read",
        }
    )
    if wanted is None:  # and not strict: what is not known is lost cell by cell
        return ["" if code is None else code for code in found], notes.iloc[:0]
    return [code if wanted is None or code in wanted else None for code in found], notes


def _factors(
    sheet: Sheet, layout: Layout, long: Long, nameless: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], pd.DataFrame]:
    """What each cell is multiplied by, and the ledger's note of every unit met."""
    value = sheet.headings[layout.roles["value"]]
    if "unit" not in layout.roles:
        reason = "heading: values, without units, taken in each parameter's own"
        by_parameter = np.ones(len(long.parameters))
        if sheet.unit is not None:
            reason = f"heading: values, concentrations in {sheet.unit}, as a line beside the table says"
            for place, parameter in enumerate(long.parameters):
                if is_concentration(parameter.unit):
                    by_parameter[place] = factor(sheet.unit, parameter.code)
        note = pd.DataFrame({"row": [sheet.heading_row], "column": value, "raw": value, "reason": reason})
        return by_parameter[long.which], note
    column = layout.roles["unit"]
    unit, units = pd.factorize(sheet.names(column).iloc[long.row])
    pairs, first, pair = np.unique(
        np.where(nameless, -1, long.which * len(units) + unit), return_index=True, return_inverse=True
    )
    factors = np.ones(len(pairs))
    told = [f"heading: values, in the units of column {sheet.headings[column]!r}"]
    for place, code in enumerate(pairs.tolist()):
        if code < 0:
            continue
        parameter, text = long.parameters[code // len(units)], units[code % len(units)]
        if text == "":
            told.append(f"{parameter.code} where no unit is given: taken in {parameter.unit or 'no unit'}")
            continue
        try:
            factors[place] = factor(text, parameter.code)
        except ArgumentError as problem:
            if not sheet.strict:
                factors[place] = np.nan
                continue
            raise sheet.error(
                f"unit {text!r} of {parameter.code} is not known",
                position=int(long.row[first[place]]),
                column=column,
                valid=problem.valid,
                mend="correct the unit",
            ) from None
        if factors[place] != 1:
            own = f"multiplied by {factors[place]:g} to {parameter.unit}"
            told.append(f"{parameter.code} in {unit_name(text)}: {own}")
    told = list(dict.fromkeys(told))  # "μg/L" and "ug/L" say the same
    heading = [value, *[sheet.headings[column]] * (len(told) - 1)]
    notes = {"row": sheet.heading_row, "column": heading, "raw": heading, "reason": told}
    return factors[pair], pd.DataFrame(notes)


def _stated(sheet: Sheet, layout: Layout, row: npt.NDArray[np.intp]) -> npt.NDArray[np.int8] | None:
    """Marks that a column `censored` states."""
    if "censored" not in layout.roles:
        return None
    column = layout.roles["censored"]
    code, texts = pd.factorize(sheet.names(column).str.casefold().iloc[row])
    for place, text in enumerate(texts):
        if text not in _STATED and sheet.strict:
            raise sheet.error(
                f"censoring {text!r} is not known",
                position=int(row[np.argmax(code == place)]),
                column=column,
                valid="none, left, right, or blank",
            )
    return np.array([_STATED.get(text, _STRANGE) for text in texts], dtype=np.int8)[code]
