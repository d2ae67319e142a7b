"""Before and after as concentrations: two dots a unit, the second with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.plots.frame import concentration, heading, legend, name_rows, panels, say_mute
from wqstudy.plots.look import VERDICT, WINDOW, log_axis

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
    size = (1.6 + 3.1 * len(codes), 1.6 + 0.36 * len(units))
    with panels(size, columns=len(codes), sharey=True) as (figure, row):
        for axes, code in zip(row, codes, strict=True):
            _panel(axes, table.loc[table["parameter"] == code].set_index(by).reindex(units), lang)
            axes.set_xlabel(concentration(code, lang))
        name_rows(row[0], [(labels or {}).get(unit, unit) for unit in units])
        level = f"{100 * table['level'].iloc[0]:g}"
        said = {"before": words.text("plot.median_before", lang)}
        said["after"] = words.text("plot.after_change", lang, level=level)
        handles = [
            Line2D([], [], color=colour, marker="o", linestyle="", label=said[window])
            for window, colour in WINDOW.items()
        ]
        legend(figure, handles, heading(lang, simulated=simulated))
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    place = np.arange(len(rows))
    before = rows["median_before"].to_numpy(float)
    value, low, high = (
        before * np.clip(1 + rows[name].to_numpy(float) / 100, *_REACH)
        for name in ("change_percent", "low", "high")
    )
    ends = np.concatenate([before, low, high])
    wide = np.nanmax(ends, initial=1e-9) > _DECADE * np.nanmin(ends, initial=1e9)
    log_axis(axes, "x", (1, 2, 5) if wide else (1, 2, 3, 4, 5, 7))
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
        say_mute(axes, at, mute, lang, away=8)
    axes.tick_params(labelsize="small")
    axes.grid(visible=False, axis="y")
