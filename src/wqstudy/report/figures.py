"""The figures of a report: which are drawn, and as what they are saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from wqstudy import plots, words
from wqstudy.plots.labels import drawable
from wqstudy.report.classes import Classes
from wqstudy.study import Study

FORMATS = ("png", "svg")
_MANY = 2_000
"""Marks beyond which an SVG grows heavy: a page then shows the PNG."""
_STRIP = 120
"""Sections up to which a strip of classes can be read."""


def save_figures(
    study: Study,
    table: pd.DataFrame,
    series: pd.DataFrame,
    classes: Classes | None,
    truth: pd.DataFrame | None,
    lang: str,
    folder: Path,
    formats: Collection[str] = FORMATS,
) -> list[str]:
    """Draw and save every figure; their names.

    Parameters
    ----------
    study, table, series, classes, truth
        What is drawn.
    lang
        ``en`` or ``zh``.
    folder
        Where the files go.
    formats
        ``png``, ``svg``; a figure of many marks is saved as PNG alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by = str(table.columns[0])
    labels = _drawn(study.labels(by, lang))
    look: dict[str, Any] = {"labels": labels, "lang": lang, "simulated": study.simulated}
    forest = plots.forest(table, truth=truth, **look)
    drawn: dict[str, tuple[Figure, int]] = {"forest": (forest, len(table))}
    if classes is not None and len(classes.shares):
        sides = {side: words.text(f"plot.{side}", lang) for side in ("before", "after")}
        shares = classes.shares.replace({"period": sides})
        drawn["class_shares"] = (plots.class_shares(shares, by, **look), len(shares))
    if classes is not None and classes.yearly["station"].nunique() <= _STRIP:
        sections = _drawn(study.labels("station", lang))
        strip = plots.class_strip(classes.yearly, **look | {"labels": sections})
        drawn["class_strip"] = (strip, len(classes.yearly))
    for code, rows in series.groupby("parameter", sort=False):
        drawn[f"series_{code}"] = (plots.series(rows, **look), len(rows))
    for name, (figure, marks) in drawn.items():
        save_figure(figure, folder / name, formats if marks <= _MANY else ("png",))
    return list(drawn)


def _drawn(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: drawable(label) for name, label in labels.items()}


def save_figure(figure: Figure, place: Path, formats: Collection[str] = FORMATS) -> None:
    """Save a figure; what makes the file of one day that of another is left out."""
    left_out = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    with plots.style():
        for ending in formats:
            figure.savefig(place.with_name(f"{place.name}.{ending}"), metadata=left_out[ending])
            figure.set_layout_engine("none")  # laid out once
