"""Where stations lie: coordinates on plain axes, without a map that would have to be fetched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.plots.frame import heading, legend, panels
from wqstudy.plots.look import class_colours, class_letter, ink

_MARKS = "osD^vP*Xhd"
_NAMED = 40  # so many stations can still be named on the map


def stations(
    table: pd.DataFrame,
    by: str = "group",
    *,
    labels: Mapping[str, str] | None = None,
    lang: str = "en",
    simulated: bool = False,
) -> Figure:
    """Stations at their coordinates, with a mark and colour for each value of a column.

    Parameters
    ----------
    table
        Has ``station, lon, lat`` in degrees and, to tell them apart, `by`; such as ``study.stations``.
    by
        Column of the marks; ``class`` (1 to 6) is drawn in the bulletins' colours, with its letter.
    labels
        How stations and values of `by` are written.
    lang
        ``en`` or ``zh``.
    simulated
        Say so on the figure.

    Returns
    -------
    Figure
        A kilometre is equally long both ways at the middle latitude. Up to forty stations are named.

    Raises
    ------
    ArgumentError
        If no station has coordinates.
    """
    known = table.dropna(subset=["lon", "lat"]) if {"lon", "lat"} <= set(table.columns) else table.iloc[:0]
    if known.empty:
        raise ArgumentError(
            "no station has coordinates",
            argument="table",
            valid="columns lon and lat, in degrees",
            mend="add them to the stations table",
        )
    own = labels or {}
    with panels((6.4, 4.8)) as (figure, (axes,)):
        if by == "class" and "class" in known:
            _classes(axes, known, lang)
        else:
            _groups(axes, known, by, own, lang)
        if len(known) <= _NAMED:
            for name, lon, lat in zip(known["station"], known["lon"], known["lat"], strict=True):
                axes.annotate(
                    own.get(name, name), (lon, lat), (8, 5), textcoords="offset points", fontsize="x-small"
                )
        axes.set_aspect(1 / np.cos(np.radians(known["lat"].mean())), adjustable="datalim")
        axes.margins(0.12)
        axes.set_xlabel(words.text("plot.lon", lang))
        axes.set_ylabel(words.text("plot.lat", lang))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5))
        handles, _ = axes.get_legend_handles_labels()
        legend(figure, handles, heading(lang, simulated=simulated), columns=6)
    return figure


def _groups(axes: Axes, known: pd.DataFrame, by: str, own: Mapping[str, str], lang: str) -> None:
    value = known[by] if by in known else pd.Series(index=known.index, dtype="str")
    colours = sns.color_palette("colorblind")
    blank = known[value.isna()]
    axes.plot(blank["lon"], blank["lat"], "o", color="0.5", markersize=6)
    for n, name in enumerate(value.dropna().unique()):
        part = known[value == name]
        axes.plot(
            part["lon"],
            part["lat"],
            _MARKS[n % len(_MARKS)],
            color=colours[n % len(colours)],
            markersize=7,
            label=own.get(
                name, words.text(f"plot.{name}", lang) if name in ("treated", "control") else str(name)
            ),
        )


def _classes(axes: Axes, known: pd.DataFrame, lang: str) -> None:
    colours = class_colours()
    number = known["class"].astype("Int64").fillna(0)
    for one in sorted(set(number)):
        part = known[number == one]
        label = words.text(f"class.{one}", lang) if one else words.text("class.undetermined", lang)
        axes.plot(
            part["lon"],
            part["lat"],
            "o",
            color=colours[one],
            markeredgecolor="0.3",
            markeredgewidth=0.5,
            markersize=15,
            label=label,
        )
        for lon, lat in zip(part["lon"], part["lat"], strict=True):
            letter = class_letter(one, lang) if one else "?"
            axes.text(lon, lat, letter, ha="center", va="center", fontsize="x-small", color=ink(colours[one]))
