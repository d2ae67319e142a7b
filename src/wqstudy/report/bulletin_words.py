"""Phrases, months and numbers as bulletins print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import words

_NAMES = 12
"""So many names are told in a line; the tables have all."""


def say(key: str, lang: str, **fill: Any) -> str:
    """A phrase of the bulletin."""
    return words.text(f"bulletin.{key}", lang, **fill)


def month_of(period: str, lang: str) -> str:
    """A month as it is written in a language."""
    year, month = map(int, period.split("-"))
    return say("month", lang, year=year, month=month)


def base_of(row: Mapping[Any, Any], lang: str) -> str:
    """What a month is held against, with its date."""
    return say("of_base", lang, base=say(row["base"], lang), period=month_of(row["period"], lang))


def named(names: Sequence[str], labels: Mapping[str, str], lang: str) -> str:
    """The first names of a list, and how many more there are."""
    told = [labels.get(name, name) for name in names[:_NAMES]]
    if len(names) > _NAMES:
        told.append(words.text("page.alt_more", lang, n=len(names) - _NAMES))
    return words.text("answer.comma", lang).join(told)


def one_decimal(value: float, *, signed: bool = False) -> str:
    """With one decimal, as bulletins print shares."""
    if np.isnan(value):
        return "–"
    written = f"{value:+.1f}" if signed and round(value, 1) else f"{abs(value) if signed else value:.1f}"
    return written.replace("-", "−")


def plain(value: Any) -> str:
    """As it is; blank where it is missing."""
    return "" if pd.isna(value) else str(value)


def range_of(low: float, high: float, lang: str) -> str:
    """An interval without signs; blank where there is none."""
    if np.isnan(low):
        return ""
    return words.text("page.range", lang, first=words.percent(low), last=words.percent(high))
