"""Concentrations as multiples of a limit, and their mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.item_tables import (
    BoolArray,
    FloatArray,
    identity,
    item_values,
    join_notes,
    listed,
    need_columns,
    not_negative,
    noted,
    water_of_rows,
)
from wqstudy.grading.limits import CLASSES, WATER_BODIES, Limit, WaterBody, limits
from wqstudy.parameters import codes

Targets = int | str | Mapping[str, float]


def mean_pollution_index(
    table: pd.DataFrame,
    items: Iterable[str] | str = ("NH3N", "TP", "CODCr"),
    *,
    targets: Targets = 3,
    oxygen_floor: float | None = None,
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Mean over items of concentration / target: a composite index as bulletins print it.

    Parameters
    ----------
    table
        A row a station and period, with the mean of each item under its code in canonical units; and
        `water_body` where there are lakes.
    items
        Which items; they are the same in every row, or the means cannot be held against one another.
    targets
        Class 1 to 5 whose limits are the targets; or the column of `table` that has each row's class; or a
        limit for each item.
    oxygen_floor
        Oxygen below it (mg/L) counts as it. Without a floor, oxygen of zero has no index.
    lang
        Language of `notes`.

    Returns
    -------
    DataFrame
        Index of `table`; what each row is about, `<code>_index` of each item (of oxygen target / value, of
        pH its distance from 7), `mean_index` over those present, `n_items`, `notes`.

    Raises
    ------
    ArgumentError
        If an item has no limit, a target is no class, or a value is negative or no number.

    References
    ----------
    Shenzhen, monthly bulletins of rivers (2016): mean of NH3-N, TP and COD over their limits of class III.

    Examples
    --------
    >>> table = pd.DataFrame({"station": ["a"], "NH3N": [2.0], "TP": [0.3], "CODCr": [20.0]})
    >>> mean_pollution_index(table)[["NH3N_index", "TP_index", "CODCr_index", "mean_index"]]
       NH3N_index  TP_index  CODCr_index  mean_index
    0         2.0       1.5          1.0         1.5
    """
    words.language(lang)
    chosen = codes(items, argument="items")
    values = not_negative(item_values(table, chosen), chosen)
    target = target_limits(table, chosen, targets, standard=standard)
    index, raised = ratios(values, chosen, target, oxygen_floor)
    there = np.isfinite(index)
    n_items = there.sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = np.where(there, index, 0.0).sum(axis=1) / np.where(n_items > 0, n_items, np.nan)
    missing = np.isnan(values)
    notes = join_notes(
        [
            noted("without", missing.any(axis=1), lang, items=listed(missing, chosen)),
            *oxygen_notes(values, index, raised, oxygen_floor, lang),
        ],
        lang,
    )
    each = {f"{code}_index": index[:, place] for place, code in enumerate(chosen)}
    return identity(table).assign(**each, mean_index=mean, n_items=n_items, notes=notes)


def target_limits(
    table: pd.DataFrame, items: Sequence[str], targets: Targets, *, standard: str = "gb3838_2002"
) -> FloatArray:
    """Limit that each value is held against, shape (rows, items); of a range (pH) its upper end.

    Raises
    ------
    ArgumentError
        If an item has no limit there, or a class is not 1 to 5.

    Examples
    --------
    >>> target_limits(pd.DataFrame({"water_body": ["river", "lake"]}), ["TP"], 3).tolist()
    [[0.2], [0.05]]
    """
    if isinstance(targets, Mapping):
        lacking = [code for code in items if not targets.get(code, 0) > 0]
        if lacking:
            raise ArgumentError(
                f"{lacking[0]} has no target above zero", argument="targets", valid=f"{', '.join(items)}"
            )
        return np.tile([float(targets[code]) for code in items], (len(table), 1))
    if isinstance(targets, str):
        need_columns(table, [targets])
        number = pd.to_numeric(table[targets], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    else:
        number = np.full(len(table), float(targets))
    if not np.isin(number, range(1, len(CLASSES) + 1)).all():
        raise ArgumentError("a target is not a class", argument="targets", valid=f"1 to {len(CLASSES)}")
    found = water_of_rows(table)
    target = np.full((len(table), len(items)), np.nan)
    for body in WATER_BODIES:
        rows = found == body
        if rows.any():
            target[rows] = class_limits(items, body, standard=standard)[:, number[rows].astype(int) - 1].T
    return target


def class_limits(items: Sequence[str], body: WaterBody, *, standard: str = "gb3838_2002") -> FloatArray:
    """Limits of items in classes I to V, shape (items, 5).

    Raises
    ------
    ArgumentError
        If an item has no limits in such water.
    """
    known = limits(body, standard=standard)
    for code in items:
        if code not in known:
            raise ArgumentError(f"{code} has no limits in a {body}", argument="items", valid=", ".join(known))
    return np.array([numbers(known[code]) for code in items])


def numbers(limit: Limit) -> list[float]:
    """Limits of one item in classes I to V; of a range the upper ends."""
    values = limit.values  # noqa: PD011
    return [float(value) for value in values]


def ratios(
    values: FloatArray, items: Sequence[str], target: FloatArray, oxygen_floor: float | None = None
) -> tuple[FloatArray, BoolArray]:
    """Each value over its target; of what must be at least so much, target over value; of pH, from 7.

    Returns
    -------
    index
        Shape (rows, items); NaN without a value, and for oxygen of zero without a floor.
    raised
        Shape (rows,): whether oxygen was raised to the floor.

    Raises
    ------
    ArgumentError
        If the floor is not above zero.

    Examples
    --------
    >>> index, _ = ratios(np.array([[2.5, 6.5], [10.0, 8.0]]), ["DO", "PH"], np.array([[5.0, 9.0]] * 2))
    >>> index.tolist()
    [[2.0, 0.5], [0.5, 0.5]]
    """
    if oxygen_floor is not None and not oxygen_floor > 0:
        raise ArgumentError(f"floor {oxygen_floor}", argument="oxygen_floor", valid="a number above zero")
    known = limits()
    index = values / target
    raised = np.zeros(len(values), bool)
    for place, code in enumerate(items):
        value = values[:, place]
        if code == "PH":
            neutral = rules.load("cwqi_2017")["ph"]["neutral"]
            lower = known[code].lower
            below = (neutral - value) / (neutral - float(lower or 0))
            above = (value - neutral) / (target[:, place] - neutral)
            index[:, place] = np.where(value <= neutral, below, above)
        elif code in known and known[code].at_least:
            if oxygen_floor is not None:
                raised |= value < oxygen_floor
                value = np.where(value < oxygen_floor, oxygen_floor, value)
            index[:, place] = target[:, place] / np.where(value > 0, value, np.nan)
    return index, raised


def oxygen_notes(
    values: FloatArray, index: FloatArray, raised: BoolArray, floor: float | None, lang: str
) -> list[list[str]]:
    """What to say of rows whose oxygen has no index, or was raised to the floor."""
    mute = (np.isnan(index) & np.isfinite(values)).any(axis=1)
    return [
        noted("no_oxygen", mute, lang),
        noted("oxygen_floor", raised, lang, floor=[f"{floor or 0:g} mg/L"] * len(raised)),
    ]
