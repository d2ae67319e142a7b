"""Intervals of weighted mixtures of Student's t, and the envelope of two of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

_NEGLIGIBLE = 1e-5  # share of all weight below which a component cannot move a printed digit
_STEPS, _EXACT = 60, 1e-12


def quantiles(
    weight: FloatArray, centre: FloatArray, scale: FloatArray, freedom: FloatArray | float, at: FloatArray
) -> FloatArray:
    """Quantiles of mixtures of t distributions that share their weights.

    Parameters
    ----------
    weight
        Of the components, sums to one. Shape (c,).
    centre, scale
        Shape (c, e): one column a mixture.
    freedom
        Degrees of freedom, one number or one a mixture.
    at
        Probabilities, shape (q,).

    Returns
    -------
    ndarray
        Shape (q, e).

    Examples
    --------
    >>> quantiles(np.ones(1), np.zeros((1, 1)), np.ones((1, 1)), 1e9, np.array([0.025, 0.5])).round(3).ravel()
    array([-1.96,  0.  ])
    """
    kept = weight > _NEGLIGIBLE
    weight, centre, scale = weight[kept] / weight[kept].sum(), centre[kept], scale[kept]
    each = special.stdtrit(freedom, at[:, None])
    ends = centre + each[:, None, :] * scale if each.shape[1] > 1 else centre + each[..., None] * scale
    low, high = ends.min(axis=1), ends.max(axis=1)
    middle = np.einsum("c,qce->qe", weight, ends)
    moved, enough = high - low, _EXACT * np.abs(ends).max(axis=1)
    for _ in range(_STEPS):
        over = _below(weight, centre, scale, freedom, middle) - at[:, None]
        low, high = np.where(over > 0, low, middle), np.where(over > 0, middle, high)
        # Newton's step where it stays inside and the steps at least halve, else half way.
        step = over / np.maximum(_density(weight, centre, scale, freedom, middle), np.finfo(float).tiny)
        good = (middle - step > low) & (middle - step < high) & (2 * np.abs(step) < moved)
        next_one = np.where(good, middle - step, (low + high) / 2)
        done = (moved <= enough) | (np.abs(step) <= enough)
        moved = np.where(done, 0.0, np.abs(next_one - middle))
        middle = np.where(done, middle, next_one)
        if done.all():
            break
    return np.asarray(middle)


def two_sided(
    weight: FloatArray, centre: FloatArray, scale: FloatArray, freedom: FloatArray | float
) -> FloatArray:
    """Twice the smaller tail beyond zero, shape (e,).

    Examples
    --------
    >>> two_sided(np.ones(1), np.array([[1.96]]), np.ones((1, 1)), 1e9).round(3)
    array([0.05])
    """
    zero = np.zeros((1, centre.shape[1]))
    low = _below(weight, centre, scale, freedom, zero)[0]
    high = _below(weight, -centre, scale, freedom, zero)[0]
    answer: FloatArray = np.minimum(1.0, 2 * np.minimum(low, high))
    return answer


def _below(
    weight: FloatArray, centre: FloatArray, scale: FloatArray, freedom: FloatArray | float, x: FloatArray
) -> FloatArray:
    """Distribution functions at points x (q, e)."""
    z = (x[:, None, :] - centre) / np.maximum(scale, 1e-300)
    share: FloatArray = np.einsum("c,qce->qe", weight, special.stdtr(freedom, z))
    return share


def _density(
    weight: FloatArray, centre: FloatArray, scale: FloatArray, freedom: FloatArray | float, x: FloatArray
) -> FloatArray:
    """Densities at points x (q, e)."""
    scale = np.maximum(scale, 1e-300)
    z = (x[:, None, :] - centre) / scale
    known = special.gammaln((np.asarray(freedom) + 1) / 2) - special.gammaln(np.asarray(freedom) / 2)
    log = (
        known
        - 0.5 * np.log(np.pi * np.asarray(freedom))
        - (np.asarray(freedom) + 1) / 2 * np.log1p(z**2 / freedom)
    )
    share: FloatArray = np.einsum("c,qce->qe", weight, np.exp(log) / scale)
    return share
