"""The study run from end to end: results, tables, figures, page."""

from __future__ import annotations

import json
import math
import platform
import tempfile
from collections.abc import Collection, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import __version__, rules, words
from wqstudy.effects import Evaluations
from wqstudy.effects.tables import units_of
from wqstudy.outputs import replacing_folder, write_bytes, write_table
from wqstudy.progress import Progress
from wqstudy.report.answer import answer
from wqstudy.report.classes import told
from wqstudy.report.figures import FORMATS, save_figures
from wqstudy.report.found import Found, Question, find
from wqstudy.report.page import PAGE, render
from wqstudy.report.word import write_docx
from wqstudy.study import Study

SCHEMA_VERSION = 1
RESULTS = "results.json"
BOTH = "both"
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
        ``en``, ``zh``, or ``both`` for a page that switches between them; by default the study's.
    rng
        Seed of the draws for non-detects.
    inputs
        File or folder that the study was read from, for the hashes.
    progress
        As for `wqstudy.evaluate`, which runs where there are controls and no windows are given.

    Returns
    -------
    list of str
        The answer, line by line; of ``both``, in the study's language.

    Raises
    ------
    OutputError
        If the folder holds something else or cannot be written.
    """
    question = Question(study, before, after, by, languages(study, lang), rng)
    found = find(question, inputs, progress)
    with replacing_folder(Path(out), mark=RESULTS, names=_WRITTEN) as beside:
        for name, table in found.tables(study).items():
            write_table(table, beside / "tables" / f"{name}.csv")
        results = _write(question, found, beside, FORMATS)
        render(beside)
    answered: list[str] = results["answer"]
    return answered


def report(
    study: Study,
    out: str | Path,
    before: Iterable[Any] | None = None,
    after: Iterable[Any] | None = None,
    by: str = "district",
    *,
    docx: str | Path | None = None,
    lang: str | None = None,
    rng: int | np.random.Generator = 0,
    inputs: Path | None = None,
    progress: Progress = None,
) -> list[str]:
    """Compute a study and write its page as one file that needs no other, and no network.

    Parameters
    ----------
    out
        The file, such as ``report.html``. Another file there is replaced once the new one is complete.
    docx
        Where the same is to be written as a Word document.
    study, before, after, by, lang, rng, inputs, progress
        As for `run`.

    Returns
    -------
    list of str
        The answer, line by line.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    question = Question(study, before, after, by, languages(study, lang), rng)
    found = find(question, inputs, progress)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = _write(question, found, folder, ("svg",) if docx is None else FORMATS)
        write_bytes(render(folder).read_bytes(), out)
        if docx is not None:
            write_bytes(write_docx(folder).read_bytes(), docx)
    answered: list[str] = results["answer"]
    return answered


def languages(study: Study, lang: str | None) -> tuple[str, ...]:
    """The languages of a report, the study's own first.

    Raises
    ------
    ArgumentError
        If it is neither a language nor ``both``.
    """
    if lang == BOTH:
        return (study.language, *(one for one in words.LANGUAGES if one != study.language))
    return (words.language(lang or study.language),)


def _write(question: Question, found: Found, folder: Path, formats: Collection[str]) -> dict[str, Any]:
    """Write figures and `results.json`; the results."""
    first, *others = question.langs
    results = _results(question, found) | _texts(question, found, first) | found.facts
    places = {lang: folder / "figures" / (lang if lang in others else "") for lang in question.langs}
    for lang, place in places.items():
        names = save_figures(
            question.study, found.table, found.series, found.classes, found.truth, lang, place, formats
        )
        drawn = {name: f"{place.relative_to(folder).as_posix()}/{name}" for name in names}
        if lang == first:
            results["figures"] = drawn
        else:
            results["also"][lang] = _texts(question, found, lang) | {"figures": drawn}
    text = json.dumps(_plain(results), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / RESULTS).write_text(text + "\n", encoding="utf-8", newline="\n")
    return results


def _results(question: Question, found: Found) -> dict[str, Any]:
    """What the page shows of the study whatever its language, and what is needed to make it again."""
    study = question.study
    times = study.samples["time"]
    return {
        "schema_version": SCHEMA_VERSION,
        "title": study.title,
        "source": study.source,
        "simulated": study.simulated,
        "also": {},
        "by": question.by,
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
        "controls": study.untreated(question.by),
        "left_out": found.table.attrs["left_out"],
        "checks": [] if found.checked is None else found.checked.to_dict("records"),
        "classes": None if found.classes is None else told(found.classes),
        "truth": [] if found.truth is None else found.truth.to_dict("records"),
    }


def _texts(question: Question, found: Found, lang: str) -> dict[str, Any]:
    """What the page says in a language."""
    study, first = question.study, lang == question.langs[0]
    table = found.table if first else question.compared(lang)
    claims = found.claims if first else question.claimed(lang)
    labels = study.labels(question.by, lang)
    effects = found.effects
    if effects is not None and not first and not all(row.estimable for row in effects):
        effects = question.effects(lang)  # reasons for saying nothing are in one language
    return {
        "language": lang,
        "labels": labels,
        "stations": study.labels("station", lang),
        "answer": answer(study, table, lang, effects),
        "sentences": words.sentences(table, labels, lang),
        "comparison": table.to_dict("records"),
        "claims": [] if claims is None else claims.to_dict("records"),
        "effects": None if effects is None else _said(study, question.by, effects, lang),
    }


def _said(study: Study, by: str, effects: Evaluations, lang: str) -> dict[str, Any]:
    """What the page shows of the effects."""
    prior = {name.removesuffix("_sd"): f"{100 * sd:g}" for name, sd in rules.load("effects")["prior"].items()}
    units = units_of(study, by, lang)
    said = [words.text("effect.rests", lang, **prior), units.shared(lang)]
    rests = any(row.assumptions for row in effects)
    return {
        "table": effects.table().to_dict("records"),
        "sentences": [getattr(row, f"sentence_{lang}") for row in (*effects.rows, *effects.pooled)],
        "assumptions": [words.joined(filter(None, said), lang)] if rests else [],
        "left_out": units.left_out,
    }


def _ledger(study: Study) -> dict[str, Any] | None:
    """What became of the cells, and the commonest reasons."""
    if study.reading is None:
        return None
    reasons = study.reading.reasons()
    return {"counts": study.reading.counts, "reasons": reasons.head(_REASONS).to_dict("records")}


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
