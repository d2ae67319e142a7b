"""Evaluation: the effect in one district, its doubt, its verdict and its sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import words
from wqstudy.effects.placebo import Panel
from wqstudy.effects.sentences import verdict
from wqstudy.results.base import Result, lines
from wqstudy.results.estimate import Estimate
from wqstudy.shown import facts

COLUMNS = (
    "parameter",
    "design",
    "effect_percent",
    "low",
    "high",
    "level",
    "p_value",
    "p_floor",
    "q_value",
    "mde_percent",
    "verdict",
    "sentence_en",
    "sentence_zh",
    "possible_percent",
    "adjusted_percent",
    "shrunken_percent",
    "notes",
)
"""Columns of an evaluation's table, after that of the unit and before the spans of months."""


@dataclass(frozen=True, slots=True)
class Evaluation(Result):
    """The effect of treatment in one district, or its mean over all treated.

    Parameters
    ----------
    unit
        The district; blank for the mean over all treated.
    parameter
        Its code.
    design
        Numbers of treated and control districts, and whether starts differ.
    effect_percent, low, high, level
        Change of the geometric mean beyond the controls, over all months since the start, and its interval.
    p_value
        Two-sided, for "no effect".
    p_floor
        The smallest p that an exchange of labels could give in this design.
    p_permuted
        p by exchange of labels, for the mean over all treated where starts are alike and the floor allows.
    q_value
        p adjusted over all rows.
    mde_percent
        The smallest reduction that the design finds in four of five cases.
    possible_percent
        The largest reduction that is not excluded.
    adjusted_percent
        The effect where the difference to the controls may also have a linear trend.
    shrunken_percent
        The district's effect, drawn towards that of the others as far as they are alike.
    similar
        For the mean: the mean effect over districts of this kind, in per cent; not estimable with fewer
        than four treated.
    months
        Effects in spans of months since the start, in per cent.
    fades
        Whether what the first year showed is later surely less.
    verdict
        One of `wqstudy.effects.VERDICTS`.
    sentence_en, sentence_zh
        The finding as it can be quoted.
    n, n_censored
        Samples and non-detects of the district.
    assumptions, notes
        What the interval rests on, and what a careful reader must know.
    """

    unit: str
    parameter: str
    design: str
    effect_percent: float
    low: float
    high: float
    level: float
    p_value: float
    p_floor: float
    p_permuted: float
    q_value: float
    mde_percent: float
    possible_percent: float
    adjusted_percent: float
    shrunken_percent: float
    similar: Estimate
    months: tuple[tuple[str, Estimate], ...]
    fades: bool
    verdict: str
    sentence_en: str
    sentence_zh: str
    n: int = 0
    n_censored: int = 0
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def estimable(self) -> bool:
        """Whether there is a number at all."""
        return self.effect_percent == self.effect_percent

    def __str__(self) -> str:
        course = "; ".join(
            f"months {name}: {words.percent(e.value, signed=True)} %"
            for name, e in self.months
            if e.estimable
        )
        return lines(self.sentence_en, course, *self.assumptions, *self.notes)


