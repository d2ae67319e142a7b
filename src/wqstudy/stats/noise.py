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


@dataclass(frozen=True, slots=True)
class Family:
    """Two AR(1) parts: correlation at a lag of h months is ``share slow^h + (1 - share) fast^h``.

    Parameters
    ----------
    slow, fast, share
        Axes of its grid.
    """

    slow: FloatArray
    fast: FloatArray
    share: FloatArray


FAMILIES = {
    # AR(1) alone.
    "A": Family(
        slow=np.r_[-0.6, -0.4, np.arange(-0.2, 0.86, 0.05), 0.88, 0.91, 0.94, 0.96, 0.98, SLOWEST],
        fast=np.zeros(1),
        share=np.ones(1),
    ),
    # AR(1) and white noise: a memory that starts below one, as errors of sampling make it.
    "N": Family(
        slow=np.array([0.3, 0.45, 0.6, 0.7, 0.78, 0.84, 0.89, 0.93, 0.96, 0.98, SLOWEST]),
        fast=np.zeros(1),
        share=np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.85]),
    ),
    # AR(1) on a drift that remembers years.
    "S": Family(
        slow=np.array([0.95, 0.97, 0.985, SLOWEST]),
        fast=np.array([0.3, 0.5, 0.7]),
        share=np.array([0.1, 0.25, 0.45, 0.7]),
    ),
}

FRACTION = np.r_[-0.1, np.arange(0.0, 0.46, 0.05), 0.49]
"""Orders of fractional noise, family F: a memory without any one length."""


@dataclass(frozen=True, slots=True)
class Belief:
    """How the prior is dealt out to the families, at some lengths of record.

    Parameters
    ----------
    months
        Lengths. Between them all is interpolated in the log of the length, beyond them it stays.
    mass
        Prior mass of the families A, N, S and F, in shares that sum to one. Shape (months, 4).
    lean
        Powers: the prior density of `slow` is (1 - slow) to the power -lean, for family A, and for N and S.
        Shape (months, 2).
    """

    months: tuple[int, ...]
    mass: tuple[tuple[float, float, float, float], ...]
    lean: tuple[tuple[float, float], ...]

    def at(self, n: int) -> tuple[dict[str, float], dict[str, float]]:
        """Masses and powers by family for a record of n values."""
        where, known = np.log(max(n, 1)), np.log(self.months)
        odds = [np.interp(where, known, column) for column in np.log(self.mass).T]
        share = np.exp(odds) / np.exp(odds).sum()
        alone, mixed = (float(np.interp(where, known, column)) for column in np.array(self.lean).T)
        mass = dict(zip([*FAMILIES, "F"], share.tolist(), strict=True))
        return mass, {"A": alone, "N": mixed, "S": mixed}


BELIEF = {
    "step": Belief(
        months=(36, 48, 72, 84, 120, 240),
        mass=(
            (0.62, 0.20, 0.14, 0.04),
            (0.62, 0.30, 0.065, 0.015),
            (0.71, 0.16, 0.06, 0.07),
            (0.71, 0.15, 0.065, 0.075),
            (0.80, 0.09, 0.035, 0.075),
            (0.71, 0.05, 0.09, 0.15),
        ),
        lean=((0.8, 1.0), (0.0, 1.2), (-0.5, 0.75), (-0.5, 0.5), (-0.95, 0.5), (0.15, 1.2)),
    ),
    "trend": Belief(
        months=(36, 48, 72, 120, 240),
        mass=(
            (0.48, 0.26, 0.21, 0.05),
            (0.50, 0.29, 0.15, 0.06),
            (0.62, 0.19, 0.075, 0.115),
            (0.61, 0.23, 0.05, 0.11),
            (0.48, 0.20, 0.23, 0.09),
        ),
        lean=((0.9, 1.2), (0.4, 1.1), (-0.7, 0.65), (-0.5, 0.05), (0.15, 0.5)),
    ),
}
BELIEF["jump"] = BELIEF["trend"]
"""What was found by simulation to keep every test at its size with the narrowest interval
(docs/decisions/0006-default-test.md). The shorter the record, the less it can tell slow noise from fast, and
the more weight slow noise has to get."""


def grid(n: int, target: str) -> Grid:
    """The noise models and their prior weights.

    Parameters
    ----------
    n
        Number of values.
    target
        Key of `BELIEF`: what is estimated.

    Examples
    --------
    >>> models = grid(120, "step")
    >>> models.log_prior.size, round(float(np.exp(models.log_prior).sum()), 9)
    (156, 1.0)
    """
    mass, lean = BELIEF[target].at(n)
    parts, prior = [], []
    for name, family in FAMILIES.items():
        axes = np.meshgrid(family.slow, family.fast, family.share, indexing="ij")
        parts.append(np.stack([axis.ravel() for axis in axes]))
        density = (1 - parts[-1][0]) ** -lean[name]
        weight = np.repeat(cells(family.slow), family.fast.size * family.share.size) * density
        prior.append(mass[name] * weight / weight.sum())
    weight = cells(FRACTION)
    prior.append(mass["F"] * weight / weight.sum())
    slow, fast, share = np.concatenate(parts, axis=1)
    family_of = np.repeat([*FAMILIES, "F"], [some.size for some in prior])
    return Grid(slow, fast, share, FRACTION, np.log(np.concatenate(prior)), family_of)


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
        white: FloatArray = (lag == 0).astype(float)
        return white
    sign = np.sign(d) if d < 0 else 1.0
    log = special.gammaln(lag + d) - special.gammaln(lag + 1 - d) + special.gammaln(1 - d)
    value: FloatArray = np.where(lag == 0, 1.0, sign * np.exp(log - special.gammaln(d)))
    return value


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
    signed: FloatArray = np.where(odd, -size, size)
    return signed


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


@numba.njit(cache=True, nogil=True)
def variance(weights: FloatArray, slow: FloatArray, fast: FloatArray, share: FloatArray) -> FloatArray:
    """Variance of a weighted sum of noise of variance one, ``weights' R weights``, for every model.

    Parameters
    ----------
    weights
        Shape (n,).
    slow, fast, share
        As for `whiten`.

    Returns
    -------
    ndarray
        Shape (models,).
    """
    out = np.empty(share.size)
    own = np.sum(weights**2)
    for m in range(share.size):
        one, two, crossed = 0.0, 0.0, 0.0
        for t in range(1, weights.size):
            one = slow[m, t - 1] * (one + weights[t - 1])
            two = fast[m, t - 1] * (two + weights[t - 1])
            crossed += weights[t] * (share[m] * one + (1.0 - share[m]) * two)
        out[m] = own + 2.0 * crossed
    return out
