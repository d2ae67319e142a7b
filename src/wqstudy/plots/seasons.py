"""Seasons: how high each calendar month lies, before and after."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from wqstudy import words
from wqstudy.plots.frame import concentration, grid, heading, legend
from wqstudy.plots.look import GREY, WINDOW, log_axis

_WIDTH = 0.36


def seasons(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
    columns: int = 2,
) -> Figure:
    """One parameter's values by calendar month as boxes, before beside after, a panel a unit.

    Parameters
    ----------
    table
        What `wqstudy.monthly_series` returns, for one parameter. Months outside both windows are left out,
        unless there are no windows at all.
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
        A box holds the middle half of the years, its line is the median, whiskers reach the extremes.

    Raises
    ------
    ValueError
        If the table holds more than one parameter.
    """
    by, (code,) = str(table.columns[0]), tuple(table["parameter"].unique())
    colours = WINDOW if (table["window"] != "").any() else {"": GREY}
    units = list(table[by].unique())
    with grid(len(units), columns, each=(4.6, 1.9), around=(0.0, 0.9)) as (figure, panels):
        for axes, unit in zip(panels, units, strict=True):
            for place, (window, colour) in enumerate(colours.items()):
                part = table[(table[by] == unit) & (table["window"] == window)]
                months = {
                    int(month): values for month, values in part.groupby(part["time"].dt.month)["value"]
                }
                if months:
                    shift = _WIDTH * (place - (len(colours) - 1) / 2)
                    axes.boxplot(
                        list(months.values()),
                        positions=[month + shift for month in months],
                        widths=0.9 * _WIDTH,
                        whis=(0, 100),
                        manage_ticks=False,
                        patch_artist=True,
                        boxprops={"facecolor": colour, "alpha": 0.6, "linewidth": 0.6},
                        medianprops={"color": "black", "linewidth": 1.2},
                        whiskerprops={"linewidth": 0.6},
                        capprops={"linewidth": 0},
                    )
            log_axis(axes)
            axes.tick_params(labelsize="small")
            axes.set_xlim(0.4, 12.6)
            axes.set_xticks(range(1, 13))
            axes.grid(visible=False, axis="x")
            axes.set_title((labels or {}).get(unit, unit), fontsize="medium", pad=3)
        figure.supylabel(concentration(code, lang), fontsize="medium")
        figure.supxlabel(words.text("plot.calendar_month", lang), fontsize="medium")
        handles = [
            Patch(facecolor=colour, alpha=0.6, label=words.text(f"plot.{window}", lang))
            for window, colour in colours.items()
            if window
        ]
        legend(figure, handles, heading(lang, simulated=simulated), fontsize=None)
    return figure
