"""What districts' series say of their noise: the restricted likelihood on a grid, with priors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wqstudy import rules
from wqstudy.effects.covariance import Noise, bases, event_years, seasons

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SIZES = 2  # grids a doubling of the noise's size: so few that they can be kept


def noise(
    y: FloatArray,
    time: IntArray,
    start: IntArray,
    trend_sd: float | None = None,
    drift_sd: float | None = None,
) -> Noise:
    """What the series of all districts together say about their noise.

    ``y_g = district's season + month + years since the start + e``, e with covariance ``s2 V``, ``V =
    phi^|s-t| + trend + drift``; month effects are free, so that whatever all districts share costs nothing.
    The restricted likelihood (Patterson and Thompson 1971) is found on a grid and multiplied by half-normal
    priors of the sd of trends and drift. Months that a district lacks are left out of its matrix exactly; the
    cost grows with the number of districts.

    Parameters
    ----------
    y
        Log series, shape (draws, districts, t); nan where there is none, alike in all draws.
    time
        Month numbers, increasing, shape (t,).
    start
        Month number in which treatment began, shape (districts,); later than all months for controls.
    trend_sd, drift_sd
        Scales of the priors; by default those of `rules/effects.toml`.

    Returns
    -------
    Noise

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = 0.3 * rng.standard_normal((1, 6, 84)) + rng.standard_normal(84)
    >>> white = noise(y, np.arange(84), np.full(6, 999))
    >>> size = np.sqrt((white.weight * white.variance).sum())
    >>> bool(white.mean("phi") < 0.2), bool(abs(size - 0.3) < 0.05)
    (True, True)
    """
    fit = likelihood(y, time, start, trend_sd, drift_sd)
    log, variance = fit.of(np.nan_to_num(y))
    weight = fit.weights(log, variance)
    return Noise(weight, variance, fit.phi, fit.trend**2, fit.drift**2, fit.freedom)


def likelihood(
    y: FloatArray, time: IntArray, start: IntArray, trend_sd: float | None, drift_sd: float | None
) -> Likelihood:
    """The likelihood of a panel's pattern of months and starts, on a grid that fits its noise."""
    prior = rules.load("effects")["prior"]
    trend_sd, drift_sd = trend_sd or prior["trend_sd"], drift_sd or prior["drift_sd"]
    seen = ~np.isnan(y[0])
    rough = max(_rough_size(np.nan_to_num(y[0]), seen, time), 1e-6)
    size = 2.0 ** (round(_SIZES * np.log2(rough)) / _SIZES)
    return _likelihood(
        tuple(time.tolist()), seen.tobytes(), tuple(start.tolist()), trend_sd / size, drift_sd / size, size
    )


def _rough_size(y: FloatArray, seen: BoolArray, time: IntArray) -> float:
    """Rough sd of the noise: what is left beside districts' seasons and months in common."""
    month = seasons(time)
    left = y - y.sum(axis=1, keepdims=True) / np.maximum(seen.sum(axis=1, keepdims=True), 1)
    for _ in range(3):
        left = (left - (left * seen).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)) * seen
        left = (left - ((left @ month) / np.maximum(seen @ month, 1)) @ month.T) * seen
    spare = max(seen.sum() - time.size - y.shape[0] * month.shape[1], 1)
    return float(np.sqrt((left**2).sum() / spare))


