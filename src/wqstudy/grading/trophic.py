"""Trophic level index of lakes and reservoirs, TLI(sum)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.item_tables import (
    FloatArray,
    identity,
    item_values,
    join_notes,
    listed,
    not_negative,
    noted,
    water_of_rows,
)

_EXACT = 9  # decimals to which an index is held against a bound: sums of weights are off by less


def tli(
    table: pd.DataFrame,
    *,
    least: int | None = None,
    chlorophyll: bool | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """Trophic level index of each row from up to five items, and the state it stands for.

    The index is the mean of the items' sub-indices, weighed by their squared correlation with chlorophyll
    a; weights are spread over the items present. Means belong in it, not single bad days.

    Parameters
    ----------
    table
        A row a station and period, as `wqstudy.grade` returns it, with columns ``CHLA`` (ug/L, the same as
        mg/m3), ``TP``, ``TN``, ``CODMn`` (mg/L) and ``SD`` (m); any may be missing.
    least
        Items that the index needs; by default four. The rule asks for five and says nothing of fewer.
    chlorophyll
        Whether chlorophyll a must be among them; by default it must.
    lang
        Language of `trophic_state` and `notes`.

    Returns
    -------
    DataFrame
        Index of `table`; what each row is about, then `TLI_CHLA`, `TLI_TP`, `TLI_TN`, `TLI_SD`,
        `TLI_CODMn`, `tli`, `trophic_state`, `n_items`, `notes`. Where items do not suffice `tli` is
        missing and `notes` say why.

    Raises
    ------
    ArgumentError
        If no item is a column, a value is negative or no number, or `least` is not within 1 and 5.

    References
    ----------
    总站生字〔2001〕090号; 环办〔2011〕22号. States: below 30, 30 to 50, above 50, 60, 70.

    Examples
    --------
    >>> lake = pd.DataFrame({"CHLA": [16.15], "TP": [0.17], "TN": [6.7], "SD": [0.27]})
    >>> tli(lake)[["tli", "trophic_state", "n_items"]].round(1)
        tli         trophic_state  n_items
    0  69.3  moderately eutrophic        4
    """
    words.language(lang)
    rule = rules.load("tli")
    items = [entry["code"] for entry in rule["item"]]
    least = rule["least"]["items"] if least is None else least
    chlorophyll = rule["least"]["chlorophyll"] if chlorophyll is None else chlorophyll
    if not 1 <= least <= len(items):
        raise ArgumentError(f"{least} items", argument="least", valid=f"1 to {len(items)}")
    values = not_negative(item_values(table, items), items)
    index = _sub_indices(values)
    there = np.isfinite(index)
    n_items = there.sum(axis=1)
    r2 = np.array([entry["r2"] for entry in rule["item"]])
    enough = (n_items >= least) & (there[:, items.index("CHLA")] | (not chlorophyll))
    with np.errstate(invalid="ignore"):
        total = np.where(there, index * r2, 0.0).sum(axis=1) / np.where(there, r2, 0.0).sum(axis=1)
    total = np.where(enough, total, np.nan)
    zero = values == 0
    notes = join_notes(
        [
            noted("few_items", n_items < least, lang, n=n_items, least=[least] * len(table)),
            noted("no_chlorophyll", (n_items >= least) & ~enough, lang),
            noted("without", np.isnan(values).any(axis=1), lang, items=listed(np.isnan(values), items)),
            noted("no_log", zero.any(axis=1), lang, items=listed(zero, items)),
            noted("river", (water_of_rows(table) == "river") & ("water_body" in table), lang),
        ],
        lang,
    )
    sub_indices = {f"TLI_{code}": index[:, place] for place, code in enumerate(items)}
    return identity(table).assign(
        **sub_indices, tli=total, trophic_state=_states(total, lang), n_items=n_items, notes=notes
    )


def _sub_indices(values: FloatArray) -> FloatArray:
    """TLI(j) = 10 (a + b ln value); NaN without a value or without a logarithm."""
    entries = rules.load("tli")["item"]
    a, b = (np.array([entry[name] for entry in entries]) for name in "ab")
    positive = np.where(values > 0, values, np.nan)
    index: FloatArray = 10 * (a + b * np.log(positive))
    return index


def _states(total: FloatArray, lang: str) -> npt.NDArray[np.object_]:
    """The state in words; missing where there is no index."""
    rule = rules.load("tli")["states"]
    number = np.zeros(len(total), int)
    for bound, is_better in zip(rule["bounds"], rule["bound_is_better"], strict=True):
        exact = np.round(total, _EXACT)
        number += (exact > bound) if is_better else (exact >= bound)
    names = np.array([words.text(f"trophic.{name}", lang) for name in rule["names"]], object)
    states: npt.NDArray[np.object_] = names[number]
    states[~np.isfinite(total)] = None
    return states
