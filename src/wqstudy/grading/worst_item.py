"""From the probabilities of items to that of the worst of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

FloatArray = npt.NDArray[np.float64]

_POINTS = 24


def all_attain(p: FloatArray, correlation: float) -> FloatArray:
    """Probability that all items attain, where items are bad together.

    Parameters
    ----------
    p
        Probability of each item, 1 where there is none; items are the last axis.
    correlation
        Of any two items, 0 to less than 1 (one-factor Gaussian copula).

    Notes
    -----
    Given the common factor the items are independent; it is integrated out by Gauss–Hermite quadrature.

    Examples
    --------
    >>> p = np.array([0.5, 0.5])
    >>> round(float(all_attain(p, 0.0)), 3), round(float(all_attain(p, 0.5)), 3)
    (0.25, 0.333)
    """
    if correlation <= 0:
        return np.asarray(p.prod(axis=-1))
    point, weight = np.polynomial.hermite_e.hermegauss(_POINTS)
    weight /= weight.sum()
    with np.errstate(divide="ignore"):
        z = ndtri(p)
    found = np.zeros(p.shape[:-1])
    for u, w in zip(point, weight, strict=True):
        found += w * ndtr((z - np.sqrt(correlation) * u) / np.sqrt(1 - correlation)).prod(axis=-1)
    return found


def pooled_correlation(deviation: FloatArray, group: npt.NDArray[np.int64], at_least: int) -> float | None:
    """Mean correlation of items within groups; None where fewer than `at_least` degrees of freedom carry it.

    Parameters
    ----------
    deviation
        Shape (times, items): more is worse, NaN where there is none.
    group
        Group of each time.
    """
    n_groups = int(group.max(initial=-1)) + 1
    found, weight = 0.0, 0.0
    for one in range(deviation.shape[1]):
        for other in range(one):
            pair = deviation[:, [one, other]]
            both = np.isfinite(pair).all(axis=1)
            owner, pair = group[both], pair[both]
            n = np.bincount(owner, minlength=n_groups)
            mean = np.stack([np.bincount(owner, pair[:, k], n_groups) for k in (0, 1)], axis=1)
            pair = pair - (mean / np.maximum(n, 1)[:, None])[owner]
            df = float((n[n > 0] - 1).sum())
            size = np.sqrt((pair**2).sum(axis=0).prod())
            if df > 0 and size > 0:
                found += df * float(pair.prod(axis=1).sum() / size)
                weight += df
    if weight < at_least:
        return None
    return float(np.clip(found / weight, 0.0, 0.95))
