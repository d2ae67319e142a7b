"""Years and months that loads are summed over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spans:
    """Consecutive spans of so many months, or the whole of a record.

    Parameters
    ----------
    months
        Length of a span; 0 means the whole.
    shift
        Months from January to the first month of a year.
    first, after
        First day of the whole, and the day after its last.
    """

    months: int
    shift: int
    first: np.datetime64
    after: np.datetime64

    @classmethod
    def of(cls, whole: pd.DatetimeIndex, by: str, start_month: int) -> Spans:
        """Spans by ``"year"``, ``"month"`` or ``"all"`` of the days of a record."""
        first, last = (np.datetime64(whole[at].date(), "D") for at in (0, -1))
        months = {"year": 12, "month": 1, "all": 0}[by]
        return cls(months, start_month - 1 if by == "year" else 0, first, last + np.timedelta64(1, "D"))

    def number(self, date: pd.DatetimeIndex) -> IntArray:
        """Number of the span of each date; below the first and after the last day of a whole, -1 and 1."""
        if not self.months:
            day = date.to_numpy().astype("datetime64[D]")
            return (day >= self.after).astype(np.int64) - (day < self.first)
        month = (date.year.to_numpy() - 1970) * 12 + date.month.to_numpy() - 1
        return np.asarray((month - self.shift) // self.months, np.int64)

    def start(self, number: int) -> np.datetime64:
        """First day of a span."""
        if not self.months:
            return self.after if number > 0 else self.first
        month = int(number) * self.months + self.shift
        return np.datetime64(f"{1970 + month // 12:04d}-{month % 12 + 1:02d}-01", "D")

    def days(self, number: int) -> int:
        """How many days a span has."""
        return int((self.start(number + 1) - self.start(number)) / np.timedelta64(1, "D"))

    def name(self, number: int) -> str:
        """Year in which it ends, month, or the first and last day of the whole."""
        last = self.start(number + 1) - np.timedelta64(1, "D")
        if not self.months:
            return f"{self.first}/{last}"
        return str(last.astype("datetime64[Y]" if self.months > 1 else "datetime64[M]"))
