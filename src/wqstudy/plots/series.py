"""The monthly series behind a comparison, its windows and its levels."""

from __future__ import annotations

import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator, YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from wqstudy import parameters, words
from wqstudy.plots.fonts import style

_COLOUR = dict(zip(("before", "after"), (sns.color_palette("colorblind")[i] for i in (1, 0)), strict=True))


def series(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
    columns: int = 3,
) -> Figure:
    """One parameter's monthly series, a panel a unit, with the level of each window.

    Parameters
    ----------
    table
        What `wqstudy.series.monthly_series` returns, for one parameter.
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
    columns = min(columns, len(units))
    lines = -(-len(units) // columns)
    with style():
        figure, panels = plt.subplots(
            lines,
            columns,
            figsize=(3.3 * columns, 0.9 + 1.75 * lines),
            sharex=True,
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes, unit in zip(panels.flat, units, strict=False):
            _panel(axes, table.loc[table[by] == unit])
            _calendar(axes, table["time"])
            axes.set_title((labels or {}).get(unit, unit), fontsize="medium", pad=3)
        for axes in panels.flat[len(units) :]:
            axes.set_visible(False)
        known = parameters.parameter(code)
        figure.supylabel(
            words.text("plot.concentration", lang, parameter=known.label(lang), unit=known.unit),
            fontsize="medium",
        )
        handles = [
            Line2D([], [], color=colour, linewidth=2, label=words.text(f"plot.{window}", lang))
            for window, colour in _COLOUR.items()
        ]
        title = words.text("plot.simulated", lang) if simulated else None
        figure.legend(handles=handles, loc="outside upper center", ncols=2, frameon=False, title=title)
    plt.close(figure)  # a notebook shows what is returned; left open it would show it twice
    return figure


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    axes.plot(rows["time"], rows["value"], color="0.6", linewidth=0.9)
    for window, colour in _COLOUR.items():
        part = rows.loc[rows["window"] == window]
        if len(part):
            axes.plot(part["time"], part["value"], ".", color=colour, markersize=3.5)
            axes.hlines(
                part["level"].iloc[0], part["time"].min(), part["time"].max(), color=colour, linewidth=2
            )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter("")
    axes.tick_params(labelsize="small")


def _calendar(axes: Axes, times: pd.Series) -> None:
    """Years on the time axis, at most seven; half-years where there are hardly two of them."""
    years = (times.max() - times.min()).days / 365.25
    if years > 2:
        axes.xaxis.set_major_locator(YearLocator(math.ceil(years / 6)))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    else:
        axes.xaxis.set_major_locator(MonthLocator((1, 7)))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%Y-%m"))  # type: ignore[no-untyped-call]
