"""Before against after, and slope, where the noise has a memory of unknown kind: averaged over kinds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from wqstudy.results import Estimate
from wqstudy.stats import noise
from wqstudy.stats.step import beside_season

FloatArray = npt.NDArray[np.float64]

UNITS = {"step": "log", "jump": "log", "trend": "log/year"}
"""What can be estimated, and its unit."""

CALIBRATED_FROM = 36
"""Months from which on both tests were held to their size by simulation (benchmarks/default_test_size.py)."""

_ROUNDING = 1e-13
"""What sums of some hundred values lose, relative to the largest."""

_TOGETHER = 64
"""Series that are whitened at once, so that what is held stays within some tens of megabytes."""

_FAINT = 1e-10
"""Weight below which a component of a mixture is left out of the search for the ends of an interval."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What many series on one calendar say, each array of shape (series,).

    Parameters
    ----------
    value, low, high
        Estimate and ends of its interval; the ends are nan where no level was asked for, which takes a
        third of the time.
    p_value
        Two-sided, for "no change".
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


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
    -0.9712 log  (95 % interval -1.16 to -0.7827, p = 2.1e-05)
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
    -0.08624 log/year  (95 % interval -0.1255 to -0.04793, p = 0.0023)
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


@dataclass(frozen=True, slots=True)
class Design:
    """All that depends on calendar and regressor alone, for every noise model of a grid.

    Parameters
    ----------
    basis
        Orthonormal, of season and regressor, shape (n, k): takes the bulk out of a series beforehand, so
        that little is lost to rounding.
    unit
        The regressor without its season, divided by its squared length. Shape (n,).
    grid
        The noise models.
    slow, fast
        Correlations across the gaps, shape (models, n - 1).
    factors
        Cholesky factors of the fractional models, shape (f, n, n).
    whitened
        Orthonormal basis of the whitened season and regressor, the regressor last, shape (models, n, k).
    plain
        Whether the estimate is that of least squares under every model, else each model's own.
    spread
        Standard deviation of the estimate under noise of variance one, shape (models,).
    constant
        Log prior, and the part of the restricted log-likelihood that no series changes. Shape (models,).
    """

    basis: FloatArray
    unit: FloatArray
    grid: noise.Grid
    slow: FloatArray
    fast: FloatArray
    factors: FloatArray
    whitened: FloatArray
    plain: bool
    spread: FloatArray
    constant: FloatArray

    @property
    def freedom(self) -> int:
        """Degrees of freedom: values less coefficients."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    @classmethod
    def of(
        cls,
        time: FloatArray,
        season: FloatArray,
        regressor: FloatArray,
        grid: noise.Grid,
        plain: bool,
    ) -> Design:
        """Whiten the regressors under every noise model.

        Parameters
        ----------
        time
            Shape (n,), increasing strictly.
        season, regressor
            Orthonormal basis, and the regressor without it, shapes (n, k - 1) and (n,).
        grid
            The noise models.
        plain
            Whether the estimate is that of least squares under every model.
        """
        length = np.sqrt(regressor @ regressor)
        basis = np.column_stack([season, regressor / length])
        slow, fast = noise.decays(grid.slow, time), noise.decays(grid.fast, time)
        factors = np.array([noise.fractional_factor(d, time) for d in grid.d])
        factors = factors.reshape(-1, time.size, time.size)
        white, determinant = _whiten(basis, slow, fast, grid.share, factors)
        gram = np.linalg.cholesky(white.transpose(0, 2, 1) @ white)
        inverse = np.linalg.inv(gram)
        ends = np.diagonal(gram, axis1=1, axis2=2)
        whitened = white @ inverse.transpose(0, 2, 1)
        unit = regressor / length**2
        if plain:
            parts = noise.variance(unit, slow, fast, grid.share)
            whole = ((factors.transpose(0, 2, 1) @ unit) ** 2).sum(axis=1)
            spread = np.sqrt(np.concatenate([parts, whole]))
        else:
            spread = 1 / (ends[:, -1] * length)
        return cls(
            basis,
            unit,
            grid,
            slow,
            fast,
            factors,
            whitened,
            plain,
            spread,
            grid.log_prior - determinant / 2 - np.log(ends).sum(axis=1),
        )

    def components(self, series: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Estimate, standard error and log weight (up to a constant a series) under every noise model.

        Parameters
        ----------
        series
            Shape (series, n).

        Returns
        -------
        centre, scale, log_weight
            Shape (models, series).
        """
        residual = np.ascontiguousarray((series - (series @ self.basis) @ self.basis.T).T)
        squares = np.empty((self.spread.size, series.shape[0]))
        centre = np.tile(series @ self.unit, (self.spread.size, 1))
        for at in range(0, series.shape[0], _TOGETHER):
            some = slice(at, at + _TOGETHER)
            white, _ = _whiten(
                np.ascontiguousarray(residual[:, some]), self.slow, self.fast, self.grid.share, self.factors
            )
            inside = self.whitened.transpose(0, 2, 1) @ white
            squares[:, some] = np.einsum("mij,mij->mj", white, white) - np.einsum(
                "mij,mij->mj", inside, inside
            )
            if not self.plain:
                centre[:, some] += inside[:, -1] * self.spread[:, None]
        # Rounding errors are noise as well: a series without any other has no interval of its own.
        floor = series.shape[1] * (_ROUNDING * np.abs(series).max(axis=1)) ** 2
        squares = np.maximum(squares, np.maximum(floor, np.finfo(float).tiny))
        scale = np.sqrt(squares / self.freedom) * self.spread[:, None]
        return centre, scale, self.constant[:, None] - self.freedom / 2 * np.log(squares)


