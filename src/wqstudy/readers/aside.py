"""Rows under a heading that are no samples: blank ones, means and totals, notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy import rules
from wqstudy.parameters import fold
from wqstudy.readers.dates import parse_iso
from wqstudy.readers.layout import Layout
from wqstudy.readers.sheet import Sheet, as_arrow, as_text

_SENTENCE = re.compile(r"[：:。；;]")
_BLANK, _SUMMARY, _NOTE = "blank row", "a summary row, no sample", "a note, no sample"


def set_aside(sheet: Sheet, layout: Layout, measured: Sequence[int]) -> Sheet:
    """The sheet without the rows that are no samples, and with a note of each.

    Parameters
    ----------
    measured
        Columns that hold values. A row with a value in one of them is set aside only if it is named as a
        summary: 平均值, 合计, max …

    Raises
    ------
    ReadError
        If no row is left.
    """
    station, time = layout.roles["station"], layout.roles["time"]
    named = sheet.coded(station)
    odd = _odd(named)
    if not _all_times(sheet, time):
        odd = odd | _odd(sheet.coded(time))
    looked_at = np.flatnonzero(odd)
    if not len(looked_at):
        return sheet
    few = sheet.cells.iloc[looked_at].reset_index(drop=True)
    table = replace(sheet, cells=few)
    texts = np.array([np.asarray(table.texts(c), dtype=object) for c in range(few.shape[1])], dtype=object).T
    held = texts != ""
    count = held.sum(axis=1)
    summary = np.zeros(len(few), bool)
    first = texts[np.arange(len(few)), held.argmax(axis=1)]
    for one in (first, texts[:, station], texts[:, time]):
        summary |= _each(one, is_summary)
    # "注：L表示低于检出限" ends as the row of limits is called, and is a note all the same.
    summary &= ~_each(first, is_note)
    others = np.ones(len(sheet.cells), bool)
    others[looked_at] = False
    known = set(pc.unique(named.filter(pa.array(others))).to_pylist())
    alone = (count == 1) & ~_each(first, known.__contains__)
    valueless = ~held[:, list(measured)].any(axis=1)
    told = _each(first, is_note) & (held.argmax(axis=1) != time) & (count <= 3)
    note = valueless & ~summary & (count > 0) & (alone | told)
    why = np.select([count == 0, summary, note], [_BLANK, _SUMMARY, _NOTE], default="")
    taken = why != ""
    if not taken.any():
        return sheet
    aside = np.zeros(len(sheet.cells), bool)
    aside[looked_at[taken]] = True
    if aside.all():
        raise sheet.error("there are headings and no samples under them")
    lines = pd.DataFrame({"row": sheet.rows(looked_at[taken]), "why": why[taken]})
    lines["raw"] = [" | ".join(row[kept]) for row, kept in zip(texts[taken], held[taken], strict=True)]
    return replace(sheet.without(aside), notes=(*sheet.notes, *_notes(lines)))


def _all_times(sheet: Sheet, column: int) -> bool:
    """Whether every cell of a column is a time, as far as that is quick to tell."""
    cells = as_arrow(sheet.cells.iloc[:, column])
    return not cells.null_count and (
        pa.types.is_timestamp(cells.type) or parse_iso(as_text(cells)) is not None
    )


def _odd(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Rows whose text is blank, or names a summary."""
    # Of the many texts of a column of times, only those that end in no digit are looked at one by one.
    likely = pc.invert(pc.match_substring_regex(texts.dictionary, r"[0-9]$")).to_numpy(zero_copy_only=False)
    odd = np.zeros(len(likely), bool)
    places = np.flatnonzero(likely)
    odd[places] = [
        not text or is_summary(text) for text in texts.dictionary.take(pa.array(places)).to_pylist()
    ]
    codes: npt.NDArray[np.int32] = texts.indices.to_numpy()
    return odd[codes] if odd.any() else np.zeros(len(codes), bool)


def _each(texts: npt.NDArray[np.object_], holds: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    codes, distinct = pd.factorize(texts)
    return np.array([bool(holds(text)) for text in distinct], dtype=bool)[codes]


def _notes(lines: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Lines of the ledger; blank rows that follow one another share one."""
    blank = lines["why"] == _BLANK
    run = ((lines["row"].diff() != 1) | ~blank | ~blank.shift(fill_value=False)).cumsum()
    runs = lines.groupby(run.to_numpy(), sort=False).agg(
        row=("row", "first"), raw=("raw", "first"), why=("why", "first"), n=("row", "size")
    )
    reasons = np.where(runs["n"] > 1, runs["n"].astype("str") + " blank rows", runs["why"])
    return list(zip(runs["row"].tolist(), runs["raw"].tolist(), reasons.tolist(), strict=True))


@cache
def _words(kind: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in rules.load("readers")["aside"][kind])


def is_summary(text: str) -> bool:
    """Whether a text names a mean, a total or a limit, not a station or a time.

    Examples
    --------
    >>> is_summary("平均值"), is_summary("东区合计："), is_summary("Mean"), is_summary("北桥")
    (True, True, True, False)
    """
    folded = fold(text)
    return folded in _words("summary") or folded.endswith(_words("summary_endings"))


def is_note(text: str) -> bool:
    """Whether a text is a remark about the table.

    Examples
    --------
    >>> is_note("注：L表示未检出"), is_note("填报人：某某"), is_note("北桥")
    (True, True, False)
    """
    return is_remark(text) or bool(_SENTENCE.search(text))


def is_remark(text: str) -> bool:
    """Whether a text begins as a remark does.

    Examples
    --------
    >>> is_remark("注：L表示未检出"), is_remark("单位：mg/L")
    (True, False)
    """
    return fold(text).startswith(_words("notes"))
