"""The monthly bulletin: classes, changes, deadlines and ranks of one month, and how sure they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from wqstudy import words
from wqstudy.doubts import stations_in_doubt
from wqstudy.errors import ArgumentError
from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.bulletin_tables import (
    BASES,
    Months,
    change_table,
    days_sampled,
    deadline_table,
    rank_table,
    section_table,
    serial,
    share_table,
)
from wqstudy.grading.limits import INFERIOR_V, graded_items, items_of
from wqstudy.grading.probability import class_probability
from wqstudy.grading.sections import grade
from wqstudy.study import Study

_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What `monthly_bulletin` puts together.

    Parameters
    ----------
    month, by
        The month as 2021-08, and the column that groups sections.
    sections
        Every section of the study, the worst class first, those without one last: `station`, `group`,
        `class`, `class_last_month`, `class_last_year`, `n_samples`, `p_class`, `p_good`, `p_inferior_v`,
        `p_improved_last_month`, `p_worsened_last_month` and the same of `last_year`, `determining`,
        `main_indicators`, `target_class` and `attains` (missing without targets), `notes`.
    shares
        A row for the month, the one before and that of the last year: `period`, `n_sections` (with a
        class), `n_1` … `n_6`, `share_1` … `share_6` (one decimal, together 100), `share_good` with
        `share_low` and `share_high` (see `good_share`), `share_inferior_v`, `n_undetermined` (sampled, but
        nothing that sets a class), `n_not_sampled`.
    inferior_v
        The sections of inferior V: `station`, `group`, `main_indicators`, `p_inferior_v`,
        `class_last_month`, `class_last_year`.
    changes
        A row for each month that it is held against, over the sections that have a class in both:
        `base`, `period`, `n_sections`, `n_better`, `n_same`, `n_worse`, `n_surely_better`,
        `n_surely_worse` (with a probability of the level of `rules/class_probability.toml` or more),
        `delta_good` with `delta_low` and `delta_high`, `delta_inferior_v` (percentage points), `by_shares`
        and `by_class` (the decree's words, see `change_words`).
    deadlines
        What `deadlines` returns as of the end of the month; None where the study has no targets.
    ranking
        A row for each group, by rank of the city index: `group`, `n_sections`, `cwqi`, `rank`, `tied`,
        `rank_low`, `rank_high`, `cwqi_last_year`, `change_percent`, `change_rank`, `change_tied`,
        `change_rank_low`, `change_rank_high`, `notes`.
    items, missing
        Codes that the index sums, and those of the 21 that it lacks.
    in_doubt
        Stations with samples whose unit is in doubt, in any of the three months, and how many.
    """

    month: str
    by: str
    sections: pd.DataFrame
    shares: pd.DataFrame
    inferior_v: pd.DataFrame
    changes: pd.DataFrame
    deadlines: pd.DataFrame | None
    ranking: pd.DataFrame
    items: tuple[str, ...]
    missing: tuple[str, ...]
    in_doubt: Mapping[str, int]

    @property
    def not_sampled(self) -> list[str]:
        """Sections without a sample in the month."""
        return self.sections.loc[self.sections["n_samples"] == 0, "station"].tolist()

    @property
    def without_group(self) -> list[str]:
        """Sections that no group has: they are in every table but the ranking."""
        return self.sections.loc[self.sections["group"].isna(), "station"].tolist()


