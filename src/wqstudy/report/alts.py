"""What the figures of a report show, in words and numbers, for readers who do not see them."""

from __future__ import annotations

from typing import Any

from wqstudy import parameters, words

_MOST = 12
"""So many units are told one by one."""


def forest(results: dict[str, Any], lang: str) -> str:
    """The counts and spans of the answer, without its last line on the controls."""
    lines = words.joined(results["answer"][1:-1], lang)
    return words.text("page.alt_forest", lang, answer=lines)


def series(results: dict[str, Any], code: str, lang: str) -> str:
    """Medians before and after, unit by unit."""
    levels = []
    for row in results["comparison"]:
        ends = [row["median_before"], row["median_after"]]
        before, after = (words.number(end) for end in ends)
        if row["parameter"] == code and before and after:
            levels.append(_level("alt_level", results, row[results["by"]], before, after, lang))
    known = parameters.parameter(code)
    return words.text(
        "page.alt_series", lang, parameter=known.label(lang), unit=known.unit, levels=_listed(levels, lang)
    )


def shares(results: dict[str, Any], lang: str) -> str:
    """Shares of classes I to III before and after, unit by unit."""
    held: dict[str, dict[str, str]] = {}
    for row in results["classes"]["shares"]:
        held.setdefault(row[results["by"]], {})[row["period"]] = words.percent(row["share_good"])
    levels = [
        _level("alt_share", results, unit, ends["before"], ends["after"], lang)
        for unit, ends in held.items()
        if len(ends) == 2
    ]
    return words.text("page.alt_shares", lang, levels=_listed(levels, lang))


def strip(results: dict[str, Any], lang: str) -> str:
    """Shares of classes I to III and of inferior V in the first and the last year."""
    held = results["classes"]
    ends: dict[str, Any] = {}
    for name, row in zip(("first", "last"), (held["by_year"][0], held["by_year"][-1]), strict=True):
        ends[name] = row["period"]
        ends[f"{name}_share"] = words.percent(row["share_good"])
        ends[f"{name}_bad"] = words.percent(row["share_6"])
    return words.text("page.alt_strip", lang, n=held["sections"], **ends)


def _level(key: str, results: dict[str, Any], unit: str, before: str, after: str, lang: str) -> str:
    name = results["labels"].get(unit, unit)
    return words.text(f"page.{key}", lang, name=name, before=before, after=after)


def _listed(levels: list[str], lang: str) -> str:
    kept = levels[:_MOST]
    if len(levels) > _MOST:
        kept.append(words.text("page.alt_more", lang, n=len(levels) - _MOST))
    return words.joined(kept, lang) or words.text("page.nothing", lang)
