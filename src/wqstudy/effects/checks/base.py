"""What a check sees, and how it says what it found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.checks.rows import FAILED, OPEN, PASSED, Check, sentence
from wqstudy.effects.estimates import Design, Effects
from wqstudy.effects.tables import Units
from wqstudy.effects.verdicts import judge_one
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Fill = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One parameter of a study: its samples, and whose they are.

    Parameters
    ----------
    study, by, code
        The study, what a unit is, the parameter.
    samples, unit
        Its samples, and the unit that each belongs to.
    units
        Treated units and controls with their starts.
    labels
        How units are written, by language.
    """

    study: Study
    by: str
    code: str
    samples: pd.DataFrame
    unit: pd.Series
    units: Units
    labels: dict[str, dict[str, str]]

    def check(self, name: str, unit: str, outcome: str, said: str, **found: Any) -> Check:
        """The check's result with its sentences.

        Parameters
        ----------
        name, unit, outcome
            Of the check.
        said
            Key of what was found among the words.
        found
            ``figure, figure_unit, low, high, threshold, p_value, error_rate``, and what fills the words:
            text, or text by language.
        """
        numbers = {key: found.pop(key, np.nan) for key in _NUMBERS}
        in_what = found.pop("figure_unit", "")
        spoken = {
            lang: sentence(
                name, outcome, said, self.code, self.label(unit)[lang], self.by_language(found, lang), lang
            )
            for lang in words.LANGUAGES
        }
        return Check(
            unit,
            self.code,
            name,
            outcome,
            **{key: float(value) for key, value in numbers.items()},
            figure_unit=in_what,
            sentence_en=spoken["en"],
            sentence_zh=spoken["zh"],
        )

    def label(self, unit: str) -> dict[str, str]:
        """A unit as it is written, by language; blank is the mean over all treated."""
        if not unit:
            return {lang: words.text("effect.all_treated", lang) for lang in words.LANGUAGES}
        return {lang: self.labels[lang].get(unit, unit) for lang in words.LANGUAGES}

    @staticmethod
    def by_language(found: Mapping[str, Fill], lang: str) -> dict[str, str]:
        """What fills the words, in one language."""
        return {key: value if isinstance(value, str) else value[lang] for key, value in found.items()}


@dataclass(frozen=True, slots=True)
class Case(Sampled):
    """The same with what is estimated.

    Parameters
    ----------
    treated, controls
        Units that take part.
    design
        What is held against what, treated units first.
    effects
        Over all months since each start.
    reduction
        The smallest reduction worth calling one, as a share.
    """

    treated: list[str]
    controls: list[str]
    design: Design
    effects: Effects
    reduction: float

    @property
    def sign(self) -> float:
        """Turns logs so that an improvement is negative."""
        return -1.0 if catalogue.parameter(self.code).higher_is_better else 1.0

    @property
    def places(self) -> list[tuple[int, str]]:
        """Index and name of every treated unit, and of their mean."""
        return list(enumerate([*self.treated, ""]))

    def margin(self, g: int) -> float:
        """The deviation, in logs, that would make up a good part of the effect."""
        least = -math.log1p(-self.reduction)
        size = abs(float(self.effects.value[g]))
        return float(
            rules.load("checks")["decision"]["share"] * max(size if math.isfinite(size) else 0, least)
        )

    def verdict(self, effects: Effects, g: int) -> str:
        """The verdict on one effect, as an evaluation gives it."""
        return judge_one(effects, g, self.sign, level(), self.reduction).said


_NUMBERS = ("figure", "low", "high", "threshold", "p_value", "error_rate")


def level() -> float:
    """Level of the tests by which checks fail."""
    return float(rules.load("checks")["decision"]["level"])


@dataclass(frozen=True, slots=True)
class Deviation:
    """Estimates of what should be zero, in logs that are negative where they improve.

    Parameters
    ----------
    value, low, high
        With the interval of `level`, shape (tried, places): one row a date, control or window that was tried.
    p_value
        Two-sided, of each alone.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray

    @classmethod
    def of(cls, tried: list[Effects], sign: float, scale: float = 1.0) -> Deviation:
        """From contrasts of a design; `sign` turns them where more is better."""

        def rows(name: str) -> FloatArray:
            return scale * sign * np.array([getattr(e, name) for e in tried])

        low, high = np.sort(np.stack([rows("low"), rows("high")]), axis=0)
        p_value = np.array([e.p_value for e in tried])
        return cls(rows("value"), low, high, p_value)

    def decide(self, g: int, margin: float, side: int = 0) -> tuple[str, int, float]:
        """Outcome at one place, which of those tried deviates most, and its p over all tried (Bonferroni).

        Parameters
        ----------
        g
            Place.
        margin
            Size that would matter.
        side
            -1 if only improvements do harm, +1 if only worsening does, 0 if both.
        """
        known = np.flatnonzero(np.isfinite(self.value[:, g]))
        if not known.size:
            return OPEN, -1, math.nan
        harmful = known if not side else known[side * self.value[known, g] > 0]
        chosen = harmful if harmful.size else known
        worst = int(chosen[np.argmin(self.p_value[chosen, g])])
        p = min(1.0, float(known.size * self.p_value[worst, g]))
        if harmful.size and p < 1 - level():
            return FAILED, worst, p
        below = side > 0 or bool((self.low[known, g] > -margin).all())
        above = side < 0 or bool((self.high[known, g] < margin).all())
        return (PASSED if below and above else OPEN), worst, p


def percent(log: float) -> float:
    """A difference of logs as a change in per cent."""
    return float(100 * np.expm1(log))


def signed(log: float) -> str:
    """The same as it is written."""
    return words.percent(percent(log), signed=True)


def error_rate(side: int = 0) -> float:
    """How often a test fails at most where nothing is wrong: one-sided ones half as often."""
    return round((1 - level()) / (2 if side else 1), 9)


def interval(told: Effects, g: int) -> dict[str, Any]:
    """A figure in per cent with its interval, as numbers and in words."""
    value, low, high = told.value[g], told.low[g], told.high[g]
    return {
        "figure": percent(value),
        "low": percent(low),
        "high": percent(high),
        "shown": signed(value),
        "least": signed(low),
        "most": signed(high),
        "level": f"{100 * level():g}",
    }
