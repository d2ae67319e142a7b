"""What a calendar and a regressor are under every noise model of a grid, and what a series says there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from wqstudy.stats import noise

FloatArray = npt.NDArray[np.float64]

_ROUNDING = 1e-13
"""What sums of some hundred values lose, relative to the largest."""

_TOGETHER = 64
"""Series that are whitened at once, so that what is held stays within some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Design:
    """All that depends on calendar and regressor alone, for every noise model of a grid.

    Parameters
    ----------
    basis
        Orthonormal, of season and regressor, shape (n, k): takes the bulk out of a series beforehand, so
        that little is lost to rounding.
    unit
        The regressor without its season, divided by its squared length. Shape (n,).
    grid
        The noise models.
    slow, fast
        Correlations across the gaps, shape (models, n - 1).
    factors
        Cholesky factors of the fractional models, shape (f, n, n).
    whitened
        Orthonormal basis of the whitened season and regressor, the regressor last, shape (models, n, k).
    plain
        Whether the estimate is that of least squares under every model, else each model's own.
    spread
        Standard deviation of the estimate under noise of variance one, shape (models,).
    constant
        Log prior, and the part of the restricted log-likelihood that no series changes. Shape (models,).
    """

    basis: FloatArray
    unit: FloatArray
    grid: noise.Grid
    slow: FloatArray
    fast: FloatArray
    factors: FloatArray
    whitened: FloatArray
    plain: bool
    spread: FloatArray
    constant: FloatArray

    @property
    def freedom(self) -> int:
        """Degrees of freedom: values less coefficients."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    @classmethod
    def of(
        cls,
        time: FloatArray,
        season: FloatArray,
        regressor: FloatArray,
        grid: noise.Grid,
        plain: bool,
    ) -> Design:
        """Whiten the regressors under every noise model.

        Parameters
        ----------
        time
            Shape (n,), increasing strictly.
        season, regressor
            Orthonormal basis, and the regressor without it, shapes (n, k - 1) and (n,).
        grid
            The noise models.
        plain
            Whether the estimate is that of least squares under every model.
        """
        length = np.sqrt(regressor @ regressor)
        basis = np.column_stack([season, regressor / length])
        slow, fast = noise.decays(grid.slow, time), noise.decays(grid.fast, time)
        factors = np.array([noise.fractional_factor(d, time) for d in grid.d])
        factors = factors.reshape(-1, time.size, time.size)
        white, determinant = _whiten(basis, slow, fast, grid.share, factors)
        gram = np.linalg.cholesky(white.transpose(0, 2, 1) @ white)
        inverse = np.linalg.inv(gram)
        ends = np.diagonal(gram, axis1=1, axis2=2)
        whitened = white @ inverse.transpose(0, 2, 1)
        unit = regressor / length**2
        if plain:
            parts = noise.variance(unit, slow, fast, grid.share)
            whole = ((factors.transpose(0, 2, 1) @ unit) ** 2).sum(axis=1)
            spread = np.sqrt(np.concatenate([parts, whole]))
        else:
            spread = 1 / (ends[:, -1] * length)
        return cls(
            basis,
            unit,
            grid,
            slow,
            fast,
            factors,
            whitened,
            plain,
            spread,
            grid.log_prior - determinant / 2 - np.log(ends).sum(axis=1),
        )

    def components(self, series: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Estimate, standard error and log weight (up to a constant a series) under every noise model.

        Parameters
        ----------
        series
            Shape (series, n).

        Returns
        -------
        centre, scale, log_weight
            Shape (models, series).
        """
        residual = np.ascontiguousarray((series - (series @ self.basis) @ self.basis.T).T)
        squares = np.empty((self.spread.size, series.shape[0]))
        centre = np.tile(series @ self.unit, (self.spread.size, 1))
        for at in range(0, series.shape[0], _TOGETHER):
            some = slice(at, at + _TOGETHER)
            white, _ = _whiten(
                np.ascontiguousarray(residual[:, some]), self.slow, self.fast, self.grid.share, self.factors
            )
            inside = self.whitened.transpose(0, 2, 1) @ white
            squares[:, some] = np.einsum("mij,mij->mj", white, white) - np.einsum(
                "mij,mij->mj", inside, inside
            )
            if not self.plain:
                centre[:, some] += inside[:, -1] * self.spread[:, None]
        # Rounding errors are noise as well: a series without any other has no interval of its own.
        floor = series.shape[1] * (_ROUNDING * np.abs(series).max(axis=1)) ** 2
        squares = np.maximum(squares, np.maximum(floor, np.finfo(float).tiny))
        scale = np.sqrt(squares / self.freedom) * self.spread[:, None]
        return centre, scale, self.constant[:, None] - self.freedom / 2 * np.log(squares)


def _whiten(
    columns: FloatArray, slow: FloatArray, fast: FloatArray, share: FloatArray, factors: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Whitened columns and log-determinants, the two-part models first, then those with a factor."""
    white, determinant = noise.whiten(columns, slow, fast, share)
    rest = [linalg.solve_triangular(f, columns, lower=True, check_finite=False) for f in factors]
    logs = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    return np.concatenate([white, *(r[None] for r in rest)]), np.concatenate([determinant, logs])
