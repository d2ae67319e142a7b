"""Kendall's tests of many series at once, with gaps, on all cores."""

from __future__ import annotations

import math
from statistics import NormalDist

import numba
import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.errors import ArgumentError
from wqstudy.results import Trends
from wqstudy.stats import inputs, ranks, slopes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def mann_kendall_many(
    x: npt.ArrayLike, t: npt.ArrayLike | None = None, *, slope: bool = False, level: float = 0.95
) -> Trends:
    """`mann_kendall` of every row, and `sen_slope` where asked for.

    Parameters
    ----------
    x
        One series a row, shape (series, n), nan where there is no value.
    t
        Times of the columns, shape (n,); left out, 0, 1, 2 ...
    slope
        Whether to estimate slopes too. All pairs of one series are listed: of more than some thousand
        values, `sen_slope` one by one is quicker.
    level
        Of the interval of the slope.

    Returns
    -------
    Trends
        p is nan below 3 values.

    Raises
    ------
    ArgumentError
        If `x` is not two-dimensional, or `t` does not fit its columns.

    Examples
    --------
    >>> r = mann_kendall_many([[1, 2, 3, 4, 5], [5, np.nan, 4, 4, 1]], slope=True)
    >>> r.s, r.slope, r.n
    (array([10., -5.]), array([ 1.  , -0.75]), array([5, 4]))
    """
    values = _table(x)
    times = np.arange(values.shape[1], dtype=float) if t is None else inputs.times_of(values[0], t)
    return _run(values, times, np.zeros(times.size, np.int64), slope, level, "Mann-Kendall")


def seasonal_kendall_many(
    x: npt.ArrayLike,
    year: npt.ArrayLike,
    season: npt.ArrayLike,
    *,
    slope: bool = False,
    level: float = 0.95,
) -> Trends:
    """`seasonal_kendall` of every row, without covariance, and seasonal slopes where asked for.

    Parameters
    ----------
    x
        One series a row, shape (series, n), nan where there is no value.
    year, season
        Of the columns, shape (n,).
    slope
        Whether to estimate slopes too.
    level
        Of the interval of the slope.

    Returns
    -------
    Trends
        p is nan below 3 values, and where no season has two values in different years.

    Raises
    ------
    ArgumentError
        If `x` is not two-dimensional, or `year` or `season` do not fit its columns.

    Examples
    --------
    >>> year, half = [2001, 2001, 2002, 2002, 2003, 2003], [1, 2, 1, 2, 1, 2]
    >>> r = seasonal_kendall_many([[5, 1, 4, 0, 3, -1], [5, 1, 4, 0, 6, np.nan]], year, half)
    >>> r.s, r.n
    (array([-6.,  0.]), array([6, 5]))
    """
    values = _table(x)
    times = inputs.times_of(values[0], year, "year")
    code = inputs.groups_of(season, times.size, "season")[1]
    return _run(values, times, code, slope, level, "seasonal Kendall")


def _table(x: npt.ArrayLike) -> FloatArray:
    """Values as a contiguous table of doubles, a series a row."""
    try:
        values = np.ascontiguousarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"not a table of numbers: {error}", argument="x", valid="numbers") from error
    if values.ndim != 2 or not values.size:
        raise ArgumentError(
            f"has shape {values.shape}", argument="x", valid="one series a row, shape (series, n)"
        )
    return values


def _run(
    values: FloatArray,
    times: FloatArray,
    code: IntArray,
    slope: bool,
    level: float,
    method: str,
) -> Trends:
    """Order the columns by group and time, run the kernel, and turn sums into p."""
    inputs.check_level(level)
    order = np.lexsort((times, code))
    starts = np.searchsorted(code[order], np.arange(code.max() + 2)).astype(np.int64)
    z_level = NormalDist().inv_cdf(0.5 + level / 2) if slope else 0.0
    # A block of series a thread, so that working space is made once a block.
    blocks = min(values.shape[0], 64 * numba.get_num_threads())
    found = _kernel(values, order, times[order], starts, z_level, slope, blocks)
    s, var_s, pairs, n = found[0], found[1], found[2], found[6].astype(np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.sign(s) * np.maximum(np.abs(s) - 1, 0) / np.sqrt(var_s)
        tau = s / pairs
    z = np.where(var_s == 0, 0.0, z)
    p = special.erfc(np.abs(z) * math.sqrt(0.5))
    untold = (n < inputs.FEWEST) | (found[7] == 0)
    for one in (s, var_s, z, p, tau):
        one[untold] = np.nan
    return Trends(s, var_s, z, p, tau, found[3], found[4], found[5], level, n, method)


@numba.njit(cache=True, parallel=True)
def _kernel(
    x: FloatArray,
    order: IntArray,
    t: FloatArray,
    starts: IntArray,
    z_level: float,
    with_slope: bool,
    blocks: int,
) -> FloatArray:
    """A row each of S, var S, pairs, slope, low, high, number of values, pairs of different times."""
    series, columns = x.shape
    out = np.empty((8, series))
    for b in numba.prange(blocks):
        work, time, kept = np.empty(columns), np.empty(columns), np.empty(columns)
        spare = np.empty(columns)
        begin = np.empty(starts.size, np.int64)
        for k in range(b * series // blocks, (b + 1) * series // blocks):
            n = 0
            s = variance = pairs = untied = 0.0
            for g in range(starts.size - 1):
                begin[g] = n
                for c in range(starts[g], starts[g + 1]):
                    value = x[k, order[c]]
                    if not np.isnan(value):
                        work[n] = kept[n] = value
                        time[n] = t[c]
                        n += 1
                size = n - begin[g]
                if size > 1:
                    part = slice(begin[g], n)
                    s_g, var_g, _, tied = ranks.kendall_sums(work[part], time[part], spare)
                    s += s_g
                    variance += var_g
                    pairs += size * (size - 1) / 2
                    untied += size * (size - 1) / 2 - tied
            begin[-1] = n
            out[0, k], out[1, k], out[2, k], out[6, k], out[7, k] = s, variance, pairs, n, untied
            out[3, k] = out[4, k] = out[5, k] = np.nan
            if with_slope and untied > 0:
                out[3, k], out[4, k], out[5, k] = slopes.listed_quantiles(
                    kept[:n], time[:n], begin, z_level * math.sqrt(variance)
                )
    return out
