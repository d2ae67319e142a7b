"""The tables of a monthly bulletin, from what the sections of three months are found to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.grading.attained import deadlines
from wqstudy.grading.basins import basin_status
from wqstudy.grading.change import change_words
from wqstudy.grading.city_index import delta_cwqi
from wqstudy.grading.indicators import main_indicators
from wqstudy.grading.limits import INFERIOR_V, graded_items
from wqstudy.grading.rank_intervals import city_ranks
from wqstudy.grading.status import GOOD_UP_TO, classes_of, printed_shares
from wqstudy.grading.targets import attainment
from wqstudy.grading.two_periods import class_change_probability, good_share, good_share_change
from wqstudy.study import Study

BASES = {"last_month": 1, "last_year": 12}
"""What a month is held against, and how many months before it that lies."""

_RANKS = ("rank", "rank_low", "rank_high")


@dataclass(frozen=True, slots=True)
class Months:
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


def serial(times: pd.Series) -> pd.Series:
    """Months since January 1970, as `pandas.Period` counts them."""
    months: pd.Series = (times.dt.year - 1970) * 12 + times.dt.month - 1
    return months


def days_sampled(samples: pd.DataFrame) -> pd.Series:
    """Days sampled of each station, whatever for."""
    return samples.drop_duplicates(["station", "time"])["station"].value_counts()


def section_table(study: Study, unit: pd.Series, held: Months, lang: str) -> pd.DataFrame:
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


def share_table(held: Months, n_stations: int, rng: int) -> pd.DataFrame:
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


def change_table(held: Months, rng: int, lang: str) -> pd.DataFrame:
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
        clear = np.isfinite([table["p_good"].to_numpy(float) for table in likely]).all(axis=0).any()
        doubt = good_share_change(*likely, rng=rng) if clear else {}
        row["delta_good"] = _points(before <= GOOD_UP_TO, after <= GOOD_UP_TO)
        for name in ("delta_low", "delta_high"):
            row[name] = doubt.get(name, np.nan)
        row["delta_inferior_v"] = _points(before == INFERIOR_V, after == INFERIOR_V)
        status = [basin_status(table.reset_index().assign(every="1"), "every") for table in (first, second)]
        told = change_words(*status, lang=lang) if len(both) else pd.DataFrame()
        for name in ("by_shares", "by_class"):
            row[name] = told[name].iloc[0] if len(told) else pd.NA
        rows.append(row)
    found_ = pd.DataFrame(rows)
    return found_.astype({"by_shares": "str", "by_class": "str"})


def _points(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]) -> float:
    """Change of a share in percentage points."""
    return float(100 * (after.sum() - before.sum()) / len(before)) if len(before) else float("nan")


def deadline_table(
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


def rank_table(
    table: pd.DataFrame,
    unit: pd.Series,
    held: Months,
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
