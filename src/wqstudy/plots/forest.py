"""Forest plot: every unit's change with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.plots.frame import heading, legend, name_rows, panels, say_mute
from wqstudy.plots.look import TRUTH, VERDICT
from wqstudy.plots.ratios import apart, inside, logs, set_ticks

_TICKS = np.array([-99, -95, -90, -80, -60, -40, -20, -10, -5, 0, 5, 10, 25, 50, 100, 200, 400, 900, 2900])
_INCHES = 2.8  # that a panel's axis is long


def forest(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    truth: pd.DataFrame | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Change of each unit with its interval, one panel a parameter.

    The axis is one of ratios: a halving and a doubling lie equally far from no change.

    Parameters
    ----------
    table
        What `wqstudy.compare` returns.
    labels
        How units are written, such as ``study.labels("district", "en")``.
    truth
        A simulated study's truth, drawn as open diamonds.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
    """
    by = str(table.columns[0])
    codes = list(table["parameter"].unique())
    units = list(table[by].unique())
    names = [(labels or {}).get(unit, unit) for unit in units]
    size = (1.6 + 3.1 * len(codes), 1.5 + 0.34 * len(units))
    with panels(size, columns=len(codes), sharey=True) as (figure, row):
        for axes, code in zip(row, codes, strict=True):
            rows = table.loc[table["parameter"] == code].set_index(by).reindex(units)
            if truth is not None:
                known = truth.loc[truth["parameter"] == code].set_index(by)["change_percent"]
                rows["truth"] = known.reindex(units)
            reach = _panel(axes, rows, lang)
            axes.set_title(words.parameter_name(code, lang), fontsize="medium")
            axes.set_xlim(reach)
            set_ticks(axes.xaxis, _ticks(*reach))
        name_rows(row[0], names)
        level = f"{100 * table['level'].iloc[0]:g}"
        figure.supxlabel(words.text("plot.change", lang, level=level), fontsize="medium")
        handles = [
            Line2D([], [], color=colour, marker="o", linewidth=2.2, label=words.text(f"verdict.{name}", lang))
            for name, colour in VERDICT.items()
        ]
        if truth is not None:
            handles.append(Line2D([], [], label=words.text("plot.truth", lang), **TRUTH))
        legend(figure, handles, heading(lang, simulated=simulated))
    return figure


def _ticks(low: float, high: float) -> np.ndarray:
    """Ticks inside the axis, no closer than a third of an inch, no change always among them."""
    wanted = sorted(
        inside(_TICKS, low, high).tolist(), key=lambda t: (-abs(np.log1p(t / 100)) // 0.25, abs(t))
    )
    return apart(wanted, 0.36 * (high - low) / _INCHES)


def _panel(axes: Axes, rows: pd.DataFrame, lang: str) -> tuple[float, float]:
    """Draw one parameter's units from the top down; the ends that the axis needs, in logs."""
    axes.axvline(0, color="0.3", linewidth=1)
    place = np.arange(len(rows))
    verdicts = np.array([words.verdict(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)])
    for verdict, colour in VERDICT.items():
        at = verdicts == verdict
        value, low, high = (logs(rows.loc[at, c].to_numpy()) for c in ("change_percent", "low", "high"))
        axes.hlines(place[at], low, high, color=colour, linewidth=2.2)
        axes.plot(value, place[at], "o", color=colour, markersize=6)
    shown = rows[["low", "high"]]
    if "truth" in rows:
        truth = logs(rows["truth"].to_numpy())
        axes.plot(truth, place - 0.24, markersize=5, **TRUTH)
        shown = rows[["low", "high", "truth"]]
    for mute in place[verdicts == "none"]:
        say_mute(axes, 0, mute, lang, away=6)
    axes.grid(visible=False, axis="y")
    ends = logs(shown.to_numpy(dtype=float))
    ends = ends[np.isfinite(ends)]
    # No further than a hundredth or a thirtyfold: an interval beyond that says "cannot tell" anyhow.
    low, high = max(ends.min(initial=0.0), np.log(0.01)), min(ends.max(initial=0.0), np.log(30.0))
    margin = 0.06 * (high - low) + 0.01
    return float(low - margin), float(high + margin)
