"""A step in logs with non-detects, season and covariates, whose noise remembers its past."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from wqstudy.errors import ArgumentError
from wqstudy.results import StepTest
from wqstudy.stats.censored_regression import fit_tobit
from wqstudy.stats.checks import BoolArray, FloatArray, IntArray, aligned, flags, vector
from wqstudy.stats.inputs import check_level

GRID = np.linspace(0.0, 0.95, 96)
"""Correlations of neighbours that are tried."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


def tobit_step(
    values: npt.ArrayLike,
    censored: npt.ArrayLike,
    time: npt.ArrayLike,
    after: npt.ArrayLike,
    covariates: npt.ArrayLike | None = None,
    *,
    period: float = 12.0,
    harmonics: int = 2,
    level: float = 0.95,
    resamples: int = 199,
    rng: np.random.Generator | int = 0,
) -> StepTest:
    """Mean log after minus mean log before by censored regression, with AR(1) noise allowed for.

    Season (waves of a year) and covariates (log flow, say) are fitted beside the step by maximum likelihood
    as if values were independent, which leaves the step unbiased; the correlation of neighbours by the
    likelihood of neighbouring pairs, non-detects in it by their probability. Interval and p come from series
    simulated with that correlation, hidden below the same limits and fitted likewise: the bootstrap of the
    step divided by its standard error (Hall 1988). A detected value's own limit is taken to be that of
    the non-detect nearest in time.

    Parameters
    ----------
    values
        Concentrations and limits, above zero. Shape (n,).
    censored
        True where the value is a limit. Shape (n,).
    time
        Times in units of which `period` make a year, increasing. Shape (n,).
    after
        True in the span after. Shape (n,).
    covariates
        Shape (n,) or (n, k); None means none.
    period, harmonics
        Length of the year in units of `time`, and how many waves the season has; 0 means no season.
    level
        Of the interval.
    resamples
        Number of simulated series.
    rng
        Generator or seed.

    Returns
    -------
    StepTest
        In natural logs. `statistic` is the correlation of values one commonest spacing apart; `z` is the
        normal score of p, which cannot be smaller than ``1/(resamples + 1)``. nan with a note where the
        likelihood has no maximum.

    Raises
    ------
    ArgumentError
        If shapes differ, a value is not finite or not above zero, or times do not increase.

    References
    ----------
    Tobin J. (1958) Econometrica 26. Hall P. (1988) Ann. Stat. 16. Varin C., Reid N., Firth D. (2011)
    Statistica Sinica 21 (likelihood of pairs).

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> time = np.arange(96)
    >>> y = np.exp(0.5 * np.sin(time * np.pi / 6) + 0.4 * rng.standard_normal(96) - 0.7 * (time >= 48))
    >>> step = tobit_step(np.maximum(y, 0.6), y < 0.6, time, time >= 48, resamples=99)
    >>> round(step.value, 2), step.low < -0.7 < step.high, step.p_value
    (-0.65, True, 0.01)
    """
    x = vector(values, "values", 8)
    if not (x > 0).all():
        raise ArgumentError(f"the least is {x.min():g}", argument="values", valid="numbers above zero")
    n = x.size
    hidden, later = flags(censored, "censored", n), flags(after, "after", n)
    times = aligned(time, "time", n)
    check_level(level)
    if not (np.diff(times) > 0).all():
        raise ArgumentError("times do not increase", argument="time", mend="sort, one value a time")
    y = np.log(x)
    design = _design(times, later, covariates, period, harmonics)
    fit = fit_tobit(y, hidden, design)
    method = "Tobit step"
    if fit is None:
        note = ("not estimable: too few detected values, or none that tell a span or season",)
        return StepTest(np.nan, np.nan, np.nan, 0.0, 1.0, n, level, np.nan, method, note)
    at = 1
    value, error = float(fit.coefficients[at]), float(np.sqrt(fit.covariance[at, at]))
    gap = np.diff(times)
    spacings, counts = np.unique(gap.round(6), return_counts=True)
    spacing = float(spacings[np.argmax(counts)])
    deviate = (y - design @ fit.coefficients) / fit.sd
    pairs = np.flatnonzero(np.isclose(gap, spacing))
    raw = neighbour_correlation(deviate[pairs], hidden[pairs], deviate[pairs + 1], hidden[pairs + 1])
    phi = _without_bias(raw, design, times / spacing, pairs)
    limit = _limits(y, hidden, times)
    source = np.random.default_rng(rng)
    mean = design @ fit.coefficients
    ratios = []
    # What is not known of phi is part of the doubt: every series has its own.
    own = phi + np.sqrt((1 - phi**2) / max(pairs.size, 1)) * source.standard_normal(resamples)
    for noise in _ar1(source, gap / spacing, np.clip(own, 0.0, GRID[-1])):
        drawn = mean + fit.sd * noise
        below = drawn < limit
        again = fit_tobit(np.where(below, limit, drawn), below, design)
        if again is not None:
            ratios.append((again.coefficients[at] - value) / np.sqrt(again.covariance[at, at]))
    ratio = np.sort(ratios)
    notes: tuple[str, ...] = ()
    if ratio.size < resamples:
        notes = (f"{resamples - ratio.size} of {resamples} simulated series could not be fitted",)
    if ratio.size < resamples / 2:
        return StepTest(value, np.nan, np.nan, 0.0, 1.0, n, level, phi, method, notes)
    upper, lower = np.quantile(ratio, [(1 + level) / 2, (1 - level) / 2]).tolist()
    p_value = float((1 + (np.abs(ratio) >= abs(value / error)).sum()) / (ratio.size + 1))
    z = float(np.copysign(stats.norm.isf(p_value / 2), value))
    return StepTest(
        value, value - upper * error, value - lower * error, z, p_value, n, level, phi, method, notes
    )


