"""What becomes of cells whose parameter is known: values in its unit, and why some are dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.parameters import Parameter
from wqstudy.parameters import factor as unit_factor
from wqstudy.readers.cells import Cells
from wqstudy.readers.outcomes import FIRST_DROPPED, LEFT, NONE, RIGHT, Why


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
    if cells.unit is None and stated is None and not np.isnan(factor).any():
        value = convert(cells.value, factor)
        if value.size and value.min() > 0:  # nothing is missing, zero or negative: a large table's usual case
            return Cells(value, cells.mark, cells.why)
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
    acidity = np.array([p.code == "PH" for p in parameters])[which]
    why[(value < 0) & (ratio | acidity)] = Why.NEGATIVE
    put_in = (undetected | zero) & known
    return np.where(put_in, limit, value), np.where(put_in, LEFT, mark).astype(np.int8), why
