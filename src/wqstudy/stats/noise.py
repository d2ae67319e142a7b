"""Noise with memory: families of correlation in time, their grids and prior weights, and their whitening."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy import linalg, special

FloatArray = npt.NDArray[np.float64]

SLOWEST = 0.995
"""Largest correlation of neighbouring months: the prior of the slow end ends here."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Noise models in a row: mixtures of two AR(1) parts first, then fractional noise.

    Parameters
    ----------
    slow, fast, share
        Correlation at a lag of h months is ``share slow^h + (1 - share) fast^h``. Shape (m,).
    d
        Order of fractional differencing. Shape (f,).
    log_prior
        Log of the prior weights, which sum to one. Shape (m + f,).
    family
        Letter of each model's family. Shape (m + f,).
    """

    slow: FloatArray
    fast: FloatArray
    share: FloatArray
    d: FloatArray
    log_prior: FloatArray
    family: npt.NDArray[np.str_]


ALONE = np.r_[-0.6, -0.4, np.arange(-0.2, 0.86, 0.05), 0.88, 0.91, 0.94, 0.96, 0.98, SLOWEST]
WITH_WHITE = np.array([0.3, 0.45, 0.6, 0.7, 0.78, 0.84, 0.89, 0.93, 0.96, 0.98, SLOWEST])
WHITE_SHARE = np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.85])
DRIFT = np.array([0.8, 0.9, 0.95, 0.98, SLOWEST])
ABOVE = np.array([0.3, 0.5, 0.7])
DRIFT_SHARE = np.array([0.1, 0.25, 0.45, 0.7])
FRACTION = np.r_[-0.1, np.arange(0.0, 0.46, 0.05), 0.49]


def cells(points: FloatArray) -> FloatArray:
    """Length of the axis that each point of a grid stands for: to half way to its neighbours."""
    middle = (points[1:] + points[:-1]) / 2
    return np.diff(np.r_[points[0], middle, points[-1]])


def fractional_correlation(d: float, lag: FloatArray) -> FloatArray:
    """Autocorrelation of fractionally integrated noise (Hosking 1981, Biometrika 68, theorem 1).

    Parameters
    ----------
    d
        Order, below one half.
    lag
        Lags, 0 or more, any shape.

    Examples
    --------
    >>> fractional_correlation(0.3, np.array([0.0, 1.0])).round(4)      # at lag one d / (1 - d)
    array([1.    , 0.4286])
    """
    if d == 0:
        return (lag == 0).astype(float)
    sign = np.sign(d) if d < 0 else 1.0
    log = special.gammaln(lag + d) - special.gammaln(lag + 1 - d) + special.gammaln(1 - d)
    value: FloatArray = sign * np.exp(log - special.gammaln(d))
    return np.where(lag == 0, 1.0, value)


def fractional_factor(d: float, time: FloatArray) -> FloatArray:
    """Lower Cholesky factor of the correlation matrix of fractional noise at some times."""
    lag, at = np.unique(np.abs(time[:, None] - time[None, :]), return_inverse=True)
    matrix = fractional_correlation(d, lag)[at.reshape(time.size, time.size)]
    factor: FloatArray = linalg.cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)
    return factor


def decays(phi: FloatArray, time: FloatArray) -> FloatArray:
    """Correlation across every gap, shape (models, n - 1).

    A gap that is no whole number (a month that is there twice) has no sign of its own to give a negative
    correlation: its size counts.
    """
    gap = np.diff(time)
    size = np.abs(phi)[:, None] ** gap
    odd = (gap % 2 == 1) & (phi < 0)[:, None]
    return np.where(odd, -size, size)


@numba.njit(cache=True, nogil=True)
def whiten(
    columns: FloatArray, slow: FloatArray, fast: FloatArray, share: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Columns with the memory of a two-part AR(1) noise taken out, and the log-determinant.

    The Kalman filter of the two parts: scaled one-step errors are uncorrelated with variance one, so
    that ``white' white = columns' R^-1 columns``.

    Parameters
    ----------
    columns
        Shape (n, c).
    slow, fast
        Correlations across the gaps, shape (models, n - 1).
    share
        Of the slow part in the variance, shape (models,).

    Returns
    -------
    white
        Shape (models, n, c).
    log_determinant
        Of the correlation matrices, shape (models,).
    """
    models, (n, width) = share.size, columns.shape
    white = np.empty((models, n, width))
    log_determinant = np.zeros(models)
    first, second = np.empty(width), np.empty(width)
    for m in range(models):
        part = share[m]
        rest = 1.0 - part
        p11, p12, p22 = part, 0.0, rest
        first[:] = 0.0
        second[:] = 0.0
        for t in range(n):
            variance = max(p11 + 2 * p12 + p22, 1e-12)
            log_determinant[m] += np.log(variance)
            root = 1.0 / np.sqrt(variance)
            gain1, gain2 = (p11 + p12) / variance, (p12 + p22) / variance
            p11 -= gain1 * gain1 * variance
            p12 -= gain1 * gain2 * variance
            p22 -= gain2 * gain2 * variance
            r1, r2 = (slow[m, t], fast[m, t]) if t < n - 1 else (0.0, 0.0)
            for j in range(width):
                error = columns[t, j] - first[j] - second[j]
                white[m, t, j] = error * root
                first[j] = r1 * (first[j] + gain1 * error)
                second[j] = r2 * (second[j] + gain2 * error)
            p11 = r1 * r1 * p11 + part * (1 - r1 * r1)
            p12 = r1 * r2 * p12
            p22 = r2 * r2 * p22 + rest * (1 - r2 * r2)
    return white, log_determinant


def grid(n: int, power=(0.5, 0.5, 0.5), mass=(0.25, 0.25, 0.25, 0.25)) -> Grid:
    """The noise models for n months."""

    def axis(points: FloatArray, exponent: float) -> FloatArray:
        weight = cells(points) * (1 - points) ** -exponent
        return weight / weight.sum()

    parts = {
        "A": (ALONE, np.zeros(1), np.ones(1), power[0]),
        "N": (WITH_WHITE, np.zeros(1), WHITE_SHARE, power[1]),
        "S": (DRIFT, ABOVE, DRIFT_SHARE, power[2]),
    }
    slow, fast, share, prior, family = [], [], [], [], []
    for (name, (one, two, mix, exponent)), m in zip(parts.items(), mass[:3]):
        a, b, c = (g.ravel() for g in np.meshgrid(one, two, mix, indexing="ij"))
        slow.append(a), fast.append(b), share.append(c)
        w = np.broadcast_to(axis(one, exponent)[:, None, None], (one.size, two.size, mix.size)).ravel()
        prior.append(m * w / w.sum())
        family += [name] * a.size
    w = cells(FRACTION)
    prior.append(mass[3] * w / w.sum())
    family += ["F"] * FRACTION.size
    return Grid(
        np.concatenate(slow), np.concatenate(fast), np.concatenate(share), FRACTION,
        np.log(np.concatenate(prior)), np.array(family),
    )
