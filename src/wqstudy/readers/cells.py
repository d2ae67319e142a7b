"""What the cells of columns say: their numbers and marks, and whether they can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy.readers.outcomes import ACTION_OF, DROPPED, Why
from wqstudy.readers.sheet import as_arrow, as_text
from wqstudy.readers.texts import read_text, split_unit

_PLAIN = r"^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$"

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
    read = [_parse_column(column) for column in columns]
    units = tuple(dict.fromkeys(unit for cells in read for unit in cells.units))
    unit = None
    if units:
        place = {name: number for number, name in enumerate(units)}
        unit = np.concatenate([_placed(cells, place) for cells in read])
    value = np.concatenate([cells.value for cells in read])
    mark, why = (_joined([getattr(cells, name) for cells in read]) for name in ("mark", "why"))
    return Cells(value, mark, why, unit, units)


def _parse_column(column: pd.Series) -> Cells:
    """Cells of one column; those that are numbers already are not copied."""
    return _numbers(column.to_numpy()) if column.dtype == np.float64 else parse(stack([column]))


def _joined(codes: Sequence[npt.NDArray[np.int8]]) -> npt.NDArray[np.int8]:
    """Codes under one another; all are 0 in most tables, and zeros are cheap to come by."""
    if any(part.any() for part in codes):
        return np.concatenate(codes)
    return np.zeros(sum(map(len, codes)), np.int8)


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
