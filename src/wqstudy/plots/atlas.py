"""The calibration atlas as heat maps: how often each test is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure

from wqstudy import words
from wqstudy.plots.frame import grid
from wqstudy.plots.look import ink

_SCALE = Normalize(-10, 20)  # per cent, with 5 in the middle: none is as blue as the worst is red
_COLOURS = mpl.colormaps["RdBu_r"]


def atlas(
    table: pd.DataFrame, tests: Sequence[str] | None = None, *, lang: str = "en", columns: int = 3
) -> Figure:
    """Share of true nulls rejected at 5 %, by kind of noise and length of record, a panel a test.

    Parameters
    ----------
    table
        Rows of `wqstudy.calibration.atlas`, one a test, noise and number of months.
    tests
        Which, and in which order; by default all, in the order met.
    lang
        ``en`` or ``zh``.
    columns
        Panels side by side.

    Returns
    -------
    Figure
        White is right, blue careful, red a false alarm too many. Every cell bears its number, in per cent.

    Raises
    ------
    ValueError
        If the table has several rows for one cell.
    """
    chosen = list(dict.fromkeys(table["test"])) if tests is None else list(tests)
    noises, months = list(dict.fromkeys(table["noise"])), sorted(set(table["months"]))
    each = (0.7 + 0.5 * len(months), 0.5 + 0.27 * len(noises))
    with grid(len(chosen), columns, each, around=(2.0, 0.8)) as (figure, panels):
        for axes, test in zip(panels, chosen, strict=True):
            wide = table[table["test"] == test].pivot(index="noise", columns="months", values="size")
            share = 100 * wide.reindex(index=noises, columns=months).to_numpy()
            axes.imshow(share, cmap=_COLOURS, norm=_SCALE, aspect="auto", interpolation="none")
            for row, column in np.argwhere(np.isfinite(share)).tolist():
                colour = ink(to_hex(_COLOURS(_SCALE(share[row, column]))))
                number = f"{share[row, column]:.1f}"
                axes.text(column, row, number, ha="center", va="center", fontsize="small", color=colour)
            axes.set_xticks(range(len(months)), [str(n) for n in months])
            axes.set_yticks(range(len(noises)), noises)
            axes.grid(visible=False)
            axes.set_title(test, fontsize="medium")
        figure.supxlabel(words.text("plot.months", lang), fontsize="medium")
        figure.suptitle(words.text("plot.rejected", lang), fontsize="medium")
    return figure
