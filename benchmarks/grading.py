"""How long grading takes: arrays of ten million station-times, tidy tables of five million rows.

Run: python benchmarks/grading.py
"""

from __future__ import annotations

import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

import wqstudy as wq
from wqstudy.grading import classify

RESULT = Path(__file__).parent / "results" / "grading.csv"
RUNS = 5
MEDIANS = {"DO": 7, "CODMn": 4, "NH3N": 0.5, "TP": 0.1, "PH": 7.5}
ARRAY_ROWS, TIDY_STATIONS, TIDY_TIMES = 10_000_000, 2_000, 500


def timed(what: str, limit: float, rows: int, work: Callable[[], object]) -> dict[str, object]:
    """Median seconds after one run that compiles and warms, and the process's peak memory so far."""
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {
        "what": what,
        "rows": rows,
        "median_seconds": round(statistics.median(seconds), 3),
        "slowest_seconds": round(max(seconds), 3),
        "first_seconds": round(first, 3),
        "limit_seconds": limit,
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "runs": RUNS,
        "machine": cpu(),
        "python": platform.python_version(),
    }


def arrays() -> dict[str, object]:
    """Classes of arrays: single samples, each row with its own water body."""
    rng = np.random.default_rng(1)
    values = np.empty((ARRAY_ROWS, len(MEDIANS)))
    for column, median in enumerate(MEDIANS.values()):
        values[:, column] = np.round(median * np.exp(rng.normal(0, 0.4, ARRAY_ROWS)), 3)
    body = np.where(rng.random(ARRAY_ROWS) < 0.2, "lake", "river")
    return timed(
        "arrays, five items of 10,000,000 station-times",
        3.0,
        ARRAY_ROWS,
        lambda: classify(values, list(MEDIANS), body),
    )


def tidy(period: str) -> dict[str, object]:
    """Classes of a tidy table."""
    rng = np.random.default_rng(1)
    n = TIDY_STATIONS * TIDY_TIMES
    station = np.repeat([f"断面{number:04d}" for number in range(TIDY_STATIONS)], TIDY_TIMES)
    moment = np.tile(pd.date_range("2015-01-01", periods=TIDY_TIMES, freq="7D"), TIDY_STATIONS)
    table = pd.DataFrame(
        {
            "station": pd.array(np.tile(station, len(MEDIANS)), dtype="str"),
            "time": np.tile(moment, len(MEDIANS)),
            "parameter": pd.array(np.repeat(list(MEDIANS), n), dtype="str"),
            "value": np.concatenate([(m * np.exp(rng.normal(0, 0.4, n))).round(3) for m in MEDIANS.values()]),
            "censored": pd.array(["none"], dtype="str").take(np.zeros(n * len(MEDIANS), np.intp)),
        }
    )
    return timed(f"tidy table, by {period}", 10.0, len(table), lambda: wq.grade(table, period))


def main() -> None:
    """Time every case and write the medians."""
    rows = [arrays(), tidy("sample"), tidy("month"), tidy("year")]
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
