"""What a cell says: a number, a limit, or nothing; and whether that is kept, changed or dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy import rules
from wqstudy.parameters import Parameter
from wqstudy.readers.sheet import as_arrow, as_text
from wqstudy.samples import CENSORED

NONE, LEFT, RIGHT = (CENSORED.index(word) for word in ("none", "left", "right"))


class Why(IntEnum):
    """Why a cell became what it became. `PLAIN` is the only kept one."""

    PLAIN = 0
    WIDTH = auto()
    THOUSANDS = auto()
    BELOW = auto()
    ABOVE = auto()
    UNDETECTED = auto()
    ZERO = auto()
    BLANK = auto()
    MISSING = auto()
    NOT_A_NUMBER = auto()
    UNDETECTED_UNKNOWN = auto()
    ZERO_UNKNOWN = auto()
    NEGATIVE = auto()
    ABOVE_NOTHING = auto()
    CONTRADICTION = auto()


_limit = "the detection limit {p.detection_limit:g} {p.unit} of {p.detection_source} put in, left-censored"
_no_limit = "the catalogue has no detection limit of {p.code}"
OUTCOMES = {
    Why.PLAIN: ("kept", ""),
    Why.WIDTH: ("changed", "full-width characters read as half-width"),
    Why.THOUSANDS: ("changed", "thousands separators taken out"),
    Why.BELOW: ("changed", "below a limit: left-censored at it"),
    Why.ABOVE: ("changed", "above a limit: right-censored at it"),
    Why.UNDETECTED: ("changed", f"not detected, no limit given: {_limit}"),
    Why.ZERO: ("changed", f"a concentration of zero cannot be measured: {_limit}"),
    Why.BLANK: ("dropped", "blank"),
    Why.MISSING: ("dropped", "marked as missing"),
    Why.NOT_A_NUMBER: ("dropped", "not a number"),
    Why.UNDETECTED_UNKNOWN: ("dropped", f"not detected, no limit given, and {_no_limit}"),
    Why.ZERO_UNKNOWN: ("dropped", f"zero cannot be measured, and {_no_limit}"),
    Why.NEGATIVE: ("dropped", "negative, which {p.en} cannot be"),
    Why.ABOVE_NOTHING: ("dropped", "more than zero says nothing"),
    Why.CONTRADICTION: ("dropped", "the mark in the cell contradicts the column 'censored'"),
}
ACTIONS = ("kept", "changed", "dropped")
KEPT, CHANGED, DROPPED = range(3)
ACTION_OF = np.array([ACTIONS.index(OUTCOMES[why][0]) for why in Why], dtype=np.int8)

# Not NFKC of everything: that would read a footnote (0.05², ①0.05) as digits of the number.
_HALF_WIDTH = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFF01, 0xFF5F), 0x3000, 0xFE64, 0xFE65)
}
_PLAIN = r"^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$"
_NUMBER = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
_MARKED = (
    (re.compile(_NUMBER), NONE, Why.PLAIN),
    (
        re.compile(rf"(?:[<≤〈]|nd\s*<?|未检出\s*<?)\s*\(?\s*{_NUMBER}\s*L?\s*\)?", re.IGNORECASE),
        LEFT,
        Why.BELOW,
    ),
    (re.compile(rf"{_NUMBER}\s*[<L]", re.IGNORECASE), LEFT, Why.BELOW),
    (re.compile(rf"[>≥〉]\s*{_NUMBER}|{_NUMBER}\s*>"), RIGHT, Why.ABOVE),
)
_FIRST_NUMBER = re.compile(_NUMBER)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells read, one item a cell: `value`, `mark` (an index of `CENSORED`) and `why` (a `Why`)."""

    value: npt.NDArray[np.float64]
    mark: npt.NDArray[np.int8]
    why: npt.NDArray[np.int8]


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
    <Why.NOT_A_NUMBER: 9>
    """
    bare = text.strip()
    text = bare.translate(_HALF_WIDTH).strip()
    folded = text.casefold()
    if not text:
        return np.nan, NONE, Why.BLANK
    if folded in _marks("missing"):
        return np.nan, NONE, Why.MISSING
    if folded in _marks("undetected"):
        return np.nan, LEFT, Why.UNDETECTED
    for pattern, mark, why in _MARKED:
        if pattern.fullmatch(text) and (found := _FIRST_NUMBER.search(text)):
            number = float(found[0].replace(",", ""))
            if not np.isfinite(number):
                break
            if why is not Why.PLAIN:
                return number, mark, why
            return number, mark, Why.THOUSANDS if "," in text else Why.WIDTH if text != bare else Why.PLAIN
    return np.nan, NONE, Why.NOT_A_NUMBER


def stack(columns: Sequence[pd.Series]) -> pa.ChunkedArray:
    """Columns under one another: as numbers if all are numbers, else as text.

    Examples
    --------
    >>> import pandas as pd
    >>> stack([pd.Series([1, 2]), pd.Series([0.5, None])]).to_pylist()
    [1.0, 2.0, 0.5, None]
    """
    held = [as_arrow(column) for column in columns]
    if all(_is_number(cells.type) for cells in held):
        held = [cells.cast(pa.float64(), safe=False) for cells in held]
    else:
        held = [as_text(cells) for cells in held]
    return pa.chunked_array([chunk for cells in held for chunk in cells.chunks], type=held[0].type)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def parse(cells: pa.ChunkedArray) -> Cells:
    """What the cells say by themselves, in the unit they are written in.

    Only distinct texts are looked at, and most of those by Arrow.

    Examples
    --------
    >>> parse(pa.chunked_array([["7.1", "<0.02", "7.1"]])).value.tolist()
    [7.1, 0.02, 7.1]
    """
    if _is_number(cells.type):
        return _numbers(cells.to_numpy())
    cells = cells.fill_null("")
    try:
        read = _numbers(cells.cast(pa.float64()).to_numpy())
    except pa.ArrowInvalid:
        pass
    else:
        if not read.why.any():
            return read
    coded = cells.dictionary_encode().combine_chunks()
    read = _parse_distinct(coded.dictionary)
    codes = coded.indices.to_numpy()
    return Cells(read.value[codes], read.mark[codes], read.why[codes])


def _numbers(value: npt.NDArray[np.float64]) -> Cells:
    why = np.zeros(len(value), np.int8)
    if not np.isfinite(value).all():
        why[np.isnan(value)] = Why.BLANK
        why[np.isinf(value)] = Why.NOT_A_NUMBER
    return Cells(value, np.zeros(len(value), np.int8), why)


def _parse_distinct(texts: pa.Array) -> Cells:
    plain = pc.match_substring_regex(texts, _PLAIN)
    is_plain = plain.to_numpy(zero_copy_only=False)
    value, mark, why = np.empty(len(texts)), np.zeros(len(texts), np.int8), np.zeros(len(texts), np.int8)
    value[is_plain] = texts.filter(plain).cast(pa.float64()).to_numpy()
    why[is_plain] = np.where(np.isfinite(value[is_plain]), Why.PLAIN, Why.NOT_A_NUMBER)
    for place, text in zip(
        np.flatnonzero(~is_plain), texts.filter(pc.invert(plain)).to_pylist(), strict=True
    ):
        value[place], mark[place], why[place] = read_text(text)
    return Cells(value, mark, why)


def convert(value: npt.NDArray[np.float64], factor: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values in the canonical unit.

    A small factor is divided by its inverse, since 1000 is exact in binary and 0.001 is not.

    Examples
    --------
    >>> convert(np.array([9.0]), np.array([0.001])).tolist(), 9 * 0.001
    ([0.009], 0.009000000000000001)
    """
    if (factor == 1).all():
        return value
    small = factor < 1
    inverse = 1 / np.where(small, factor, 1)
    inverse = np.where(np.isclose(inverse, np.rint(inverse), rtol=1e-12), np.rint(inverse), inverse)
    return np.where(small, value / inverse, value * np.where(small, 1, factor))


