"""Where comparable sections lie: what a section's items are likely to be before its own samples are seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_LEAST_VARIANCE = 0.01
_MOST_CORRELATION = 0.8
_LEAST_EIGENVALUE = 0.1


def location_prior(centre: FloatArray, error: FloatArray, at_least: int) -> tuple[FloatArray, FloatArray]:
    """Log mean that the panel and a section's other items lead one to expect of each item, and its sd.

    Parameters
    ----------
    centre, error
        Log means of sections and their error variances, shape (sections, items), NaN where there is none.
    at_least
        Sections that an item must have; one that has fewer gets an infinite sd, which is no prior.

    Returns
    -------
    place, scatter
        Shape (sections, items).

    Notes
    -----
    Log means of sections are normal over the panel, with a mean and a covariance found by moments (error
    variances subtracted); the prior of an item is that normal given what the section's other items show.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> place, scatter = location_prior(rng.normal(2.0, 0.5, (400, 1)), np.full((400, 1), 0.01), 30)
    >>> place[0].round(1).tolist(), scatter[0].round(1).tolist()
    ([2.0], [0.5])
    """
    place, scatter = np.zeros_like(centre), np.full_like(centre, np.inf)
    used = np.flatnonzero(np.isfinite(centre).sum(axis=0) >= at_least)
    if not len(used):
        return place, scatter
    here, noise = centre[:, used], error[:, used]
    middle = np.nanmean(here, axis=0)
    variance = np.maximum(np.nanvar(here, axis=0) - np.nanmean(noise, axis=0), _LEAST_VARIANCE)
    covariance = _covariance(here - middle, variance)
    known = np.isfinite(here)
    deviation = np.where(known, here - middle, 0.0)
    # What was not sampled says nothing: its error is beyond all bounds.
    noise = np.where(known, noise, 1e6 * variance.max())
    for own, item in enumerate(used):
        others = np.delete(np.arange(len(used)), own)
        joint = covariance[np.ix_(others, others)] + noise[:, others, None] * np.eye(len(others))
        weight = np.linalg.solve(
            joint, np.broadcast_to(covariance[others, own][:, None], (*joint.shape[:2], 1))
        )
        place[:, item] = middle[own] + np.einsum("si,si->s", weight[..., 0], deviation[:, others])
        left = variance[own] - weight[..., 0] @ covariance[others, own]
        scatter[:, item] = np.sqrt(np.maximum(left, _LEAST_VARIANCE / 2))
    return place, scatter


def _covariance(deviation: FloatArray, variance: FloatArray) -> FloatArray:
    """Covariance of the true log means, made positive definite; shape (items, items)."""
    n = variance.shape[0]
    correlation = np.eye(n)
    for one in range(n):
        for other in range(one):
            product = deviation[:, one] * deviation[:, other]
            shared = float(np.nanmean(product)) if np.isfinite(product).any() else 0.0
            found = shared / np.sqrt(variance[one] * variance[other])
            correlation[one, other] = correlation[other, one] = np.clip(
                found, -_MOST_CORRELATION, _MOST_CORRELATION
            )
    value, vector = np.linalg.eigh(correlation)
    correlation = (vector * np.maximum(value, _LEAST_EIGENVALUE)) @ vector.T
    size = np.sqrt(variance / np.diag(correlation))
    return np.asarray(correlation * size[:, None] * size)
