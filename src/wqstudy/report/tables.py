"""The tables of a report as blocks, made from what `results.json` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import words
from wqstudy.account_words import reason
from wqstudy.effects.claim_sentences import background_verdict, claim_verdict
from wqstudy.effects.sentences import verdict as effect_word
from wqstudy.effects.verdicts import NONE, SHOWN, WORSE
from wqstudy.report.blocks import Cell, Table, tabled

_SHOWN = ("n_before", "n_after", "censored_share", "median_before", "median_after", "change_percent")
_TESTS = ("hl_percent", "p_value", "q_value", "improved_share", "notes")
_EFFECTS = (
    "effect_percent",
    "p_value",
    "q_value",
    "mde_percent",
    "possible_percent",
    "adjusted_percent",
)
_TONE = {SHOWN: "fell", WORSE: "rose", NONE: "none"}


def glance(results: dict[str, Any], lang: str) -> Table:
    """One row a unit, one column a parameter: the change, its interval, and what can be said."""
    by, table = results["by"], _frame(results)
    told = {(row[by], row["parameter"]): row for row in (results["effects"] or {"table": []})["table"]}
    codes = list(dict.fromkeys(table["parameter"]))
    cells = {
        (row[by], row["parameter"]): _glanced(row, told.get((row[by], row["parameter"])), lang)
        for row in table.to_dict("records")
    }
    rows = []
    for unit in dict.fromkeys(table[by]):
        mark = words.text("page.control_mark", lang) if unit in results["controls"] else ""
        first = Cell(results["labels"].get(unit, unit), label=mark)
        rows.append([first, *(cells[unit, code] for code in codes)])
    names = [words.text("page.of_change", lang, parameter=words.parameter_name(code, lang)) for code in codes]
    heading = words.heading(by, lang)
    title = words.text("page.glance_title", lang, by=heading)
    return Table(title, [heading, *names], rows, [False, *(True for _ in codes)])


def _glanced(row: Mapping[Any, Any], effect: Mapping[str, Any] | None, lang: str) -> Cell:
    said = words.verdict(row["low"], row["high"])
    word = words.text(f"verdict.{said}", lang)
    if said == "none":
        return Cell("–", small=word, tone=said)
    small = words.text("page.said", lang, verdict=word, interval=interval(row["low"], row["high"], lang))
    label = ""
    if effect is not None:
        label = effect_word(effect["verdict"], lang)
        if effect["effect_percent"] is not None:
            value = words.percent(effect["effect_percent"], signed=True)
            label = words.text("page.beyond", lang, value=value, verdict=label)
    change = row["change_percent"]
    return Cell(words.percent(change, signed=True), small, label, said, key=float(change))


def interval(low: float, high: float, lang: str) -> str:
    """An interval of change; blank where there is none."""
    if not np.isfinite(low):
        return ""
    ends = [words.percent(end, signed=True) for end in (low, high)]
    written = words.text("page.range", lang, first=ends[0], last=ends[1])
    return written.replace(" ", "\u00a0")  # it stays on one line


def _intervals(table: pd.DataFrame, lang: str) -> list[str]:
    return [interval(low, high, lang) for low, high in zip(table["low"], table["high"], strict=True)]


def comparison(results: dict[str, Any], lang: str) -> Table:
    """Every row of the comparison with its verdict."""
    by, table = results["by"], _frame(results)
    verdicts = [words.verdict(low, high) for low, high in zip(table["low"], table["high"], strict=True)]
    shown = table[[by, "parameter"]].copy()
    shown["verdict"] = [words.text(f"verdict.{said}", lang) for said in verdicts]
    shown = shown.join(table[list(_SHOWN)])
    shown["interval"] = _intervals(table, lang)
    last = [name for name in _TESTS if name != "notes" or table["notes"].any()]
    shown = shown.join(table[last])
    title = words.text("page.comparison", lang)
    return tabled(shown, title, lang, labels=results["labels"], tones={"verdict": verdicts})


def effects(results: dict[str, Any], lang: str) -> tuple[Table, Table]:
    """Effects beyond the controls with their verdicts, and their course."""
    by, table = results["by"], pd.DataFrame(results["effects"]["table"])
    course = [str(name) for name in table if str(name).startswith("months_")]
    numbers = [*_EFFECTS, "low", "high", "shrunken_percent", *course]
    table[numbers] = table[numbers].apply(pd.to_numeric)
    shown = table[[by, "parameter"]].copy()
    shown["verdict"] = [effect_word(said, lang) for said in table["verdict"]]
    shown["effect_percent"] = table["effect_percent"]
    shown["interval"] = _intervals(table, lang)
    shown = shown.join(table[list(_EFFECTS[1:])])
    tones = {"verdict": [_TONE.get(said, "") for said in table["verdict"]]}
    titles = [words.text(f"page.{name}", lang) for name in ("effects_title", "course_title")]
    later = table[[by, "parameter", "effect_percent", *course, "shrunken_percent"]]
    labels = results["labels"]
    first = tabled(shown, titles[0], lang, labels=labels, tones=tones)
    return first, tabled(later, titles[1], lang, labels=labels)


def shares(results: dict[str, Any], lang: str) -> Table:
    """Shares of classes by unit, before and after."""
    table = pd.DataFrame(results["classes"]["shares"])
    sides = {side: words.text(f"page.{side}", lang) for side in ("before", "after")}
    table["period"] = table["period"].map(sides)
    title = words.text("page.shares_title", lang)
    return tabled(table, title, lang, labels=results["labels"])


def truth(results: dict[str, Any], lang: str) -> tuple[Table, int]:
    """Estimates beside the truth of a simulated study, and how many intervals hold it."""
    by = results["by"]
    known = pd.DataFrame(results["truth"]).rename(columns={"change_percent": "truth_percent"})
    table = _frame(results).merge(known, on=[by, "parameter"])
    inside = (table["low"] <= table["truth_percent"]) & (table["truth_percent"] <= table["high"])
    shown = table[[by, "parameter", "truth_percent", "change_percent", "low", "high", "effect_percent"]]
    shown = shown.assign(covered=[words.text(f"page.{'yes' if held else 'no'}", lang) for held in inside])
    tones = {"covered": ["" if held else "rose" for held in inside]}
    title = words.text("page.truth_title", lang)
    return tabled(shown, title, lang, labels=results["labels"], tones=tones), int(inside.sum())


def windows(results: dict[str, Any], lang: str) -> Table:
    """The windows of every unit."""
    heading = words.heading(results["by"], lang)
    rows = []
    for unit, window in results["windows"].items():
        mark = words.text("plot.control", lang) if unit in results["controls"] else ""
        spans = [Cell(f"[{', '.join(window[side])})") for side in ("before", "after")]
        rows.append([Cell(results["labels"].get(unit, unit)), Cell(mark), *spans])
    names = [words.heading("group", lang), words.text("page.before", lang), words.text("page.after", lang)]
    title = words.text("page.windows_title", lang, by=heading)
    return Table(title, [heading, *names], rows, [False] * 4, tools=False)


def reasons(results: dict[str, Any], lang: str) -> Table:
    """The commonest reasons of the ledger."""
    rows = [
        [
            Cell(reason(line["reason"], lang)),
            Cell(words.text(f"action.{line['action']}", lang)),
            Cell(f"{line['number']:,}", key=line["number"]),
        ]
        for line in results["ledger"]["reasons"]
    ]
    names = [words.text(f"page.{name}", lang) for name in ("reason", "action", "number")]
    return Table(words.text("page.ledger_title", lang), names, rows, [False, False, True], tools=False)


_OUTCOME = {"passed": ("passed", "✓"), "failed": ("failed", "×"), "cannot tell": ("open", "?")}
"""Key of the words, and sign, of each outcome of a check."""

_CLAIMED = ("claim", "announced", "verdict", "beyond_background", "reason")


def outcomes(results: dict[str, Any], lang: str) -> Table:
    """One row a unit and parameter, one column a check: what came of it."""
    rows = results["checks"]
    by = next(iter(rows[0]))
    names = list(dict.fromkeys(row["check"] for row in rows))
    found = {(row[by], row["parameter"], row["check"]): row["outcome"] for row in rows}
    lines = []
    for unit, code in dict.fromkeys((row[by], row["parameter"]) for row in rows):
        called = results["labels"].get(unit, unit) if unit else words.text("effect.all_treated", lang)
        cells = [_outcome(found.get((unit, code, name)), lang) for name in names]
        lines.append([Cell(called), Cell(words.parameter_name(code, lang)), *cells])
    heads = [words.heading(by, lang), words.heading("parameter", lang)]
    columns = [*heads, *(words.text(f"check.{name}", lang) for name in names)]
    return Table(words.text("page.checks_title", lang), columns, lines, [False] * len(columns))


def _outcome(said: str | None, lang: str) -> Cell:
    if said is None:
        return Cell("")
    key, sign = _OUTCOME[said]
    return Cell(
        sign,
        small=words.text(f"check.{key}", lang),
        tone=f"check-{key}",
        key=float(list(_OUTCOME).index(said)),
    )


def claimed(results: dict[str, Any], lang: str) -> Table:
    """One row a claim: what was announced, and what can be said of it."""
    table = pd.DataFrame(results["claims"])
    shown = table[[name for name in _CLAIMED if name in table and table[name].fillna("").ne("").any()]]
    shown = shown.fillna("")
    for name, word in (("verdict", claim_verdict), ("beyond_background", background_verdict)):
        if name in shown:
            shown[name] = [word(said, lang) for said in shown[name]]
    return tabled(shown, words.text("page.claims_title", lang), lang)


def plain(
    rows: Sequence[Mapping[str, Any]], title: str, lang: str, labels: Mapping[str, str] | None = None
) -> Table:
    """Rows as they are, without their sentences and without columns that are blank throughout."""
    table = pd.DataFrame(rows)
    table = table[[name for name in table if not str(name).startswith("sentence_")]]
    table = words.without_codes(table.dropna(axis="columns", how="all"))
    for name in table.select_dtypes(bool):
        table[name] = [words.text(f"page.{'yes' if held else 'no'}", lang) for held in table[name]]
    return tabled(table, title, lang, labels=labels)


def _frame(results: dict[str, Any]) -> pd.DataFrame:
    """The comparison with its numbers as numbers."""
    table = pd.DataFrame(results["comparison"])
    numbers = table.columns.difference([results["by"], "parameter", "method", "notes", "calibrated"])
    table[numbers] = table[numbers].apply(pd.to_numeric)
    return table
