"""The sections of a monthly bulletin as blocks, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters, rules, words
from wqstudy.grading import Bulletin
from wqstudy.grading.bulletin_tables import BASES
from wqstudy.report.blocks import Block, Cell, Picture, Section, Table, Text
from wqstudy.report.bulletin_words import base_of, month_of, named, one_decimal, plain, range_of, say
from wqstudy.report.tables import interval
from wqstudy.report.word import width
from wqstudy.study import Study

STATES = ("missed", "at_risk", "on_track", "met", "unknown")
"""Of targets, as they are listed."""
_FEW, _LINES = 12, 68
"""Lines of rows that are printed of a short table, and of all tables together: what two sheets hold."""
_LINE = 34
"""Letters of a cell that stand on one line, Chinese ones as two."""


def _counts(cells: Sequence[Cell]) -> bool:
    """Whether a column holds numbers, or nothing; classes are words in colour."""
    return any(cell.key is not None for cell in cells) and not any(cell.tone for cell in cells)


class Tables:
    """The sections of the bulletin in one language."""

    def __init__(self, study: Study, held: Bulletin, lang: str) -> None:
        self.study, self.held, self.lang = study, held, lang
        self.stations = study.labels("station", lang)
        self.groups = study.labels(held.by, lang)
        self.grouped = held.by != "station"
        self.lines = _LINES  # that are left for the tables to come

    def _text(self, key: str, **fill: Any) -> str:
        return say(key, self.lang, **fill)

    def _head(self, *names: str) -> list[str]:
        """Headings of columns, and phrases where a dot names them."""
        return [
            words.text(name, self.lang) if "." in name else words.heading(name, self.lang) for name in names
        ]

    def _unit(self, row: Mapping[Any, Any]) -> list[Cell]:
        """Section, and its group where that is another."""
        group = plain(row["group"])
        cells = [Cell(self.stations.get(row["station"], row["station"]))]
        return [*cells, Cell(self.groups.get(group, group))] if self.grouped else cells

    def _unit_heads(self) -> list[str]:
        group = [words.heading(self.held.by, self.lang)] if self.grouped else []
        return [self._text("section"), *group]

    def _grade(self, number: Any) -> Cell:
        """A class with its colour."""
        if pd.isna(number):
            return Cell("–")
        return Cell(words.text(f"class.{number}", self.lang), tone=f"class-{number}", key=float(number))

    def _grades(self, row: Mapping[Any, Any], *names: str) -> list[Cell]:
        return [self._grade(row[name]) for name in names]

    def _chance(self, value: float) -> Cell:
        return Cell(words.chance(value), key=None if pd.isna(value) else float(value))

    def _table(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], most: int = _FEW
    ) -> Table:
        """A table of which as many rows are printed as `most` lines hold, one at least."""
        numbers = [_counts([row[place] for row in rows]) for place in range(len(heads))]
        tall = np.cumsum([max(-(-width(cell.text + cell.small) // _LINE) for cell in row) for row in rows])
        printed = max(1, int((tall <= most).sum()))
        self.lines -= int(tall[printed - 1])
        return Table(title, heads, rows, numbers, paper=printed)

    def classes(self) -> Section:
        """Sections of each class, in numbers and as a picture."""
        rows = []
        for row in self.held.shares.to_dict("records"):
            n = row["n_sections"]
            cells = [Cell(month_of(row["period"], self.lang)), Cell(str(n), key=n)]
            for one in range(1, 7):
                small = self._text("share", share=one_decimal(row[f"share_{one}"])) if n else ""
                cells.append(Cell(str(row[f"n_{one}"]), small, key=row[f"n_{one}"]))
            good = sum(row[f"n_{one}"] for one in (1, 2, 3))
            span = range_of(row["share_low"], row["share_high"], self.lang)
            share = one_decimal(row["share_good"])
            small = (
                self._text("share_span", share=share, span=span) if span else self._text("share", share=share)
            )
            rows.append([*cells, Cell(str(good), small if n else "", key=good)])
        heads = [
            *self._head("period", "bulletin.with_class"),
            *(words.text(f"class.{one}", self.lang) for one in range(1, 7)),
            self._text("good"),
        ]
        seen = [row for row in self.held.shares.to_dict("records") if row["n_sections"]]
        alt = [
            self._text(
                "alt",
                period=month_of(row["period"], self.lang),
                n=row["n_sections"],
                good=one_decimal(row["share_good"]),
                bad=one_decimal(row["share_inferior_v"]),
            )
            for row in seen
        ]
        blocks: list[Block] = [
            self._table(self._text("classes_title"), heads, rows),
            Text(self._text("classes_text")),
            Picture("class_shares", words.joined(alt, self.lang), self._text("classes_caption")),
        ]
        return Section("classes", self._text("classes"), blocks)

    def changes(self) -> Section:
        """Against each other month: numbers, words and what is sure of them."""
        rows = []
        for row in self.held.changes.to_dict("records"):
            first = Cell(base_of(row, self.lang))
            if not row["n_sections"]:
                rows.append([first, Cell("0", key=0), *(Cell("–") for _ in range(7))])
                continue
            counts = [
                Cell(str(row[f"n_{name}"]), self._surely(row, name), key=row[f"n_{name}"])
                for name in ("better", "same", "worse")
            ]
            span = interval(row["delta_low"], row["delta_high"], self.lang)
            rows.append(
                [
                    first,
                    Cell(str(row["n_sections"]), key=row["n_sections"]),
                    *counts,
                    Cell(one_decimal(row["delta_good"], signed=True), span, key=row["delta_good"]),
                    Cell(one_decimal(row["delta_inferior_v"], signed=True), key=row["delta_inferior_v"]),
                    *(Cell(plain(row[name]) or "–") for name in ("by_shares", "by_class")),
                ]
            )
        heads = self._head(
            "bulletin.against",
            "bulletin.in_both",
            "bulletin.better",
            "bulletin.same",
            "bulletin.worse",
            "bulletin.delta_good",
            "bulletin.delta_bad",
        )
        heads += self._head("bulletin.by_shares", "bulletin.by_status")
        level = f"{100 * rules.load('class_probability')['level']:g}"
        table = self._table(self._text("changes_title"), heads, rows)
        return Section(
            "changes", self._text("changes"), [table, Text(self._text("changes_text", level=level))]
        )

    def _surely(self, row: Mapping[Any, Any], name: str) -> str:
        return "" if name == "same" else self._text("surely", n=row[f"n_surely_{name}"])

    def inferior_v(self) -> Section:
        """Sections of inferior V with their main indicators."""
        title = self._text("inferior")
        rows = [
            [
                *self._unit(row),
                Cell(plain(row["main_indicators"])),
                self._chance(row["p_inferior_v"]),
                *self._grades(row, *(f"class_{base}" for base in BASES)),
            ]
            for row in self.held.inferior_v.to_dict("records")
        ]
        if not rows:
            return Section("inferior", title, [Text(self._text("inferior_none"))])
        heads = [
            *self._unit_heads(),
            *self._head("bulletin.indicators", "p_inferior_v", "bulletin.last_month", "bulletin.last_year"),
        ]
        return Section("inferior", title, [self._table(self._text("inferior_title"), heads, rows)])

    def deadlines(self) -> Section:
        """Targets, those first that are not met."""
        held = self.held.deadlines
        blocks: list[Block] = []
        if held is not None and len(held):
            order = held["state"].map({state: place for place, state in enumerate(STATES)})
            rows = [
                [
                    Cell(self.stations.get(row["station"], row["station"])),
                    self._grade(row["target_class"]),
                    Cell(f"{row['due']:%Y-%m-%d}"),
                    self._grade(row["class"]),
                    self._chance(row["p_attains"]),
                    Cell(self._text(row["state"])),
                ]
                for row in held.iloc[order.argsort(kind="stable")].to_dict("records")
            ]
            heads = self._head(
                "bulletin.section",
                "target_class",
                "due",
                "bulletin.class_of_year",
                "p_attains",
                "bulletin.state",
            )
            blocks.append(self._table(self._text("deadlines_title"), heads, rows))
        else:
            blocks.append(Text(self._text("deadlines_none")))
        return Section("deadlines", self._text("deadlines"), blocks)

    def ranking(self) -> Section:
        """Groups by their index and by its change."""
        held, by = self.held, words.heading(self.held.by, self.lang)
        rows = [
            [
                Cell(self.groups.get(row["group"], row["group"]), row["notes"]),
                Cell(str(row["n_sections"]), key=row["n_sections"]),
                self._number(row["cwqi"], words.number(row["cwqi"])),
                *self._rank(row, ""),
                self._number(row["cwqi_last_year"], words.number(row["cwqi_last_year"])),
                self._number(row["change_percent"], words.percent(row["change_percent"], signed=True)),
                *self._rank(row, "change_"),
            ]
            for row in held.ranking.to_dict("records")
        ]
        heads = [
            by,
            *self._head("n_sections", "bulletin.index", "rank", "bulletin.true_rank", "bulletin.index_base"),
        ]
        heads += self._head("change_percent", "bulletin.change_rank", "bulletin.true_change_rank")
        comma = words.text("answer.comma", self.lang)
        items, missing = (
            comma.join(parameters.parameter(code).label(self.lang) for code in codes) or "–"
            for codes in (held.items, held.missing)
        )
        blocks: list[Block] = [
            self._table(self._text("ranking_title", by=by), heads, rows),
            Text(self._text("ranking_text", n=len(held.items), items=items, missing=missing)),
        ]
        if held.without_group:
            names = named(held.without_group, self.stations, self.lang)
            blocks.append(Text(self._text("without_group", by=by, names=names)))
        return Section("ranking", self._text("ranking"), blocks)

    def _number(self, value: float, written: str) -> Cell:
        return Cell("–") if pd.isna(value) else Cell(written, key=float(value))

    def _rank(self, row: Mapping[Any, Any], part: str) -> list[Cell]:
        """A rank, marked where it is shared, and where the true one lies."""
        rank, low, high = (row[f"{part}{name}"] for name in ("rank", "rank_low", "rank_high"))
        if pd.isna(rank):
            return [Cell("–"), Cell("–")]
        first = Cell(self._text("tied", rank=rank) if row[f"{part}tied"] else str(rank), key=float(rank))
        if pd.isna(low):
            return [first, Cell("–")]
        return [first, Cell(self._text("to_rank", low=low, high=high), key=float(low))]

    def sections(self) -> Section:
        """Every section; as many are printed as the sheets have room for, so this comes last."""
        table = self.held.sections
        targets = bool(table["target_class"].notna().any())
        rows = []
        for row in table.to_dict("records"):
            blank = pd.isna(row["class"])
            own = Cell(row["notes"]) if blank else self._grade(row["class"])
            cells = [*self._unit(row), own, self._chance(row["p_class"])]
            cells += self._grades(row, *(f"class_{base}" for base in BASES))
            cells.append(self._moved(row))
            if targets:
                cells.append(self._target(row))
            rows.append([*cells, Cell(plain(row["main_indicators"]))])
        heads = [
            *self._unit_heads(),
            *self._head("class", "p_class", "bulletin.last_month", "bulletin.last_year", "bulletin.on_year"),
            *self._head(*(["target_class"] if targets else []), "bulletin.indicators"),
        ]
        blocks: list[Block] = [
            self._table(self._text("sections_title"), heads, rows, self.lines),
            Text(self._text("sections_text")),
        ]
        return Section("sections", self._text("sections"), blocks)

    def _moved(self, row: Mapping[Any, Any]) -> Cell:
        """Better or worse than a year ago, with the probability that it is so."""
        now, then = row["class"], row["class_last_year"]
        if pd.isna(now) or pd.isna(then):
            return Cell("–")
        if now == then:
            return Cell(self._text("unchanged"))
        key, p = ("improved", "p_improved_last_year") if now < then else ("worsened", "p_worsened_last_year")
        return Cell(self._text(key, p=words.chance(row[p]) or "–"))

    def _target(self, row: Mapping[Any, Any]) -> Cell:
        if pd.isna(row["target_class"]):
            return Cell("–")
        target = words.text(f"class.{row['target_class']}", self.lang)
        if pd.isna(row["attains"]):
            return Cell(target)
        return Cell(self._text("attains" if row["attains"] else "exceeds", target=target))
