"""Intervals of weighted mixtures of Student's t, and the envelope of two of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

_NEGLIGIBLE = 1e-5  # share of all weight below which a component cannot move a printed digit

_NEAR = 1e-9  # of the widest component: far below a printed digit


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
    # Begin where one bell as wide as the mixture would end.
    middle = weight @ centre
    wide = np.sqrt(weight @ (scale**2 + (centre - middle) ** 2))
    answer: FloatArray = np.clip(middle + special.stdtrit(freedom, at[:, None]) * wide, low, high)
    # Newton's steps, halving where one leaves the bracket: five or six evaluations instead of forty.
    for _ in range(60):
        over = _below(weight, centre, scale, freedom, answer) - at[:, None]
        low, high = np.where(over > 0, low, answer), np.where(over > 0, answer, high)
        step = over / np.maximum(_density(weight, centre, scale, freedom, answer), 1e-300)
        moved = answer - step
        moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2)
        done = np.max(np.abs(moved - answer)) <= _NEAR * max(float(np.max(scale)), 1e-300)
        answer = moved
        if done:
            break
    return answer


def half_widths(weight: FloatArray, scale: FloatArray, freedom: float, level: float) -> FloatArray:
    """Half the interval of mixtures of t distributions about zero, each with weights of its own.

    Parameters
    ----------
    weight, scale
        Shape (m, c): one row a mixture.
    freedom, level
        Degrees of freedom, and of the interval.

    Examples
    --------
    >>> half_widths(np.array([[0.5, 0.5]]), np.array([[1.0, 1.0]]), 1e9, 0.95).round(2)
    array([1.96])
    """
    far = float(special.stdtrit(freedom, (1 + level) / 2))
    low, high = far * scale.min(axis=1), far * scale.max(axis=1)
    for _ in range(30):
        middle = (low + high) / 2
        inside = special.stdtr(freedom, middle[:, None] / np.maximum(scale, 1e-300))
        over = np.einsum("mc,mc->m", weight, inside) > (1 + level) / 2
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    answer: FloatArray = (low + high) / 2
    return answer


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
    wide = np.maximum(scale, 1e-300)
    z = (x[:, None, :] - centre) / wide
    half = (np.asarray(freedom) + 1) / 2
    height = np.exp(special.gammaln(half) - special.gammaln(half - 0.5)) / np.sqrt(np.pi * (2 * half - 1))
    bell = height * np.exp(-half * np.log1p(z**2 / (2 * half - 1))) / wide
    thick: FloatArray = np.einsum("c,qce->qe", weight, bell)
    return thick
