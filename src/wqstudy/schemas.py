"""What the tables of a Study must look like: checked once, at its door."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa

from wqstudy import parameters
from wqstudy.errors import SchemaError
from wqstudy.samples import CENSORED

_text = pa.Check(lambda s: s.str.len() > 0, element_wise=False, error="must not be empty")
_finite = pa.Check(np.isfinite, error="must be a finite number")
_known = pa.Check.isin(list(parameters.catalogue()), error="must be a code of the parameter catalogue")
_place: dict[str, Any] = {"nullable": True, "required": False}

CLAIM_KINDS = ("concentration", "rate", "arithmetic", "count", "amount", "attainment", "rank", "deadline")
"""What a claim may be about; all but the first two are held against arithmetic alone."""

SCHEMAS = {
    "samples": pa.DataFrameSchema(
        {
            "station": pa.Column(str, _text),
            "time": pa.Column("datetime64"),
            "parameter": pa.Column(str, _known),
            "value": pa.Column(float, _finite),
            "censored": pa.Column(
                str, pa.Check.isin(CENSORED, error=f"must be one of {', '.join(CENSORED)}")
            ),
        }
    ),
    "stations": pa.DataFrameSchema(
        {
            "station": pa.Column(str, _text, unique=True),
            "district": pa.Column(str, **_place),
            "river": pa.Column(str, **_place),
            "water_body": pa.Column(
                str, pa.Check.isin(("river", "lake"), error="must be river or lake"), **_place
            ),
            "group": pa.Column(
                str, pa.Check.isin(("treated", "control"), error="must be treated or control"), **_place
            ),
            "lon": pa.Column(
                float, pa.Check.in_range(-180, 180, error="must be within -180 and 180"), **_place
            ),
            "lat": pa.Column(float, pa.Check.in_range(-90, 90, error="must be within -90 and 90"), **_place),
        }
    ),
    "measures": pa.DataFrameSchema(
        {
            "district": pa.Column(str, _text),
            "measure": pa.Column(str, _text),
            "start": pa.Column("datetime64"),
            "end": pa.Column("datetime64", nullable=True),
            "amount": pa.Column(float, nullable=True),
            "unit": pa.Column(str, nullable=True),
        }
    ),
    "flow": pa.DataFrameSchema(
        {
            "station": pa.Column(str, _text),
            "time": pa.Column("datetime64"),
            "flow": pa.Column(float, [_finite, pa.Check.ge(0, error="must not be negative")]),
        }
    ),
    "targets": pa.DataFrameSchema(
        {
            "station": pa.Column(str, _text),
            "target_class": pa.Column("int64", pa.Check.in_range(1, 6, error="must be 1 to 6")),
            "due": pa.Column("datetime64"),
        }
    ),
    "truth": pa.DataFrameSchema(
        {
            "district": pa.Column(str, _text),
            "parameter": pa.Column(str, _known),
            "start": pa.Column("datetime64", nullable=True),
            "effect_percent": pa.Column(float, _finite),
            "peak_percent": pa.Column(float, _finite),
            "change_percent": pa.Column(float, _finite),
        }
    ),
    "claims": pa.DataFrameSchema(
        {
            "claim": pa.Column(str, _text, unique=True),
            "kind": pa.Column(
                str, pa.Check.isin(CLAIM_KINDS, error=f"must be one of {', '.join(CLAIM_KINDS)}")
            ),
            "district": pa.Column(str, nullable=True),
            "parameter": pa.Column(str, _known, nullable=True),
            "announced": pa.Column(str, nullable=True),
            "before": pa.Column(str, nullable=True),
            "after": pa.Column(str, nullable=True),
            "n_before": pa.Column(float, pa.Check.ge(1, error="must be 1 or more"), nullable=True),
            "n_after": pa.Column(float, pa.Check.ge(1, error="must be 1 or more"), nullable=True),
            "share": pa.Column(str, nullable=True),
            "whole": pa.Column(str, nullable=True),
            "before_start": pa.Column("datetime64", nullable=True),
            "before_end": pa.Column("datetime64", nullable=True),
            "after_start": pa.Column("datetime64", nullable=True),
            "after_end": pa.Column("datetime64", nullable=True),
        }
    ),
    "aliases": pa.DataFrameSchema(
        {"alias": pa.Column(str, _text, unique=True), "station": pa.Column(str, _text)}
    ),
}

_WANTED = {
    "datetime64": ("a date", "2021-04-05, 2021-04-05 08:00, or 2021-04 for the first of a month"),
    "float64": ("a number", "a plain number"),
    "int64": ("a whole number", "1 to 6, 6 being inferior V"),
}

_OPTIONAL: dict[str, dict[str, Any]] = {
    "samples": {"censored": "none"},
    "measures": {"end": None, "amount": None, "unit": None},
    "claims": dict.fromkeys(
        (
            "district",
            "parameter",
            "announced",
            "before",
            "after",
            "n_before",
            "n_after",
            "share",
            "whole",
            "before_start",
            "before_end",
            "after_start",
            "after_end",
        )
    ),
}


_IN_FILES = {
    "datetime64": (
        "2021-04-05, 2021/4/5, 2021年4月5日, 2021-04-05 08:00, or 2021-04, 2021年4月 for the first of a month"
    ),
    "int64": "1 to 6, 6 being inferior V; or as classes are written: Ⅲ, III, Ⅲ类, 三类, 劣Ⅴ",
}
"""What files may hold instead: they are read with more spellings."""
_YEAR_ALONE = r"\s*[12]\d{3}(\.0+)?\s*年?\s*"


class _Where:
    """Where a table stands, and how its columns are headed there."""

    def __init__(self, table: pd.DataFrame, name: str) -> None:
        self.file, self.sheet = str(table.attrs.get("file", name)), table.attrs.get("sheet")
        self._headings: dict[str, str] = table.attrs.get("headings", {})
        self._read = "file" in table.attrs

    def written(self, column: str) -> str:
        """A column's heading as written."""
        return self._headings.get(column, column)

    def valid(self, kind: str) -> str:
        """What a column of a kind may hold."""
        return _IN_FILES[kind] if self._read and kind in _IN_FILES else _WANTED[kind][1]