def monthly_bulletin(
    study: Study,
    month: str,
    by: str = "district",
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
    rng: int = 0,
    lang: str = "en",
) -> Bulletin:
    """The tables of a monthly bulletin, each with what the samples leave in doubt.

    Parameters
    ----------
    study
        The study; what is later than the month is not looked at.
    month
        Such as ``2021-08`` or ``2021年8月``.
    by
        Column of the stations that is ranked.
    parameters, water_body
        As for `wqstudy.grade`. The index sums those of the items that were sampled in the month.
    rng
        Seed of the draws.
    lang
        Language of `main_indicators`, of the words of change, and of `notes`.

    Returns
    -------
    Bulletin
        One month, held against the month before and the same month of the last year.

    Raises
    ------
    ArgumentError
        If the month cannot be read or has no sample of an item that sets a class, or there is no such
        column.

    Notes
    -----
    Probabilities are those of the mean of all days of the month, of which few were sampled, so that most
    changes between two months cannot be told from chance. Words and intervals stand side by side: the words
    are the decree's, and know nothing of sampling.

    References
    ----------
    环办〔2011〕22号 (classes, shares, main indicators, change); 环办监测〔2017〕51号 (index and its change).

    Examples
    --------
    >>> import numpy as np
    >>> days = pd.to_datetime(["2020-08-05", "2021-08-05"])
    >>> table = pd.DataFrame({"station": np.repeat(["a", "b"], 2), "time": np.tile(days, 2),
    ...                       "parameter": "NH3N", "value": [2.6, 0.9, 0.4, 2.2]})
    >>> found = monthly_bulletin(Study(table), "2021-08", "station")
    >>> found.sections[["station", "class", "class_last_year"]]
      station  class  class_last_year
    0       b      6                2
    1       a      3                6
    >>> found.inferior_v["main_indicators"].tolist()
    ['ammonia nitrogen (1.2)']
    """
    words.language(lang)
    unit, items = study.unit_of(by), items_of(parameters)
    now = _month(study, month, items)
    number = serial(study.samples["time"])
    whens = {"month": now} | {name: now - back for name, back in BASES.items()}
    table = study.samples[number.isin([when.ordinal for when in whens.values()])]
    names = study.stations["station"]
    bodies = dict(zip(names, water_bodies(names, study.stations, study.samples, water_body), strict=True))
    how = {"parameters": items, "water_body": bodies, "lang": lang}
    held = Months(
        {name: str(when) for name, when in whens.items()},
        grade(table, "month", **how).set_index("station"),  # type: ignore[arg-type]
        class_probability(table, "month", **how).set_index("station"),  # type: ignore[arg-type]
        {name: days_sampled(table[number[table.index] == when.ordinal]) for name, when in whens.items()},
    )
    sections = section_table(study, unit, held, lang)
    ranked = table[table["station"].isin(unit.dropna().index) & (number[table.index] != (now - 1).ordinal)]
    sampled = set(table.loc[number[table.index] == now.ordinal, "parameter"])
    summed = tuple(code for code in items if code in sampled)
    lost = sections[sections["class"] == INFERIOR_V]
    columns = ["station", "group", "main_indicators", "p_inferior_v", *(f"class_{name}" for name in BASES)]
    return Bulletin(
        str(now),
        by,
        sections,
        share_table(held, len(names), rng),
        lost[columns].reset_index(drop=True),
        change_table(held, rng, lang),
        deadline_table(study, now, items, bodies),
        rank_table(ranked, unit.dropna(), held, summed, bodies, rng, lang),
        summed,
        tuple(code for code in graded_items() if code not in summed),
        stations_in_doubt(table[table["parameter"].isin(items)]),
    )


def _month(study: Study, month: str, items: tuple[str, ...]) -> pd.Period:
    """The month that is meant, sampled."""
    used = study.samples.loc[study.samples["parameter"].isin(items), "time"]
    if used.empty:
        raise ArgumentError("the study has no sample of an item that sets a class", argument="month")
    valid = f"months sampled, {used.min():%Y-%m} to {used.max():%Y-%m}"
    read = _MONTH.fullmatch(str(month).strip())
    if not read or not 1 <= int(read[2]) <= 12:
        raise ArgumentError(f"{month!r} is no month", argument="month", valid=f"such as 2021-08; {valid}")
    wanted = pd.Period(year=int(read[1]), month=int(read[2]), freq="M")
    if not (serial(used) == wanted.ordinal).any():
        raise ArgumentError(
            f"{wanted} has no sample of an item that sets a class", argument="month", valid=valid
        )
    return wanted
