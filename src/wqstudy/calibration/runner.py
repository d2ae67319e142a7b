"""Run designs of the atlas: size, coverage, width and power of every test."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.calibration.asked import TESTS, Calendar
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

HIDDEN_RUNS = 400
"""Runs at most of a design with non-detects: each series is completed twenty times."""

DETECTABLE = 1.959964 + 0.841621
"""Standard errors of a change that a test which knows the covariance finds in 80 of 100 cases."""

KEYS = ("test", "noise", "months", "split", "season", "missing", "non_detects")


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
    for n in (24, 36, 60, 120, 240):
        for name in NOISES:
            if name.startswith("AR(1) 0") or n >= 36:
                yield Design(name, n)
    for name in ("AR(1) 0.0", "AR(1) 0.4", "AR(1) 0.8"):
        for n in (36, 60, 120):
            yield Design(name, n, "2:1")
        for n in (60, 120):
            yield Design(name, n, season=2.0)
            yield Design(name, n, missing=0.2)
            for share in (0.2, 0.5):
                yield Design(name, n, non_detects=share)


def run(design: Design, runs: int = 4000, seed: int = SEED) -> pd.DataFrame:
    """Size, coverage, width and power of every test on one design.

    Parameters
    ----------
    design
        What is simulated.
    runs
        Series; `SINGLES` at most for tests that take them one by one, `HIDDEN_RUNS` with non-detects.
    seed
        Of the atlas; each design has a stream of its own.

    Returns
    -------
    DataFrame
        One row a test: `KEYS`, `runs`, `size` and its Monte Carlo error, `coverage` of 95 % intervals,
        `width` relative to that of generalised least squares with the covariance known, `power` at the
        change that such a test finds in 80 of 100 cases.

    Examples
    --------
    >>> run(Design("AR(1) 0.0", 36), runs=200)["test"].tolist()[0]
    'averaged-step'
    """
    rng = np.random.default_rng([seed, zlib.crc32(repr(design).encode())])
    time = np.arange(design.months)
    before, behind = map(int, design.split.split(":"))
    after = time >= design.months * before // (before + behind)
    noise = NOISES[design.noise]
    wave = design.season * np.sin(2 * np.pi * time / 12)
    kept = time
    if design.missing:
        kept = np.sort(rng.permutation(design.months)[: round(design.months * (1 - design.missing))])
    calendar = kept, after[kept]
    covariance = noise.covariance(design.months)[np.ix_(kept, kept)]
    if design.non_detects:
        runs = min(runs, HIDDEN_RUNS)
    null = (noise.draw(design.months, runs, rng) + wave)[:, kept]
    rows = []
    for name, test in TESTS.items():
        if design.non_detects and not test.batched:
            continue  # their own handling of limits is tested apart
        regressor = kept / 12 if test.of_trend else after[kept].astype(float)
        error = _known_error(covariance, kept, regressor)
        own = null if test.batched else null[:SINGLES]
        ask = _hidden(test.of_trend, design, calendar, rng) if design.non_detects else test.ask
        answers = ask(own, calendar)
        found = ask(own[: max(1, len(own) // 2)] + DETECTABLE * error * regressor, calendar)
        rows.append(_row(name, answers, found[:, 2], 2 * 1.959964 * error))
    table = pd.DataFrame(rows)
    for key, value in asdict(design).items():
        table[key] = value
    return table[[*KEYS, *(column for column in table if column not in KEYS)]].assign(
        seed=seed, version=version("wqstudy")
    )


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
) -> Callable[[FloatArray, Calendar], FloatArray]:
    """The averaged tests on series whose lowest values are known only to lie below a limit."""
    time, after = calendar
    angle = 2 * np.pi * time / 12
    moved = (time - time.mean()) / np.ptp(time) if of_trend else after.astype(float)
    regressors = np.column_stack([np.cos(angle), np.sin(angle), moved])

    def ask(series: FloatArray, _: Calendar) -> FloatArray:
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
    """Run designs in pieces: what `out` already holds with the same seed and runs is not run again.

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
    held = pd.read_csv(out) if out.is_file() else pd.DataFrame(columns=[*KEYS, "seed", "asked"])
    same = held[(held["seed"] == seed) & (held["asked"] == runs)]
    done = set(same[list(KEYS[1:])].itertuples(index=False, name=None))
    todo = [one for one in todo if tuple(asdict(one).values()) not in done]
    parts = [held] if len(held) else []
    with ProcessPoolExecutor(processes) as pool:
        tables = pool.map(run, todo, [runs] * len(todo), [seed] * len(todo))
        for design, table in zip(todo, tables, strict=True):
            parts.append(table.assign(asked=runs))
            joined = pd.concat(parts, ignore_index=True).drop_duplicates(list(KEYS), keep="last")
            write_table(joined, out)
            if told is not None:
                told(repr(design))
    return pd.concat(parts, ignore_index=True).drop_duplicates(list(KEYS), keep="last")
