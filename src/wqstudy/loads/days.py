"""From samples to every day of a record: surfaces on either side of a wall, days, flow normalisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads.likelihood import FITTED
from wqstudy.loads.records import Record, decimal_year
from wqstudy.loads.regression import Calibration, Widths, fit_points
from wqstudy.loads.surface import Surface, calendar_bins, fit_surface

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Mode = Literal["grid", "direct"]
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
    flow_side
        Years of flow on each side of a water year that it is normalised over; None means all.
    wall
        Date that parts the samples, or None.
    shifted
        See `wqstudy.loads.surface.calendar_bins`.
    """

    widths: Widths
    mode: Mode = "grid"
    flows: int = 14
    flow_side: int | None = None
    wall: pd.Timestamp | None = None
    shifted: bool = False


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
    surfaces = []
    for rows, days in sides(own, setting, times):
        surface = fit_surface(rows, own.time, own.log_flow, setting.widths, setting.flows)
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
        normal[:, days] = normalised(surface, own, days, setting.flow_side, shifted=setting.shifted)
        surfaces.append(surface)
    return Days(_joined(surfaces, setting.wall), *day, *normal)


def calibration(own: Record, times: FloatArray | None = None) -> Calibration:
    """The samples that count, and the ends of the record that they set."""
    if times is None:
        return own.calibration()
    drawn = np.flatnonzero(times > 0)
    first, last = own.sample_date[drawn[0]], own.sample_date[drawn[-1]]
    low = float(np.floor(own.sample_time[drawn[0]])) - 0.25 + (first.month >= 10)
    high = float(np.floor(own.sample_time[drawn[-1]])) + 0.75 + (last.month >= 10)
    return replace(own.calibration(low, high), multiplicity=times).keep(times > 0)


def sides(
    own: Record, setting: Setting, times: FloatArray | None = None
) -> list[tuple[Calibration, BoolArray]]:
    """The samples and days of each side of the wall, or all of them."""
    wall, rows = setting.wall, calibration(own, times)
    if wall is None:
        _enough(rows, setting.widths, "")
        return [(rows, np.ones(own.flow.size, bool))]
    if not own.date[0] < wall <= own.date[-1]:
        raise ArgumentError(
            f"{wall:%Y-%m-%d} lies outside the daily record",
            argument="wall",
            valid=f"{own.date[0]:%Y-%m-%d} to {own.date[-1]:%Y-%m-%d}",
        )
    at = float(decimal_year(pd.DatetimeIndex([wall]))[0])
    early = np.asarray(own.sample_date < wall)
    early = early if times is None else early[times > 0]
    before, after = replace(rows, high=at).keep(early), replace(rows, low=at).keep(~early)
    _enough(before, setting.widths, " before the wall")
    _enough(after, setting.widths, " after the wall")
    return [(before, np.asarray(own.date < wall)), (after, np.asarray(own.date >= wall))]


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
    if wall is None:
        return surfaces[0]
    before, after = surfaces
    late = before.time >= decimal_year(pd.DatetimeIndex([wall]))[0]
    names = ("log_mean", "se", "conc", "status", "widened", "samples", "effective")
    both = (np.where(late, getattr(after, name), getattr(before, name)) for name in names)
    return Surface(before.log_flow, before.time, *both)


def normalised(
    surface: Surface, own: Record, days: BoolArray, side: int | None, *, shifted: bool
) -> FloatArray:
    """Flow-normalised concentration and flux of some days. Shape (2, days chosen)."""
    index, bins = calendar_bins(own.day, shifted=shifted)
    if side is None:
        both = surface.normalised(own.log_flow[index], bins, own.time[days], own.day[days])
        return np.stack(both)
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
        flows = own.log_flow[index[near]]
        made[:, here] = surface.normalised(flows, bins[near], own.time[here], own.day[here])
    return made[:, days]
