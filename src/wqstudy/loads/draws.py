"""Loads as draws: what a month, a year or a district carried, many times over, each as likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.loads.resample import ends_of
from wqstudy.loads.spans import Spans
from wqstudy.results import Estimate

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LoadDraws:
    """Draws of the load of each month; sums of them are draws of sums.

    Parameters
    ----------
    month
        First day of each month. Shape (months,).
    tonnes
        Load of each month in each draw. Shape (draws, months).
    best
        The estimate itself, in tonnes. Shape (months,).
    method
        Where they come from.
    notes
        What a careful reader must know.
    """

    month: pd.DatetimeIndex
    tonnes: FloatArray
    best: FloatArray
    method: str
    notes: tuple[str, ...] = ()

    def __add__(self, other: LoadDraws) -> LoadDraws:
        """Load of two stations together, over the months that both have; draws are taken as independent."""
        return _joined(self, other, 1)

    def __sub__(self, other: LoadDraws) -> LoadDraws:
        """Load of one station less that of another, such as outflow less inflow."""
        return _joined(self, other, -1)

    def table(self, by: str = "year", start_month: int = 1, level: float = 0.95) -> pd.DataFrame:
        """Load of each year or month with its interval.

        Parameters
        ----------
        by
            ``"year"``, ``"month"`` or ``"all"``.
        start_month
            First month of a year, which is called by the calendar year in which it ends.
        level
            Of the interval.

        Returns
        -------
        DataFrame
            ``period, months, load, load_low, load_high, level``, in tonnes; years that lack a month are left
            out.
        """
        names, best, tonnes, months = self._summed(by, start_month)
        low, high = ends_of(tonnes, level) if names else (np.array([]), np.array([]))
        return pd.DataFrame(
            {
                "period": names,
                "months": months,
                "load": best,
                "load_low": low,
                "load_high": high,
                "level": level,
            }
        )

    def change(
        self,
        before: tuple[str, str],
        after: tuple[str, str],
        level: float = 0.95,
        *,
        percent: bool = True,
    ) -> Estimate:
        """Change of the mean monthly load from one window to another.

        Parameters
        ----------
        before, after
            Windows ``(start, end)``; months that lie in them wholly count, the end not included.
        level
            Of the interval.
        percent
            In per cent of the load before, else in tonnes a year.

        Returns
        -------
        Estimate
            With p from the share of draws on the other side of zero, two-sided.

        Raises
        ------
        ArgumentError
            If no month lies in a window.
        """
        early, late = self.mean_of(before, "before"), self.mean_of(after, "after")
        change = 100 * (late / early - 1) if percent else 12 * (late - early)
        draws = change[1:]
        low, high = ends_of(draws, level)
        beyond = min((1 + (draws >= 0).sum()), (1 + (draws <= 0).sum())) / (draws.size + 1)
        return Estimate(
            float(change[0]),
            float(low),
            float(high),
            level,
            float(min(1.0, 2 * beyond)),
            "%" if percent else "t/a",
            self.method,
            int(self._inside(before).sum() + self._inside(after).sum()),
            notes=self.notes,
        )

    def mean_of(self, window: tuple[str, str], argument: str = "window") -> FloatArray:
        """Mean monthly tonnes of a window ``(start, end)``: the estimate, then every draw."""
        inside = self._inside(window)
        if not inside.any():
            raise ArgumentError(
                f"no month lies in {window[0]} to {window[1]}",
                argument=argument,
                valid=f"within {self.month[0]:%Y-%m} to {self.month[-1]:%Y-%m}",
            )
        return np.append(self.best[inside].mean(), self.tonnes[:, inside].mean(axis=1))

    def _inside(self, window: tuple[str, str]) -> npt.NDArray[np.bool_]:
        """Months that lie in a window wholly."""
        following = self.month + pd.offsets.MonthBegin(1)
        start, end = map(pd.Timestamp, window)
        return np.asarray((self.month >= start) & (following <= end))

    def _summed(self, by: str, start_month: int) -> tuple[list[str], FloatArray, FloatArray, list[int]]:
        if by not in ("year", "month", "all"):
            raise ArgumentError(f"{by!r} is not known", argument="by", valid="year, month, all")
        spans = Spans.of(self.month, by, start_month)
        number = spans.number(self.month)
        keys, index = np.unique(number, return_inverse=True)
        held = np.bincount(index)
        whole = held == (spans.months or self.month.size)
        member = (index[:, None] == np.flatnonzero(whole)).astype(float)
        if by == "all":
            names = [f"{self.month[0]:%Y-%m}/{self.month[-1]:%Y-%m}"]
        else:
            names = [spans.name(int(key)) for key in keys[whole]]
        return names, self.best @ member, self.tonnes @ member, held[whole].tolist()


def _joined(one: LoadDraws, other: LoadDraws, sign: int) -> LoadDraws:
    months = one.month.intersection(other.month)
    if not months.size:
        raise ArgumentError("the two loads have no month in common", argument="other")
    if one.tonnes.shape[0] != other.tonnes.shape[0]:
        raise ArgumentError(
            f"{one.tonnes.shape[0]} draws cannot be added to {other.tonnes.shape[0]}",
            argument="other",
            mend="make both with the same number of replicates, and with seeds of their own",
        )
    a, b = (load.month.get_indexer(months) for load in (one, other))
    return LoadDraws(
        months,
        one.tonnes[:, a] + sign * other.tonnes[:, b],
        one.best[a] + sign * other.best[b],
        one.method if one.method == other.method else f"{one.method}, {other.method}",
        tuple(dict.fromkeys((*one.notes, *other.notes))),
    )


def retained(
    inflow: LoadDraws, outflow: LoadDraws, by: str = "year", start_month: int = 1, level: float = 0.95
) -> pd.DataFrame:
    """Budget of a district: what came in, what left, and the difference, with intervals.

    Parameters
    ----------
    inflow, outflow
        Sums of the draws of all rivers that enter and leave.
    by, start_month, level
        As for `LoadDraws.table`.

    Returns
    -------
    DataFrame
        ``period``, then ``inflow, outflow, retained`` in tonnes, each with ``_low`` and ``_high``; retained
        is negative where more leaves than came in. The difference is taken in every draw.
    """
    parts = {"inflow": inflow, "outflow": outflow, "retained": inflow - outflow}
    tables = {name: part.table(by, start_month, level).set_index("period") for name, part in parts.items()}
    made = pd.concat(
        [
            table[["load", "load_low", "load_high"]].set_axis([name, f"{name}_low", f"{name}_high"], axis=1)
            for name, table in tables.items()
        ],
        axis=1,
        join="inner",
    )
    return made.reset_index()


def month_sums(date: pd.DatetimeIndex, flux: FloatArray) -> tuple[pd.DatetimeIndex, FloatArray]:
    """Tonnes of each whole month from kg/d of its days, which lie on the last axis.

    Months with a day missing, or a day without a value, are left out.
    """
    month = date.to_numpy().astype("datetime64[M]")
    start = np.flatnonzero(np.append(True, month[1:] != month[:-1]))
    sums = np.add.reduceat(flux, start, axis=-1) / 1000
    first = month[start]
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    whole = np.diff(np.append(start, date.size)) == length
    whole &= np.isfinite(sums.reshape(-1, start.size)).all(axis=0)
    return pd.DatetimeIndex(first[whole].astype("datetime64[ns]")), sums[..., whole]
