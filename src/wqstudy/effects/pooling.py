"""Effects of several districts taken together: shrunken, of a similar district, and labels exchanged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from wqstudy import rules
from wqstudy.effects.mixtures import quantiles

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NORMAL = 1e9  # degrees of freedom of a normal distribution
_MOST = 20_000  # labellings that are tried one by one


@dataclass(frozen=True, slots=True)
class Pooling:
    """What the effects of several districts say about one another.

    Parameters
    ----------
    value, low, high
        Shrunken effect of each district and its interval, shape (treated,).
    sd
        Of effects between districts, mean over what is believed of it.
    similar, similar_low, similar_high
        Mean effect over districts of this kind, not only those observed, and its interval; nan with fewer
        than four.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    sd: float
    similar: float
    similar_low: float
    similar_high: float


def pool(value: FloatArray, covariance: FloatArray, level: float = 0.95) -> Pooling:
    """Normal effects of unknown mean and sd, seen through errors that share their controls.

    The sd of effects is averaged over, with the half-normal prior of `rules/effects.toml`: plugging in an
    estimate, as Hartung and Knapp's and DerSimonian and Laird's intervals do, takes errors that share their
    controls for agreement.

    Parameters
    ----------
    value
        Estimates in logs, shape (treated,).
    covariance
        Of their errors, shape (treated, treated).
    level
        Of the intervals.

    Examples
    --------
    >>> told = pool(np.array([-0.8, -0.4, -0.4, -0.4]), np.diag([0.2, 0.01, 0.01, 0.01]))
    >>> bool(-0.8 < told.value[0] < -0.4), round(told.similar, 1)
    (True, -0.4)
    """
    rule = rules.load("effects")
    scale = rule["prior"]["effect_sd"]
    sds = scale * np.linspace(0, 3, 25)
    one = np.ones(value.size)
    log = np.empty(sds.size)
    means, spreads = np.empty((sds.size, value.size)), np.empty((sds.size, value.size))
    centre, centre_sd = np.empty(sds.size), np.empty(sds.size)
    for i, sd in enumerate(sds):
        total = covariance + sd**2 * np.eye(value.size)
        inverse = np.linalg.inv(total)
        told = float(one @ inverse @ one)
        mu = float(one @ inverse @ value) / told
        left = value - mu
        quad = float(left @ inverse @ left)
        log[i] = -0.5 * (np.linalg.slogdet(total)[1] + math.log(told) + quad + (sd / scale) ** 2)
        centre[i], centre_sd[i] = mu, 1 / math.sqrt(told)
        means[i] = mu + sd**2 * (inverse @ left)
        free = one - sd**2 * inverse.sum(axis=1)
        spreads[i] = np.sqrt(np.maximum(sd**2 - sd**4 * np.diag(inverse) + free**2 / told, 1e-12))
    weight = np.exp(log - log.max())
    weight[0] *= 0.5  # the first value stands for half a stretch of the grid
    weight /= weight.sum()
    at = np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = quantiles(weight, means, spreads, _NORMAL, at)
    similar = np.full(3, np.nan)
    if value.size >= rule["least"]["treated_pate"]:
        ends = quantiles(weight, centre[:, None], centre_sd[:, None], _NORMAL, at)[:, 0]
        similar = np.array([weight @ centre, *ends])
    return Pooling(weight @ means, low, high, float(weight @ sds), *map(float, similar))


def smallest_p(treated: int, controls: int) -> float:
    """The smallest p that exchanging labels of districts can give, two-sided.

    Examples
    --------
    >>> round(smallest_p(6, 6), 4), round(smallest_p(4, 2), 3), smallest_p(3, 3)
    (0.0022, 0.067, 0.1)
    """
    if not (treated and controls):
        return math.nan
    # With as many treated as controls every labelling has its mirror image, which is as extreme.
    return (2 if treated == controls else 1) / math.comb(treated + controls, treated)


def permuted(step: FloatArray, treated: BoolArray) -> float:
    """Exact two-sided p of treated against controls by exchange of labels; nan where too many to try.

    Parameters
    ----------
    step
        After minus before of each district, shape (districts,).
    treated
        Shape (districts,).

    Examples
    --------
    >>> permuted(np.array([-2.0, -1.8, -2.2, 0.1, 0.0, -0.1]), np.arange(6) < 3)
    0.1
    """
    many = int(treated.sum())
    if math.comb(step.size, many) > _MOST or not 0 < many < step.size:
        return math.nan
    chosen = np.array(list(combinations(range(step.size), many)))
    inside = step[chosen].sum(axis=1)
    gap = np.abs(inside / many - (step.sum() - inside) / (step.size - many))
    own = abs(float(step[treated].mean() - step[~treated].mean()))
    return float(np.mean(gap >= own * (1 - 1e-12)))
