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
    """Regressors of every district and month, shape (districts * t, k), and their prior precision.

    Months come first; the precision of theirs is in units of what is learned.
    """
    districts, t = visits.start.size, visits.time.size
    place, when = np.repeat(np.arange(districts), t), np.tile(np.arange(t), districts)
    angle = 2 * np.pi * visits.time[when] / 12
    year = (visits.time[when] - visits.time.mean()) / 12
    course = np.column_stack([f(k * angle) for k in (1, 2) for f in (np.cos, np.sin)] + [year])
    columns = [np.eye(t)[when], np.eye(districts)[place], course]
    prior = [np.ones(t), np.full(districts + course.shape[1], 1e-4)]
    last = np.flatnonzero(visits.start == NEVER)
    last_control = int(last[-1]) if last.size else districts - 1
    waves = np.eye(districts)[place]
    own = [waves * np.cos(angle)[:, None], waves * np.sin(angle)[:, None]]
    for g in range(districts):
        if g == last_control:
            continue
        since = visits.time - (visits.start[g] if visits.start[g] < NEVER else visits.time[0])
        year = since // 12
        chosen = np.unique(year[year >= 0] if visits.start[g] < NEVER else year[year > 0])
        steps = np.zeros((districts * t, chosen.size))
        steps[g * t : (g + 1) * t] = year[:, None] == chosen
        own.append(steps)
    flat = np.concatenate(own, axis=1)
    flat = flat[:, flat.any(axis=0)]
    prior.append(np.full(flat.shape[1], STEP_SD**-2))
    return np.concatenate([*columns, flat], axis=1), np.concatenate(prior)


class _State:
    """Where the sampler stands: completed values, stations, district months, regression, variances."""

    def __init__(self, visits: Visits, rng: np.random.Generator, hidden: IntArray) -> None:
        self.visits, self.rng, self.hidden = visits, rng, hidden
        self.y = visits.y + 0.3 * visits.side
        self.cell = visits.district * visits.time.size + visits.month
        self.design, self.prior = _design(visits)
        self.cells = self.design.shape[0]
        self.in_cell = np.bincount(self.cell, minlength=self.cells)
        self.stations = int(visits.station.max()) + 1
        self.in_station = np.bincount(visits.station, minlength=self.stations)
        # Cells without samples say nothing of the regression: they are left out of it.
        self.full = np.flatnonzero(self.in_cell)
        self.x = self.design[self.full]
        self.gram = self.x.T @ self.x
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
        # The regression given the months.
        prior = self.prior.copy()
        prior[: visits.time.size] /= self.common
        factor = linalg.cholesky(self.gram / self.shared + np.diag(prior), check_finite=False)
        fit = linalg.cho_solve((factor, False), self.x.T @ month / self.shared, check_finite=False)
        fit += linalg.solve_triangular(factor, rng.standard_normal(fit.size), check_finite=False)
        self.mean = self.x @ fit
        months = fit[: visits.time.size]
        self.common = self._variance(months.size, float(months @ months))
        squares = float(((month - self.mean) ** 2).sum())
        self.shared = self._variance(month.size, squares)
        # Stations given the months.
        at = np.zeros(self.cells)
        at[self.full] = month
        common = at[self.cell]
        told = np.bincount(visits.station, self.y - common, self.stations)
        precision = self.in_station / self.own + 1 / self.between
        self.level = told / self.own / precision + rng.standard_normal(self.stations) / np.sqrt(precision)
        self.between = self._variance(self.stations, float(self.level @ self.level))
        centre = common + self.level[visits.station]
        squares = float(((self.y - centre) ** 2).sum())
        self.own = self._variance(self.y.size, squares)
        self._hide(centre[self.hidden])

    def _variance(self, n: int, squares: float) -> float:
        return (_SCALE + squares / 2) / float(self.rng.standard_gamma(_SHAPE + n / 2))

    def _hide(self, centre: FloatArray) -> None:
        """Values beyond their limit: truncated normal by inversion, in logs so that far tails hold."""
        side, limit = self.visits.side[self.hidden], self.visits.y[self.hidden]
        spread = np.sqrt(self.own)
        reach = -side * (limit - centre) / spread
        deviate = special.ndtri_exp(special.log_ndtr(reach) + np.log(self.rng.random(centre.size)))
        self.y[self.hidden] = centre - side * spread * np.minimum(deviate, reach)
