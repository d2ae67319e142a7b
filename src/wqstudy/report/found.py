"""Everything that is computed of a study for its report, whatever the languages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wqstudy.comparison import compare
from wqstudy.effects import Evaluations, check_claims, evaluate
from wqstudy.effects.checks import checks
from wqstudy.effects.tables import units_of
from wqstudy.folder import files_of
from wqstudy.progress import Progress
from wqstudy.report.classes import Classes, classes_of
from wqstudy.series import monthly_series, unit_windows
from wqstudy.study import Study


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a study, and in which languages it is answered, the first one first."""

    study: Study
    before: Iterable[Any] | None
    after: Iterable[Any] | None
    by: str
    langs: tuple[str, ...]
    rng: int | np.random.Generator

    def compared(self, lang: str) -> pd.DataFrame:
        """Before and after, with notes in a language."""
        return compare(self.study, self.before, self.after, self.by, rng=self.rng, lang=lang)

    def claimed(self, lang: str) -> pd.DataFrame | None:
        """The study's claims checked, with reasons in a language."""
        return None if self.study.claims is None else check_claims(self.study, rng=self.rng, lang=lang)

    def effects(self, lang: str, progress: Progress = None) -> Evaluations | None:
        """Effects beyond the controls, where some unit was treated and some was not."""
        units = units_of(self.study, self.by, lang)
        if not (units.treated and units.controls):
            return None
        return evaluate(self.study, self.by, rng=self.rng, lang=lang, progress=progress)


@dataclass(frozen=True, slots=True)
class Found:
    """What was computed, with notes in the first language."""

    table: pd.DataFrame
    series: pd.DataFrame
    effects: Evaluations | None
    checked: pd.DataFrame | None
    claims: pd.DataFrame | None
    classes: Classes | None
    truth: pd.DataFrame | None
    facts: dict[str, Any]

    def tables(self, study: Study) -> dict[str, pd.DataFrame]:
        """Every table by the name of its file."""
        tables = {"comparison": self.table, "monthly_series": self.series}
        if self.effects is not None:
            tables |= {"effects": self.effects.table(), "effect_months": self.effects.months()}
        if self.checked is not None:
            tables["checks"] = self.checked
        if self.claims is not None:
            tables["claims"] = self.claims
        if self.classes is not None:
            tables |= {"classes": self.classes.yearly, "class_shares": self.classes.shares}
            if self.classes.rates is not None and self.classes.lasting is not None:
                tables |= {"attainment": self.classes.rates, "lasting_attainment": self.classes.lasting}
        if study.reading is not None:
            tables["ledger"] = study.reading.ledger
        return tables


def find(question: Question, inputs: Path | None, progress: Progress) -> Found:
    """Everything that is computed once, whatever the languages."""
    study, by = question.study, question.by
    table = question.compared(question.langs[0])
    windows = unit_windows(study, by, question.before, question.after)
    facts = {
        "seed": table.attrs["seed"],
        "windows": {unit: window.to_dict() for unit, window in windows.items()},
        "inputs": [] if inputs is None else _hashes(inputs),
    }
    effects = question.effects(question.langs[0], progress) if question.before is None else None
    checked = None if effects is None else checks(study, by=by, rng=question.rng).table()
    # The truth of a simulated study is that of its own windows and districts.
    own = study.truth is not None and question.before is None and by in study.truth
    return Found(
        table,
        monthly_series(study, question.before, question.after, by, rng=question.rng),
        effects,
        checked,
        question.claimed(question.langs[0]),
        classes_of(study, by, windows, question.langs[0]),
        study.truth if own else None,
        facts,
    )


def _hashes(inputs: Path) -> list[dict[str, str]]:
    root = inputs if inputs.is_dir() else inputs.parent
    return [
        {"file": file.relative_to(root).as_posix(), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in files_of(inputs)
    ]
