"""Run designs of the atlas: size, coverage, width and power of every test."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.calibration.asked import TESTS, Calendar, Test
from wqstudy.calibration.noises import NOISES
from wqstudy.errors import ArgumentError
from wqstudy.outputs import write_table
from wqstudy.stats import augment, averaged
from wqstudy.stats.step import beside_season

FloatArray = npt.NDArray[np.float64]

SEED = 20261124
ALPHA = 0.05
SINGLES = 4000
"""Runs at most of tests that take series one by one."""

HIDDEN_RUNS = 500
"""Runs at most of a design with non-detects: each series is completed twenty times."""

PROBED = 2
"""Series whose p-values are part of what `made_by` is a hash of."""

DETECTABLE = 1.959964 + 0.841621
"""Standard errors of a change that a test which knows the covariance finds in 80 of 100 cases."""

KEYS = ("test", "noise", "months", "split", "season", "missing", "non_detects")
NUMBERS = ("runs", "size", "size_error", "coverage", "width", "power")


@dataclass(frozen=True, slots=True)
class Design:
    """What is simulated.

    Parameters
    ----------
    noise
        A name of `NOISES`.
    months
        Length of the record.
    split
        Months before to months after, such as ``"2:1"``.
    season
        Amplitude of a yearly wave, in standard deviations of the noise.
    missing, non_detects
        Shares of months without a value, and of values below the limit.
    """

    noise: str
    months: int
    split: str = "1:1"
    season: float = 0.0
    missing: float = 0.0
    non_detects: float = 0.0


def designs() -> Iterator[Design]:
    """Every design of the atlas."""
    for n in (24, 36, 48, 60, 120, 240):
        for name in NOISES:
            if name.startswith("AR(1) 0") or n >= 36:
                yield Design(name, n)
    for name in ("AR(1) 0.0", "AR(1) 0.4", "AR(1) 0.8", "fractional .3", "AR(1) .6, t3"):
        for n in (36, 60, 120):
            yield Design(name, n, "2:1")
        for n in (60, 120):
            yield Design(name, n, season=2.0)
            yield Design(name, n, missing=0.2)
    for name in ("AR(1) 0.0", "AR(1) 0.4", "AR(1) 0.8"):
        for n in (60, 120):
            for share in (0.2, 0.5):
                yield Design(name, n, non_detects=share)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A design at work: its months, their covariance, and null series."""

    design: Design
    rng: np.random.Generator
    calendar: Calendar
    covariance: FloatArray

    @classmethod
    def of(cls, design: Design, seed: int) -> _Scene:
        """With the stream of random numbers that the design has, from its beginning.

        Which months lack is the design's own, whatever the seed: rates differ between calendars.
        """
        own = zlib.crc32(repr(design).encode())
        shipped = np.random.default_rng([SEED, own])
        kept = np.arange(design.months)
        before, behind = map(int, design.split.split(":"))
        if design.missing:
            kept = np.sort(shipped.permutation(design.months)[: round(design.months * (1 - design.missing))])
        rng = shipped if seed == SEED else np.random.default_rng([seed, own])
        after = kept >= design.months * before // (before + behind)
        whole = NOISES[design.noise].covariance(design.months)
        return cls(design, rng, (kept, after), whole[np.ix_(kept, kept)])

    def null(self, runs: int) -> FloatArray:
        """Series in which nothing changes, shape (runs, months)."""
        kept, _ = self.calendar
        drawn: FloatArray = NOISES[self.design.noise].draw(self.design.months, runs, self.rng)
        return (drawn + self.design.season * np.sin(2 * np.pi * np.arange(self.design.months) / 12))[:, kept]

    def regressor(self, test: Test) -> FloatArray:
        """What the test looks for."""
        kept, after = self.calendar
        return kept / 12 if test.of_trend else after.astype(float)

    def asked(self, test: Test) -> Callable[[FloatArray], FloatArray]:
        """The test on this calendar, its non-detects completed."""
        if self.design.non_detects:
            return _hidden(test.of_trend, self.design, self.calendar, self.rng)
        return lambda series: test.ask(series, self.calendar)


