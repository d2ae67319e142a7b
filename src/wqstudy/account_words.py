"""The ledger's reasons in either language. Readers write them in English, in which they are looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pandas as pd

from wqstudy import parameters, rules, words

_PLACE = re.compile(r"\\\{(\w+)\\\}")
_PARTS = {"then": ".*", "unit": "[^,:;]+", "code": r"\w+", "row": r"\d+"}


def reason(text: str, lang: str = "en") -> str:
    """A reason of the ledger in a language; as it is where there are no words for it.

    What a fault of a table says of itself (`ReadError`), where a table could not be read, stays English.

    Examples
    --------
    >>> reason("duplicate of row 7", "zh"), reason("negative, which total phosphorus cannot be", "zh")
    ('与第7行重复', '为负值，总磷不可能为负')
    >>> reason("heading: TP in ug/L, multiplied by 0.001 to mg/L", "zh")
    '表头：TP，单位ug/L，乘以0.001换算为mg/L'
    """
    if words.language(lang) == "en":
        return text
    told = _told(text, "reasons")
    return text if told is None else told


def reasons(ledger: pd.DataFrame, lang: str = "en") -> pd.DataFrame:
    """A ledger with its reasons in a language.

    Examples
    --------
    >>> reasons(pd.DataFrame({"reason": ["blank", "blank row"]}), "zh")["reason"].tolist()
    ['空白', '空行']
    """
    distinct = {text: reason(text, lang) for text in ledger["reason"].dropna().unique()}
    return ledger.assign(reason=ledger["reason"].map(distinct).astype("str"))


def known(text: str) -> bool:
    """Whether there are words for a reason in every language."""
    return _told(text, "reasons") is not None


def _told(text: str, kind: str) -> str | None:
    for pattern, written in _templates(kind):
        if (match := pattern.fullmatch(text)) is None:
            continue
        parts = {name: _part(name, part) for name, part in match.groupdict().items()}
        if None not in parts.values():
            return written.format(**parts)
    return None


def _part(name: str, text: str) -> str | None:
    if name == "then":
        return _told(text, "then") if text else ""
    if name == "parameter":
        code = parameters.find(text)
        return text if code is None else parameters.catalogue()[code].label("zh")
    if name == "role":
        return words.heading(text, "zh")
    said: Mapping[str, str] = rules.load("ledger")["parts"].get(name, {})
    return said.get(text, text)


@cache
def _templates(kind: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the English texts, and the Chinese ones."""
    entries: list[Mapping[str, str]] = rules.load("ledger")[kind]
    return tuple((re.compile(_pattern(entry["en"]), re.DOTALL), entry["zh"]) for entry in entries)


def _pattern(text: str) -> str:
    """A regular expression of a text with places in braces, each of which holds what `_PARTS` allows."""
    return _PLACE.sub(lambda found: f"(?P<{found[1]}>{_PARTS.get(found[1], '.+?')})", re.escape(text))