def settle(
    cells: Cells,
    which: npt.NDArray[np.integer],
    parameters: Sequence[Parameter],
    factor: npt.NDArray[np.float64],
    stated: npt.NDArray[np.int8] | None = None,
) -> Cells:
    """What becomes of the cells, knowing their parameter.

    Parameters
    ----------
    cells
        As `parse` gave them.
    which
        Place of each cell's parameter in `parameters`.
    factor
        What each cell is multiplied by to be in the canonical unit.
    stated
        Mark that a column `censored` states for each cell, if there is one.

    Returns
    -------
    Cells
        `value` in the canonical unit, NaN where dropped.
    """
    value, mark, why = convert(cells.value, factor), cells.mark.copy(), cells.why.copy()
    if stated is not None:
        said = np.isfinite(value) & (stated != NONE)
        why[said & (mark != NONE) & (mark != stated)] = Why.CONTRADICTION
        mark[said & (mark == NONE)] = stated[said & (mark == NONE)]
    # The rules below concern cells that are not above zero; there are few of these.
    odd = np.flatnonzero(~(value > 0) & (ACTION_OF[why] != DROPPED))
    if len(odd):
        value = value.copy()  # it may be the file's own memory
        value[odd], mark[odd], why[odd] = _settle_odd(value[odd], mark[odd], why[odd], which[odd], parameters)
    return Cells(np.where(ACTION_OF[why] == DROPPED, np.nan, value), mark, why)


def _settle_odd(
    value: npt.NDArray[np.float64],
    mark: npt.NDArray[np.int8],
    why: npt.NDArray[np.int8],
    which: npt.NDArray[np.integer],
    parameters: Sequence[Parameter],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Zeros, negative values and non-detects without a limit."""
    ratio = np.array([p.ratio for p in parameters])[which]
    real_zero = np.array([p.zero_is_real for p in parameters])[which] & (mark == NONE)
    limit = np.array([p.detection_limit or np.nan for p in parameters])[which]
    known = np.isfinite(limit)
    undetected = why == Why.UNDETECTED
    zero = (value == 0) & ratio & ~real_zero & (mark != RIGHT)
    why[undetected & ~known] = Why.UNDETECTED_UNKNOWN
    why[zero] = np.where(known[zero], Why.ZERO, Why.ZERO_UNKNOWN)
    why[(value == 0) & ratio & (mark == RIGHT)] = Why.ABOVE_NOTHING
    why[(value < 0) & ratio] = Why.NEGATIVE
    put_in = (undetected | zero) & known
    return np.where(put_in, limit, value), np.where(put_in, LEFT, mark).astype(np.int8), why
