"""Two spans of time, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from wqstudy.errors import ArgumentError

Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, slots=True)
class Windows:
    """Two half-open spans of time, before and after treatment.

    Parameters
    ----------
    before, after
        ``(start, end)``: `start` belongs to the span, `end` does not.

    Raises
    ------
    ArgumentError
        If a span is empty or the two overlap.

    Examples
    --------
    >>> w = Windows.of(("2016-01-01", "2018-01-01"), ("2019-01-01", "2021-01-01"))
    >>> w.after[0]
    Timestamp('2019-01-01 00:00:00')
    """

    before: Span
    after: Span

    @classmethod
    def of(cls, before: Iterable[Any], after: Iterable[Any]) -> Self:
        """Windows from anything that reads as dates."""
        windows = cls(_span(before, "before"), _span(after, "after"))
        if windows.before[1] > windows.after[0]:
            raise ArgumentError(
                f"the before window ends on {windows.before[1]:%Y-%m-%d}, later than the after window "
                f"begins on {windows.after[0]:%Y-%m-%d}",
                argument="before, after",
                valid="two spans that do not overlap; the end of a span does not belong to it",
            )
        return windows

    def to_dict(self) -> dict[str, list[str]]:
        """Dates as text, for `study.toml` and JSON."""
        return {
            name: [f"{day:%Y-%m-%d}" for day in span]
            for name, span in (("before", self.before), ("after", self.after))
        }


def _span(dates: Iterable[Any], argument: str) -> Span:
    valid = "(start, end) as dates, such as ('2016-01-01', '2019-01-01')"
    try:
        given = [dates] if isinstance(dates, str) else list(dates)
        # A bare year is the first of January, not so many nanoseconds since 1970.
        start, end = (pd.Timestamp(str(day) if isinstance(day, int) else day) for day in given)
        known = not (pd.isna(start) or pd.isna(end))
    except (ValueError, TypeError):
        known = False
    if not known:
        raise ArgumentError(f"{dates!r} is not a window", argument=argument, valid=valid)
    if start.tz is not None or end.tz is not None:
        raise ArgumentError(
            f"the window {start} to {end} has an offset from UTC",
            argument=argument,
            valid=valid,
            mend="give days on the study's own clock",
        )
    if not start < end:
        raise ArgumentError(
            f"the window {start:%Y-%m-%d} to {end:%Y-%m-%d} is empty", argument=argument, valid=valid
        )
    return start, end
