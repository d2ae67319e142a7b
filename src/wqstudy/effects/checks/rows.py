"""What one check found, all that were found, and how it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import pandas as pd

from wqstudy import words
from wqstudy.results.base import Result

PASSED, FAILED, OPEN = "passed", "failed", "cannot tell"
OUTCOMES = (PASSED, FAILED, OPEN)

_KEYS = {PASSED: "passed", FAILED: "failed", OPEN: "open"}


@dataclass(frozen=True, slots=True)
class Check(Result):
    """What one check found in one unit, or over all treated.

    Parameters
    ----------
    unit
        The treated unit; blank for the mean over all treated.
    parameter
        Its code.
    check
        Name of the check.
    outcome
        One of `OUTCOMES`.
    figure, figure_unit
        The number that it rests on, and what it is in; nan where there is none.
    low, high
        95 % interval of the figure, where it is an estimate.
    threshold
        The size of the figure that would matter.
    p_value
        Of the test, over all dates, controls or months that were tried; nan where the check is no test.
    error_rate
        How often the check fails at most where nothing is wrong; nan where it is no test.
    sentence_en, sentence_zh
        The finding in words, with what to do where it failed.
    """

    unit: str
    parameter: str
    check: str
    outcome: str
    figure: float
    figure_unit: str
    low: float
    high: float
    threshold: float
    p_value: float
    error_rate: float
    sentence_en: str
    sentence_zh: str

    def __str__(self) -> str:
        return self.sentence_en


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of all treated units and parameters.

    Parameters
    ----------
    by
        What a unit is.
    rows
        One a unit (or their mean), parameter and check.
    """

    by: str
    rows: tuple[Check, ...]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def table(self) -> pd.DataFrame:
        """One row a check.

        Returns
        -------
        DataFrame
            ``<by>, parameter, check, outcome, figure, figure_unit, low, high, threshold, p_value, error_rate,
            sentence_en, sentence_zh``; `<by>` is blank for the mean over all treated.
        """
        names = [f.name for f in fields(Check)]
        frame = pd.DataFrame([row.to_dict() for row in self.rows], columns=names)
        return frame.rename(columns={"unit": self.by})

    def counts(self) -> pd.DataFrame:
        """How many passed, failed and could not tell, one row a check and parameter."""
        table = self.table()
        keys = ["check", "parameter"]
        counted = table.groupby([*keys, "outcome"], sort=False).size().unstack(fill_value=0)
        return counted.reindex(columns=list(OUTCOMES), fill_value=0).rename_axis(columns=None).reset_index()

    def __str__(self) -> str:
        return "\n".join(row.sentence_en for row in self.rows)


def sentence(
    name: str, outcome: str, said: str, code: str, unit: str, fill: Mapping[str, str], lang: str
) -> str:
    """One check in words."""
    parameter = words.parameter_name(code, lang)
    advice = words.text(f"check.mend_{name}", lang) if outcome == FAILED else ""
    return words.text(
        "check.sentence",
        lang,
        parameter=parameter[:1].upper() + parameter[1:],
        unit=unit,
        check=words.text(f"check.{name}", lang),
        outcome=words.text(f"check.{_KEYS[outcome]}", lang),
        found=words.text(f"check.{said}", lang, **fill),
        advice=advice,
    )
