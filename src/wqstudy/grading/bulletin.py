"""The monthly bulletin: classes, changes, deadlines and ranks of one month, and how sure they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.attained import deadlines
from wqstudy.grading.basins import basin_status
from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.change import change_words
from wqstudy.grading.city_index import delta_cwqi
from wqstudy.grading.indicators import main_indicators
from wqstudy.grading.limits import INFERIOR_V, graded_items, items_of
from wqstudy.grading.probability import class_probability
from wqstudy.grading.rank_intervals import city_ranks
from wqstudy.grading.sections import grade
from wqstudy.grading.status import GOOD_UP_TO, classes_of, printed_shares
from wqstudy.grading.targets import attainment
from wqstudy.grading.two_periods import class_change_probability, good_share, good_share_change
from wqstudy.study import Study

BASES = {"last_month": 1, "last_year": 12}
"""What a month is held against, and how many months before it that lies."""

_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?")
_RANKS = ("rank", "rank_low", "rank_high")


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
    serial = _serial(study.samples["time"])
    whens = {"month": now} | {name: now - back for name, back in BASES.items()}
    table = study.samples[serial.isin([when.ordinal for when in whens.values()])]
    names = study.stations["station"]
    bodies = dict(zip(names, water_bodies(names, study.stations, study.samples, water_body), strict=True))
    how = {"parameters": items, "water_body": bodies, "lang": lang}
    held = _Held(
        {name: str(when) for name, when in whens.items()},
        grade(table, "month", **how).set_index("station"),  # type: ignore[arg-type]
        class_probability(table, "month", **how).set_index("station"),  # type: ignore[arg-type]
        {name: _days(table[serial[table.index] == when.ordinal]) for name, when in whens.items()},
    )
    sections = _sections(study, unit, held, lang)
    ranked = table[table["station"].isin(unit.dropna().index) & (serial[table.index] != (now - 1).ordinal)]
    sampled = set(table.loc[serial[table.index] == now.ordinal, "parameter"])
    summed = tuple(code for code in items if code in sampled)
    lost = sections[sections["class"] == INFERIOR_V]
    columns = ["station", "group", "main_indicators", "p_inferior_v", *(f"class_{name}" for name in BASES)]
    return Bulletin(
        str(now),
        by,
        sections,
        _shares(held, len(names), rng),
        lost[columns].reset_index(drop=True),
        _changes(held, rng, lang),
        _deadlines(study, now, items, bodies),
        _ranking(ranked, unit.dropna(), held, summed, bodies, rng, lang),
        summed,
        tuple(code for code in graded_items() if code not in summed),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Of the three months by name: graded sections and the probabilities of their classes by station.

    `days` counts the days on which each section was sampled, whatever for.
    """

    whens: Mapping[str, str]
    graded: pd.DataFrame
    sure: pd.DataFrame
    days: Mapping[str, pd.Series]

    def classes(self, name: str) -> pd.DataFrame:
        """Sections graded in a month that have a class."""
        return self.of(self.graded, name).dropna(subset=["class"])

    def of(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        """Rows of one month."""
        return table[table["period"] == self.whens[name]]


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
    if not (_serial(used) == wanted.ordinal).any():
        raise ArgumentError(
            f"{wanted} has no sample of an item that sets a class", argument="month", valid=valid
        )
    return wanted


def _serial(times: pd.Series) -> pd.Series:
    """Months since January 1970, as `pandas.Period` counts them."""
    months: pd.Series = (times.dt.year - 1970) * 12 + times.dt.month - 1
    return months


def _days(samples: pd.DataFrame) -> pd.Series:
    """Days sampled of each station, whatever for."""
    return samples.drop_duplicates(["station", "time"])["station"].value_counts()


def _sections(study: Study, unit: pd.Series, held: _Held, lang: str) -> pd.DataFrame:
    """Every section of the study, sampled or not."""
    names = study.stations["station"]
    graded, sure = (held.of(table, "month") for table in (held.graded, held.sure))
    found = pd.DataFrame({"station": names.array, "group": unit.reindex(names).array})
    found["class"] = graded["class"].reindex(names).array
    for base in BASES:
        found[f"class_{base}"] = held.of(held.graded, base)["class"].reindex(names).array
    found["n_samples"] = held.days["month"].reindex(names).fillna(0).astype(int).array
    for name in ("p_class", "p_good", "p_inferior_v"):
        found[name] = sure[name].reindex(names).array
    for base in BASES:
        change = class_change_probability(
            held.of(held.sure, base).reset_index(), sure.reset_index()
        ).set_index("station")
        for name in ("p_improved", "p_worsened"):
            found[f"{name}_{base}"] = change[name].reindex(names).array
    found["determining"] = graded["determining"].reindex(names).array
    said = main_indicators(graded.reset_index(), lang=lang).set_index("station")["main_indicators"]
    found["main_indicators"] = said.reindex(names).array
    found["target_class"] = pd.array([pd.NA] * len(names), dtype="Int64")
    found["attains"] = pd.array([pd.NA] * len(names), dtype="boolean")
    if study.targets is not None and len(study.targets):
        judged = attainment(graded.reset_index(), study).set_index("station")
        for name in ("target_class", "attains"):
            found[name] = judged[name].reindex(names).array
    notes = graded["notes"].reindex(names).fillna("").to_numpy(object)
    nothing, open_ = found["n_samples"] == 0, found["class"].isna()
    notes[open_] = words.text("bulletin.no_class", lang)
    notes[nothing] = words.text("bulletin.not_sampled", lang)
    found["notes"] = pd.array(notes, dtype="str")
    order = np.lexsort((-found["class"].fillna(0).to_numpy(int), nothing, open_))
    return found.iloc[order].reset_index(drop=True)


def _shares(held: _Held, n_stations: int, rng: int) -> pd.DataFrame:
    """Counts and shares of the classes in each month."""
    rows = []
    for name, period in held.whens.items():
        number = classes_of(held.of(held.graded, name)["class"])
        counts = np.bincount(number, minlength=INFERIOR_V + 1)[1:]
        n, sampled = int(counts.sum()), len(held.days[name])
        sure = held.of(held.sure, name).dropna(subset=["class", "p_good"])
        doubt = good_share(sure, rng=rng) if len(sure) else {"share_low": np.nan, "share_high": np.nan}
        printed = printed_shares([counts])[0]
        rows.append(
            {"period": period, "n_sections": n}
            | {f"n_{one}": int(count) for one, count in enumerate(counts, 1)}
            | {f"share_{one}": share for one, share in enumerate(printed, 1)}
            | {"share_good": 100 * counts[:GOOD_UP_TO].sum() / n if n else np.nan}
            | {end: doubt[end] for end in ("share_low", "share_high")}
            | {"share_inferior_v": 100 * counts[-1] / n if n else np.nan}
            | {"n_undetermined": sampled - n, "n_not_sampled": n_stations - sampled}
        )
    return pd.DataFrame(rows)


def _changes(held: _Held, rng: int, lang: str) -> pd.DataFrame:
    """The month against each other one, over the sections that have a class in both."""
    level = rules.load("class_probability")["level"]
    rows = []
    for base in BASES:
        first, second = held.classes(base), held.classes("month")
        both = first.index.intersection(second.index)
        row: dict[str, object] = {"base": base, "period": held.whens[base], "n_sections": len(both)}
        first, second = first.loc[both], second.loc[both]
        before, after = (table["class"].to_numpy(int) for table in (first, second))
        for name, said in (("better", after < before), ("same", after == before), ("worse", after > before)):
            row[f"n_{name}"] = int(said.sum())
        likely = [held.of(held.sure, name).loc[both].reset_index() for name in (base, "month")]
        change = class_change_probability(*likely)
        row["n_surely_better"] = int((change["p_improved"] >= level).sum())
        row["n_surely_worse"] = int((change["p_worsened"] >= level).sum())
        found = good_share_change(*likely, rng=rng) if len(both) else {}
        for name in ("delta_good", "delta_low", "delta_high"):
            row[name] = found.get(name, np.nan)
        inferior = [(number == INFERIOR_V).sum() for number in (before, after)]
        row["delta_inferior_v"] = 100 * (inferior[1] - inferior[0]) / len(both) if len(both) else np.nan
        status = [basin_status(table.reset_index().assign(every="1"), "every") for table in (first, second)]
        told = change_words(*status, lang=lang) if len(both) else pd.DataFrame()
        for name in ("by_shares", "by_class"):
            row[name] = told[name].iloc[0] if len(told) else pd.NA
        rows.append(row)
    found_ = pd.DataFrame(rows)
    return found_.astype({"by_shares": "str", "by_class": "str"})


def _deadlines(
    study: Study, now: pd.Period, items: tuple[str, ...], bodies: Mapping[str, str]
) -> pd.DataFrame | None:
    """Targets judged when the month is over: its last day is then past."""
    if study.targets is None:
        return None
    dated = study.targets.reset_index(drop=True)
    last = now.end_time.normalize()
    samples = study.samples[study.samples["time"] <= now.end_time]
    parts = [
        deadlines(samples, dated[rows], day, parameters=items, water_body=bodies).set_axis(dated.index[rows])
        for rows, day in (
            (dated["due"] <= last, last + pd.Timedelta(days=1)),
            (dated["due"] > last, last),
        )
    ]
    return pd.concat(parts).sort_index()


def _ranking(
    table: pd.DataFrame,
    unit: pd.Series,
    held: _Held,
    items: tuple[str, ...],
    bodies: Mapping[str, str],
    rng: int,
    lang: str,
) -> pd.DataFrame:
    """Groups by the city index of the month, and its change on the same month of the last year."""
    names = list(dict.fromkeys(unit))
    cities = city_ranks(
        table,
        {str(name): own for name, own in unit.items()},
        "month",
        items=items,
        water_body=bodies,
        rng=rng,
        lang=lang,
    )
    months = held.graded.assign(city=unit.reindex(held.graded.index).array)
    worst = months.groupby(["city", "period"])["class"].agg(lambda one: one.max(skipna=False))
    keys = pd.MultiIndex.from_frame(cities[["city", "period"]])
    cities["worst_class"] = worst.reindex(keys).array
    now, base = (cities[cities["period"] == held.whens[name]] for name in ("month", "last_year"))
    change = delta_cwqi(now, base, lang=lang).set_index("city").reindex(names)
    found = now.set_index("city").reindex(names)
    notes = [
        _own_notes(texts, len(items), lang) for texts in zip(found["notes"], change["notes"], strict=True)
    ]
    whole = pd.DataFrame({"group": pd.array(names, dtype="str")})
    n = (found["n_river"] + found["n_lake"]).to_numpy(float, na_value=0.0)
    whole["n_sections"] = np.nan_to_num(n).astype(int)
    whole["cwqi"] = found["cwqi"].array
    for start, part in (("", found), ("change_", change)):
        if start:
            whole["cwqi_last_year"], whole["change_percent"] = (
                part["cwqi_base"].array,
                part["change_percent"].array,
            )
        rank = part["rank"]
        whole[f"{start}rank"] = rank.array
        whole[f"{start}tied"] = (rank.duplicated(keep=False) & rank.notna()).array
        for name in _RANKS[1:]:
            whole[f"{start}{name}"] = part[name].array
    whole["notes"] = pd.array(notes, dtype="str")
    return whole.sort_values(["rank", "cwqi"], kind="stable", na_position="last").reset_index(drop=True)


def _own_notes(texts: tuple[Any, Any], n: int, lang: str) -> str:
    """Notes of a group on its index and on the change; what `missing` says of all of them is left out."""
    if pd.isna(texts[0]):
        return words.text("bulletin.not_sampled", lang)
    counts = {"n": n, "all": len(graded_items())}
    common = {words.text(f"index_note.{name}", lang, **counts) for name in ("not_comparable", "part_change")}
    between = words.text("answer.semicolon", lang)
    said = dict.fromkeys(one for text in texts for one in text.split(between) if one and one not in common)
    return words.joined(said, lang)
