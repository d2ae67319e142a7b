"""How long class probabilities take: 2,000 sections, a year, five items, each section with its own dates.

Run: python benchmarks/class_speed.py
"""

from __future__ import annotations

import platform
import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy.grading import class_probability

RESULT = Path(__file__).parent / "results" / "class_speed.csv"
MEDIANS = {"DO": 7, "CODMn": 4, "NH3N": 0.5, "TP": 0.1, "PH": 7.5}
SECTIONS, LIMIT, RUNS = 2_000, 5.0, 3


def panel(k: int) -> pd.DataFrame:
    """Sections with k days each, one a stratum."""
    rng = np.random.default_rng(1)
    edge = np.linspace(0, 365, k + 1).astype(int)
    day = rng.integers(edge[:-1], edge[1:], (SECTIONS, k))
    place = 1 + 0.3 * rng.normal(size=(SECTIONS, 1))
    tables = []
    for code, median in MEDIANS.items():
        log = 0.4 * rng.normal(size=day.shape) * (0.1 if code == "PH" else 1)
        tables.append(
            pd.DataFrame(
                {
                    "station": np.repeat([f"断面{number:04d}" for number in range(SECTIONS)], k),
                    "time": pd.Timestamp("2021-01-01") + pd.to_timedelta(day.ravel(), "D"),
                    "parameter": code,
                    "value": (median * np.exp(log) * (1 if code == "PH" else np.abs(place))).ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def main() -> None:
    """Time monthly and daily samples, without and with a location prior, and write the medians."""
    rows = []
    for k, prior in ((12, False), (12, True), (365, False)):
        table = panel(k)
        class_probability(table[table["station"] < "断面0040"], location_prior=prior)  # compiles
        seconds = []
        for _ in range(RUNS):
            start = time.perf_counter()
            class_probability(table, location_prior=prior)
            seconds.append(time.perf_counter() - start)
        rows.append(
            {
                "sections": SECTIONS,
                "items": len(MEDIANS),
                "days_sampled": k,
                "location_prior": prior,
                "median_seconds": round(statistics.median(seconds), 2),
                "limit_seconds": LIMIT,
                "machine": cpu(),
                "python": platform.python_version(),
            }
        )
        print(rows[-1])
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
