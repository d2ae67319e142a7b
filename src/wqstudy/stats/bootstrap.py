"""Bootstrap of series whose neighbours resemble one another: blocks, whole years, automatic block length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.results import Estimate
from wqstudy.stats.checks import FloatArray, IntArray, vector
from wqstudy.stats.inputs import check_level

Kind = Literal["stationary", "moving", "year"]


def block_length(x: npt.ArrayLike, kind: Literal["stationary", "moving"] = "stationary") -> float:
    """The block length that makes the variance of a mean come out best (Politis and White 2004).

    Parameters
    ----------
    x
        Series in order of time, stationary: season and trend taken out. Shape (n,).
    kind
        Bootstrap that the length is for. With the correction of Patton, Politis and White (2009).

    Returns
    -------
    float
        Mean block length, from 1 to ``min(3 n**0.5, n/3)``.

    Raises
    ------
    ArgumentError
        If there are fewer than eight values or one is not finite.

    References
    ----------
    Politis D. N., White H. (2004) Econometric Reviews 23. Patton A., Politis D. N., White H. (2009)
    Econometric Reviews 28.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> white = rng.standard_normal(200)
    >>> walk = np.convolve(white, np.ones(6), "valid")
    >>> block_length(white) < block_length(walk)
    True
    """
    values = vector(x, "x", 8)
    if kind not in ("stationary", "moving"):
        raise ArgumentError(f"{kind!r} has no automatic length", argument="kind", valid="stationary, moving")
    n = values.size
    rest = values - values.mean()
    quiet = max(5, int(np.ceil(np.sqrt(np.log10(n)))))
    most = min(int(np.ceil(np.sqrt(n))) + quiet, n - 1)
    covariance = np.array([rest[: n - k] @ rest[k:] for k in range(most + 1)]) / n
    if covariance[0] == 0:
        return 1.0
    # The first lag after which `quiet` lags in a row say nothing.
    silent = np.abs(covariance[1:] / covariance[0]) < 2 * np.sqrt(np.log10(n) / n)
    runs = np.lib.stride_tricks.sliding_window_view(silent, min(quiet, silent.size)).all(axis=1)
    heard = int(np.argmax(runs)) if runs.any() else int(np.flatnonzero(~silent)[-1]) + 1
    window = min(2 * max(heard, 1), most)
    lag = np.arange(1, window + 1)
    taper = np.minimum(1.0, 2 * (1 - lag / window)) * covariance[1 : window + 1]
    spectrum = covariance[0] + 2 * taper.sum()
    bend = 2 * (taper @ lag)
    weight = {"stationary": 2.0, "moving": 4 / 3}[kind] * spectrum**2
    best = (2 * bend**2 / weight * n) ** (1 / 3) if weight > 0 else 1.0
    return float(np.clip(best, 1.0, min(3 * np.sqrt(n), n / 3)))


def block_indices(
    n: int, rows: int, length: float, rng: np.random.Generator | int, kind: Literal["stationary", "moving"]
) -> IntArray:
    """Positions drawn anew in blocks.

    Parameters
    ----------
    n
        Length of the series.
    rows
        Number of series to draw.
    length
        Block length: the mean of a geometric one for ``"stationary"`` (Politis and Romano 1994, the series
        taken as a ring), rounded and fixed for ``"moving"`` (Künsch 1989).
    rng
        Generator or seed.
    kind
        Which of the two.

    Returns
    -------
    ndarray of int
        Shape (rows, n).

    Examples
    --------
    >>> block_indices(6, 1, 3, 0, "moving")
    array([[3, 4, 5, 2, 3, 4]])
    """
    source = np.random.default_rng(rng)
    if kind == "stationary":
        start = source.integers(n, size=(rows, n))
        begins = source.random((rows, n)) < 1 / max(length, 1.0)
        begins[:, 0] = True
        place = np.broadcast_to(np.arange(n), (rows, n))
        since = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
        ring: IntArray = (np.take_along_axis(start, since, axis=1) + place - since) % n
        return ring
    size = min(max(round(length), 1), n)
    count = -(-n // size)
    start = source.integers(n - size + 1, size=(rows, count))
    drawn: IntArray = (start[:, :, None] + np.arange(size)).reshape(rows, -1)[:, :n]
    return drawn


def year_indices(year: npt.ArrayLike, rows: int, rng: np.random.Generator | int) -> list[IntArray]:
    """Positions of whole years drawn anew, as many as there are.

    Parameters
    ----------
    year
        Year of each value. Shape (n,).
    rows
        Number of series to draw.
    rng
        Generator or seed.

    Returns
    -------
    list of ndarray of int
        One a series; lengths differ where years do.

    Examples
    --------
    >>> year_indices([2001, 2001, 2002, 2002], 1, 3)
    [array([2, 3, 0, 1])]
    """
    label = np.unique(np.asarray(year), return_inverse=True)[1]
    places = [np.flatnonzero(label == k) for k in range(int(label.max()) + 1)]
    source = np.random.default_rng(rng)
    picks = source.integers(len(places), size=(rows, len(places)))
    return [np.concatenate([places[k] for k in pick]) for pick in picks]


def block_bootstrap(
    x: npt.ArrayLike,
    statistic: Callable[[FloatArray], float],
    *,
    kind: Kind = "stationary",
    length: float | None = None,
    year: npt.ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 1999,
    rng: np.random.Generator | int = 0,
) -> Estimate:
    """A statistic of a series with its percentile interval from blocks drawn anew.

    Parameters
    ----------
    x
        Values in order of time, shape (n,), or several columns that stay together, shape (n, k).
    statistic
        From an array like `x` to a number.
    kind
        ``"stationary"``, ``"moving"``, or ``"year"``: whole years, so that the season stays whole.
    length
        Block length; None means that of `block_length` for the first column.
    year
        Year of each value, for ``kind="year"``. Shape (n,).
    level
        Of the interval.
    resamples
        Number of series drawn.
    rng
        Generator or seed.

    Returns
    -------
    Estimate
        `notes` say block length and seed. The interval is as long as percentile intervals are: too short
        for few blocks.

    Raises
    ------
    ArgumentError
        If `kind` is not known, `year` is missing, or values are too few or not finite.

    References
    ----------
    Künsch H. R. (1989) Ann. Stat. 17. Politis D. N., Romano J. P. (1994) J. Am. Stat. Assoc. 89.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> mean = block_bootstrap(rng.standard_normal(100) + 3, np.mean, rng=1)
    >>> round(mean.value, 2), mean.low < 3 < mean.high
    (2.99, True)
    """
    table = np.asarray(x, dtype=np.float64)
    first = vector(table if table.ndim == 1 else table[:, 0], "x", 8)
    n = first.size
    check_level(level)
    source = np.random.default_rng(rng)
    drawn: list[IntArray] | IntArray
    notes: tuple[str, ...]
    if kind == "year":
        if year is None or np.asarray(year).shape != (n,):
            raise ArgumentError(
                "whole years are drawn, and years are not given",
                argument="year",
                valid=f"the year of each of the {n} values",
            )
        drawn, notes = year_indices(year, resamples, source), ("whole years",)
    elif kind in ("stationary", "moving"):
        length = block_length(first, kind) if length is None else float(length)
        drawn, notes = block_indices(n, resamples, length, source, kind), (f"blocks of {length:.3g}",)
    else:
        raise ArgumentError(f"{kind!r} is not known", argument="kind", valid="stationary, moving, year")
    draws = np.array([statistic(table[pick]) for pick in drawn])
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]).tolist()
    if not isinstance(rng, np.random.Generator):
        notes += (f"seed {rng}",)
    return Estimate(
        float(statistic(table)), low, high, level, unit="", method=f"{kind} bootstrap", n=n, notes=notes
    )
