"""Weighted regressions on time, discharge and season (WRTDS): daily, yearly and flow-normalised loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads import kalman as carried
from wqstudy.loads import trend
from wqstudy.loads.annual import periods
from wqstudy.loads.bootstrap import Bootstrap, gathered
from wqstudy.loads.days import WHY, Days, Mode, Setting, fit_days
from wqstudy.loads.likelihood import FITTED, NO_SPREAD
from wqstudy.loads.records import Record, record
from wqstudy.loads.regression import LocalFits, Widths, fit_points
from wqstudy.loads.resample import block_times
from wqstudy.loads.surface import Surface
from wqstudy.loads.units import KG_PER_DAY
from wqstudy.progress import Progress, steps
from wqstudy.series import seed_of

FloatArray = npt.NDArray[np.float64]

_GRID_FLOWS = 14
_FINE_FLOWS = 53  # three nodes more between any two
_MUCH_CENSORED = 0.5


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
        return pd.DataFrame(
            {
                "date": self.record.date,
                "conc": self.conc,
                "flux": self.flux,
                "conc_fn": self.conc_fn,
                "flux_fn": self.flux_fn,
            }
        )

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
        values = {
            "flow": self.record.flow,
            "conc": self.conc,
            "flux": self.flux,
            "conc_fn": self.conc_fn,
            "flux_fn": self.flux_fn,
        }
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
        years = tuple(trend.year_of(own, year, start_month, months, flow_side) for year in (first, last))

        def parts(times: FloatArray | None = None) -> FloatArray:
            return trend.pair_parts(trend.pair_values(own, setting, (years[0], years[1]), times))

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
            As for `pairs`, without replicates.
        """
        annual = self.annual(start_month)
        column = "time" if self.compat == "egret" else "year"
        return trend.parts_table(trend.group_parts(annual, first, last, column), None, 0.0)

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
        resamples = self.resamples(replicates, block, generator)
        for times in steps(resamples, progress, replicates, "WRTDS"):
            refit = fit_days(self.record, self.setting, times)
            se = widening * refit.se
            conc = carried.drawn_conc(refit.log_mean, se, self._numbers(), ends, _rho(rho), generator)
            refits.append((refit.conc_fn, refit.flux_fn, KG_PER_DAY * self.record.flow * conc))
        best = (self.conc_fn, self.flux_fn, self.kalman(rho)["flux"].to_numpy())
        return gathered(self.record.date, best, refits, self.notes, widening)

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


