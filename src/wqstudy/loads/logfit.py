"""A log-linear regression with non-detects, and the mean on the scale of the data that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.loads.likelihood import FITTED, Rows, maximum

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RETRANSFORMS = ("mvue", "duan", "mle")


@dataclass(frozen=True, slots=True)
class LogFit:
    """Maximum likelihood of ln value on x.

    Parameters
    ----------
    beta, sigma
        Coefficients, shape (p,), and standard deviation without correction for degrees of freedom.
    covariance
        Of (beta, ln sigma), from the observed information. Shape (p + 1, p + 1).
    residual
        ln value less its mean; of a non-detect, what is to be expected below its limit. Shape (n,).
    smearing
        Mean of exp(residual), non-detects by what is to be expected of them (Duan 1983).
    log_likelihood, n
        At the maximum, of ln value; number of rows.
    settled
        Whether there is a maximum.
    """

    beta: FloatArray
    sigma: float
    covariance: FloatArray
    residual: FloatArray
    smearing: float
    log_likelihood: float
    n: int
    settled: bool

    @property
    def freedom(self) -> int:
        """Rows less coefficients."""
        return self.n - self.beta.size

    @property
    def variance(self) -> float:
        """Variance around the mean, corrected for the degrees of freedom."""
        return self.sigma**2 * self.n / self.freedom

    @property
    def aic(self) -> float:
        """Akaike's criterion; sigma counts as a coefficient."""
        return 2 * (self.beta.size + 1) - 2 * self.log_likelihood

    def mean(self, x: FloatArray, retransform: str = "mvue") -> FloatArray:
        """Mean value where the regressors are x.

        Parameters
        ----------
        x
            Shape (days, p).
        retransform
            ``"mvue"``: without bias where there are no non-detects; ``"duan"``: exp(mean) times the mean of
            exp(residual), where residuals are not normal; ``"mle"``: exp(mean + sigma^2 / 2), biased in
            small samples.

        References
        ----------
        Bradu, D. and Mundlak, Y. (1970). Estimation in lognormal linear models. J. Am. Stat. Assoc. 65.
        Duan, N. (1983). Smearing estimate. J. Am. Stat. Assoc. 78.
        """
        log_mean = x @ self.beta
        if retransform == "duan":
            return np.asarray(np.exp(log_mean) * self.smearing)
        if retransform == "mle":
            return np.asarray(np.exp(log_mean + self.sigma**2 / 2))
        p, m = self.beta.size, self.freedom
        spread = np.einsum("ij,jk,ik->i", x, self.covariance[:p, :p], x) / self.sigma**2
        # Finney's series g_m is a hypergeometric function.
        grown = special.hyp0f1(m / 2, m * (1 - spread) * self.variance / 4)
        return np.asarray(np.exp(log_mean) * grown)


def fit_log(x: FloatArray, log_value: FloatArray, side: IntArray) -> LogFit:
    """Fit of ln value (or ln limit) on x, shape (n, p); side 0 observed, -1 below, +1 above."""
    rows = Rows.of(x, log_value, side)
    exact = int(rows.is_exact.sum())
    fits = maximum(
        rows,
        rows.products.sum(axis=0)[:, None],
        np.array([float(exact)]),
        np.ones((1, int((side != 0).sum()))),
    )
    beta, sigma = fits.beta[:, 0], float(fits.sigma[0])
    settled = bool(fits.status[0] == FITTED) and log_value.size > x.shape[1]
    size = x.shape[1] + 1
    if not settled:
        blank = np.full((size, size), np.nan)
        return LogFit(beta, sigma, blank, np.full(side.size, np.nan), np.nan, np.nan, side.size, False)
    z = (log_value - x @ beta) / sigma
    sign = np.where(side > 0, -1.0, 1.0)
    ratio = np.exp(stats.norm.logpdf(z) - special.log_ndtr(sign * z))
    hidden = side != 0
    each = np.where(hidden, special.log_ndtr(sign * z), stats.norm.logpdf(z) - np.log(sigma))
    expected = np.where(hidden, -sign * ratio, z)
    # E exp(sigma e) of a normal e cut off at z
    smeared = np.exp(
        np.where(
            hidden,
            sigma**2 / 2 + special.log_ndtr(sign * (z - sigma)) - special.log_ndtr(sign * z),
            sigma * z,
        )
    )
    return LogFit(
        beta,
        sigma,
        np.asarray(np.linalg.inv(_information(x, z, sigma, np.where(hidden, sign, 0.0), ratio)), np.float64),
        np.asarray(sigma * expected, np.float64),
        float(smeared.mean()),
        float(each.sum()),
        side.size,
        settled,
    )


def _information(
    x: FloatArray, z: FloatArray, sigma: float, sign: FloatArray, ratio: FloatArray
) -> FloatArray:
    """Observed information of (beta, ln sigma). Both derivatives of z are (-x / sigma, -z)."""
    hidden = sign != 0
    slope = np.where(hidden, sign * ratio, -z)
    bend = np.where(hidden, ratio * (ratio + sign * z), 1.0)
    first = np.column_stack([-x / sigma, -z])
    made = (first * bend[:, None]).T @ first
    # second derivatives of z: x / sigma in (beta, ln sigma), z in (ln sigma, ln sigma)
    cross = (slope[:, None] * x / sigma).sum(axis=0)
    made[:-1, -1] -= cross
    made[-1, :-1] -= cross
    made[-1, -1] -= (slope * z).sum()
    return np.asarray(made)
