"""Where and when each row was sampled, and why a row cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.readers.dates import VALID_TIMES, years
from wqstudy.readers.layout import Layout
from wqstudy.readers.names import plain_name
from wqstudy.readers.sheet import Sheet, unnamed_as_blank
from wqstudy.readers.times import read_times


@dataclass(frozen=True, slots=True)
class Rows:
    """One item a row of the sheet.

    Parameters
    ----------
    station, names
        Code of each row's station, -1 where it is blank, and the stations' names by code.
    time
        Time of each row, NaT where it is not known.
    fault, faults
        What is wrong with each row, by code; code 0 is nothing.
    told
        Lines of the ledger about times: raw and reason.
    """

    station: npt.NDArray[np.intp]
    names: tuple[str, ...]
    time: pd.Series
    fault: npt.NDArray[np.int32]
    faults: tuple[str, ...]
    told: tuple[tuple[str, str], ...] = ()


def read_rows(sheet: Sheet, layout: Layout) -> Rows:
    """Station and time of every row.

    Raises
    ------
    ReadError
        If the station or the time is missing or unreadable in every row.
    """
    station, names = _stations(sheet, layout.roles["station"])
    time, texts_of, told_of_times = read_times(sheet, layout.roles)
    fault = np.where(station < 0, 1, 0).astype(np.int32)
    faults = ["", "station is blank"]
    time, far = _within_reason(time)
    lost = np.flatnonzero(time.isna())
    if len(lost):
        codes, texts = pd.factorize(texts_of().iloc[lost])
        odd = set(texts_of().iloc[far])
        told = [_told_of_time(text, text in odd) for text in texts]
        if len(lost) == len(time):
            raise sheet.error(
                f"{told[0]}; no row has a time that is",
                position=int(lost[0]),
                column=layout.roles["time"],
                valid=VALID_TIMES,
                mend="write the dates so, or name the column that holds them",
            )
        fault[lost] = np.where(fault[lost] > 0, fault[lost], codes + len(faults))
        faults += told
    return Rows(station, names, time, fault, tuple(faults), tuple(told_of_times.items()))


def _within_reason(time: pd.Series) -> tuple[pd.Series, npt.NDArray[np.intp]]:
    """Times, NaT where their year can only be mistyped, and the rows of these."""
    first, last = years()
    if not len(time) or not (time.min().year < first or time.max().year > last):
        return time, np.empty(0, np.intp)
    year = time.dt.year
    far = (year < first) | (year > last)
    return time.mask(far), np.flatnonzero(far)


def _told_of_time(text: str, far: bool) -> str:
    if text == "":
        return "time is blank"
    first, last = years()
    return f"time {text!r} is " + (f"before {first} or after {last}" if far else "not understood")


def with_fault(rows: Rows, where: npt.NDArray[np.bool_], fault: str) -> Rows:
    """The rows with one more thing wrong with some of them; what was found before stays."""
    codes = np.where(where & (rows.fault == 0), len(rows.faults), rows.fault).astype(np.int32)
    return replace(rows, fault=codes, faults=(*rows.faults, fault))


def _stations(sheet: Sheet, column: int) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    texts = sheet.coded(column)
    names = [plain_name(name) for name in unnamed_as_blank(texts.dictionary).to_pylist()]
    codes, found = pd.factorize(pd.Series(names, dtype="str").replace("", None))
    codes = codes[texts.indices.to_numpy()]
    if not (codes >= 0).any():
        raise sheet.error("the station is blank in every row", column=column)
    return codes, tuple(found)
