"""Panels of treated and control districts with known effects, for trying methods by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from wqstudy.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NEVER = 10**9
"""Start of a district that is never treated."""

SHAPES = ("step", "ramp", "transient")
"""At once, growing over two years, or halving every six months."""


@dataclass(frozen=True, slots=True)
class DistrictPanel:
    """Log values of stations in districts, and what was put in.

    Parameters
    ----------
    y
        Log values, shape (districts, stations, t); nan where there was no visit.
    time
        Month numbers, shape (t,).
    start
        Month number of the start, `NEVER` for controls. Shape (districts,).
    effect
        Effect of treatment, shape (districts, t).
    """

    y: FloatArray
    time: IntArray
    start: IntArray
    effect: FloatArray

    @property
    def series(self) -> FloatArray:
        """Means over the stations, shape (1, districts, t), for panels without gaps."""
        return np.asarray(self.y.mean(axis=1)[None])


def district_panel(
    rng: np.random.Generator,
    treated: int,
    controls: int,
    *,
    months: int = 84,
    starts: int | Sequence[int] = 42,
    stations: int = 8,
    effect: float | Sequence[float] = 0.0,
    shape: str = "step",
    phi: float = 0.6,
    trend: float = 0.015,
    walk: float = 0.0,
    faster: float = 0.0,
    basin: float = 0.0,
    freedom: float = np.inf,
    gaps: float = 0.0,
    changing: bool = False,
    early: int = 0,
    bad_year: float = 0.0,
    campaign: float = 0.0,
    stray: float = 0.0,
) -> DistrictPanel:
    """A panel of log values: national course, districts' seasons, shocks and trends, stations' noise.

    Parameters
    ----------
    rng
        Source of randomness.
    treated, controls
        Numbers of districts.
    months, stations
        Length, and stations a district.
    starts
        Month of the start, one for all treated or one each.
    effect, shape
        Effect of treatment at its largest, in logs, one for all treated or one each, and its course: one of
        `SHAPES`.
    phi
        Month-to-month correlation of districts' own shocks (sd .3).
    trend
        Sd of districts' own trends, ln units a year.
    walk
        Sd of a monthly step of districts' random walk.
    faster
        Trend of all treated districts beyond that of the controls, ln units a year.
    basin
        Sd of a shock, AR(1) .6, that all treated districts share.
    freedom
        Degrees of freedom of Student's t for the stations' noise; infinite for normal.
    gaps
        Share of visits that were not made.
    changing
        Whether half the stations are replaced by others, at another level, at some month.
    early
        Months by which the effect begins before the start that is stated.
    bad_year
        How much worse the treated districts were in the twelve months before the start.
    campaign
        Change since the start in the last three calendar months of the year alone, treated districts.
    stray
        Change of the first control since the first start.

    Returns
    -------
    DistrictPanel

    Examples
    --------
    >>> panel = district_panel(np.random.default_rng(1), 2, 3, months=36, starts=18, effect=-0.5)
    >>> panel.y.shape, panel.effect[:, -1].tolist()
    ((5, 8, 36), [-0.5, -0.5, 0.0, 0.0, 0.0])
    """
    if shape not in SHAPES:
        raise ArgumentError(f"{shape!r} is not a shape", argument="shape", valid=", ".join(SHAPES))
    districts, time = treated + controls, np.arange(months)
    start = np.full(districts, NEVER)
    start[:treated] = starts
    largest = np.zeros(districts)
    largest[:treated] = effect
    year = time / 12
    own = (
        0.2 * rng.standard_normal((districts, 1)) * np.cos(2 * np.pi * year)
        + trend * rng.standard_normal((districts, 1)) * year
        + 0.3 * remembering(rng, phi, (districts, months))
        + walk * rng.standard_normal((districts, months)).cumsum(axis=1)
    )
    own[:treated] += faster * year + basin * remembering(rng, 0.6, (months,))
    national = 0.3 * remembering(rng, 0.6, (months,)) - 0.174 * year + 0.3 * np.cos(2 * np.pi * year)
    since = time - start[:, None]
    caused = largest[:, None] * _course(since + early, shape)
    own += bad_year * ((since >= -12) & (since < 0)) + campaign * ((since >= 0) & (time % 12 >= 9))
    if controls:
        own[treated] += stray * (time >= start.min())
    noise = remembering(rng, 0.3, (districts, stations, months))
    if np.isfinite(freedom):
        noise *= np.sqrt((freedom - 2) / rng.chisquare(freedom, noise.shape))
    level = 0.5 * rng.standard_normal((districts, stations, 1))
    y = level + (national + own + caused)[:, None, :] + 0.4 * noise
    if changing:
        when = rng.integers(months // 4, 3 * months // 4, size=(districts, 1, 1))
        old = np.arange(stations)[:, None] < stations // 4
        new = ~old & (np.arange(stations)[:, None] < stations // 2)
        y = np.where((old & (time >= when)) | (new & (time < when)), np.nan, y)
    if gaps:
        y = np.where(rng.random(y.shape) < gaps, np.nan, y)
    return DistrictPanel(y, time, start, caused)


def remembering(rng: np.random.Generator, phi: float, shape: tuple[int, ...]) -> FloatArray:
    """Stationary AR(1) of unit variance along the last axis."""
    fresh = rng.standard_normal(shape)
    fresh[..., 1:] *= np.sqrt(1 - phi**2)
    series: FloatArray = signal.lfilter([1.0], [1.0, -phi], fresh, axis=-1)
    return series


def _course(since: IntArray, shape: str) -> FloatArray:
    after = (since >= 0).astype(float)
    if shape == "ramp":
        return np.clip((since + 1) / 24, 0, 1)
    return after * 0.5 ** (np.maximum(since, 0) / 6) if shape == "transient" else after
