"""How far the mean of a few dated samples lies from that of the days not sampled, and whether it attains."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import chi2

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NODES = 15
"""Quantiles that stand for the uncertain variance; 30 change no probability by 0.003."""

SMALL = 100
"""Below so many units the mean of a lognormal sample differs noticeably from its expectation."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The units that periods consist of, where these are not all from first to last.

    Parameters
    ----------
    first
        Where each period begins in `unit`, and its length at the end. Shape (periods + 1,).
    unit
        Units, from 0, rising within a period.
    of
        Period of each cell, shape (cells,).
    """

    first: IntArray
    unit: IntArray
    of: IntArray


@dataclass(frozen=True, slots=True)
class Cells:
    """Samples of an item at a section in a period, arrays of shape (cells,).

    Parameters
    ----------
    mean
        Arithmetic mean of the values of the units (days or months) sampled.
    log_mean, log_square
        Mean of their logs, and sum of squared deviations from it.
    n, size
        Units sampled, and units of the period.
    within, across, whole
        Mean semivariogram over all pairs of sampled units, of sampled with all, of all with all.
    """

    mean: FloatArray
    log_mean: FloatArray
    log_square: FloatArray
    n: IntArray
    size: IntArray
    within: FloatArray
    across: FloatArray
    whole: FloatArray

    @property
    def error(self) -> FloatArray:
        """Variance of the log mean about that of the units not sampled, per unit of variance."""
        rest = np.maximum(1 - self.n / self.size, 1e-9)
        apart: FloatArray = np.maximum(2 * self.across - self.within - self.whole, 0) / rest**2
        return apart


def cells(
    first: IntArray,
    item: IntArray,
    unit: IntArray,
    value: FloatArray,
    size: IntArray,
    gamma: FloatArray,
    calendar: Calendar | None = None,
) -> Cells:
    """Put the samples of each cell together.

    Parameters
    ----------
    first
        Where each cell begins in `unit` and `value`, and their length at the end. Shape (cells + 1,).
    item
        Row of `gamma` of each cell.
    unit, value
        Units sampled, from 0, rising within a cell; values above zero.
    size
        Units of each cell's period.
    gamma
        Semivariogram of each item at 0, 1, 2 … units.
    calendar
        The units of each period, among them those sampled; by default all of `size`.
    """
    n = np.diff(first).astype(np.int64)
    owner = np.repeat(np.arange(len(n)), n)
    log = np.log(value)
    log_mean: FloatArray = np.bincount(owner, log, len(n)) / n
    within, across, whole = _semivariances(first, item, unit, size, gamma)
    if calendar is not None:
        across, whole = _of_calendar(first, item, unit, calendar.first, calendar.unit, calendar.of, gamma)
        size = np.diff(calendar.first)[calendar.of]
    return Cells(
        np.bincount(owner, value, len(n)) / n,
        log_mean,
        np.bincount(owner, (log - log_mean[owner]) ** 2, len(n)).astype(np.float64),
        n,
        size,
        within,
        across,
        whole,
    )


@numba.njit(cache=True, nogil=True)
def _semivariances(first, item, unit, size, gamma):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_cells = len(first) - 1
    within, across, whole = np.zeros(n_cells), np.zeros(n_cells), np.zeros(n_cells)
    sums = np.zeros_like(gamma)
    for row in range(gamma.shape[0]):
        sums[row] = np.cumsum(gamma[row])
    for cell in range(n_cells):
        g, total, start, end = gamma[item[cell]], sums[item[cell]], first[cell], first[cell + 1]
        k, units = end - start, size[cell]
        for one in range(start, end):
            across[cell] += total[unit[one]] + total[units - 1 - unit[one]]
            for other in range(start, one):
                within[cell] += 2 * g[unit[one] - unit[other]]
        for lag in range(1, units):
            whole[cell] += 2 * (units - lag) * g[lag]
        within[cell] /= k * k
        across[cell] /= k * units
        whole[cell] /= units * units
    return within, across, whole


@numba.njit(cache=True, nogil=True)
def _of_calendar(first, item, unit, begin, day, of, gamma):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n_cells = len(first) - 1
    across, whole = np.zeros(n_cells), np.zeros(n_cells)
    for cell in range(n_cells):
        g, start, end = gamma[item[cell]], begin[of[cell]], begin[of[cell] + 1]
        for one in range(start, end):
            for sampled in range(first[cell], first[cell + 1]):
                across[cell] += g[abs(unit[sampled] - day[one])]
            for other in range(start, one):
                whole[cell] += 2 * g[day[one] - day[other]]
        across[cell] /= (end - start) * (first[cell + 1] - first[cell])
        whole[cell] /= (end - start) ** 2
    return across, whole


@dataclass(frozen=True, slots=True)
class Spread:
    """Log variance and misfit of each cell's item, arrays of shape (cells,).

    Parameters
    ----------
    variance, df
        Scale and degrees of freedom of the scaled inverse chi-squared prior of a section's log variance.
    misfit
        Standard error of the log mean by the shape not being lognormal, per unit of log variance.
    place, scatter
        Mean and standard deviation of the log means of comparable sections; an infinite `scatter` is none.
    """

    variance: FloatArray
    df: FloatArray
    misfit: FloatArray
    place: FloatArray
    scatter: FloatArray


def log_variance(held: Cells, spread: Spread) -> tuple[FloatArray, FloatArray]:
    """Log variance of each cell, drawn towards what is usual for the item, and its degrees of freedom."""
    several = held.n > 1
    pair = np.where(several, held.within * held.n / np.maximum(held.n - 1, 1), 1.0)
    own = held.log_square / np.maximum(held.n - 1, 1) / np.maximum(pair, 1e-9)
    df = spread.df + held.n - 1
    return (spread.df * spread.variance + (held.n - 1) * own) / df, df


def nodes(held: Cells, spread: Spread) -> tuple[FloatArray, FloatArray]:
    """Centre and variance of the log mean of the units not sampled, shape (cells, nodes)."""
    variance, df = log_variance(held, spread)
    share = (np.arange(NODES) + 0.5) / NODES
    known, which = np.unique(df, return_inverse=True)
    quantile = np.asarray(chi2.ppf(share, known[:, None]))[which]
    s = (df * variance)[:, None] / quantile
    rest = np.maximum(held.size - held.n, 1)[:, None]
    small = held.size[:, None] < SMALL
    curved = np.expm1(np.minimum(s, 5))
    centre = held.log_mean[:, None] + s * held.whole[:, None] / 2 - np.where(small, curved / (2 * rest), 0)
    error = s * held.error[:, None] + (spread.misfit[:, None] * s) ** 2
    error = error + np.where(small, np.maximum(curved - s, 0) / rest, 0)
    return centre, np.maximum(error, 1e-12)


def attaining(held: Cells, spread: Spread, low: FloatArray, high: FloatArray) -> FloatArray:
    """Probability that the mean over the whole period lies within bounds, shape (cells, bounds).

    Parameters
    ----------
    low, high
        Bounds in the unit of the values, shape (cells, bounds); -inf and inf are none.

    Notes
    -----
    Given its variance, the log mean of the units not sampled is normal; the mean of the whole is n/N parts
    what was measured. Kriging of block means (Cressie 1993) with a variance shrunk as by Smyth (2004).
    """
    centre, error = nodes(held, spread)
    weight = np.where(
        np.isinf(spread.scatter)[:, None], 1.0, 1 / (1 + error / np.square(spread.scatter)[:, None])
    )
    centre = np.where(weight < 1, weight * centre + (1 - weight) * spread.place[:, None], centre)
    sd = np.sqrt(weight * error)
    done = (held.n / held.size)[:, None]

    def below(bound: FloatArray) -> FloatArray:
        left = (bound - done * held.mean[:, None]) / np.where(done < 1, 1 - done, 1)
        with np.errstate(divide="ignore"):
            log = np.log(np.maximum(left, 0))
        found: FloatArray = ndtr((log[:, None, :] - centre[..., None]) / sd[..., None]).mean(axis=1)
        return found

    inside = (held.mean[:, None] >= low) & (held.mean[:, None] <= high)
    return np.where(done < 1, np.clip(below(high) - below(low), 0, 1), inside)