def _design(
    time: FloatArray, after: BoolArray, covariates: npt.ArrayLike | None, period: float, harmonics: int
) -> FloatArray:
    """Intercept, step, waves of the year, covariates."""
    columns = [np.ones(time.size), after.astype(float)]
    for wave in range(1, harmonics + 1):
        angle = 2 * np.pi * wave * time / period
        columns += [np.cos(angle), np.sin(angle)]
    if covariates is not None:
        table = np.asarray(covariates, dtype=np.float64)
        table = table[:, None] if table.ndim == 1 else table
        columns += [aligned(column, "covariates", time.size) for column in table.T]
    return np.column_stack(columns)


def _limits(y: FloatArray, hidden: BoolArray, time: FloatArray) -> FloatArray:
    """Every value's limit: its own, or that of the non-detect nearest in time; none if nothing is hidden."""
    if not hidden.any():
        return np.full(y.size, -np.inf)
    known = np.flatnonzero(hidden)
    nearest = known[np.abs(time[:, None] - time[known]).argmin(axis=1)]
    return np.where(hidden, y, np.minimum(y[nearest], y))


def neighbour_correlation(
    first: FloatArray, first_hidden: BoolArray, second: FloatArray, second_hidden: BoolArray
) -> float:
    """Correlation of pairs of standard normal values, some only known to lie below a limit.

    Parameters
    ----------
    first, second
        Values or limits, shape (pairs,).
    first_hidden, second_hidden
        True where the value is a limit. Shape (pairs,).

    Returns
    -------
    float
        The one of `GRID` that makes the pairs most likely; 0 without pairs.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a = rng.standard_normal(4000)
    >>> b = 0.6 * a + 0.8 * rng.standard_normal(4000)
    >>> low = -0.3
    >>> round(neighbour_correlation(np.maximum(a, low), a < low, np.maximum(b, low), b < low), 1)
    0.6
    """
    if not first.size:
        return 0.0
    r = GRID[:, None]
    rest = np.sqrt(1 - r**2)
    # One of the two seen: its density drops out, what is left is the other given it.
    total = np.zeros(GRID.size)
    for seen, other, which in (
        (first, second, ~first_hidden & ~second_hidden),
        (first, second, ~first_hidden & second_hidden),
        (second, first, first_hidden & ~second_hidden),
    ):
        z = (other[which] - r * seen[which]) / rest
        both = not (first_hidden & which).any() and not (second_hidden & which).any()
        total += (-0.5 * z**2 - np.log(rest) if both else special.log_ndtr(z)).sum(axis=1)
    neither = first_hidden & second_hidden
    total += np.log(_both_below(first[neither], second[neither])).sum(axis=1)
    return float(GRID[np.argmax(total)])


def _both_below(a: FloatArray, b: FloatArray) -> FloatArray:
    """Probability that two standard normal values lie below a and b, for every correlation of `GRID`.

    Plackett's (1954) integral over the correlation, by its arc sine.
    """
    top = np.arcsin(GRID)[:, None, None]
    angle = top * (1 + _NODES[:, None]) / 2
    power = (a**2 + b**2 - 2 * a * b * np.sin(angle)) / (2 * np.cos(angle) ** 2)
    integral = (top * _WEIGHTS[:, None] / 2 * np.exp(-power)).sum(axis=1)
    together: FloatArray = special.ndtr(a) * special.ndtr(b) + integral / (2 * np.pi)
    return np.maximum(together, np.finfo(float).tiny)


def _without_bias(raw: float, design: FloatArray, time: FloatArray, pairs: IntArray) -> float:
    """The correlation of errors whose residuals are expected to show `raw`.

    Regressors take slow movements out of the residuals; their covariance is that of the errors between two
    projections. The ratio of two sums is expected to be 2 phi/n below the ratio of their expectations
    (Kendall 1954).
    """
    basis = np.linalg.qr(design)[0]
    lag = np.abs(time[:, None] - time)
    shown = []
    for phi in GRID[::5]:
        correlation = phi**lag
        half = correlation - basis @ (basis.T @ correlation)
        left = half - (half @ basis) @ basis.T
        shown.append(left[pairs, pairs + 1].mean() / np.diag(left).mean() if pairs.size else 0.0)
    return float(np.interp(raw * (1 + 2 / time.size), shown, GRID[::5])) if raw > 0 else 0.0


def _ar1(rng: np.random.Generator, gap: FloatArray, phi: FloatArray) -> FloatArray:
    """Stationary AR(1) series of variance 1, one for each `phi`, its spacing the unit of `gap`."""
    series = rng.standard_normal((phi.size, gap.size + 1))
    for i, apart in enumerate(gap, start=1):
        kept = phi**apart
        series[:, i] = kept * series[:, i - 1] + np.sqrt(1 - kept**2) * series[:, i]
    return series
