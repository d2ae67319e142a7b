"""How long the 35 river files of Hong Kong take to become tidy samples and a ledger.

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
LIMIT = 4.0


def main() -> None:
    """Time `RUNS` readings after one that warms the file cache, and write the median."""
    folder = Path(os.environ["WQSTUDY_DATA"]) / "hongkong-rivers"
    reading = read(folder)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        reading = read(folder)
        seconds.append(time.perf_counter() - start)
    row = {
        "what": "Hong Kong rivers, 35 files, all parameters",
        "cells": reading.counts["cells"],
        "samples": len(reading.samples),
        "median_seconds": round(statistics.median(seconds), 3),
        "slowest_seconds": round(max(seconds), 3),
        "limit_seconds": LIMIT,
        "runs": RUNS,
        "machine": cpu(),
        "python": platform.python_version(),
    }
    pd.DataFrame([row]).to_csv(RESULT, index=False, lineterminator="\n")
    print(row)


if __name__ == "__main__":
    main()
