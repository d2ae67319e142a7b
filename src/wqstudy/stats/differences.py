"""The k-th of all differences between two samples, without making them."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def _around(
    a: FloatArray, a_ends: IntArray, b: FloatArray, b_ends: IntArray, mid: float
) -> tuple[int, float, float]:
    """How many differences ``b - a`` are at most `mid`; the largest of them, and the smallest beyond."""
    count, below, above = 0, -np.inf, np.inf
    for block in range(a_ends.size - 1):
        first, last = b_ends[block], b_ends[block + 1]
        j = first
        # Both sorted: as a grows, more of b lies within reach.
        for i in range(a_ends[block], a_ends[block + 1]):
            while j < last and b[j] - a[i] <= mid:
                j += 1
            count += j - first
            if j > first:
                below = max(below, b[j - 1] - a[i])
            if j < last:
                above = min(above, b[j] - a[i])
    return count, below, above


@numba.njit(cache=True, nogil=True)
def kth_difference(a: FloatArray, a_ends: IntArray, b: FloatArray, b_ends: IntArray, k: int) -> float:
    """The k-th smallest of the differences b - a within blocks.

    Bisection on the value; each pass counts in O(n + m) (Johnson and Mizoguchi 1978, SIAM J. Comput. 7).
    Both ends of the bracket are always differences that occur, so that the answer is exact.

    Parameters
    ----------
    a, b
        Sorted within each block, shape (n,) and (m,).
    a_ends, b_ends
        Where blocks begin and end, shape (blocks + 1,).
    k
        From 1 to the number of differences.

    Returns
    -------
    float

    Examples
    --------
    >>> ends = np.array([0, 2])
    >>> kth_difference(np.array([0.0, 1.0]), ends, np.array([1.0, 5.0]), ends, 3)
    4.0
    """
    low, high = np.inf, -np.inf
    for block in range(a_ends.size - 1):
        if a_ends[block + 1] > a_ends[block] and b_ends[block + 1] > b_ends[block]:
            low = min(low, b[b_ends[block]] - a[a_ends[block + 1] - 1])
            high = max(high, b[b_ends[block + 1] - 1] - a[a_ends[block]])
    while low < high:
        mid = low + (high - low) / 2
        if mid >= high:
            mid = low
        count, below, above = _around(a, a_ends, b, b_ends, mid)
        if count >= k:
            high = below
        else:
            low = above
    return high


def blocks(values: FloatArray, label: IntArray, count: int) -> tuple[FloatArray, IntArray]:
    """Values sorted within their blocks, and where blocks begin and end.

    Parameters
    ----------
    values
        Shape (n,).
    label
        Block of each value, 0 to ``count - 1``. Shape (n,).
    count
        Number of blocks.

    Returns
    -------
    values, ends
        Shape (n,) and (count + 1,).

    Examples
    --------
    >>> blocks(np.array([3.0, 1.0, 2.0]), np.array([0, 1, 0]), 2)
    (array([2., 3., 1.]), array([0, 2, 3]))
    """
    order = np.lexsort((values, label))
    ends = np.searchsorted(label[order], np.arange(count + 1))
    return values[order], ends
