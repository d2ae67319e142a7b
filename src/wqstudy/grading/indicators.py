"""Main pollution indicators (主要污染指标) of sections, and of basins."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import DIGITS, WATER_BODIES, Rounding, scaled, thresholds
from wqstudy.grading.periods import one_of
from wqstudy.grading.status import GOOD_UP_TO
from wqstudy.grading.targets import Targets, exceeding, target_classes
from wqstudy.grading.tidy import Sections, graded_sections, integers
from wqstudy.parameters import catalogue
from wqstudy.study import Study


def main_indicators(
    table: pd.DataFrame,
    targets: Study | Targets = GOOD_UP_TO,
    *,
    only_determining: bool = False,
    decimals: int = 1,
    rounding: Rounding = "assessment",
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Main pollution indicators of every section: at most three, with their exceedance multiples.

    Items worse than class III (so none where the status is excellent or good) come in this order: cyanide
    and heavy metals, then the worse class, then the higher multiple (C − S)/S. pH, oxygen and water
    temperature have no multiple and come last in their class, where the decree gives no order.

    Parameters
    ----------
    table
        Graded sections, as `wqstudy.grade` returns them.
    targets
        The class that S is the limit of: III for all, as the decree has it, or each section's own, as some
        provinces print (see `attainment`).
    only_determining
        Whether to name only items that have the section's class, as some bulletins do.
    decimals
        Of the multiples, which are rounded half to even in exact decimals.
    rounding
        Whether C is rounded to the catalogue's decimals first, as it was for the class.

    Returns
    -------
    DataFrame
        `station`, `period` (or `time`), `class`, `codes` (joined by ``;``) and `main_indicators` (the text);
        blank where no item exceeds, missing where there is no class or no target.

    Raises
    ------
    ArgumentError
        If the table is not one of graded sections, a target is no class, or the decimals are not 1 or 2.

    References
    ----------
    环办〔2011〕22号, 二(一)3(1).

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": "a", "period": "2021-08", "class": [5], "water_body": "river",
    ...     "CODMn": [13.3], "CODMn_class": [5], "NH3N": [1.77], "NH3N_class": [5],
    ... })
    >>> main_indicators(table, lang="zh")["main_indicators"][0]
    '高锰酸盐指数(1.2)、氨氮(0.8)'
    """
    if decimals not in (1, 2):
        raise ArgumentError(f"{decimals!r} decimals of a multiple", argument="decimals", valid="1, 2")
    one_of(rounding, ("assessment", "none"), "rounding")
    held = graded_sections(table, standard=standard)
    target = target_classes(held, targets)
    row, codes, text = named(held, target, only_determining, decimals, rounding, standard, lang)
    found = held.keys.copy()
    found["class"] = integers(held.number, held.number == 0)
    blank = np.full(len(target), "", dtype=object)
    blank[(held.number == 0) | (target == 0)] = None
    for name, each, between in (
        ("codes", codes, ";"),
        ("main_indicators", text, words.text("answer.comma", lang)),
    ):
        found[name] = pd.array(_joined(row, each, between, blank), dtype="str")
    return found


