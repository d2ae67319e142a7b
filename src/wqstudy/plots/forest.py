"""Forest plot: every unit's change with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.plots.fonts import style
from wqstudy.plots.look import VERDICT, heading

_TICKS = np.array([-99, -95, -90, -80, -60, -40, -20, -10, -5, 0, 5, 10, 25, 50, 100, 200, 400, 900, 2900])


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
    with style():
        figure, panels = plt.subplots(
            1,
            len(codes),
            figsize=(1.6 + 3.1 * len(codes), 1.5 + 0.34 * len(units)),
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes, code in zip(panels[0], codes, strict=True):
            rows = table.loc[table["parameter"] == code].set_index(by).reindex(units)
            if truth is not None:
                known = truth.loc[truth["parameter"] == code].set_index(by)["change_percent"]
                rows["truth"] = known.reindex(units)
            reach = _panel(axes, rows, lang)
            axes.set_title(words.parameter_name(code, lang), fontsize="medium")
            axes.set_xlim(reach)
            inside = _thinned(reach, inches=2.8)
            axes.set_xticks(
                np.log1p(inside / 100), [words.percent(t, signed=True).split(".")[0] for t in inside]
            )
        panels[0, 0].set_yticks(range(len(units)), names)
        panels[0, 0].set_ylim(len(units) - 0.4, -0.6)
        level = f"{100 * table['level'].iloc[0]:g}"
        figure.supxlabel(words.text("plot.change", lang, level=level), fontsize="medium")
        _legend(figure, lang, with_truth=truth is not None, simulated=simulated)
    plt.close(figure)  # a notebook shows what is returned; left open it would show it twice
    return figure


def _thinned(reach: tuple[float, float], inches: float) -> np.ndarray:
    """Ticks inside the axis, no closer than a third of an inch, no change always among them."""
    inside = _TICKS[(np.log1p(_TICKS / 100) >= reach[0]) & (np.log1p(_TICKS / 100) <= reach[1])]
    space = 0.36 * (reach[1] - reach[0]) / max(inches, 1.0)
    kept = [0]
    for tick in sorted(inside, key=lambda t: (-abs(np.log1p(t / 100)) // 0.25, abs(t))):
        if all(abs(np.log1p(tick / 100) - np.log1p(other / 100)) >= space for other in kept):
            kept.append(int(tick))
    return np.array(sorted(kept))


def _panel(axes: Axes, rows: pd.DataFrame, lang: str) -> tuple[float, float]:
    """Draw one parameter's units from the top down; the ends that the axis needs, in logs."""
    axes.axvline(0, color="0.3", linewidth=1)
    place = np.arange(len(rows))
    verdicts = np.array([words.verdict(a, b) for a, b in zip(rows["low"], rows["high"], strict=True)])
    for verdict, colour in VERDICT.items():
        at = verdicts == verdict
        value, low, high = (_logs(rows.loc[at, c].to_numpy()) for c in ("change_percent", "low", "high"))
        axes.hlines(place[at], low, high, color=colour, linewidth=2.2)
        axes.plot(value, place[at], "o", color=colour, markersize=6)
    shown = rows[["low", "high"]]
    if "truth" in rows:
        truth = _logs(rows["truth"].to_numpy())
        axes.plot(truth, place - 0.24, "D", markerfacecolor="white", markeredgecolor="black", markersize=5)
        shown = rows[["low", "high", "truth"]]
    for mute in place[verdicts == "none"]:
        axes.annotate(
            words.text("plot.mute", lang),
            (0, mute),
            (6, 0),
            textcoords="offset points",
            color="0.5",
            va="center",
            fontsize="small",
        )
    axes.grid(visible=False, axis="y")
    ends = _logs(shown.to_numpy(dtype=float))
    ends = ends[np.isfinite(ends)]
    # No further than a hundredth or a thirtyfold: an interval beyond that says "cannot tell" anyhow.
    low, high = max(ends.min(initial=0.0), np.log(0.01)), min(ends.max(initial=0.0), np.log(30.0))
    margin = 0.06 * (high - low) + 0.01
    return float(low - margin), float(high + margin)


def _logs(percent: np.ndarray) -> np.ndarray:
    """Per cent as natural logs; a wide interval may end at -100 % when rounded, and is drawn all the same."""
    logs: np.ndarray = np.log1p(np.maximum(percent, -99.9999) / 100)
    return logs


def _legend(figure: Figure, lang: str, *, with_truth: bool, simulated: bool) -> None:
    handles = [
        Line2D([], [], color=colour, marker="o", linewidth=2.2, label=words.text(f"verdict.{verdict}", lang))
        for verdict, colour in VERDICT.items()
    ]
    if with_truth:
        handles.append(
            Line2D(
                [],
                [],
                marker="D",
                linestyle="",
                markerfacecolor="white",
                markeredgecolor="black",
                label=words.text("plot.truth", lang),
            )
        )
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles),
        frameon=False,
        title=heading(lang, simulated=simulated),
        fontsize="small",
    )
