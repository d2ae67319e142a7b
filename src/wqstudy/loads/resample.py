"""Block bootstrap of samples: stretches of the record drawn together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def block_times(day: IntArray, block: int, rng: np.random.Generator, *, short: bool = False) -> FloatArray:
    """How often each sample occurs in one resample of the same size.

    Parameters
    ----------
    day
        Day number of each sample, in order. Shape (n,).
    block
        Length of a block in days.
    rng
        Draws the starts, uniform from a block before the first sample to the last.
    short
        As EGRETci does: blocks lack their last day, and the last sample is never drawn.

    References
    ----------
    Hirsch, R. M., Archfield, S. A. and De Cicco, L. A. (2015). A bootstrap method for estimating uncertainty
    of water quality trends. Environmental Modelling and Software 73.
    """
    drawn: list[IntArray] = []
    while sum(rows.size for rows in drawn) <= day.size:
        start = int(rng.integers(day[0] - block + 1, day[-1], endpoint=True))
        drawn.append(block_rows(day, start, block, short=short))
    return times_of(drawn, day.size)


def block_rows(day: IntArray, start: int, block: int, *, short: bool = False) -> IntArray:
    """Samples of the block that begins on a day."""
    end = min(start + block - 1, int(day[-1])) if short else start + block
    first, after = np.searchsorted(day, [start, end], side="left")
    return np.arange(first, after)


def times_of(drawn: list[IntArray], size: int) -> FloatArray:
    """How often each sample occurs: blocks stand in front of those drawn before, and the first are kept."""
    rows = np.concatenate(drawn[::-1])[:size]
    return np.bincount(rows, minlength=size).astype(float)


def ends_of(draws: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Ends of the interval that draws along the first axis give: the k-th smallest of n stands at k/(n + 1).

    Where the truth is as likely as any draw, it then lies inside with probability `level`, however few they
    are; with the usual quantiles 100 draws hold 95 % in 93 %.

    Examples
    --------
    >>> [float(end) for end in ends_of(np.arange(1.0, 40.0), 0.9)]
    [2.0, 38.0]
    """
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, tails, axis=0, method="weibull")
    return low, high
