"""A unit's stations as one monthly series on the log scale."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.stats import augment, twoway
from wqstudy.study import Study
from wqstudy.windows import Windows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SAME = 1e-9  # ln units: what arithmetic leaves of no difference
_SIDE = {"none": 0, "left": -1, "right": 1}


@dataclass(frozen=True, slots=True)
class Cell:
    """The samples of one unit and parameter as arrays: what the statistics work on.

    Parameters
    ----------
    value, log
        Value or limit, and its natural log. Shape (n,).
    side
        0 observed, -1 non-detect, +1 above range. Shape (n,).
    station, month
        Index of station and of month, from 0, all occupied. Shape (n,).
    late
        Whether the sample belongs to the after window. Shape (n,).
    time, after
        Month number (year * 12 + month - 1), and whether it is after. Shape (months,). A month in which
        the windows meet is there twice.
    zeros, limit
        How many values were zero or less, and the limit they are taken to lie below.
    """

    value: FloatArray
    log: FloatArray
    side: IntArray
    station: IntArray
    month: IntArray
    late: BoolArray
    time: IntArray
    after: BoolArray
    zeros: int = 0
    limit: float = np.nan

    @classmethod
    def of(cls, samples: pd.DataFrame, late: BoolArray, code: str) -> Self:
        """Index samples by station and month; values without a logarithm become non-detects."""
        # The draws for non-detects go by place: the same samples in another order must give the same.
        names = pd.factorize(samples["station"], sort=True)[0]
        order = np.lexsort((samples["value"].to_numpy(), samples["time"].to_numpy(), names))
        samples, late = samples.iloc[order], late[order]
        value = samples["value"].to_numpy(dtype=float)
        side: IntArray = samples["censored"].map(_SIDE).to_numpy().astype(np.int64)
        zero, limit = value <= 0, np.nan
        if zero.any():
            known = catalogue.parameter(code).detection_limit
            positive = value[~zero]
            smallest = float(positive.min()) if positive.size else 1.0
            limit = smallest if known is None else known
            value, side = np.where(zero, limit, value), np.where(zero, -1, side)
        number = (samples["time"].dt.year * 12 + samples["time"].dt.month - 1).to_numpy(dtype=np.int64)
        key, month = np.unique(2 * number + late, return_inverse=True)
        key = key.astype(np.int64)
        return cls(
            value,
            np.log(value),
            side,
            _index(samples["station"].to_numpy()),
            month.astype(np.int64),
            late,
            key // 2,
            (key % 2).astype(bool),
            int(zero.sum()),
            limit,
        )

    def keep(self, chosen: BoolArray) -> Cell:
        """Some of the samples; stations and months are counted anew."""
        months, month = np.unique(self.month[chosen], return_inverse=True)
        return Cell(
            self.value[chosen],
            self.log[chosen],
            self.side[chosen],
            _index(self.station[chosen]),
            month.astype(np.int64),
            self.late[chosen],
            self.time[months],
            self.after[months],
            self.zeros,
            self.limit,
        )

    @property
    def stations(self) -> int:
        """How many stations there are."""
        return int(self.station.max(initial=-1)) + 1

    @property
    def months(self) -> tuple[int, int]:
        """How many months have samples, before and after."""
        return int((~self.after).sum()), int(self.after.sum())

    @property
    def censored_share(self) -> float:
        """Share of samples that are only limits; nan without samples."""
        return float(np.mean(self.side != 0)) if self.side.size else np.nan

    @property
    def worst_share(self) -> float:
        """The same in the window that has more of them."""
        shares = [np.mean(self.side[w] != 0) for w in (self.late, ~self.late) if w.any()]
        return float(max(shares, default=np.nan))

    @property
    def constant(self) -> bool:
        """Whether every station has one value throughout: without noise no interval means anything."""
        return not (self.side != 0).any() and not varying(self.log, self.station).any()

    def linked(self) -> Cell:
        """The stations that can be set on one scale: those linked by common months.

        Of the linked parts, one that has both windows goes before others, then the one with most samples.
        Where none has both, what is kept has no months in one of them, and says nothing.
        """
        if not self.log.size:
            return self
        part = twoway.connected(self.station, self.month)
        size = np.bincount(part)
        both = [np.unique(self.late[part == p]).size == 2 for p in range(size.size)]
        best = max(range(size.size), key=lambda p: (both[p], size[p]))
        return self if size.size == 1 else self.keep(part == best)

    def complete(self, rng: np.random.Generator, regressor: FloatArray | None = None) -> FloatArray:
        """Log values with non-detects drawn, shape (draws, n); one draw where nothing is hidden.

        The months' means follow a season and `regressor`, shape (months,), by default the step.
        """
        hidden = bool((self.side != 0).any())
        # A month may be there twice, before and after: to the sampler the second lies half a month later.
        when = self.time + 0.5 * np.concatenate([[False], np.diff(self.time) == 0])
        # One wave for the season, not twelve months: with many non-detects a month may hold nothing else.
        angle = 2 * np.pi * self.time / 12
        moved = self.after.astype(float) if regressor is None else regressor
        design = np.column_stack([np.cos(angle), np.sin(angle), moved])
        panel = augment.Panel(self.log, self.side, self.station, self.month, when, design)
        return augment.impute(panel, rng, draws=rules.load("comparison")["draws"] if hidden else 1)


def varying(log: FloatArray, station: IntArray) -> BoolArray:
    """Which samples differ from the mean of their station by more than arithmetic does, shape (n,)."""
    mean = np.bincount(station, weights=log) / np.maximum(np.bincount(station), 1)
    return np.abs(log - mean[station]) > _SAME


def _index(labels: npt.NDArray[np.generic]) -> IntArray:
    return pd.factorize(labels)[0].astype(np.int64)


def seed_of(rng: int | np.random.Generator) -> int:
    """The seed itself, or one drawn from a generator.

    Raises
    ------
    ArgumentError
        If it is neither.

    Examples
    --------
    >>> seed_of(7)
    7
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**31))
    if not isinstance(rng, int | np.integer) or isinstance(rng, bool) or rng < 0:
        raise ArgumentError(
            f"{rng!r} is not a seed", argument="rng", valid="a whole number, 0 or more, or a numpy Generator"
        )
    return int(rng)


