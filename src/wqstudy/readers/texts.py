"""What the text of one cell says: a number, a limit, a unit, or nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import numpy as np

from wqstudy import rules
from wqstudy.parameters import unit_name
from wqstudy.readers.outcomes import LEFT, NONE, RIGHT, Why

# Not NFKC of everything: that would read a footnote (0.05², ①0.05) as digits of the number.
_HALF_WIDTH = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFF01, 0xFF5F), 0x3000, 0xFE64, 0xFE65)
}
_NUMBER = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
_NOT_FOUND = r"(?:n\.?d\.?|未检出)"
_MARKED = (
    (re.compile(_NUMBER), NONE, Why.PLAIN),
    (
        re.compile(rf"(?:[<≤〈]|{_NOT_FOUND}\s*<?)\s*\(?\s*<?\s*{_NUMBER}\s*L?\s*\)?", re.IGNORECASE),
        LEFT,
        Why.BELOW,
    ),
    (
        re.compile(rf"{_NUMBER}\s*(?:[<L]|\(\s*(?:L|{_NOT_FOUND})\s*\)|{_NOT_FOUND})", re.IGNORECASE),
        LEFT,
        Why.BELOW,
    ),
    (re.compile(rf"[>≥〉]\s*{_NUMBER}|{_NUMBER}\s*>"), RIGHT, Why.ABOVE),
)
_FIRST_NUMBER = re.compile(_NUMBER)
# Without "^" or a raised exponent 2.4×104 may be 24000 that lost its form, or 249.6: not guessed.
_POWER = re.compile(
    r"([0-9]+(?:\.[0-9]+)?)\s*[×xX*·]\s*10\s*(?:\^\s*\(?([-+]?[0-9]{1,2})\)?|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))"
)
_RAISED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_FLAG = re.compile(r"[*#※▲△★☆]+")


@cache
def _marks(kind: str) -> frozenset[str]:
    return frozenset(rules.load("readers")["marks"][kind])


@lru_cache(maxsize=100_000)
def read_text(text: str) -> tuple[float, int, Why]:
    """Number, censoring mark and reason of one text.

    Examples
    --------
    >>> read_text("0.02L") == (0.02, LEFT, Why.BELOW)
    True
    >>> read_text("１,２３４")[::2]
    (1234.0, <Why.THOUSANDS: 2>)
    >>> read_text("0.05²")[2]
    <Why.NOT_A_NUMBER: 12>
    """
    bare = text.strip()
    text = bare.translate(_HALF_WIDTH).strip()
    word = _word(text)
    if word is not None:
        return np.nan, LEFT if word is Why.UNDETECTED else NONE, word
    plain, changed = text, Why.WIDTH if text != bare else Why.PLAIN
    for written, put, why in ((_POWER, _multiplied, Why.POWER), (_FLAG, "", Why.FLAGGED)):
        shorter = written.sub(put, plain, count=1).strip()
        if shorter != plain:
            plain, changed = shorter, why
    for pattern, mark, why in _MARKED:
        if pattern.fullmatch(plain) and (found := _FIRST_NUMBER.search(plain)):
            number = float(found[0].replace(",", ""))
            if not np.isfinite(number):
                break
            if why is not Why.PLAIN:
                return number, mark, why
            thousands = "," in plain and changed in (Why.WIDTH, Why.PLAIN)
            return number, mark, Why.THOUSANDS if thousands else changed
    return np.nan, NONE, Why.NOT_A_NUMBER


def _word(text: str) -> Why | None:
    """What a text says that is a word and not a number; None if it is none that is known."""
    folded = text.casefold()
    if not text or text.startswith("="):
        return Why.FORMULA if text else Why.BLANK
    kinds = {"missing": Why.MISSING, "undetected": Why.UNDETECTED, "formula_fault": Why.FORMULA_FAULT}
    return next((why for kind, why in kinds.items() if folded in _marks(kind)), None)


def _multiplied(match: re.Match[str]) -> str:
    return f"{match[1]}e{match[2] or match[3].translate(_RAISED)}"


def split_unit(text: str) -> tuple[str, str] | None:
    """The text without the unit that it ends in, and that unit; None if it ends in none.

    Examples
    --------
    >>> split_unit("<0.52 mg/L"), split_unit("未检出(0.02μg/L)"), split_unit("0.02L")
    (('<0.52', 'mg/L'), ('未检出(0.02)', 'ug/L'), None)
    """
    text = text.strip().translate(_HALF_WIDTH)
    closed = ")" if text.endswith(")") else ""
    body = text.removesuffix(")")
    for place in range(1, min(len(body), 40)):
        if body[place - 1] in "0123456789. )L" and (unit := unit_name(body[place:])):
            return body[:place].rstrip() + closed, unit
    return None
