"""How long steps, change points and non-detects take, beside scipy, numpy and statsmodels.

Peers: all differences in numpy for the Hodges-Lehmann step (without interval or p); scipy's
`mannwhitneyu` for p alone; statsmodels' `impute_ros` for the modelled values alone.

Run: python benchmarks/step_speed.py
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu
from scipy import stats as reference
from statsmodels.imputation.ros import impute_ros

from wqstudy import stats

RESULT = Path(__file__).parent / "results" / "step_speed.csv"
RUNS = 5
SEED = 1


def median_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median seconds a call, after one that compiles."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def limits_at(y: np.ndarray, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and limits, and marks."""
    return np.maximum(y, limit), y < limit


def rows() -> list[tuple[str, float, str, float]]:
    """What, seconds, peer, its seconds."""
    rng = np.random.default_rng(SEED)
    none = ("", np.nan)
    table = []

    def add(what: str, work: Callable[[], object], peer: str = "", other: Callable[[], object] | None = None):
        table.append(
            (what, median_seconds(work), *(none if other is None else (peer, median_seconds(other))))
        )

    for n in (2_000, 5_000):
        a, b = rng.standard_normal((2, n))
        add(
            f"rank_sum, {n:,} and {n:,} values",
            lambda a=a, b=b: stats.rank_sum(a, b),
            "all differences in numpy, step alone",
            lambda a=a, b=b: np.median(np.subtract.outer(b, a)),
        )
    a, b = rng.standard_normal((2, 100_000))
    add(
        "rank_sum, 100,000 and 100,000 values",
        lambda: stats.rank_sum(a, b),
        "scipy mannwhitneyu, p alone",
        lambda: reference.mannwhitneyu(b, a),
    )
    for n in (120, 1_000):
        x = rng.standard_normal(n)
        add(f"pettitt, {n:,} values, 1,999 series twice", lambda x=x: stats.pettitt(x))
    for n in (500, 2_000, 5_000):
        x, hidden = limits_at(rng.standard_normal(n), np.full(n, -0.3))
        t = np.arange(n)
        add(
            f"akritas_theil_sen, {n:,} values",
            lambda x=x, hidden=hidden, t=t: stats.akritas_theil_sen(x, hidden, t),
        )
    n = 10_000
    x, hidden = limits_at(rng.lognormal(size=n), rng.choice([0.3, 0.6], n))
    frame = pd.DataFrame({"value": x, "hidden": hidden})
    add(
        f"ros, {n:,} values",
        lambda: stats.ros(x, hidden),
        "statsmodels impute_ros",
        lambda: impute_ros("value", "hidden", frame),
    )
    add(f"kaplan_meier, {n:,} values", lambda: stats.kaplan_meier(x, hidden))
    add(f"lognormal_mle, {n:,} values", lambda: stats.lognormal_mle(x, hidden))
    time_ = np.arange(120)
    y, below = limits_at(rng.standard_normal(120), np.full(120, -0.3))
    add(
        "tobit_step, 120 months, 199 series",
        lambda: stats.tobit_step(np.exp(y), below, time_, time_ >= 60),
    )
    return table


def main() -> None:
    """Time everything and write the table."""
    table = pd.DataFrame(rows(), columns=["what", "seconds", "peer", "peer_seconds"])
    table["times_faster"] = (table["peer_seconds"] / table["seconds"]).round(1)
    table[["seconds", "peer_seconds"]] = table[["seconds", "peer_seconds"]].map(lambda v: float(f"{v:.3g}"))
    table = table.assign(runs=RUNS, machine=cpu(), python=platform.python_version())
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.drop(columns=["machine", "python"]).to_string(index=False))


if __name__ == "__main__":
    main()
