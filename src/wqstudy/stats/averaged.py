"""Before against after, and slope, where the noise has a memory of unknown kind: averaged over kinds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wqstudy.results import Estimate
from wqstudy.stats import noise
from wqstudy.stats.mixture import Answers, mixed, normal
from wqstudy.stats.step import beside_season
from wqstudy.stats.whitened import Design

FloatArray = npt.NDArray[np.float64]

UNITS = {"step": "log", "jump": "log", "trend": "log/year"}
"""What can be estimated, and its unit."""

CALIBRATED_FROM = 36
"""Months from which on both tests were held to their size by simulation (benchmarks/default_test_size.py)."""


def averaged_step(
    y: FloatArray,
    time: npt.NDArray[np.int64],
    after: npt.NDArray[np.bool_],
    period: int = 12,
    level: float = 0.95,
) -> Estimate:
    """Mean after minus mean before, season removed, whatever kind of memory the noise has.

    The estimate is that of least squares beside one effect a season. Its standard error is worked out
    under every noise model of a grid (`wqstudy.stats.noise`), the variance of the noise from generalised
    least squares; the answer is the mixture of the t distributions, weighted by prior and restricted
    likelihood (Harville 1974, Biometrika 61), in which coefficients and variance are integrated out
    exactly. No noise model is picked, so that not knowing it is part of the interval.

    A change that builds up, or a decline inside the windows, is part of the difference of means, and
    looks like slow noise: the interval widens, the estimate stays where it is. `averaged_jump` does not
    have this property.

    Parameters
    ----------
    y
        One series, shape (n,), or draws of it, shape (draws, n): the answer is then the equal mixture of
        the draws' mixtures.
    time
        Index of the month of each value, increasing, gaps allowed. A month may be there twice: its
        second value counts as half a month later. Shape (n,).
    after
        True where a value belongs to the span after. Shape (n,).
    period
        Number of seasons; a value belongs to season ``time % period``.
    level
        Of the interval.

    Returns
    -------
    Estimate
        In the unit of `y`. nan with a note where there are too few values to estimate anything; a note
        below `CALIBRATED_FROM` months.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> time = np.arange(96)
    >>> y = np.sin(time * np.pi / 6) + 0.3 * rng.standard_normal(96) - 1.0 * (time >= 48)
    >>> print(averaged_step(y, time, time >= 48))
    -0.9712 log  (95 % interval -1.142 to -0.8005, p = 2e-05)
    averaged-step, n = 96
    """
    return _estimate("step", y, time, after, period, level)


def averaged_jump(
    y: FloatArray,
    time: npt.NDArray[np.int64],
    after: npt.NDArray[np.bool_],
    period: int = 12,
    level: float = 0.95,
) -> Estimate:
    """Sudden change of level between the spans, by generalised least squares under every noise model.

    As `averaged_step`, but each model has its own estimate, the efficient one if nothing but its noise
    and one sudden step is there. Where the model remembers long, that is the change at the seam: what
    builds up later counts as noise and is not in the estimate. Narrower than `averaged_step`, and biased
    where the change is gradual.

    Parameters
    ----------
    y, time, after, period, level
        As for `averaged_step`.

    Examples
    --------
    >>> time = np.arange(96)
    >>> y = 0.3 * np.random.default_rng(0).standard_normal(96) - np.clip((time - 48) / 24, 0, 1)
    >>> means, jump = (f(y, time, time >= 48) for f in (averaged_step, averaged_jump))
    >>> round(means.value, 2), round(jump.value, 2)     # the means differ by -0.76
    (-0.71, -0.38)
    """
    return _estimate("jump", y, time, after, period, level)


def averaged_trend(
    y: FloatArray, time: npt.NDArray[np.int64], period: int = 12, level: float = 0.95
) -> Estimate:
    """Slope per year, season removed, whatever kind of memory the noise has.

    A straight line in the place of the step, by generalised least squares under every noise model as
    in `averaged_jump`.

    Parameters
    ----------
    y, time, period, level
        As for `averaged_step`; a year has `period` time steps.

    Returns
    -------
    Estimate
        In the unit of `y` a year.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> time = np.arange(96)
    >>> y = np.sin(time * np.pi / 6) + 0.3 * rng.standard_normal(96) - 0.1 * time / 12
    >>> print(averaged_trend(y, time))
    -0.08618 log/year  (95 % interval -0.1234 to -0.04984, p = 0.0022)
    averaged-trend, n = 96
    """
    return _estimate("trend", y, time, time / period, period, level)


def averaged_steps(
    series: FloatArray,
    time: npt.NDArray[np.int64],
    after: npt.NDArray[np.bool_],
    period: int = 12,
    level: float | None = 0.95,
) -> Answers:
    """`averaged_step` of many complete series on one calendar, shape (series, n), each by itself."""
    return _answers("step", series, time, after, period, level)


def averaged_jumps(
    series: FloatArray,
    time: npt.NDArray[np.int64],
    after: npt.NDArray[np.bool_],
    period: int = 12,
    level: float | None = 0.95,
) -> Answers:
    """`averaged_jump` of many complete series on one calendar, shape (series, n), each by itself."""
    return _answers("jump", series, time, after, period, level)


def averaged_trends(
    series: FloatArray, time: npt.NDArray[np.int64], period: int = 12, level: float | None = 0.95
) -> Answers:
    """`averaged_trend` of many complete series on one calendar, shape (series, n), each by itself."""
    return _answers("trend", series, time, time / period, period, level)


@lru_cache(maxsize=4)
def _factored(target: str, time: bytes, regressor: bytes, period: int) -> Design | None:
    """The design of a calendar, kept for the next series on it; None where nothing can be estimated."""
    months = np.frombuffer(time, dtype=np.int64)
    season, rest = beside_season(months, np.frombuffer(regressor), period)
    if months.size - season.shape[1] - 1 < 3 or rest @ rest < 1e-9 * months.size:
        return None
    when = months + 0.5 * np.concatenate([[False], np.diff(months) == 0])
    return Design.of(when, season, rest, noise.grid(months.size, target), plain=target == "step")


def _design(
    target: str,
    time: npt.NDArray[np.int64],
    regressor: npt.NDArray[np.bool_] | FloatArray,
    period: int,
) -> Design | None:
    # Counted from the first month of a year: the same calendar a few years on is the same design.
    months = np.ascontiguousarray(time, dtype=np.int64)
    months = months - months[:1] // period * period
    known = np.asarray(regressor, dtype=np.float64)
    return _factored(target, months.tobytes(), (known - known[:1]).tobytes(), period)


def _estimate(
    target: str,
    y: FloatArray,
    time: npt.NDArray[np.int64],
    regressor: npt.NDArray[np.bool_] | FloatArray,
    period: int,
    level: float,
) -> Estimate:
    """One series, or the equal mixture of its draws."""
    unit, method = UNITS[target], f"averaged-{target}"
    design = _design(target, time, regressor, period)
    n = int(time.size)
    if design is None:
        note = f"too few months to estimate a {target}"
        return Estimate(np.nan, np.nan, np.nan, level, np.nan, unit, method, n, notes=(note,))
    centre, scale, log_weight = design.components(np.atleast_2d(y))
    weight = normal(log_weight) / centre.shape[1]
    centre, scale, weight = (a.reshape(-1, 1) for a in (centre, scale, weight))
    answer = mixed(centre, scale, weight, design.freedom, level)
    value, low, high, p_value = (float(a[0]) for a in (answer.value, answer.low, answer.high, answer.p_value))
    notes = () if n >= CALIBRATED_FROM else (f"not calibrated below {CALIBRATED_FROM} months",)
    return Estimate(value, low, high, level, p_value, unit, method, n, notes=notes)


def _answers(
    target: str,
    series: FloatArray,
    time: npt.NDArray[np.int64],
    regressor: npt.NDArray[np.bool_] | FloatArray,
    period: int,
    level: float | None,
) -> Answers:
    """Many series, each by itself."""
    design = _design(target, time, regressor, period)
    if design is None:
        return Answers(*np.full((4, series.shape[0]), np.nan))
    centre, scale, log_weight = design.components(series)
    return mixed(centre, scale, normal(log_weight), design.freedom, level)
