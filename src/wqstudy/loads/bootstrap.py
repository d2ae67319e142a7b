"""Refits of a record to resampled samples: bands of yearly values, and draws of loads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.loads.draws import LoadDraws, month_sums
from wqstudy.loads.trend import likelihood_word

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Bootstrap of a fit; what `Wrtds.bootstrap` returns.

    Replicates are turned about the estimate on the log scale, which takes the bias of the bootstrap out and
    keeps them positive, and widened: exp(ln estimate + k (ln estimate - ln replicate)), where k is how much
    farther samples lie from regressions made without them than those regressions say.

    Parameters
    ----------
    loads
        What the river carried: refits with AR(1) residuals tied to the samples.
    loads_fn
        Flow-normalised loads: refits alone.
    conc_fn
        Flow-normalised concentration; its numbers are sums over the days of each month, in 10^-3 mg/L d.
    """

    loads: LoadDraws
    loads_fn: LoadDraws
    conc_fn: LoadDraws

    def annual(self, start_month: int = 10, level: float = 0.9) -> pd.DataFrame:
        """Flow-normalised years with their bands.

        Parameters
        ----------
        start_month
            First month of a year, which is called by the calendar year in which it ends.
        level
            Of the bands.

        Returns
        -------
        DataFrame
            ``period``, then ``conc_fn`` in mg/L, ``load_fn`` and ``load`` in tonnes a year, each with
            ``_low`` and ``_high``.
        """
        tables = []
        for name, draws in (("conc_fn", self.conc_fn), ("load_fn", self.loads_fn), ("load", self.loads)):
            table = draws.table("year", start_month, level).set_index("period")[
                ["load", "load_low", "load_high"]
            ]
            if name == "conc_fn":
                table = table.mul(1000 / _days_of_years(table.index, start_month), axis=0)
            tables.append(table.set_axis([name, f"{name}_low", f"{name}_high"], axis=1))
        return pd.concat(tables, axis=1, join="inner").reset_index()

    def trend(self, first: int, last: int, start_month: int = 10, level: float = 0.9) -> pd.DataFrame:
        """Flow-normalised change from one year to another, in words of likelihood.

        Returns
        -------
        DataFrame
            Rows ``conc`` and ``flux``: ``quantity, change_percent, low, high, level, p_value, likelihood_up,
            upward, downward``.
        """
        rows = []
        for name, draws in (("conc", self.conc_fn), ("flux", self.loads_fn)):
            spans = [_span(year, start_month) for year in (first, last)]
            estimate = draws.change(spans[0], spans[1], level)
            ratio = draws.tonnes @ _members(draws.month, spans)
            up = ((ratio[:, 1] > ratio[:, 0]).sum() + 0.5) / (len(ratio) + 1)
            rows.append(
                {
                    "quantity": name,
                    "change_percent": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                    "level": level,
                    "p_value": estimate.p_value,
                    "likelihood_up": up,
                    "upward": likelihood_word(up),
                    "downward": likelihood_word(1 - up),
                }
            )
        return pd.DataFrame(rows)


def gathered(
    date: pd.DatetimeIndex,
    best: tuple[FloatArray, FloatArray, FloatArray],
    refits: list[tuple[FloatArray, FloatArray, FloatArray]],
    notes: tuple[str, ...],
    widening: float,
) -> Bootstrap:
    """Months of normalised concentration and load, and of load, from days of the estimate and its refits."""
    made = []
    for kind, method in enumerate(("WRTDS, concentration", "WRTDS, flow-normalised", "WRTDS-K")):
        month, estimate = month_sums(date, best[kind])
        if not month.size:
            raise ArgumentError("no month of the record has a value on every day", argument="flow")
        replicates = []
        for refit in refits:
            own, sums = month_sums(date, refit[kind])
            row = np.full(month.size, np.nan)
            row[month.get_indexer(own.intersection(month))] = sums[own.isin(month)]
            replicates.append(row)
        draws = np.array(replicates)
        if kind < 2:
            draws = estimate * (estimate / draws) ** widening
        usable = np.isfinite(draws).all(axis=1)
        said = (
            notes if usable.all() else (*notes, f"{int((~usable).sum())} replicates without a fit left out")
        )
        made.append(LoadDraws(month, draws[usable], estimate, method, said))
    return Bootstrap(made[2], made[1], made[0])


def _span(year: int, start_month: int) -> tuple[str, str]:
    """First day of a year that ends in a calendar year, and the day after its last."""
    first = pd.Timestamp(year - (start_month > 1), start_month, 1)
    return f"{first:%Y-%m-%d}", f"{first + pd.DateOffset(years=1):%Y-%m-%d}"


def _members(month: pd.DatetimeIndex, spans: list[tuple[str, str]]) -> FloatArray:
    return np.stack(
        [
            np.asarray((month >= pd.Timestamp(start)) & (month < pd.Timestamp(end)), float)
            for start, end in spans
        ],
        axis=1,
    )


def _days_of_years(period: pd.Index, start_month: int) -> FloatArray:
    starts = [pd.Timestamp(_span(int(year), start_month)[0]) for year in period]
    return np.array([(start + pd.DateOffset(years=1) - start).days for start in starts], float)
