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
_HEAVY = 250_000
"""Bytes beyond which an SVG is left out: a page then shows the PNG."""
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
        ``png``, ``svg``; an SVG that grows heavy is saved as PNG alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by = str(table.columns[0])
    labels = _drawn(study.labels(by, lang))
    look: dict[str, Any] = {"labels": labels, "lang": lang, "simulated": study.simulated}
    drawn: dict[str, Figure] = {"forest": plots.forest(table, truth=truth, **look)}
    if classes is not None and len(classes.shares):
        sides = {side: words.text(f"plot.{side}", lang) for side in ("before", "after")}
        shares = classes.shares.replace({"period": sides})
        drawn["class_shares"] = plots.class_shares(shares, by, **look)
    if classes is not None and classes.yearly["station"].nunique() <= _STRIP:
        sections = _drawn(study.labels("station", lang))
        drawn["class_strip"] = plots.class_strip(classes.yearly, **look | {"labels": sections})
    for code, rows in series.groupby("parameter", sort=False):
        drawn[f"series_{code}"] = plots.series(rows, **look)
    for name, figure in drawn.items():
        _save(figure, folder / name, formats)
    return list(drawn)


def _drawn(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: drawable(label) for name, label in labels.items()}


def _save(figure: Figure, place: Path, formats: Collection[str]) -> None:
    with plots.style():
        svg = place.with_name(f"{place.name}.svg")
        heavy = False
        if "svg" in formats:
            figure.savefig(svg, metadata={"Date": None, "Creator": None})
            heavy = svg.stat().st_size > _HEAVY
        if heavy:
            svg.unlink()
        if heavy or "png" in formats:
            figure.savefig(place.with_name(f"{place.name}.png"), metadata={"Software": None})
