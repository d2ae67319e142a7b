"""Means, spreads and quantiles of samples with non-detects: Kaplan-Meier, ROS, lognormal likelihood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import KaplanMeierSummary, LognormalSummary, RosSummary
from wqstudy.stats.censored_regression import fit_tobit
from wqstudy.stats.checks import BoolArray, FloatArray, flags, vector
from wqstudy.stats.inputs import check_level

MOST_CENSORED = 0.8
"""With a larger share of non-detects nothing is estimated (Helsel 2012, chapter 6)."""

TOO_MANY = "not estimable: more than 80 % non-detects"
TOO_FEW = "not estimable: fewer than two different detected values"


def kaplan_meier(values: npt.ArrayLike, censored: npt.ArrayLike, level: float = 0.95) -> KaplanMeierSummary:
    """Distribution without a shape: the Kaplan-Meier estimate for values below limits.

    From the largest value downwards, each detected value v takes the share d/r of the mass that is left,
    d the number detected at v and r the number of values and limits at or below v; a limit equal to a
    detected value lies below it. Mass that is left below the lowest detected value is put on that value
    for mean and sd (Efron 1967), which makes the mean too large: the note says by how much at most.

    Parameters
    ----------
    values
        Detected values and limits, shape (n,).
    censored
        True where the value is a limit. Shape (n,).
    level
        Of the interval of the mean, ``mean -+ t(n-1) se``, the se by Greenwood's formula times
        ``(d/(d-1))**0.5``, d the number of detected values.

    Returns
    -------
    KaplanMeierSummary
        `mean` and `sd` are those of the estimated distribution. `median` and quantiles are nan within the
        mass below the lowest detected value.

    Raises
    ------
    ArgumentError
        If shapes differ or a value is not finite.

    References
    ----------
    Helsel D. R. (2012) Statistics for Censored Environmental Data, 2nd ed., chapter 6.

    Examples
    --------
    >>> summary = kaplan_meier([0.5, 0.5, 0.7, 1.2, 2.0], [True, False, False, False, False])
    >>> round(summary.mean, 3), summary.median, summary.quantile(0.1)
    (0.98, 0.7, nan)
    """
    x, hidden = _sample(values, censored, level)
    empty = KaplanMeierSummary(n=x.size, n_censored=int(hidden.sum()), level=level, method="Kaplan-Meier")
    if hidden.mean() > MOST_CENSORED:
        return replace(empty, notes=(TOO_MANY,))
    point, detected = np.unique(x[~hidden], return_counts=True)
    # At risk at a detected value: all values and limits at or below it.
    risk = np.searchsorted(np.sort(x), point, "right")
    below = np.cumprod((1 - detected / risk)[::-1])[::-1]
    at_or_below = np.append(below[1:], 1.0)
    mass = np.diff(at_or_below, prepend=0.0)
    mean = float(mass @ point)
    # Greenwood: for each detected value, the area under the distribution from the lowest up to it.
    area = np.append(0.0, np.cumsum(np.diff(point) * at_or_below[:-1]))
    more = area > 0
    variance = float(np.sum(area[more] ** 2 * (detected / (risk * (risk - detected + ~more)))[more]))
    seen = int(detected.sum())
    se = float(np.sqrt(variance * seen / (seen - 1))) if seen > 1 else float("nan")
    reach = float(stats.t.isf((1 - level) / 2, max(x.size - 1, 1))) * se
    notes: tuple[str, ...] = ()
    if below[0] > 0:
        share, excess = 100 * below[0], below[0] * point[0]
        notes = (
            f"{share:.2g} % lies below the lowest detected value: the mean is up to {excess:.3g} too large",
        )
    summary = replace(
        empty,
        mean=mean,
        sd=float(np.sqrt(mass @ (point - mean) ** 2)),
        low=mean - reach,
        high=mean + reach,
        points=tuple(point.tolist()),
        probabilities=tuple(at_or_below.tolist()),
        below=float(below[0]),
        se_mean=se,
        notes=notes,
    )
    return replace(summary, median=summary.quantile(0.5))


def ros(
    values: npt.ArrayLike,
    censored: npt.ArrayLike,
    level: float = 0.95,
    *,
    rng: np.random.Generator | int | None = None,
    resamples: int = 1000,
) -> RosSummary:
    """Robust regression on order statistics (Helsel and Cohn 1988), several limits allowed.

    Logs of detected values are fitted to normal quantiles of their plotting positions (Hirsch and
    Stedinger 1987); non-detects take the values that the line has at theirs; detected values stay.

    Parameters
    ----------
    values
        Detected values and limits, above zero. Shape (n,).
    censored
        True where the value is a limit. Shape (n,).
    level
        Of the interval of the mean.
    rng
        If given, the interval is made from `resamples` samples drawn anew from the pairs of value and
        mark (percentiles; Efron 1979); too short for small samples of a skewed distribution.
    resamples
        Number of samples drawn.

    Returns
    -------
    RosSummary
        Mean, sd (n - 1), median and quantiles of detected and modelled values together.

    Raises
    ------
    ArgumentError
        If shapes differ or a value is not finite or not above zero.

    References
    ----------
    Helsel D. R., Cohn T. A. (1988) Water Resour. Res. 24. Hirsch R. M., Stedinger J. R. (1987) Water
    Resour. Res. 23, eq. 4-6.

    Examples
    --------
    >>> summary = ros([0.5, 0.5, 0.7, 1.2, 2.0], [True, False, False, False, False])
    >>> round(summary.mean, 4), round(summary.modelled[0], 4)
    (0.9169, 0.1843)
    """
    x, hidden = _sample(values, censored, level)
    _above_zero(x)
    empty = RosSummary(n=x.size, n_censored=int(hidden.sum()), level=level, method="ROS")
    if hidden.mean() > MOST_CENSORED:
        return replace(empty, notes=(TOO_MANY,))
    if np.unique(x[~hidden]).size < 2:
        return replace(empty, notes=(TOO_FEW,))
    modelled, intercept, slope = _modelled(x, hidden)
    low = high = float("nan")
    if rng is not None:
        source = np.random.default_rng(rng)
        means = []
        for _ in range(resamples):
            pick = source.integers(x.size, size=x.size)
            if np.unique(x[pick][~hidden[pick]]).size > 1:
                means.append(_modelled(x[pick], hidden[pick])[0].mean())
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return replace(
        empty,
        mean=float(modelled.mean()),
        sd=float(modelled.std(ddof=1)),
        median=float(np.median(modelled)),
        low=low,
        high=high,
        modelled=tuple(modelled.tolist()),
        intercept=intercept,
        slope=slope,
    )


def lognormal_mle(values: npt.ArrayLike, censored: npt.ArrayLike, level: float = 0.95) -> LognormalSummary:
    """The lognormal distribution that fits best, non-detects by their probability (Cohen 1959).

    Parameters
    ----------
    values
        Detected values and limits, above zero. Shape (n,).
    censored
        True where the value is a limit. Shape (n,).
    level
        Of the interval of the mean: that of ``mean_log + sd_log**2 / 2`` by the observed information, in
        logs (Cox's method).

    Returns
    -------
    LognormalSummary
        `mean` and `sd` are those of the fitted distribution, the maximum likelihood estimates; a sum is n
        times the mean. `mean_corrected` is Finney's (1941) series, unbiased where nothing is censored.

    Raises
    ------
    ArgumentError
        If shapes differ or a value is not finite or not above zero.

    References
    ----------
    Cohen A. C. (1959) Technometrics 1. Finney D. J. (1941) J. R. Stat. Soc. Suppl. 7. Helsel D. R. (2012)
    Statistics for Censored Environmental Data, 2nd ed., chapter 6.

    Examples
    --------
    >>> summary = lognormal_mle([0.5, 0.5, 0.7, 1.2, 2.0], [True, False, False, False, False])
    >>> round(summary.mean, 3), round(summary.median, 3), round(summary.sd_log, 3)
    (0.957, 0.779, 0.642)
    """
    x, hidden = _sample(values, censored, level)
    _above_zero(x)
    empty = LognormalSummary(n=x.size, n_censored=int(hidden.sum()), level=level, method="lognormal MLE")
    if hidden.mean() > MOST_CENSORED:
        return replace(empty, notes=(TOO_MANY,))
    fit = fit_tobit(np.log(x), hidden, np.ones((x.size, 1))) if np.unique(x[~hidden]).size > 1 else None
    if fit is None:
        return replace(empty, notes=(TOO_FEW,))
    centre, spread = float(fit.coefficients[0]), fit.sd
    toward = np.array([1.0, spread])
    reach = float(stats.norm.isf((1 - level) / 2) * np.sqrt(toward @ fit.covariance @ toward))
    log_mean = centre + spread**2 / 2
    mean = float(np.exp(log_mean))
    free = x.size - 1
    # Finney's function takes the variance with n - 1.
    corrected = float(np.exp(centre) * finney(free, spread**2 * x.size / free / 2))
    return replace(
        empty,
        mean=mean,
        sd=mean * float(np.sqrt(np.expm1(spread**2))),
        median=float(np.exp(centre)),
        low=float(np.exp(log_mean - reach)),
        high=float(np.exp(log_mean + reach)),
        mean_log=centre,
        sd_log=spread,
        mean_corrected=corrected,
        log_likelihood=fit.log_likelihood - float(np.log(x[~hidden]).sum()),
    )


def finney(m: int, t: float) -> float:
    """Finney's function g: the unbiased factor from the median to the mean of a lognormal sample.

    Parameters
    ----------
    m
        Degrees of freedom of the variance of the logs.
    t
        Half that variance.

    Returns
    -------
    float

    Examples
    --------
    >>> round(finney(1_000_000, 0.5), 3)
    1.649
    """
    argument = m**2 * t / (2 * (m + 1))
    return float(special.hyp0f1(m / 2, argument))


def plotting_positions(x: FloatArray, hidden: BoolArray) -> FloatArray:
    """Probability at or below each value of a sample with several limits.

    Parameters
    ----------
    x
        Values and limits in increasing order. Shape (n,).
    hidden
        True where the value is a limit. Shape (n,).

    Returns
    -------
    ndarray
        Shape (n,). Between two limits the probability that the sample gives is shared out evenly (Weibull
        positions), below a limit likewise.

    References
    ----------
    Hirsch R. M., Stedinger J. R. (1987) Water Resour. Res. 23, eq. 4-6. Helsel D. R., Cohn T. A. (1988).

    Examples
    --------
    >>> plotting_positions(np.array([1.0, 1.0, 3.0]), np.array([True, False, False])).round(3)
    array([0.167, 0.556, 0.778])
    """
    limit = np.unique(x[hidden])
    seen = x[~hidden]
    band = np.searchsorted(limit, seen, "right")
    in_band = np.bincount(band, minlength=limit.size + 1)
    # Below each limit: all values and limits at or below it, but for detected values equal to it.
    beneath = np.searchsorted(x, limit, "right") - (
        np.searchsorted(seen, limit, "right") - np.searchsorted(seen, limit, "left")
    )
    exceed = np.zeros(limit.size + 2)
    exceed[0] = 1.0
    for j in range(limit.size, 0, -1):
        above = in_band[j] + beneath[j - 1]
        exceed[j] = exceed[j + 1] + in_band[j] / above * (1 - exceed[j + 1])
    rank = 1 + np.arange(seen.size) - np.searchsorted(band, band, "left")
    position = np.empty(x.size)
    position[~hidden] = 1 - exceed[band] + (exceed[band] - exceed[band + 1]) * rank / (in_band[band] + 1)
    lower = x[hidden]
    group = np.searchsorted(limit, lower)
    rank = 1 + np.arange(lower.size) - np.searchsorted(group, group, "left")
    size = np.bincount(group, minlength=limit.size)
    position[hidden] = (1 - exceed[group + 1]) * rank / (size[group] + 1)
    return position


def _modelled(x: FloatArray, hidden: BoolArray) -> tuple[FloatArray, float, float]:
    order = np.argsort(x, kind="stable")
    x, hidden = x[order], hidden[order]
    deviate = special.ndtri(plotting_positions(x, hidden))
    at, log = deviate[~hidden], np.log(x[~hidden])
    slope = float((at - at.mean()) @ log / np.sum((at - at.mean()) ** 2))
    intercept = float(log.mean() - slope * at.mean())
    modelled = x.copy()
    modelled[hidden] = np.exp(intercept + slope * deviate[hidden])
    return modelled, intercept, slope


def _sample(values: npt.ArrayLike, censored: npt.ArrayLike, level: float) -> tuple[FloatArray, BoolArray]:
    x = vector(values, "values")
    check_level(level)
    return x, flags(censored, "censored", x.size)


def _above_zero(x: FloatArray) -> None:
    if not (x > 0).all():
        raise ArgumentError(f"the least is {x.min():g}", argument="values", valid="numbers above zero")