def _whiten(
    columns: FloatArray, slow: FloatArray, fast: FloatArray, share: FloatArray, factors: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Whitened columns and log-determinants, the two-part models first, then those with a factor."""
    white, determinant = noise.whiten(columns, slow, fast, share)
    rest = [linalg.solve_triangular(f, columns, lower=True, check_finite=False) for f in factors]
    logs = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    return np.concatenate([white, *(r[None] for r in rest)]), np.concatenate([determinant, logs])


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
    weight = _normal(log_weight) / centre.shape[1]
    centre, scale, weight = (a.reshape(-1, 1) for a in (centre, scale, weight))
    answer = _mixed(centre, scale, weight, design.freedom, level)
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
    return _mixed(centre, scale, _normal(log_weight), design.freedom, level)


def _normal(log_weight: FloatArray) -> FloatArray:
    """Weights that sum to one a series."""
    weight = np.exp(log_weight - log_weight.max(axis=0))
    normal: FloatArray = weight / weight.sum(axis=0)
    return normal


def _mixed(
    centre: FloatArray, scale: FloatArray, weight: FloatArray, freedom: int, level: float | None
) -> Answers:
    """Mixtures of t distributions, one a column: their mean, the ends of their interval, and p."""
    value = (weight * centre).sum(axis=0)
    below = (weight * special.stdtr(freedom, -centre / scale)).sum(axis=0)
    above = (weight * special.stdtr(freedom, centre / scale)).sum(axis=0)
    p_value = np.minimum(1.0, 2 * np.minimum(below, above))
    if level is None:
        blank = np.full(value.size, np.nan)
        return Answers(value, blank, blank, p_value)
    tail = (1 - level) / 2
    low = _lower_end(centre, scale, weight, freedom, tail)
    high = -_lower_end(-centre, scale, weight, freedom, tail)
    return Answers(value, low, high, p_value)


def _lower_end(
    centre: FloatArray, scale: FloatArray, weight: FloatArray, freedom: int, tail: float
) -> FloatArray:
    """Quantile `tail` of every mixture: Newton's steps on the log of its distribution, kept in a bracket.

    The log of a t distribution is nearly straight in its lower tail: a handful of steps.
    """
    column, model = np.nonzero(weight.T > _FAINT)
    b, s, w = centre[model, column], scale[model, column], weight[model, column]
    log_density = special.gammaln((freedom + 1) / 2) - special.gammaln(freedom / 2)
    log_density -= 0.5 * np.log(freedom * np.pi)
    each = b + special.stdtrit(freedom, tail) * s
    start = np.searchsorted(column, np.arange(centre.shape[1]))
    floor, roof = np.minimum.reduceat(each, start), np.maximum.reduceat(each, start)
    w = w / np.add.reduceat(w, start)[column]
    spread, x = np.add.reduceat(w * s, start), np.add.reduceat(w * each, start)
    open_ = np.arange(x.size)
    for _ in range(200):
        z = (x[open_][column] - b) / s
        mass = np.add.reduceat(w * special.stdtr(freedom, z), start)
        density = np.exp(log_density - (freedom + 1) / 2 * np.log1p(z * z / freedom))
        slope = np.add.reduceat(w * density / s, start)
        at = x[open_]
        over = mass > tail
        roof[open_] = np.where(over, at, roof[open_])
        floor[open_] = np.where(over, floor[open_], at)
        ahead = at - mass / slope * np.log(mass / tail)
        inside = (ahead >= floor[open_]) & (ahead <= roof[open_])
        ahead = np.where(inside, ahead, (floor[open_] + roof[open_]) / 2)
        x[open_] = ahead
        going = np.abs(ahead - at) > 1e-9 * spread[open_]
        if not going.any():
            break
        kept = going[column]
        b, s, w = b[kept], s[kept], w[kept]
        column = (np.cumsum(going) - 1)[column[kept]]
        open_ = open_[going]
        start = np.searchsorted(column, np.arange(open_.size))
    return x
