"""What tests for trends return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wqstudy.results.base import Result, interval, lines

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Trend(Result):
    """A test for monotone trend by Kendall's S, and the slope where one was estimated.

    Parameters
    ----------
    s
        Kendall's S: pairs that rise less pairs that fall, summed over seasons or sites.
    var_s
        Variance of S if there is no trend, ties allowed for.
    z
        ``(S - sign S) / sqrt(var_s)``.
    p_value
        Two-sided, for "no trend"; nan where nothing can be said, and `notes` say why.
    tau
        Kendall's tau as most programs print it: tau-b for one series, tau-a over seasons and sites.
    tau_a, tau_b
        S over the number of pairs; S over the geometric mean of the pairs untied in value and in time
        (summed over seasons or sites).
    slope, low, high
        Sen's slope in units of the values per unit of time, and its interval. nan where the function
        estimates none.
    level
        Confidence level of the interval.
    n
        Number of values.
    method
        Name of the method, as printed in tables.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> t = Trend(s=6.0, var_s=8.667, z=1.698, p_value=0.0894, tau=1.0, n=4, method="Mann-Kendall")
    >>> print(t)
    S = 6, z = 1.698, p = 0.089, tau = 1
    Mann-Kendall, n = 4
    """

    s: float
    var_s: float
    z: float
    p_value: float
    tau: float = _NAN
    tau_a: float = _NAN
    tau_b: float = _NAN
    slope: float = _NAN
    low: float = _NAN
    high: float = _NAN
    level: float = 0.95
    n: int = 0
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def estimable(self) -> bool:
        """Whether the test says anything at all."""
        return self.p_value == self.p_value

    def __str__(self) -> str:
        first = "cannot tell"
        if self.estimable:
            first = f"S = {self.s:g}, z = {self.z:.4g}, p = {self.p_value:.2g}, tau = {self.tau:.3g}"
        slope = f"slope {self.slope:.4g}  ({interval(self)})" if self.slope == self.slope else ""
        return lines(first, slope, f"{self.method}, n = {self.n}", *self.notes)


@dataclass(frozen=True, slots=True)
class Trends:
    """Kendall's tests of many series, one entry each: the fields of `Trend` as arrays.

    Parameters
    ----------
    s, var_s, z, p_value, tau, slope, low, high
        As in `Trend`, shape (series,); `tau` is tau-a; slopes are nan where none were asked for.
    level
        Confidence level of the interval.
    n
        Number of values of each series.
    method
        Name of the method.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(2)
    >>> Trends(one, one, 0 * one, one, one, one, one, one, 0.95, 5 * one, "Mann-Kendall").p_value
    array([1., 1.])
    """

    s: npt.NDArray[np.float64]
    var_s: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    p_value: npt.NDArray[np.float64]
    tau: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    level: float
    n: npt.NDArray[np.int64]
    method: str = ""


@dataclass(frozen=True, slots=True)
class CensoredTrend(Result):
    """Kendall's test of a trend with non-detects, and the Akritas-Theil-Sen line.

    Parameters
    ----------
    s, var_s, z, p_value
        Kendall's S, its variance under "no trend", the standard normal score with continuity correction
        and the two-sided p.
    tau
        S divided by the number of pairs.
    slope, low, high
        Change of the values a unit of time, and the ends of its interval of probability `level`.
    n, n_censored
        Number of values, and of non-detects among them.
    level
        Confidence level of the interval.
    intercept
        Of the line at time zero: the median of what the slope leaves.
    p_permutation
        p by the exact variance over all orders of the values.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> CensoredTrend(-457, 28056.7, -2.722, 0.0065, -0.234, -0.09, -0.2, -0.03, 63).decided
    True
    """

    s: float
    var_s: float
    z: float
    p_value: float
    tau: float
    slope: float
    low: float
    high: float
    n: int
    n_censored: int = 0
    level: float = 0.95
    intercept: float = float("nan")
    p_permutation: float = float("nan")
    notes: tuple[str, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the interval leaves "no trend" out."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        first = "cannot tell"
        if self.p_value == self.p_value:
            first = f"S = {self.s:g}, z = {self.z:.4g}, p = {self.p_value:.2g}, tau = {self.tau:.3g}"
        slope = f"slope {self.slope:.4g}  ({interval(self)})" if self.slope == self.slope else ""
        return lines(first, slope, f"n = {self.n}, {self.n_censored} non-detects", *self.notes)


@dataclass(frozen=True, slots=True)
class RankCorrelation(Result):
    """Spearman's correlation of values with time.

    Parameters
    ----------
    rho
        Correlation of the ranks.
    z
        ``rho sqrt(n - 1)``.
    p_value
        Two-sided, for "no trend"; nan where nothing can be said, and `notes` say why.
    n
        Number of values.
    method
        Where p comes from.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> RankCorrelation(rho=-0.9, z=-1.8, p_value=0.083, n=5).p_value
    0.083
    """

    rho: float
    z: float
    p_value: float
    n: int = 0
    method: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = "cannot tell"
        if self.p_value == self.p_value:
            first = f"rho = {self.rho:.3g}, z = {self.z:.4g}, p = {self.p_value:.2g}"
        return lines(first, f"{self.method}, n = {self.n}", *self.notes)


@dataclass(frozen=True, slots=True)
class Heterogeneity(Result):
    """Whether trends differ between groups, by chi-square.

    Parameters
    ----------
    chi_square, freedom, p_value
        Statistic, degrees of freedom and p for "the trend is the same in all groups".
    trend_chi_square, trend_p_value
        Statistic (one degree of freedom) and p for "no common trend", to be read only where the groups
        agree.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> Heterogeneity(11.3, 11, 0.42, 8.2, 0.004).freedom
    11
    """

    chi_square: float
    freedom: int
    p_value: float
    trend_chi_square: float = _NAN
    trend_p_value: float = _NAN
    method: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = f"chi-square {self.chi_square:.4g}, {self.freedom} degrees of freedom, p = {self.p_value:.2g}"
        return lines(first, self.method, *self.notes)


@dataclass(frozen=True, slots=True)
class Direction(Result):
    """How sure the direction of a trend is, without asking whether it is significant.

    Parameters
    ----------
    direction
        ``falling``, ``rising`` or ``neither``; "cannot tell" where the trend has no p.
    confidence
        That the direction is right, 0.5 to 1.
    falling
        Confidence that the trend falls, 0 to 1.
    likelihood
        Words for "it falls" on the scale of the IPCC.

    Examples
    --------
    >>> Direction("falling", 0.97, 0.97, "extremely likely").likelihood
    'extremely likely'
    """

    direction: str
    confidence: float
    falling: float
    likelihood: str

    def __str__(self) -> str:
        return f"{self.direction}, that it falls: {self.likelihood}"
