"""Classes of the sections for a report: by year, and by month before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wqstudy import grading
from wqstudy.study import Study
from wqstudy.windows import Windows

_CLASSES = range(1, 7)
_GOOD = 3


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of a study.

    Parameters
    ----------
    items
        Codes of the items that may set a class.
    yearly
        What `wqstudy.grade` returns for years, sections in the order of their units.
    by_year
        ``period, n_sections, share_1 … share_6, share_good``: shares of the sections.
    shares
        ``<by>, period, n_months, share_1 … share_6, share_good``: shares of the months of all sections of a
        unit, before and after.
    rates, lasting
        Where the study has targets: sections that attain theirs, by unit and year, and since when.
    """

    items: list[str]
    yearly: pd.DataFrame
    by_year: pd.DataFrame
    shares: pd.DataFrame
    rates: pd.DataFrame | None
    lasting: pd.DataFrame | None


def classes_of(study: Study, by: str, windows: Mapping[str, Windows], lang: str) -> Classes | None:
    """Classes of a study's sections; None where nothing is sampled that sets a class."""
    sampled = set(study.samples["parameter"].unique())
    items = [code for code in grading.graded_items() if code in sampled]
    if not items:
        return None
    unit = study.unit_of(by)
    yearly = grading.grade(study, "year", lang=lang)
    place = yearly["station"].map(unit).map({name: place for place, name in enumerate(windows)})
    yearly = yearly.iloc[place.fillna(len(windows)).argsort(kind="stable")].reset_index(drop=True)
    years = yearly.assign(n=1).dropna(subset=["class"])
    monthly = grading.grade(study, "month").dropna(subset=["class"])
    monthly[by] = monthly["station"].map(unit)
    monthly["period"] = _sides(monthly["period"], monthly[by], windows)
    monthly = monthly[monthly["period"] != ""]
    rates = lasting = None
    if study.targets is not None:
        rates = grading.attainment_rate(yearly, study, by, study).rename(columns={"group": by})
        lasting = grading.lasting_attainment(study, study)
    return Classes(
        items,
        yearly,
        _shares(years, ["period"], "n_sections"),
        _shares(monthly, [by, "period"], "n_months", [*windows, "before", "after"]),
        rates,
        lasting,
    )


def _sides(period: pd.Series, unit: pd.Series, windows: Mapping[str, Windows]) -> pd.Series:
    """``before``, ``after`` or blank for months, by the windows of their unit."""
    month = pd.to_datetime(period)
    side = pd.Series("", index=period.index)
    for name, window in windows.items():
        for word, (start, end) in (("before", window.before), ("after", window.after)):
            side[(unit == name) & (month >= start.replace(day=1)) & (month < end)] = word
    return side


def _shares(
    table: pd.DataFrame, keys: list[str], count: str, order: Sequence[str] | None = None
) -> pd.DataFrame:
    """Shares of the classes among the rows of each group, in per cent, by the order of keys if given."""
    number = table["class"].astype(int)
    counts = table.groupby([*keys, number]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(_CLASSES), fill_value=0)
    every = counts.sum(axis=1)
    shares = counts.mul(100 / every, axis=0)
    found = shares.set_axis([f"share_{one}" for one in _CLASSES], axis=1)
    found["share_good"] = shares[list(range(1, _GOOD + 1))].sum(axis=1)
    found.insert(0, count, every)
    if order is not None:
        place = {name: number for number, name in enumerate(order)}
        found = found.sort_index(key=lambda level: level.map(place))
    return found.reset_index()


def told(classes: Classes) -> dict[str, Any]:
    """What the report says of them."""
    tables = {name: getattr(classes, name) for name in ("by_year", "shares", "rates", "lasting")}
    return {"items": classes.items, "sections": int(classes.yearly["station"].nunique())} | {
        name: [] if table is None else table.to_dict("records") for name, table in tables.items()
    }
