"""How long WRTDS takes beside the times recorded for the reference, and how much memory it needs.

Run: WQSTUDY_DATA=… python benchmarks/loads_speed.py
"""

from __future__ import annotations

import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy import datasets, loads
from wqstudy.loads.records import record
from wqstudy.loads.regression import Widths
from wqstudy.loads.surface import fit_surface

RESULT = Path(__file__).parent / "results" / "loads_speed.csv"
RUNS = 5
# Seconds of EGRET 3.0.11 and EGRETci on a two-core machine, and of `wrtds` from the package index.
FULL_EGRET, FULL_PEER = 40.7, 29.8


def timed(
    what: str,
    limit: float,
    work: Callable[[], object],
    reference: float | None = None,
    peer: float | None = None,
    runs: int = RUNS,
) -> dict[str, object]:
    """Median seconds after one run that warms, beside those of other programs."""
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {
        "what": what,
        "median_seconds": round(statistics.median(seconds), 3),
        "slowest_seconds": round(max(seconds), 3),
        "first_seconds": round(first, 3),
        "limit_seconds": limit,
        "egret_seconds": reference,
        "wrtds_seconds": peer,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10),
        "runs": runs,
        "machine": cpu(),
        "python": platform.python_version(),
    }


def full(samples: pd.DataFrame, flow: pd.DataFrame) -> None:
    """Everything that the reference's own fit gives."""
    fit = loads.wrtds(samples, flow)
    fit.daily()
    fit.annual()
    fit.cross_validate()


def cases() -> Iterator[dict[str, object]]:
    """One row a case."""
    choptank, arkansas = (datasets.load(name) for name in ("choptank-nitrate", "arkansas-ammonia"))
    for name, study, limit in (("Choptank", choptank, 0.12), ("Arkansas", arkansas, 0.3)):
        own = record(study.samples, study.flow)
        rows, widths = own.calibration(), Widths()
        yield timed(
            f"{name}: surface",
            limit,
            lambda own=own, rows=rows, widths=widths: fit_surface(rows, own.time, own.log_flow, widths),
        )
        yield timed(
            f"{name}: surface, days, normalised, years, leave-one-out",
            0.4,
            lambda study=study: full(study.samples, study.flow),
            FULL_EGRET if name == "Choptank" else None,
            FULL_PEER if name == "Choptank" else None,
        )
        yield timed(
            f"{name}: a regression at every day",
            1.5,
            lambda study=study: loads.wrtds(study.samples, study.flow, mode="direct"),
            runs=3,
        )
        fit = loads.wrtds(study.samples, study.flow)
        last = 2010
        yield timed(
            f"{name}: pairs bootstrap, 50 replicates",
            1.0 if name == "Choptank" else 2.0,
            lambda fit=fit, last=last: fit.pairs(1992, last, replicates=50),
            50 * 3.7 if name == "Choptank" else None,
            50 * 1.33 if name == "Choptank" else None,
            runs=3,
        )
        yield timed(
            f"{name}: yearly bands, 200 replicates",
            25.0 if name == "Choptank" else 60.0,
            lambda fit=fit: fit.bootstrap(200).annual(),
            200 * 35.7 if name == "Choptank" else None,
            runs=1,
        )
    yield timed(
        "Choptank: 20 rivers in turn",
        20 * 0.4,
        lambda: [full(choptank.samples, choptank.flow) for _ in range(20)],
        20 * FULL_EGRET,
        runs=1,
    )
    yield timed("a record of 40 years", 1.0, lambda: full(*forty_years()), runs=3)


def forty_years() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A simulated record of 40 years, 1,000 samples, a third of them non-detects."""
    rng = np.random.default_rng(1)
    days = pd.date_range("1980-10-01", periods=14_610)
    log_flow = 2 + np.cumsum(rng.normal(0, 0.2, days.size)) * 0.02 + rng.normal(0, 0.6, days.size)
    value = np.exp(-0.3 * log_flow + rng.normal(0, 0.4, days.size))
    limit = np.quantile(value, 1 / 3)
    samples = pd.DataFrame({"time": days, "value": np.maximum(value, limit)})
    samples["censored"] = np.where(value < limit, "left", "none")
    chosen = np.sort(rng.choice(days.size, 1_000, replace=False))
    return samples.iloc[chosen], pd.DataFrame({"time": days, "flow": np.exp(log_flow)})


def main() -> None:
    """Time every case and write the medians."""
    rows = []
    for row in cases():
        print(row)
        rows.append(row)
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
