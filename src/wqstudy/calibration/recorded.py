"""Noise of real records: how often do the tests find a change in surrogates of it?"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import datasets
from wqstudy.calibration.asked import TESTS, Calendar
from wqstudy.calibration.runner import ALPHA, PROBED, SEED, SINGLES
from wqstudy.errors import ReadError
from wqstudy.outputs import write_table

FloatArray = npt.NDArray[np.float64]

LEAST = {"month": 300, "day": 270}
"""Steps of time with a value that a record must have."""

FILLED = 0.2
"""Largest share of steps without a value, filled along a straight line; of values below the limit half."""

DEGREE = 3
"""Of the polynomial in time that is taken out of a record: a trend that bends twice."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Surrogates of real records of one kind.

    Parameters
    ----------
    source
        A name of `wqstudy.datasets`.
    parameter
        Code.
    step
        ``"month"`` or ``"day"``: what the tests take for a month.
    months
        Length of the surrogates, in steps.
    """

    source: str
    parameter: str
    step: str
    months: int


def kinds() -> list[Recorded]:
    """Every kind and length of the table."""
    return [
        *(Recorded("hongkong", code, "month", n) for code in ("NH3N", "TP") for n in (36, 60, 120, 240)),
        *(Recorded("cnemc-2020", code, "day", n) for code in ("NH3N", "TP", "CODMn") for n in (36, 60, 120)),
    ]


def residuals(kind: Recorded) -> list[FloatArray]:
    """Logs of every record that is long enough, without season (of months) and polynomial trend.

    Raises
    ------
    ReadError
        If the data are not on this computer and cannot be downloaded.
    """
    logs = _logs(kind.source, kind.parameter, kind.step)
    rest = []
    for _, own in logs.groupby(level="station", observed=True):
        at, log = own.index.get_level_values("at").to_numpy(), own.to_numpy()
        steps = np.arange(at[0], at[-1] + 1)
        if at.size < LEAST[kind.step] or at.size < (1 - FILLED) * steps.size:
            continue
        full = np.interp(steps, at, log)
        line = np.vander(np.linspace(-1, 1, steps.size), DEGREE + 1)
        seasons = np.eye(12)[steps % 12][:, 1:] if kind.step == "month" else np.empty((steps.size, 0))
        basis, _ = np.linalg.qr(np.column_stack([line, seasons]))
        rest.append(full - basis @ (basis.T @ full))
    return rest


@cache
def _samples(source: str) -> pd.DataFrame:
    return datasets.load(source).samples


@cache
def _logs(source: str, parameter: str, step: str) -> pd.Series[float]:
    """Mean log of each station and step of time; below a limit, the log of half of it."""
    samples = _samples(source)
    own = samples[(samples["parameter"] == parameter) & (samples["value"] > 0)]
    when = own["time"]
    day = (when.dt.normalize() - pd.Timestamp(0)).dt.days
    at = day if step == "day" else when.dt.year * 12 + when.dt.month - 1
    value = own["value"].where(own["censored"] != "left", own["value"] / 2)
    keys = [own["station"].rename("station"), at.rename("at")]
    logs: pd.Series[float] = value.map(np.log).groupby(keys, observed=True).mean().sort_index()
    return logs


def surrogate(residual: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A series with about the spectrum, and exactly the values, of another, in an order of its own.

    The phases of a normal series of the same ranks are drawn anew, and the values put into the order of
    the result (Theiler, Eubank, Longtin, Galdrikian and Farmer 1992, Physica D 58, 77-94, section 2.4).
    No moment is special in it, so that a step at a given place, or a trend, is a false alarm.

    Examples
    --------
    >>> residual = np.sin(np.arange(50.0)) + np.arange(50) % 7
    >>> other = surrogate(residual, np.random.default_rng(0))
    >>> bool(np.allclose(np.sort(other), np.sort(residual))), bool(np.allclose(other, residual))
    (True, False)
    """
    rank = residual.argsort().argsort()
    normal = np.sort(rng.standard_normal(residual.size))[rank]
    wave = np.fft.rfft(normal)
    turned = np.fft.irfft(wave * np.exp(2j * np.pi * rng.random(wave.size)), residual.size)
    drawn: FloatArray = np.sort(residual)[turned.argsort().argsort()]
    return drawn


def null(kind: Recorded, runs: int, seed: int = SEED) -> FloatArray:
    """Stretches of surrogates, each of a record drawn by chance and scaled, shape (runs, months)."""
    rng = np.random.default_rng([seed, zlib.crc32(repr(kind).encode())])
    records = [rest / rest.std() for rest in residuals(kind)]
    series = np.empty((runs, kind.months))
    for row in series:
        one = surrogate(records[rng.integers(len(records))], rng)
        begin = rng.integers(one.size - kind.months + 1)
        row[:] = one[begin : begin + kind.months]
    return series


def made_by(kind: Recorded, test: str, runs: int, seed: int = SEED) -> str:
    """Hash of kind, test, runs, seed, and of what the test says of two series: as that of the atlas."""
    p = TESTS[test].ask(null(kind, PROBED, seed), _halves(kind))[:, 2]
    told = repr((kind, test, runs, seed, [f"{one:.6g}" for one in p]))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _halves(kind: Recorded) -> Calendar:
    time = np.arange(kind.months)
    return time, time >= kind.months // 2


def run_kind(kind: Recorded, runs: int = 10_000, seed: int = SEED) -> pd.DataFrame:
    """Share of surrogates in which each test finds a change at 5 %, halves compared.

    Returns
    -------
    DataFrame
        One row a test: `test`, the kind, number of `records`, `runs`, `size`, `size_error`, `seed`,
        `version` and `made_by`.
    """
    series, records = null(kind, runs, seed), len(residuals(kind))
    rows = []
    for name, test in TESTS.items():
        own = series if test.batched else series[:SINGLES]
        size = float(np.mean(test.ask(own, _halves(kind))[:, 2] < ALPHA))
        error = np.sqrt(max(size * (1 - size), ALPHA / len(own)) / len(own))
        rows.append(
            {"test": name}
            | asdict(kind)
            | {"records": records, "runs": len(own), "size": round(size, 4), "size_error": round(error, 4)}
            | {"seed": seed, "version": version("wqstudy"), "made_by": made_by(kind, name, len(own), seed)}
        )
    return pd.DataFrame(rows)


def run_recorded(
    out: Path, *, runs: int = 10_000, seed: int = SEED, told: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """Every kind whose data are on this computer; of the others `told` is told that they are left out."""
    tables, missing = [], set()
    for kind in kinds():
        try:
            tables.append(run_kind(kind, runs, seed))
        except ReadError as error:
            if told is not None and kind.source not in missing:
                told(f"{kind.source} left out: {error}")
            missing.add(kind.source)
            continue
        write_table(pd.concat(tables, ignore_index=True), out)
        if told is not None:
            told(repr(kind))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
