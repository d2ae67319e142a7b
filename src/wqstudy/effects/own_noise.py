"""How much a study's series vary by themselves: what a plan of sampling starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wqstudy import parameters as catalogue
from wqstudy import rules
from wqstudy.effects.covariance import seasons
from wqstudy.errors import ArgumentError
from wqstudy.series import Cell, cell_rng, seed_of
from wqstudy.stats import twoway
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_YEAR = 12
_PHI = np.linspace(0.0, 0.95, 20)


@dataclass(frozen=True, slots=True)
class Variability:
    """Noise of log concentrations, with season, effects of treatment and the common trend taken out.

    Parameters
    ----------
    district_sd, phi
        Of a district's own monthly course: sd in ln units, and correlation of neighbouring months.
    section_sd
        Of one section's monthly value about its district's month, ln units.
    common_sd, common_phi
        Of the course that all districts share, such as the weather: it matters where there are no controls.
    trend_sd
        Of districts' own trends, ln units a year: assumed, not estimated.
    left_out
        Units that tell nothing of it: mostly below the limit, or always the same.
    """

    district_sd: float
    phi: float
    section_sd: float
    common_sd: float = 0.0
    common_phi: float = 0.0
    trend_sd: float = 0.015
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no noise."""
        for name in ("district_sd", "section_sd", "common_sd", "trend_sd"):
            value = getattr(self, name)
            if not 0 <= value < np.inf:
                raise ArgumentError(f"{value!r} is no standard deviation", argument=name, valid="0 or more")
        for name in ("phi", "common_phi"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ArgumentError(f"{value!r} is not usable", argument=name, valid="0 to below 1")


def variability(
    study: Study, parameter: str, by: str = "district", *, rng: int | np.random.Generator = 0
) -> Variability:
    """Noise of a study's districts: what is shared, what is a district's own, what is a section's own.

    Moments of the monthly series that `wqstudy.compare` uses, over all the time sampled, beside season,
    straight line and one level a year since the start: squares and products of neighbouring months of the
    districts' mean course, and of what each has of its own, are set to what they are on average once all
    that is taken out. The spread of stations is taken out of the districts' variance. Units with more
    non-detects before or after than `wqstudy.evaluate` estimates from are left out: draws of what was not
    seen have the noise that they are given.

    Parameters
    ----------
    study
        The study.
    parameter
        Code or name.
    by
        ``"district"`` or any column of the stations table.
    rng
        Seed of the draws for non-detects, or a generator to draw one from.

    Raises
    ------
    ArgumentError
        If no unit has two years of months, all are mostly below the limit or always the same.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> noise = variability(datasets.load("demo"), "TP")
    >>> bool(0.1 < noise.district_sd < 0.6), bool(0 <= noise.phi < 1)
    (True, True)
    """
    code = catalogue.codes([parameter])[0]
    seed = seed_of(rng)
    samples = study.samples.loc[study.samples["parameter"] == code]
    unit = samples["station"].map(study.unit_of(by))
    starts = study.own_starts(by)
    rule = rules.load("effects")
    least, most = rule["planning"]["months"], rule["nondetects"]["max_censored"]
    found, mute = [], []
    section: list[tuple[float, float, float]] = []  # squares, freedom, mean number of stations a month
    for name, rows in samples.groupby(unit, sort=True):
        start = starts.get(str(name))
        late = np.zeros(len(rows), bool) if start is None else (rows["time"] >= start).to_numpy()
        cell = Cell.of(rows, late, code).linked()
        if cell.time.size < least:
            continue
        if cell.worst_share > most or cell.constant:
            mute.append(str(name))
            continue
        full = cell.complete(cell_rng(seed, name, code))
        series = twoway.column_effects(full, cell.station, cell.month)
        section.append(_own(full, series, cell))
        found.append(_Course.of(series.mean(axis=0), cell))
    if not found and mute:
        raise ArgumentError(
            f"{code} is below the limit in more than {100 * most:g} % of samples, or always the same, in "
            f"{', '.join(mute)}: how it varies is not known, and nothing can be planned from it",
            argument="parameter",
            mend="ask for a parameter that is mostly detected, or plan from a study with a lower limit",
        )
    if not found:
        raise ArgumentError(
            f"no {by} has {least} months of {code}",
            argument="by",
            mend="ask for a parameter with more samples",
        )
    squares, freedom, stations = np.array(section).sum(axis=0)
    section_sd = float(np.sqrt(squares / freedom)) if freedom > 0 else 0.0
    noise = _parts(found, section_sd, section_sd**2 / max(stations / len(section), 1.0))
    return replace(noise, left_out=tuple(mute))


@dataclass(frozen=True, slots=True)
class _Course:
    """What is left of one district's series beside what is expected, and how much the fit has taken out.

    Parameters
    ----------
    time, left
        Month numbers and residuals, shape (t,).
    squares, products
        Sum of squares, and of products of neighbouring months, that noise of variance one leaves on
        average: white noise first, then AR(1) noise with each of `_PHI`. Shape (1 + phis,).
    """

    time: IntArray
    left: FloatArray
    squares: FloatArray
    products: FloatArray

    @classmethod
    def of(cls, series: FloatArray, cell: Cell) -> _Course:
        """Take out season, straight line, and a level a year since the start: effects are no noise."""
        first = cell.time[cell.after].min(initial=cell.time[-1] + 1)
        span = np.where(cell.after, 1 + (cell.time - first) // _YEAR, 0)
        levels = (span[:, None] == np.unique(span)).astype(float)
        x = np.column_stack([seasons(cell.time), levels, cell.time - cell.time.mean()])
        basis, size, _ = np.linalg.svd(x, full_matrices=False)
        basis = basis[:, size > 1e-9 * size[0]]
        free = np.eye(cell.time.size) - basis @ basis.T
        apart = np.abs(cell.time[:, None] - cell.time)
        near = apart == 1
        squares, products = [], []
        for correlation in (np.eye(cell.time.size), *(phi**apart for phi in _PHI)):
            both = free @ correlation @ free
            squares.append(float(np.trace(both)))
            products.append(float(both[near].sum()) / 2)
        return cls(cell.time, free @ series, np.array(squares), np.array(products))


def _own(full: FloatArray, series: FloatArray, cell: Cell) -> tuple[float, float, float]:
    """Squares of single values about station and month, their freedom, and stations a month."""
    left = full - series[:, cell.month]
    station = cell.station
    count = np.bincount(station)
    mean = np.stack([np.bincount(station, weights=row) for row in left]) / count
    squares = float(((left - mean[:, station]) ** 2).sum(axis=1).mean())
    freedom = cell.log.size - cell.time.size - cell.stations + 1
    return squares, float(max(freedom, 0)), cell.log.size / cell.time.size


def _parts(courses: list[_Course], section_sd: float, white: float) -> Variability:
    """The shared course, and the districts' own, with the memory of each."""
    first = min(int(one.time[0]) for one in courses)
    width = max(int(one.time[-1]) for one in courses) - first + 1
    table = np.full((len(courses), width), np.nan)
    for row, one in zip(table, courses, strict=True):
        # A month in which windows meet is there twice; its last value stands for it.
        row[one.time - first] = one.left
    squares = np.sum([one.squares for one in courses], axis=0)
    products = np.sum([one.products for one in courses], axis=0)
    many, trend_sd = len(courses), float(rules.load("effects")["planning"]["trend_sd"])
    if many == 1:
        own, phi = _memory(table, squares, products, white)
        return Variability(np.sqrt(own), phi, section_sd, trend_sd=trend_sd)
    seen = ~np.isnan(table)
    mean = np.where(seen.any(axis=0), np.nansum(table, axis=0) / np.maximum(seen.sum(axis=0), 1), np.nan)
    kept = 1 - 1 / many  # a mean over all districts takes a share of each along
    own, phi = _memory(table - mean, kept * squares, kept * products, white)
    # Of the mean, what the districts' own parts leave in it comes off first.
    at = int(np.argmin(np.abs(_PHI - phi))) + 1
    rest = [(white * part[0] + own * part[at]) / many**2 for part in (squares, products)]
    shared, common_phi = _memory(mean[None], squares / many, products / many, 0.0, rest)
    return Variability(np.sqrt(own), phi, section_sd, np.sqrt(shared), common_phi, trend_sd)


def _memory(
    table: FloatArray,
    squares: FloatArray,
    products: FloatArray,
    white: float,
    rest: Sequence[float] = (0.0, 0.0),
) -> tuple[float, float]:
    """Variance beyond the white part, and its correlation of neighbouring months.

    The values under which squares and products of neighbours are as large as they were found to be.
    """
    whole = float(np.nansum(table**2)) - rest[0] - white * squares[0]
    near = float(np.nansum(table[:, 1:] * table[:, :-1])) - rest[1] - white * products[0]
    if whole <= 0:
        return 0.0, 0.0
    ratio = products[1:] / squares[1:]  # rises with the correlation
    phi = float(np.interp(near / whole, ratio, _PHI))
    return whole / float(np.interp(phi, _PHI, squares[1:])), phi
