"""The study run from end to end: results, tables, figures, page."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wqstudy import __version__, plots, words
from wqstudy.comparison import compare
from wqstudy.effects import Evaluations, evaluate
from wqstudy.effects.tables import units_of
from wqstudy.folder import files_of
from wqstudy.outputs import replacing_folder, write_table
from wqstudy.progress import Progress
from wqstudy.report.answer import answer
from wqstudy.report.page import PAGE, render
from wqstudy.series import monthly_series, unit_windows
from wqstudy.study import Study

SCHEMA_VERSION = 1
RESULTS = "results.json"
_WRITTEN = (RESULTS, PAGE, "tables", "figures")
_REASONS = 12
"""How many of the commonest reasons the page tells; the ledger has all."""
_LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib")


def run(
    study: Study,
    out: str | Path,
    before: Iterable[Any] | None = None,
    after: Iterable[Any] | None = None,
    by: str = "district",
    *,
    lang: str | None = None,
    rng: int | np.random.Generator = 0,
    inputs: Path | None = None,
    progress: Progress = None,
) -> list[str]:
    """Compute a study and write `results.json`, `tables/`, `figures/` and `index.html`.

    Parameters
    ----------
    study
        The study.
    out
        Folder to write. An earlier report in it is replaced once the new one is complete.
    before, after, by
        As for `wqstudy.compare`.
    lang
        Language; by default the study's.
    rng
        Seed of the draws for non-detects.
    inputs
        File or folder that the study was read from, for the hashes.
    progress
        As for `wqstudy.evaluate`, which runs where there are controls and no windows are given.

    Returns
    -------
    list of str
        The answer, line by line.

    Raises
    ------
    OutputError
        If the folder holds something else or cannot be written.
    """
    lang = lang or study.language
    table = compare(study, before, after, by, rng=rng, lang=lang)
    windows = {unit: window.to_dict() for unit, window in unit_windows(study, by, before, after).items()}
    effects = _effects(study, by, rng, lang, progress) if before is None else None
    lines = answer(study, table, lang, effects)
    series = monthly_series(study, before, after, by, rng=rng)
    # The truth of a simulated study is that of its own windows and districts.
    own = study.truth is not None and before is None and by in study.truth
    truth = study.truth if own else None
    facts = {"seed": table.attrs["seed"], "windows": windows, "answer": lines}
    facts["inputs"] = [] if inputs is None else _hashes(inputs)
    with replacing_folder(Path(out), mark=RESULTS, names=_WRITTEN) as beside:
        write_table(table, beside / "tables" / "comparison.csv")
        write_table(series, beside / "tables" / "monthly_series.csv")
        if effects is not None:
            write_table(effects.table(), beside / "tables" / "effects.csv")
            write_table(effects.months(), beside / "tables" / "effect_months.csv")
        if study.reading is not None:
            write_table(study.reading.ledger, beside / "tables" / "ledger.csv")
        figures = _figures(study, table, series, truth, lang, beside / "figures")
        results = _results(study, table, truth, lang) | facts | {"figures": figures}
        results["effects"] = None if effects is None else _told(effects, lang)
        text = json.dumps(_plain(results), ensure_ascii=False, indent=1, allow_nan=False)
        (beside / RESULTS).write_text(text + "\n", encoding="utf-8", newline="\n")
        render(beside)
    return lines


def _effects(
    study: Study,
    by: str,
    rng: int | np.random.Generator,
    lang: str,
    progress: Progress,
) -> Evaluations | None:
    """Effects beyond the controls, where some unit was treated and some was not."""
    units = units_of(study, by, lang)
    if not (units.treated and units.controls):
        return None
    return evaluate(study, by, rng=rng, lang=lang, progress=progress)


def _told(effects: Evaluations, lang: str) -> dict[str, Any]:
    """What the page shows of the effects."""
    return {
        "table": effects.table().to_dict("records"),
        "sentences": [getattr(row, f"sentence_{lang}") for row in (*effects.rows, *effects.pooled)],
        "assumptions": list(dict.fromkeys(row.assumptions[0] for row in effects if row.assumptions)),
        "left_out": effects.left_out,
    }


def _figures(
    study: Study,
    table: pd.DataFrame,
    series: pd.DataFrame,
    truth: pd.DataFrame | None,
    lang: str,
    folder: Path,
) -> dict[str, str]:
    """Draw and save every figure; its file name by what it shows."""
    folder.mkdir()
    labels = study.labels(str(table.columns[0]), lang)
    look: dict[str, Any] = {"labels": labels, "lang": lang, "simulated": study.simulated}
    drawn: dict[str, Figure] = {"forest": plots.forest(table, truth=truth, **look)}
    for code, rows in series.groupby("parameter", sort=False):
        drawn[f"series_{code}"] = plots.series(rows, **look)
    with plots.style():
        for name, figure in drawn.items():
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    return {name: f"figures/{name}" for name in drawn}


def _results(study: Study, table: pd.DataFrame, truth: pd.DataFrame | None, lang: str) -> dict[str, Any]:
    """What the page shows of the study and its comparison, and what is needed to make it again."""
    by = str(table.columns[0])
    labels = study.labels(by, lang)
    times = study.samples["time"]
    return {
        "schema_version": SCHEMA_VERSION,
        "title": study.title,
        "source": study.source,
        "simulated": study.simulated,
        "language": lang,
        "by": by,
        "versions": {"wqstudy": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "parameters": study.parameters,
        "data": {
            "samples": len(study.samples),
            "stations": study.samples["station"].nunique(),
            "start": f"{times.min():%Y-%m-%d}",
            "end": f"{times.max():%Y-%m-%d}",
        },
        "ledger": _ledger(study),
        "labels": labels,
        "controls": study.untreated(by),
        "sentences": words.sentences(table, labels, lang),
        "comparison": table.to_dict("records"),
        "left_out": table.attrs["left_out"],
        "truth": [] if truth is None else truth.to_dict("records"),
    }


def _ledger(study: Study) -> dict[str, Any] | None:
    """What became of the cells, and the commonest reasons."""
    if study.reading is None:
        return None
    ledger = study.reading.ledger
    touched = ledger.loc[ledger["action"] != "not_data"]
    reasons = touched.groupby(["action", "reason"], as_index=False).size()
    reasons = reasons.rename(columns={"size": "number"}).sort_values("number", ascending=False, kind="stable")
    return {"counts": study.reading.counts, "reasons": reasons.head(_REASONS).to_dict("records")}


def _hashes(inputs: Path) -> list[dict[str, str]]:
    root = inputs if inputs.is_dir() else inputs.parent
    return [
        {"file": file.relative_to(root).as_posix(), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in files_of(inputs)
    ]


def _plain(value: Any) -> Any:
    """Values as JSON has them: no nan, dates as text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return value
