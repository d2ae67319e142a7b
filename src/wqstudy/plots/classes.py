"""Classes of water in the colours of the bulletins: by section and time, and as shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from wqstudy import words
from wqstudy.plots.frame import heading, legend, panels
from wqstudy.plots.look import WINDOW, class_colours, class_letter, ink

_LETTERED = 160  # so many columns still have room for the class in each cell
_TICKS = 14
_WIDE = 8  # per cent from which on a share has room for its class
_CELL = (0.09, 0.26)  # inches that a column has, at least and at most


def class_strip(
    graded: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Class of every section and period, a row a section.

    Parameters
    ----------
    graded
        What `wqstudy.grade` returns for months, quarters or years. Sections are drawn in its order.
    labels
        How sections are written.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
        Grey is undetermined, white is not sampled.
    """
    stations = list(dict.fromkeys(graded["station"]))
    periods = _calendar(graded["period"])
    grid = np.full((len(stations), len(periods)), np.nan)
    place = graded["station"].map({name: row for row, name in enumerate(stations)})
    column = graded["period"].map({name: number for number, name in enumerate(periods)})
    grid[place, column] = graded["class"].astype("Float64").fillna(0).to_numpy(float)
    colours = class_colours()
    cell = max(_CELL[0], min(_CELL[1], 11 / len(periods))) if len(periods) <= _LETTERED else 11 / len(periods)
    size = (1.9 + cell * len(periods), 1.3 + 0.2 * len(stations))
    with panels(size) as (figure, (axes,)):
        shown = ListedColormap(colours)
        axes.imshow(grid, cmap=shown, vmin=-0.5, vmax=6.5, aspect="auto", interpolation="none")
        named = [(labels or {}).get(name, name) for name in stations]
        axes.set_yticks(range(len(stations)), named, fontsize="small")
        _ticks(axes, periods)
        axes.grid(visible=False)
        axes.set_xticks(np.arange(len(periods) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(stations) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=2.3 * cell)
        axes.tick_params(which="minor", length=0)
        if len(periods) <= _LETTERED:
            for line, period in np.argwhere(grid > 0).tolist():
                number = int(grid[line, period])
                _write(axes, period, line, number, colours, lang, size=min(7.0, 42 * cell))
        _legend(figure, colours, lang, simulated=simulated, undetermined=bool((grid == 0).any()))
    return figure


def class_shares(
    shares: pd.DataFrame,
    by: str,
    *,
    panel: str = "period",
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Shares of classes as bars, a bar a district or river, a panel a period.

    Parameters
    ----------
    shares
        Has `by`, `panel`, and `share_1` … `share_6` in per cent, as `wqstudy.grading.basin_status` returns.
    by
        Column of the bars.
    panel
        Column of the panels, drawn in the order met; ``before`` and ``after`` are written as words.
    labels
        How bars are written.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
        Each share of 8 per cent or more bears its class.
    """
    units = list(dict.fromkeys(shares[by]))
    periods = list(dict.fromkeys(shares[panel]))
    colours = class_colours()
    size = (1.2 + 4 * len(periods), 1.2 + 0.32 * len(units))
    with panels(size, columns=len(periods), sharex=True, sharey=True) as (figure, row):
        for axes, name in zip(row, periods, strict=True):
            part = shares[shares[panel] == name].set_index(by).reindex(units)
            _bars(axes, part, colours, lang)
            axes.set_yticks(range(len(units)), [(labels or {}).get(unit, str(unit)) for unit in units])
            title = words.text(f"plot.{name}", lang) if name in WINDOW else str(name)
            axes.set_title(title, fontsize="medium")
            axes.set_xlim(0, 100)
            axes.set_xlabel(words.text("plot.share", lang))
            axes.grid(visible=False, axis="y")
        row[0].invert_yaxis()  # the panels share it
        _legend(figure, colours, lang, simulated=simulated)
    return figure


def _bars(axes: Axes, part: pd.DataFrame, colours: Sequence[str], lang: str) -> None:
    left = np.zeros(len(part))
    for number in range(1, 7):
        share = part[f"share_{number}"].to_numpy(float)
        share = np.where(np.isfinite(share), share, 0)
        axes.barh(range(len(part)), share, left=left, color=colours[number], edgecolor="white", height=0.75)
        for row in np.flatnonzero(share >= _WIDE).tolist():
            _write(axes, left[row] + share[row] / 2, row, number, colours, lang)
        left += share


def _write(
    axes: Axes, x: float, y: float, number: int, colours: Sequence[str], lang: str, *, size: float = 7.0
) -> None:
    """The class in a field of its colour, black or white."""
    text = class_letter(number, lang)
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=ink(colours[number]))


def _ticks(axes: Axes, periods: list[str]) -> None:
    """Years where there are many months, else periods, not too many."""
    if len(periods) > _TICKS and "-" in periods[0]:
        places = [n for n, period in enumerate(periods) if period.endswith("-01")]
        places = places[:: max(1, -(-len(places) // _TICKS))]
        axes.set_xticks(places, [periods[n][:4] for n in places], fontsize="small")
    else:
        places = list(range(0, len(periods), max(1, -(-len(periods) // _TICKS))))
        axes.set_xticks(places, [periods[n] for n in places], fontsize="small", rotation=45, ha="right")


def _calendar(periods: pd.Series) -> list[str]:
    """Every period from the first to the last, also those without a sample."""
    first, last = min(periods), max(periods)
    frequency = "M" if "-" in first else "Q" if "Q" in first else "Y"
    span = pd.period_range(first, last, freq=frequency)
    return [str(one) for one in span]


def _legend(
    figure: Figure, colours: Sequence[str], lang: str, *, simulated: bool, undetermined: bool = False
) -> None:
    named = [(number, words.text(f"class.{number}", lang)) for number in range(1, 7)]
    if undetermined:
        named.append((0, words.text("class.undetermined", lang)))
    handles = [Patch(facecolor=colours[number], label=label) for number, label in named]
    legend(figure, handles, heading(lang, simulated=simulated))