def wrtds(
    samples: pd.DataFrame,
    flow: pd.DataFrame,
    window_year: float = 7.0,
    window_flow: float = 2.0,
    window_season: float = 0.5,
    *,
    station: str | None = None,
    parameter: str | None = None,
    min_samples: int = 100,
    min_uncensored: int = 50,
    edge_adjust: bool = True,
    mode: Mode = "grid",
    flows: int | None = None,
    flow_side: int | None = None,
    wall: Any = None,
    compat: Literal["egret"] | None = None,
    lang: str = "en",
) -> Wrtds:
    """Loads and flow-normalised trend by regressions that are local in time, flow and season.

    ln concentration is regressed on time, ln flow and one yearly wave, anew at every node, by maximum
    likelihood with non-detects as what they are. Samples count by their nearness to the node in time, ln
    flow and season. A day's flow-normalised value is the mean over the flows that its calendar day has had.

    Parameters
    ----------
    samples
        `time, value` in mg/L, and where there are any `censored, station, parameter`, as in
        `Study.samples`.
    flow
        `time, flow` in m3/s, and where there is more than one `station`, as in `Study.flow`: daily means.
        A column `decimal_year` in either table stands in for that of the date.
    window_year, window_flow, window_season
        Half-widths: years, units of ln flow, and years around the time of year.
    station, parameter
        Which of them, where the tables hold more than one.
    min_samples, min_uncensored
        Windows are widened by a tenth until they hold so many samples, and so many that are no non-detects.
    edge_adjust
        Whether the window in time is widened near the ends of the record.
    mode
        ``"grid"`` interpolates between regressions at 14 flows and 16 times a year, as the reference does;
        ``"direct"`` makes one at every day, and normalises over a grid four times as fine.
    flows
        Number of flows of the grid, where it is to be another.
    flow_side
        None normalises over all days of the record. Else over the water year and so many years on each
        side, moved inside the record at its ends, which lets the flow change.
    wall
        A date at which the river changed: days before it rest on samples before it only, and days from it
        on those from it.
    compat
        ``"egret"`` keeps a defect of the reference: without a 29 February among the flows, days from
        1 March are normalised over the flows of the next day.
    lang
        Language of the notes.

    Raises
    ------
    ArgumentError
        If there are too few samples for `min_samples`, the tables cannot be used, or no regression can be
        made.

    References
    ----------
    Hirsch, R. M., Moyer, D. L. and Archfield, S. A. (2010). Weighted regressions on time, discharge, and
    season (WRTDS). J. Am. Water Resour. Assoc. 46. Hirsch, R. M. and De Cicco, L. A. (2015). User guide to
    EGRET. U.S. Geological Survey Techniques and Methods 4-A10.

    Examples
    --------
    Concentration falls as the root of the flow, without noise to speak of:

    >>> days = pd.date_range("2010-01-01", "2014-12-31")
    >>> q = 10 * np.exp(np.sin(np.arange(len(days)) / 9))
    >>> flow = pd.DataFrame({"time": days, "flow": q})
    >>> noise = np.random.default_rng(1).normal(0, 0.01, len(days))
    >>> samples = pd.DataFrame({"time": days, "value": 2 / np.sqrt(q) * np.exp(noise)}).iloc[::9]
    >>> fit = wrtds(samples, flow)
    >>> fit.annual(start_month=1)[["year", "conc", "flux_fn"]].round(2).iloc[1]
    year       2011.00
    conc          0.69
    flux_fn     582.47
    Name: 1, dtype: float64
    """
    words.language(lang)
    if compat not in (None, "egret"):
        raise ArgumentError(f"{compat!r} is not known", argument="compat", valid="None, egret")
    if mode not in ("grid", "direct"):
        raise ArgumentError(f"{mode!r} is not known", argument="mode", valid="grid, direct")
    widths = _widths(window_year, window_flow, window_season, min_samples, min_uncensored, edge_adjust)
    own = record(samples, flow, station, parameter, lang)
    setting = Setting(
        widths,
        mode,
        flows or (_GRID_FLOWS if mode == "grid" else _FINE_FLOWS),
        flow_side,
        None if wall is None else pd.Timestamp(wall),
        compat == "egret",
    )
    days = fit_days(own, setting)
    return Wrtds(own, setting, compat, days, (*own.notes, *_notes(own, days, lang)))


def _rho(rho: float) -> float:
    if not 0 <= rho < 1:
        raise ArgumentError(f"{rho!r} is no correlation here", argument="rho", valid="0 to below 1")
    return rho


def _widths(
    year: float, flow: float, season: float, samples: int, uncensored: int, edge_adjust: bool
) -> Widths:
    for argument, value in (("window_year", year), ("window_flow", flow), ("window_season", season)):
        if not 0 < value < np.inf:
            raise ArgumentError(f"{value!r} is no half-width", argument=argument, valid="above zero")
    for argument, number in (("min_samples", samples), ("min_uncensored", uncensored)):
        if number < 0:
            raise ArgumentError(f"{number!r} is no number of samples", argument=argument, valid="0 or more")
    return Widths(year, flow, season, samples, uncensored, edge_adjust)


def _notes(own: Record, days: Days, lang: str) -> list[str]:
    """What was done to the windows, and what could not be fitted."""
    notes, surface = [], days.surface
    share = own.n_censored / own.value.size
    if share >= _MUCH_CENSORED:
        notes.append(words.text("loads.much_censored", lang, share=f"{100 * share:.0f}"))
    widened = surface.widened > 0
    if widened.any():
        most = f"{1.1 ** surface.widened.max():.1f}"
        part = words.percent(100 * float(widened.mean()))
        notes.append(words.text("loads.widened", lang, share=part, most=most))
    flat = surface.status == NO_SPREAD
    for chosen, key in ((~flat & (surface.status != FITTED), "nodes_missing"), (flat, "flat")):
        if chosen.any():
            states = np.unique(surface.status[chosen]).tolist()
            why = words.joined([words.text(f"loads.{WHY[s]}", lang) for s in states], lang)
            notes.append(words.text(f"loads.{key}", lang, n=int(chosen.sum()), all=chosen.size, why=why))
    empty = int((~np.isfinite(days.conc)).sum())
    if empty:
        notes.append(words.text("loads.days_missing", lang, n=empty))
    return notes
