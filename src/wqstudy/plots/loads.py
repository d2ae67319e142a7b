"""Pictures of loads: the surface of concentration, the trend without the weather, the spread of methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from wqstudy import words
from wqstudy.plots.frame import concentration, panels
from wqstudy.plots.look import BAND, LINE, log_axis


def load_surface(surface: pd.DataFrame, code: str, *, lang: str = "en") -> Figure:
    """Concentration over time and flow, darker where it is higher.

    Parameters
    ----------
    surface
        `wqstudy.loads.Surface.to_frame`: ``time, flow, conc``.
    code
        Parameter, for the words.
    lang
        ``en`` or ``zh``.
    """
    wide = surface.pivot(index="flow", columns="time", values="conc")
    least, most = (float(np.nanquantile(wide, share)) for share in (0.01, 0.99))
    levels = np.geomspace(least, most, 12)
    with panels((7.2, 3.4)) as (figure, (axes,)):
        drawn = axes.contourf(
            wide.columns,
            wide.index,
            wide,
            levels=levels,
            cmap="viridis_r",
            norm=LogNorm(levels[0], levels[-1]),
            extend="both",
        )
        axes.set_yscale("log")
        axes.set_ylabel(words.text("plot.flow", lang))
        bar = figure.colorbar(drawn, ticks=levels[::3], format=FuncFormatter(lambda v, _: f"{v:.2g}"))
        bar.set_label(concentration(code, lang))
    return figure


def load_trend(annual: pd.DataFrame, value: str = "load_fn", *, lang: str = "en") -> Figure:
    """Flow-normalised years with their band.

    Parameters
    ----------
    annual
        `wqstudy.loads.Bootstrap.annual`.
    value
        ``load_fn`` or ``conc_fn``.
    lang
        ``en`` or ``zh``.
    """
    year = annual["period"].astype(int)
    with panels((6.4, 3.2)) as (figure, (axes,)):
        axes.fill_between(year, annual[f"{value}_low"], annual[f"{value}_high"], color=BAND, linewidth=0)
        axes.plot(year, annual[value], color=LINE, linewidth=2)
        axes.set_ylabel(words.heading(value, lang))
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def load_methods(table: pd.DataFrame, *, lang: str = "en") -> Figure:
    """The load of one period by every method, with the intervals of those that have one.

    Parameters
    ----------
    table
        `wqstudy.loads.load_table` of one period; methods without a load are written as that.
    lang
        ``en`` or ``zh``.
    """
    with panels((6.4, 0.8 + 0.28 * len(table))) as (figure, (axes,)):
        place = np.arange(len(table))[::-1]
        axes.hlines(place, table["load_low"], table["load_high"], color=BAND, linewidth=5)
        axes.plot(table["load"], place, "o", color=LINE, markersize=5)
        axes.set_yticks(place, table["method"])
        left = float(np.nanmin(table[["load", "load_low"]]))
        for height, load in zip(place, table["load"], strict=True):
            if not np.isfinite(load):
                axes.text(left, height, words.text("plot.mute", lang), va="center", fontsize="small")
        log_axis(axes, "x")
        axes.set_xlabel(words.heading("load", lang))
    return figure
