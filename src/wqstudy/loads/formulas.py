"""Mean load of a period from a few samples: averages, ratios, interpolation, each with its sampling error.

Concentrations in mg/L and flows in m3/s give kg/d. Arrays of replicates have shape (replicates, samples).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from wqstudy.loads.resample import ends_of
from wqstudy.loads.units import KG_PER_DAY

FloatArray = npt.NDArray[np.float64]

METHODS = ("A", "B", "C", "D", "E", "interpolation", "beale")
SPOT = ("A", "C")
"""Methods that need no daily flow."""


@dataclass(frozen=True, slots=True)
class Period:
    """Samples of one period, and its daily flows where there are any.

    Parameters
    ----------
    day
        Day of each sample, counted from any day. In order. Shape (n,).
    conc, flow
        mg/L and m3/s of each sample. Shape (n,).
    days, discharge
        Days that have a flow, and m3/s on them; empty where there is no daily flow. Shape (m,).
    """

    day: FloatArray
    conc: FloatArray
    flow: FloatArray
    days: FloatArray
    discharge: FloatArray

    @property
    def mean_flow(self) -> float:
        """Mean flow of the days, or of the samples where there is no daily flow; m3/s."""
        return float((self.discharge if self.discharge.size else self.flow).mean())


def mean_load(period: Period, method: str) -> float:
    """Mean load of the period in kg/d by one of `METHODS`.

    ========  =====================================================================================
    A         mean concentration times mean flow of the samples
    B         mean concentration times mean flow of the period
    C         mean of the samples' loads
    D         each concentration times the flow of the days nearer to it than to another sample
    E         flow-weighted mean concentration times mean flow of the period
    ========  =====================================================================================

    References
    ----------
    Fu, G. (2003). On the estimation of pollutant fluxes of rivers (formulas A to E).
    """
    once = np.ones((1, period.conc.size))
    return float(resampled(period, method, once)[0])


def resampled(period: Period, method: str, times: FloatArray) -> FloatArray:
    """Mean load in kg/d of replicates in which each sample occurs so many times. Shape (replicates,)."""
    if method in ("D", "interpolation"):
        return np.array([_along(period, method, row > 0) for row in times])
    n = times.sum(axis=1)
    conc, flow, load = (times @ v / n for v in (period.conc, period.flow, period.conc * period.flow))
    made: FloatArray = (
        KG_PER_DAY
        * {
            "A": lambda: conc * flow,
            "B": lambda: conc * period.mean_flow,
            "C": lambda: load,
            "E": lambda: load / flow * period.mean_flow,
        }[method]()
    )
    return made


def _along(period: Period, method: str, chosen: npt.NDArray[np.bool_]) -> float:
    """Load of concentrations carried or interpolated from sample to sample over the days."""
    day, index = np.unique(period.day[chosen], return_inverse=True)
    conc = np.bincount(index, period.conc[chosen]) / np.bincount(index)
    if method == "D":
        carried = conc[np.searchsorted((day[1:] + day[:-1]) / 2, period.days)]
    else:
        carried = np.interp(period.days, day, conc)
    return KG_PER_DAY * float((carried * period.discharge).mean())


def beale(period: Period) -> tuple[float, float]:
    """Beale's ratio: mean load of the period and its standard error, both kg/d.

    The samples' loads over their flows, corrected for the bias of a ratio, times the mean flow of the days.
    The error is nan below three samples.

    References
    ----------
    Tin, M. (1965). Comparison of some ratio estimators. J. Am. Stat. Assoc. 60, 294-307. Baun, K. (1982).
    Alternative methods for estimating pollutant loads in flowing water. Wisconsin DNR Technical Bulletin
    133. The correction is that for sampling without replacement from the days of the period.
    """
    n, days = period.conc.size, period.discharge.size
    load, flow = KG_PER_DAY * period.conc * period.flow, period.flow
    mean, middle = load.mean(), flow.mean()
    if n < 2 or mean == 0:
        return float(mean / middle * period.mean_flow), np.nan
    share = max(1 / n - 1 / days, 0.0)
    cov = np.cov(load, flow)
    both = cov[0, 1] / (mean * middle)
    loads, flows = cov[0, 0] / mean**2, cov[1, 1] / middle**2
    scale = period.mean_flow / middle
    value = mean * scale * (1 + share * both) / (1 + share * flows)
    first = share * (flows + loads - 2 * both)
    second = share**2 * (2 * flows**2 - 4 * flows * both + both**2 + flows * loads)
    error = np.sqrt(max(first + second, 0.0)) * mean * scale if n > 2 else np.nan
    return float(value), float(error)


def interval(
    period: Period, method: str, level: float, replicates: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Ends of the interval of the mean load, kg/d; nan without replicates.

    Of C it is Student's t, of others the percentiles of samples drawn with replacement. Samples count as
    independent; interpolated loads lose samples in each draw, so that theirs is wide.
    """
    n = period.conc.size
    if method == "C":
        load = KG_PER_DAY * period.conc * period.flow
        reach = stats.t.ppf((1 + level) / 2, n - 1) * load.std(ddof=1) / np.sqrt(n)
        middle = mean_load(period, method)
        return max(middle - reach, 0.0), middle + reach
    if not replicates:
        return np.nan, np.nan
    times = rng.multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)
    made = resampled(period, method, times)
    low, high = ends_of(made, level)
    return float(low), float(high)