def tests_of(design: Design) -> list[str]:
    """Names of the tests that are asked on a design: with non-detects, those that complete them."""
    return [name for name, test in TESTS.items() if test.batched or not design.non_detects]


def runs_of(design: Design, test: str, runs: int) -> int:
    """Series a test is asked, where `runs` are wanted."""
    most = HIDDEN_RUNS if design.non_detects else runs if TESTS[test].batched else SINGLES
    return min(runs, most)


def made_by(design: Design, test: str, runs: int = 10_000, seed: int = SEED) -> str:
    """Hash of all that makes a row: design, test, runs, seed, and what the code answers to two series.

    Two programs that give the same p-values to six digits have the same hash, whatever their source looks
    like; a change of a prior, a noise or a stream of random numbers gives another.

    Examples
    --------
    >>> one = made_by(Design("AR(1) 0.4", 36), "averaged-step")
    >>> len(one), one == made_by(Design("AR(1) 0.4", 36), "averaged-trend")
    (12, False)
    """
    scene = _Scene.of(design, seed)
    answers = scene.asked(TESTS[test])(scene.null(PROBED))
    said = [f"{p:.6g}" for p in answers[:, 2]]
    told = repr((design, test, runs_of(design, test, runs), seed, said))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def run(
    design: Design, runs: int = 4000, seed: int = SEED, tests: Iterable[str] | None = None
) -> pd.DataFrame:
    """Size, coverage, width and power of the tests on one design.

    Parameters
    ----------
    design
        What is simulated.
    runs
        Series; `SINGLES` at most for tests that take them one by one, `HIDDEN_RUNS` with non-detects.
    seed
        Of the atlas; each design has a stream of its own, the same for every test.
    tests
        Names; by default all of `tests_of`.

    Returns
    -------
    DataFrame
        One row a test: `KEYS`, `runs`, `size` and its Monte Carlo error, `coverage` of 95 % intervals,
        `width` relative to that of generalised least squares with the covariance known, `power` at the
        change that such a test finds in 80 of 100 cases, `seed`, `version` and `made_by`.

    Examples
    --------
    >>> run(Design("AR(1) 0.0", 36), runs=200)["test"].tolist()[0]
    'averaged-step'
    """
    rows = []
    for name in tests_of(design) if tests is None else tests:
        scene = _Scene.of(design, seed)
        regressor = scene.regressor(TESTS[name])
        error = _known_error(scene.covariance, scene.calendar[0], regressor)
        ask = scene.asked(TESTS[name])
        null = scene.null(runs_of(design, name, runs))
        changed = null[: max(1, len(null) // (4 if design.non_detects else 2))]
        found = ask(changed + DETECTABLE * error * regressor)
        row = _row(name, ask(null), found[:, 2], 2 * 1.959964 * error)
        rows.append(row | asdict(design) | {"made_by": made_by(design, name, runs, seed)})
    table = pd.DataFrame(rows).assign(seed=seed, version=version("wqstudy"))
    return table[[*KEYS, *NUMBERS, "seed", "version", "made_by"]]


def _row(name: str, answers: FloatArray, changed: FloatArray, known_width: float) -> dict[str, object]:
    low, high, p = answers.T
    size = float(np.mean(p < ALPHA))
    held = np.isfinite(low) & np.isfinite(high)
    inside = np.mean((low[held] <= 0) & (high[held] >= 0)) if held.any() else np.nan
    width = np.mean(high[held] - low[held]) / known_width if held.any() else np.nan
    return {
        "test": name,
        "runs": len(p),
        "size": round(size, 4),
        "size_error": round(float(np.sqrt(max(size * (1 - size), ALPHA / len(p)) / len(p))), 4),
        "coverage": round(float(inside), 4),
        "width": round(float(width), 3),
        "power": round(float(np.mean(changed < ALPHA)), 4),
    }


def _known_error(covariance: FloatArray, time: npt.NDArray[np.int64], regressor: FloatArray) -> float:
    """Standard error of generalised least squares with this covariance."""
    season, own = beside_season(time, regressor, 12)
    design = np.column_stack([season, own])
    information = design.T @ np.linalg.solve(covariance, design)
    return float(np.sqrt(np.linalg.inv(information)[-1, -1]))


def _hidden(
    of_trend: bool, design: Design, calendar: Calendar, rng: np.random.Generator
) -> Callable[[FloatArray], FloatArray]:
    """The averaged tests on series whose lowest values are known only to lie below a limit."""
    time, after = calendar
    angle = 2 * np.pi * time / 12
    moved = (time - time.mean()) / np.ptp(time) if of_trend else after.astype(float)
    regressors = np.column_stack([np.cos(angle), np.sin(angle), moved])

    def ask(series: FloatArray) -> FloatArray:
        answers = []
        for y in series:
            limit = np.quantile(y, design.non_detects)
            panel = augment.Panel(
                np.maximum(y, limit),
                np.where(y < limit, -1, 0),
                np.zeros(time.size, np.int64),
                np.arange(time.size),
                time.astype(float),
                regressors,
            )
            full = augment.impute(panel, rng)
            one = (
                averaged.averaged_trend(full, time) if of_trend else averaged.averaged_step(full, time, after)
            )
            answers.append((one.low, one.high, one.p_value))
        return np.array(answers)

    return ask


def run_all(
    out: Path,
    picked: Iterable[str] = (),
    *,
    runs: int = 4000,
    seed: int = SEED,
    processes: int = 2,
    told: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Run designs in pieces: rows of `out` that this code would make again (`made_by`) are not run again.

    Parameters
    ----------
    out
        Table (.csv) to be filled; written beside and moved into place after each design.
    picked
        Words; designs whose written form holds one of them are run. None means all.
    runs, seed
        As for `run`.
    processes
        Designs run at once.
    told
        Called with a line after each design.

    Raises
    ------
    ArgumentError
        If no design has one of the words.
    """
    words = list(picked)
    todo = [one for one in designs() if not words or any(word in repr(one) for word in words)]
    if not todo:
        raise ArgumentError(
            f"no design has {words[0]!r} in it", argument="picked", valid="such as months=120"
        )
    held = pd.read_csv(out) if out.is_file() else pd.DataFrame(columns=[*KEYS, "made_by"])
    parts = [held] if len(held) else []
    known = frozenset(held["made_by"])
    with ProcessPoolExecutor(processes) as pool:
        for design, table in zip(
            todo, pool.map(_missing, todo, *zip(*[(runs, seed, known)] * len(todo), strict=True)), strict=True
        ):
            if table is None:
                continue
            parts.append(table)
            write_table(_joined(parts), out)
            if told is not None:
                told(repr(design))
    return _joined(parts)


def _missing(design: Design, runs: int, seed: int, known: frozenset[str]) -> pd.DataFrame | None:
    """The rows of a design that are not known yet; None where all are."""
    tests = [name for name in tests_of(design) if made_by(design, name, runs, seed) not in known]
    return run(design, runs, seed, tests) if tests else None


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The last row of every test and design, in the order of `designs`."""
    table = pd.concat(parts, ignore_index=True).drop_duplicates(list(KEYS), keep="last")
    order = {tuple(asdict(one).values()): place for place, one in enumerate(designs())}
    tests = list(TESTS)
    place = [
        (order.get(tuple(row[1:]), len(order)), tests.index(row[0]))
        for row in table[list(KEYS)].itertuples(index=False, name=None)
    ]
    return table.iloc[sorted(range(len(place)), key=place.__getitem__)].reset_index(drop=True)
