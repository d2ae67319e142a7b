"""Spearman's rank correlation with time, the trend test of Daniel."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.results import RankCorrelation
from wqstudy.stats import inputs
from wqstudy.stats.rank_trends import EXACT_UP_TO, null_distribution

FloatArray = npt.NDArray[np.float64]


def spearman_trend(x: npt.ArrayLike, t: npt.ArrayLike) -> RankCorrelation:
    """Spearman's rank correlation of values with time, Daniel's test for trend.

    Up to 12 values without ties p is exact, among all orders; else from Student's t with n - 2 degrees of
    freedom, ties by their mean ranks, as R and scipy have it. (`rank_trends`, for many series, counts orders
    with ties too.)

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, shape (n,), in any order.

    Returns
    -------
    RankCorrelation
        p is nan below 3 values, and 1 where all are equal.

    Raises
    ------
    ArgumentError
        If `x` is not one-dimensional, or `t` not of its shape or not finite.

    References
    ----------
    Daniel C. 1990, Applied Nonparametric Statistics, 2nd ed., sec. 9.1; Best D.J., Roberts D.E. 1975,
    Appl. Stat. 24, 377-379 (exact law).

    Examples
    --------
    >>> spearman_trend([4.7, 3.9, 4.1, 3.2, 3.3], [2011, 2012, 2013, 2014, 2015])
    RankCorrelation(rho=-0.8, z=-1.6, p_value=0.133, n=5, method='Spearman, exact', notes=())
    """
    values = inputs.series(x)
    present, times = inputs.ordered(values, t)
    n = present.size
    notes: tuple[str, ...] = (inputs.left_out(values.size - n),) if n < values.size else ()
    nan, method = math.nan, "Spearman"
    if n < inputs.FEWEST:
        return RankCorrelation(nan, nan, nan, n, method, (*notes, inputs.NOTE_FEW))
    rank_x, rank_t = mid_ranks(present), mid_ranks(times)
    centred_x, centred_t = rank_x - (n + 1) / 2, rank_t - (n + 1) / 2
    spread_x, spread_t = float(centred_x @ centred_x), float(centred_t @ centred_t)
    if spread_t == 0:
        return RankCorrelation(nan, nan, nan, n, method, (*notes, inputs.NOTE_TIMES))
    if spread_x == 0:
        return RankCorrelation(0.0, 0.0, 1.0, n, method, (*notes, inputs.NOTE_EQUAL))
    rho = float(centred_x @ centred_t) / math.sqrt(spread_x * spread_t)
    rho = min(max(rho, -1.0), 1.0)
    untied = n * (n * n - 1) / 12
    if n <= EXACT_UP_TO and spread_x == spread_t == untied:
        p, method = _exact_p(rho, n), "Spearman, exact"
    else:
        # P(|T| > t) for t = rho sqrt((n-2)/(1-rho^2)), written so that nothing cancels near rho = 1.
        p, method = float(special.betainc(n / 2 - 1, 0.5, (1 - rho) * (1 + rho))), "Spearman, t"
    return RankCorrelation(rho, rho * math.sqrt(n - 1), p, n, method, notes)


def mid_ranks(a: FloatArray) -> FloatArray:
    """Ranks from 1, the mean rank where values are equal.

    Parameters
    ----------
    a
        Shape (n,), without nan.

    Returns
    -------
    ndarray
        Shape (n,).

    Examples
    --------
    >>> mid_ranks(np.array([3.0, 1.0, 3.0]))
    array([2.5, 1. , 2.5])
    """
    _, place, count = np.unique(a, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: FloatArray = (last - (count - 1) / 2)[place]
    return ranks


def _exact_p(rho: float, n: int) -> float:
    """Share of the orders of n values whose correlation is as far from 0 or farther, at most 1."""
    values, tail = null_distribution(n)
    # The law is symmetric; its steps are 6/(n^3 - n) wide, rounding errors far below half of one.
    place = int(np.searchsorted(values, abs(rho) - 3 / (n**3 - n)))
    return min(1.0, 2 * float(tail[place]))
