"""What the report of a study says, in order: from `results.json` to blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wqstudy import rules, words
from wqstudy.report import alts, tables
from wqstudy.report.blocks import Block, Bullets, Document, Fold, Picture, Section, Terms, Text

_LONG = 30
"""Sections from which on a picture of each of them is folded away."""


def documents(results: dict[str, Any]) -> list[Document]:
    """The report in each of its languages, the first one first.

    Parameters
    ----------
    results
        As `results.json` holds them.
    """
    return [document(results | view) for view in ({}, *results["also"].values())]


def document(results: dict[str, Any]) -> Document:
    """The report in one language, from results whose texts are in that language."""
    lang = results["language"]
    parts = [
        _answer(results, lang),
        _comparison(results, lang),
        _effects(results, lang),
        _classes(results, lang),
        _attainment(results, lang),
        _checks(results, lang),
        _claims(results, lang),
        _truth(results, lang),
        _series(results, lang),
        _limits(results, lang),
        _methods(results, lang),
        _data(results, lang),
        _again(results, lang),
    ]
    sections = [part for part in parts if part.blocks]
    return Document(lang, results["title"], list(_head(results, lang)), sections, results["figures"])


def say(key: str, lang: str, **fill: Any) -> str:
    """A phrase of the page, or of another part of the catalogue where a dot names it."""
    return words.text(key if "." in key else f"page.{key}", lang, **fill)


def _head(results: dict[str, Any], lang: str) -> Iterator[Block]:
    names = [words.parameter_name(code, lang) for code in results["parameters"]]
    comma = words.text("answer.comma", lang)
    by = words.heading(results["by"], lang)
    yield Text(say("question", lang, parameters=comma.join(names), by=by), "question")
    if results["simulated"]:
        yield Text(say("simulated", lang), "banner")
    data = results["data"]
    yield Terms(
        [
            (say("span", lang), f"{data['start'][:7]} – {data['end'][:7]}"),
            (by, f"{len(results['labels'])}"),
            (say("stations", lang), f"{data['stations']:,}"),
            (say("samples", lang), f"{data['samples']:,}"),
        ],
        "facts",
    )


def _answer(results: dict[str, Any], lang: str) -> Section:
    blocks: list[Block] = [
        Bullets(list(map(_capital, results["answer"][1:])), "answer"),
        tables.glance(results, lang),
    ]
    return Section("answer", say("answer", lang), blocks)


def _comparison(results: dict[str, Any], lang: str) -> Section:
    by = words.heading(results["by"], lang)
    blocks: list[Block] = [
        Picture("forest", alts.forest(results, lang), say("caption_forest", lang, by=by)),
        Fold(say("comparison", lang), [tables.comparison(results, lang)]),
        Fold(say("sentences", lang), [Bullets(results["sentences"])]),
    ]
    if results["left_out"]:
        stations = ", ".join(results["left_out"])
        blocks.append(Text(say("left_out", lang, by=by, stations=stations)))
    return Section("comparison", say("result", lang, by=by), blocks)


def _effects(results: dict[str, Any], lang: str) -> Section:
    title, held = say("effects", lang), results["effects"]
    if held is None:
        return Section("effects", title, [])
    reduction = f"{100 * rules.load('effects')['verdict']['reduction']:g}"
    reasons = [f"{results['labels'].get(unit, unit)}: {why}" for unit, why in held["left_out"].items()]
    first, course = tables.effects(results, lang)
    blocks: list[Block] = [
        Text(say("effects_text", lang, reduction=reduction)),
        first,
        Fold(course.title, [course]),
        Fold(say("sentences", lang), [Bullets([*held["sentences"], *reasons])]),
    ]
    return Section("effects", title, blocks)


def _classes(results: dict[str, Any], lang: str) -> Section:
    title, held = say("classes", lang), results.get("classes")
    if not held:
        return Section("classes", title, [])
    items = words.text("answer.comma", lang).join(words.parameter_name(c, lang) for c in held["items"])
    blocks: list[Block] = [Text(say("classes_text", lang, items=items))]
    if "class_shares" in results["figures"]:
        blocks.append(Picture("class_shares", alts.shares(results, lang), say("caption_shares", lang)))
    if "class_strip" in results["figures"]:
        strip = Picture("class_strip", alts.strip(results, lang), say("caption_strip", lang))
        long = held["sections"] > _LONG
        blocks.append(Fold(say("strip_title", lang), [strip]) if long else strip)
    else:
        blocks.append(Text(say("classes_many", lang, n=held["sections"])))
    if held["shares"]:
        shares = tables.shares(results, lang)
        blocks.append(Fold(shares.title, [shares]))
    if held["by_year"]:
        years = tables.plain(held["by_year"], say("years_title", lang), lang)
        blocks.append(Fold(years.title, [years]))
    return Section("classes", title, blocks)


def _attainment(results: dict[str, Any], lang: str) -> Section:
    held = results.get("classes") or {"rates": [], "lasting": []}
    blocks: list[Block] = []
    for name, labels in (("rates", results["labels"]), ("lasting", results["stations"])):
        if held[name]:
            blocks.append(tables.plain(held[name], say(f"{name}_title", lang), lang, labels))
    return Section("attainment", say("attainment", lang), blocks)


def _checks(results: dict[str, Any], lang: str) -> Section:
    """What came of every check at a glance, and in words where one failed."""
    rows = results.get("checks") or []
    blocks: list[Block] = []
    if rows:
        failed = [row[f"sentence_{lang}"] for row in rows if row["outcome"] == "failed"]
        others = [row[f"sentence_{lang}"] for row in rows if row["outcome"] != "failed"]
        blocks += [Text(say("checks_text", lang)), tables.outcomes(results, lang)]
        if failed:
            blocks += [Text(say("checks_failed", lang)), Bullets(failed)]
        blocks.append(Fold(say("checks_others", lang), [Bullets(others)]))
    return Section("checks", say("checks", lang), blocks)


def _claims(results: dict[str, Any], lang: str) -> Section:
    rows = results.get("claims") or []
    blocks: list[Block] = []
    if rows:
        sentences = [row[f"sentence_{lang}"] for row in rows if row.get(f"sentence_{lang}")]
        blocks += [tables.claimed(results, lang), Fold(say("sentences", lang), [Bullets(sentences)])]
    return Section("claims", say("claims", lang), blocks)


def _truth(results: dict[str, Any], lang: str) -> Section:
    if not results["truth"]:
        return Section("truth", say("truth", lang), [])
    table, inside = tables.truth(results, lang)
    text = say("truth_text", lang, inside=inside, all=len(table.rows))
    return Section("truth", say("truth", lang), [Text(text), table])


def _series(results: dict[str, Any], lang: str) -> Section:
    by = words.heading(results["by"], lang)
    shown: list[Block] = []
    for name in results["figures"]:
        if name.startswith("series_"):
            code = name.removeprefix("series_")
            caption = say("caption_series", lang, parameter=words.parameter_name(code, lang), by=by)
            shown.append(Picture(name, alts.series(results, code, lang), caption))
    return Section("series", say("series", lang), shown)


def _limits(results: dict[str, Any], lang: str) -> Section:
    held = rules.load("comparison")
    lines = [say("limit_design", lang)]
    if results["effects"] and results["effects"]["assumptions"]:
        lines.append(say("limit_controls", lang, rests=results["effects"]["assumptions"][0]))
    much, most = (f"{100 * held[name]:.0f}" for name in ("much_censored", "max_censored"))
    lines += [
        say("limit_noise", lang, few=held["calibrated_months"]),
        say("limit_nondetect", lang, much=much, max=most),
        say("limit_many", lang, rows=len(results["comparison"])),
    ]
    return Section("limits", say("limits", lang), [Bullets(lines)])


def _methods(results: dict[str, Any], lang: str) -> Section:
    by = words.heading(results["by"], lang)
    lines = [say("method_series", lang, by=by), say("method_step", lang), say("method_nondetect", lang)]
    if results["effects"]:
        lines.append(say("method_controls", lang))
    if results.get("classes"):
        months = rules.load("assessment_2011")["periods"]["year_months"]
        lines.append(say("method_classes", lang, months=months))
    lines.append(say("method_many", lang))
    known = [one["text"] for one in rules.load("report")["reference"] if results.get(one["needs"])]
    blocks: list[Block] = [Bullets(lines), Fold(say("references", lang), [Bullets(known, "references")])]
    return Section("methods", say("methods", lang), blocks)


def _data(results: dict[str, Any], lang: str) -> Section:
    data = results["data"]
    source = [(say("source", lang), results["source"])] if results["source"] else []
    terms = [*source, (say("span", lang), f"{data['start']} – {data['end']}")]
    blocks: list[Block] = [Terms(terms), tables.windows(results, lang)]
    held = results["ledger"]
    if held is None:
        blocks.append(Text(say("ledger_none", lang)))
    else:
        counts = {name: f"{number:,}" for name, number in held["counts"].items()}
        blocks.append(Text(f"{say('ledger_counts', lang, **counts)} {say('ledger_short', lang)}"))
        if held["reasons"]:
            reasons = tables.reasons(results, lang)
            blocks.append(Fold(reasons.title, [reasons]))
    return Section("data", say("data", lang), blocks)


def _again(results: dict[str, Any], lang: str) -> Section:
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    text = f"{say('versions', lang, versions=versions)} {say('seed', lang, seed=results['seed'])}"
    blocks: list[Block] = [Text(text)]
    if results["inputs"]:
        pairs = [(entry["file"], entry["sha256"]) for entry in results["inputs"]]
        blocks.append(Fold(say("hashes", lang), [Terms(pairs, "hashes")]))
    return Section("again", say("again", lang), blocks)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
