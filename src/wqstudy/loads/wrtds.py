"""Weighted regressions on time, discharge and season (WRTDS): daily, yearly and flow-normalised loads."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads.days import WHY, Days, Mode, Setting, fit_days
from wqstudy.loads.fitted import Wrtds
from wqstudy.loads.likelihood import FITTED, NO_SPREAD
from wqstudy.loads.records import Record, record
from wqstudy.loads.regression import Widths
from wqstudy.loads.weather import Weather

FloatArray = npt.NDArray[np.float64]

_GRID_FLOWS = 14
_FINE_FLOWS = 53  # three nodes more between any two
_MUCH_CENSORED = 0.5


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
    flow_break: Any = None,
    flow_month: int = 10,
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
        None normalises over all days of the record. Else over the year and so many years on each side,
        moved inside the record at its ends, which lets the flow change.
    flow_break
        First day of another regime of flow, such as that of a dam: days before it are normalised over the
        flows before it, and days from it on over those from it.
    flow_month
        First month of the years that `flow_side` counts.
    wall
        A date at which the river changed: days before it rest on samples before it only, and days from it
        on those from it.
    compat
        ``"egret"`` keeps what is the reference's own. Without a 29 February among the flows, days from
        1 March are normalised over the flows of the next day. At a wall, columns of the surface beside it
        are means of both sides, windows widen towards the ends of the water years of the samples instead of
        the wall, and hold no more than three quarters of the poorer side. See also `Wrtds.groups` and
        `Wrtds.resamples`.
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
    if flow_month not in range(1, 13):
        raise ArgumentError(f"{flow_month!r} is no month", argument="flow_month", valid="1 to 12")
    widths = _widths(window_year, window_flow, window_season, min_samples, min_uncensored, edge_adjust)
    own = record(samples, flow, station, parameter, lang)
    setting = Setting(
        widths,
        mode,
        flows or (_GRID_FLOWS if mode == "grid" else _FINE_FLOWS),
        Weather(flow_side, None if flow_break is None else pd.Timestamp(flow_break), flow_month),
        None if wall is None else pd.Timestamp(wall),
        compat == "egret",
    )
    days = fit_days(own, setting)
    return Wrtds(own, setting, compat, days, (*own.notes, *_notes(own, days, lang)))


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