class Likelihood:
    """The restricted likelihood of one pattern of months and starts, ready for many series.

    Parameters
    ----------
    time, seen, start
        Month numbers, which of them each district has, and its start.
    trend, drift
        Scales of the priors, as multiples of `size`.
    size
        About the sd of the noise.
    """

    def __init__(
        self,
        time: IntArray,
        seen: BoolArray,
        start: Sequence[int],
        trend: float,
        drift: float,
        size: float = 1.0,
    ) -> None:
        self.scales = trend * size, drift * size
        grid = rules.load("effects")["grid"]
        steps = [
            np.asarray(grid["phi"]),
            trend * np.asarray(grid["reach"]),
            drift * np.asarray(grid["reach"]),
        ]
        index = np.indices([s.size for s in steps]).reshape(3, -1)
        self.phi = index[0].astype(np.int64)
        self.trend, self.drift = steps[1][index[1]], steps[2][index[2]]
        # A value of the grid stands for the stretch around it.
        self.spacing = sum(
            np.log(np.gradient(s) * _ends(s.size))[i] for s, i in zip(steps, index, strict=True)
        )
        parts = bases(time)
        self.v = (
            parts[:-2][self.phi]
            + (self.trend**2)[:, None, None] * parts[-2]
            + (self.drift**2)[:, None, None] * parts[-1]
        )
        self.inverse: FloatArray = np.linalg.inv(self.v).astype(np.float64)
        self.size: FloatArray = np.linalg.slogdet(self.v)[1]
        self.month = seasons(time)
        self.seen = seen
        # Districts that lack the same months share a matrix, and are multiplied by it together.
        alike = np.unique(seen, axis=0, return_inverse=True)[1].ravel()
        self.alike = [np.flatnonzero(alike == one) for one in range(alike.max(initial=-1) + 1)]
        self.whites: dict[bytes, tuple[FloatArray, FloatArray]] = {}
        self.own: list[tuple[FloatArray, FloatArray, FloatArray] | None] = []
        total = np.zeros_like(self.v)
        self.log_det = np.zeros(self.phi.size)
        spare = int(seen.sum()) - (time.size - self.month.shape[1])
        for mask, began in zip(seen, start, strict=True):
            white, log_det = self._white(mask)
            self.log_det += log_det
            total += white
            spare -= int(self.month[mask].any(axis=0).sum())
            x = event_years(time, mask, began)
            x = x[:, _identified(x, self.month, mask)]
            if not x.shape[1]:
                self.own.append(None)
                continue
            spare -= x.shape[1]
            wx = white @ x
            gram = x.T @ wx
            self.log_det += np.linalg.slogdet(gram)[1]
            inverse: FloatArray = np.linalg.inv(gram).astype(np.float64)
            total -= wx @ inverse @ wx.transpose(0, 2, 1)
            self.own.append((x, wx, inverse))
        # Seasons are free in every district: the months in common are known up to a season of their own.
        shift = self.month / np.sqrt(self.month.sum(axis=0))
        total += shift @ shift.T
        # Months that too few districts see are free as well and carry no information.
        total += 1e-9 * np.trace(total, axis1=1, axis2=2)[:, None, None] / time.size * np.eye(time.size)
        self.log_det += np.linalg.slogdet(total)[1]
        self.common = np.linalg.inv(total)
        self.freedom = float(max(spare, 3))

    def _white(self, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Inverse covariance of the months seen, the district's season taken out, and its log determinant."""
        key = mask.tobytes()
        if key not in self.whites:
            inverse, size = self._inverse(mask)
            m = self.month[mask]
            m = m[:, m.any(axis=0)]
            vm = inverse @ m
            gram = m.T @ vm
            log_det = np.linalg.slogdet(gram)[1] + size
            white = np.zeros_like(self.v)
            at = np.flatnonzero(mask)
            white[:, at[:, None], at] = inverse - vm @ np.linalg.solve(gram, vm.transpose(0, 2, 1))
            self.whites[key] = white, log_det
        return self.whites[key]

    def _inverse(self, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Inverse of the covariance of the months seen, and the log determinant of what is inverted.

        Few months lacking are taken out of the inverse of all, which costs a rank instead of an inversion.
        """
        if 2 * mask.sum() < mask.size:
            own = self.v[:, mask][:, :, mask]
            return np.linalg.inv(own), np.linalg.slogdet(own)[1]
        w = self.inverse
        kept = w[:, mask][:, :, mask]
        if mask.all():
            return kept, self.size
        gone = w[:, ~mask][:, :, ~mask]
        across = w[:, ~mask][:, :, mask]
        inverse = kept - across.transpose(0, 2, 1) @ np.linalg.solve(gone, across)
        return inverse, self.size + np.linalg.slogdet(gone)[1]

    def of(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log likelihood and variance on the grid, shape (draws, k), of series (draws, g, t)."""
        quad = np.stack([self.products(series[None])[:, 0, 0] for series in y])
        quad = np.maximum(quad, 1e-18)
        return -0.5 * (self.log_det + self.freedom * np.log(quad)), quad / self.freedom

    def weights(self, log: FloatArray, variance: FloatArray) -> FloatArray:
        """Posterior weights of the grid's values, shape (draws, k)."""
        sd = np.sqrt(variance)
        log = log + self.spacing + 2 * np.log(sd)
        for scale, grid in zip(self.scales, (self.trend, self.drift), strict=True):
            log = log - 0.5 * (grid * sd / scale) ** 2
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        answer: FloatArray = weight / weight.sum(axis=1, keepdims=True)
        return answer

    def products(self, z: FloatArray) -> FloatArray:
        """Products of series (m, g, t) with one another, all regressors taken out, shape (k, m, m)."""
        m, t = z.shape[0], z.shape[2]
        total = np.zeros((self.phi.size, m, m))
        cross = np.zeros((self.phi.size, t, m))
        for group in self.alike:
            flat = z[:, group].transpose(2, 1, 0)
            wz = self._white(self.seen[group[0]])[0] @ flat.reshape(t, -1)
            total += wz.reshape(self.phi.size, -1, m).transpose(0, 2, 1) @ flat.reshape(-1, m)
            wz = wz.reshape(self.phi.size, t, group.size, m)
            cross += wz.sum(axis=2)
            for i, g in enumerate(group):
                own = self.own[g]
                if own is not None:
                    x, wx, inverse = own
                    told = x.T @ wz[:, :, i]
                    fit = inverse @ told
                    total -= told.transpose(0, 2, 1) @ fit
                    cross -= wx @ fit
        total -= cross.transpose(0, 2, 1) @ self.common @ cross
        return total


def _ends(size: int) -> FloatArray:
    half = np.ones(size)
    half[[0, -1]] = 0.5
    return half


def _identified(x: FloatArray, month: FloatArray, mask: BoolArray) -> BoolArray:
    """Which columns are not made up by the season and the columns before them."""
    kept, basis = [], month[mask]
    for column in x[mask].T:
        left = column - basis @ np.linalg.lstsq(basis, column, rcond=None)[0]
        kept.append(bool(left @ left > 1e-6))
        if kept[-1]:
            basis = np.column_stack([basis, column])
    return np.array(kept, dtype=bool)


@lru_cache(maxsize=6)
def _likelihood(
    time: tuple[int, ...], seen: bytes, start: tuple[int, ...], trend: float, drift: float, size: float = 1.0
) -> Likelihood:
    mask = np.frombuffer(seen, dtype=bool).reshape(len(start), len(time))
    return Likelihood(np.array(time), mask, start, trend, drift, size)
