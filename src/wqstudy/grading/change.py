"""Two periods of the same sections or basins in the decree's words, by both of its rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.status import classes_of, status_of_class, status_text, statuses
from wqstudy.grading.tidy import integers

_WORDS = ("down_2", "down_1", "none", "up_1", "up_2")
_SHARES = ("share_good", "share_inferior_v")


def change_words(before: pd.DataFrame, after: pd.DataFrame, *, lang: str = "en") -> pd.DataFrame:
    """How the water changed between two periods, by grades of status and by shares of classes.

    The decree has both rules and does not say which one wins where they differ, so they stand side by side.
    Neither knows of sampling error: one section that crosses a limit can change the words. They describe;
    `wqstudy.compare` tests.

    Parameters
    ----------
    before, after
        One period each: basins as `basin_status` returns them, or sections as `wqstudy.grade` does (these
        have no shares). One row a group or station.
    lang
        Language of the statuses, words and notes.

    Returns
    -------
    DataFrame
        `group` (or `station`), `status_before`, `status_after`, `grades` (of status, positive for better),
        `delta_good` and `delta_inferior_v` (ΔG and ΔD, percentage points), `difference` (ΔG − ΔD),
        `by_class`, `by_shares` (the words; missing where the rule does not apply), `agree`, `notes`.

    Raises
    ------
    ArgumentError
        If a table has neither groups nor stations, or two rows for one.

    References
    ----------
    环办〔2011〕22号, part three, comparison of two periods; remembered, see docs/methods.md.

    Examples
    --------
    >>> before, after = (
    ...     pd.DataFrame({"group": ["Jia"], "n_sections": 20, "status": [status],
    ...                   "share_good": [good], "share_inferior_v": [inferior]})
    ...     for status, good, inferior in [("light", 60.0, 10.0), ("good", 75.0, 0.0)]
    ... )
    >>> change_words(before, after)[["grades", "difference", "by_class", "by_shares", "agree"]]
       grades  difference         by_class       by_shares  agree
    0       1        25.0  somewhat better  clearly better  False
    """
    first, second = _one_row_each(before, "before"), _one_row_each(after, "after")
    if first.index.name != second.index.name:
        raise ArgumentError(
            "one table is of groups, the other of stations", argument="after", valid="both of the same kind"
        )
    names = first.index.union(second.index)
    in_first, in_second = names.isin(first.index), names.isin(second.index)
    first, second = first.reindex(names), second.reindex(names)
    place, n = (
        [table[name].fillna(0).to_numpy(np.int64) for table in (first, second)]
        for name in ("place", "n_sections")
    )
    grades = place[0] - place[1]  # places count from the best
    has_status = (place[0] > 0) & (place[1] > 0)
    delta = {name: (second[name] - first[name]).to_numpy() for name in _SHARES}
    # Printed shares have decimals; nine of them hide what binary fractions add to a difference.
    difference = np.round(delta["share_good"] - delta["share_inferior_v"], 9)
    has_shares = np.isfinite(difference)
    by_class, by_shares = np.clip(grades, -2, 2), _degree(difference)
    found = pd.DataFrame({names.name: names})
    for name, held in zip(("status_before", "status_after"), place, strict=True):
        found[name] = status_text(held, lang)
    found["grades"] = integers(grades, ~has_status)
    found["delta_good"], found["delta_inferior_v"] = delta["share_good"], delta["share_inferior_v"]
    found["difference"] = difference
    found["by_class"] = _said(by_class, has_status, lang)
    found["by_shares"] = _said(by_shares, has_shares, lang)
    found["agree"] = pd.arrays.BooleanArray(by_class == by_shares, ~(has_status & has_shares))
    shared = names.name == "group"
    notes = []
    for one in range(len(names)):
        if not (in_first[one] and in_second[one]):
            said = ["only_before" if in_first[one] else "only_after"]
        else:
            said = [
                *([] if has_status[one] else ["no_status"]),
                *([] if has_shares[one] or not shared else ["methods"]),
                *([] if n[0][one] == n[1][one] else ["sections"]),
            ]
        counts = {"before": n[0][one], "after": n[1][one]}
        notes.append(words.joined([words.text(f"change.{name}", lang, **counts) for name in said], lang))
    found["notes"] = pd.array(notes, dtype="str")
    return found


def _degree(difference: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Of ΔG − ΔD: 0 for none, ±1 for some, ±2 for clear change."""
    rule = rules.load("assessment_2011")["change"]
    size = (np.abs(difference) > rule["none_up_to"]).astype(np.int64) + (
        np.abs(difference) > rule["some_up_to"]
    )
    degree: npt.NDArray[np.int64] = np.where(difference < 0, -size, size)
    return degree


def _said(degree: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], lang: str) -> Any:
    said = np.array([*(words.text(f"change.{name}", lang) for name in _WORDS), None], dtype=object)
    return pd.array(said[np.where(known, degree + 2, len(_WORDS))], dtype="str")


def _one_row_each(table: pd.DataFrame, argument: str) -> pd.DataFrame:
    """Place of the status, shares and number of sections by group or station."""
    key = next((name for name in ("group", "station") if name in table), None)
    if key is None or not {"status", "class"} & set(table.columns):
        raise ArgumentError(
            "the table is neither of basins nor of sections",
            argument=argument,
            valid="what basin_status or wqstudy.grade returns",
        )
    twice = table[key].duplicated()
    if twice.any():
        raise ArgumentError(
            f"{key} {table[key][twice].iloc[0]!r} has two rows",
            argument=argument,
            valid="one period: one row each",
        )
    held = pd.DataFrame(index=pd.Index(table[key], name=key))
    if "status" in table:
        names = {name: place for place, name in enumerate(statuses(), start=1)}
        strange = table["status"][table["status"].notna() & ~table["status"].isin(names)]
        if len(strange):
            raise ArgumentError(
                f"status {strange.iloc[0]!r} is not known", argument=argument, valid=", ".join(names)
            )
        held["place"] = table["status"].map(names).to_numpy()
    else:
        held["place"] = status_of_class(classes_of(table["class"], argument))
    ways = [words.text("status.by_shares", lang) for lang in words.LANGUAGES]
    by_shares = table["method"].isin(ways) if "method" in table else pd.Series(True, index=table.index)
    for name in _SHARES:
        held[name] = table[name].where(by_shares).to_numpy(np.float64) if name in table else np.nan
    held["n_sections"] = table["n_sections"].to_numpy() if "n_sections" in table else 1
    return held
