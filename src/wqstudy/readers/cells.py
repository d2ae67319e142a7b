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
from wqstudy.errors import ArgumentError
from wqstudy.parameters import Parameter, unit_name
from wqstudy.parameters import factor as unit_factor
from wqstudy.readers.sheet import as_arrow, as_text
from wqstudy.samples import CENSORED

NONE, LEFT, RIGHT = (CENSORED.index(word) for word in ("none", "left", "right"))


class Why(IntEnum):
    """Why a cell became what it became. `PLAIN` is the only kept one."""

    PLAIN = 0
    WIDTH = auto()
    THOUSANDS = auto()
    POWER = auto()
    FLAGGED = auto()
    UNIT = auto()
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
    FORMULA = auto()
    FORMULA_FAULT = auto()
    OTHER_UNIT = auto()
    UNKNOWN_UNIT = auto()
    SECOND_COLUMN = auto()


_limit = "the detection limit {p.detection_limit:g} {p.unit} of {p.detection_source} put in, left-censored"
_no_limit = "the catalogue has no detection limit of {p.code}"
OUTCOMES = {
    Why.PLAIN: ("kept", ""),
    Why.WIDTH: ("changed", "full-width characters read as half-width"),
    Why.THOUSANDS: ("changed", "thousands separators taken out"),
    Why.POWER: ("changed", "power of ten multiplied out"),
    Why.FLAGGED: ("changed", "a flag beside the number taken off, the number kept"),
    Why.UNIT: ("changed", "the unit in the cell goes before that of the heading"),
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
    Why.FORMULA: ("dropped", "a formula whose result the file does not hold"),
    Why.FORMULA_FAULT: ("dropped", "a formula that failed"),
    Why.OTHER_UNIT: ("dropped", "the unit in the cell does not measure {p.en}"),
    Why.UNKNOWN_UNIT: ("dropped", "the unit is not one of {p.code}"),
    Why.SECOND_COLUMN: ("dropped", "a second column of {p.code}: the first is read"),
}
ACTIONS = ("kept", "changed", "dropped")
KEPT, CHANGED, DROPPED = range(3)
ACTION_OF = np.array([ACTIONS.index(OUTCOMES[why][0]) for why in Why], dtype=np.int8)

FIRST_DROPPED = min(why for why in Why if OUTCOMES[why][0] == "dropped")
"""All outcomes from this one on are dropped cells, those before it are not."""

# Not NFKC of everything: that would read a footnote (0.05², ①0.05) as digits of the number.
_HALF_WIDTH = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFF01, 0xFF5F), 0x3000, 0xFE64, 0xFE65)
}
_PLAIN = r"^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$"
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


# From so many cells on, columns are gone through one by one; of fewer, all at once.
MANY = 500_000


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells read, one item a cell: `value`, `mark` (an index of `CENSORED`) and `why` (a `Why`).

    `unit` is the place in `units` of the unit that the cell itself names, -1 where it names none; None
    where no cell does.
    """

    value: npt.NDArray[np.float64]
    mark: npt.NDArray[np.int8]
    why: npt.NDArray[np.int8]
    unit: npt.NDArray[np.int16] | None = None
    units: tuple[str, ...] = ()


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


def parse_columns(columns: Sequence[pd.Series]) -> Cells:
    """What the cells of columns under one another say; columns of numbers are not looked at as text.

    Examples
    --------
    >>> import pandas as pd
    >>> parse_columns([pd.Series([1.0]), pd.Series(["<2"], dtype="str")]).value.tolist()
    [1.0, 2.0]
    """
    if len(columns) * len(columns[0]) < MANY:
        return parse(stack(columns))
    read = [parse(stack([column])) for column in columns]
    units = tuple(dict.fromkeys(unit for cells in read for unit in cells.units))
    unit = None
    if units:
        place = {name: number for number, name in enumerate(units)}
        unit = np.concatenate([_placed(cells, place) for cells in read])
    value, mark, why = (
        np.concatenate(parts)
        for parts in zip(*((cells.value, cells.mark, cells.why) for cells in read), strict=True)
    )
    return Cells(value, mark, why, unit, units)


def _placed(cells: Cells, place: dict[str, int]) -> npt.NDArray[np.int16]:
    """The cells' units by their place among those of all columns."""
    if cells.unit is None:
        return np.full(len(cells.value), -1, np.int16)
    places = np.array([*(place[name] for name in cells.units), -1], dtype=np.int16)
    found: npt.NDArray[np.int16] = places[cells.unit]
    return found


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
    unit = None if read.unit is None else read.unit[codes]
    return Cells(read.value[codes], read.mark[codes], read.why[codes], unit, read.units)


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
    return _with_units(texts, Cells(value, mark, why))


def _with_units(texts: pa.Array, cells: Cells) -> Cells:
    """The cells, those read anew that are numbers but for a unit behind them."""
    lost = np.flatnonzero(cells.why == Why.NOT_A_NUMBER)
    unit, units = np.full(len(texts), -1, np.int16), dict[str, int]()
    for place, text in zip(lost, texts.take(pa.array(lost)).to_pylist(), strict=True):
        parted = split_unit(text)
        if parted is None:
            continue
        value, mark, why = read_text(parted[0])
        if ACTION_OF[why] != DROPPED and why is not Why.UNDETECTED:
            cells.value[place], cells.mark[place] = value, mark
            cells.why[place] = why if why in (Why.BELOW, Why.ABOVE) else Why.UNIT
            unit[place] = units.setdefault(parted[1], len(units))
    return Cells(cells.value, cells.mark, cells.why, unit, tuple(units)) if units else cells


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
    mark, why = cells.mark.copy(), cells.why.copy()
    if cells.unit is not None:
        factor = _own_factors(cells.unit, cells.units, which, parameters, factor)
        why[np.isnan(factor) & (cells.unit >= 0)] = Why.OTHER_UNIT
    value = convert(cells.value, factor)
    unknown = np.isnan(factor)
    if unknown.any():
        why[unknown & (why < FIRST_DROPPED)] = Why.UNKNOWN_UNIT
    if stated is not None:
        said = np.isfinite(value) & (stated != NONE)
        why[said & (mark != NONE) & (mark != stated)] = Why.CONTRADICTION
        mark[said & (mark == NONE)] = stated[said & (mark == NONE)]
    # The rules below concern cells that are not above zero; there are few of these.
    odd = np.flatnonzero(~(value > 0))
    odd = odd[why[odd] < FIRST_DROPPED]
    if len(odd):
        value = value.copy()  # it may be the file's own memory
        value[odd], mark[odd], why[odd] = _settle_odd(value[odd], mark[odd], why[odd], which[odd], parameters)
    lost = why >= FIRST_DROPPED
    return Cells(np.where(lost, np.nan, value) if lost.any() else value, mark, why)


def _own_factors(
    unit: npt.NDArray[np.int16],
    units: Sequence[str],
    which: npt.NDArray[np.integer],
    parameters: Sequence[Parameter],
    factors: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """The factors, where a cell names its unit by that; NaN where that is of another dimension."""
    own = np.empty((len(units), len(parameters)))
    for row, name in enumerate(units):
        for column, parameter in enumerate(parameters):
            try:
                own[row, column] = unit_factor(name, parameter.code)
            except ArgumentError:
                own[row, column] = np.nan
    factors = np.broadcast_to(factors, unit.shape).copy()
    said = np.flatnonzero(unit >= 0)
    factors[said] = own[unit[said], which[said]]
    return factors


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
