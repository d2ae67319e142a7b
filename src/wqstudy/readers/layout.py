"""What each column of a table is: station, time, a parameter in a unit, a place, or something to carry."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.parameters import catalogue, factor, fold
from wqstudy.readers.headings import fitting_columns, parameter_and_unit, role_columns
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.times import time_roles
from wqstudy.samples import SAMPLE_COLUMNS

TIDY_ROLES = ("parameter", "value", "unit", "censored")
PLACE_ROLES = ("district", "province", "basin", "city", "river", "water_body", "group", "lon", "lat")


@dataclass(frozen=True, slots=True)
class Measured:
    """A column of one parameter: where it is, what it measures, and the factor to the canonical unit.

    `unit` is None where the heading names none; `said` tells where a unit comes from that the heading does
    not name. `factor` is NaN where the unit is not known, and `second` says that an earlier column holds the
    same parameter: the cells are dropped.
    """

    column: int
    code: str
    unit: str | None
    factor: float
    said: str = ""
    second: bool = False

    def told(self) -> str:
        """The heading's line in the ledger."""
        own = catalogue()[self.code].unit
        if self.unit is None:
            return f"heading: {self.code} without a unit" + (f", taken as {own}" if own else "")
        text = f"heading: {self.code} in {self.unit or 'no unit'}{self.said}"
        if self.second:
            return f"{text}: a second column of it, not read"
        if math.isnan(self.factor):
            return f"{text}: not known, not read"
        return text if self.factor == 1 else f"{text}, multiplied by {self.factor:g} to {own}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column of a table is.

    Parameters
    ----------
    roles
        Column of `station`, `time`, of the places, and in a tidy table of `parameter`, `value` ….
    measured
        Columns of parameters, in a wide table.
    carried
        Columns that are handed on, by the name they get in the samples.
    """

    roles: dict[str, int]
    measured: tuple[Measured, ...]
    carried: dict[str, int]


def lay_out(sheet: Sheet, wanted: Collection[str] | None = None) -> Layout:
    """What each column of the sheet is.

    Parameters
    ----------
    wanted
        Codes of the parameters to read; None means all. Columns of others are left out.

    Raises
    ------
    ReadError
        If there is no station, time or parameter; if a unit is not known; if two headings name one
        parameter; or if a column to carry has the name of a column of the samples.
    """
    roles = role_columns(sheet.headings)
    tidy = is_tidy(sheet)
    if not tidy:
        roles = {role: column for role, column in roles.items() if role not in TIDY_ROLES}
    roles = time_roles(sheet, roles, fitting_columns(sheet.headings, "time"))
    _require(sheet, roles)
    others = [c for c in range(len(sheet.headings)) if c not in roles.values()]
    named = {} if tidy else {c: found for c in others if (found := _named(sheet, c)) is not None}
    if not tidy and not named:
        _no_parameter(sheet)
    _not_side_by_side(sheet, [code for code, _ in named.values()])
    measured = _each_once(
        sheet,
        [
            _measured(sheet, column, code, unit)
            for column, (code, unit) in named.items()
            if wanted is None or code in wanted
        ],
    )
    return Layout(roles, measured, _carried(sheet, [c for c in others if c not in named]))


def is_tidy(sheet: Sheet) -> bool:
    """Whether the table has one row a value: a column of parameters and one of values."""
    return {"parameter", "value"} <= role_columns(sheet.headings).keys()


def _require(sheet: Sheet, roles: dict[str, int]) -> None:
    for role, valid in (
        ("station", "station, section, site, 断面名称, 站点, 点位 …"),
        ("time", "time, date, 监测时间, 采样日期 …"),
    ):
        if role not in roles:
            raise sheet.error(
                f"no {role} column among the headings {_listed(sheet)}",
                valid=f"a heading such as {valid}",
                mend=f"name the column that holds the {role}",
            )


def _no_parameter(sheet: Sheet) -> None:
    roles = role_columns(sheet.headings)
    if "parameter" in roles:
        raise sheet.error(
            "there is a column of parameters and no value column",
            column=roles["parameter"],
            valid="a heading such as value, result, 监测值",
        )
    raise sheet.error(
        f"no parameter column among the headings {_listed(sheet)}",
        valid="names of the catalogue, such as 氨氮(mg/L), TP, CODMn; or the columns parameter and value",
        mend="name the columns that hold measured values",
    )


def _listed(sheet: Sheet) -> str:
    shown = ", ".join(repr(heading) for heading in sheet.headings[:8])
    return shown + (" …" if len(sheet.headings) > 8 else "")


def _named(sheet: Sheet, column: int) -> tuple[str, str | None] | None:
    try:
        return parameter_and_unit(sheet.headings[column])
    except ArgumentError as problem:
        if not sheet.strict:
            return None
        raise sheet.error(str(problem), column=column) from None


def _measured(sheet: Sheet, column: int, code: str, unit: str | None) -> Measured:
    """A column of a parameter, with the unit of the heading or else that which the table gives for all."""
    if unit is None and sheet.unit is not None and is_concentration(catalogue()[code].unit):
        said = ", as a line beside the table says"
        return Measured(column, code, sheet.unit, factor(sheet.unit, code), said)
    return Measured(column, code, unit, _factor(sheet, column, code, unit))


def is_concentration(unit: str) -> bool:
    """Whether a canonical unit is one of mass per volume.

    Examples
    --------
    >>> is_concentration("mg/L"), is_concentration("degC")
    (True, False)
    """
    return unit in rules.load("units")["concentration"]


def _factor(sheet: Sheet, column: int, code: str, unit: str | None) -> float:
    try:
        return 1.0 if unit is None else factor(unit, code)
    except ArgumentError as problem:
        if not sheet.strict:
            return math.nan
        raise sheet.error(
            f"unit {unit!r} of {code} is not known",
            column=column,
            valid=problem.valid,
            mend="write the unit in the heading, as in 'TP (mg/L)', or rename a column that holds no values",
        ) from None


def _not_side_by_side(sheet: Sheet, codes: list[str]) -> None:
    """Refuse two tables beside one another: whose values are whose could only be guessed."""
    repeated = [
        [column for column in fitting if fold(sheet.headings[column]) == fold(sheet.headings[fitting[0]])]
        for role in ("station", "time")
        if (fitting := fitting_columns(sheet.headings, role))
    ]
    again = [sorted(columns) for columns in repeated if len(columns) > 1]
    if not again or (len(again) == 1 and len(set(codes)) == len(codes)):
        return
    first, second = again[0][0], again[0][1]
    raise sheet.error(
        f"two tables stand side by side, from column {letters(first)} ({sheet.headings[first]!r}) and from "
        f"column {letters(second)} ({sheet.headings[second]!r}) on",
        column=second,
        mend="put them under one another, or on sheets of their own",
    )


def letters(column: int) -> str:
    """A column's letters in a spreadsheet, by its place from 0.

    Examples
    --------
    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _each_once(sheet: Sheet, measured: list[Measured]) -> tuple[Measured, ...]:
    first: dict[str, Measured] = {}
    for place, one in enumerate(measured):
        earlier = first.setdefault(one.code, one)
        if earlier is one:
            continue
        if not sheet.strict:
            measured[place] = replace(one, second=True)
            continue
        both = f"{sheet.headings[earlier.column]!r} and {sheet.headings[one.column]!r}"
        raise sheet.error(
            f"two headings for {one.code}: {both}",
            column=one.column,
            mend="keep one of them, or rename the other so that it is not taken for the parameter",
        )
    return tuple(measured)


@cache
def _class_headings() -> frozenset[str]:
    return frozenset(fold(word) for word in rules.load("readers")["carried"]["reported_class"])


def _carried(sheet: Sheet, columns: list[int]) -> dict[str, int]:
    """Names of the columns to carry; a heading met again gets a number, a blank one that of its column."""
    carried: dict[str, int] = {}
    for column in columns:
        name = sheet.headings[column].strip() or f"column_{column + 1}"
        if fold(name) in _class_headings() and "reported_class" not in carried:
            name = "reported_class"
        if name in SAMPLE_COLUMNS and not sheet.strict:
            name = f"{name}.{column + 1}"
        if name in SAMPLE_COLUMNS:
            raise sheet.error(
                f"a column {name!r} cannot be carried along, the samples have one of their own",
                column=column,
                mend="rename it",
            )
        while name in carried:
            name = f"{name}.{column + 1}"
        carried[name] = column
    return carried
