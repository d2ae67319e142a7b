"""How much a study's series vary by themselves: what a plan of sampling starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqstudy import parameters as catalogue
from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.series import Cell, cell_rng, seed_of
from wqstudy.stats import step, twoway
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Variability:
    """Noise of log concentrations, season and steps at the starts of treatment taken out.

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
    """

    district_sd: float
    phi: float
    section_sd: float
    common_sd: float = 0.0
    common_phi: float = 0.0
    trend_sd: float = 0.015

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

    Moments of the monthly series that `wqstudy.compare` uses, over all the time sampled: the residual of
    station and month effects, the mean course of the districts, and what is left of each. The spread of
    stations is taken out of the districts' variance, and the correlation of neighbouring months is freed
    of the bias that estimated season and step bring, to first order (Marriott and Pope 1954, Biometrika 41).

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
        If no unit has two years of months.

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
    least = rules.load("effects")["planning"]["months"]
    courses: list[tuple[IntArray, FloatArray]] = []
    section: list[tuple[float, float, float]] = []  # squares, freedom, mean number of stations a month
    for name, rows in samples.groupby(unit, sort=True):
        start = starts.get(str(name))
        late = np.zeros(len(rows), bool) if start is None else (rows["time"] >= start).to_numpy()
        cell = Cell.of(rows, late, code).linked()
        if cell.time.size < least:
            continue
        full = cell.complete(cell_rng(seed, name, code))
        series = twoway.column_effects(full, cell.station, cell.month)
        section.append(_own(full, series, cell))
        courses.append((cell.time, (series - _expected(series, cell)).mean(axis=0)))
    if not courses:
        raise ArgumentError(
            f"no {by} has {least} months of {code}",
            argument="by",
            mend="ask for a parameter with more samples",
        )
    squares, freedom, stations = np.array(section).sum(axis=0)
    section_sd = float(np.sqrt(squares / freedom)) if freedom > 0 else 0.0
    white = section_sd**2 / max(stations / len(section), 1.0)
    return _parts(courses, section_sd, white)


def _expected(series: FloatArray, cell: Cell) -> FloatArray:
    """Season and the means on either side of the start."""
    plain = series - step.season_part(series, cell.time, cell.after)
    means = np.stack(
        [plain[:, cell.after == a].mean(axis=1) for a in (False, True) if (cell.after == a).any()]
    )
    at = cell.after.astype(int) if len(means) == 2 else np.zeros(cell.time.size, int)
    answer: FloatArray = series - plain + means[at].T
    return answer


def _own(full: FloatArray, series: FloatArray, cell: Cell) -> tuple[float, float, float]:
    """Squares of single values about station and month, their freedom, and stations a month."""
    left = full - series[:, cell.month]
    station = cell.station
    count = np.bincount(station)
    mean = np.stack([np.bincount(station, weights=row) for row in left]) / count
    squares = float(((left - mean[:, station]) ** 2).sum(axis=1).mean())
    freedom = cell.log.size - cell.time.size - cell.stations + 1
    return squares, float(max(freedom, 0)), cell.log.size / cell.time.size


def _parts(courses: list[tuple[IntArray, FloatArray]], section_sd: float, white: float) -> Variability:
    """The shared course, and the districts' own, with the memory of each."""
    first = min(int(time[0]) for time, _ in courses)
    width = max(int(time[-1]) for time, _ in courses) - first + 1
    table = np.full((len(courses), width), np.nan)
    for row, (time, course) in zip(table, courses, strict=True):
        # A month in which windows meet is there twice; its last value stands for it.
        row[time - first] = course
    many = len(courses)
    if many == 1:
        variance, phi = _memory(table, white)
        return Variability(float(np.sqrt(variance)), phi, section_sd, trend_sd=_trend_sd())
    seen = ~np.isnan(table)
    count = np.maximum(seen.sum(axis=0), 1)
    common = np.where(seen.any(axis=0), np.nansum(table, axis=0) / count, np.nan)
    shrink = many / (many - 1)  # a mean over all districts takes 1 / many of each along
    own, phi = _memory(table - common, white / shrink)
    own *= shrink
    shared, common_phi = _memory(common[None], (own + white) / many)
    return Variability(
        float(np.sqrt(own)), phi, section_sd, float(np.sqrt(shared)), common_phi, trend_sd=_trend_sd()
    )


def _memory(table: FloatArray, white: float) -> tuple[float, float]:
    """Variance beyond the white part, and its correlation of neighbouring months."""
    whole = float(np.nanmean(table**2))
    pairs = table[:, 1:] * table[:, :-1]
    known = int(np.isfinite(pairs).sum())
    variance = max(whole - white, 0.05 * whole)
    if not known or variance == 0:
        return variance, 0.0
    phi = float(np.nanmean(pairs)) / variance
    months = np.isfinite(table).sum() / len(table)
    return variance, float(np.clip(phi + (1 + 3 * phi) / months, 0.0, 0.95))


def _trend_sd() -> float:
    return float(rules.load("effects")["planning"]["trend_sd"])
