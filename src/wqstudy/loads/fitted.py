"""A fitted record: its days, years, trend and bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.loads import kalman as carried
from wqstudy.loads import trend
from wqstudy.loads.annual import periods
from wqstudy.loads.bootstrap import Bootstrap, gathered
from wqstudy.loads.days import Days, Setting, fit_days
from wqstudy.loads.records import Record
from wqstudy.loads.regression import LocalFits, fit_points
from wqstudy.loads.resample import block_times
from wqstudy.loads.surface import Surface
from wqstudy.loads.units import KG_PER_DAY
from wqstudy.loads.weather import Weather
from wqstudy.progress import Progress, steps
from wqstudy.series import seed_of

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wrtds:
    """A fitted record; what `wrtds` returns.

    Parameters
    ----------
    record
        The samples and daily flows that it rests on.
    setting
        Windows and modes, as they were asked for.
    compat
        ``"egret"`` or None.
    days
        What the fit says of every day.
    notes
        What a careful reader must know.
    """

    record: Record
    setting: Setting
    compat: str | None
    days: Days
    notes: tuple[str, ...]

    @property
    def surface(self) -> Surface:
        """Concentration over flow and time; with a wall, from the wall on that of the later samples."""
        return self.days.surface

    @property
    def conc(self) -> FloatArray:
        """Mean concentration of each day in mg/L. Shape (days,)."""
        return self.days.conc

    @property
    def flux(self) -> FloatArray:
        """Load of each day in kg/d. Shape (days,)."""
        return KG_PER_DAY * self.record.flow * self.conc

    @property
    def conc_fn(self) -> FloatArray:
        """Flow-normalised concentration of each day in mg/L. Shape (days,)."""
        return self.days.conc_fn

    @property
    def flux_fn(self) -> FloatArray:
        """Flow-normalised load of each day in kg/d. Shape (days,)."""
        return self.days.flux_fn

    def daily(self) -> pd.DataFrame:
        """One row a day: `date, conc, flux, conc_fn, flux_fn`, in mg/L and kg/d."""
        return pd.DataFrame({"date": self.record.date, **self._values()})

    def annual(self, start_month: int = 10, months: int = 12, lang: str = "en") -> pd.DataFrame:
        """Means of the days of each year, or of a season of each.

        Parameters
        ----------
        start_month, months
            First month of the year or season, and how many it has. A year is called by the calendar year
            in which it ends.
        lang
            Language of the notes.

        Returns
        -------
        DataFrame
            ``year, time, days, flow, conc, flux, conc_fn, flux_fn, load, load_fn, notes``: mean decimal
            year, days of the period, m3/s, mg/L and kg/d, then tonnes of the whole period. Periods that
            reach beyond the record are not there; nan, with the reason, where a hundredth of the days or
            more has no value.
        """
        values = {"flow": self.record.flow, **self._values()}
        return periods(self.record.date, self.record.time, values, start_month, months, lang)

    def cross_validate(self) -> pd.DataFrame:
        """Each sample estimated from all others.

        Returns
        -------
        DataFrame
            ``date, flow, value, censored, log_mean, se, conc``: value or limit in mg/L, then mean of ln
            concentration, standard deviation around it, and mean concentration without that sample.
        """
        own, fits = self.record, self._without_each()
        return pd.DataFrame(
            {
                "date": own.sample_date,
                "flow": own.sample_flow,
                "value": own.value,
                "censored": pd.array(np.array(["none", "right", "left"], object)[own.side], dtype="str"),
                "log_mean": fits.log_mean,
                "se": fits.se,
                "conc": fits.conc,
            }
        )

    def flux_bias(self) -> tuple[float, float]:
        """How much too large the loads of sampled days are, as a share of the estimate.

        Each is estimated from the other samples. Beyond a tenth either way the model is to be looked at.

        Returns
        -------
        tuple of float
            With non-detects at their limits, and at zero: what they are lies between.

        References
        ----------
        Hirsch, R. M. (2014). Large biases in regression-based constituent flux estimates. J. Am. Water
        Resour. Assoc. 50.
        """
        own = self.record
        said = own.sample_flow @ self._without_each().conc
        limit = own.sample_flow @ own.value
        zero = own.sample_flow @ np.where(own.side < 0, 0.0, own.value)
        return float(1 - limit / said), float(1 - zero / said)

    def kalman(self, rho: float = 0.9) -> pd.DataFrame:
        """Days with the residuals of the samples carried along (WRTDS-K): what this year carried.

        Parameters
        ----------
        rho
            Correlation of the residuals of neighbouring days, 0 to below 1.

        Returns
        -------
        DataFrame
            ``date, conc, flux``: mean concentration in mg/L and load in kg/d, given the samples. The mean has
            a closed form here (`wqstudy.loads.kalman`); the reference's is the mean of draws.
        """
        conc = carried.mean_conc(self.days.log_mean, self.days.se, self._numbers(), self._ends(), _rho(rho))
        flux = KG_PER_DAY * self.record.flow * conc
        return pd.DataFrame({"date": self.record.date, "conc": conc, "flux": flux})

    def pairs(
        self,
        first: int,
        last: int,
        *,
        start_month: int = 10,
        months: int = 12,
        flow_side: int | None = None,
        flow_break: Any = None,
        replicates: int = 0,
        block: int = 200,
        level: float = 0.9,
        rng: int | np.random.Generator = 0,
    ) -> pd.DataFrame:
        """Flow-normalised change from one year to another, and how much of it the flow makes.

        Parameters
        ----------
        first, last
            Years, called by the calendar year in which they end. A wall of the fit parts their samples.
        start_month, months
            First month of the years, or of a season of each, and how many months it has.
        flow_side
            Years of flow on each side that a year is normalised over; None: all, the flow does not change.
        flow_break
            First day of another regime of flow: the first year has the flows before it, the last year those
            from it on.
        replicates, block, rng
            Of a block bootstrap of the samples: how many, days of a block, and seed or generator.
        level
            Of the bootstrap's interval.

        Returns
        -------
        DataFrame
            Rows ``conc`` (mg/L) and ``flux`` (10^6 kg a year); columns ``quantity, change, from_quality,
            from_flow, first, last, change_percent``. With replicates also ``change_low, change_high, level,
            p_value, likelihood_up, upward, downward``: words from `highly_unlikely` to `highly_likely`
            (`rules/loads.toml`).
        """
        own, setting = self.record, self.setting
        weather = Weather(flow_side, None if flow_break is None else pd.Timestamp(flow_break), start_month)
        one, other = (
            trend.year_of(own, year, months, weather, part) for year, part in ((first, 0), (last, -1))
        )

        def parts(times: FloatArray | None = None) -> FloatArray:
            return trend.pair_parts(trend.pair_values(own, setting, (one, other), times))

        estimate = parts()
        if not replicates:
            return trend.parts_table(estimate, None, level)
        resamples = list(self.resamples(replicates, block, rng))
        return trend.parts_table(estimate, trend.replicated(estimate, parts, resamples), level)

    def groups(self, first: tuple[int, int], last: tuple[int, int], *, start_month: int = 10) -> pd.DataFrame:
        """Flow-normalised change from the mean of some years to that of others.

        Parameters
        ----------
        first, last
            First and last year of each group, both included. The reference holds whole years against mean
            decimal years, and so loses the last of each: with ``compat="egret"`` it is lost here too.
        start_month
            First month of a year.

        Returns
        -------
        DataFrame
            As for `pairs`, without replicates; the part of the flow is that of the windows of the fit
            (``flow_side, flow_break`` of `wrtds`).
        """
        annual = over_all = self.annual(start_month)
        if not self.setting.weather.steady:
            steady = replace(self.setting, weather=Weather())
            over_all = replace(self, days=fit_days(self.record, steady)).annual(start_month)
        column = "time" if self.compat == "egret" else "year"
        return trend.parts_table(trend.group_parts(over_all, annual, first, last, column), None, 0.0)

    def resamples(
        self, replicates: int, block: int = 200, rng: int | np.random.Generator = 0
    ) -> Iterator[FloatArray]:
        """How often each sample occurs in each block bootstrap replicate; see `wqstudy.loads.resample`."""
        for argument, number in (("replicates", replicates), ("block", block)):
            if number < 1:
                raise ArgumentError(f"{number!r} is too few", argument=argument, valid="1 or more")
        generator = np.random.default_rng(seed_of(rng))
        day = (self.record.sample_date - self.record.date[0]).days.to_numpy().astype(np.int64)
        for _ in range(replicates):
            yield block_times(day, block, generator, short=self.compat == "egret")

    def bootstrap(
        self,
        replicates: int = 200,
        block: int = 200,
        *,
        rho: float = 0.9,
        rng: int | np.random.Generator = 0,
        progress: Progress = None,
    ) -> Bootstrap:
        """Refits to resampled blocks of the record, as draws of months.

        Parameters
        ----------
        replicates, block
            How many, and days of a block.
        rho
            Correlation of the residuals of neighbouring days, for the draws of what was carried.
        rng
            Seed or generator.
        progress
            Called with ``"WRTDS"``, a refit's number from 0 and how many there are, before its turn; True
            shows a bar.
        """
        generator = np.random.default_rng(seed_of(rng))
        refits, ends = [], self._ends()
        widening = 1.0 if self.compat == "egret" else carried.widening(ends)
        ends = replace(ends, se=widening * ends.se)
        resamples = self.resamples(replicates, block, generator)
        for times in steps(resamples, progress, replicates, "WRTDS"):
            try:
                refit = fit_days(self.record, self.setting, times)
            except ArgumentError:  # too few samples drawn on one side of a wall: counted out below
                refits.append((np.full(self.record.flow.size, np.nan),) * 3)
                continue
            mean, se = self._turned(refit, widening)
            conc = carried.drawn_conc(mean, se, self._numbers(), ends, _rho(rho), generator)
            refits.append((refit.conc_fn, refit.flux_fn, KG_PER_DAY * self.record.flow * conc))
        best = (self.conc_fn, self.flux_fn, self.kalman(rho)["flux"].to_numpy())
        return gathered(self.record.date, best, refits, self.notes, widening)

    def _values(self) -> dict[str, FloatArray]:
        """What is said of every day, by name."""
        return {name: getattr(self, name) for name in ("conc", "flux", "conc_fn", "flux_fn")}

    def _turned(self, refit: Days, widening: float) -> tuple[FloatArray, FloatArray]:
        """Mean and spread of ln concentration that a refit stands for: turned about the estimate.

        A resample has fewer different samples than the record, so that its spread is too small; turned
        about the estimate it is too large by as much as that of the record is too small.
        """
        if self.compat == "egret":
            return refit.log_mean, refit.se
        own = self.days
        return own.log_mean + widening * (own.log_mean - refit.log_mean), widening * own.se**2 / refit.se

    def _numbers(self) -> npt.NDArray[np.int64]:
        """Day numbers of the record."""
        return (self.record.date - self.record.date[0]).days.to_numpy().astype(np.int64)

    def _ends(self) -> carried.Ends:
        """What is known of sampled days."""
        own, fits = self.record, self._without_each()
        place = own.date.get_indexer(own.sample_date)
        return carried.Ends(place, np.log(own.value), own.side, fits.log_mean, fits.se)

    def _without_each(self) -> LocalFits:
        """Regressions at each sample, without it."""
        own = self.record
        return fit_points(
            own.calibration(own.time[0], own.time[-1]),
            own.sample_time,
            np.log(own.sample_flow),
            self.setting.widths,
            np.arange(own.value.size),
        )

    def __str__(self) -> str:
        own = self.record
        head = f"WRTDS, {self.setting.mode}: {own.value.size} samples, {own.n_censored} non-detects, "
        head += f"{own.flow.size:,} days {own.date[0]:%Y-%m-%d} to {own.date[-1]:%Y-%m-%d}"
        return "\n".join([head, *self.notes])


def _rho(rho: float) -> float:
    if not 0 <= rho < 1:
        raise ArgumentError(f"{rho!r} is no correlation here", argument="rho", valid="0 to below 1")
    return rho
