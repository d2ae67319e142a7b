"""From samples to every day of a record: surfaces on either side of a wall, days, flow normalisation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads.likelihood import FITTED
from wqstudy.loads.records import Record, decimal_year, record_ends
from wqstudy.loads.regression import Calibration, Widths, fit_points
from wqstudy.loads.surface import Surface, calendar_bins, fit_surface
from wqstudy.loads.weather import Weather

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Mode = Literal["grid", "direct"]
_SIDES = (" before the wall", " after the wall")
WHY = {1: "singular", 2: "no_spread", 3: "unsettled", 4: "too_few"}
"""Word of the catalogue for each state of a node."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a record is turned into days.

    Parameters
    ----------
    widths
        Windows of the regressions.
    mode, flows
        ``"grid"`` or ``"direct"``, and how many flows the grid has.
    weather
        What flows a day is normalised over.
    wall
        Date that parts the samples, or None.
    egret
        Whether the reference's own ways are kept; see `wqstudy.loads.wrtds`.
    """

    widths: Widths
    mode: Mode = "grid"
    flows: int = 14
    weather: Weather = field(default_factory=Weather)
    wall: pd.Timestamp | None = None
    egret: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """What a fit says of every day. All but the surface of shape (days,).

    Parameters
    ----------
    surface
        Of both sides of the wall.
    log_mean, se, conc
        Mean of ln concentration, standard deviation around it, and mean concentration, mg/L.
    conc_fn, flux_fn
        Flow-normalised, mg/L and kg/d.
    """

    surface: Surface
    log_mean: FloatArray
    se: FloatArray
    conc: FloatArray
    conc_fn: FloatArray
    flux_fn: FloatArray


def fit_days(own: Record, setting: Setting, times: FloatArray | None = None) -> Days:
    """Every day of the record.

    Parameters
    ----------
    own
        The record.
    setting
        How.
    times
        How often each sample counts, for a bootstrap; None means once.

    Raises
    ------
    ArgumentError
        If there are too few samples, or no regression can be made.
    """
    day, normal = np.full((3, own.flow.size), np.nan), np.full((2, own.flow.size), np.nan)
    pieces = surfaces(own, setting, times)
    for surface, rows, days in pieces:
        if not np.isfinite(surface.conc).any():
            reasons = {
                words.text(f"loads.{WHY[s]}") for s in np.unique(surface.status).tolist() if s != FITTED
            }
            raise ArgumentError(
                "no regression could be made: " + "; ".join(sorted(reasons)), argument="samples"
            )
        time, log_flow = own.time[days], own.log_flow[days]
        if setting.mode == "direct":
            fits = fit_points(rows, time, log_flow, setting.widths)
            day[:, days] = fits.log_mean, fits.se, fits.conc
        else:
            three = (surface.log_mean, surface.se, surface.conc)
            day[:, days] = [surface.at(values, log_flow, time) for values in three]
        normal[:, days] = normalised(surface, own, days, setting)
    return Days(_joined([piece[0] for piece in pieces], setting.wall), *day, *normal)


def surfaces(
    own: Record, setting: Setting, times: FloatArray | None = None
) -> list[tuple[Surface, Calibration, BoolArray]]:
    """Surface, samples and days of each side of the wall, or of all."""
    parts, wall = sides(own, setting, times), setting.wall
    widths, every = setting.widths, np.ones(own.flow.size, bool)
    stitched = setting.egret and setting.mode == "grid"
    if wall is not None and stitched:
        widths = widths.within(min(int(rows.count.sum()) for rows in parts))
    for rows, where in zip(parts, ("",) if wall is None else _SIDES, strict=True):
        _enough(rows, widths, where)
    made = [fit_surface(rows, own.time, own.log_flow, widths, setting.flows) for rows in parts]
    if wall is None:
        return [(made[0], parts[0], every)]
    if stitched:
        return [(_stitched(made[0], made[1], wall), parts[0], every)]
    before = np.asarray(own.date < wall)
    return [(made[0], parts[0], before), (made[1], parts[1], ~before)]


def sides(own: Record, setting: Setting, times: FloatArray | None = None) -> list[Calibration]:
    """The samples that count, those before the wall apart from those from it on.

    The record of either side ends at the wall; in the reference, at the water years of its own samples.
    """
    rows, wall = own.calibration(), setting.wall
    date, count = own.sample_date, np.ones(own.value.size) if times is None else times
    if times is not None:
        low, high = record_ends(date[count > 0], own.sample_time[count > 0])
        rows = replace(rows, low=low, high=high, multiplicity=times)
    if wall is None:
        return [rows.keep(count > 0)]
    if not own.date[0] < wall <= own.date[-1]:
        raise ArgumentError(
            f"{wall:%Y-%m-%d} lies outside the daily record",
            argument="wall",
            valid=f"{own.date[0]:%Y-%m-%d} to {own.date[-1]:%Y-%m-%d}",
        )
    at = float(decimal_year(pd.DatetimeIndex([wall]))[0])
    made = []
    for part, low, high in ((date < wall, rows.low, at), (date >= wall, at, rows.high)):
        chosen = np.asarray(part) & (count > 0)
        ends = low, high
        if setting.egret and chosen.any():
            ends = record_ends(date[chosen], own.sample_time[chosen])
        made.append(replace(rows, low=ends[0], high=ends[1]).keep(chosen))
    return made


def _enough(rows: Calibration, widths: Widths, where: str) -> None:
    count = rows.count
    n, exact = int(count.sum()), int(count[rows.side == 0].sum())
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


def _joined(surfaces: list[Surface], wall: pd.Timestamp | None) -> Surface:
    """One surface of both sides of the wall."""
    if wall is None or len(surfaces) == 1:
        return surfaces[0]
    before, after = surfaces
    late = before.time >= decimal_year(pd.DatetimeIndex([wall]))[0]
    names = ("log_mean", "se", "conc", "status", "widened", "samples", "effective")
    both = (np.where(late, getattr(after, name), getattr(before, name)) for name in names)
    return Surface(before.log_flow, before.time, *both)


def _stitched(before: Surface, after: Surface, wall: pd.Timestamp) -> Surface:
    """One surface as the reference joins them: columns beside the wall are means of both sides."""
    time = before.time
    end = np.searchsorted(time, _midnight(wall), side="right")
    start = np.searchsorted(time, _midnight(wall - pd.Timedelta(days=1)), side="left") - 1
    column = np.arange(time.size)
    late, shared = column > end, (column >= start) & (column <= end)
    names = ("log_mean", "se", "conc", "status", "widened", "samples", "effective")
    parts = {name: np.where(late, getattr(after, name), getattr(before, name)) for name in names}
    for name in ("log_mean", "se"):
        parts[name][:, shared] = (getattr(before, name) + getattr(after, name))[:, shared] / 2
    mean, se = parts["log_mean"][:, shared], parts["se"][:, shared]
    parts["conc"][:, shared] = np.exp(mean + se**2 / 2)
    return replace(before, **parts)


def _midnight(date: pd.Timestamp) -> float:
    return date.year + (date.day_of_year - 1) / (366 if date.is_leap_year else 365)


def normalised(surface: Surface, own: Record, days: BoolArray, setting: Setting) -> FloatArray:
    """Flow-normalised concentration and flux of some days. Shape (2, days chosen)."""
    made = np.full((2, own.flow.size), np.nan)
    for window, flows in setting.weather.windows(own.date):
        here, chosen = days & window, np.flatnonzero(flows)
        index, bins = calendar_bins(own.day[chosen], shifted=setting.egret)
        log_flow = own.log_flow[chosen[index]]
        made[:, here] = surface.normalised(log_flow, bins, own.time[here], own.day[here])
    return made[:, days]