@dataclass(frozen=True, slots=True)
class Evaluations:
    """Every treated district and parameter, and the mean over the treated.

    Parameters
    ----------
    by
        What a unit is.
    rows
        One a treated unit and parameter.
    pooled
        One a parameter: the mean effect in the treated units observed.
    seed
        Of the draws for non-detects.
    left_out
        Units that are neither treated nor controls, with the reason.
    shared
        That units of one district are no independent cases; blank where each has its own.
    panels
        What each parameter was estimated from, for `differences` and `placebo`.
    lang
        Language of what JupyterLab shows.
    """

    by: str
    rows: tuple[Evaluation, ...]
    pooled: tuple[Evaluation, ...]
    seed: int
    left_out: dict[str, str]
    shared: str = ""
    panels: tuple[Panel, ...] = field(default=(), repr=False, compare=False)
    lang: str = "en"

    def __iter__(self) -> Iterator[Evaluation]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def table(self) -> pd.DataFrame:
        """One row a unit and parameter.

        Returns
        -------
        DataFrame
            ``<by>, parameter, design, effect_percent, low, high, level, p_value, p_floor, q_value,
            mde_percent, verdict, sentence_en, sentence_zh, possible_percent, adjusted_percent,
            shrunken_percent, notes`` and the effect in each span of months.
        """
        return self._frame(self.rows)

    def pooled_table(self) -> pd.DataFrame:
        """The mean over all treated, one row a parameter, with the effect to expect in a similar district."""
        extra = {
            f"similar_{end}": [getattr(e.similar, name) for e in self.pooled]
            for end, name in (("percent", "value"), ("low", "low"), ("high", "high"))
        }
        return self._frame(self.pooled).drop(columns=[self.by, "shrunken_percent"]).assign(**extra)

    def months(self) -> pd.DataFrame:
        """The course of every effect: ``<by>, parameter, months, effect_percent, low, high, p_value``."""
        rows = [
            {
                self.by: row.unit,
                "parameter": row.parameter,
                "months": name,
                "effect_percent": e.value,
                "low": e.low,
                "high": e.high,
                "p_value": e.p_value,
            }
            for row in self.rows
            for name, e in row.months
        ]
        return pd.DataFrame(rows)

    def forest(self) -> pd.DataFrame:
        """What a forest plot draws: every district, then the mean, with shrunken values beside."""
        kept = ["parameter", "effect_percent", "low", "high", "level", "shrunken_percent", "verdict"]
        both = self._frame((*self.rows, *self.pooled))[[self.by, *kept]]
        order = both["parameter"].map({code: i for i, code in enumerate(both["parameter"].unique())})
        return both.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)

    def differences(self) -> pd.DataFrame:
        """Monthly series minus the controls', for pictures: every treated unit's, and every control's own.

        Returns
        -------
        DataFrame
            ``<by>, parameter, role, month, start, difference_percent, year_percent``: the geometric mean
            beyond that of the (other) controls, as a change from the same calendar month before the start;
            for controls, before the first start of all; and its mean over a year about the month. `role` is
            ``treated`` or ``control``.
        """
        return pd.concat([p.differences(self.by) for p in self.panels], ignore_index=True)

    def placebo(self) -> pd.DataFrame:
        """Effects where there can be none, by the same estimator, beside those of the treated units.

        In space: every control in turn as if treated at each of the starts, held against the other controls.
        In time: every treated unit as if treated earlier, its own treatment cut off; dates six months apart,
        a year away from either end. Pictures, not tests: few controls cannot give a small p, and dates that
        overlap are no independent trials.

        Returns
        -------
        DataFrame
            ``<by>, parameter, kind, start, effect_percent, low, high``; `kind` is ``treated``, ``in space``
            or ``in time``.
        """
        return pd.concat([p.placebo(self.by) for p in self.panels], ignore_index=True)

    def _frame(self, rows: tuple[Evaluation, ...]) -> pd.DataFrame:
        plain: list[dict[str, Any]] = []
        known = {f.name for f in fields(Evaluation)}
        for row in rows:
            line: dict[str, Any] = {self.by: row.unit}
            line |= {name: getattr(row, name) for name in COLUMNS if name in known}
            line["notes"] = words.joined(row.notes)
            line |= {f"months_{name}": e.value for name, e in row.months}
            plain.append(line)
        return pd.DataFrame(plain)

    def __str__(self) -> str:
        return "\n".join(e.sentence_en for e in (*self.rows, *self.pooled))

    def _repr_html_(self) -> str:
        counts = Counter(verdict(e.verdict, self.lang) for e in self.rows)
        out = {words.text("shown.left_out", self.lang): words.joined(self.left_out, self.lang)}
        said = (getattr(e, f"sentence_{self.lang}") for e in (*self.rows, *self.pooled))
        return facts(words.joined((f"{said} {n}" for said, n in counts.items()), self.lang), out, said)
