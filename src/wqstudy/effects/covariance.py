"""The noise of district series: serial correlation, own trend and drift, averaged over what is not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqstudy import rules

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Noise:
    """Weighted values of the noise parameters, and the size of the noise under each.

    Parameters
    ----------
    weight, variance
        Share of each value of the parameters, and the variance that goes with it. Shape (draws, k).
    phi
        Index of the serial correlation in the grid of `rules/effects.toml`, shape (k,).
    trend, drift
        Variance of districts' trends a year and of their drift a month, as multiples of `variance`.
        Shape (k,).
    freedom
        Degrees of freedom of `variance`.
    """

    weight: FloatArray
    variance: FloatArray
    phi: IntArray
    trend: FloatArray
    drift: FloatArray
    freedom: float

    def scaled(self, parts: FloatArray) -> FloatArray:
        """Variances under every value of the parameters, of forms whose `parts` are those of `bases`.

        Parameters
        ----------
        parts
            Shape (bases, ...): the quadratic form in each matrix of `bases`.

        Returns
        -------
        ndarray
            Shape (k, ...), as multiples of `variance`.
        """
        shape = (-1, *[1] * (parts.ndim - 1))
        both: FloatArray = (
            parts[:-2][self.phi]
            + self.trend.reshape(shape) * parts[-2]
            + self.drift.reshape(shape) * parts[-1]
        )
        return both

    def mean(self, name: str) -> float:
        """Mean of ``phi``, or of the sd of ``trend`` a year or ``drift`` a root of a month."""
        if name == "phi":
            value = np.asarray(rules.load("effects")["grid"]["phi"])[self.phi][None, :]
        else:
            value = np.sqrt(getattr(self, name)[None, :] * self.variance)
        return float((self.weight * value).sum(axis=1).mean())


def bases(time: IntArray) -> FloatArray:
    """Matrices that the covariance is a sum of: one a serial correlation, then trend and drift.

    Parameters
    ----------
    time
        Month numbers, increasing, shape (t,).

    Returns
    -------
    ndarray
        Shape (phis + 2, t, t).

    Examples
    --------
    >>> bases(np.array([0, 12, 24]))[-1].tolist()
    [[1.0, 1.0, 1.0], [1.0, 13.0, 13.0], [1.0, 13.0, 25.0]]
    """
    phi = np.asarray(rules.load("effects")["grid"]["phi"])
    apart = np.abs(time[:, None] - time[None, :])
    year = (time - time.mean()) / 12
    walk = np.minimum(time[:, None], time[None, :]) - time[0] + 1.0
    apart_by_phi: FloatArray = phi[:, None, None] ** apart
    return np.concatenate([apart_by_phi, np.outer(year, year)[None], walk[None]])


def seasons(time: IntArray) -> FloatArray:
    """One column of ones a calendar month that occurs, shape (t, seasons)."""
    dummies = np.eye(12)[time % 12]
    occurs: FloatArray = dummies[:, dummies.any(axis=0)]
    return occurs


def event_years(time: IntArray, seen: BoolArray, start: int) -> FloatArray:
    """One column of ones a year since the start that has months seen, shape (t, years).

    A column a year, so that an effect that grows or fades is not taken for noise. A last year of fewer than
    six months joins the one before.
    """
    year = (time - start) // 12
    after = seen & (year >= 0)
    found, count = np.unique(year[after], return_counts=True)
    if found.size > 1 and count[-1] < 6:
        year = np.where(year == found[-1], found[-2], year)
        found = found[:-1]
    columns: FloatArray = (after[:, None] & (year[:, None] == found)).astype(np.float64)
    return columns
