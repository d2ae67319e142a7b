"""How often the step, jump and trend tests reject a true null at 5 %, over many kinds of noise.

Run: python benchmarks/default_test_size.py [runs a cell, default 4000] [words that pick noises, default all]

A cell is a test, a noise, a number of months and a split. Noises are of two roles: `chosen on` were looked
at while priors and grids were chosen, `held out` were scored once, afterwards. Size and coverage have a
Monte Carlo error of sqrt(size (1 - size) / runs), printed beside. Width is the mean width of the interval
over that of generalised least squares with the covariance known (2 x 1.96 standard errors), from the first
tenth of the runs; the tests are told nothing but the series. Rows of noises that are not picked are kept
from the last run.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu
from scipy import linalg, signal

from wqstudy.stats import augment, averaged
from wqstudy.stats.noise import fractional_correlation
from wqstudy.stats.step import beside_season

RESULT = Path(__file__).parent / "results" / "default_test_size.csv"
SEED = 20240701
CALENDARS = 40
HIDDEN_RUNS = 400
MANY = {"step": averaged.averaged_steps, "jump": averaged.averaged_jumps, "trend": averaged.averaged_trends}
KEYS = ["test", "noise", "n", "split", "missing", "non_detects"]


def rational(ar: list[float], ma: list[float] | None = None, d: float = 0.0) -> Callable[[int], np.ndarray]:
    """Autocorrelation of ARMA noise, or of fractional noise passed through one, from its long response."""

    def correlation(n: int) -> np.ndarray:
        pulse = np.r_[1.0, np.zeros(2**16 - 1)]
        response = signal.lfilter([1.0, *(ma or [])], [1.0, *(-np.array(ar))], pulse)
        power = np.abs(np.fft.fft(response, 2**17)) ** 2
        own = np.fft.ifft(power).real
        if d:
            spread = fractional_correlation(d, np.abs(np.fft.fftfreq(2**17, 2.0**-17)))
            own = np.fft.ifft(power * np.fft.fft(spread)).real
        return np.asarray(own[:n] / own[0])

    return correlation


def mixed(*parts: tuple[float, float]) -> Callable[[int], np.ndarray]:
    """Autocorrelation of a sum of AR(1) noises, pairs of (share, phi)."""
    return lambda n: np.sum([share * phi ** np.arange(n) for share, phi in parts], axis=0)


def drifting(n: int) -> np.ndarray:
    """Covariance of AR(1) noise of .5 on a random walk whose sd at the end is .7."""
    month = np.arange(1, n + 1)
    walk = 0.7**2 / n * np.minimum(month[:, None], month[None, :])
    return np.asarray(walk + linalg.toeplitz(0.5 ** np.arange(n)))


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Student's t with three degrees of freedom, of variance one."""
    return np.asarray(rng.standard_t(3, shape) / np.sqrt(3))


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Exponential, centred, of variance one."""
    return np.asarray(rng.exponential(size=shape) - 1)


def bursts(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Innovations whose variance has a memory: GARCH(1,1) with .2 and .7, of variance one."""
    variance = np.ones(shape[0])
    out = np.empty(shape)
    for t in range(-50, shape[1]):
        now = np.sqrt(variance) * rng.standard_normal(shape[0])
        if t >= 0:
            out[:, t] = now
        variance = 0.1 + 0.2 * now**2 + 0.7 * variance
    return out


@dataclass(frozen=True)
class Noise:
    """A kind of noise: its covariance, or its correlations and what its innovations are like."""

    role: str
    correlation: Callable[[int], np.ndarray]
    innovations: Callable[[np.random.Generator, tuple[int, int]], np.ndarray] | None = None
    louder_after: float = 1.0

    def covariance(self, n: int, after: np.ndarray) -> np.ndarray:
        """Shape (n, n)."""
        known = self.correlation(n)
        matrix = known if known.ndim == 2 else linalg.toeplitz(known)
        loud = np.where(after, self.louder_after, 1.0)
        return np.asarray(matrix * loud[:, None] * loud[None, :])

    def draw(self, n: int, after: np.ndarray, runs: int, rng: np.random.Generator) -> np.ndarray:
        """Series, shape (runs, n)."""
        factor = np.linalg.cholesky(self.covariance(n, after))
        # The factor of a stationary correlation is its response to innovations, the start allowed for.
        plain = (self.innovations or (lambda g, shape: g.standard_normal(shape)))(rng, (runs, n))
        return np.asarray(plain @ factor.T)


