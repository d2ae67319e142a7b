"""The frozen results of inferences: numbers, and what a careful reader must know about them."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its doubt.

    Parameters
    ----------
    value
        The estimate, in `unit`; nan where nothing can be said.
    low, high
        Ends of the confidence interval of probability `level`.
    level
        Confidence level of the interval, between 0 and 1.
    p_value
        Two-sided, for "no change".
    unit
        Unit of `value`, `low` and `high`.
    method
        Name of the method, as printed in tables.
    n
        Number of values the estimate rests on.
    n_censored
        How many of the observations behind them are non-detects (or above range).
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> e = Estimate(-0.5, -0.8, -0.2, p_value=0.002, unit="log", method="step", n=72)
    >>> print(e)
    -0.5 log  (95 % interval -0.8 to -0.2, p = 0.002)
    step, n = 72
    >>> e.decided
    True
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    p_value: float = float("nan")
    unit: str = ""
    method: str = ""
    n: int = 0
    n_censored: int = 0
    notes: tuple[str, ...] = ()

    @property
    def estimable(self) -> bool:
        """Whether there is a number at all."""
        return self.value == self.value

    @property
    def decided(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.estimable:
            first = "not estimable"
        else:
            first = (
                f"{self.value:.4g} {self.unit}".rstrip()
                + f"  ({100 * self.level:g} %"
                + f" interval {self.low:.4g} to {self.high:.4g}, p = {self.p_value:.2g})"
            )
        second = f"{self.method}, n = {self.n}"
        if self.n_censored:
            second += f", {self.n_censored} non-detects"
        return "\n".join([first, second, *self.notes])

    def _repr_html_(self) -> str:
        lines = [html.escape(line) for line in str(self).splitlines()]
        return f"<p><b>{lines[0]}</b><br>{'<br>'.join(lines[1:])}</p>"


_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Trend:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)

    def __str__(self) -> str:
        if self.estimable:
            first = f"S = {self.s:g}, z = {self.z:.4g}, p = {self.p_value:.2g}, tau = {self.tau:.3g}"
        else:
            first = "cannot tell"
        lines = [first]
        if self.slope == self.slope:
            lines.append(
                f"slope {self.slope:.4g}  ({100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g})"
            )
        return "\n".join([*lines, f"{self.method}, n = {self.n}", *self.notes])

    def _repr_html_(self) -> str:
        lines = [html.escape(line) for line in str(self).splitlines()]
        return f"<p><b>{lines[0]}</b><br>{'<br>'.join(lines[1:])}</p>"


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
class RankCorrelation:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Heterogeneity:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Direction:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StepTest:
    """A test of "no change" between two samples, with the change itself: after minus before.

    Parameters
    ----------
    value, low, high
        The change and the ends of its confidence interval of probability `level`, in the unit of the
        values; nan where nothing can be said, infinite where an end is open.
    z
        Standard normal score of the test, positive where values rose.
    p_value
        Two-sided.
    n
        Number of values (of pairs, where values are paired).
    level
        Confidence level of the interval, between 0 and 1.
    statistic
        What the test counts; the function says what.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> StepTest(-0.5, -0.8, -0.2, z=-2.4, p_value=0.0164, n=24).decided
    True
    """

    value: float
    low: float
    high: float
    z: float
    p_value: float
    n: int
    level: float = 0.95
    statistic: float = float("nan")
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class NondetectSummary:
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


@dataclass(frozen=True, slots=True)
class CensoredTrend:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A test for one sudden change somewhere in a series.

    Parameters
    ----------
    statistic
        What the test takes the maximum of; the function says what.
    p_value
        For values that are independent of one another.
    index
        Number of values before the change, which is the position, from 0, of the first value after it; 0
        where nothing changes.
    low, high
        Ends of the interval of `index` of probability `level`.
    n
        Number of values.
    level
        Of the interval.
    p_serial
        p for values of which each remembers the one before, with correlation `phi`.
    phi
        Correlation of neighbours, the change taken out.
    seed
        What the random numbers were made from; None where a generator was handed in.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> ChangePoint(367.0, 0.0035, 25, 21, 29, 50, p_serial=0.01).to_dict()["index"]
    25
    """

    statistic: float
    p_value: float
    index: int
    low: float
    high: float
    n: int
    level: float = 0.95
    p_serial: float = float("nan")
    phi: float = float("nan")
    seed: int | None = None
    method: str = ""
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)
