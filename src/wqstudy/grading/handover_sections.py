"""Yearly assessment of handover sections (交接断面) between districts, as Zhejiang makes it."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.classes import classify
from wqstudy.grading.item_tables import (
    FloatArray,
    item_values,
    join_notes,
    need_columns,
    need_filled,
    not_negative,
    noted,
    water_of_rows,
)
from wqstudy.grading.pollution_index import ratios, target_limits

Compare = Literal["mean", "worst"]
_COMPARE = ("mean", "worst")
_FLOWS = ("inflow", "outflow")
_FACTS = (
    "meets_target",
    "better_than_last_year",
    "outflow_better_than_inflow",
    "outflow_drop_less_than_inflow_drop",
)


def handover_verdict(
    *,
    meets_target: bool,
    better_than_last_year: bool,
    outflow_better_than_inflow: bool | None = None,
    outflow_drop_less_than_inflow_drop: bool = False,
) -> str:
    """The result of a district from four facts: ``excellent``, ``good``, ``pass`` or ``fail``.

    Parameters
    ----------
    meets_target
        Whether the outflow sections meet their target classes.
    better_than_last_year
        Whether the items are better than last year.
    outflow_better_than_inflow
        Whether water leaves the district better than it came; needed where the target is not met.
    outflow_drop_less_than_inflow_drop
        Whether the outflow got worse since last year by less than the inflow did.

    Raises
    ------
    ArgumentError
        If the target is not met, and it is not known whether the outflow is better than the inflow.

    References
    ----------
    Quzhou Daily, 2014-05-01, on the results of 2013 of Zhejiang's handover sections.

    Examples
    --------
    >>> handover_verdict(meets_target=True, better_than_last_year=False)
    'good'
    """
    if not meets_target and outflow_better_than_inflow is None:
        raise ArgumentError(
            "the target is not met", argument="outflow_better_than_inflow", valid="True or False in that case"
        )
    given = (
        meets_target,
        better_than_last_year,
        bool(outflow_better_than_inflow),
        outflow_drop_less_than_inflow_drop,
    )
    facts = dict(zip(_FACTS, given, strict=True))
    entries = rules.load("handover_zhejiang")["verdict"]
    fits = (e for e in entries if all(facts[name] == e[name] for name in facts if name in e))
    return str(next(fits)["verdict"])


def handover(
    now: pd.DataFrame,
    last: pd.DataFrame,
    sections: pd.DataFrame,
    *,
    by: str = "district",
    compare: Compare | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """Results of districts from the means of two years at their inflow and outflow sections.

    The published account does not say how three items become "better" or "worse", nor how several sections
    are put together. Here a section has one number, the mean of concentration / limit of class III over
    the items, a side of the district the mean of its sections, and equal is not better.

    Parameters
    ----------
    now, last
        Means of the year and of the year before: a row a station, as `wqstudy.grade` returns them, with
        `station`, ``CODMn``, ``NH3N``, ``TP`` and, where there are lakes, `water_body`.
    sections
        `by`, `station`, `flow` (``inflow`` or ``outflow`` of that district) and `target_class` (1 to 5, of
        outflow sections). A section can be the outflow of one district and the inflow of the next.
    by
        Column that names the district.
    compare
        ``"mean"`` of the items (the default), or the ``"worst"`` of them.
    lang
        Language of `verdict` and `notes`.

    Returns
    -------
    DataFrame
        By district: `meets_target` (every outflow section, every item, rounded as for grading),
        `index_outflow`, `index_outflow_last`, `index_inflow`, `index_inflow_last`, `better_than_last_year`,
        `outflow_better_than_inflow`, `outflow_drop_less_than_inflow_drop`, `verdict`, `notes`. Where means
        or an inflow section are lacking, facts are missing, and the verdict may be "cannot tell".

    Raises
    ------
    ArgumentError
        If a column is missing, a station is there twice, or a flow or a target class is not one.

    References
    ----------
    Quzhou Daily, 2014-05-01, on the results of 2013 of Zhejiang's handover sections.

    Examples
    --------
    >>> sections = pd.DataFrame(
    ...     {"district": "Jia", "station": ["x", "y"], "flow": ["inflow", "outflow"], "target_class": 3}
    ... )
    >>> now = pd.DataFrame({"station": ["x", "y"], "CODMn": [6.0, 7.0], "NH3N": [1.5, 1.2], "TP": 0.2})
    >>> last = now.assign(NH3N=[1.5, 1.8])
    >>> handover(now, last, sections)[["district", "meets_target", "outflow_better_than_inflow", "verdict"]]
      district  meets_target  outflow_better_than_inflow    verdict
    0      Jia         False                        True  excellent
    """
    words.language(lang)
    rule = rules.load("handover_zhejiang")
    compare = rule["compare"]["default"] if compare is None else compare
    if compare not in _COMPARE:
        raise ArgumentError(f"{compare!r} is no comparison", argument="compare", valid=", ".join(_COMPARE))
    places = _places(sections, by)
    for name, year in (("now", now), ("last", last)):
        index, attained = _sections(year, places, name, compare)
        places[f"index_{name}"] = index
        if name == "now":
            places["meets"] = attained
    return _districts(places, by, lang)


def _places(sections: pd.DataFrame, by: str) -> pd.DataFrame:
    """The sections table, checked."""
    need_columns(sections, ["target_class"], "sections")
    need_filled(sections, [by, "station", "flow"], "sections")
    places = sections[[by, "station", "flow", "target_class"]].reset_index(drop=True)
    if not places["flow"].isin(_FLOWS).all():
        raise ArgumentError("a flow is not one", argument="sections", valid=", ".join(_FLOWS))
    target = pd.to_numeric(places["target_class"], errors="coerce")
    if not target[places["flow"] == "outflow"].isin(range(1, 6)).all():
        raise ArgumentError(
            "the target class of an outflow section is none", argument="sections", valid="1 to 5"
        )
    return places.assign(target_class=target)


def _sections(
    year: pd.DataFrame, places: pd.DataFrame, argument: str, compare: Compare
) -> tuple[FloatArray, FloatArray]:
    """One number for each section listed, and whether it meets its target (1 or 0); NaN without means."""
    rule = rules.load("handover_zhejiang")
    need_columns(year, ["station"], argument)
    twice = year["station"][year["station"].duplicated()]
    if len(twice):
        raise ArgumentError(
            f"station {twice.iloc[0]} is there twice", argument=argument, mend="choose one period"
        )
    items = list(rule["items"])
    values = not_negative(item_values(year, items, argument), items, argument)
    index, _ = ratios(values, items, target_limits(year, items, rule["compare"]["class"]))
    number = index.mean(axis=1) if compare == "mean" else index.max(axis=1)
    classes = classify(values, items, water_of_rows(year, argument))[0]
    worst = np.where((classes == 0).any(axis=1), np.nan, classes.max(axis=1))
    found = pd.DataFrame({"number": number, "worst": worst}, index=year["station"]).reindex(places["station"])
    target, worst = places["target_class"].to_numpy(dtype=float), found["worst"].to_numpy()
    return found["number"].to_numpy(), np.where(np.isnan(worst), np.nan, worst <= target)


def _districts(places: pd.DataFrame, by: str, lang: str) -> pd.DataFrame:
    """Sections of each district put together, the four facts, and what follows from them."""
    names = pd.Index(sorted(places[by].unique()), name=by)
    side = {flow: places[places["flow"] == flow].groupby(by) for flow in _FLOWS}
    out, out_last, come, come_last = (
        side[flow][column].agg(lambda each: each.mean(skipna=False)).reindex(names).to_numpy(dtype=float)
        for flow in ("outflow", "inflow")
        for column in ("index_now", "index_last")
    )
    meets = side["outflow"]["meets"].agg(lambda each: each.min(skipna=False)).reindex(names)
    told = [np.isfinite(each) for each in (out, out_last, come, come_last)]
    table = pd.DataFrame(
        {
            "meets_target": _fact(meets == 1, meets.notna()),
            "index_outflow": out,
            "index_outflow_last": out_last,
            "index_inflow": come,
            "index_inflow_last": come_last,
            "better_than_last_year": _fact(out < out_last, told[0] & told[1]),
            "outflow_better_than_inflow": _fact(out < come, told[0] & told[2]),
            "outflow_drop_less_than_inflow_drop": _fact(
                (come > come_last) & (out * come_last < come * out_last), np.logical_and.reduce(told)
            ),
        },
        index=names,
    )
    said = [_verdict(facts) for facts in table[list(_FACTS)].itertuples(index=False, name=None)]
    lacking = places[places[["index_now", "index_last"]].isna().any(axis=1)].groupby(by)["station"]
    absent = lacking.agg(lambda each: ", ".join(sorted(each))).reindex(names).fillna("").to_numpy()
    notes = join_notes(
        [
            noted("no_section", absent != "", lang, stations=absent),
            noted("no_inflow", ~names.isin(side["inflow"].groups), lang),
            noted("as_last_year", out == out_last, lang),
        ],
        lang,
    )
    verdict = [words.text(f"handover.{each}", lang) for each in said]
    return table.assign(verdict=verdict, notes=notes).reset_index()


def _fact(true: npt.ArrayLike, told: npt.ArrayLike) -> pd.arrays.BooleanArray:
    """Whether it is so; missing where it cannot be told."""
    return pd.arrays.BooleanArray(np.array(true, bool), ~np.array(told, bool))


def _verdict(facts: tuple[Any, ...]) -> str:
    """The result that follows whatever the missing facts may be, or ``unclear``."""
    may_be = product(*([False, True] if fact is pd.NA else [bool(fact)] for fact in facts))
    results = {handover_verdict(**dict(zip(_FACTS, each, strict=True))) for each in may_be}
    return results.pop() if len(results) == 1 else "unclear"
