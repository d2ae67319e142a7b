"""What a report is made of, whatever it is written as: a page and a Word document show the same blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from wqstudy import words


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `tone` is ``question``, ``banner`` or nothing."""

    text: str
    tone: str = ""
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Lines of a list; `tone` is ``answer``, ``references`` or nothing."""

    lines: Sequence[str]
    tone: str = ""
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Terms:
    """Names and what they stand for; `tone` is ``facts`` for the few at the head."""

    pairs: Sequence[tuple[str, str]]
    tone: str = ""
    kind: ClassVar[str] = "terms"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, what stands small below it, a label, a colour, and the number it is sorted by."""

    text: str
    small: str = ""
    label: str = ""
    tone: str = ""
    key: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading row; the first cell of each row is the row's own heading.

    Parameters
    ----------
    title
        What it shows.
    columns
        Heading of each column.
    rows
        Cells, one a column.
    numbers
        For each column whether it holds numbers, which stand to the right.
    tools
        Whether readers of a page may sort and filter it.
    paper
        How many rows are printed where not all are; a line below says how many are not.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[bool]
    tools: bool = True
    paper: int | None = None
    kind: ClassVar[str] = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its name among the report's figures, and what it shows in words and numbers."""

    name: str
    alt: str
    caption: str
    kind: ClassVar[str] = "picture"


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that a page folds away and a Word document shows."""

    title: str
    blocks: Sequence[Block]
    kind: ClassVar[str] = "fold"


Block = Text | Bullets | Terms | Table | Picture | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading; `key` is its anchor."""

    key: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report, bulletin or page in one language.

    Parameters
    ----------
    lang
        ``en`` or ``zh``.
    title
        Its heading.
    head
        Blocks before the first section.
    sections
        The rest.
    figures
        Where each picture lies in the folder of the report, without its ending.
    eyebrow
        What stands above the title of a page; by default the question of the report.
    compact
        Whether it is printed small, for few pages.
    """

    lang: str
    title: str
    head: Sequence[Block]
    sections: Sequence[Section]
    figures: Mapping[str, str] = field(default_factory=dict)
    eyebrow: str = ""
    compact: bool = False


def tabled(
    table: pd.DataFrame,
    title: str,
    lang: str,
    *,
    labels: Mapping[str, str] | None = None,
    tones: Mapping[str, Sequence[str]] | None = None,
    tools: bool = True,
) -> Table:
    """A result table as a block: rounded as everywhere, sorted by the numbers behind.

    Parameters
    ----------
    table
        Any result table; its first column names the unit of each row.
    title
        What it shows.
    lang
        ``en`` or ``zh``.
    labels
        How the units of the first column are written.
    tones
        Colours of the cells of some columns.
    tools
        As of `Table`.

    Examples
    --------
    >>> made = tabled(pd.DataFrame({"district": ["甲"], "p_value": [0.0004]}), "Table", "en")
    >>> list(made.columns), made.rows[0][1].text, made.rows[0][1].key
    (['district', 'p'], '<0.001', 0.0004)
    """
    shown = words.rounded(table, lang)
    named = labels or {}
    columns: list[list[Cell]] = []
    numbers = []
    for place, name in enumerate(table):
        values = table[name]
        counts = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        numbers.append(bool(counts))
        texts = shown.iloc[:, place].tolist()
        if place == 0:
            texts = [named.get(text, text) for text in texts]
        keys: Sequence[float | None] = [None] * len(table)
        if counts:
            held = values.to_numpy(float, na_value=np.nan)
            keys = [float(key) if np.isfinite(key) else None for key in held]
        tone = (tones or {}).get(str(name), [""] * len(table))
        columns.append(
            [Cell(text, key=key, tone=how) for text, key, how in zip(texts, keys, tone, strict=True)]
        )
    return Table(title, [str(name) for name in shown], list(zip(*columns, strict=True)), numbers, tools)
