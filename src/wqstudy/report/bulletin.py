"""The monthly bulletin as a page and a Word document of one or two sheets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters, plots, rules, words
from wqstudy.grading import Bulletin, monthly_bulletin
from wqstudy.grading.bulletin import BASES
from wqstudy.outputs import write_bytes
from wqstudy.report.blocks import Block, Bullets, Cell, Document, Picture, Section, Table, Terms, Text
from wqstudy.report.figures import FORMATS, save_figure
from wqstudy.report.page import page_of
from wqstudy.report.runner import languages
from wqstudy.report.tables import interval
from wqstudy.report.word import width, word_of
from wqstudy.study import Study

_STATES = ("missed", "at_risk", "on_track", "met", "unknown")
_FEW, _LINES = 12, 68
"""Lines of rows that are printed of a short table, and of all tables together: what two sheets hold."""
_LINE = 34
"""Letters of a cell that stand on one line, Chinese ones as two."""
_NAMES = 12
"""So many names are told in a line; the tables have all."""


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
    told = _Told(study, held, lang)
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
        _text("eyebrow", lang),
        compact=True,
    )


def _text(key: str, lang: str, **fill: Any) -> str:
    return words.text(f"bulletin.{key}", lang, **fill)


def _month(period: str, lang: str) -> str:
    year, month = map(int, period.split("-"))
    return _text("month", lang, year=year, month=month)


def _title(study: Study, held: Bulletin, lang: str) -> str:
    name = study.title or _text("eyebrow", lang)
    return _text("title", lang, title=name, month=_month(held.month, lang))


def _head(study: Study, held: Bulletin, lang: str) -> Iterator[Block]:
    if study.simulated:
        yield Text(words.text("page.simulated", lang), "banner")
    now = held.shares.iloc[0]
    percent = {"good": now["share_good"], "inferior": now["share_inferior_v"]}
    yield Terms(
        [
            (words.heading("period", lang), _month(held.month, lang)),
            (_text("all_sections", lang), f"{len(held.sections):,}"),
            (_text("with_class", lang), f"{now['n_sections']:,}"),
            *(
                (_text(name, lang), _text("share", lang, share=_one(value)))
                for name, value in percent.items()
            ),
        ],
        "facts",
    )


def _said(study: Study, held: Bulletin, lang: str) -> list[str]:
    """What the bulletin says, line by line."""
    now = held.shares.iloc[0]
    span = _span(now["share_low"], now["share_high"], lang)
    lines = [
        _text(
            "said_classes",
            lang,
            n=now["n_sections"],
            all=len(held.sections),
            good=now[["n_1", "n_2", "n_3"]].sum(),
            share=_one(now["share_good"]),
            doubt=_text("of_days", lang, span=span) if span else "",
            bad=now["n_6"],
            bad_share=_one(now["share_inferior_v"]),
        )
    ]
    lines += [_change(row, lang) for row in held.changes.to_dict("records")]
    if held.deadlines is not None and len(held.deadlines):
        counts = held.deadlines["state"].value_counts()
        told = [f"{_text(state, lang)} {counts[state]}" for state in _STATES if state in counts]
        lines.append(_text("said_deadlines", lang, counts=words.text("answer.comma", lang).join(told)))
    if held.not_sampled:
        names = _names(held.not_sampled, study.labels("station", lang), lang)
        lines.append(_text("said_not_sampled", lang, n=len(held.not_sampled), names=names))
    return lines


def _change(row: Mapping[Any, Any], lang: str) -> str:
    base = _base(row, lang)
    if not row["n_sections"]:
        return _text("said_no_base", lang, base=base)
    return _text(
        "said_change",
        lang,
        base=base,
        n=row["n_sections"],
        delta=_one(row["delta_good"], signed=True),
        span=interval(row["delta_low"], row["delta_high"], lang),
        said=_plain(row["by_shares"]) or _text("no_words", lang),
        doubt=_text("unsure" if row["delta_low"] <= 0 <= row["delta_high"] else "sure", lang),
    )


def _base(row: Mapping[Any, Any], lang: str) -> str:
    return _text("of_base", lang, base=_text(row["base"], lang), period=_month(row["period"], lang))


def _names(names: Sequence[str], labels: Mapping[str, str], lang: str) -> str:
    told = [labels.get(name, name) for name in names[:_NAMES]]
    if len(names) > _NAMES:
        told.append(words.text("page.alt_more", lang, n=len(names) - _NAMES))
    return words.text("answer.comma", lang).join(told)


def _one(value: float, *, signed: bool = False) -> str:
    """With one decimal, as bulletins print shares."""
    if np.isnan(value):
        return "–"
    written = f"{value:+.1f}" if signed and round(value, 1) else f"{abs(value) if signed else value:.1f}"
    return written.replace("-", "−")


def _plain(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _span(low: float, high: float, lang: str) -> str:
    """An interval without signs; blank where there is none."""
    if np.isnan(low):
        return ""
    return words.text("page.range", lang, first=words.percent(low), last=words.percent(high))


def _draw(study: Study, held: Bulletin, lang: str, place: Path) -> None:
    """Shares of the classes in the three months, of those that were sampled."""
    drawn = held.shares[held.shares["n_sections"] > 0]
    drawn = drawn.assign(
        all=_text("all_sections", lang), period=[_month(one, lang) for one in drawn["period"]]
    )
    figure = plots.class_shares(drawn, "period", panel="all", lang=lang, simulated=study.simulated)
    save_figure(figure, place, FORMATS)


def _counts(cells: Sequence[Cell]) -> bool:
    """Whether a column holds numbers, or nothing; classes are words in colour."""
    return any(cell.key is not None for cell in cells) and not any(cell.tone for cell in cells)


class _Told:
    """The sections of the bulletin in one language."""

    def __init__(self, study: Study, held: Bulletin, lang: str) -> None:
        self.study, self.held, self.lang = study, held, lang
        self.stations = study.labels("station", lang)
        self.groups = study.labels(held.by, lang)
        self.grouped = held.by != "station"
        self.lines = _LINES  # that are left for the tables to come

    def text(self, key: str, **fill: Any) -> str:
        return _text(key, self.lang, **fill)

    def head(self, *names: str) -> list[str]:
        """Headings: the catalogue's own, or those of the bulletin after a dot."""
        return [self.text(name[1:]) if name[0] == "." else words.heading(name, self.lang) for name in names]

    def unit(self, row: Mapping[Any, Any]) -> list[Cell]:
        """Section, and its group where that is another."""
        group = _plain(row["group"])
        cells = [Cell(self.stations.get(row["station"], row["station"]))]
        return [*cells, Cell(self.groups.get(group, group))] if self.grouped else cells

    def unit_heads(self) -> list[str]:
        return self.head(".section", *([self.held.by] if self.grouped else []))

    def grade(self, number: Any) -> Cell:
        """A class with its colour."""
        if pd.isna(number):
            return Cell("–")
        return Cell(words.text(f"class.{number}", self.lang), tone=f"class-{number}", key=float(number))

    def grades(self, row: Mapping[Any, Any], *names: str) -> list[Cell]:
        return [self.grade(row[name]) for name in names]

    def chance(self, value: float) -> Cell:
        return Cell(words.chance(value), key=None if pd.isna(value) else float(value))

    def table(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], most: int = _FEW
    ) -> Table:
        """A table of which as many rows are printed as `most` lines hold, one at least."""
        numbers = [_counts([row[place] for row in rows]) for place in range(len(heads))]
        tall = np.cumsum([max(-(-width(cell.text + cell.small) // _LINE) for cell in row) for row in rows])
        printed = max(1, int((tall <= most).sum()))
        self.lines -= int(tall[printed - 1])
        return Table(title, heads, rows, numbers, paper=printed)

    def classes(self) -> Section:
        rows = []
        for row in self.held.shares.to_dict("records"):
            n = row["n_sections"]
            cells = [Cell(_month(row["period"], self.lang)), Cell(str(n), key=n)]
            for one in range(1, 7):
                small = self.text("share", share=_one(row[f"share_{one}"])) if n else ""
                cells.append(Cell(str(row[f"n_{one}"]), small, key=row[f"n_{one}"]))
            good = sum(row[f"n_{one}"] for one in (1, 2, 3))
            span = _span(row["share_low"], row["share_high"], self.lang)
            share = _one(row["share_good"])
            small = (
                self.text("share_span", share=share, span=span) if span else self.text("share", share=share)
            )
            rows.append([*cells, Cell(str(good), small if n else "", key=good)])
        heads = [
            *self.head("period", ".with_class"),
            *(words.text(f"class.{one}", self.lang) for one in range(1, 7)),
            self.text("good"),
        ]
        seen = [row for row in self.held.shares.to_dict("records") if row["n_sections"]]
        alt = [
            self.text(
                "alt",
                period=_month(row["period"], self.lang),
                n=row["n_sections"],
                good=_one(row["share_good"]),
                bad=_one(row["share_inferior_v"]),
            )
            for row in seen
        ]
        blocks: list[Block] = [
            self.table(self.text("classes_title"), heads, rows),
            Text(self.text("classes_text")),
            Picture("class_shares", words.joined(alt, self.lang), self.text("classes_caption")),
        ]
        return Section("classes", self.text("classes"), blocks)

    def changes(self) -> Section:
        rows = []
        for row in self.held.changes.to_dict("records"):
            first = Cell(_base(row, self.lang))
            if not row["n_sections"]:
                rows.append([first, Cell("0", key=0), *(Cell("–") for _ in range(7))])
                continue
            counts = [
                Cell(str(row[f"n_{name}"]), self.surely(row, name), key=row[f"n_{name}"])
                for name in ("better", "same", "worse")
            ]
            span = interval(row["delta_low"], row["delta_high"], self.lang)
            rows.append(
                [
                    first,
                    Cell(str(row["n_sections"]), key=row["n_sections"]),
                    *counts,
                    Cell(_one(row["delta_good"], signed=True), span, key=row["delta_good"]),
                    Cell(_one(row["delta_inferior_v"], signed=True), key=row["delta_inferior_v"]),
                    *(Cell(_plain(row[name]) or "–") for name in ("by_shares", "by_class")),
                ]
            )
        heads = self.head(".against", ".in_both", ".better", ".same", ".worse", ".delta_good", ".delta_bad")
        heads += self.head(".by_shares", ".by_status")
        level = f"{100 * rules.load('class_probability')['level']:g}"
        table = self.table(self.text("changes_title"), heads, rows)
        return Section("changes", self.text("changes"), [table, Text(self.text("changes_text", level=level))])

    def surely(self, row: Mapping[Any, Any], name: str) -> str:
        return "" if name == "same" else self.text("surely", n=row[f"n_surely_{name}"])

    def inferior_v(self) -> Section:
        title = self.text("inferior")
        rows = [
            [
                *self.unit(row),
                Cell(_plain(row["main_indicators"])),
                self.chance(row["p_inferior_v"]),
                *self.grades(row, *(f"class_{base}" for base in BASES)),
            ]
            for row in self.held.inferior_v.to_dict("records")
        ]
        if not rows:
            return Section("inferior", title, [Text(self.text("inferior_none"))])
        heads = [*self.unit_heads(), *self.head(".indicators", "p_inferior_v", ".last_month", ".last_year")]
        return Section("inferior", title, [self.table(self.text("inferior_title"), heads, rows)])

    def deadlines(self) -> Section:
        held = self.held.deadlines
        blocks: list[Block] = []
        if held is not None and len(held):
            order = held["state"].map({state: place for place, state in enumerate(_STATES)})
            rows = [
                [
                    Cell(self.stations.get(row["station"], row["station"])),
                    self.grade(row["target_class"]),
                    Cell(f"{row['due']:%Y-%m-%d}"),
                    self.grade(row["class"]),
                    self.chance(row["p_attains"]),
                    Cell(self.text(row["state"])),
                ]
                for row in held.iloc[order.argsort(kind="stable")].to_dict("records")
            ]
            heads = self.head(".section", "target_class", "due", ".class_of_year", "p_attains", ".state")
            blocks.append(self.table(self.text("deadlines_title"), heads, rows))
        else:
            blocks.append(Text(self.text("deadlines_none")))
        return Section("deadlines", self.text("deadlines"), blocks)

    def ranking(self) -> Section:
        held, by = self.held, words.heading(self.held.by, self.lang)
        rows = [
            [
                Cell(self.groups.get(row["group"], row["group"]), row["notes"]),
                Cell(str(row["n_sections"]), key=row["n_sections"]),
                self.number(row["cwqi"], words.number(row["cwqi"])),
                *self.rank(row, ""),
                self.number(row["cwqi_last_year"], words.number(row["cwqi_last_year"])),
                self.number(row["change_percent"], words.percent(row["change_percent"], signed=True)),
                *self.rank(row, "change_"),
            ]
            for row in held.ranking.to_dict("records")
        ]
        heads = [by, *self.head("n_sections", ".index", "rank", ".true_rank", ".index_base")]
        heads += self.head("change_percent", ".change_rank", ".true_change_rank")
        comma = words.text("answer.comma", self.lang)
        items, missing = (
            comma.join(parameters.parameter(code).label(self.lang) for code in codes) or "–"
            for codes in (held.items, held.missing)
        )
        blocks: list[Block] = [
            self.table(self.text("ranking_title", by=by), heads, rows),
            Text(self.text("ranking_text", n=len(held.items), items=items, missing=missing)),
        ]
        if held.without_group:
            names = _names(held.without_group, self.stations, self.lang)
            blocks.append(Text(self.text("without_group", by=by, names=names)))
        return Section("ranking", self.text("ranking"), blocks)

    def number(self, value: float, written: str) -> Cell:
        return Cell("–") if pd.isna(value) else Cell(written, key=float(value))

    def rank(self, row: Mapping[Any, Any], part: str) -> list[Cell]:
        """A rank, marked where it is shared, and where the true one lies."""
        rank, low, high = (row[f"{part}{name}"] for name in ("rank", "rank_low", "rank_high"))
        if pd.isna(rank):
            return [Cell("–"), Cell("–")]
        first = Cell(self.text("tied", rank=rank) if row[f"{part}tied"] else str(rank), key=float(rank))
        if pd.isna(low):
            return [first, Cell("–")]
        return [first, Cell(self.text("to_rank", low=low, high=high), key=float(low))]

    def sections(self) -> Section:
        table = self.held.sections
        targets = bool(table["target_class"].notna().any())
        rows = []
        for row in table.to_dict("records"):
            blank = pd.isna(row["class"])
            own = Cell(row["notes"]) if blank else self.grade(row["class"])
            cells = [*self.unit(row), own, self.chance(row["p_class"])]
            cells += self.grades(row, *(f"class_{base}" for base in BASES))
            cells.append(self.moved(row))
            if targets:
                cells.append(self.target(row))
            rows.append([*cells, Cell(_plain(row["main_indicators"]))])
        heads = [
            *self.unit_heads(),
            *self.head("class", "p_class", ".last_month", ".last_year", ".on_year"),
            *self.head(*(["target_class"] if targets else []), ".indicators"),
        ]
        blocks: list[Block] = [
            self.table(self.text("sections_title"), heads, rows, self.lines),
            Text(self.text("sections_text")),
        ]
        return Section("sections", self.text("sections"), blocks)

    def moved(self, row: Mapping[Any, Any]) -> Cell:
        """Better or worse than a year ago, with the probability that it is so."""
        now, then = row["class"], row["class_last_year"]
        if pd.isna(now) or pd.isna(then):
            return Cell("–")
        if now == then:
            return Cell(self.text("unchanged"))
        key, p = ("improved", "p_improved_last_year") if now < then else ("worsened", "p_worsened_last_year")
        return Cell(self.text(key, p=words.chance(row[p]) or "–"))

    def target(self, row: Mapping[Any, Any]) -> Cell:
        if pd.isna(row["target_class"]):
            return Cell("–")
        target = words.text(f"class.{row['target_class']}", self.lang)
        if pd.isna(row["attains"]):
            return Cell(target)
        return Cell(self.text("attains" if row["attains"] else "exceeds", target=target))
