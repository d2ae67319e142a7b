"""How time grows with the number of rivers, and how much memory a record of 40 years needs.

Each case runs in a process of its own, so that its peak is its own.

Run: python benchmarks/loads_scale.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from loads_speed import forty_years, full
from machine import cpu

from wqstudy import loads

RESULT = Path(__file__).parent / "results" / "loads_scale.csv"
RIVERS = (1, 10, 100)
LIMIT_MB, LIMIT_GROWTH = 500, 1.1  # times as long as so many times one river


def river(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten years of flow and 200 samples, a quarter of them non-detects."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2010-10-01", periods=3_652)
    log_flow = 2 + rng.normal(0, 0.7, days.size)
    value = np.exp(-0.3 * log_flow + rng.normal(0, 0.4, days.size))
    limit = np.quantile(value, 0.25)
    samples = pd.DataFrame({"time": days, "value": np.maximum(value, limit)})
    samples["censored"] = np.where(value < limit, "left", "none")
    chosen = np.sort(rng.choice(days.size, 200, replace=False))
    return samples.iloc[chosen], pd.DataFrame({"time": days, "flow": np.exp(log_flow)})


def rivers(number: int) -> None:
    """All that a fit gives, of so many rivers in turn."""
    for seed in range(number):
        full(*river(seed))


CASES: dict[str, Callable[[], object]] = {
    **{f"rivers in turn: {n}": lambda n=n: rivers(n) for n in RIVERS},
    "40 years: fit, days, years, leave-one-out": lambda: full(*forty_years()),
    "40 years: a regression at every day": lambda: loads.wrtds(*forty_years(), mode="direct"),
    "40 years: 50 refits": lambda: loads.wrtds(*forty_years()).bootstrap(50),
    "40 years: rating curve, 1,000 draws": lambda: loads.rating_curve(*forty_years()).draws(),
}


def one(name: str) -> None:
    """Run a case after one small fit that warms, and print its processor seconds and peak."""
    full(*river(999))
    start = time.process_time()
    CASES[name]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(json.dumps({"seconds": round(time.process_time() - start, 3), "peak_mb": round(peak)}))


def main() -> None:
    """Every case, and what it was allowed."""
    rows = []
    for name in CASES:
        run = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True)
        rows.append({"what": name, **json.loads(run.stdout), "limit_mb": LIMIT_MB, "machine": cpu()})
        print(rows[-1])
    table = pd.DataFrame(rows)
    counts = table["what"].str.extract(r"rivers in turn: (\d+)", expand=False).astype(float)
    table["times_one_river"] = (table["seconds"] / table["seconds"][0]).where(counts.notna()).round(1)
    table.to_csv(RESULT, index=False, lineterminator="\n")
    assert (table["peak_mb"] <= LIMIT_MB).all()
    assert (table["times_one_river"] <= LIMIT_GROWTH * counts)[counts.notna()].all()


if __name__ == "__main__":
    one(sys.argv[1]) if len(sys.argv) > 1 else main()
