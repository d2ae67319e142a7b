"""Sen's slope, of one series or within seasons, in the unit of the values per unit of time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wqstudy.results import Trend
from wqstudy.stats import groups, inputs, kendall, ranks, slopes


def sen_slope(x: npt.ArrayLike, t: npt.ArrayLike, level: float = 0.95) -> Trend:
    """Sen's slope: the median of the slopes of all pairs, with its interval and the Mann-Kendall test.

    Times are used as they are, unequal spacing included; pairs of equal times have no slope. The ends of the
    interval are the slopes whose rank is nearest to ``(N -+ z sqrt(var S))/2``, see `slopes.quantiles`.
    The result is that of listing all pairs; of many, they are never all held at once.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, shape (n,), for example decimal years.
    level
        Of the interval.

    Returns
    -------
    Trend
        With s, var_s, z, p and tau as `mann_kendall` has them. low and high are nan, with a note, where there
        are too few values for an interval of this level.

    Raises
    ------
    ArgumentError
        If shapes differ, a value or time is infinite, a time is missing, or `level` is not between 0 and 1.

    References
    ----------
    Theil H. 1950, Proc. K. Ned. Akad. Wet. 53; Sen P.K. 1968, JASA 63, 1379-1389; Gilbert R.O. 1987,
    Statistical Methods for Environmental Pollution Monitoring, sec. 16.5.

    Examples
    --------
    >>> years = [2010, 2011, 2012, 2013, 2014, 2016, 2017, 2019]
    >>> print(sen_slope([4.7, 3.9, 4.1, 3.2, 3.3, 2.4, 2.5, 1.9], years))
    S = -22, z = -2.598, p = 0.0094, tau = -0.786
    slope -0.3  (95 % interval -0.4 to -0.2)
    Mann-Kendall and Sen, n = 8
    """
    inputs.check_level(level)
    values = inputs.series(x)
    inputs.finite(values)
    present, times = inputs.ordered(values, t)
    n = present.size
    s, var_s, tied_x, tied_t = ranks.kendall_sums(present.copy(), times, np.empty(n))
    test = kendall.verdict(
        s, var_s, n, tied_x, tied_t, missing=values.size - n, method="Mann-Kendall and Sen"
    )
    slope, low, high = slopes.quantiles(present, times, np.array([0, n]), var_s, level)
    notes = test.notes
    if test.estimable and math.isnan(low):
        notes = (*notes, inputs.NOTE_NO_INTERVAL)
    return replace(test, slope=slope, low=low, high=high, level=level, notes=notes)


def seasonal_sen_slope(
    x: npt.ArrayLike, t: npt.ArrayLike, season: npt.ArrayLike, level: float = 0.95
) -> Trend:
    """Sen's slope within seasons: the median of the slopes of all pairs of the same season.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, shape (n,), in any unit: decimal years of the sampling days, or just years.
    season
        Season of each value: month, quarter, or any label.
    level
        Of the interval, by the ranks of `sen_slope` with the summed variance.

    Returns
    -------
    Trend
        With the seasonal Kendall test that takes the order of `t` within seasons.

    Raises
    ------
    ArgumentError
        As `sen_slope`; or if a season is missing.

    References
    ----------
    Hirsch R.M., Slack J.R., Smith R.A. 1982, Water Resour. Res. 18, 107-121.

    Examples
    --------
    >>> x = [10.0, 1.0, 9.0, 0.5, 9.5, 0.0, 8.0, -0.5]
    >>> t = [2001.0, 2001.5, 2002.0, 2002.5, 2003.0, 2003.5, 2004.0, 2004.5]
    >>> print(seasonal_sen_slope(x, t, [1, 2] * 4))
    S = -10, z = -2.162, p = 0.031, tau = -0.833
    slope -0.5  (95 % interval -1 to -0.25)
    seasonal Kendall and Sen, n = 8
    """
    data = groups.arrange(x, t, season, ("t", "season"))
    return groups.over_groups(data, "seasonal Kendall and Sen", "seasons", covariance=False, level=level)
