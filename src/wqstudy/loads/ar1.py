"""Residuals that remember: AR(1) over days, from samples at uneven distances, and draws of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, signal

FloatArray = npt.NDArray[np.float64]

_MOST = 0.995


def lag_one(day: FloatArray, z: FloatArray) -> float:
    """Correlation of neighbouring days that fits standardised residuals best, 0 to 0.995.

    Parameters
    ----------
    day
        Days of the samples, in order. Residuals of one day are averaged. Shape (n,).
    z
        Residuals with variance near one. Shape (n,).

    Examples
    --------
    >>> lag_one(np.arange(4.0), np.array([1.0, -1.0, 1.0, -1.0]))
    0.0
    """
    days, index = np.unique(day, return_inverse=True)
    mean = np.bincount(index, z) / np.bincount(index)
    gap = np.diff(days)
    if gap.size < 2:
        return 0.0

    def minus(rho: float) -> float:
        carried = rho**gap
        left = 1 - carried**2
        error = mean[1:] - carried * mean[:-1]
        spread = (mean[0] ** 2 + (error**2 / left).sum()) / days.size
        return float(0.5 * np.log(left).sum() + 0.5 * days.size * np.log(max(spread, 1e-300)))

    found = optimize.minimize_scalar(minus, bounds=(0.0, _MOST), method="bounded", options={"xatol": 1e-6})
    return float(found.x) if minus(float(found.x)) < minus(0.0) else 0.0


def noise(rng: np.random.Generator, rho: float, replicates: int, days: int) -> FloatArray:
    """Standard normal AR(1) series. Shape (replicates, days)."""
    white = rng.standard_normal((replicates, days))
    if rho == 0:
        return white
    white[:, 1:] *= np.sqrt(1 - rho**2)
    made: FloatArray = signal.lfilter([1.0], [1.0, -rho], white, axis=1)
    return made
