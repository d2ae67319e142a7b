"""Pictures of effects beyond controls: every district's with their mean, and the differences behind them."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.effects import VERDICTS
from wqstudy.effects.sentences import verdict
from wqstudy.plots.fonts import style

_TICKS = np.array([-99, -95, -90, -80, -60, -40, -20, 0, 25, 50, 100, 200, 400, 900])
_COLOUR = dict(zip(VERDICTS, (sns.color_palette("colorblind")[i] for i in (0, 3, 2, 7)), strict=True))
_TREATED = sns.color_palette("colorblind")[0]


def effects_forest(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    truth: pd.DataFrame | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Effect in each treated unit with its interval, and their mean below; coloured by verdict.

    Parameters
    ----------
    table
        `wqstudy.effects.Evaluations.forest`.
    labels
        How units are written, such as ``study.labels("district", "en")``.
    truth
        A simulated study's truth (unit, ``parameter``, ``effect_percent``), drawn as open diamonds; that of
        the mean is its mean in logs.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
    """
    by, codes = str(table.columns[0]), list(table["parameter"].unique())
    units = [unit for unit in table[by].unique() if unit]
    names = [(labels or {}).get(unit, unit) for unit in units] + [words.text("plot.pooled", lang)]
    with style():
        figure, panels = plt.subplots(
            1,
            len(codes),
            figsize=(1.8 + 2.9 * len(codes), 1.6 + 0.34 * len(names)),
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes, code in zip(panels[0], codes, strict=True):
            rows = table.loc[table["parameter"] == code].set_index(by).reindex([*units, ""])
            if truth is not None:
                known = truth.loc[truth["parameter"] == code].set_index(by)["effect_percent"].reindex(units)
                mean = 100 * np.expm1(_logs(known.to_numpy()).mean())
                rows["truth"] = [*known, mean]
            _effects(axes, rows, lang)
            axes.set_title(words.parameter_name(code, lang), fontsize="medium")
        panels[0, 0].set_yticks(range(len(names)), names)
        panels[0, 0].set_ylim(len(names) - 0.4, -0.6)
        level = f"{100 * table['level'].iloc[0]:g}"
        figure.supxlabel(words.text("plot.effect", lang, level=level), fontsize="medium")
        shown = [v for v in VERDICTS if (table["verdict"] == v).any()]
        handles = [_mark(_COLOUR[v], "o", verdict(v, lang), linewidth=2.2) for v in shown]
        if truth is not None:
            handles.append(_mark("black", "D", words.text("plot.true_effect", lang), face="white"))
        _legend(figure, handles, lang, simulated=simulated)
    plt.close(figure)
    return figure


def difference_series(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
    columns: int = 2,
) -> Figure:
    """One parameter's difference to the controls over time, a panel a treated unit, with its start.

    Grey behind it: what each control shows against the others, where nothing was done; a difference inside
    their range is no more than that.

    Parameters
    ----------
    table
        `wqstudy.effects.Evaluations.differences`, of one parameter.
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
    by, (_,) = str(table.columns[0]), tuple(table["parameter"].unique())
    treated, controls = (table[table["role"] == role] for role in ("treated", "control"))
    units = list(treated[by].unique())
    columns = min(columns, len(units))
    lines = -(-len(units) // columns)
    with style():
        figure, panels = plt.subplots(
            lines,
            columns,
            figsize=(1.0 + 3.6 * columns, 1.0 + 2.0 * lines),
            sharex=True,
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        reach = _logs(controls["year_percent"].to_numpy())
        for axes, unit in zip(panels.flat, units, strict=False):
            for _, other in controls.groupby(by, sort=False):
                axes.plot(other["month"], _logs(other["year_percent"].to_numpy()), color="0.6", linewidth=1)
            if np.isfinite(reach).any():
                axes.axhspan(np.nanmin(reach), np.nanmax(reach), color="0.92", zorder=0)
            own = treated[treated[by] == unit]
            _course(axes, own)
            axes.set_title((labels or {}).get(unit, unit), fontsize="medium")
        for column in range(len(units) - (lines - 1) * columns, columns):
            panels[-1, column].set_visible(False)
            panels[-2, column].tick_params(labelbottom=True)
        _ratio_axis(panels[0, 0], _logs(treated["difference_percent"].to_numpy()))
        figure.supylabel(words.text("plot.difference", lang), fontsize="medium")
        handles = [_mark(_TREATED, ".", words.text("plot.treated_year", lang), linewidth=2)]
        if len(controls):
            handles.append(_mark("0.6", "", words.text("plot.control_year", lang), linewidth=1))
        _legend(figure, handles, lang, simulated=simulated)
    plt.close(figure)
    return figure


def _effects(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    """One parameter's units from the top down, the mean last."""
    axes.axvline(0, color="0.3", linewidth=1)
    axes.axhline(len(rows) - 1.5, color="0.8", linewidth=1)
    place = np.arange(len(rows))
    value, low, high = (_logs(rows[c].to_numpy(dtype=float)) for c in ("effect_percent", "low", "high"))
    for said, colour in _COLOUR.items():
        at = (rows["verdict"] == said).to_numpy()
        axes.hlines(place[at], low[at], high[at], color=colour, linewidth=2.2)
        for part, marker in ((at & (place < len(rows) - 1), "o"), (at & (place == len(rows) - 1), "s")):
            axes.plot(value[part], place[part], marker, color=colour, markersize=6)
    ends = [low, high]
    if "truth" in rows:
        truth = _logs(rows["truth"].to_numpy(dtype=float))
        axes.plot(truth, place - 0.24, "D", markerfacecolor="white", markeredgecolor="black", markersize=5)
        ends.append(truth)
    for mute in place[np.isnan(value)]:
        axes.text(0, mute, words.text("plot.mute", lang), color="0.5", va="center", fontsize="small")
    axes.grid(visible=False, axis="y")
    known = np.concatenate(ends)
    known = known[np.isfinite(known)]
    # No further than a hundredth or a tenfold: an interval beyond that says "cannot tell" anyhow.
    left, right = max(known.min(initial=-0.1), np.log(0.01)), min(known.max(initial=0.1), np.log(10.0))
    margin = 0.06 * (right - left)
    axes.set_xlim(left - margin, right + margin)
    ticks = _ticks(left, right, 5)
    axes.set_xticks(np.log1p(ticks / 100), [words.percent(t, signed=True).split(".")[0] for t in ticks])


def _course(axes: Axes, own: pd.DataFrame) -> None:
    """Months as points and the year's mean on either side of the start."""
    axes.axhline(0, color="0.3", linewidth=1)
    start = own["start"].iloc[0]
    axes.axvline(start, color="0.3", linewidth=1, linestyle="--")
    axes.plot(
        own["month"],
        _logs(own["difference_percent"].to_numpy()),
        ".",
        color=_TREATED,
        alpha=0.4,
        markersize=4,
    )
    for late in (False, True):
        side = own[(own["month"] >= start) == late]
        axes.plot(side["month"], _logs(side["year_percent"].to_numpy()), color=_TREATED, linewidth=2)
    axes.xaxis.set_major_locator(YearLocator(2))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]


