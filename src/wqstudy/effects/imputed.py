"""Non-detects of a whole panel: plausible values, districts borrowing the months from one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from wqstudy.simulate.panels import NEVER

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEP_SD = 1.0
"""Prior sd of a district's yearly steps and its season's wave, in logs."""

_FLAT = 1e-4  # prior precision of levels and of the common course: nothing is assumed

_SHAPE, _SCALE = 1.0, 0.01
"""Weak inverse-gamma prior of both variances: one pseudo-value of variance 0.01 (10 % in log terms)."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Samples of stations in districts, some of them only limits.

    Parameters
    ----------
    y
        Log value or limit, shape (n,).
    side
        0 observed, -1 true value below y, +1 above. Shape (n,).
    station, district, month
        Index of each, from 0. Shape (n,).
    time
        Month numbers, shape (t,).
    start
        Month number of each district's start, shape (districts,).
    """

    y: FloatArray
    side: IntArray
    station: IntArray
    district: IntArray
    month: IntArray
    time: IntArray
    start: IntArray


def complete(
    visits: Visits, rng: np.random.Generator, draws: int = 8, burn: int = 150, thin: int = 10
) -> FloatArray:
    """Draws of the completed log values.

    Model: ``y = station + mu(district, month) + e``; ``mu = district + month + district's wave of the year +
    steps a year + u``; e and u normal. Gibbs sampling (Chib 1992). Months are common to all districts, so
    that a district below its limit is told by the others how the month was; every district but the last
    control has yearly steps of its own, since the model must not decide the effect. Months scatter about a
    trend and two waves of the year, stations about their district, both with a variance that is learned:
    with flat priors a month or station that is mostly hidden would wander off below its limit.

    Parameters
    ----------
    visits
        The samples.
    rng
        Source of randomness.
    draws, burn, thin
        Number of completed panels, sweeps before the first and between two.

    Returns
    -------
    ndarray
        Shape (draws, n); one draw where nothing is hidden.

    Examples
    --------
    >>> month = np.tile(np.arange(24), 2)
    >>> place = np.repeat([0, 1], 24)
    >>> side = np.where(np.arange(48) % 3 == 0, -1, 0)
    >>> visits = Visits(np.zeros(48), side, place, place, month, np.arange(24), np.array([12, 999]))
    >>> full = complete(visits, np.random.default_rng(1), draws=2, burn=5)
    >>> full.shape, bool((full[:, side == 0] == 0).all()), bool((full[:, side < 0] <= 0).all())
    ((2, 48), True, True)
    """
    hidden = np.flatnonzero(visits.side != 0)
    if not hidden.size:
        return visits.y[None].copy()
    state = _State(visits, rng, hidden)
    kept = np.empty((draws, visits.y.size))
    for sweep in range(burn + draws * thin):
        state.sweep()
        at = sweep + 1 - burn
        if at > 0 and at % thin == 0:
            kept[at // thin - 1] = state.y
    return kept


def _design(visits: Visits) -> tuple[FloatArray, FloatArray]:
    """Regressors common to all districts, shape (t, c), and each district's own, shape (districts, t, q).

    Common are the months, then a trend and two waves of the year; own a level, a wave and steps a year.
    Districts with fewer years have columns of zeros.
    """
    time, t = visits.time, visits.time.size
    angle = 2 * np.pi * time / 12
    wave = np.column_stack([np.cos(angle), np.sin(angle)])
    common = [np.eye(t), wave, np.cos(2 * angle)[:, None], np.sin(2 * angle)[:, None]]
    common.append(((time - time.mean()) / 12)[:, None])
    last = np.flatnonzero(visits.start == NEVER)
    last_control = int(last[-1]) if last.size else visits.start.size - 1
    treated = visits.start < NEVER
    year = (time - np.where(treated, visits.start, time[0])[:, None]) // 12
    # A control's first year is its level; the last control has no steps, so that months mean something.
    year = np.where(year >= np.where(treated, 0, 1)[:, None], year, -1)
    year[last_control] = -1
    steps = (year[:, :, None] == np.arange(year.max() + 1)).astype(float)
    level = np.concatenate([np.ones((t, 1)), wave], axis=1)
    own = np.concatenate([np.broadcast_to(level, (visits.start.size, *level.shape)), steps], axis=2)
    return np.concatenate(common, axis=1), own


class _State:
    """Where the sampler stands: completed values, stations, district months, regression, variances."""

    def __init__(self, visits: Visits, rng: np.random.Generator, hidden: IntArray) -> None:
        self.visits, self.rng, self.hidden = visits, rng, hidden
        self.y = visits.y + 0.3 * visits.side
        self.cell = visits.district * visits.time.size + visits.month
        self.cells = visits.start.size * visits.time.size
        self.in_cell = np.bincount(self.cell, minlength=self.cells)
        self.stations = int(visits.station.max()) + 1
        self.in_station = np.bincount(visits.station, minlength=self.stations)
        self.full = np.flatnonzero(self.in_cell)
        self.x, own = _design(visits)
        t = visits.time.size
        # Cells without samples say nothing of the regression: they are left out of it.
        there = (self.in_cell > 0).reshape(-1, t)
        self.own_x = own * there[:, :, None]
        self.gram = self.x.T @ (there.sum(axis=0)[:, None] * self.x)
        self.cross = self.own_x.transpose(0, 2, 1) @ self.x
        self.own_gram = self.own_x.transpose(0, 2, 1) @ self.own_x
        self.prior = np.full(self.x.shape[1], _FLAT)
        self.own_prior = np.diag(np.append(_FLAT, np.full(own.shape[2] - 1, STEP_SD**-2)))
        level = np.bincount(visits.station, self.y, self.stations) / self.in_station
        self.level = level
        self.mean = np.zeros(self.full.size)
        left = self.y - level[visits.station]
        variance = max(float(left.var()), 1e-4)
        self.own = self.shared = self.common = self.between = variance / 2

    def sweep(self) -> None:
        """One pass over all unknowns."""
        visits, rng = self.visits, self.rng
        # Each district's month given its stations and the regression.
        left = self.y - self.level[visits.station]
        told = np.bincount(self.cell, left, self.cells)[self.full]
        precision = self.in_cell[self.full] / self.own + 1 / self.shared
        month = (told / self.own + self.mean / self.shared) / precision
        month += rng.standard_normal(month.size) / np.sqrt(precision)
        at = np.zeros(self.cells)
        at[self.full] = month
        self.mean = self._regressed(at.reshape(visits.start.size, -1)).ravel()[self.full]
        squares = float(((month - self.mean) ** 2).sum())
        self.shared = self._variance(month.size, squares)
        # Stations given the months.
        common = at[self.cell]
        told = np.bincount(visits.station, self.y - common, self.stations)
        precision = self.in_station / self.own + 1 / self.between
        self.level = told / self.own / precision + rng.standard_normal(self.stations) / np.sqrt(precision)
        self.between = self._variance(self.stations, float(self.level @ self.level))
        centre = common + self.level[visits.station]
        squares = float(((self.y - centre) ** 2).sum())
        self.own = self._variance(self.y.size, squares)
        self._hide(centre[self.hidden])

    def _regressed(self, month: FloatArray) -> FloatArray:
        """A draw of the regression given the months, as fitted values (districts, t).

        Districts' own terms are taken out one by one, so that the cost grows with their number alone.
        """
        rng, t = self.rng, self.visits.time.size
        self.prior[:t] = 1 / self.common
        own = np.linalg.cholesky(self.own_gram / self.shared + self.own_prior)
        # Triangular factors are inverted: small, and used three times.
        inverse = np.linalg.inv(own)
        half = inverse @ (self.cross / self.shared)
        told = np.einsum("gtq,gt->gq", self.own_x, month) / self.shared
        told = np.einsum("gij,gj->gi", inverse, told)
        flat = half.reshape(-1, half.shape[2])
        factor = linalg.cholesky(
            self.gram / self.shared + np.diag(self.prior) - flat.T @ flat, check_finite=False
        )
        right = self.x.T @ month.sum(axis=0) / self.shared - flat.T @ told.ravel()
        fit = linalg.cho_solve((factor, False), right, check_finite=False)
        fit += linalg.solve_triangular(factor, rng.standard_normal(fit.size), check_finite=False)
        self.common = self._variance(t, float(fit[:t] @ fit[:t]))
        each = told - half @ fit + rng.standard_normal(told.shape)
        each = np.einsum("gji,gj->gi", inverse, each)
        fitted: FloatArray = self.x @ fit + np.einsum("gtq,gq->gt", self.own_x, each)
        return fitted

    def _variance(self, n: int, squares: float) -> float:
        return (_SCALE + squares / 2) / float(self.rng.standard_gamma(_SHAPE + n / 2))

    def _hide(self, centre: FloatArray) -> None:
        """Values beyond their limit: truncated normal by inversion, in logs so that far tails hold."""
        side, limit = self.visits.side[self.hidden], self.visits.y[self.hidden]
        spread = np.sqrt(self.own)
        reach = -side * (limit - centre) / spread
        deviate = special.ndtri_exp(special.log_ndtr(reach) + np.log(self.rng.random(centre.size)))
        self.y[self.hidden] = centre - side * spread * np.minimum(deviate, reach)