def named(
    held: Sections,
    target: npt.NDArray[np.int8],
    only_determining: bool,
    decimals: int,
    rounding: Rounding,
    standard: str,
    lang: str,
) -> tuple[npt.NDArray[np.int64], list[str], list[str]]:
    """Row, code and text of each main indicator, in their order within a row."""
    rule = rules.load("assessment_2011")["main_indicators"]
    worse = exceeding(held, target)
    if only_determining:
        worse &= held.item_class == held.number[:, None]
    row, place = np.nonzero(worse)
    above, limit = _excess(held, target, row, place, rounding, standard)
    with np.errstate(divide="ignore", invalid="ignore"):
        multiple = np.where(limit > 0, above / limit, -np.inf)
    later = np.array([code not in rule["first"] for code in held.items], bool)[place]
    order = np.lexsort((place, -multiple, -held.item_class[row, place], later, row))
    row = row[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    order, row = order[rank < rule["most"]], row[rank < rule["most"]]
    codes = [held.items[number] for number in place[order]]
    printed = _printed(above[order], limit[order], decimals)
    names = {code: catalogue()[code].label(lang) for code in held.items}
    text = [
        words.text("status.multiple", lang, name=names[code], multiple=said) if said else names[code]
        for code, said in zip(codes, printed, strict=True)
    ]
    return row, codes, text


def basin_indicators(
    held: Sections,
    group: npt.NDArray[np.int64],
    n_groups: int,
    few: npt.NDArray[np.bool_],
    rounding: Rounding,
    standard: str,
    lang: str,
) -> npt.NDArray[Any]:
    """Text for each group: the items that most sections exceed, or each section's own where there are few.

    The rate is that of sections worse than class III among those where the item was measured; equal rates
    come in the order of the standard. Sections are listed by name.
    """
    most = rules.load("assessment_2011")["main_indicators"]["most"]
    target = np.full(len(held.number), GOOD_UP_TO, np.int8)
    text = np.full(n_groups, "", dtype=object)
    comma, clause = words.text("answer.comma", lang), words.text("status.clause", lang)
    if held.items:
        measured, exceeded = (np.zeros((n_groups, len(held.items)), np.int64) for _ in range(2))
        np.add.at(measured, group, held.item_class > 0)
        np.add.at(exceeded, group, exceeding(held, target))
        rate = exceeded / np.maximum(measured, 1)
        order = np.argsort(-rate, axis=1, kind="stable")[:, :most]
        of, rank = np.nonzero(np.take_along_axis(rate, order, axis=1) > 0)
        said = [
            words.text(
                "status.rate",
                lang,
                name=catalogue()[held.items[item]].label(lang),
                rate=f"{100 * rate[one, item]:.1f}",
            )
            for one, item in zip(of, order[of, rank], strict=True)
        ]
        text = _joined(of, said, comma, text)
    row, _, each = named(held, target, False, 1, rounding, standard, lang)
    own = _joined(row, each, comma, np.full(len(group), "", dtype=object))
    some = np.flatnonzero((own != "") & few[group])
    station = held.keys["station"].to_numpy(dtype=object)
    some = some[np.lexsort((station[some].astype(str), group[some]))]
    listed = [words.text("status.own", lang, station=station[one], items=own[one]) for one in some]
    return np.where(few, _joined(group[some], listed, clause, np.full(n_groups, "", dtype=object)), text)


def _excess(
    held: Sections,
    target: npt.NDArray[np.int8],
    row: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    rounding: Rounding,
    standard: str,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """C − S and S in whole numbers of 1e-8; S is 0 where no multiple is computed."""
    none = rules.load("assessment_2011")["main_indicators"]["no_multiple"]
    ends = [thresholds(held.items, body, "none", standard=standard)[1] for body in WATER_BODIES]
    limit = np.stack(ends)[held.lake[row].astype(int), place, target[row] - 1]
    limit[np.isin(np.array(held.items, dtype=str)[place], none)] = 0
    value = scaled(held.value[row, place])
    if rounding == "assessment":
        unit = np.array([10 ** (DIGITS - catalogue()[code].decimals) for code in held.items], np.int64)
        value = _half_even(value, unit[place]) * unit[place] if len(place) else value
    return value - limit, limit


def _half_even(value: npt.NDArray[np.int64], unit: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Value over unit, rounded half to even, without a fraction ever being formed."""
    quotient, rest = np.divmod(value, unit)
    up = (2 * rest > unit) | ((2 * rest == unit) & (quotient % 2 == 1))
    rounded: npt.NDArray[np.int64] = quotient + up
    return rounded


def _printed(above: npt.NDArray[np.int64], limit: npt.NDArray[np.int64], decimals: int) -> list[str]:
    """Multiples as text, blank where there is none."""
    power = 10**decimals
    whole, rest = np.divmod(above, np.maximum(limit, 1))
    digits = whole * power + _half_even(rest * power, np.maximum(limit, 1))
    return [
        f"{int(one) // power}.{int(one) % power:0{decimals}d}" if exists else ""
        for one, exists in zip(digits, limit > 0, strict=True)
    ]


def _joined(
    row: npt.NDArray[np.int64], each: list[str], between: str, blank: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Texts of the same row as one; `row` is in ascending order."""
    text = blank.copy()
    used, first = np.unique(row, return_index=True)
    last = np.append(first, len(each))[1:]
    text[used] = [between.join(each[a:b]) for a, b in zip(first, last, strict=True)]
    return text
