"""How large a change a design can find: closed forms for a difference of means."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

FloatArray = npt.NDArray[np.float64]


def mean_difference_error(n_before: int, n_after: int, sd: float, phi: float = 0.0, every: int = 1) -> float:
    """Standard error of mean after minus mean before, for AR(1) noise of known size and memory.

    Parameters
    ----------
    n_before, n_after
        Values on either side, without a gap between them.
    sd
        Standard deviation of the noise.
    phi
        Correlation of neighbouring time steps, 0 to below 1.
    every
        Time steps from one value to the next.

    Returns
    -------
    float
        In the unit of `sd`.

    Examples
    --------
    >>> round(mean_difference_error(50, 50, 1.0), 3), round(mean_difference_error(50, 50, 1.0, 0.6), 3)
    (0.2, 0.389)
    """
    weight = np.concatenate([np.full(n_before, -1 / n_before), np.full(n_after, 1 / n_after)])
    lagged = np.correlate(weight, weight, "full")[weight.size - 1 :]
    correlation = phi ** (every * np.arange(weight.size, dtype=float))
    return float(sd * math.sqrt(lagged[0] + 2 * (lagged[1:] @ correlation[1:])))


def power_of_t(change: float, error: float, freedom: float, level: float = 0.95) -> float:
    """Probability that a t interval lies wholly on the side of a true change.

    Parameters
    ----------
    change, error
        True change, and the standard error of its estimate.
    freedom
        Degrees of freedom of the estimated error.
    level
        Of the two-sided interval.

    Notes
    -----
    The noncentral t distribution (Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, ch. 2).

    Examples
    --------
    Half a standard deviation between two groups of 64 (Cohen 1988, table 2.4.1):

    >>> round(power_of_t(0.5, (2 / 64) ** 0.5, 126), 2)
    0.8
    """
    critical = stats.t.ppf((1 + level) / 2, freedom)
    return float(stats.nct.sf(critical, freedom, abs(change) / error))


def detectable_change(error: float, freedom: float, level: float = 0.95, power: float = 0.8) -> float:
    """The smallest true change whose t interval excludes zero with a given probability.

    Parameters
    ----------
    error, freedom, level
        As for `power_of_t`.
    power
        The probability, from half upwards.

    Returns
    -------
    float
        In the unit of `error`, positive.

    Examples
    --------
    >>> round(detectable_change((2 / 64) ** 0.5, 126), 2)
    0.5
    """
    far = error * (stats.t.ppf((1 + level) / 2, freedom) + stats.t.ppf(max(power, 0.999), freedom))
    return float(optimize.brentq(lambda c: power_of_t(c, error, freedom, level) - power, 0.0, 2 * far))


def significant_change(
    n_before: int,
    n_after: int,
    variance_before: float,
    variance_after: float | None = None,
    *,
    level: float = 0.95,
    sides: int = 1,
    lag_one: float = 0.0,
) -> float:
    """The minimum detectable change of watershed projects: the observed change that is just significant.

    It leaves power out: a true change of this size is found every second time. `detectable_change` has it in.

    Parameters
    ----------
    n_before, n_after
        Samples before, and after; those planned where there are none yet.
    variance_before, variance_after
        Mean squared error on either side, beside whatever covariates were taken out; the one before stands
        for both by default.
    level
        1 minus the probability of a false alarm.
    sides
        1 where only a decrease counts, else 2.
    lag_one
        Autocorrelation of neighbouring samples; the standard error is widened by the root of
        ``(1 + r) / (1 - r)``.

    Returns
    -------
    float
        In the unit of the values; for logarithms to base b the change in per cent is
        ``100 (1 - b ** -answer)``.

    Notes
    -----
    Spooner, Dressing and Meals (2011), Minimum detectable change analysis, Tech Notes 7, U.S. Environmental
    Protection Agency: step between two periods.

    Examples
    --------
    Weekly for two years before and two after, mean squared error 0.09 in logs to base ten:

    >>> change = significant_change(104, 104, 0.09)
    >>> round(change, 4), round(100 * (1 - 10 ** -change), 1)
    (0.0687, 14.6)
    """
    after = variance_before if variance_after is None else variance_after
    error = math.sqrt(variance_before / n_before + after / n_after)
    error *= math.sqrt((1 + lag_one) / (1 - lag_one))
    tail = (1 - level) / sides
    return float(stats.t.isf(tail, n_before + n_after - 2) * error)
