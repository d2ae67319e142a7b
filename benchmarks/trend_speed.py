"""How long trend tests take, beside pymannkendall, and what memory a million values need.

Peer: pymannkendall (optional dependency group `peers`). Its `original_test` gives S, var S, z, p and Sen's
slope without an interval; here `mann_kendall` gives the first four and `sen_slope` all with an interval, so
both stand beside it. Compilation is timed apart, in a process of its own with an empty cache.

Run: python benchmarks/trend_speed.py
"""

from __future__ import annotations

import importlib.util
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy import stats

RESULT = Path(__file__).parent / "results" / "trend_speed.csv"
RUNS = 7
SEED = 1
NULLS, CHUNK = 1_000_000, 50_000

FIRST_CALLS = """
import time, numpy as np
from wqstudy import stats
x, t, two = np.arange(24.0) % 7, np.arange(24.0), np.arange(24) % 2
start = time.perf_counter()
stats.mann_kendall(x)
print(time.perf_counter() - start)
stats.sen_slope(x, t), stats.seasonal_kendall(x, t, two)
stats.seasonal_kendall_many(x[None], t, two, slope=True)
print(time.perf_counter() - start)
"""


def median_seconds(work: Callable[[], object], runs: int = RUNS, loops: int = 1) -> float:
    """Median seconds a call, of `runs` times `loops` calls after one that compiles."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(loops):
            work()
        seconds.append((time.perf_counter() - start) / loops)
    return statistics.median(seconds)


def nulls(rng: np.random.Generator, year: np.ndarray, month: np.ndarray) -> float:
    """Seconds of a million seasonal tests, without those of drawing the numbers."""
    spent = 0.0
    for _ in range(NULLS // CHUNK):
        x = rng.standard_normal((CHUNK, year.size))
        start = time.perf_counter()
        stats.seasonal_kendall_many(x, year, month)
        spent += time.perf_counter() - start
    return spent


def first_calls() -> list[float]:
    """Seconds of the first test, and of four kinds of tests, with nothing compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", FIRST_CALLS],
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
            check=True,
            capture_output=True,
            text=True,
        )
    return [float(line) for line in done.stdout.split()]


def main() -> None:
    """Time every case and write the medians."""
    rng = np.random.default_rng(SEED)
    rows: list[dict[str, object]] = []

    def row(
        what: str,
        seconds: float,
        limit: float | None = None,
        peer: float | None = None,
        least: float | None = None,
    ) -> None:
        rows.append(
            {
                "what": what,
                "seconds": f"{seconds:.3g}",
                "limit_seconds": limit,
                "pymannkendall_seconds": None if peer is None else f"{peer:.3g}",
                "times_faster": None if peer is None else round(peer / seconds),
                "least_times_faster": least,
                "runs": RUNS,
                "machine": cpu(),
                "cores": os.cpu_count(),
                "python": platform.python_version(),
            }
        )
        print({k: v for k, v in rows[-1].items() if k not in {"machine", "cores", "python", "runs"}})

    first, four = first_calls()
    row("first mann_kendall of all, compiling", first)
    row("first four kinds of tests of all, compiling", four)

    million = rng.standard_normal(1_000_000)
    steps = np.arange(1_000_000.0)
    stats.mann_kendall(million[:100]), stats.sen_slope(million[:1000], steps[:1000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row("mann_kendall, n = 1,000,000", median_seconds(lambda: stats.mann_kendall(million), 5), 3.0)
    row(
        "sen_slope with interval, n = 1,000,000",
        median_seconds(lambda: stats.sen_slope(million, steps), 5),
        3.0,
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"peak memory of both, n = 1,000,000: {grown:.0f} MB (all pairs would take 4,000,000 MB)")

    year, month = np.repeat(np.arange(10.0), 12), np.tile(np.arange(12), 10)
    basin = np.round(rng.lognormal(size=(6000, 120)), 2)
    basin[rng.random(basin.shape) < 0.1] = np.nan
    work = median_seconds(lambda: stats.seasonal_kendall_many(basin, year, month, slope=True))
    row("6,000 monthly series of 10 years: seasonal test, slope, interval", work, 2.0)
    row(
        "1,000,000 seasonal tests, n = 120",
        statistics.median([nulls(rng, year, month) for _ in range(5)]),
        60.0,
    )

    cases = {n: rng.standard_normal(n) for n in (240, 2000, 10_000)}
    loops = {240: 1000, 2000: 100, 10_000: 20}
    peer = None
    if importlib.util.find_spec("pymannkendall") is None:
        print("pymannkendall is not installed (optional dependency group peers): no peer beside the numbers")
    else:
        import pymannkendall as peer
    for n, x in cases.items():
        t = np.arange(n, dtype=float)
        beside = None if peer is None else median_seconds(lambda x=x: peer.original_test(x), 5)
        least = {240: 100, 10_000: 500}.get(n)
        ours = median_seconds(lambda x=x: stats.mann_kendall(x), RUNS, loops[n])
        row(f"mann_kendall, n = {n:,}", ours, peer=beside, least=least)
        ours = median_seconds(lambda x=x, t=t: stats.sen_slope(x, t), RUNS, max(1, loops[n] // 10))
        row(f"sen_slope with test and interval, n = {n:,}", ours, peer=beside)
    x, year, month = cases[240], np.repeat(np.arange(20), 12), np.tile(np.arange(12), 20)
    beside = None if peer is None else median_seconds(lambda: peer.seasonal_test(x, period=12), 5)
    ours = median_seconds(lambda: stats.seasonal_kendall(x, year, month), RUNS, 100)
    row("seasonal_kendall with slope and interval, n = 240", ours, peer=beside)
    beside = None if peer is None else median_seconds(lambda: peer.correlated_seasonal_test(x, period=12), 5)
    ours = median_seconds(lambda: stats.seasonal_kendall(x, year, month, True), RUNS, 100)
    row("seasonal_kendall with covariance, n = 240", ours, peer=beside)
    table = pd.DataFrame(rows)
    table.loc[table["what"].str.startswith("sen_slope with interval, n = 1,000,000"), "peak_megabytes"] = (
        round(grown)
    )
    table.to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
