"""The parameter cells of a sheet under one another, and the samples that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    taken = slice(None) if not dropped.any() else np.flatnonzero(~dropped)
    row = long.row[taken]
    if long.wide is None or len(long.row) < MANY:
        texts = {name: held.array.take(row) for name, held in carried.items()}
        station = spell(rows.names, rows.station[row])
        parameter, censored = spell(codes, long.which[taken]), spell(CENSORED, cells.mark[taken])
    else:
        left = [_left(dropped[long.block(place)]) for place in range(len(codes))]
        sizes = [long.wide if kept is None else len(kept) for kept in left]
        marks = [
            cells.mark[long.block(p)] if k is None else cells.mark[long.block(p)][k]
            for p, k in enumerate(left)
        ]
        texts = {name: _under_one_another(held.array, left, row) for name, held in carried.items()}
        station = _under_one_another(spell(rows.names, np.maximum(rows.station, 0)), left, row)
        parameter = _text([pa.repeat(_scalar(code), n) for code, n in zip(codes, sizes, strict=True)])
        censored = _text([_spelt_marks(mark) for mark in marks])
    samples = {
        "station": station,
        "time": rows.time.array.take(row),
        "parameter": parameter,
        "value": cells.value[taken],
        "censored": censored,
    }
    return pd.DataFrame(samples | texts, copy=False)


def _left(dropped: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp] | None:
    """Places that are not dropped; None if none is."""
    return np.flatnonzero(~dropped) if dropped.any() else None


def _under_one_another(
    held: Any, left: Sequence[npt.NDArray[np.intp] | None], row: npt.NDArray[np.integer]
) -> Any:
    """A column once for each parameter, each time what is left of it."""
    if held.dtype != "str" or not len(left):
        return held.take(row)
    whole = pa.array(held, pa.large_string())
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    return _text([whole if kept is None else whole.take(pa.array(kept)) for kept in left])


def _spelt_marks(mark: npt.NDArray[np.int8]) -> pa.Array:
    if not mark.any():
        return pa.repeat(_scalar(CENSORED[0]), len(mark))
    return pa.array(CENSORED, pa.large_string()).take(pa.array(mark))


def _scalar(word: str) -> pa.Scalar:
    return pa.scalar(word, pa.large_string())


def _text(chunks: list[pa.Array]) -> Any:
    return pd.array(pa.chunked_array(chunks, pa.large_string()), dtype="str")
