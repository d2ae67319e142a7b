"""Times that a live page gives without a year, and the year they were meant in."""

from __future__ import annotations

import re
from calendar import monthrange

import numpy as np
import pandas as pd

from wqstudy.errors import ReadError

_SAVED = re.compile(
    r"(?<![\dT])(?P<year>20\d\d)[-_.年]?(?P<month>0[1-9]|1[0-2])"
    r"(?:[-_.月]?(?P<day>0[1-9]|[12]\d|3[01])(?:日?[_~至-](?P<last>0[1-9]|[12]\d|3[01])(?!\d))?)?"
)
_SHORT = r"^(?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?:\s+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?))?$"
_AHEAD = np.timedelta64(1, "D")  # a page saved just before midnight by another clock


def saved_on(name: str) -> np.datetime64:
    """The last day that a file's name (or a snapshot's) speaks of; NaT where it names none.

    Examples
    --------
    >>> [str(saved_on(name)) for name in ("2021-04-05.json", "a_2021-04-01_05.csv", "20251106T201101", "x")]
    ['2021-04-05', '2021-04-05', '2025-11-06', 'NaT']
    >>> saved_on("feed-2021-02.csv")
    np.datetime64('2021-02-28')
    """
    found = list(_SAVED.finditer(name))
    if not found:
        return np.datetime64("NaT", "D")
    year, month, day, last = found[-1].group("year", "month", "day", "last")
    if day is None:
        day = f"{monthrange(int(year), int(month))[1]}"
    day = max(day, last or day)
    try:
        return np.datetime64(f"{year}-{month}-{day}")
    except ValueError:
        return np.datetime64("NaT", "D")


def with_years(times: pd.Series, saved: pd.Series) -> tuple[pd.Series, str]:
    """Times in ISO 8601 where they had no year, and a line for the ledger; others as they are.

    The year is the latest in which the time is not after the day of saving (one day is allowed).

    Parameters
    ----------
    times
        Text such as ``05-09 11:00``.
    saved
        Of each row, a text that holds the day on which the page was saved.

    Raises
    ------
    ReadError
        With the place of the first such time in `row`, if the day of saving is not known.

    Examples
    --------
    >>> times = pd.Series(["12-31 20:00", "01-01 00:00", "", "2020-12-30"])
    >>> with_years(times, pd.Series(["2021-01-01.json"] * 4))[0].tolist()
    ['2020-12-31 20:00', '2021-01-01 00:00', '', '2020-12-30']
    """
    parts = times.drop_duplicates().str.extract(_SHORT)
    parts.index = pd.Index(times.drop_duplicates())
    short = times.isin(parts.index[parts["month"].notna()])
    if not short.any():
        return times, ""
    pairs = pd.DataFrame({"time": times[short], "saved": saved[short]}).drop_duplicates()
    known = {text: saved_on(text) for text in pairs["saved"].unique()}
    day = pairs["saved"].map(known).to_numpy("datetime64[D]")
    if np.isnat(day).any():
        raise ReadError("no year", row=int(pairs.index[np.isnat(day)][0]))
    said = parts.loc[pairs["time"]]
    meant = np.full(len(pairs), np.datetime64("NaT", "D"))
    for later in (1, 0, -1, -2, -3, -4):  # four years back there is a 29 February
        year = day.astype("datetime64[Y]").astype(int) + 1970 + later
        texts = pd.Series(year.astype(str)) + "-" + said["month"].str.zfill(2).to_numpy()
        dates = pd.to_datetime(texts + "-" + said["day"].str.zfill(2).to_numpy(), errors="coerce").to_numpy(
            "datetime64[D]"
        )
        meant = np.where(np.isnat(meant) & (dates <= day + _AHEAD), dates, meant)
    iso = pd.Series(np.datetime_as_string(meant), dtype="str")
    clock = said["clock"].fillna("").to_numpy()
    iso = (iso + " " + pd.Series(clock, dtype="str").str.zfill(5).where(clock != "", "")).str.strip()
    iso = iso.where(~np.isnat(meant), pairs["time"].to_numpy())
    pairs = pairs.assign(iso=iso.to_numpy(), stale=(day - meant) > _AHEAD)
    all_rows = pd.DataFrame({"time": times[short], "saved": saved[short]}).merge(
        pairs, on=["time", "saved"], how="left"
    )
    full = times.copy()
    full[short] = all_rows["iso"].to_numpy()
    told = "heading: times without a year, taken as the latest that is not after the day of saving"
    stale = int(all_rows["stale"].sum())
    return full, told + (f"; {stale} rows are older than the day before it" if stale else "")