ALONE = {f"AR(1) {phi}": Noise("chosen on", mixed((1.0, phi))) for phi in (0.0, 0.3, 0.6, 0.8)}
CHOSEN = {
    "AR(2) .5 .3": Noise("chosen on", rational([0.5, 0.3])),
    "AR(3) .4 .2 .2": Noise("chosen on", rational([0.4, 0.2, 0.2])),
    "ARMA(1,1) .9 -.6": Noise("chosen on", rational([0.9], [-0.6])),
    "fractional .3": Noise("chosen on", lambda n: fractional_correlation(0.3, np.arange(n))),
    "AR .9 + AR .2": Noise("chosen on", mixed((0.5, 0.9), (0.5, 0.2))),
    "AR .97 (30 %) + AR .5": Noise("chosen on", mixed((0.3, 0.97), (0.7, 0.5))),
    "AR .8 + white": Noise("chosen on", mixed((0.5, 0.8), (0.5, 0.0))),
    "AR .5 + random walk": Noise("chosen on", drifting),
}
HELD_OUT = {
    "AR(1) .6, t3": Noise("held out", mixed((1.0, 0.6)), heavy),
    "AR(1) .6, sd x 2 after": Noise("held out", mixed((1.0, 0.6)), louder_after=2.0),
    "AR(1) .6, skewed": Noise("held out", mixed((1.0, 0.6)), skewed),
    "AR(1) .6, bursts": Noise("held out", mixed((1.0, 0.6)), bursts),
    "AR(1) .5 x yearly .3": Noise("held out", rational([0.5, *[0.0] * 10, 0.3, -0.15])),
    "AR(4) .3 .2 .1 .2": Noise("held out", rational([0.3, 0.2, 0.1, 0.2])),
    "fractional .2 with AR .4": Noise("held out", rational([0.4], d=0.2)),
    "AR .95 + AR .6 + white": Noise("held out", mixed((0.3, 0.95), (0.4, 0.6), (0.3, 0.0))),
}
NOISES = ALONE | CHOSEN | HELD_OUT


@dataclass(frozen=True)
class Place:
    """One cell of the table."""

    test: str
    noise: str
    n: int
    split: str = "1:1"
    missing: float = 0.0
    non_detects: float = 0.0


def places() -> Iterator[Place]:
    """Every cell."""
    for name in ALONE:
        for n in (24, 36, 48, 72, 120, 240):
            yield Place("step", name, n)
            yield Place("step", name, n, "2:1")
            yield Place("jump", name, n)
            yield Place("trend", name, n)
        for n in (48, 120):
            yield Place("step", name, n, "3:1")
        yield Place("step", name, 120, "9:1")
    for name in CHOSEN | HELD_OUT:
        for n in (36, 48, 72, 120, 240):
            for test in ("step", "jump", "trend"):
                yield Place(test, name, n)
    for name in ("AR(1) 0.3", "AR(1) 0.8", "fractional .3"):
        for n in (48, 120):
            for test in ("step", "trend"):
                yield Place(test, name, n, missing=0.2)
    for name in ("AR(1) 0.3", "AR(1) 0.8", "fractional .3"):
        for n in (48, 120):
            for share in (0.2, 0.5):
                yield Place("step", name, n, non_detects=share)
        yield Place("trend", name, 120, non_detects=0.5)


