"""Kendall's test over groups, seasons or sites: within each, then summed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.results import Trend
from wqstudy.stats import inputs, kendall, ranks, slopes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NOTE_NO_PAIR = "cannot tell: nowhere are there two values at different times"
NOTE_NO_VARIANCE = "cannot tell: the covariances leave no variance"

FEW_TIMES = 10
"""Below this many years the covariance between seasons or sites is itself too uncertain."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Values that are not missing, sorted by group, then time.

    Parameters
    ----------
    x, t
        Values and times, shape (n,).
    starts
        Where each group begins, and n. Shape (groups + 1,).
    labels
        Of the groups, rising. Shape (groups,).
    missing
        Number of values left out.
    """

    x: FloatArray
    t: FloatArray
    starts: IntArray
    labels: npt.NDArray[np.generic]
    missing: int


def arrange(
    x: npt.ArrayLike, t: npt.ArrayLike, group: npt.ArrayLike, names: tuple[str, str] = ("t", "group")
) -> Grouped:
    """Sort values by group and time, and leave out those that are missing.

    Parameters
    ----------
    x, t, group
        Values, times, and labels of any kind that can be sorted. Shape (n,).
    names
        What `t` and `group` are called in errors.

    Returns
    -------
    Grouped
        Groups without a value are in it, with none.

    Raises
    ------
    ArgumentError
        If a shape differs, a value is infinite, or a time or label is missing.

    Examples
    --------
    >>> arrange([1, 2, 3], [2, 1, 1], ["b", "b", "a"]).x
    array([3., 2., 1.])
    """
    values = inputs.series(x)
    times = inputs.times_of(values, t, names[0])
    inputs.finite(values)
    labels, code = inputs.groups_of(group, values.size, names[1])
    present = ~np.isnan(values)
    order = np.flatnonzero(present)[np.lexsort((times[present], code[present]))]
    starts = np.searchsorted(code[order], np.arange(labels.size + 1)).astype(np.int64)
    return Grouped(values[order], times[order], starts, labels, int(values.size - order.size))


def over_groups(data: Grouped, method: str, what: str, *, covariance: bool, level: float) -> Trend:
    """Kendall's S within every group, summed; the median slope within groups, and its interval.

    Parameters
    ----------
    data
        From `arrange`.
    method
        Name of the method in the result.
    what
        What the groups are, in the plural, for notes.
    covariance
        Whether the variance of the sum contains the covariances between groups.
    level
        Of the interval.

    Returns
    -------
    Trend

    Examples
    --------
    >>> data = arrange([1, 2, 3, 6, 7], [2001, 2002, 2003, 2001, 2002], [1, 1, 1, 2, 2])
    >>> print(over_groups(data, "by group", "groups", covariance=False, level=0.95))
    S = 4, z = 1.389, p = 0.16, tau = 1
    slope 1  (95 % interval nan to nan)
    by group, n = 5
    too few values for an interval of the slope
    """
    inputs.check_level(level)
    s, variances, tied_x, tied_t = ranks.kendall_of_groups(data.x, data.t, data.starts)
    size = np.diff(data.starts).astype(float)
    pairs = size * (size - 1) / 2
    n, total_s, var_s = data.x.size, float(s.sum()), float(variances.sum())
    notes = [inputs.left_out(data.missing)] if data.missing else []
    nan = math.nan
    if n < inputs.FEWEST or not (pairs > tied_t).any():
        why = inputs.NOTE_FEW if n < inputs.FEWEST else NOTE_NO_PAIR
        return Trend(nan, nan, nan, nan, level=level, n=n, method=method, notes=(*notes, why))
    idle = int(np.count_nonzero(pairs <= tied_t))
    if idle:
        notes.append(f"{idle} of {size.size} {what} have no two values at different times and say nothing")
    if covariance:
        times = np.unique(data.t).size
        table = by_time(data, what)
        var_s = float(ranks.covariance_of_s(table).sum())
        notes += covariance_notes(table, times, what)
    tau_a = total_s / float(pairs.sum())
    untied = float(np.sqrt((pairs - tied_x) * (pairs - tied_t)).sum())
    slope, low, high = slopes.quantiles(data.x, data.t, data.starts, max(var_s, 0.0), level)
    if untied == 0:
        notes.append(f"within {what} {inputs.NOTE_EQUAL}")
        z, p, tau_b = 0.0, 1.0, 0.0
    elif var_s <= 0:
        notes.append(NOTE_NO_VARIANCE)
        z, p, tau_b, low, high = nan, nan, total_s / untied, nan, nan
    else:
        z, p = kendall.z_and_p(total_s, var_s)
        tau_b = total_s / untied
    if math.isnan(low) and not math.isnan(p):
        notes.append(inputs.NOTE_NO_INTERVAL)
    return Trend(total_s, var_s, z, p, tau_a, tau_a, tau_b, slope, low, high, level, n, method, tuple(notes))


def by_time(data: Grouped, what: str) -> FloatArray:
    """Values as a table of times and groups, nan where there is none.

    Parameters
    ----------
    data
        From `arrange`.
    what
        What the groups are, for the error.

    Returns
    -------
    ndarray
        Shape (times, groups).

    Raises
    ------
    ArgumentError
        If a group has two values at one time: their ranks have no covariance with another's.

    Examples
    --------
    >>> by_time(arrange([1, 2, 3], [1, 2, 1], ["a", "a", "b"]), "groups")
    array([[ 1.,  3.],
           [ 2., nan]])
    """
    times, row = np.unique(data.t, return_inverse=True)
    column = np.repeat(np.arange(data.labels.size), np.diff(data.starts))
    cell = row * data.labels.size + column
    if np.unique(cell).size < cell.size:
        raise ArgumentError(
            f"{cell.size - np.unique(cell).size} values share time and group with another",
            argument="covariance",
            valid=f"one value a time in each of the {what}",
            mend="take the median of those that share both, or leave covariance out",
        )
    table = np.full((times.size, data.labels.size), np.nan)
    table[row, column] = data.x
    return table


def covariance_notes(table: FloatArray, times: int, what: str) -> list[str]:
    """What to know before trusting the covariances of a table of times and groups.

    Parameters
    ----------
    table
        Shape (times, groups).
    times
        Number of times.
    what
        What the groups are.

    Returns
    -------
    list of str

    Examples
    --------
    >>> covariance_notes(np.ones((4, 2)), 4, "seasons")
    ['covariances between seasons from 4 years or times only: below 10 p is not to be trusted']
    """
    notes = []
    if times < FEW_TIMES:
        notes.append(
            f"covariances between {what} from {times} years or times only: "
            f"below {FEW_TIMES} p is not to be trusted"
        )
    seen = (~np.isnan(table)).astype(float)
    shared = seen.T @ seen
    some = seen.sum(axis=0) > 0
    apart = int(np.count_nonzero(np.triu(shared[np.ix_(some, some)] == 0, 1)))
    if apart:
        notes.append(f"{apart} pairs of {what} share no time and are taken as independent")
    return notes
