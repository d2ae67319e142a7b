"""Errors that say where, what was found, what is valid and how to mend it."""

from __future__ import annotations

from pathlib import Path


class WqstudyError(Exception):
    """Base of every error that wqstudy raises on purpose.

    Parameters
    ----------
    problem
        What is wrong, with the value found.
    file, sheet, row, column, argument
        Where it is; those that apply. `row` counts from 1 as a spreadsheet does, headings included.
    valid
        What would have been accepted.
    mend
        What to do about it.

    Examples
    --------
    >>> print(WqstudyError("unit 'furlong' is not known", file="a.csv", column="TP", valid="mg/L, ug/L"))
    a.csv, column TP: unit 'furlong' is not known. Valid: mg/L, ug/L.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        argument: str | None = None,
        valid: str | None = None,
        mend: str | None = None,
    ) -> None:
        places = (
            ("", None if file is None else str(file)),
            ("sheet ", sheet),
            ("row ", row),
            ("column ", column),
            ("argument ", argument),
        )
        where = ", ".join(f"{word}{place}" for word, place in places if place is not None)
        text = f"{where}: {problem}" if where else problem
        text = text.rstrip(".") + "."
        if valid:
            text += f" Valid: {valid.rstrip('.')}."
        if mend:
            text += f" To mend: {mend.rstrip('.')}."
        super().__init__(text)
        self.file, self.sheet, self.row, self.column = file, sheet, row, column
        self.argument, self.valid, self.mend = argument, valid, mend


class ReadError(WqstudyError):
    """A file cannot be read as a monitoring table."""


class SchemaError(WqstudyError):
    """A table that a Study is made of does not have the columns or values it must have."""


class ArgumentError(WqstudyError, ValueError):
    """An argument has a value that cannot be used."""


class OutputError(WqstudyError):
    """A result cannot be written where it was asked for."""
