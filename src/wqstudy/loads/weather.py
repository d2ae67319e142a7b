"""Which days' flows a day is normalised over: all of a record, or some years around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weather:
    """What flows count where.

    Parameters
    ----------
    side
        Years of flow on each side of a year, slid inside the record at its ends; None means all.
    cut
        First day of another regime of flow: days before it have the flows before it, and days from it on
        those from it. None means that there is one.
    start_month
        First month of the years.
    """

    side: int | None = None
    cut: pd.Timestamp | None = None
    start_month: int = 10

    @property
    def steady(self) -> bool:
        """Whether every day has the same flows."""
        return self.side is None and self.cut is None

    def windows(self, date: pd.DatetimeIndex) -> list[tuple[BoolArray, BoolArray]]:
        """Days of the record, and those whose flows they are normalised over. Each of shape (days,).

        Raises
        ------
        ArgumentError
            If so many years do not fit in the record, or the cut lies outside it.
        """
        return [
            (_within(date, first, last), _within(date, *reach))
            for whole in self.parts(date)
            for first, last in self._years(*whole)
            for reach in [self._reach(first, last, *whole)]
        ]

    def around(self, date: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp, part: int) -> BoolArray:
        """Days whose flows a season is normalised over. Shape (days,).

        Parameters
        ----------
        date
            Days of the record.
        first, last
            First and last day of the season.
        part
            0 for the flows before the cut, -1 for those from it.
        """
        return _within(date, *self._reach(first, last, *self.parts(date)[part]))

    def parts(self, date: pd.DatetimeIndex) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """First and last day of each regime."""
        first, last = date[0], date[-1]
        years = last.year + (last.month >= self.start_month) - first.year - (first.month >= self.start_month)
        if self.side is not None and not 0 <= 2 * self.side <= years:
            raise ArgumentError(
                f"{2 * self.side + 1} years of flow do not fit in the record",
                argument="flow_side",
                valid=f"0 to {years // 2}, or None",
            )
        if self.cut is None:
            return [(first, last)]
        if not first < self.cut <= last:
            raise ArgumentError(
                f"{self.cut:%Y-%m-%d} lies outside the daily record",
                argument="flow_break",
                valid=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
            )
        return [(first, self.cut - pd.Timedelta(days=1)), (self.cut, last)]

    def _years(self, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """First and last day of the years of a regime; those after a cut begin with it."""
        if self.side is None:
            return [(first, last)]
        begin = first
        if self.cut is None or first < self.cut:
            begin = pd.Timestamp(first.year - (first.month < self.start_month), self.start_month, 1)
        starts = pd.date_range(begin, last, freq=pd.DateOffset(years=1))
        ends = [*(starts[1:] - pd.Timedelta(days=1)), last]
        return list(zip(starts, ends, strict=True))

    def _reach(
        self, first: pd.Timestamp, last: pd.Timestamp, low: pd.Timestamp, high: pd.Timestamp
    ) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day of the flows around a season, inside a regime."""
        if self.side is None:
            return low, high
        aside, whole = pd.DateOffset(years=self.side), pd.DateOffset(years=2 * self.side + 1)
        start, end = first - aside, last + aside
        begin, stop = start, end
        if start < low:
            stop = low + whole - pd.Timedelta(days=1)
        if end > high:
            begin = high - whole + pd.Timedelta(days=1)
        return max(begin, low), min(stop, high)


def _within(date: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp) -> BoolArray:
    return np.asarray((date >= first) & (date <= last))
