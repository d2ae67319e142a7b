"""Whether seasons or sites have the same trend: chi-square after van Belle and Hughes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.errors import ArgumentError
from wqstudy.results import Heterogeneity
from wqstudy.stats import groups, inputs, ranks

FloatArray = npt.NDArray[np.float64]

NOTE_ALONE = "cannot tell: fewer than two groups have a test of their own"


def trend_heterogeneity(x: npt.ArrayLike, t: npt.ArrayLike, group: npt.ArrayLike) -> Heterogeneity:
    """Whether the trend differs between seasons, or between sites.

    With ``Z = S/sqrt(var S)`` of each of m groups, without continuity correction, ``sum Z^2 - m mean(Z)^2``
    is chi-square with m - 1 degrees of freedom if all groups have the same trend, and ``m mean(Z)^2`` with
    one if there is none. Groups are taken as independent.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, such as years.
    group
        Season or site of each value.

    Returns
    -------
    Heterogeneity
        Groups without two different values at different times are left out, with a note.

    Raises
    ------
    ArgumentError
        If shapes differ, or times or labels are missing.

    References
    ----------
    van Belle G., Hughes J.P. 1984, Water Resour. Res. 20, 127-136, eq. 2-4.

    Examples
    --------
    >>> year, half = [1, 2, 3, 4, 5, 6] * 2, ["wet"] * 6 + ["dry"] * 6
    >>> opposed = trend_heterogeneity([1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1], year, half)
    >>> opposed.chi_square, opposed.p_value, opposed.trend_chi_square
    (15.88, 6.7e-05, 0.0)
    """
    data = groups.arrange(x, t, group)
    z, notes = _deviates(data)
    if z.size < 2:
        return Heterogeneity(math.nan, 0, math.nan, method="van Belle and Hughes", notes=(*notes, NOTE_ALONE))
    common = z.size * float(z.mean()) ** 2
    return _result(float(((z - z.mean()) ** 2).sum()), z.size - 1, common, notes)


def site_season_heterogeneity(
    x: npt.ArrayLike, t: npt.ArrayLike, season: npt.ArrayLike, site: npt.ArrayLike
) -> dict[str, Heterogeneity]:
    """Whether the trend differs between seasons, between sites, or between seasons at some sites only.

    The Z of each season at each site are split as in a two-way analysis of variance.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, such as years.
    season, site
        Season and site of each value. Every season must have a test of its own at every site.

    Returns
    -------
    dict
        ``season``, ``site``, ``interaction`` and ``all`` (every season at every site), each with the same
        common trend.

    Raises
    ------
    ArgumentError
        If shapes differ, times or labels are missing, or a season at some site has no test of its own.

    References
    ----------
    van Belle G., Hughes J.P. 1984, Water Resour. Res. 20, 127-136, table 2.

    Examples
    --------
    >>> t = [1, 2, 3, 4] * 4
    >>> season, site = ["wet"] * 8 + ["dry"] * 8, (["a"] * 4 + ["b"] * 4) * 2
    >>> rise, fall = [1, 2, 3, 4], [4, 3, 2, 1]
    >>> parts = site_season_heterogeneity(rise + fall + rise + fall, t, season, site)
    >>> parts["season"].chi_square, parts["site"].chi_square, parts["site"].freedom
    (0.0, 16.615, 1)
    """
    size = inputs.series(x).size
    season_names, column = inputs.groups_of(season, size, "season")
    site_names, row = inputs.groups_of(site, size, "site")
    seasons, sites = season_names.size, site_names.size
    data = groups.arrange(x, t, row * seasons + column, ("t", "season"))
    z, notes = _deviates(data)
    if z.size < seasons * sites:
        raise ArgumentError(
            f"of {sites} sites x {seasons} seasons only {z.size} have a test of their own",
            argument="season",
            valid="two different values at different times for every season at every site",
            mend="leave out the sites or seasons that lack them",
        )
    table = z.reshape(sites, seasons)
    mean = float(table.mean())
    by_season = sites * float(((table.mean(axis=0) - mean) ** 2).sum())
    by_site = seasons * float(((table.mean(axis=1) - mean) ** 2).sum())
    every, common = float(((table - mean) ** 2).sum()), table.size * mean**2
    return {
        "season": _result(by_season, seasons - 1, common, notes),
        "site": _result(by_site, sites - 1, common, notes),
        "interaction": _result(
            max(every - by_season - by_site, 0.0), (seasons - 1) * (sites - 1), common, notes
        ),
        "all": _result(every, table.size - 1, common, notes),
    }


def _deviates(data: groups.Grouped) -> tuple[FloatArray, tuple[str, ...]]:
    """Z without continuity correction of the groups that have one, and a note of those that do not."""
    s, var_s, _, _ = ranks.kendall_of_groups(data.x, data.t, data.starts)
    some = var_s > 0
    idle = int(np.count_nonzero(~some))
    notes = (f"{idle} of {some.size} groups have no test of their own and are left out",) if idle else ()
    return s[some] / np.sqrt(var_s[some]), notes


def _result(chi_square: float, freedom: int, common: float, notes: tuple[str, ...]) -> Heterogeneity:
    """Statistic with its p, and the common trend's beside it."""
    p = float(special.gammaincc(freedom / 2, chi_square / 2)) if freedom else 1.0
    trend_p = math.erfc(math.sqrt(common / 2))
    return Heterogeneity(chi_square, freedom, p, common, trend_p, "van Belle and Hughes", notes)