def cell_rng(seed: int, unit: object, code: str) -> np.random.Generator:
    """Randomness of one unit and parameter, the same whichever others are asked for."""
    return np.random.default_rng([seed, zlib.crc32(f"{unit}|{code}".encode())])


def check_question(wanted: Iterable[str], level: float, by: str, columns: Iterable[str]) -> None:
    """Refuse what cannot be asked of a table by unit and parameter.

    Raises
    ------
    ArgumentError
        If the unit's column is also one of the result, a parameter has no percentages, or the level is none.
    """
    if by in columns:
        raise ArgumentError(
            f"column {by!r} is also a column of the result",
            argument="by",
            mend="give the column of the stations table another name",
        )
    ratios = [p.code for p in catalogue.catalogue().values() if p.ratio]
    odd = [code for code in wanted if code not in ratios]
    if odd:
        raise ArgumentError(
            f"a percentage change of {odd[0]} means nothing", argument="parameters", valid=", ".join(ratios)
        )
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")


def unit_windows(
    study: Study, by: str, before: Iterable[Any] | None = None, after: Iterable[Any] | None = None
) -> dict[str, Windows]:
    """Before and after of every unit: those given, the same for all, else the study's.

    Raises
    ------
    ArgumentError
        If only one of the two is given, or they are no windows.
    """
    if before is None and after is None:
        return study.windows_of(by)
    if before is None or after is None:
        raise ArgumentError(
            "one window is given and the other is not", argument="before, after", mend="give both or neither"
        )
    return dict.fromkeys(study.own_starts(by), Windows.of(before, after))


def monthly_series(
    study: Study,
    before: Iterable[Any] | None = None,
    after: Iterable[Any] | None = None,
    by: str = "district",
    *,
    parameters: Iterable[str] | None = None,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """The monthly series of every unit, made as a comparison makes it, over all the time sampled.

    Parameters
    ----------
    study
        The study.
    before, after, by
        As for `wqstudy.compare`. `by` is
        ``"district"``, ``"station"`` or any column of the stations table.
    parameters
        Codes or names; by default the study's.
    rng
        Seed of the draws for non-detects, or a generator to draw one from.

    Returns
    -------
    DataFrame
        ``<by>, parameter, time, value, window, level, censored_share``: `time` the first of the month,
        `value` the geometric mean in the parameter's unit over the unit's stations, each counted alike
        whether or not it was sampled that month (mean over the draws where there are non-detects), `window`
        ``before``, ``after`` or blank, `level` the geometric mean of the values of that window,
        `censored_share` the share of the month's samples that are only limits. A comparison also takes the
        season out, so that its change is not quite the ratio of the levels.

    Raises
    ------
    ArgumentError
        If a column or parameter cannot be used, or nothing is sampled.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> table = monthly_series(datasets.load("demo"), parameters=["TP"])
    >>> list(table)[2:], table["district"].nunique()
    (['time', 'value', 'window', 'level', 'censored_share'], 6)
    """
    wanted = study.parameters if parameters is None else catalogue.codes(parameters)
    samples = study.samples.loc[study.samples["parameter"].isin(wanted)]
    unit = samples["station"].map(study.unit_of(by))
    seed = seed_of(rng)
    groups = dict(iter(samples.groupby([unit, samples["parameter"]], sort=False)))
    tables = []
    for name, window, code in (
        (n, w, c) for n, w in unit_windows(study, by, before, after).items() for c in wanted
    ):
        if (name, code) not in groups:
            continue
        group = groups[name, code]
        cell = Cell.of(group, (group["time"] >= window.after[0]).to_numpy(), code).linked()
        series = twoway.column_effects(cell.complete(cell_rng(seed, name, code)), cell.station, cell.month)
        time = pd.to_datetime({"year": cell.time // 12, "month": cell.time % 12 + 1, "day": 1})
        inside = np.select(
            [
                (time >= window.before[0].replace(day=1)) & (time < window.before[1]) & ~cell.after,
                cell.after & (time < window.after[1]),
            ],
            ["before", "after"],
            default="",
        )
        log = pd.Series(series.mean(axis=0))
        level = np.exp(log.groupby(inside).transform("mean")).where(inside != "")
        limits = np.bincount(cell.month, weights=cell.side != 0) / np.bincount(cell.month)
        columns = {"time": time, "value": np.exp(log), "window": inside, "level": level}
        tables.append(pd.DataFrame({by: name, "parameter": code} | columns | {"censored_share": limits}))
    if not tables:
        raise ArgumentError(
            f"no station that has a {by} has samples of these parameters", argument="parameters"
        )
    return pd.concat(tables, ignore_index=True)
