"""Residuals carried from sample to sample: what a river carried, not what it carries on average.

Standardised residuals follow an AR(1) from day to day, tied to the samples (WRTDS-K). Its mean has a closed
form, and draws of it are made where a spread is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.loads.ar1 import noise

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_ROUNDS, _SETTLED = 200, 1e-6


@dataclass(frozen=True, slots=True)
class Ends:
    """Sampled days, and what is known of ln concentration on them.

    Parameters
    ----------
    place
        Row of each sample's day in the daily record, in order; days may recur. Shape (n,).
    log_value, side
        ln of value or limit, and 0 observed, -1 below, +1 above. Shape (n,).
    log_mean, se
        Of the regression without that sample; non-detects are drawn from it. Shape (n,).
    """

    place: IntArray
    log_value: FloatArray
    side: IntArray
    log_mean: FloatArray
    se: FloatArray


def mean_conc(log_mean: FloatArray, se: FloatArray, day: IntArray, ends: Ends, rho: float) -> FloatArray:
    """Mean concentration of each day, given the samples. Shape (days,).

    Parameters
    ----------
    log_mean, se
        Mean of ln concentration of each day, and standard deviation around it. Shape (days,).
    day
        Number of each day of the record, in order. Shape (days,).
    ends
        The samples.
    rho
        Correlation of neighbouring days.

    References
    ----------
    Zhang, Q. and Hirsch, R. M. (2019). River water-quality concentration and flux estimation can be improved
    by accounting for serial correlation through an autoregressive model. Water Resour. Res. 55. There the
    mean is that of draws.
    """
    places = np.unique(ends.place)
    start, next_start, before, after, left = _bridges(day, places, rho)
    inside = start >= 0
    a, b = np.where(inside, before, 0.0), np.where(inside, after, 0.0)
    base = log_mean + se**2 * np.where(inside, left, 1.0) / 2
    made: FloatArray = np.exp(base)
    made[inside] *= _moment(ends, places[start[inside]], se[inside] * a[inside], log_mean, se)
    made[inside] *= _moment(ends, places[next_start[inside]], se[inside] * b[inside], log_mean, se)
    return made


def drawn_conc(
    log_mean: FloatArray,
    se: FloatArray,
    day: IntArray,
    ends: Ends,
    rho: float,
    rng: np.random.Generator,
) -> FloatArray:
    """One draw of the concentration of each day, given the samples. Shape (days,).

    A free AR(1) is moved onto the samples, by the weights that its mean has between them.
    """
    places, index = np.unique(ends.place, return_inverse=True)
    edge = special.ndtr((ends.log_value - ends.log_mean) / ends.se)
    low, high = np.where(ends.side > 0, edge, 0.0), np.where(ends.side < 0, edge, 1.0)
    uniform = np.clip(low + (high - low) * rng.uniform(size=low.size), 1e-300, 1 - 1e-16)
    log_value = np.where(ends.side == 0, ends.log_value, ends.log_mean + ends.se * special.ndtri(uniform))
    chosen = np.zeros(places.size, np.int64)  # of several samples of a day, any
    order = rng.permutation(ends.place.size)
    chosen[index[order]] = order
    free = noise(rng, rho, 1, int(day[-1] - day[0]) + 1)[0][day - day[0]]
    miss = (log_value[chosen] - log_mean[places]) / se[places] - free[places]
    start, following, before, after, _ = _bridges(day, places, rho)
    moved = np.where(start >= 0, before * miss[start] + after * miss[following], 0.0)
    made: FloatArray = np.exp(log_mean + se * (free + moved))
    return made


def widening(ends: Ends) -> float:
    """How much farther samples lie from regressions made without them than those say; at least 1.

    Standard deviation of standardised residuals about zero, non-detects by likelihood: the fixed point of
    what is to be expected of their squares below the limit (expectation and maximisation). Local regressions
    have few samples for their coefficients, and their spread is not corrected for that.
    """
    z = (ends.log_value - ends.log_mean) / ends.se
    usable = np.isfinite(z)
    z, side = z[usable], ends.side[usable]
    cut = np.where(side > 0, -z, z)
    wide = 1.0
    for _ in range(_ROUNDS):
        scaled = cut / wide
        ratio = np.exp(-(scaled**2) / 2 - special.log_ndtr(scaled)) / np.sqrt(2 * np.pi)
        square = np.where(side == 0, z**2, wide**2 * (1 - scaled * ratio))
        before, wide = wide, float(np.sqrt(square.mean()))
        if abs(wide - before) < _SETTLED:
            break
    return max(1.0, wide)


def _bridges(
    day: IntArray, places: IntArray, rho: float
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray]:
    """Sampled days around each day, the weights of their residuals, and the variance that is left.

    Index among `places` of the sampled day at or before each day, -1 outside the samples, and of the one
    after it.
    """
    start = np.searchsorted(places, np.arange(day.size), side="right") - 1
    start[np.arange(day.size) > places[-1]] = -1
    last = start == places.size - 1
    following = np.where(last, start, start + 1)
    since = np.maximum(day - day[places[start]], 0)
    until = np.where(last, 1, np.maximum(day[places[following]] - day, 1))
    whole = rho ** (2.0 * (since + until))
    spread = 1 - whole
    before = np.where(last, 1.0, (rho**since - rho ** (since + 2.0 * until)) / spread)
    after = np.where(last, 0.0, (rho**until - rho ** (until + 2.0 * since)) / spread)
    left = 1 - (rho ** (2.0 * since) + rho ** (2.0 * until) - 2 * whole) / spread
    return start, following, before, after, np.where(last | (since == 0), 0.0, left)


def _moment(ends: Ends, place: IntArray, s: FloatArray, log_mean: FloatArray, se: FloatArray) -> FloatArray:
    """E exp(s z) of the residual z on sampled days: one of several samples of a day, any of them.

    A non-detect is normal around the regression without it, cut off at its limit.
    """
    first = np.searchsorted(ends.place, place, side="left")
    number = np.searchsorted(ends.place, place, side="right") - first
    total = np.zeros(s.size)
    for extra in range(int(number.max(initial=0))):
        at = np.flatnonzero(number > extra)
        row = first[at] + extra
        k = s[at] / se[place[at]]
        sign = np.where(ends.side[row] > 0, -1.0, 1.0)
        limit = sign * (ends.log_value[row] - ends.log_mean[row]) / ends.se[row]
        shift = sign * k * ends.se[row]
        cut = special.log_ndtr(limit - shift) - special.log_ndtr(limit)
        hidden = k * ends.log_mean[row] + (k * ends.se[row]) ** 2 / 2 + cut
        known = np.where(ends.side[row] == 0, k * ends.log_value[row], hidden)
        total[at] += np.exp(known - k * log_mean[place[at]])
    return total / number
