"""How long real tables take to become tidy samples and a ledger: Hong Kong's rivers, the national feed.

Run: WQSTUDY_DATA=<folder> python benchmarks/reading.py
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from pathlib import Path

import pandas as pd
from machine import cpu

from wqstudy.readers import read

RESULT = Path(__file__).parent / "results" / "reading.csv"
RUNS = 5


def measure(what: str, path: Path, limit: float) -> dict[str, object]:
    """Time `RUNS` readings after one that warms the file cache."""
    reading = read(path)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        reading = read(path)
        seconds.append(time.perf_counter() - start)
    return {
        "what": what,
        "cells": reading.counts["cells"],
        "samples": len(reading.samples),
        "median_seconds": round(statistics.median(seconds), 3),
        "slowest_seconds": round(max(seconds), 3),
        "limit_seconds": limit,
        "runs": RUNS,
        "machine": cpu(),
        "python": platform.python_version(),
    }


def hongkong(data: Path) -> dict[str, object]:
    return measure("Hong Kong rivers, 35 files, all parameters", data / "hongkong-rivers", 4.0)


def cnemc(data: Path) -> dict[str, object]:
    return measure("National feed, 330 days, all parameters", data / "cnemc" / "daily_json", 6.0)


def main() -> None:
    """Write the median of every case."""
    data = Path(os.environ["WQSTUDY_DATA"])
    rows = [case(data) for case in (hongkong, cnemc)]
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
