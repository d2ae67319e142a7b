"""Noise with nothing in it: what a test must not find a change in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from wqstudy.stats.noise import fractional_correlation

FloatArray = npt.NDArray[np.float64]
Innovations = Callable[[np.random.Generator, tuple[int, int]], FloatArray]


def _normal(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return rng.standard_normal(shape)


def _heavy(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Student's t with three degrees of freedom, of variance one."""
    drawn: FloatArray = rng.standard_t(3, shape) / np.sqrt(3)
    return drawn


@dataclass(frozen=True, slots=True)
class Noise:
    """A kind of noise of variance one.

    Parameters
    ----------
    covariance
        Covariance of n months, shape (n, n).
    innovations
        Independent draws of variance one; normal unless it says otherwise.
    """

    covariance: Callable[[int], FloatArray]
    innovations: Innovations = _normal

    def draw(self, n: int, runs: int, rng: np.random.Generator) -> FloatArray:
        """Series, shape (runs, n)."""
        factor = np.linalg.cholesky(self.covariance(n))
        # Row by row the factor is the response to innovations, so that their shape is kept.
        drawn: FloatArray = self.innovations(rng, (runs, n)) @ factor.T
        return drawn


def _sum_of_ar1(*parts: tuple[float, float]) -> Callable[[int], FloatArray]:
    """Covariance of a sum of AR(1) noises, pairs of share and phi."""

    def covariance(n: int) -> FloatArray:
        lag = np.arange(n)
        own = np.sum([share * phi**lag for share, phi in parts], axis=0)
        return np.asarray(linalg.toeplitz(own))

    return covariance


def _autoregressive(*phi: float) -> Callable[[int], FloatArray]:
    """Covariance of AR(p) noise, by the Yule-Walker equations."""

    def covariance(n: int) -> FloatArray:
        p = len(phi)
        # Unknown: correlations 1 to p; each is the sum of phi times those that precede it.
        system, known = np.eye(p), np.zeros(p)
        for row in range(p):
            for place, weight in enumerate(phi):
                lag = abs(row - place)
                if lag == 0:
                    known[row] += weight
                else:
                    system[row, lag - 1] -= weight
        rho = [1.0, *np.linalg.solve(system, known)]
        while len(rho) < n:
            rho.append(sum(weight * rho[-1 - place] for place, weight in enumerate(phi)))
        return np.asarray(linalg.toeplitz(rho[:n]))

    return covariance


def _fractional(d: float) -> Callable[[int], FloatArray]:
    return lambda n: np.asarray(linalg.toeplitz(fractional_correlation(d, np.arange(n, dtype=np.float64))))


def _drift(n: int) -> FloatArray:
    """AR(1) noise of .5 on a random walk whose sd at the end is .7."""
    month = np.arange(1, n + 1)
    walk = 0.7**2 / n * np.minimum(month[:, None], month[None, :])
    return np.asarray(walk + _sum_of_ar1((1.0, 0.5))(n))


AR1 = (0.0, 0.2, 0.4, 0.6, 0.8)
NOISES = {
    **{f"AR(1) {phi}": Noise(_sum_of_ar1((1.0, phi))) for phi in AR1},
    "AR(2) .5 .3": Noise(_autoregressive(0.5, 0.3)),
    "AR(3) .4 .2 .2": Noise(_autoregressive(0.4, 0.2, 0.2)),
    "fractional .3": Noise(_fractional(0.3)),
    "AR .9 + AR .2": Noise(_sum_of_ar1((0.5, 0.9), (0.5, 0.2))),
    "AR .8 + white": Noise(_sum_of_ar1((0.5, 0.8), (0.5, 0.0))),
    "AR .5 + random walk": Noise(_drift),
    "AR(1) .6, t3": Noise(_sum_of_ar1((1.0, 0.6)), _heavy),
}
"""Kinds of noise by name."""
