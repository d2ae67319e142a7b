"""Censored regression: maximum likelihood for normal errors, some values only known to lie below a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from wqstudy.errors import ArgumentError
from wqstudy.stats.checks import BoolArray, FloatArray, flags, vector

_STEPS = 100
_SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class TobitFit:
    """Coefficients of a censored regression.

    Parameters
    ----------
    coefficients
        Shape (k,).
    sd
        Standard deviation of the errors.
    covariance
        Of the coefficients and, last, of `sd`, from the observed information. Shape (k + 1, k + 1).
    log_likelihood
        At the estimates.
    """

    coefficients: FloatArray
    sd: float
    covariance: FloatArray
    log_likelihood: float


def tobit(y: npt.ArrayLike, censored: npt.ArrayLike, design: npt.ArrayLike) -> TobitFit | None:
    """Censored regression with independent normal errors by maximum likelihood (Tobin 1958).

    In Olsen's (1978) parameters, coefficients and one divided by the sd, the log-likelihood is concave, so
    that Newton's steps find its only maximum.

    Parameters
    ----------
    y
        Values, for concentrations their logs; where censored, the limit. Shape (n,).
    censored
        True where the true value lies below `y`. Shape (n,).
    design
        One column a regressor, the intercept one of them. Shape (n, k).

    Returns
    -------
    TobitFit or None
        None where the likelihood has no maximum: too few detected values, or a regressor (a season, a
        window) whose coefficient only non-detects tell.

    Raises
    ------
    ArgumentError
        If shapes differ or a value is not finite.

    References
    ----------
    Tobin J. (1958) Econometrica 26. Olsen R. J. (1978) Econometrica 46.

    Examples
    --------
    >>> y = np.log([0.1, 0.1, 0.3, 0.2, 0.5, 0.4])
    >>> fit = tobit(y, [True, True, False, False, False, False], np.ones((6, 1)))
    >>> round(float(fit.coefficients[0]), 3), round(fit.sd, 3)
    (-1.682, 0.899)
    """
    values = vector(y, "y")
    hidden = flags(censored, "censored", values.size)
    X = np.asarray(design, dtype=np.float64)
    if X.ndim != 2 or X.shape[0] != values.size or not np.isfinite(X).all():
        raise ArgumentError(
            f"has shape {X.shape}", argument="design", valid=f"({values.size}, k), finite numbers"
        )
    return fit_tobit(values, hidden, X)


def fit_tobit(y: FloatArray, hidden: BoolArray, X: FloatArray) -> TobitFit | None:
    """`tobit` without its checks."""
    seen = ~hidden
    n_seen, k = int(seen.sum()), X.shape[1]
    if n_seen < k or np.linalg.matrix_rank(X) < k:
        return None
    # Least squares through all, limits taken as values: the start, and what is left is of order one.
    start = linalg.lstsq(X, y)[0]
    rest = y - X @ start
    scale = float(np.sqrt(rest @ rest / y.size))
    if scale <= 1e-13 * float(np.abs(y).max(initial=1.0)) or np.ptp(rest[seen]) == 0.0:
        return None
    rows = np.column_stack([-X, rest / scale])
    theta = np.zeros(k + 1)
    theta[k] = 1.0
    now = _log_likelihood(theta, rows, seen)
    for _ in range(_STEPS):
        slope, curvature = _derivatives(theta, rows, seen)
        try:
            factor = linalg.cho_factor(curvature)
        except linalg.LinAlgError:
            return None
        step = linalg.cho_solve(factor, slope)
        size = 1.0
        while theta[k] + size * step[k] <= 0 or not (
            (then := _log_likelihood(theta + size * step, rows, seen)) >= now - 1e-12 * abs(now)
        ):
            size /= 2
            if size < 1e-12:
                return None
        theta, now = theta + size * step, then
        if np.abs(size * step).max() <= _SETTLED * max(1.0, float(np.abs(theta).max())):
            break
    else:
        return None
    # From (gamma, h) to (gamma / h, 1 / h), and out of the scale.
    gamma, h = theta[:k], theta[k]
    turn = np.zeros((k + 1, k + 1))
    turn[:k, :k] = np.eye(k) / h
    turn[:, k] = -np.append(gamma, 1.0) / h**2
    curvature = _derivatives(theta, rows, seen)[1]
    covariance = scale**2 * turn @ np.linalg.inv(curvature) @ turn.T
    likelihood = now - n_seen * (np.log(scale) + 0.5 * np.log(2 * np.pi))
    fit = TobitFit(start + scale * gamma / h, scale / float(h), covariance, float(likelihood))
    # Flat to within rounding: there is no top to speak of.
    return fit if (np.diag(covariance) > 0).all() else None


def _log_likelihood(theta: FloatArray, rows: FloatArray, seen: BoolArray) -> float:
    z = rows @ theta
    total = np.log(theta[-1]) * seen.sum() - 0.5 * np.sum(z[seen] ** 2) + special.log_ndtr(z[~seen]).sum()
    return float(total)


def _derivatives(theta: FloatArray, rows: FloatArray, seen: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Gradient, and minus the matrix of second derivatives."""
    z = rows @ theta
    pull, weight = -z, np.ones(z.size)
    below = z[~seen]
    mills = np.exp(-0.5 * below**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(below))
    pull[~seen] = mills
    weight[~seen] = mills * (below + mills)
    slope = rows.T @ pull
    slope[-1] += seen.sum() / theta[-1]
    curvature = (rows * weight[:, None]).T @ rows
    curvature[-1, -1] += seen.sum() / theta[-1] ** 2
    return slope, curvature