def admit(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table with its columns in order and of the right types, or an error that names the place.

    Parameters
    ----------
    name
        Which table of the Study it is: a key of `SCHEMAS`.
    table
        The table as given. Text that reads as a date or a number becomes one. Where ``attrs["file"]``
        names a file, errors name it (and `sheet`, and columns by their `headings` as written, if ``attrs``
        has these), and the index tells the row in it (0 is the second).

    Raises
    ------
    SchemaError
        Names the file (or table), row, column, the value and what is valid.

    Examples
    --------
    >>> admit("targets", pd.DataFrame({"station": ["a"], "target_class": ["3"], "due": ["2020-12-31"]}))
      station  target_class        due
    0       a             3 2020-12-31
    """
    schema, where = SCHEMAS[name], _Where(table, name)
    lines = table.index.to_numpy() if "file" in table.attrs else np.arange(len(table))
    table = table.assign(**{c: v for c, v in _OPTIONAL.get(name, {}).items() if c not in table})
    missing = [c for c, column in schema.columns.items() if column.required and c not in table]
    if missing:
        found = ", ".join(where.written(str(column)) for column in table)
        raise SchemaError(
            f"column {missing[0]!r} is missing",
            file=where.file,
            sheet=where.sheet,
            valid="columns " + ", ".join(schema.columns),
            mend=f"add it, or rename the column that holds it (found: {found})",
        )
    first = [c for c in schema.columns if c in table]
    table = table[first + [c for c in table if c not in schema.columns]].reset_index(drop=True)
    for column in first:
        table[column] = _typed(table[column], schema.columns[column], where, lines)
    try:
        table = schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as problem:
        case = problem.failure_cases.iloc[0]
        row = None if pd.isna(case["index"]) else int(case["index"])
        alike = problem.failure_cases[["column", "check"]] == case[["column", "check"]]
        number = int(alike.all(axis=1).sum())
        rule = {"not_nullable": "must not be blank", "field_uniqueness": "must be given once"}.get(
            str(case["check"]), str(case["check"])
        )
        found = "the cell" if pd.isna(case["failure_case"]) else _shown(case["failure_case"])
        raise SchemaError(
            f"{found} {rule} ({number} such cells)",
            file=where.file,
            sheet=where.sheet,
            row=None if row is None else int(lines[row]) + 2,
            column=where.written(str(case["column"])),
            mend="correct the cell; rows are counted as in a spreadsheet, headings included",
        ) from None
    if name == "measures":
        _no_end_before_start(table, where, lines)
    return table


def _no_end_before_start(table: pd.DataFrame, where: _Where, lines: npt.NDArray[np.int64]) -> None:
    """Refuse a measure that ends on a day before that of its start."""
    wrong = np.flatnonzero(table["end"].dt.normalize() < table["start"].dt.normalize())
    if wrong.size:
        row = int(wrong[0])
        start, end = (f"{table[name].iloc[row]:%Y-%m-%d}" for name in ("start", "end"))
        raise SchemaError(
            f"the end {end} lies before the start {start}",
            file=where.file,
            sheet=where.sheet,
            row=int(lines[row]) + 2,
            column=where.written("end"),
            mend="correct one of them, or leave the end blank",
        )


def _no_years_alone(values: pd.Series, column: str, where: _Where, lines: npt.NDArray[np.int64]) -> None:
    """Refuse years without a month: which of its days is meant decides what lies before."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return
    alone = np.flatnonzero(values.astype("str").str.fullmatch(_YEAR_ALONE, na=False).to_numpy(bool))
    if alone.size:
        row = int(alone[0])
        raise SchemaError(
            f"{_shown(values.iloc[row])} is a year alone",
            file=where.file,
            sheet=where.sheet,
            row=int(lines[row]) + 2,
            column=where.written(column),
            valid=where.valid("datetime64"),
            mend="say the month at least",
        )


def _shown(value: Any) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)


