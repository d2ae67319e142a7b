"""Days and samples by high and low flow or by season, and Beale's ratio over them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from wqstudy.loads import formulas
from wqstudy.loads.sampled import Sampled

IntArray = npt.NDArray[np.int64]

_STRATUM = 3  # samples of a stratum
_HIGH_FLOW = 0.8  # quantile of the daily flows, above which high flow begins


def strata_of(own: Sampled, strata: str | None) -> tuple[IntArray, IntArray]:
    """Stratum of each sample and of each day."""
    if strata is None:
        return np.zeros(own.value.size, np.int64), np.zeros(own.days.size, np.int64)
    if strata == "season":
        sample, day = ((date.month.to_numpy() - 1) // 3 for date in (own.date, own.days))
    else:
        cut = np.quantile(own.discharge, _HIGH_FLOW)
        sample, day = (flow > cut for flow in (own.flow, own.discharge))
    return sample.astype(np.int64), day.astype(np.int64)


def beale_over(
    period: formulas.Period, sample_stratum: IntArray, day_stratum: IntArray, level: float
) -> tuple[float, float, float, int]:
    """Mean load with its interval over the strata, and how many strata were joined to others."""
    label, joined = joined_strata(sample_stratum, day_stratum)
    total, variance, spread = 0.0, 0.0, 0.0
    for each in np.unique(label[day_stratum]):
        chosen, inside = label[sample_stratum] == each, label[day_stratum] == each
        part = formulas.Period(
            period.day[chosen],
            period.conc[chosen],
            period.flow[chosen],
            period.days[inside],
            period.discharge[inside],
        )
        value, error = formulas.beale(part)
        share = inside.mean()
        total += share * value
        variance += (share * error) ** 2
        spread += (share * error) ** 4 / max(chosen.sum() - 1, 1)
    freedom = variance**2 / spread if spread > 0 else 1.0
    reach = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance)
    return total, max(total - reach, 0.0), total + reach, joined


def joined_strata(samples: IntArray, days: IntArray) -> tuple[IntArray, int]:
    """Final label of each stratum: those with fewer than three samples go with their neighbour."""
    size = int(max(samples.max(initial=0), days.max(initial=0))) + 1
    label, joined = np.arange(size), 0
    while True:
        held = np.bincount(label[samples], minlength=size)
        used = np.unique(label[np.concatenate([days, samples])])
        poor = used[held[used] < _STRATUM]
        if not poor.size or used.size == 1:
            return label, joined
        place = int(np.flatnonzero(used == poor[0])[0])
        other = used[place + 1] if place + 1 < used.size else used[place - 1]
        label[label == poor[0]] = other
        joined += 1
