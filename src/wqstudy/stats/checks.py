"""What is asked of numbers before a statistic is taken of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def vector(x: npt.ArrayLike, argument: str, least: int = 1) -> FloatArray:
    """One row of finite numbers, as float64.

    Parameters
    ----------
    x
        Shape (n,).
    argument
        Name of the argument, for the error.
    least
        Smallest number of values that makes sense.

    Returns
    -------
    ndarray
        Contiguous, shape (n,).

    Raises
    ------
    ArgumentError
        If there are too few values, more than one dimension, or any value that is missing or infinite.

    Examples
    --------
    >>> vector([1, 2], "x")
    array([1., 2.])
    """
    try:
        values = np.ascontiguousarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError("is not a row of numbers", argument=argument, valid="numbers") from None
    if values.ndim != 1:
        raise ArgumentError(f"has shape {values.shape}", argument=argument, valid="one dimension")
    if values.size < least:
        raise ArgumentError(f"has {values.size} values", argument=argument, valid=f"{least} or more")
    faulty = np.flatnonzero(~np.isfinite(values))
    if faulty.size:
        raise ArgumentError(
            f"value {faulty[0]} is {values[faulty[0]]}, and {faulty.size - 1} more are not finite",
            argument=argument,
            valid="finite numbers",
            mend="leave missing values out, with all that belongs to them",
        )
    return values


def present(x: npt.ArrayLike, argument: str) -> tuple[FloatArray, BoolArray]:
    """One row of numbers without those that are missing, and which are not.

    Parameters
    ----------
    x
        Shape (n,), nan where missing.
    argument
        Name of the argument, for the error.

    Returns
    -------
    values, kept
        Shape (m,) and (n,).

    Raises
    ------
    ArgumentError
        As for `vector`.

    Examples
    --------
    >>> present([1, None], "x")
    (array([1.]), array([ True, False]))
    """
    try:
        values = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)  # `vector` says what is wrong
    kept = ~np.isnan(values)
    return vector(values[kept] if kept.ndim == 1 and kept.size else x, argument), kept


def aligned(x: npt.ArrayLike, argument: str, size: int) -> FloatArray:
    """As `vector`, of a given size.

    Examples
    --------
    >>> aligned([1, 2], "t", 2)
    array([1., 2.])
    """
    values = vector(x, argument, 0)
    if values.size != size:
        raise ArgumentError(f"has {values.size} values", argument=argument, valid=f"{size}, one a value")
    return values


def flags(x: npt.ArrayLike, argument: str, size: int) -> BoolArray:
    """Marks of non-detects: booleans, or numbers that are all 0 or 1.

    Examples
    --------
    >>> flags([0, 1], "censored", 2)
    array([False,  True])
    """
    marks = np.asarray(x)
    if marks.shape != (size,):
        raise ArgumentError(f"has shape {marks.shape}", argument=argument, valid=f"({size},), one a value")
    if marks.dtype != np.bool_ and not np.isin(marks, (0, 1)).all():
        raise ArgumentError("is not made of truth values", argument=argument, valid="True or False")
    return np.ascontiguousarray(marks, dtype=np.bool_)
