"""A moving average that warns of a rise above an estimated baseline, at a stated rate of false alarms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from wqstudy import rules

FloatArray = npt.NDArray[np.float64]

WATCH = 12
"""Months that are watched before the average starts anew."""


def waves(month: npt.NDArray[np.integer]) -> FloatArray:
    """Mean, wave of the year and wave of half a year, shape (months, 5)."""
    angle = 2 * np.pi * np.asarray(month)[:, None] * np.array([1, 2]) / 12
    return np.hstack([np.ones((len(angle), 1)), np.cos(angle), np.sin(angle)])


def baseline(values: FloatArray, month: npt.NDArray[np.integer]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fit season and noise to the months of a baseline.

    Parameters
    ----------
    values
        Logs, more is worse, shape (sections, months); NaN where there is none, at least seven in a section.
    month
        Number of each month, 0 for a January.

    Returns
    -------
    season, sd, phi
        Coefficients of `waves`, shape (sections, 5); standard deviation about them; correlation of
        neighbouring months, corrected for its bias (Marriott and Pope 1954, Biometrika 41), 0 to 0.9.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    design = waves(month)
    weight = known.astype(np.float64)
    normal = np.einsum("sm,mi,mj->sij", weight, design, design)
    season = np.linalg.solve(normal, (filled @ design)[..., None])[..., 0]
    left = np.where(known, values - season @ design.T, 0.0)
    n = weight.sum(axis=1)
    square = (left**2).sum(axis=1)
    sd = np.sqrt(square / (n - design.shape[1]))
    pairs = (weight[:, 1:] * weight[:, :-1]).sum(axis=1)
    lagged = (left[:, 1:] * left[:, :-1]).sum(axis=1) / np.maximum(pairs, 1)
    phi = np.divide(lagged, square / n, out=np.zeros_like(sd), where=square > 0)
    return season, sd, np.clip(phi + (1 + 3 * phi) / n, 0, 0.9)


def moving_average(deviation: FloatArray, smoothing: float) -> FloatArray:
    """Exponentially weighted average, from zero anew every `WATCH` months; months without value keep it."""
    found = np.empty_like(deviation)
    state = np.zeros(len(deviation))
    for place in range(deviation.shape[1]):
        if place % WATCH == 0:
            state = np.zeros(len(deviation))
        new = deviation[:, place]
        state = np.where(np.isfinite(new), (1 - smoothing) * state + smoothing * new, state)
        found[:, place] = state
    return found


def ar1(rng: np.random.Generator, phi: float, shape: tuple[int, int]) -> FloatArray:
    """AR(1) noise of variance 1, shape (sections, months)."""
    noise = rng.normal(size=shape)
    noise[:, 1:] *= np.sqrt(1 - phi**2)
    for place in range(1, shape[1]):
        noise[:, place] += phi * noise[:, place - 1]
    return noise


@lru_cache(maxsize=32)
def heights(n_months: int, rate: float) -> tuple[FloatArray, FloatArray]:
    """How high the average must rise, in sd of the baseline, and how often it then does by chance.

    The whole procedure is simulated, estimating season, noise and correlation from a baseline of `n_months`
    included, and the height as a function of the estimated correlation is chosen such that at each true
    correlation of the rule file the share of years with an alarm is as near to `rate` as can be.

    Returns
    -------
    coefficients
        Of 1, phi and phi squared.
    shares
        Years with an alarm at each true correlation.

    Examples
    --------
    >>> bool(threshold_at(np.array([0.0]), 60, 0.05)[0] < threshold_at(np.array([0.5]), 60, 0.05)[0])
    True
    """
    rule = rules.load("attainment")["warning"]
    true = np.array(rule["correlations"])
    rng = np.random.default_rng(rule["seed"])
    month = np.arange(n_months + WATCH)
    found, peak = (np.empty((len(true), rule["runs"])) for _ in range(2))
    for row, phi in enumerate(true):
        values = ar1(rng, phi, (rule["runs"], n_months + WATCH))
        season, sd, found[row] = baseline(values[:, :n_months], month[:n_months])
        ahead = (values[:, n_months:] - season @ waves(month[n_months:]).T) / sd[:, None]
        peak[row] = moving_average(ahead, rule["smoothing"]).max(axis=1)

    def shares(height: FloatArray) -> FloatArray:
        return np.asarray((peak > _height(found, height)).mean(axis=1))

    def misses(height: FloatArray) -> float:
        return float(np.square(np.log(np.maximum(shares(height), 0.01 * rate) / rate)).sum())

    start = np.polynomial.polynomial.polyfit(true, np.quantile(peak, 1 - rate, axis=1), 2)
    simplex = start + np.vstack([np.zeros(3), np.diag([0.3, 1.0, 1.0])])
    best = minimize(misses, start, method="Nelder-Mead", options={"initial_simplex": simplex, "maxfev": 250})
    return np.asarray(best.x), shares(best.x)


def threshold_at(phi: FloatArray, n_months: int, rate: float) -> FloatArray:
    """How high the average must rise, in sd of the baseline, at each estimated correlation."""
    return _height(phi, heights(n_months, rate)[0])


def _height(phi: FloatArray, coefficients: FloatArray) -> FloatArray:
    constant, linear, square = coefficients
    return np.asarray(constant + linear * phi + square * phi**2)
