"""How long tables take to become samples and a ledger: Hong Kong, the national feed, a million rows.

The peer of the million rows (six parameters, wide, 59 MB of CSV) is plain `pandas.read_csv` in the same run.

Run: WQSTUDY_DATA=<folder> python benchmarks/reading.py
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy.readers import read

RESULT = Path(__file__).parent / "results" / "reading.csv"
RUNS = 7
LIMIT_HONGKONG, LIMIT_FEED = 4.0, 6.0
LIMIT_TIMES = 3.0
ROWS, STATIONS = 1_000_000, 200
MEDIANS = {
    "水温(℃)": 15,
    "pH": 7.5,
    "溶解氧(mg/L)": 7,
    "高锰酸盐指数(mg/L)": 4,
    "氨氮(mg/L)": 0.4,
    "总磷(mg/L)": 0.1,
}


def timed(*works: Callable[[], object]) -> list[list[float]]:
    """Seconds of `RUNS` runs of each, in turn, after one of each that warms the file cache."""
    for work in works:
        work()
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for work, mine in zip(works, seconds, strict=True):
            start = time.perf_counter()
            work()
            mine.append(time.perf_counter() - start)
    return seconds


def wide_table(path: Path) -> None:
    """Write a wide table of plain numbers, by station and time."""
    rng = np.random.default_rng(1)
    n = ROWS // STATIONS
    times = pd.date_range("2000-01-01", periods=n, freq="4h").strftime("%Y-%m-%d %H:%M")
    table = {
        "断面名称": np.repeat([f"断面{i:03d}" for i in range(STATIONS)], n),
        "采样时间": np.tile(times, STATIONS),
    }
    table |= {name: np.round(m * np.exp(rng.normal(0, 0.4, ROWS)), 3) + 0.001 for name, m in MEDIANS.items()}
    pd.DataFrame(table).to_csv(path, index=False, float_format="%.3f")


def row(what: str, path: Path, limit: float, peer: Callable[[], object] | None = None) -> dict[str, object]:
    """Median seconds of reading a path, and how many times those of the peer in the same run that is."""
    reading = read(path)
    seconds, *others = timed(lambda: read(path), *([] if peer is None else [peer]))
    median = statistics.median(seconds)
    beside = statistics.median(others[0]) if others else None
    return {
        "what": what,
        "cells": reading.counts["cells"],
        "samples": len(reading.samples),
        "median_seconds": round(median, 3),
        "slowest_seconds": round(max(seconds), 3),
        "limit_seconds": round(limit if beside is None else LIMIT_TIMES * beside, 3),
        "peer_seconds": None if beside is None else round(beside, 3),
        "times_peer": None if beside is None else round(median / beside, 2),
        "runs": RUNS,
        "machine": cpu(),
        "python": platform.python_version(),
    }


def main() -> None:
    """Time every case and write the medians."""
    data = Path(os.environ["WQSTUDY_DATA"])
    rows = [
        row("Hong Kong rivers, 35 files, all parameters", data / "hongkong-rivers", LIMIT_HONGKONG),
        row("National feed, 330 days, all parameters", data / "cnemc" / "daily_json", LIMIT_FEED),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wide.csv")
        wide_table(path)
        rows.append(row("wide CSV, 1,000,000 rows, 6 parameters", path, 0.0, lambda: pd.read_csv(path)))
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")
    for one in rows:
        print(one)


if __name__ == "__main__":
    main()
