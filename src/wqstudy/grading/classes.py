"""Classes of numbers: arrays in, arrays out, exact at every limit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numba
import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import DIGITS, INFERIOR_V, LARGEST, WATER_BODIES, Rounding, WaterBody, thresholds

_BLOCK = 1 << 16  # rows whose whole numbers stay in the processor's own memory


def classify(
    values: npt.ArrayLike,
    items: Sequence[str],
    water_body: WaterBody | npt.ArrayLike = "river",
    *,
    rounding: Rounding = "assessment",
    standard: str = "gb3838_2002",
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Class of each value, and of each row by its worst item (single-factor method).

    A value equal to a limit has the better class; so have items whose limits are equal in two classes.

    Parameters
    ----------
    values
        Shape (n, items), in canonical units; NaN where there is none.
    items
        Codes of the columns.
    water_body
        ``"river"`` or ``"lake"``, or one of these for each row.
    rounding
        ``"assessment"`` rounds half to even, in exact decimals, to the catalogue's decimals before grading;
        ``"none"`` compares as it is.

    Returns
    -------
    item_class
        Shape (n, items): 1 to 5, 6 for worse than class V, 0 where there is no value.
    row_class
        Shape (n,): the worst of them, 0 where there is none.

    Raises
    ------
    ArgumentError
        If a value is negative or too large, or the shapes do not fit.

    References
    ----------
    GB 3838-2002, Table 1; 环办〔2011〕22号; GB/T 8170-2008 (rounding).

    Examples
    --------
    >>> values = [[7.5, 0.155, 0.1], [4.0, 2.01, np.nan]]
    >>> item_class, row_class = classify(values, ["DO", "NH3N", "TP"])
    >>> item_class.tolist(), row_class.tolist()
    ([[1, 2, 2], [4, 6, 0]], [2, 6])
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(items):
        raise ArgumentError(
            f"values have the shape {table.shape}",
            argument="values",
            valid=f"(n, {len(items)}): one column an item",
        )
    lake = _lake(water_body, len(table))
    low, high = _bounds(tuple(items), rounding, standard)
    item_class = np.empty(table.shape, np.int8)
    row_class = np.empty(len(table), np.int8)
    faulty = _classify(table, lake, low, high, item_class, row_class)
    if faulty >= 0:
        row, column = divmod(int(faulty), len(items))
        raise ArgumentError(
            f"value {table[row, column]} of {items[column]} in row {row} cannot be graded",
            argument="values",
            valid=f"zero or more, and below {LARGEST:g}",
        )
    return item_class, row_class


@lru_cache(maxsize=64)
def _bounds(
    items: tuple[str, ...], rounding: Rounding, standard: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Thresholds of rivers, then of lakes: shape (2, items, 5)."""
    both = [thresholds(items, body, rounding, standard=standard) for body in WATER_BODIES]
    return np.stack([low for low, _ in both]), np.stack([high for _, high in both])


def _lake(water_body: WaterBody | npt.ArrayLike, n: int) -> npt.NDArray[np.bool_]:
    bodies = np.asarray(water_body)
    lake = np.broadcast_to(bodies == "lake", (n,)) if bodies.ndim == 0 else bodies == "lake"
    if lake.shape != (n,) or not np.isin(np.unique(bodies), ("river", "lake")).all():
        raise ArgumentError(
            "the water bodies are not one for each row"
            if lake.shape != (n,)
            else "a water body is not known",
            argument="water_body",
            valid="river, lake, or one of these for each row",
        )
    return np.ascontiguousarray(lake)


@numba.njit(cache=True, nogil=True, parallel=True)
def _classify(table, lake, low, high, item_class, row_class):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n, m = table.shape
    faulty = np.full((n + _BLOCK - 1) // _BLOCK, -1, np.int64)
    for block in numba.prange(len(faulty)):
        for row in range(block * _BLOCK, min(n, (block + 1) * _BLOCK)):
            body = 1 if lake[row] else 0
            worst = 0
            for item in range(m):
                value = table[row, item]
                found = 0
                if not np.isnan(value):
                    if value < 0.0 or value > LARGEST:
                        faulty[block] = row * m + item
                        continue
                    whole = np.int64(np.rint(value * 10.0**DIGITS))
                    found = class_of(whole, 1, low[body, item], high[body, item])
                item_class[row, item] = found
                worst = max(worst, found)
            row_class[row] = worst
    return faulty.max() if n else -1


@numba.njit(cache=True, nogil=True, inline="always")
def class_of(total, n, low, high):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Class of a mean, given as a sum of whole numbers and their count."""
    for number in range(INFERIOR_V - 1):
        if n * low[number] <= total <= n * high[number]:
            return number + 1
    return INFERIOR_V


def classify_means(
    total: npt.NDArray[np.int64],
    n: npt.NDArray[np.int64],
    items: Sequence[str],
    lake: npt.NDArray[np.bool_],
    *,
    rounding: Rounding = "assessment",
    standard: str = "gb3838_2002",
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """The same of means, given as sums of whole numbers of 1e-8 and their counts.

    Parameters
    ----------
    total, n
        Shape (groups, items); `n` is 0 where there is no value.
    lake
        Shape (groups,): whether the limits of lakes hold.

    Returns
    -------
    item_class, row_class
        As of `classify`.

    Examples
    --------
    >>> classify_means(np.array([[310000000]]), np.array([[2]]), ["NH3N"], np.array([False]))[1].tolist()
    [5]
    """
    low, high = _bounds(tuple(items), rounding, standard)
    item_class = np.zeros(total.shape, np.int8)
    if total.size:
        _classify_means(total, n, lake, low, high, item_class)
    return item_class, item_class.max(axis=1, initial=0)


@numba.njit(cache=True, nogil=True)
def _classify_means(total, n, lake, low, high, item_class):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for row in range(total.shape[0]):
        body = 1 if lake[row] else 0
        for item in range(total.shape[1]):
            if n[row, item]:
                item_class[row, item] = class_of(
                    total[row, item], n[row, item], low[body, item], high[body, item]
                )
