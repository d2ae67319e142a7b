"""Mixtures of t distributions: their mean, the ends of their interval, and p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

_FAINT = 1e-10
"""Weight below which a component of a mixture is left out of the search for the ends of an interval."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What many series on one calendar say, each array of shape (series,).

    Parameters
    ----------
    value, low, high
        Estimate and ends of its interval; the ends are nan where no level was asked for, which takes a
        third of the time.
    p_value
        Two-sided, for "no change".
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


def normal(log_weight: FloatArray) -> FloatArray:
    """Weights that sum to one a series."""
    weight = np.exp(log_weight - log_weight.max(axis=0))
    whole: FloatArray = weight / weight.sum(axis=0)
    return whole


def mixed(
    centre: FloatArray, scale: FloatArray, weight: FloatArray, freedom: int, level: float | None
) -> Answers:
    """Mixtures of t distributions, one a column: their mean, the ends of their interval, and p.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> answer = mixed(2 * one, one, one, 10, 0.95)
    >>> round(float(answer.low[0]), 3), round(float(answer.p_value[0]), 3)     # 2 - 2.228
    (-0.228, 0.073)
    """
    value = (weight * centre).sum(axis=0)
    below = (weight * special.stdtr(freedom, -centre / scale)).sum(axis=0)
    above = (weight * special.stdtr(freedom, centre / scale)).sum(axis=0)
    p_value = np.minimum(1.0, 2 * np.minimum(below, above))
    if level is None:
        blank = np.full(value.size, np.nan)
        return Answers(value, blank, blank, p_value)
    tail = (1 - level) / 2
    low = _lower_end(centre, scale, weight, freedom, tail)
    high = -_lower_end(-centre, scale, weight, freedom, tail)
    return Answers(value, low, high, p_value)


def _lower_end(
    centre: FloatArray, scale: FloatArray, weight: FloatArray, freedom: int, tail: float
) -> FloatArray:
    """Quantile `tail` of every mixture: Newton's steps on the log of its distribution, kept in a bracket.

    The log of a t distribution is nearly straight in its lower tail: a handful of steps.
    """
    column, model = np.nonzero(weight.T > _FAINT)
    b, s, w = centre[model, column], scale[model, column], weight[model, column]
    log_density = special.gammaln((freedom + 1) / 2) - special.gammaln(freedom / 2)
    log_density -= 0.5 * np.log(freedom * np.pi)
    each = b + special.stdtrit(freedom, tail) * s
    start = np.searchsorted(column, np.arange(centre.shape[1]))
    floor, roof = np.minimum.reduceat(each, start), np.maximum.reduceat(each, start)
    w = w / np.add.reduceat(w, start)[column]
    spread, x = np.add.reduceat(w * s, start), np.add.reduceat(w * each, start)
    open_ = np.arange(x.size)
    for _ in range(200):
        z = (x[open_][column] - b) / s
        mass = np.add.reduceat(w * special.stdtr(freedom, z), start)
        density = np.exp(log_density - (freedom + 1) / 2 * np.log1p(z * z / freedom))
        slope = np.add.reduceat(w * density / s, start)
        at = x[open_]
        over = mass > tail
        roof[open_] = np.where(over, at, roof[open_])
        floor[open_] = np.where(over, floor[open_], at)
        ahead = at - mass / slope * np.log(mass / tail)
        inside = (ahead >= floor[open_]) & (ahead <= roof[open_])
        ahead = np.where(inside, ahead, (floor[open_] + roof[open_]) / 2)
        x[open_] = ahead
        going = np.abs(ahead - at) > 1e-9 * spread[open_]
        if not going.any():
            break
        kept = going[column]
        b, s, w = b[kept], s[kept], w[kept]
        column = (np.cumsum(going) - 1)[column[kept]]
        open_ = open_[going]
        start = np.searchsorted(column, np.arange(open_.size))
    return x
