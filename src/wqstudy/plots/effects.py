"""Pictures of effects beyond controls: every district's with their mean, and the differences behind them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wqstudy import words
from wqstudy.effects.sentences import verdict
from wqstudy.plots.frame import grid, heading, legend, name_rows, panels, say_mute
from wqstudy.plots.look import BLUE, EFFECT, TRUTH
from wqstudy.plots.ratios import apart, inside, logs, set_ticks

_TICKS = np.array([-99, -95, -90, -80, -60, -40, -20, 0, 25, 50, 100, 200, 400, 900])


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
    size = (1.8 + 2.9 * len(codes), 1.6 + 0.34 * len(names))
    with panels(size, columns=len(codes), sharey=True) as (figure, row):
        for axes, code in zip(row, codes, strict=True):
            rows = table.loc[table["parameter"] == code].set_index(by).reindex([*units, ""])
            if truth is not None:
                known = truth.loc[truth["parameter"] == code].set_index(by)["effect_percent"].reindex(units)
                mean = 100 * np.expm1(logs(known.to_numpy()).mean())
                rows["truth"] = [*known, mean]
            _effects(axes, rows, lang)
            axes.set_title(words.parameter_name(code, lang), fontsize="medium")
        name_rows(row[0], names)
        level = f"{100 * table['level'].iloc[0]:g}"
        figure.supxlabel(words.text("plot.effect", lang, level=level), fontsize="medium")
        shown = [v for v in EFFECT if (table["verdict"] == v).any()]
        handles = [
            Line2D([], [], color=EFFECT[v], marker="o", linewidth=2.2, label=verdict(v, lang)) for v in shown
        ]
        if truth is not None:
            handles.append(Line2D([], [], label=words.text("plot.true_effect", lang), **TRUTH))
        legend(figure, handles, heading(lang, simulated=simulated))
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
    with grid(len(units), columns, each=(3.6, 2.0), around=(1.0, 1.0)) as (figure, places):
        reach = logs(controls["year_percent"].to_numpy())
        for axes, unit in zip(places, units, strict=True):
            for _, other in controls.groupby(by, sort=False):
                axes.plot(other["month"], logs(other["year_percent"].to_numpy()), color="0.6", linewidth=1)
            if np.isfinite(reach).any():
                axes.axhspan(np.nanmin(reach), np.nanmax(reach), color="0.92", zorder=0)
            own = treated[treated[by] == unit]
            _course(axes, own)
            axes.set_title((labels or {}).get(unit, unit), fontsize="medium")
        _ratio_axis(places[0], logs(treated["difference_percent"].to_numpy()))
        figure.supylabel(words.text("plot.difference", lang), fontsize="medium")
        said = words.text("plot.treated_year", lang)
        handles = [Line2D([], [], color=BLUE, marker=".", linewidth=2, label=said)]
        if len(controls):
            said = words.text("plot.control_year", lang)
            handles.append(Line2D([], [], color="0.6", linewidth=1, label=said))
        legend(figure, handles, heading(lang, simulated=simulated))
    return figure


def _effects(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    """One parameter's units from the top down, the mean last."""
    axes.axvline(0, color="0.3", linewidth=1)
    axes.axhline(len(rows) - 1.5, color="0.8", linewidth=1)
    place = np.arange(len(rows))
    value, low, high = (logs(rows[c].to_numpy(dtype=float)) for c in ("effect_percent", "low", "high"))
    for said, colour in EFFECT.items():
        at = (rows["verdict"] == said).to_numpy()
        axes.hlines(place[at], low[at], high[at], color=colour, linewidth=2.2)
        for part, marker in ((at & (place < len(rows) - 1), "o"), (at & (place == len(rows) - 1), "s")):
            axes.plot(value[part], place[part], marker, color=colour, markersize=6)
    ends = [low, high]
    if "truth" in rows:
        truth = logs(rows["truth"].to_numpy(dtype=float))
        axes.plot(truth, place - 0.24, markersize=5, **TRUTH)
        ends.append(truth)
    for mute in place[np.isnan(value)]:
        say_mute(axes, 0, mute, lang)
    axes.grid(visible=False, axis="y")
    known = np.concatenate(ends)
    known = known[np.isfinite(known)]
    # No further than a hundredth or a tenfold: an interval beyond that says "cannot tell" anyhow.
    left, right = max(known.min(initial=-0.1), np.log(0.01)), min(known.max(initial=0.1), np.log(10.0))
    margin = 0.06 * (right - left)
    axes.set_xlim(left - margin, right + margin)
    set_ticks(axes.xaxis, _ticks(left, right, 5))


def _course(axes: Axes, own: pd.DataFrame) -> None:
    """Months as points and the year's mean on either side of the start."""
    axes.axhline(0, color="0.3", linewidth=1)
    start = own["start"].iloc[0]
    axes.axvline(start, color="0.3", linewidth=1, linestyle="--")
    axes.plot(
        own["month"],
        logs(own["difference_percent"].to_numpy()),
        ".",
        color=BLUE,
        alpha=0.4,
        markersize=4,
    )
    for late in (False, True):
        side = own[(own["month"] >= start) == late]
        axes.plot(side["month"], logs(side["year_percent"].to_numpy()), color=BLUE, linewidth=2)
    axes.xaxis.set_major_locator(YearLocator(2))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]


def _ratio_axis(axes: Axes, values: np.ndarray) -> None:
    low, high = np.nanquantile(values, [0.005, 0.995])
    low, high = min(low, -0.3), max(high, 0.3)
    axes.set_ylim(low - 0.1, high + 0.1)
    set_ticks(axes.yaxis, _ticks(low, high, 6))


def _ticks(low: float, high: float, most: int) -> np.ndarray:
    """Round changes inside, no change among them, a share of the axis apart."""
    wanted = sorted(inside(_TICKS, low, high).tolist(), key=lambda t: abs(np.log1p(t / 100)))
    return apart(wanted, (high - low) / most)
