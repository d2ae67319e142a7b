"""A log-linear regression with non-detects, and the mean on the scale of the data that it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.loads.amle import first_order_bias
from wqstudy.loads.likelihood import FITTED, Rows, maximum

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_TERMS = 2_000
"""Terms of a series at most; a few dozen are enough where the variance is not absurd."""

RETRANSFORMS = ("amle", "mvue", "duan", "mle")


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
    bias, expected
        Of (beta, sigma) in units of sigma, and their expected covariance in units of its square; see
        `wqstudy.loads.amle`. Shapes (p + 1,) and (p + 1, p + 1).
    """

    beta: FloatArray
    sigma: float
    covariance: FloatArray
    residual: FloatArray
    smearing: float
    log_likelihood: float
    n: int
    settled: bool
    bias: FloatArray
    expected: FloatArray

    @property
    def freedom(self) -> int:
        """Rows less coefficients."""
        return self.n - self.beta.size

    @property
    def variance(self) -> float:
        """Variance around the mean, without its bias: n / (n - p) times sigma squared if all is observed."""
        return self.sigma**2 / (1 + 2 * float(self.bias[-1]) + float(self.expected[-1, -1]))

    @property
    def adjusted(self) -> FloatArray:
        """Coefficients without their bias, as LOADEST gives them. Shape (p,)."""
        return self.beta - self.sigma * self.bias[:-1]

    @property
    def errors(self) -> FloatArray:
        """Standard errors of the coefficients. Shape (p,)."""
        return np.asarray(np.sqrt(np.diagonal(self.expected)[:-1] * self.variance))

    @property
    def aic(self) -> float:
        """Akaike's criterion; sigma counts as a coefficient."""
        return 2 * (self.beta.size + 1) - 2 * self.log_likelihood

    def mean(self, x: FloatArray, retransform: str = "amle") -> FloatArray:
        """Mean value where the regressors are x.

        Parameters
        ----------
        x
            Shape (days, p).
        retransform
            ``"amle"``: without bias, of the first order where there are non-detects; ``"mvue"``: without
            what non-detects change of it, the same where there are none; ``"duan"``: exp(mean) times the
            mean of exp(residual), where residuals are not normal; ``"mle"``: exp(mean + sigma^2 / 2), biased
            in small samples.

        References
        ----------
        Bradu, D. and Mundlak, Y. (1970). Estimation in lognormal linear models. J. Am. Stat. Assoc. 65.
        Duan, N. (1983). Smearing estimate. J. Am. Stat. Assoc. 78. Cohn, T. A., Gilroy, E. J. and Baier,
        W. G. (1992). Estimating fluvial transport of trace constituents using a regression model with data
        subject to censoring. Proc. Joint Statistical Meetings, Boston.
        """
        log_mean = x @ self.beta
        if retransform == "duan":
            return np.asarray(np.exp(log_mean) * self.smearing)
        if retransform == "mle":
            return np.asarray(np.exp(log_mean + self.sigma**2 / 2))
        if retransform == "amle":
            return self._amle(x)
        p, m = self.beta.size, self.freedom
        spread = np.einsum("ij,jk,ik->i", x, self.covariance[:p, :p], x) / self.sigma**2
        # Finney's series g_m is a hypergeometric function.
        variance = self.sigma**2 * self.n / m
        grown = hyp0f1(m / 2, m * (1 - spread) * variance / 4)
        return np.asarray(np.exp(log_mean) * grown)

    def _amle(self, x: FloatArray) -> FloatArray:
        """Mean value: the part of the log mean that goes with the variance is taken out of it first.

        The variance is gamma, of a shape that its expected error gives, and what is left of the log mean is
        normal and independent of it.
        """
        relative = 4 * self.expected[-1, -1]  # error variance of sigma^2, in units of its square
        shape = (1 + 2 * self.bias[-1] + self.expected[-1, -1]) / relative
        shared = x @ (2 * self.expected[:-1, -1]) / (self.sigma * relative)
        spread = np.einsum("ij,jk,ik->i", x, self.expected[:-1, :-1], x)
        grown = 0.5 + shared - (spread - shared**2 * self.variance / shape) / 2
        rest = x @ self.adjusted - shared * self.variance
        return np.asarray(np.exp(rest) * hyp0f1(shape, shape * self.variance * grown))


def hyp0f1(b: float, z: FloatArray) -> FloatArray:
    """The hypergeometric function 0F1(; b; z) by its series, for b that is not small beside z.

    scipy's `hyp0f1` gives inf or nan for large b and small negative z, such as b = 95 and z = -1e-4, which
    days near the middle of the samples have.

    Parameters
    ----------
    b
        Positive.
    z
        Any shape.

    Examples
    --------
    >>> hyp0f1(0.5, np.array([1.0])).round(6) == np.cosh(2).round(6)
    array([ True])
    """
    total = term = np.ones_like(z)
    for k in range(1, _TERMS):
        term = term * z / (k * (b + k - 1))
        total = total + term
        if np.all(np.abs(term) <= np.finfo(float).eps * np.abs(total)):
            break
    return total


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
        missing = np.full(side.size, np.nan)
        return LogFit(beta, sigma, blank, missing, np.nan, np.nan, side.size, False, blank[0], blank)
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
        *first_order_bias(x, z, side),
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
