"""Before and after as concentrations: two dots a unit, the second with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from wqstudy import parameters, words
from wqstudy.plots.fonts import style
from wqstudy.plots.look import VERDICT, WINDOW, heading

_DECADE = 8  # so many times the least value, and fewer numbers on the axis will do
_REACH = (0.01, 30.0)  # an interval beyond a hundredth or a thirtyfold says "cannot tell" anyhow


def before_after(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Where each unit stood before, and where the estimated change puts it, with its interval.

    A panel a parameter. The first dot is the median of the samples before. The second is that, changed by the
    estimate: the median after is not drawn, since stations may have come and gone.

    Parameters
    ----------
    table
        What `wqstudy.compare` returns.
    labels
        How units are written.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
        Lines between the dots are grey where the interval holds no change.
    """
    by = str(table.columns[0])
    codes = list(table["parameter"].unique())
    units = list(table[by].unique())
    with style():
        figure, panels = plt.subplots(
            1,
            len(codes),
            figsize=(1.6 + 3.1 * len(codes), 1.6 + 0.36 * len(units)),
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes, code in zip(panels[0], codes, strict=True):
            _panel(axes, table.loc[table["parameter"] == code].set_index(by).reindex(units), lang)
            known = parameters.parameter(code)
            named = words.text("plot.concentration", lang, parameter=known.label(lang), unit=known.unit)
            axes.set_xlabel(named)
        panels[0, 0].set_yticks(range(len(units)), [(labels or {}).get(unit, unit) for unit in units])
        panels[0, 0].set_ylim(len(units) - 0.4, -0.6)
        level = f"{100 * table['level'].iloc[0]:g}"
        said = {"before": words.text("plot.median_before", lang)}
        said["after"] = words.text("plot.after_change", lang, level=level)
        figure.legend(
            handles=[
                Line2D([], [], color=colour, marker="o", linestyle="", label=said[window])
                for window, colour in WINDOW.items()
            ],
            loc="outside upper center",
            ncols=2,
            frameon=False,
            title=heading(lang, simulated=simulated),
            fontsize="small",
        )
    plt.close(figure)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    place = np.arange(len(rows))
    before = rows["median_before"].to_numpy(float)
    value, low, high = (
        before * np.clip(1 + rows[name].to_numpy(float) / 100, *_REACH)
        for name in ("change_percent", "low", "high")
    )
    axes.set_xscale("log")
    verdicts = np.array([words.verdict(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)])
    for verdict, colour in VERDICT.items():
        at = verdicts == verdict
        axes.hlines(place[at], before[at], value[at], color=colour, linewidth=1.2)
    axes.hlines(place, low, high, color=WINDOW["after"], linewidth=5, alpha=0.3)
    axes.plot(value, place, "o", color=WINDOW["after"], markersize=6)
    axes.plot(before, place, "o", color=WINDOW["before"], markersize=6)
    for mute in place[~np.isfinite(value)].tolist():
        at = (
            before[mute]
            if np.isfinite(before[mute])
            else np.nanmedian(before)
            if np.isfinite(before).any()
            else 1
        )
        axes.annotate(
            words.text("plot.mute", lang),
            (at, mute),
            (8, 0),
            textcoords="offset points",
            color="0.5",
            va="center",
            fontsize="small",
        )
    ends = np.concatenate([before, low, high])
    wide = np.nanmax(ends, initial=1e-9) > _DECADE * np.nanmin(ends, initial=1e9)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if wide else (1, 2, 3, 4, 5, 7)))
    axes.xaxis.set_major_formatter(lambda number, _: f"{number:g}")
    axes.xaxis.set_minor_formatter("")
    axes.tick_params(labelsize="small")
    axes.grid(visible=False, axis="y")
