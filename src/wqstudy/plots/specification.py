"""Specification curve: one effect under every way of computing it, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.effects.sentences import verdict
from wqstudy.effects.specifications import CHOICES
from wqstudy.plots.frame import legend, name_rows, panels
from wqstudy.plots.look import EFFECT
from wqstudy.plots.ratios import inside, logs, set_ticks

_TICKS = np.array([-99, -95, -90, -80, -70, -60, -40, -20, 0, 25, 50, 100, 200, 400, 900, 2900])


def specification_curve(
    table: pd.DataFrame, *, labels: Mapping[str, str] | None = None, lang: str = "en", simulated: bool = False
) -> Figure:
    """Effects in order of size with their intervals; below, marks of what was chosen.

    Parameters
    ----------
    table
        ``wqstudy.specification_curve(...).table()``.
    labels
        How units are written, such as ``study.labels("district", "en")``.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
    """
    labels = labels or {}
    known = table[np.isfinite(table["effect_percent"])].sort_values("effect_percent", kind="stable")
    given = {choice: list(table[choice].unique()) for choice in CHOICES}
    options = [(c, o) for c, found in given.items() for o in found if len(found) > 1]
    size, heights = (8.4, 3.4 + 0.19 * len(options)), [3.0, 0.2 * len(options)]
    with panels(size, 2, sharex=True, height_ratios=heights) as (figure, (curve, marks)):
        if known.empty:
            mute = words.text("plot.mute", lang)
            curve.text(0.5, 0.5, mute, transform=curve.transAxes, ha="center", va="center", color="0.5")
        else:
            _curve(curve, known, lang)
        _marks(marks, known, options, labels, lang)
        _title(figure, curve, table, known, labels, lang, simulated=simulated)
    return figure


def _curve(axes: Axes, known: pd.DataFrame, lang: str) -> None:
    """Dots with their intervals, the default's larger."""
    place = np.arange(len(known))
    value, low, high = (logs(known[c].to_numpy()) for c in ("effect_percent", "low", "high"))
    axes.axhline(0, color="0.3", linewidth=1)
    for said, colour in EFFECT.items():
        own = (known["verdict"] == said).to_numpy()
        axes.vlines(place[own], low[own], high[own], color=colour, linewidth=0.8, alpha=0.35)
        axes.plot(place[own], value[own], ".", color=colour, markersize=3)
    usual = known["default"].to_numpy(dtype=bool)
    axes.plot(place[usual], value[usual], "D", color="black", markersize=6, zorder=5)
    ends = np.concatenate([low, high, [0.0]])
    reach = np.clip([ends.min() - 0.05, ends.max() + 0.05], np.log(0.01), np.log(30.0))
    axes.set_ylim(*reach)
    set_ticks(axes.yaxis, inside(_TICKS, *reach))
    axes.set_ylabel(words.text("plot.effect_tall", lang, level=f"{100 * known['level'].iloc[0]:g}"))
    axes.grid(visible=False, axis="x")


def _marks(
    axes: Axes, known: pd.DataFrame, options: list[tuple[str, str]], labels: Mapping[str, str], lang: str
) -> None:
    """One row an option: a mark wherever it was chosen."""
    colours = known["verdict"].map(EFFECT).tolist()
    for row, (choice, option) in enumerate(options):
        own = np.flatnonzero((known[choice] == option).to_numpy())
        axes.scatter(
            own, np.full(own.size, row), marker="|", s=26, linewidth=0.7, c=[colours[i] for i in own]
        )
    first = [i for i in range(1, len(options)) if options[i][0] != options[i - 1][0]]
    axes.hlines(np.array(first) - 0.5, -1, len(known), color="0.8", linewidth=0.8)
    name_rows(axes, [_said(c, o, labels, lang) for c, o in options], fontsize="small")
    axes.set_xlim(-1, max(len(known), 1))
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.set_xlabel(words.text("plot.specifications", lang, n=len(known)))


def _said(choice: str, option: str, labels: Mapping[str, str], lang: str) -> str:
    """An option in words, with its choice."""
    if choice == "controls" and option.startswith("-"):
        unit = option.removeprefix("-")
        return words.text("specification.controls_without", lang, unit=labels.get(unit, unit))
    return words.text(f"specification.{choice}_{option}", lang)


def _title(
    figure: Figure,
    axes: Axes,
    table: pd.DataFrame,
    known: pd.DataFrame,
    labels: Mapping[str, str],
    lang: str,
    *,
    simulated: bool,
) -> None:
    """What it is of, and what colours mean."""
    unit = table.attrs.get("unit", "")
    place = labels.get(unit, unit) if unit else words.text("effect.all_treated", lang)
    name = words.parameter_name(str(table["parameter"].iloc[0]), lang)
    title = words.text("plot.of_unit", lang, parameter=name[:1].upper() + name[1:], unit=place)
    if simulated:
        title += words.text("plot.in_brackets", lang, text=words.text("plot.simulated", lang))
    axes.set_title(title, fontsize="medium")
    handles = [
        Line2D([], [], marker=".", markersize=8, color=colour, label=verdict(said, lang))
        for said, colour in EFFECT.items()
        if (known["verdict"] == said).any()
    ]
    usual = words.text("plot.as_evaluated", lang)
    handles.append(Line2D([], [], marker="D", linestyle="", color="black", markersize=5, label=usual))
    legend(figure, handles)
