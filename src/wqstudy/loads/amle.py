"""How far maximum likelihood with non-detects is off in small samples: the adjustment of LOADEST.

Expected derivatives of the log-likelihood of a normal value that is known only above a limit, and the bias
of the first order that follows from them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MU, _SIGMA = 0, 1


def first_order_bias(x: FloatArray, z: FloatArray, side: IntArray) -> tuple[FloatArray, FloatArray]:
    """Bias of (beta, sigma) in units of sigma, and their expected covariance in units of sigma squared.

    Parameters
    ----------
    x
        Regressors. Shape (n, p).
    z
        (ln value or ln limit, less mean) / sigma. Shape (n,).
    side
        0 observed, -1 below, +1 above. An observed value counts as one that has no limit. Shape (n,).

    Returns
    -------
    tuple of ndarray
        Shapes (p + 1,) and (p + 1, p + 1).

    References
    ----------
    Cox, D. R. and Snell, E. J. (1968). A general definition of residuals. J. R. Stat. Soc. B 30, equation
    20. Cohn, T. A. (1988). Adjusted maximum likelihood estimation of the moments of lognormal populations
    from type I censored samples. U.S. Geological Survey Open-File Report 88-350.

    Examples
    --------
    Without non-detects the variance is too small by p / n, and nothing else is off:

    >>> x = np.column_stack([np.ones(50), np.arange(50.0) - 24.5])
    >>> bias, covariance = first_order_bias(x, np.zeros(50), np.zeros(50, int))
    >>> (2 * bias[-1] + covariance[-1, -1]).round(10), np.abs(bias[:-1]).max().round(10)
    (np.float64(-0.04), np.float64(0.0))
    """
    n, p = x.shape
    sign = np.where(side > 0, -1.0, 1.0)  # a value above a limit is one below it, turned about zero
    second, third, mixed = _expected(np.where(side == 0, -np.inf, sign * z))
    columns = np.column_stack([x * sign[:, None], np.ones(n)])
    kind = np.array([_MU] * p + [_SIGMA])
    information = -_summed(second, columns, kind)
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    both = _summed(third, columns, kind) / 2 + _summed(mixed, columns, kind)
    bias: FloatArray = np.einsum("sr,tu,rtu->s", covariance, covariance, both)
    return bias, covariance


def _summed(each: FloatArray, columns: FloatArray, kind: IntArray) -> FloatArray:
    """Sums over rows of expected derivatives by mu and sigma, as derivatives by coefficients."""
    if each.ndim == 3:
        return np.asarray(np.einsum("abn,na,nb->ab", each[np.ix_(kind, kind)], columns, columns))
    chosen = each[np.ix_(kind, kind, kind)]
    return np.asarray(np.einsum("abcn,na,nb,nc->abc", chosen, columns, columns, columns))


def _expected(limit: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """E l_ab, E l_abc and E l_ab l_c of a standard normal value below a limit or seen, by (mu, sigma).

    Shapes (2, 2, n), (2, 2, 2, n) and (2, 2, 2, n).
    """
    hidden = np.isfinite(limit)
    c = np.where(hidden, limit, 0.0)
    density = np.where(hidden, np.exp(-(c**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    below = np.where(hidden, special.ndtr(c), 0.0)
    # moments of the seen part: integrals of e^k over e > c
    m0 = 1 - below
    m1, m2 = density, c * density + m0
    m3, m4 = (c**2 + 2) * density, (c**3 + 3 * c) * density + 3 * m0
    # ln Phi of w = (limit - mu) / sigma, and its derivatives in w
    ratio = np.where(hidden, np.exp(-(c**2) / 2 - special.log_ndtr(c)) / np.sqrt(2 * np.pi), 0.0)
    g1, g2 = ratio, -ratio * (c + ratio)
    g3 = -ratio - c * g2 - 2 * ratio * g2
    zero, one = np.zeros_like(c), np.ones_like(c)
    w1 = np.array([-one, -c])
    w2 = np.array([[zero, one], [one, 2 * c]])
    w3 = np.array([[[zero, zero], [zero, -2 * one]], [[zero, -2 * one], [-2 * one, -6 * c]]])
    slope = g1 * w1
    bend = g2 * w1[:, None] * w1 + g1 * w2
    turn = g3 * w1[:, None, None] * w1[:, None] * w1 + g1 * w3
    turn += g2 * (
        w2[:, :, None] * w1 + np.swapaxes(w2[:, :, None] * w1, 1, 2) + np.moveaxis(w2[:, :, None] * w1, 2, 0)
    )
    second = below * bend + np.array([[-m0, -2 * m1], [-2 * m1, m0 - 3 * m2]])
    third = below * turn + np.array(
        [[[zero, 2 * m0], [2 * m0, 6 * m1]], [[2 * m0, 6 * m1], [6 * m1, 12 * m2 - 2 * m0]]]
    )
    mixed = below * bend[:, :, None] * slope + np.array(
        [
            [[-m1, m0 - m2], [-2 * m2, -2 * (m3 - m1)]],
            [[-2 * m2, -2 * (m3 - m1)], [m1 - 3 * m3, m2 - m0 - 3 * (m4 - m2)]],
        ]
    )
    return second, third, mixed
