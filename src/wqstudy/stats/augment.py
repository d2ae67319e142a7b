"""Non-detects by data augmentation: plausible values for what lies beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PHI = np.linspace(0.0, 0.95, 20)
"""Grid on which the month-to-month correlation of the common series is drawn."""

REGRESSOR_SD = 1.0
"""Prior sd of every regressor's coefficient, in logs: a window wholly below its limit has no other hold."""

_SHAPE, _SCALE = 1.0, 0.01
"""Weak inverse-gamma prior of both variances: one pseudo-value of variance 0.01 (10 % in log terms)."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Observations of several stations over months, some of them only limits.

    Parameters
    ----------
    y
        Observed value or limit, shape (n,).
    side
        0 observed, -1 true value below y, +1 true value above y. Shape (n,).
    row, column
        Index of station and month of each observation, from 0. Shape (n,).
    time
        Time of each column in months, increasing. Shape (columns,).
    design
        Regressors of the column means (season, step), shape (columns, k), without an intercept; each
        coefficient has a normal prior of mean 0 and sd `REGRESSOR_SD`.
    """

    y: FloatArray
    side: IntArray
    row: IntArray
    column: IntArray
    time: FloatArray
    design: FloatArray


def impute(
    panel: Panel, rng: np.random.Generator, draws: int = 20, burn: int = 150, thin: int = 10
) -> FloatArray:
    """Draws of the completed observations.

    Model: ``y = station + design(month) + common(month) + own``; the common series is AR(1), the own
    part white, both normal, variances and correlation unknown. Gibbs sampling (Tanner and Wong 1987;
    Chib 1992 for the censored part): beyond-limit values from truncated normals, the common series in
    one block through its tridiagonal precision, its correlation on a grid. Sampling the common series
    keeps what neighbouring months and stations say about a hidden value.

    Parameters
    ----------
    panel
        The observations.
    rng
        Source of randomness.
    draws, burn, thin
        Number of completed data sets, sweeps before the first and between two.

    Returns
    -------
    ndarray
        Shape (draws, n): y where observed, a draw beyond the limit elsewhere.

    Examples
    --------
    >>> y = np.log(np.array([2.0, 1.0, 1.0, 3.0, 2.0, 1.0]))
    >>> side = np.array([0, -1, -1, 0, 0, -1])
    >>> zero = np.zeros(6, dtype=int)
    >>> panel = Panel(y, side, zero, np.arange(6), np.arange(6.0), np.zeros((6, 0)))
    >>> full = impute(panel, np.random.default_rng(1), draws=3)
    >>> full.shape, bool(np.all(full[:, side < 0] <= 0)), bool(np.all(full[:, 0] == y[0]))
    ((3, 6), True, True)
    """
    hidden = panel.side != 0
    if not hidden.any():
        return np.broadcast_to(panel.y, (draws, panel.y.size)).copy()
    state = _State(panel, rng)
    kept = np.empty((draws, panel.y.size))
    for sweep in range(burn + draws * thin):
        state.sweep()
        at = sweep - burn
        if at >= 0 and at % thin == 0:
            kept[at // thin] = state.y
    return kept


class _State:
    """Where the sampler stands: completed values, mean, common series, variances, correlation."""

    def __init__(self, panel: Panel, rng: np.random.Generator) -> None:
        self.panel, self.rng = panel, rng
        self.hidden = np.flatnonzero(panel.side != 0)
        stations = int(panel.row.max()) + 1
        columns = panel.time.size
        # One column per station, its prior flat but for keeping the matrix regular; then the regressors.
        design = np.column_stack([np.eye(stations)[panel.row], panel.design[panel.column]])
        self.design = design
        self.gram = design.T @ design
        self.prior = np.full(design.shape[1], 1e-4)
        self.prior[stations:] = REGRESSOR_SD**-2
        self.per_column = np.bincount(panel.column, minlength=columns).astype(float)
        # Times of equal spacing except at gaps; correlation phi to the power of the gap.
        self.gap = np.diff(panel.time)
        self.y = panel.y + 0.3 * panel.side
        self.common = np.zeros(columns)
        ridge = self.gram + np.diag(self.prior)
        residual = self.y - design @ linalg.solve(ridge, design.T @ self.y, assume_a="pos")
        variance = float(residual @ residual) / max(residual.size - design.shape[1], 1)
        self.own = self.shared = max(variance / 2, 1e-4)
        self.phi = 0.3

    def sweep(self) -> None:
        """One pass over all unknowns."""
        mean = self._mean() + self._common()
        self._variances(mean)
        self._hidden(mean)

    def _mean(self) -> FloatArray:
        """Station and regressor effects given the common series; the mean of every observation."""
        target = self.y - self.common[self.panel.column]
        factor = linalg.cholesky(self.gram / self.own + np.diag(self.prior), check_finite=False)
        fit = linalg.cho_solve((factor, False), self.design.T @ target / self.own, check_finite=False)
        noise = self.rng.standard_normal(fit.size)
        fit += linalg.solve_triangular(factor, noise, check_finite=False)
        centre: FloatArray = self.design @ fit
        self.centre = centre
        return centre

    def _common(self) -> FloatArray:
        """The common series in one block: prior precision tridiagonal, data precision diagonal."""
        left = self.y - self.centre
        columns = self.per_column.size
        decay = self.phi**self.gap
        innovation = self.shared * (1 - decay**2)
        diagonal = np.full(columns, 1.0 / self.shared)
        diagonal[1:] += decay**2 / innovation
        off = -decay / innovation
        diagonal[:-1] += decay**2 / innovation
        banded = np.zeros((2, columns))
        banded[1] = diagonal + self.per_column / self.own
        banded[0, 1:] = off
        factor = linalg.cholesky_banded(banded, check_finite=False)
        told = np.bincount(self.panel.column, weights=left, minlength=columns) / self.own
        mean = linalg.cho_solve_banded((factor, False), told, check_finite=False)
        noise = self.rng.standard_normal(columns)
        self.common = mean + linalg.solve_banded((0, 1), factor, noise, check_finite=False)
        drawn: FloatArray = self.common[self.panel.column]
        return drawn

    def _variances(self, mean: FloatArray) -> None:
        residual = self.y - mean
        self.own = self._inverse_gamma(residual.size, float(residual @ residual))
        # Correlation on its grid given the common series and its variance, then the variance.
        decay = PHI[:, None] ** self.gap
        remainder = 1 - decay**2
        moved = self.common[1:] - decay * self.common[:-1]
        squares = (moved**2 / remainder).sum(axis=1) + self.common[0] ** 2
        weight = -0.5 * np.log(remainder).sum(axis=1) - 0.5 * squares / self.shared
        chance = np.exp(weight - weight.max())
        at = int(np.searchsorted(np.cumsum(chance), self.rng.random() * chance.sum()))
        at = min(at, PHI.size - 1)
        self.phi = float(PHI[at])
        self.shared = self._inverse_gamma(self.common.size, float(squares[at]))

    def _inverse_gamma(self, n: int, squares: float) -> float:
        return (_SCALE + squares / 2) / float(self.rng.standard_gamma(_SHAPE + n / 2))

    def _hidden(self, mean: FloatArray) -> None:
        """Values beyond their limit: truncated normal by inversion, in logs so that far tails hold."""
        at = self.hidden
        side, limit = self.panel.side[at], self.panel.y[at]
        spread = np.sqrt(self.own)
        # Mirror right-censored values so that every hidden value lies below its limit.
        reach = -side * (limit - mean[at]) / spread
        tail = special.log_ndtr(reach) + np.log(self.rng.random(at.size))
        deviate = special.ndtri_exp(tail)
        self.y[at] = mean[at] - side * spread * np.minimum(deviate, reach)