def _ratio_axis(axes: Axes, logs: np.ndarray) -> None:
    low, high = np.nanquantile(logs, [0.005, 0.995])
    low, high = min(low, -0.3), max(high, 0.3)
    axes.set_ylim(low - 0.1, high + 0.1)
    ticks = _ticks(low, high, 6)
    axes.set_yticks(np.log1p(ticks / 100), [words.percent(t, signed=True).split(".")[0] for t in ticks])


def _ticks(low: float, high: float, most: int) -> np.ndarray:
    """Round changes inside, no change among them, a share of the axis apart."""
    space = (high - low) / most
    kept = [0]
    for tick in sorted(_TICKS, key=lambda t: abs(np.log1p(t / 100))):
        at = np.log1p(tick / 100)
        if low <= at <= high and all(abs(at - np.log1p(other / 100)) >= space for other in kept):
            kept.append(int(tick))
    return np.array(sorted(kept))


def _logs(percent: np.ndarray) -> np.ndarray:
    logs: np.ndarray = np.log1p(np.maximum(percent, -99.9999) / 100)
    return logs


def _mark(colour: object, marker: str, label: str, face: str | None = None, linewidth: float = 0) -> Line2D:
    line = Line2D([], [], color=colour, marker=marker, linewidth=linewidth, label=label)  # type: ignore[arg-type]
    if face:
        line.set_markerfacecolor(face)
    return line


def _legend(figure: Figure, handles: list[Line2D], lang: str, *, simulated: bool) -> None:
    figure.legend(
        handles=handles,
        loc="outside upper center",
        ncols=len(handles),
        frameon=False,
        title=words.text("plot.simulated", lang) if simulated else None,
        fontsize="small",
    )
