"""The parameter cells of a sheet under one another, and the samples that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from wqstudy.parameters import Parameter
from wqstudy.readers.cells import MANY, Cells
from wqstudy.readers.rows import Rows
from wqstudy.readers.sheet import spell
from wqstudy.samples import CENSORED


@dataclass(frozen=True, slots=True)
class Long:
    """The parameter cells of a sheet under one another.

    Parameters
    ----------
    row
        Each cell's row in the sheet.
    which
        Place of each cell's parameter in `parameters`.
    parameters, columns
        The parameters, and the column of the sheet that the cells of each stand in.
    wide
        Number of rows, where the cells are whole columns under one another, one a parameter.
    """

    row: npt.NDArray[np.integer]
    which: npt.NDArray[np.integer]
    parameters: Sequence[Parameter]
    columns: Sequence[int]
    wide: int | None = None

    def block(self, place: int) -> slice:
        """Where the cells of a parameter stand, all of them where they are mixed."""
        return slice(None) if self.wide is None else slice(place * self.wide, (place + 1) * self.wide)


def samples_of(
    rows: Rows,
    long: Long,
    cells: Cells,
    dropped: npt.NDArray[np.bool_],
    carried: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """The samples of all cells that are not dropped.

    Text that whole columns share is held once: of a large table, most of the time would go into copies.
    """
    codes = [p.code for p in long.parameters]
    if long.wide is not None and len(long.row) >= MANY:
        return _wide_samples(rows, codes, long.wide, cells, dropped, carried)
    taken = slice(None) if not dropped.any() else np.flatnonzero(~dropped)
    row = long.row[taken]
    samples = {
        "station": spell(rows.names, rows.station[row]),
        "time": rows.time.array.take(row),
        "parameter": spell(codes, long.which[taken]),
        "value": cells.value[taken],
        "censored": spell(CENSORED, cells.mark[taken]),
    }
    texts = {name: held.array.take(row) for name, held in carried.items()}
    return pd.DataFrame(samples | texts, copy=False)


def _wide_samples(
    rows: Rows,
    codes: Sequence[str],
    n: int,
    cells: Cells,
    dropped: npt.NDArray[np.bool_],
    carried: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """The samples of whole columns under one another, each of `n` rows."""
    blocks = [slice(place * n, (place + 1) * n) for place in range(len(codes))]
    left = [_left(dropped[block]) for block in blocks]
    sizes = [n if kept is None else len(kept) for kept in left]
    marks = [
        cells.mark[block] if kept is None else cells.mark[block][kept]
        for block, kept in zip(blocks, left, strict=True)
    ]
    spelt = [one for code, size in zip(codes, sizes, strict=True) for one in _same(code, size)]
    samples = {
        "station": _under_one_another(spell(rows.names, np.maximum(rows.station, 0)), left),
        "time": _under_one_another(rows.time.array, left),
        "parameter": _text(spelt),
        "value": cells.value[~dropped] if dropped.any() else cells.value,
        "censored": _text([one for mark in marks for one in _spelt_marks(mark)]),
    }
    texts = {name: _under_one_another(held.array, left) for name, held in carried.items()}
    return pd.DataFrame(samples | texts, copy=False)


def _left(dropped: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp] | None:
    """Places that are not dropped; None if none is."""
    return np.flatnonzero(~dropped) if dropped.any() else None


def _under_one_another(held: Any, left: Sequence[npt.NDArray[np.intp] | None]) -> Any:
    """A column once for each parameter, each time what is left of it."""
    if held.dtype != "str":
        parts = [pd.Series(held if kept is None else held.take(kept)) for kept in left]
        return pd.concat(parts, ignore_index=True).array
    whole = pa.array(held, pa.large_string())
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    return _text([whole if kept is None else whole.take(pa.array(kept)) for kept in left])


def _spelt_marks(mark: npt.NDArray[np.int8]) -> list[pa.Array]:
    if not mark.any():
        return _same(CENSORED[0], len(mark))
    return [pa.array(CENSORED, pa.large_string()).take(pa.array(mark))]


def _same(word: str, n: int) -> list[pa.Array]:
    """A word over and over: arrays that all look at one short piece of memory."""
    piece = _piece(word)
    return [piece] * (n // len(piece)) + ([piece[: n % len(piece)]] if n % len(piece) else [])


@lru_cache(maxsize=64)
def _piece(word: str) -> pa.Array:
    return pa.repeat(pa.scalar(word, pa.large_string()), MANY // 4)


def _text(chunks: list[pa.Array]) -> Any:
    return pd.array(pa.chunked_array(chunks, pa.large_string()), dtype="str")
