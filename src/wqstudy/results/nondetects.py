"""Summaries of samples with non-detects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from wqstudy.results.base import Result, interval, lines


@dataclass(frozen=True, slots=True, kw_only=True)
class NondetectSummary(Result):
    """Mean, spread and quantiles of a sample some of whose values are only known to lie below a limit.

    Parameters
    ----------
    mean, sd, median
        In the unit of the values; nan where nothing can be said.
    low, high, level
        Confidence interval of the mean and its level; nan where the method was not asked for one.
    n, n_censored
        Number of values, and of non-detects among them.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> NondetectSummary(n=10, n_censored=9, notes=("not estimable",)).estimable
    False
    """

    mean: float = float("nan")
    sd: float = float("nan")
    median: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    level: float = 0.95
    n: int = 0
    n_censored: int = 0
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def estimable(self) -> bool:
        """Whether there is a number at all."""
        return self.mean == self.mean

    def __str__(self) -> str:
        first = "not estimable"
        if self.estimable:
            first = f"mean {self.mean:.4g}, sd {self.sd:.4g}, median {self.median:.4g}"
        mean = f"mean  ({interval(self)})" if self.low == self.low else ""
        second = f"{self.method}, n = {self.n}, {self.n_censored} non-detects"
        return lines(first, mean, second, *self.notes)

    def quantile(self, q: float) -> float:
        """The value below which a share q of the population lies; nan where nothing can be said."""
        del q
        return float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosSummary(NondetectSummary):
    """Summary by regression on order statistics.

    Parameters
    ----------
    modelled
        The values, non-detects replaced, in increasing order of value or limit.
    intercept, slope
        Line of log value against normal quantile: mean and standard deviation of the logs.

    Examples
    --------
    >>> RosSummary(mean=2.0, modelled=(1.0, 2.0, 3.0)).quantile(0.25)
    1.5
    """

    modelled: tuple[float, ...] = ()
    intercept: float = float("nan")
    slope: float = float("nan")

    def quantile(self, q: float) -> float:
        """Of the modelled values, interpolated between neighbours (type 7 of Hyndman and Fan 1996)."""
        return float(np.quantile(self.modelled, q)) if self.modelled else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeierSummary(NondetectSummary):
    """Summary by the Kaplan-Meier estimate of the distribution.

    Parameters
    ----------
    points
        Detected values in increasing order.
    probabilities
        Estimated probability of a value at or below each point.
    below
        Probability of a value below the first point, of which nothing more is known.
    se_mean
        Standard error of the mean (Greenwood).

    Examples
    --------
    >>> KaplanMeierSummary(mean=2.0, points=(1.0, 2.0, 3.0), probabilities=(1 / 3, 2 / 3, 1.0)).quantile(0.5)
    2.0
    """

    points: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()
    below: float = 0.0
    se_mean: float = float("nan")

    def quantile(self, q: float) -> float:
        """The smallest point with probability q or more at or below it; nan within the mass `below`."""
        if not self.points or q <= self.below:
            return float("nan")
        at = int(np.searchsorted(self.probabilities, q - 1e-12))
        return self.points[min(at, len(self.points) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalSummary(NondetectSummary):
    """Summary by the lognormal distribution that fits best.

    Parameters
    ----------
    mean_log, sd_log
        Maximum likelihood estimates of mean and standard deviation of the logs.
    mean_corrected
        The mean with its bias taken out (Finney 1941).
    log_likelihood
        Of the values, not of their logs.

    Examples
    --------
    >>> round(LognormalSummary(mean=1.65, mean_log=0.0, sd_log=1.0).quantile(0.975), 3)
    7.099
    """

    mean_log: float = float("nan")
    sd_log: float = float("nan")
    mean_corrected: float = float("nan")
    log_likelihood: float = float("nan")

    def quantile(self, q: float) -> float:
        """exp(mean_log + z sd_log), z the standard normal quantile."""
        return float(np.exp(self.mean_log + self.sd_log * special.ndtri(q)))
