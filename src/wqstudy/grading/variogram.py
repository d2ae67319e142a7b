"""How fast values of a section part in time: the semivariogram of log concentrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

FloatArray = npt.NDArray[np.float64]

RANGES = (2.0, 6.0, 15.0, 40.0, 100.0)
"""Days in which the parts of the semivariogram rise."""

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Variogram:
    """Half the mean squared difference of log values, as a multiple of the section's variance.

    Parameters
    ----------
    nugget
        What two values of one day would differ by already.
    parts
        Height of each exponential part, for the ranges of `RANGES`.
    season
        Height of the wave of a year.

    Examples
    --------
    >>> Variogram(0.2, (0.0, 0.0, 0.8, 0.0, 0.0), 0.0)(np.array([0, 15, 1000])).round(2).tolist()
    [0.0, 0.71, 1.0]
    """

    nugget: float
    parts: tuple[float, ...]
    season: float

    def __call__(self, days: npt.ArrayLike) -> FloatArray:
        """Values at distances in days; 0 at distance 0."""
        lag = np.asarray(days, np.float64)
        weights = np.array([self.nugget, *self.parts, self.season])
        found: FloatArray = np.where(lag > 0, _basis(lag) @ weights, 0.0)
        return found


def _basis(lag: FloatArray) -> FloatArray:
    """Nugget, exponential parts and season of height 1 at each lag, shape (..., 7)."""
    rising = [-np.expm1(-lag / one) for one in RANGES]
    wave = (1 - np.cos(2 * np.pi * lag / YEAR)) / 2
    return np.stack([np.ones_like(lag), *rising, wave], axis=-1)


def fit_variogram(series: Iterable[tuple[npt.NDArray[np.integer], FloatArray]]) -> Variogram:
    """The semivariogram that sections share, each in units of its own variance.

    Parameters
    ----------
    series
        Of each section its days, whole numbers that rise, and its log values.

    Notes
    -----
    Non-negative least squares on the pooled semivariances, each lag weighted by its number of pairs; then
    scaled so that the mean over all pairs of a section is its variance. With non-negative parts it is a
    valid semivariogram whatever the data (Cressie 1993, Statistics for Spatial Data, 2.5).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> white = [(np.arange(200), rng.normal(size=200)) for _ in range(20)]
    >>> bool(fit_variogram(white).nugget > 0.95)
    True
    """
    half, pairs = np.zeros(0), np.zeros(0)
    for day, value in series:
        spread = np.var(value)
        if spread <= 0:
            continue
        first, second = np.triu_indices(len(day), 1)
        lag = day[second] - day[first]
        size = max(len(half), int(lag.max(initial=0)) + 1)
        half, pairs = (np.pad(one, (0, size - len(one))) for one in (half, pairs))
        half += np.bincount(lag, (value[second] - value[first]) ** 2 / (2 * spread), size)
        pairs += np.bincount(lag, minlength=size)
    seen = np.flatnonzero(pairs)
    if not len(seen):
        return Variogram(1.0, (0.0,) * len(RANGES), 0.0)
    weight = np.sqrt(pairs[seen])
    basis = _basis(seen.astype(np.float64))
    height, _ = nnls(basis * weight[:, None], half[seen] / pairs[seen] * weight)
    # The mean over all pairs of the data is 1 by construction; that of the fit is made so.
    height *= half.sum() / (pairs[seen] @ (basis @ height))
    return Variogram(float(height[0]), tuple(map(float, height[1:-1])), float(height[-1]))
