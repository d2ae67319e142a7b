"""What stands around every figure's data: its panels, their rows and its legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wqstudy import parameters, words
from wqstudy.plots.fonts import style

Size = tuple[float, float]


@contextmanager
def panels(size: Size, lines: int = 1, columns: int = 1, **how: Any) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure of `size` inches to be drawn on in the common style, and its panels, line by line."""
    with style():
        figure, cells = plt.subplots(lines, columns, figsize=size, squeeze=False, layout="constrained", **how)
        yield figure, list(cells.flat)
    plt.close(figure)  # a notebook shows what is returned; left open it would show it twice


@contextmanager
def grid(n: int, columns: int, each: Size, around: Size) -> Iterator[tuple[Figure, list[Axes]]]:
    """As `panels`: `n` of them with axes in common, `columns` side by side where there are so many."""
    columns = min(columns, n)
    lines = -(-n // columns)
    size = (around[0] + each[0] * columns, around[1] + each[1] * lines)
    with panels(size, lines, columns, sharex=True, sharey=True) as (figure, places):
        yield figure, places[:n]
        for axes in places[n:]:
            axes.set_visible(False)
        for axes in places[max(n - columns, 0) : n]:
            axes.tick_params(labelbottom=True)  # there may be no panel below it


def name_rows(axes: Axes, names: Sequence[str], **look: Any) -> None:
    """Names of rows from the top down."""
    axes.set_yticks(range(len(names)), names, **look)
    axes.set_ylim(len(names) - 0.4, -0.6)


def say_mute(axes: Axes, x: float, y: float, lang: str, away: float = 0) -> None:
    """Say that nothing can be said, `away` points to the right of a place."""
    axes.annotate(
        words.text("plot.mute", lang),
        (x, y),
        (away, 0),
        textcoords="offset points",
        color="0.5",
        va="center",
        fontsize="small",
    )


def concentration(code: str, lang: str) -> str:
    """What an axis of a parameter's concentrations says.

    Examples
    --------
    >>> concentration("TP", "en")
    'total phosphorus, mg/L'
    """
    known = parameters.parameter(code)
    return words.text("plot.concentration", lang, parameter=known.label(lang), unit=known.unit)


def heading(lang: str, *, simulated: bool) -> str | None:
    """What stands over a legend: that the data are simulated, where they are."""
    return words.text("plot.simulated", lang) if simulated else None


def legend(
    figure: Figure,
    handles: Sequence[Artist],
    title: str | None = None,
    *,
    columns: int | None = None,
    fontsize: str | None = "small",
) -> None:
    """A legend above all panels, in one line by default; none where it would be empty."""
    if handles or title:
        figure.legend(
            handles=handles,
            loc="outside upper center",
            ncols=columns or max(1, len(handles)),
            frameon=False,
            title=title,
            fontsize=fontsize,
        )
