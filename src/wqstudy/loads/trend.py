"""Two years, or two groups of years, of one river without the weather: how much of the change is whose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.loads.days import Setting, sides
from wqstudy.loads.records import Record
from wqstudy.loads.regression import Calibration, Widths, fit_grid
from wqstudy.loads.resample import ends_of
from wqstudy.loads.surface import Surface, calendar_bins, grid_times
from wqstudy.loads.units import DAYS_PER_YEAR
from wqstudy.loads.weather import Weather

FloatArray = npt.NDArray[np.float64]

_PARTS = ("change", "from_quality", "from_flow", "first", "last")


@dataclass(frozen=True, slots=True)
class Year:
    """One year, or one season of it.

    Parameters
    ----------
    days
        Its days in the record.
    time
        Times of the surface from just before to just after it.
    flows
        Daily flows that it is normalised over, where the flow may change.
    """

    days: npt.NDArray[np.bool_]
    time: FloatArray
    flows: npt.NDArray[np.bool_]


def pair_values(
    own: Record, setting: Setting, years: tuple[Year, Year], times: FloatArray | None = None
) -> FloatArray:
    """Concentration (mg/L) and load (kg/d) of two years, each over all flows and over its own.

    Returns
    -------
    ndarray
        Shape (2 quantities, 2 years, 2): the last axis is over all flows, then over the year's own.
    """
    parts, made = sides(own, setting, times), np.empty((2, 2, 2))
    widths = setting.widths.within(_fewest(own, setting))
    for place, (year, part) in enumerate(zip(years, (parts[0], parts[-1]), strict=True)):
        surface = _surface(part, own, widths, setting.flows, year.time)
        every = np.ones(own.flow.size, bool)
        for kind, flows in enumerate((every, year.flows)):
            made[:, place, kind] = _mean(surface, own, year.days, flows, shifted=setting.egret)
    return made


def pair_parts(values: FloatArray) -> FloatArray:
    """Change, its parts, and both years. Shape (2 quantities, 5); loads in 10^6 kg a year."""
    scaled = values * np.array([1.0, DAYS_PER_YEAR / 1e6])[:, None, None]
    over_all, own = scaled[..., 0], scaled[..., 1]
    change = own[:, 1] - own[:, 0]
    quality = over_all[:, 1] - over_all[:, 0]
    return np.stack([change, quality, change - quality, own[:, 0], own[:, 1]], axis=1)


def year_of(own: Record, year: int, months: int, weather: Weather, part: int = 0) -> Year:
    """A year of the record by the calendar year in which it ends.

    Parameters
    ----------
    year, months
        The year, and how many months it has.
    weather
        First month of years, and what flows they are normalised over.
    part
        0 for flows before the cut of the weather, -1 for those from it.

    Raises
    ------
    ArgumentError
        If the record does not hold it, or not so many years of flow around it.
    """
    first = pd.Timestamp(year - (weather.start_month + months > 13), weather.start_month, 1)
    last = first + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    if not (own.date[0] <= first and last <= own.date[-1]):
        raise ArgumentError(
            f"the record does not hold all of {first:%Y-%m-%d} to {last:%Y-%m-%d}",
            argument="year",
            valid=f"years within {own.date[0]:%Y-%m-%d} to {own.date[-1]:%Y-%m-%d}",
        )
    inside = np.asarray((own.date >= first) & (own.date <= last))
    time, grid = own.time[inside], grid_times(own.time)
    low = max(int(np.searchsorted(grid, time[0], side="right")) - 1, 0)
    high = int(np.searchsorted(grid, time[-1], side="left"))
    return Year(inside, grid[low : high + 1], weather.around(own.date, first, last, part))


def _fewest(own: Record, setting: Setting) -> int:
    """Samples on the poorer side of the wall."""
    return min(rows.time.size for rows in sides(own, setting))


def _surface(rows: Calibration, own: Record, widths: Widths, flows: int, time: FloatArray) -> Surface:
    low, high = np.log(own.flow.min()) - 0.05, np.log(own.flow.max()) + 0.05
    log_flow = np.linspace(low, high, flows)
    return Surface.of(log_flow, time, fit_grid(rows, time, log_flow, widths))


def _mean(
    surface: Surface,
    own: Record,
    days: npt.NDArray[np.bool_],
    flows: npt.NDArray[np.bool_],
    *,
    shifted: bool,
) -> FloatArray:
    """Means over the days of normalised concentration and load."""
    chosen = np.flatnonzero(flows)
    index, bins = calendar_bins(own.day[chosen], shifted=shifted)
    both = surface.normalised(own.log_flow[chosen[index]], bins, own.time[days], own.day[days])
    return np.array([both[0].mean(), both[1].mean()])


def group_parts(
    over_all: pd.DataFrame, own: pd.DataFrame, first: tuple[int, int], last: tuple[int, int], column: str
) -> FloatArray:
    """Change of the mean of the years of two groups, its parts, and both means.

    Parameters
    ----------
    over_all, own
        Yearly values normalised over all flows, and over those of each year.
    first, last
        First and last year of each group, held against a column of both tables.
    """
    made = np.empty((2, 2, 2))
    for place, (argument, (start, end)) in enumerate((("first", first), ("last", last))):
        inside = own[column].between(start, end)
        if not inside.any():
            raise ArgumentError(f"no year lies in {start} to {end}", argument=argument)
        for kind, annual in enumerate((over_all, own)):
            made[:, place, kind] = annual.loc[inside, ["conc_fn", "flux_fn"]].mean().to_numpy()
    return pair_parts(made)


def parts_table(parts: FloatArray, draws: FloatArray | None, level: float) -> pd.DataFrame:
    """One row for concentration and one for load.

    Parameters
    ----------
    parts
        Shape (2, 5), as `pair_parts` gives them.
    draws
        The same of each replicate, shape (replicates, 2, 5), turned about the estimate; or None.
    level
        Of the interval of the change.
    """
    table = pd.DataFrame(parts, columns=list(_PARTS))
    table.insert(0, "quantity", ["conc", "flux"])
    table["change_percent"] = 100 * table["change"] / table["first"]
    if draws is None:
        return table
    change = draws[:, :, 0]
    low, high = ends_of(change, level)
    up = ((change > 0).sum(axis=0) + 0.5) / (len(change) + 1)
    return table.assign(
        change_low=low,
        change_high=high,
        level=level,
        p_value=np.minimum(1.0, 2 * np.minimum(up, 1 - up)),
        likelihood_up=up,
        upward=[likelihood_word(share) for share in up],
        downward=[likelihood_word(1 - share) for share in up],
    )


def likelihood_word(share: float) -> str:
    """Key of the words for how likely a trend in one direction is, such as ``"very_likely"``.

    Examples
    --------
    >>> likelihood_word(0.97), likelihood_word(0.5)
    ('highly_likely', 'as_likely_as_not')
    """
    rule = rules.load("loads")["likelihood"]
    return str(rule["names"][int(np.searchsorted(rule["bounds"], share, side="right"))])


def replicated(
    estimate: FloatArray, draw: Callable[[FloatArray], FloatArray], resamples: list[FloatArray]
) -> FloatArray:
    """Values of each resample turned about the estimate: 2 estimate - replicate."""
    return np.stack([2 * estimate - draw(times) for times in resamples])
