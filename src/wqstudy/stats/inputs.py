"""Series and times as trend tests take them, and the notes that all of them share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST = 3
"""Below this many values nothing is said."""

NOTE_FEW = f"cannot tell: fewer than {FEWEST} values"
NOTE_EQUAL = "all values are equal"
NOTE_TIMES = "cannot tell: all times are equal"
NOTE_NO_INTERVAL = "too few values for an interval of the slope"

_DECIMAL = "turn dates into decimal years, or into days since some date"


def series(x: npt.ArrayLike) -> FloatArray:
    """Values as a one-dimensional contiguous array of doubles.

    Parameters
    ----------
    x
        Anything that numpy takes for one.

    Returns
    -------
    ndarray
        Shape (n,).

    Examples
    --------
    >>> series([1, 2, None])
    array([ 1.,  2., nan])
    """
    if isinstance(x, np.ma.MaskedArray):
        x = np.ma.filled(x.astype(np.float64), np.nan)
    try:
        values = np.ascontiguousarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"not a series of numbers: {error}", argument="x", valid="numbers") from error
    # ascontiguousarray makes a single number a series of one, which is harmless.
    if values.ndim != 1:
        raise ArgumentError(
            f"has {values.ndim} dimensions",
            argument="x",
            valid="one series, shape (n,)",
            mend="for many series at once use mann_kendall_many or seasonal_kendall_many",
        )
    return values


def times_of(values: FloatArray, t: npt.ArrayLike, argument: str = "t", *, gaps: bool = False) -> FloatArray:
    """Times as doubles, one a value and none missing.

    Parameters
    ----------
    values
        Shape (n,).
    t
        Times in any unit, for example decimal years.
    argument
        Its name in the error.
    gaps
        Whether nan is allowed.

    Returns
    -------
    ndarray
        Shape (n,).

    Examples
    --------
    >>> times_of(np.zeros(2), [2001, 2002])
    array([2001., 2002.])
    """
    if np.asarray(t).dtype.kind in "mM":
        # Cast to numbers they would be nanoseconds, and slopes per nanosecond.
        raise ArgumentError(
            "holds dates", argument=argument, valid="numbers, such as decimal years", mend=_DECIMAL
        )
    try:
        times = np.ascontiguousarray(t, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"not numbers: {error}",
            argument=argument,
            valid="numbers, such as decimal years",
            mend=_DECIMAL,
        ) from error
    if times.shape != values.shape:
        raise ArgumentError(
            f"{times.size} entries for {values.size} values", argument=argument, valid="one for each value"
        )
    bad = np.isinf(times) if gaps else ~np.isfinite(times)
    if bad.any():
        raise ArgumentError(
            f"{np.count_nonzero(bad)} entries are {'' if gaps else 'missing or '}infinite",
            argument=argument,
            valid="finite numbers",
        )
    return times


def ordered(values: FloatArray, t: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Values that are not missing, and their times, in the order of time.

    Parameters
    ----------
    values, t
        Shape (n,).

    Returns
    -------
    values, times
        Copies, shape (m,).

    Examples
    --------
    >>> ordered(np.array([3.0, np.nan, 1.0]), [2, 1, 0])
    (array([1., 3.]), array([0., 2.]))
    """
    times = times_of(values, t)
    present = ~np.isnan(values)
    values, times = values[present], times[present]
    if (times[1:] < times[:-1]).any():
        order = np.argsort(times, kind="stable")
        values, times = values[order], times[order]
    return values, times


def left_out(missing: int) -> str:
    """Note of values that were missing.

    Parameters
    ----------
    missing
        How many.

    Returns
    -------
    str

    Examples
    --------
    >>> left_out(1)
    '1 missing value left out'
    """
    return f"{missing} missing value{'s' if missing > 1 else ''} left out"


def finite(values: FloatArray) -> None:
    """Refuse infinite values, whose slopes are no numbers.

    Parameters
    ----------
    values
        Shape (n,).

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> finite(np.array([1.0, np.nan]))
    """
    if np.isinf(values).any():
        raise ArgumentError(
            f"{np.count_nonzero(np.isinf(values))} values are infinite",
            argument="x",
            valid="finite numbers, nan where missing",
        )


def check_level(level: float) -> None:
    """Refuse a confidence level that is none.

    Parameters
    ----------
    level
        Of an interval.

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> check_level(0.9)
    """
    if not 0 < level < 1:
        raise ArgumentError(f"is {level}", argument="level", valid="between 0 and 1, such as 0.95")


def groups_of(label: npt.ArrayLike, size: int, argument: str) -> tuple[npt.NDArray[np.generic], IntArray]:
    """Different labels, rising, and the number of each value's own.

    Parameters
    ----------
    label
        Of any kind that can be sorted, shape (size,).
    size
        Number of values.
    argument
        Its name in the error.

    Returns
    -------
    labels, code

    Raises
    ------
    ArgumentError
        If there is not one label a value, or some are missing.

    Examples
    --------
    >>> groups_of(["wet", "dry", "wet"], 3, "season")
    (array(['dry', 'wet'], dtype='<U3'), array([1, 0, 1]))
    """
    names = np.asarray(label)
    if names.shape != (size,):
        raise ArgumentError(
            f"{names.size} entries for {size} values", argument=argument, valid="one for each"
        )
    # What is missing is not equal to itself, whether nan or a missing time; None cannot be sorted.
    missing = names != names  # noqa: PLR0124
    try:
        labels, code = np.unique(names, return_inverse=True)
    except TypeError:
        labels, code, missing = names, np.zeros(size, np.int64), np.ones(1, bool)
    if np.any(missing):
        raise ArgumentError(
            "some labels are missing, or of kinds that cannot be sorted together",
            argument=argument,
            valid="a label for each value, all numbers or all text",
        )
    return labels, code.astype(np.int64)