def _typed(values: pd.Series, column: pa.Column, where: _Where, lines: npt.NDArray[np.int64]) -> pd.Series:
    """Values of the type that the column must have; text is read as dates and numbers."""
    kind = str(column.dtype).split("[", maxsplit=1)[0]
    if kind == "datetime64":
        _no_years_alone(values, column.name, where, lines)
        typed = _dates(values, column.name, where)
    elif kind in ("float64", "int64"):
        typed = pd.to_numeric(values, errors="coerce").astype("float64")
        if kind == "int64":
            typed = typed.where(np.isfinite(typed) & (typed.round() == typed))
    else:
        typed = as_text(values)
        return typed.replace("", None) if column.nullable else typed
    lost = np.flatnonzero(typed.isna() & values.notna())
    lost = lost[values.iloc[lost].astype("str").str.strip() != ""]
    if lost.size:
        row = int(lost[0])
        raise SchemaError(
            f"{_shown(values.iloc[row])} is not {_WANTED[kind][0]}",
            file=where.file,
            sheet=where.sheet,
            row=int(lines[row]) + 2,
            column=where.written(column.name),
            valid=where.valid(kind),
        )
    if kind == "int64" and typed.notna().all():
        return typed.astype("int64")
    return typed


def as_text(values: pd.Series) -> pd.Series:
    """Names and codes as text; whole numbers without a decimal point, as 310115 read beside a blank cell.

    Examples
    --------
    >>> as_text(pd.Series([310115.0, None])).tolist()
    ['310115', nan]
    """
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return values.astype("str").str.strip().mask(values.isna())


def _dates(values: pd.Series, column: str, where: _Where) -> pd.Series:
    dates: pd.Series | None = values
    if not pd.api.types.is_datetime64_any_dtype(values):
        try:
            dates = pd.to_datetime(values, errors="coerce", format="ISO8601", utc=False)
        except ValueError:  # some with an offset, some without
            dates = None
    if dates is None or isinstance(dates.dtype, pd.DatetimeTZDtype):
        raise SchemaError(
            "the dates have an offset from UTC",
            file=where.file,
            sheet=where.sheet,
            column=where.written(column),
            valid=where.valid("datetime64"),
            mend="write them on the study's own clock",
        )
    return dates
