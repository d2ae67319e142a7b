"""How an item varies in time: shipped values, or fitted to sections with many days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import f as f_distribution
from scipy.stats import norm

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.grading.variogram import Variogram, fit_variogram

FloatArray = npt.NDArray[np.float64]

OTHER = "other"
"""What stands for items that have no model of their own."""

_DF = (2.0, 200.0)


@dataclass(frozen=True, slots=True)
class Variability:
    """How one item varies within a section's period, and between sections.

    Parameters
    ----------
    variogram
        Semivariogram of its logs, in units of the section's variance.
    variance, df
        Typical log variance of a section, and how alike sections are in it (degrees of freedom).
    misfit
        Standard error of the log mean by the shape, per unit of log variance.
    floor
        Least value that a log is taken of, in canonical units (of pH, in mol/L of hydrogen ions).
    """

    variogram: Variogram
    variance: float
    df: float
    misfit: float
    floor: float


def floor_of(code: str) -> float:
    """Least value that a log is taken of: half the usual detection limit.

    Examples
    --------
    >>> floor_of("TP")
    0.005
    """
    known = rules.load("class_probability")["floor"]
    return float(known.get(code, known[OTHER]))


@cache
def shipped() -> Mapping[str, Variability]:
    """The values that the package brings, by item; `OTHER` for the rest."""
    return {
        code: Variability(
            Variogram(one["nugget"], tuple(one["parts"]), one["season"]),
            one["variance"],
            one["df"],
            one["misfit"],
            floor_of(code),
        )
        for code, one in rules.load("class_probability")["item"].items()
    }


def amount(code: str, value: npt.ArrayLike) -> FloatArray:
    """Values as they are averaged: hydrogen ions for pH.

    Examples
    --------
    >>> amount("PH", [7.0]).tolist(), amount("TP", [0.1]).tolist()
    ([1e-07], [0.1])
    """
    values = np.asarray(value, np.float64)
    return 10.0**-values if code == "PH" else values


def fit_variability(
    samples: pd.DataFrame, items: Sequence[str], *, least_days: int = 200
) -> dict[str, Variability]:
    """Fit how items vary to sections with many days in one period.

    Parameters
    ----------
    samples
        Table `station, time, parameter, value` of one period, such as a year of daily values.
    items
        Codes.
    least_days
        Days that a section must have to be used.

    Returns
    -------
    dict
        By item. The variance's scale and degrees of freedom come from the quartiles of the log variances,
        which some sections with constant or floored values do not upset, as they do the moments.

    Raises
    ------
    ArgumentError
        If fewer than ten sections have so many days of an item.
    """
    table = pd.DataFrame(
        {
            "parameter": samples["parameter"],
            "station": samples["station"],
            "day": (samples["time"] - samples["time"].min()).dt.days,
            "value": samples["value"],
        }
    )
    found = {}
    for code in items:
        floor = floor_of(code)
        own = table[table["parameter"] == code]
        own = own.assign(value=np.maximum(amount(code, own["value"]), floor))
        daily = own.groupby(["station", "day"])["value"].mean().reset_index()
        series = [
            (one["day"].to_numpy(), np.log(one["value"].to_numpy()))
            for _, one in daily.groupby("station")
            if len(one) >= least_days
        ]
        if len(series) < 10:
            raise ArgumentError(
                f"{len(series)} sections have {least_days} days of {code}",
                argument="samples",
                valid="ten or more",
            )
        found[code] = _fitted(series, floor)
    return found


def _fitted(series: list[tuple[npt.NDArray[np.int64], FloatArray]], floor: float) -> Variability:
    variogram = fit_variogram(series)
    spread = np.array([np.var(log) for _, log in series])
    used = spread > 0
    middle = np.log(np.quantile(spread[used], [0.25, 0.5, 0.75]))
    n = float(np.mean([len(day) for day, _ in series]))

    def reach(df: float) -> float:
        low, high = (float(f_distribution.ppf(share, n, df)) for share in (0.25, 0.75))
        return float(np.log(high / low) - (middle[2] - middle[0]))

    df = _DF[0] if reach(_DF[0]) < 0 else _DF[1] if reach(_DF[1]) > 0 else float(brentq(reach, *_DF))
    variance = float(np.exp(middle[1]) / f_distribution.ppf(0.5, n, df))
    gap = np.array([np.log(np.mean(np.exp(log))) - np.mean(log) for _, log in series])[used]
    # By the median, as a few sections with one spike would else widen all the others.
    misfit = float(np.median(np.abs(gap - spread[used] / 2) / spread[used]) / norm.ppf(0.75))
    return Variability(variogram, variance, df, misfit, floor)
