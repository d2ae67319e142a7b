"""Weighted regressions on time, discharge and season (WRTDS): daily, yearly and flow-normalised loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads.annual import periods
from wqstudy.loads.likelihood import FITTED, NO_SPREAD
from wqstudy.loads.records import Record, decimal_year, record
from wqstudy.loads.regression import Calibration, LocalFits, Widths, fit_points
from wqstudy.loads.surface import Surface, calendar_bins, fit_surface
from wqstudy.loads.units import KG_PER_DAY

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Mode = Literal["grid", "direct"]
_GRID_FLOWS = 14
_FINE_FLOWS = 53  # three nodes more between any two
_WHY = {1: "singular", 2: "no_spread", 3: "unsettled", 4: "too_few"}
_MUCH_CENSORED = 0.5


@dataclass(frozen=True, slots=True)
class Wrtds:
    """A fitted record; what `wrtds` returns.

    Parameters
    ----------
    record
        The samples and daily flows that it rests on.
    widths
        Windows of the regressions.
    mode, compat, wall, flow_side
        As they were asked for.
    surface
        Concentration over flow and time. With a wall, times from the wall on are those of the later samples.
    conc, se, log_mean
        Of each day of the record: mg/L, standard deviation and mean of ln concentration. Shape (days,).
    conc_fn, flux_fn
        Flow-normalised, mg/L and kg/d. Shape (days,).
    notes
        What a careful reader must know.
    """

    record: Record
    widths: Widths
    mode: Mode
    compat: str | None
    wall: pd.Timestamp | None
    flow_side: int | None
    surface: Surface
    conc: FloatArray
    se: FloatArray
    log_mean: FloatArray
    conc_fn: FloatArray
    flux_fn: FloatArray
    notes: tuple[str, ...]

    @property
    def flux(self) -> FloatArray:
        """Load of each day in kg/d. Shape (days,)."""
        return KG_PER_DAY * self.record.flow * self.conc

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
        own = self.record
        fits = fit_points(
            own.calibration(own.time[0], own.time[-1]),
            own.sample_time,
            np.log(own.sample_flow),
            self.widths,
            np.arange(own.value.size),
        )
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

    def __str__(self) -> str:
        own = self.record
        head = f"WRTDS, {self.mode}: {own.value.size} samples, {own.n_censored} non-detects, "
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
    split = None if wall is None else pd.Timestamp(wall)
    flows = flows or (_GRID_FLOWS if mode == "grid" else _FINE_FLOWS)
    parts = [
        (*_part(own, rows, days, widths, mode, flows), days) for rows, days in _sides(own, split, widths)
    ]
    surface = _joined([part[0] for part in parts], split)
    day, normal = np.full((3, own.flow.size), np.nan), np.full((2, own.flow.size), np.nan)
    for part_surface, values, days in parts:
        day[:, days] = values
        normal[:, days] = _normalised(part_surface, own, days, flow_side, shifted=compat == "egret")
    return Wrtds(
        record=own,
        widths=widths,
        mode=mode,
        compat=compat,
        wall=split,
        flow_side=flow_side,
        surface=surface,
        conc=day[2],
        se=day[1],
        log_mean=day[0],
        conc_fn=normal[0],
        flux_fn=normal[1],
        notes=(*own.notes, *_notes(own, surface, day[2], lang)),
    )


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


def _sides(own: Record, wall: pd.Timestamp | None, widths: Widths) -> list[tuple[Calibration, BoolArray]]:
    """The samples and days of each side of the wall, or all of them."""
    if wall is None:
        rows = own.calibration()
        _enough(rows, widths, "")
        return [(rows, np.ones(own.flow.size, bool))]
    if not own.date[0] < wall <= own.date[-1]:
        raise ArgumentError(
            f"{wall:%Y-%m-%d} lies outside the daily record",
            argument="wall",
            valid=f"{own.date[0]:%Y-%m-%d} to {own.date[-1]:%Y-%m-%d}",
        )
    at = float(decimal_year(pd.DatetimeIndex([wall]))[0])
    before, after = own.calibration(high=at), own.calibration(low=at)
    early = np.asarray(own.sample_date < wall)
    sides = [
        (before.keep(early), np.asarray(own.date < wall)),
        (after.keep(~early), np.asarray(own.date >= wall)),
    ]
    for (rows, _), where in zip(sides, (" before the wall", " after the wall"), strict=True):
        _enough(rows, widths, where)
    return sides


def _enough(rows: Calibration, widths: Widths, where: str) -> None:
    n, exact = rows.time.size, int((rows.side == 0).sum())
    for argument, found, what in (
        ("min_samples", n, "samples"),
        ("min_uncensored", exact, "samples that are no non-detects"),
    ):
        least = getattr(widths, argument)
        if found <= least:
            raise ArgumentError(
                f"there are {found} {what}{where}, and every window must hold {least}",
                argument=argument,
                valid=f"below {found}",
                mend="ask for fewer, such as three quarters of what there is; below 60 samples a rating "
                "curve or a ratio says as much",
            )


def _part(
    own: Record, rows: Calibration, days: BoolArray, widths: Widths, mode: Mode, flows: int
) -> tuple[Surface, FloatArray]:
    """The surface of one side, and log mean, se and concentration of its days."""
    surface = fit_surface(rows, own.time, own.log_flow, widths, flows)
    if not np.isfinite(surface.conc).any():
        raise ArgumentError(
            "no regression could be made: " + "; ".join(sorted(_reasons(surface.status, "en"))),
            argument="samples",
        )
    time, log_flow = own.time[days], own.log_flow[days]
    if mode == "direct":
        fits: LocalFits = fit_points(rows, time, log_flow, widths)
        return surface, np.stack([fits.log_mean, fits.se, fits.conc])
    three = (surface.log_mean, surface.se, surface.conc)
    return surface, np.stack([surface.at(values, log_flow, time) for values in three])


def _joined(surfaces: list[Surface], wall: pd.Timestamp | None) -> Surface:
    """One surface of both sides of the wall."""
    if wall is None:
        return surfaces[0]
    before, after = surfaces
    late = before.time >= decimal_year(pd.DatetimeIndex([wall]))[0]
    names = ("log_mean", "se", "conc", "status", "widened", "samples", "effective")
    both = (np.where(late, getattr(after, name), getattr(before, name)) for name in names)
    return Surface(before.log_flow, before.time, *both)


def _normalised(
    surface: Surface, own: Record, days: BoolArray, side: int | None, *, shifted: bool
) -> FloatArray:
    """Flow-normalised concentration and flux of some days."""
    index, bins = calendar_bins(own.day, shifted=shifted)
    if side is None:
        return np.stack(surface.normalised(own.log_flow[index], bins, own.time[days], own.day[days]))
    year = own.date.year.to_numpy() + (own.date.month.to_numpy() >= 10)
    first, last = year[0], year[-1]
    if not 0 <= 2 * side <= last - first:
        raise ArgumentError(
            f"{2 * side + 1} years of flow do not fit in the record",
            argument="flow_side",
            valid=f"0 to {(last - first) // 2}, or None",
        )
    made = np.full((2, own.flow.size), np.nan)
    for each in np.unique(year[days]):
        centre = np.clip(each, first + side, last - side)
        near = np.abs(year[index] - centre) <= side
        here = days & (year == each)
        made[:, here] = surface.normalised(
            own.log_flow[index[near]], bins[near], own.time[here], own.day[here]
        )
    return made[:, days]


def _reasons(status: npt.NDArray[np.int64], lang: str) -> set[str]:
    return {words.text(f"loads.{_WHY[s]}", lang) for s in np.unique(status[status != FITTED]).tolist()}


def _notes(own: Record, surface: Surface, conc: FloatArray, lang: str) -> list[str]:
    """What was done to the windows, and what could not be fitted."""
    notes = []
    share = own.n_censored / own.value.size
    if share >= _MUCH_CENSORED:
        notes.append(words.text("loads.much_censored", lang, share=f"{100 * share:.0f}"))
    widened = surface.widened > 0
    if widened.any():
        most = f"{1.1 ** surface.widened.max():.1f}"
        notes.append(
            words.text("loads.widened", lang, share=words.percent(100 * float(widened.mean())), most=most)
        )
    lost = ~np.isin(surface.status, (FITTED, NO_SPREAD))
    for chosen in (lost, surface.status == NO_SPREAD):
        if chosen.any():
            why = "; ".join(sorted(_reasons(surface.status[chosen], lang)))
            key = "loads.nodes_missing" if chosen is lost else "loads.flat"
            notes.append(words.text(key, lang, n=int(chosen.sum()), all=lost.size, why=why))
    empty = int((~np.isfinite(conc)).sum())
    if empty:
        notes.append(words.text("loads.days_missing", lang, n=empty))
    return notes
