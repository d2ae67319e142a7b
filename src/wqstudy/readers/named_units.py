"""Parameters that are written with their unit in the rows of a table: 氨氮(mg/L)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.parameters import catalogue, find
from wqstudy.readers.headings import parameter_and_unit, role_columns
from wqstudy.readers.layout import is_concentration
from wqstudy.readers.sheet import Sheet


def units_apart(sheet: Sheet) -> Sheet:
    """A tidy sheet without a column of units, with one of those that its parameters are written with.

    Names that are known as they stand are left alone, and so are all where none tells a unit.
    """
    roles = role_columns(sheet.headings)
    if "unit" in roles:
        return sheet
    column = roles["parameter"]
    place, names = pd.factorize(sheet.names(column))
    told = [_told(name) for name in names]
    if not any(unit for _, unit in told):
        return sheet
    told = [(name, unit or _of_all(sheet, name)) for name, unit in told]
    cells = sheet.cells.copy()
    cells.columns = pd.RangeIndex(cells.shape[1])
    cells[column] = pd.array([name for name, _ in told], dtype="str").take(place)
    cells[cells.shape[1]] = pd.array([unit for _, unit in told], dtype="str").take(place)
    note = (
        sheet.heading_row,
        next(name for name, (code, _) in zip(names, told, strict=True) if name != code),
        f"heading: column {sheet.headings[column]!r} names units beside its parameters",
    )
    return replace(sheet, headings=(*sheet.headings, "unit"), cells=cells, notes=(*sheet.notes, note))


def _told(name: str) -> tuple[str, str]:
    """A parameter's name and the unit written with it, each as it stands where there is no other."""
    if find(name) is not None:
        return name, ""
    try:
        found = parameter_and_unit(name)
    except ArgumentError:
        return name, ""
    return (name, "") if found is None else (found[0], found[1] or "")


def _of_all(sheet: Sheet, name: str) -> str:
    """The unit that a line about the table gives for its concentrations, for a parameter that is one."""
    code = find(name)
    return sheet.unit or "" if code is not None and is_concentration(catalogue()[code].unit) else ""
