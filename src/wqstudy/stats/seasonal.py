"""Seasonal and regional Kendall tests, with or without the covariance of seasons and sites."""

from __future__ import annotations

import numpy.typing as npt

from wqstudy.results import Trend
from wqstudy.stats import groups


def seasonal_kendall(
    x: npt.ArrayLike,
    year: npt.ArrayLike,
    season: npt.ArrayLike,
    covariance: bool = False,
    *,
    level: float = 0.95,
) -> Trend:
    """Seasonal Kendall test and slope: each season is compared with itself in other years.

    S and its variance are sums over seasons, with continuity correction of the sum. Without covariance the
    seasons of a year are taken as independent. With it, their covariance after Dietz and Killeen is added
    (Hirsch and Slack), which serial correlation within a year calls for; that needs ten years or more.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    year
        Year of each value, or any time; two values of a season with the same year are tied in time.
    season
        Season of each value: month, quarter, or any label.
    covariance
        Whether to allow for the covariance of seasons. Then a season has one value a year at most.
    level
        Of the interval of the slope.

    Returns
    -------
    Trend
        `slope` is the median of all slopes within seasons, per unit of `year`; `tau` is S over the number of
        pairs within seasons. `notes` warn below ten years of covariance.

    Raises
    ------
    ArgumentError
        If shapes differ, times or labels are missing, or a season has two values in a year with `covariance`.

    References
    ----------
    Hirsch R.M., Slack J.R., Smith R.A. 1982, Water Resour. Res. 18, 107-121; Hirsch R.M., Slack J.R. 1984,
    Water Resour. Res. 20, 727-732; Dietz E.J., Killeen T.J. 1981, JASA 76, 169-174.

    Examples
    --------
    >>> import numpy as np
    >>> year, month = np.repeat(np.arange(2001, 2013), 12), np.tile(np.arange(12), 12)
    >>> noise = np.random.default_rng(1).standard_normal(144)
    >>> x = np.sin(month) - 0.1 * (year - 2001) + 0.5 * noise
    >>> print(seasonal_kendall(x, year, month, covariance=True))
    S = -398, z = -3.528, p = 0.00042, tau = -0.503
    slope -0.1135  (95 % interval -0.1622 to -0.05466)
    seasonal Kendall with covariance, n = 144
    """
    method = "seasonal Kendall with covariance" if covariance else "seasonal Kendall"
    data = groups.arrange(x, year, season, ("year", "season"))
    return groups.over_groups(data, method, "seasons", covariance=covariance, level=level)


def regional_kendall(
    x: npt.ArrayLike,
    t: npt.ArrayLike,
    site: npt.ArrayLike,
    covariance: bool = False,
    *,
    level: float = 0.95,
) -> Trend:
    """Regional Kendall test and slope: each site is compared with itself at other times.

    As `seasonal_kendall`, with sites in place of seasons (Helsel and Frans 2006). Sites of one region share
    their weather: without covariance, p is too small.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, such as years; with `covariance`, sites must have times in common.
    site
        Label of the site of each value.
    covariance
        Whether to allow for the covariance of sites. Then a site has one value a time at most.
    level
        Of the interval of the slope.

    Returns
    -------
    Trend
        As `seasonal_kendall`; `notes` say where sites have no times in common.

    Raises
    ------
    ArgumentError
        As `seasonal_kendall`.

    References
    ----------
    Helsel D.R., Frans L.M. 2006, Environ. Sci. Technol. 40, 4066-4073.

    Examples
    --------
    >>> print(regional_kendall([3, 2, 1, 5, 4, 2, 1], [1, 2, 3, 1, 2, 3, 4], list("aaabbbb")))
    S = -9, z = -2.278, p = 0.023, tau = -1
    slope -1  (95 % interval -2 to -1)
    regional Kendall, n = 7
    """
    method = "regional Kendall with covariance" if covariance else "regional Kendall"
    data = groups.arrange(x, t, site, ("t", "site"))
    return groups.over_groups(data, method, "sites", covariance=covariance, level=level)
