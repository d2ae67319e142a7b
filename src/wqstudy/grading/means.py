"""Means of concentrations by section and period, as whole numbers, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.grading.limits import SCALE, scaled

Nondetect = Literal["half", "limit", "zero"]
NONDETECTS: tuple[Nondetect, ...] = ("half", "limit", "zero")


@dataclass(frozen=True, slots=True)
class Means:
    """Sums and counts of each group (a section in a period) and item, arrays of shape (groups, items).

    Parameters
    ----------
    total, n
        Sum in whole numbers of 1e-8 of the unit, and number of values. Of pH, which is averaged as hydrogen
        ions, the total is the mean itself and `n` is 1.
    counts
        Number of values, of pH too.
    below, above
        How many of the values were below a limit, and above one.
    months
        Number of calendar months with a value.
    """

    total: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    below: npt.NDArray[np.int64]
    above: npt.NDArray[np.int64]
    months: npt.NDArray[np.int64]

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """Means in canonical units, NaN where there is no value."""
        divisor = np.where(self.n > 0, self.n, 1) * float(SCALE)
        return np.where(self.n > 0, self.total / divisor, np.nan)


def means(
    group: npt.NDArray[np.integer],
    item: npt.NDArray[np.integer],
    value: npt.NDArray[np.float64],
    mark: npt.NDArray[np.integer],
    month: npt.NDArray[np.integer],
    shape: tuple[int, int],
    nondetect: Nondetect = "half",
    ph: int | None = None,
) -> Means:
    """Means of each group and item; the order of the values does not matter.

    Parameters
    ----------
    group, item
        Of each value, counted from 0.
    value
        In canonical units; of a non-detect its limit.
    mark
        0 measured, 1 below the limit, 2 above it.
    month
        Calendar month, 0 to 11.
    shape
        Number of groups and of items.
    nondetect
        What a non-detect counts as: half its limit (环办监测函〔2020〕82号, item 7; SL 219-2013, 12.2.5), the
        limit, or zero.
    ph
        Place of pH among the items, whose mean is that of the hydrogen ions.
    """
    group, item = group.astype(np.int64), item.astype(np.int64)
    mark, month = mark.astype(np.int8), month.astype(np.int8)
    whole = scaled(value)
    if nondetect != "limit":
        below = mark == 1
        whole = np.where(below, whole // 2 if nondetect == "half" else 0, whole)
    total, counts, n_below, n_above = (np.zeros(shape, np.int64) for _ in range(4))
    seen = np.zeros(shape, np.uint16)
    codes = group.astype(np.int64), item.astype(np.int64)
    _fill(
        codes[0],
        codes[1],
        whole,
        mark.astype(np.int8),
        month.astype(np.int8),
        total,
        counts,
        n_below,
        n_above,
        seen,
    )
    n = counts
    if ph is not None:
        n = counts.copy()
        several = np.flatnonzero(counts[:, ph] > 1)
        if len(several):
            ions = np.zeros(shape[0])
            is_ph = np.asarray(item) == ph
            np.add.at(ions, np.asarray(group)[is_ph], 10.0 ** -np.asarray(value)[is_ph])
            # Of values beyond 300, which are none, a float holds no ions at all.
            mean = np.maximum(ions[several] / counts[several, ph], np.finfo(float).tiny)
            total[several, ph] = scaled(-np.log10(mean))
            n[several, ph] = 1
    return Means(total, n, counts, n_below, n_above, np.bitwise_count(seen).astype(np.int64))


@numba.njit(cache=True, nogil=True)
def _fill(group, item, whole, mark, month, total, values, below, above, seen):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for place in range(len(group)):
        g, i = group[place], item[place]
        total[g, i] += whole[place]
        values[g, i] += 1
        if mark[place] == 1:
            below[g, i] += 1
        elif mark[place] == 2:
            above[g, i] += 1
        seen[g, i] |= np.uint16(1) << np.uint16(month[place])
