"""How often intervals of load and of its flow-normalised trend hold a known truth.

Simulated rivers of ten years, sampled every 14 days, with AR(1) residuals and 0, 25 and 50 % non-detects.
The flow-normalised truth is the mean over the flows that each calendar day has had, of what was put in.

Run: python benchmarks/load_coverage.py [rivers [replicates]]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import loads
from wqstudy.loads.ar1 import noise
from wqstudy.loads.records import calendar_day, decimal_year
from wqstudy.loads.surface import calendar_bins

RESULT = Path(__file__).parent / "results" / "load_coverage.csv"
LEVEL, SPREAD, RHO, TREND = 0.95, 0.4, 0.9, -0.05
DAYS = pd.date_range("2008-01-01", "2017-12-31")
Array = npt.NDArray[np.float64]


def conc_of(log_flow: Array, time: Array | float) -> Array:
    """Mean of ln concentration: dilution, a season, a fall of five per cent a year."""
    mean: Array = 0.5 - 0.25 * log_flow + 0.2 * np.sin(2 * np.pi * time) + TREND * (time - 2008)
    return mean


def river(rng: np.random.Generator, hidden: float, replicates: int) -> dict[str, list[bool]]:
    """Which intervals of one river hold the truth."""
    time = decimal_year(DAYS)
    log_flow = 2 + 0.7 * np.cos(2 * np.pi * time) + 0.7 * noise(rng, 0.95, 1, DAYS.size)[0]
    value = np.exp(conc_of(log_flow, time) + SPREAD * noise(rng, RHO, 1, DAYS.size)[0])
    limit = np.quantile(value, hidden) if hidden else 0.0
    table = pd.DataFrame({"time": DAYS, "value": np.maximum(value, limit)})
    table["censored"] = np.where(value < limit, "left", "none")
    flow = pd.DataFrame({"time": DAYS, "flow": np.exp(log_flow)})
    samples = table.iloc[int(rng.integers(14)) :: 14]
    fit = loads.wrtds(samples, flow, min_samples=80, min_uncensored=40)
    boot = fit.bootstrap(replicates, rng=rng)
    truth = pd.Series(86.4e-3 * value * np.exp(log_flow)).groupby(DAYS.year).sum().to_numpy()
    held = {
        "load of a year, WRTDS-K": _holds(boot.loads.table(level=LEVEL), truth),
        "load of a year, rating curve": _holds(
            loads.rating_curve(samples, flow).draws(300, rng).table(level=LEVEL), truth
        ),
    }
    index, bins = calendar_bins(calendar_day(DAYS))
    normal = []
    for year in (2008, 2017):
        own = np.flatnonzero(DAYS.year == year)
        grid = pd.Series(np.arange(index.size)).groupby(bins).indices
        daily = [
            np.mean(
                86.4
                * np.exp(log_flow[index[grid[day]]])
                * np.exp(
                    conc_of(log_flow[index[grid[day]]], np.full(grid[day].size, time[at])) + SPREAD**2 / 2
                )
            )
            for at, day in zip(own, calendar_day(DAYS[own]), strict=True)
        ]
        normal.append(np.mean(daily))
    change = boot.loads_fn.change(("2008-01-01", "2009-01-01"), ("2017-01-01", "2018-01-01"), LEVEL)
    true_change = 100 * (normal[1] / normal[0] - 1)
    held["flow-normalised change of load, ten years"] = [change.low <= true_change <= change.high]
    return held


def _holds(table: pd.DataFrame, truth: Array) -> list[bool]:
    inside = (table["load_low"] <= truth) & (truth <= table["load_high"])
    return [bool(x) for x in inside]


def cells(hidden: float, rivers: int, replicates: int) -> list[dict[str, object]]:
    """Coverage of every interval at one share of non-detects."""
    rng = np.random.default_rng(int(100 * hidden) + 1)
    total: dict[str, list[bool]] = {}
    for _ in range(rivers):
        for name, held in river(rng, hidden, replicates).items():
            total.setdefault(name, []).extend(held)
    return [
        {
            "interval": name,
            "non_detects": hidden,
            "rivers": rivers,
            "intervals": len(held),
            "held": round(float(np.mean(held)), 3),
            "level": LEVEL,
            "replicates": replicates,
        }
        for name, held in total.items()
    ]


def main() -> None:
    """Coverage of every interval, by share of non-detects."""
    rivers, replicates = (*map(int, sys.argv[1:3]), *(60, 100)[len(sys.argv) - 1 :])
    rows: list[dict[str, object]] = []
    for hidden in (0.0, 0.25, 0.5):
        rows += cells(hidden, rivers, replicates)
        pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")
        print(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
