"""The monthly bulletin as a page and a Word document of one or two sheets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wqstudy import plots, words
from wqstudy.doubts import doubt_note
from wqstudy.grading import Bulletin, monthly_bulletin
from wqstudy.outputs import write_bytes
from wqstudy.report.blocks import Block, Bullets, Document, Section, Terms, Text
from wqstudy.report.bulletin_tables import STATES, Tables
from wqstudy.report.bulletin_words import base_of, month_of, named, one_decimal, plain, range_of, say
from wqstudy.report.figures import FORMATS, save_figure
from wqstudy.report.page import page_of
from wqstudy.report.runner import languages
from wqstudy.report.tables import interval
from wqstudy.report.word import word_of
from wqstudy.study import Study


def bulletin(
    study: Study,
    month: str,
    out: str | Path,
    by: str = "district",
    *,
    docx: str | Path | None = None,
    lang: str | None = None,
    rng: int = 0,
) -> list[str]:
    """Write the bulletin of a month as one page that needs no other file, and no network.

    Parameters
    ----------
    study, month, by, rng
        As for `wqstudy.grading.monthly_bulletin`.
    out
        The file, such as ``bulletin.html``. Another file there is replaced once the new one is complete.
    docx
        Where the same is to be written as a Word document.
    lang
        ``en``, ``zh``, or ``both`` for a page that switches between them; by default the study's.

    Returns
    -------
    list of str
        What it says at its head, in its first language.

    Raises
    ------
    ArgumentError
        If the month has no samples, or the column or the language is not known.
    OutputError
        If a file cannot be written.
    """
    langs = languages(study, lang)
    found = {one: monthly_bulletin(study, month, by, rng=rng, lang=one) for one in langs}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parts = [_document(study, one, language, folder) for language, one in found.items()]
        write_bytes(page_of(parts, folder).encode("utf-8"), out)
        if docx is not None:
            written = folder / "bulletin.docx"
            word_of(parts, folder).save(str(written))
            write_bytes(written.read_bytes(), docx)
    return _said(study, found[langs[0]], langs[0])


def _document(study: Study, held: Bulletin, lang: str, folder: Path) -> Document:
    """The bulletin in a language; its figure is drawn into the folder."""
    place = f"class_shares_{lang}"
    _draw(study, held, lang, folder / place)
    told = Tables(study, held, lang)
    sections = [
        Section("answer", words.text("page.answer", lang), [Bullets(_said(study, held, lang), "answer")]),
        told.classes(),
        told.changes(),
        told.inferior_v(),
        told.deadlines(),
        told.ranking(),
        told.sections(),
    ]
    return Document(
        lang,
        _title(study, held, lang),
        list(_head(study, held, lang)),
        sections,
        {"class_shares": place},
        say("eyebrow", lang),
        compact=True,
    )


def _title(study: Study, held: Bulletin, lang: str) -> str:
    name = study.title or say("eyebrow", lang)
    return say("title", lang, title=name, month=month_of(held.month, lang))


def _head(study: Study, held: Bulletin, lang: str) -> Iterator[Block]:
    if study.simulated:
        yield Text(words.text("page.simulated", lang), "banner")
    now = held.shares.iloc[0]
    percent = {"good": now["share_good"], "inferior": now["share_inferior_v"]}
    yield Terms(
        [
            (words.heading("period", lang), month_of(held.month, lang)),
            (say("all_sections", lang), f"{len(held.sections):,}"),
            (say("with_class", lang), f"{now['n_sections']:,}"),
            *(
                (say(name, lang), say("share", lang, share=one_decimal(value)))
                for name, value in percent.items()
            ),
        ],
        "facts",
    )


def _said(study: Study, held: Bulletin, lang: str) -> list[str]:
    """What the bulletin says, line by line."""
    now = held.shares.iloc[0]
    span = range_of(now["share_low"], now["share_high"], lang)
    lines = [
        say(
            "said_classes",
            lang,
            n=now["n_sections"],
            all=len(held.sections),
            good=now[["n_1", "n_2", "n_3"]].sum(),
            share=one_decimal(now["share_good"]),
            doubt=say("of_days", lang, span=span) if span else "",
            bad=now["n_6"],
            bad_share=one_decimal(now["share_inferior_v"]),
        )
    ]
    lines += [_change(row, lang) for row in held.changes.to_dict("records")]
    if held.deadlines is not None and len(held.deadlines):
        counts = held.deadlines["state"].value_counts()
        told = [f"{say(state, lang)} {counts[state]}" for state in STATES if state in counts]
        lines.append(say("said_deadlines", lang, counts=words.text("answer.comma", lang).join(told)))
    if held.in_doubt:
        note = doubt_note(held.in_doubt, lang, study.labels("station", lang))
        lines.append(say("said_in_doubt", lang, note=note))
    if held.not_sampled:
        names = named(held.not_sampled, study.labels("station", lang), lang)
        lines.append(say("said_not_sampled", lang, n=len(held.not_sampled), names=names))
    return lines


def _change(row: Mapping[Any, Any], lang: str) -> str:
    base = base_of(row, lang)
    if not row["n_sections"]:
        return say("said_no_base", lang, base=base)
    return say(
        "said_change",
        lang,
        base=base,
        n=row["n_sections"],
        delta=one_decimal(row["delta_good"], signed=True),
        span=interval(row["delta_low"], row["delta_high"], lang) or "–",
        said=plain(row["by_shares"]) or say("no_words", lang),
        doubt=say("sure" if row["delta_low"] > 0 or row["delta_high"] < 0 else "unsure", lang),
    )


def _draw(study: Study, held: Bulletin, lang: str, place: Path) -> None:
    """Shares of the classes in the three months, of those that were sampled."""
    drawn = held.shares[held.shares["n_sections"] > 0]
    drawn = drawn.assign(
        all=say("all_sections", lang), period=[month_of(one, lang) for one in drawn["period"]]
    )
    figure = plots.class_shares(drawn, "period", panel="all", lang=lang, simulated=study.simulated)
    save_figure(figure, place, FORMATS)
