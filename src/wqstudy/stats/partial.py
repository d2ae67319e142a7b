"""Trend beyond what a covariate, such as flow, explains: partial and flow-adjusted Kendall tests."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wqstudy.results import Trend
from wqstudy.stats import groups, inputs, kendall, ranks, smooth

FloatArray = npt.NDArray[np.float64]

NOTE_COVARIATE = "the covariate does not vary: the test is that without it"
NOTE_SAME = "cannot tell: the covariate orders the values completely"


def partial_kendall(
    x: npt.ArrayLike,
    covariate: npt.ArrayLike,
    t: npt.ArrayLike | None = None,
    *,
    season: npt.ArrayLike | None = None,
    covariance: bool = False,
    level: float = 0.95,
) -> Trend:
    """Partial Mann-Kendall test: S given the S of a covariate.

    ``S - c/v S_c`` has mean 0 and variance ``var S - c^2/v`` if there is no trend beyond that of the
    covariate, v being the variance of its own S_c and c the covariance of both, by the formula of Dietz and
    Killeen; ties in values, covariate and time are allowed for, with continuity correction. With seasons,
    S, variances and covariances are summed over them first.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    covariate
        At the same times, shape (n,); pairs with a nan are left out.
    t
        Times, shape (n,), in any order; left out, `x` is in the order of time.
    season
        Season of each value, to compare each with itself only.
    covariance
        Whether to allow for the covariance of seasons, as `seasonal_kendall` does.
    level
        Of the interval of the slope, which is that of `x` itself, not adjusted.

    Returns
    -------
    Trend
        `s`, `var_s`, `z` and p are partial; tau, slope, low and high are those of `x` without the covariate.

    Raises
    ------
    ArgumentError
        If shapes differ, or a time is missing.

    References
    ----------
    Libiseller C., Grimvall A. 2002, Environmetrics 13, 71-84; Dietz E.J., Killeen T.J. 1981, JASA 76.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flow = rng.standard_normal(40)
    >>> x = 0.03 * np.arange(40) - flow + 0.2 * rng.standard_normal(40)
    >>> mann = kendall.mann_kendall(x)
    >>> partial = partial_kendall(x, flow)
    >>> mann.p_value < partial.p_value
    False
    """
    inputs.check_level(level)
    values = inputs.series(x)
    other = inputs.times_of(values, covariate, "covariate", gaps=True)
    times = np.arange(values.size, dtype=float) if t is None else inputs.times_of(values, t)
    label = np.zeros(values.size) if season is None else inputs.groups_of(season, values.size, "season")[1]
    both = ~(np.isnan(values) | np.isnan(other))
    data = groups.arrange(values[both], times[both], label[both], ("t", "season"))
    beside = groups.arrange(other[both], times[both], label[both], ("t", "season"))
    missing = int(np.count_nonzero(~both))
    method = "partial Mann-Kendall" if season is None else "partial seasonal Kendall"
    plain = groups.over_groups(data, method, "seasons", covariance=covariance, level=level)
    notes = (inputs.left_out(missing), *plain.notes) if missing else plain.notes
    if not plain.estimable or plain.var_s == 0:
        return _with(plain, plain.s, plain.var_s, plain.z, plain.p_value, notes)
    if covariance:
        joint = np.hstack([groups.by_time(one, "seasons") for one in (data, beside)])
        blocks = ranks.covariance_of_s(joint).reshape(2, joint.shape[1] // 2, 2, -1)
        sums = blocks.sum(axis=(1, 3))
    else:
        sums = np.zeros((2, 2))
        for start, stop in zip(data.starts[:-1], data.starts[1:], strict=True):
            part = slice(start, stop)
            both_columns = np.column_stack([data.x[part], beside.x[part]])
            sums += ranks.covariance_at_times(both_columns, data.t[part])
    s_other = float(ranks.kendall_of_groups(beside.x, beside.t, beside.starts)[0].sum())
    if sums[1, 1] == 0:
        return _with(plain, plain.s, plain.var_s, plain.z, plain.p_value, (*notes, NOTE_COVARIATE))
    s = plain.s - sums[0, 1] / sums[1, 1] * s_other
    var_s = float(sums[0, 0] - sums[0, 1] ** 2 / sums[1, 1])
    # What is left of the variance beside rounding errors of its parts.
    if var_s <= 1e-12 * sums[0, 0]:
        return _with(plain, s, 0.0, math.nan, math.nan, (*notes, NOTE_SAME))
    return _with(plain, s, var_s, *kendall.z_and_p(s, var_s), notes)


def flow_adjusted_kendall(
    x: npt.ArrayLike,
    flow: npt.ArrayLike,
    t: npt.ArrayLike,
    *,
    season: npt.ArrayLike | None = None,
    span: float = 2 / 3,
    level: float = 0.95,
) -> Trend:
    """Kendall test and Sen slope of what a smooth curve in flow leaves of the values.

    The curve is `smooth.lowess` of values on flow, of all times together. Where flow has a trend of its own
    the curve takes part of the values' trend with it, and the slope comes out too small: `partial_kendall`
    is the test then.

    Parameters
    ----------
    x
        Values, shape (n,), commonly logarithms. nan is left out.
    flow
        At the same times, shape (n,), commonly logarithms; pairs with a nan are left out.
    t
        Times, shape (n,), in any order.
    season
        Season of each value, to compare each with itself only.
    span
        Share of the points that the curve is fitted to at each flow.
    level
        Of the interval of the slope.

    Returns
    -------
    Trend
        Of the residuals, in units of `x` per unit of `t`.

    Raises
    ------
    ArgumentError
        If shapes differ, or a time is missing.

    References
    ----------
    Helsel D.R. et al. 2020, Statistical Methods in Water Resources, USGS TM 4-A3, sec. 12.3; Alley W.M.
    1988, Water Resour. Res. 24, 1985-1990 (trends in the covariate).

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> t, flow = np.arange(60.0), rng.standard_normal(60)
    >>> x = -0.02 * t - np.tanh(flow) + 0.2 * rng.standard_normal(60)
    >>> round(flow_adjusted_kendall(x, flow, t).slope, 3)
    -0.02
    """
    values = inputs.series(x)
    inputs.finite(values)
    discharge = inputs.times_of(values, flow, "flow", gaps=True)
    both = ~(np.isnan(values) | np.isnan(discharge))
    rest = np.full(values.size, np.nan)
    rest[both] = values[both] - smooth.lowess(values[both], discharge[both], span)
    label = np.zeros(values.size, dtype=np.int64) if season is None else season
    data = groups.arrange(rest, t, label, ("t", "season"))
    method = "flow-adjusted Kendall" if season is None else "flow-adjusted seasonal Kendall"
    return groups.over_groups(data, method, "seasons", covariance=False, level=level)


def _with(plain: Trend, s: float, var_s: float, z: float, p_value: float, notes: tuple[str, ...]) -> Trend:
    """The result without the covariate, its test replaced."""
    return replace(plain, s=s, var_s=var_s, z=z, p_value=p_value, notes=notes)