def one(place: Place, runs: int) -> dict[str, object]:
    """Size, coverage and width of one cell."""
    noise, n = NOISES[place.noise], place.n
    rng = np.random.default_rng([SEED, zlib.crc32(repr(place).encode())])
    time = np.arange(n)
    first, second = map(int, place.split.split(":"))
    after = time >= n * first // (first + second)
    covariance = noise.covariance(n, after)
    if place.non_detects:
        runs = min(runs, HIDDEN_RUNS)
        answers = [with_limits(place, noise.draw(n, after, 1, rng)[0], time, after, rng) for _ in range(runs)]
        table, oracle = np.array(answers), known_width(place.test, covariance, time, after)
    elif place.missing:
        tables, widths = [], []
        for _ in range(CALENDARS):
            kept = np.sort(rng.permutation(n)[: round(n * (1 - place.missing))])
            series = noise.draw(n, after, runs // CALENDARS, rng)[:, kept]
            tables.append(asked(place.test, series, time[kept], after[kept]))
            widths.append(known_width(place.test, covariance[np.ix_(kept, kept)], time[kept], after[kept]))
        table, oracle = np.concatenate(tables), float(np.mean(widths))
    else:
        table = asked(place.test, noise.draw(n, after, runs, rng), time, after)
        oracle = known_width(place.test, covariance, time, after)
    low, high, p = table.T
    size = float(np.mean(p < 0.05))
    return {
        **{key: getattr(place, key) for key in KEYS},
        "role": noise.role if not (place.missing or place.non_detects) else "held out",
        "runs": p.size,
        "size": round(size, 4),
        "size_error": round(float(np.sqrt(size * (1 - size) / p.size)), 4),
        "coverage": round(float(np.nanmean(np.where(np.isnan(low), np.nan, (low <= 0) & (high >= 0)))), 4),
        "width": round(float(np.nanmean(high - low)) / oracle, 3),
    }


def asked(test: str, series: np.ndarray, time: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Ends and p of many series, shape (series, 3)."""
    known = {"time": time} if test == "trend" else {"time": time, "after": after}
    ends = MANY[test](series[: len(series) // 10], **known)
    p = MANY[test](series, **known, level=None).p_value
    table = np.full((p.size, 3), np.nan)
    table[: ends.low.size, :2] = np.column_stack([ends.low, ends.high])
    table[:, 2] = p
    return table


def with_limits(
    place: Place, y: np.ndarray, time: np.ndarray, after: np.ndarray, rng: np.random.Generator
) -> tuple[float, float, float]:
    """One series whose lowest values are known only to lie below a limit."""
    limit = np.quantile(y, place.non_detects)
    side = np.where(y < limit, -1, 0)
    angle = 2 * np.pi * time / 12
    regressor = after.astype(float) if place.test == "step" else (time - time.mean()) / time.size
    panel = augment.Panel(
        np.maximum(y, limit),
        side,
        np.zeros(time.size, dtype=np.int64),
        time,
        time.astype(float),
        np.column_stack([np.cos(angle), np.sin(angle), regressor]),
    )
    full = augment.impute(panel, rng, draws=20)
    got = (
        averaged.averaged_step(full, time, after)
        if place.test == "step"
        else averaged.averaged_trend(full, time)
    )
    return got.low, got.high, got.p_value


def known_width(test: str, covariance: np.ndarray, time: np.ndarray, after: np.ndarray) -> float:
    """Width of the 95 % interval of generalised least squares with this covariance."""
    season, regressor = beside_season(time, time / 12 if test == "trend" else after, 12)
    design = np.column_stack([season, regressor])
    information = design.T @ np.linalg.solve(covariance, design)
    return float(2 * 1.959964 * np.sqrt(np.linalg.inv(information)[-1, -1]))


def main() -> None:
    """Run the cells on two processes and write the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    picked = sys.argv[2:]
    todo = [p for p in places() if not picked or any(word in repr(p) for word in picked)]
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(one, todo, [runs] * len(todo)))
    table = pd.DataFrame(rows).assign(seed=SEED, machine=cpu())
    if picked and RESULT.is_file():
        table = pd.concat([pd.read_csv(RESULT), table]).drop_duplicates(KEYS, keep="last")
        order = {tuple(getattr(p, key) for key in KEYS): i for i, p in enumerate(places())}
        at = [order[tuple(row)] for row in table[KEYS].itertuples(index=False)]
        table = table.iloc[np.argsort(at)]
    RESULT.parent.mkdir(exist_ok=True)
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.drop(columns=["seed", "machine"]).to_string(index=False))


if __name__ == "__main__":
    main()
