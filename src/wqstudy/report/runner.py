"""The study run from end to end: results, tables, figures, page."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from wqstudy import __version__, plots, words
from wqstudy.comparison import compare
from wqstudy.outputs import replacing_folder, write_table
from wqstudy.report.answer import answer, untreated
from wqstudy.report.page import render
from wqstudy.series import monthly_series
from wqstudy.study import Study

SCHEMA_VERSION = 1
RESULTS = "results.json"
_REASONS = 12
"""How many of the commonest reasons the page tells; the ledger has all."""
_LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib")


def run(
    study: Study,
    out: str | Path,
    *,
    by: str = "district",
    lang: str | None = None,
    rng: int = 0,
    inputs: Path | None = None,
) -> list[str]:
    """Compute a study and write `results.json`, `tables/`, `figures/` and `index.html`.

    Parameters
    ----------
    study
        The study.
    out
        Folder to write. An earlier report in it is replaced once the new one is complete.
    by
        Column of the stations table to compare by.
    lang
        Language; by default the study's.
    rng
        Seed of the draws for non-detects.
    inputs
        File or folder that the study was read from, for the hashes.

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
    table = compare(study, by=by, rng=rng, lang=lang)
    lines = answer(study, table, lang)
    series = monthly_series(study, by, rng=rng)
    hashes = [] if inputs is None else _hashes(inputs, without=Path(out))
    with replacing_folder(Path(out), mark=RESULTS) as beside:
        write_table(table, beside / "tables" / "comparison.csv")
        write_table(series, beside / "tables" / "monthly_series.csv")
        if study.reading is not None:
            write_table(study.reading.ledger, beside / "tables" / "ledger.csv")
        figures = _figures(study, table, series, by, lang, beside / "figures")
        results = _results(study, table, by, lang, rng, lines, hashes, figures)
        text = json.dumps(_plain(results), ensure_ascii=False, indent=1, allow_nan=False)
        (beside / RESULTS).write_text(text + "\n", encoding="utf-8", newline="\n")
        render(beside)
    return lines


def _figures(
    study: Study, table: pd.DataFrame, series: pd.DataFrame, by: str, lang: str, folder: Path
) -> dict[str, str]:
    """Draw and save every figure; its file name by what it shows."""
    folder.mkdir()
    labels = study.labels(by, lang)
    look: dict[str, Any] = {"labels": labels, "lang": lang, "simulated": study.simulated}
    truth = study.truth if study.truth is not None and by in study.truth else None
    drawn: dict[str, Figure] = {"forest": plots.forest(table, truth=truth, **look)}
    for code, rows in series.groupby("parameter", sort=False):
        drawn[f"series_{code}"] = plots.series(rows, **look)
    with plots.style():
        for name, figure in drawn.items():
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    return {name: f"figures/{name}" for name in drawn}


def _results(
    study: Study,
    table: pd.DataFrame,
    by: str,
    lang: str,
    rng: int,
    lines: list[str],
    hashes: list[dict[str, str]],
    figures: dict[str, str],
) -> dict[str, Any]:
    """Everything that the page shows, and what is needed to make it again."""
    labels = study.labels(by, lang)
    times = study.samples["time"]
    truth = study.truth if study.truth is not None and by in study.truth else None
    return {
        "schema_version": SCHEMA_VERSION,
        "title": study.title,
        "source": study.source,
        "simulated": study.simulated,
        "language": lang,
        "by": by,
        "seed": rng,
        "versions": {"wqstudy": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "inputs": hashes,
        "parameters": study.parameters,
        "data": {
            "samples": len(study.samples),
            "stations": len(study.stations),
            "start": f"{times.min():%Y-%m-%d}",
            "end": f"{times.max():%Y-%m-%d}",
        },
        "ledger": _ledger(study),
        "labels": labels,
        "controls": untreated(study, by),
        "windows": {unit: window.to_dict() for unit, window in study.windows_of(by).items()},
        "answer": lines,
        "sentences": words.sentences(table, labels, lang),
        "comparison": table.to_dict("records"),
        "left_out": table.attrs["left_out"],
        "truth": [] if truth is None else truth.to_dict("records"),
        "figures": figures,
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


def _hashes(inputs: Path, without: Path) -> list[dict[str, str]]:
    """Hash of every input file; a report that is kept among them is none."""
    found = sorted(f for f in inputs.rglob("*") if f.is_file()) if inputs.is_dir() else [inputs]
    files = [f for f in found if not f.resolve().is_relative_to(without.resolve())]
    root = inputs if inputs.is_dir() else inputs.parent
    return [
        {"file": f.relative_to(root).as_posix(), "sha256": hashlib.sha256(f.read_bytes()).hexdigest()}
        for f in files
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
