"""The monthly series behind a comparison or a trend: windows, levels, trend, non-detects."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator, YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from wqstudy import words
from wqstudy.plots.frame import concentration, grid, heading, legend
from wqstudy.plots.look import BAND, LINE, NON_DETECT, WINDOW, log_axis

_MOSTLY = 0.5  # share of non-detects from which on a month is drawn as one


def series(
    table: pd.DataFrame,
    *,
    trends: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
    columns: int = 3,
) -> Figure:
    """One parameter's monthly series, a panel a unit, with the level of each window or the trend.

    Windows are shaded. A hollow triangle is a month in which half the samples or more are non-detects: where
    it stands rests on draws below their limits.

    Parameters
    ----------
    table
        What `wqstudy.monthly_series` returns, for one parameter.
    trends
        What `wqstudy.trend` returns for the same units: its line and, as a fan through the middle of the
        series, its interval are drawn in the place of the windows.
    labels
        How units are written.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.
    columns
        Panels side by side.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If the table holds more than one parameter.
    """
    by, (code,) = str(table.columns[0]), tuple(table["parameter"].unique())
    units = list(table[by].unique())
    slopes = None if trends is None else trends[trends["parameter"] == code].set_index(by)
    with grid(len(units), columns, each=(3.3, 1.75), around=(0.0, 0.9)) as (figure, panels):
        for axes, unit in zip(panels, units, strict=True):
            rows = table.loc[table[by] == unit]
            axes.plot(rows["time"], rows["value"], color="0.6", linewidth=0.9)
            if slopes is None:
                _windows(axes, rows)
            else:
                _points(axes, rows, "0.45")
                if unit in slopes.index:
                    _trend(axes, rows, slopes.loc[unit])
            log_axis(axes)
            axes.tick_params(labelsize="small")
            _calendar(axes, table["time"])
            axes.set_title((labels or {}).get(unit, unit), fontsize="medium", pad=3)
        figure.supylabel(concentration(code, lang), fontsize="medium")
        handles = _handles(lang, None if slopes is None else float(slopes["level"].iloc[0]))
        if _limits(table).any():
            handles.append(
                Line2D(
                    [], [], color="0.3", markersize=4, label=words.text("plot.nondetects", lang), **NON_DETECT
                )
            )
        below = 1 if min(columns, len(units)) == 1 else None
        legend(figure, handles, heading(lang, simulated=simulated), columns=below, fontsize=None)
    return figure


def _limits(rows: pd.DataFrame) -> pd.Series:
    """Months that rest on non-detects for the most part."""
    share = rows["censored_share"] if "censored_share" in rows else pd.Series(0.0, index=rows.index)
    return share >= _MOSTLY


def _windows(axes: Axes, rows: pd.DataFrame) -> None:
    for window, colour in WINDOW.items():
        part = rows.loc[rows["window"] == window]
        if len(part):
            first, last = part["time"].min(), part["time"].max()
            axes.axvspan(first, last, color=colour, alpha=0.1, linewidth=0)
            _points(axes, part, colour)
            axes.hlines(part["level"].iloc[0], first, last, color=colour, linewidth=2)


def _points(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    hidden = _limits(rows)
    axes.plot(rows["time"][~hidden], rows["value"][~hidden], ".", color=colour, markersize=3.5)
    if hidden.any():
        axes.plot(rows["time"][hidden], rows["value"][hidden], color=colour, markersize=3.5, **NON_DETECT)


def _trend(axes: Axes, rows: pd.DataFrame, slope: pd.Series) -> None:
    """The line through the middle of the series, and the lines of the ends of its interval."""
    year = (rows["time"] - rows["time"].iloc[0]).dt.days.to_numpy() / 365.25
    logs = np.log(rows["value"].to_numpy())
    away, middle = year - year.mean(), logs.mean()
    line, low, high = (
        np.exp(middle + away * np.log1p(slope[name] / 100)) for name in ("percent_per_year", "low", "high")
    )
    axes.fill_between(rows["time"], low, high, color=BAND, alpha=0.7, linewidth=0)
    axes.plot(rows["time"], line, color=LINE, linewidth=2)


def _handles(lang: str, level: float | None) -> list[Artist]:
    if level is None:
        return [
            Line2D([], [], color=colour, linewidth=2, label=words.text(f"plot.{window}", lang))
            for window, colour in WINDOW.items()
        ]
    return [
        Line2D([], [], color=LINE, linewidth=2, label=words.text("plot.trend", lang)),
        Patch(color=BAND, alpha=0.7, label=words.text("plot.interval", lang, level=f"{100 * level:g}")),
    ]


def _calendar(axes: Axes, times: pd.Series) -> None:
    """Years on the time axis, at most seven; half-years where there are hardly two of them."""
    years = (times.max() - times.min()).days / 365.25
    if years > 2:
        axes.xaxis.set_major_locator(YearLocator(math.ceil(years / 6)))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    else:
        axes.xaxis.set_major_locator(MonthLocator((1, 7)))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y-%m"))  # type: ignore[no-untyped-call]
