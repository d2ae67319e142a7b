"""How often tests of a step reject where there is none, and how often intervals hold the truth.

Run: python benchmarks/step_sizes.py [number of series a cell, default 1000]

Series are simulated: white or AR(1) normal noise, lognormal where values have limits. Nominal 5 and 95 %.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy import stats
from wqstudy.stats.changepoint import noise

RESULT = Path(__file__).parent / "results" / "step_sizes.csv"
SEED = 20240601

Cell = tuple[str, str, str, list[bool]]


def change_points(number: int, rng: np.random.Generator) -> Iterator[Cell]:
    """Size of both p, and coverage of the time of change at a third of the series."""
    for test in (stats.pettitt, stats.buishand, stats.cusum, stats.snht):
        name = test.__name__
        for n, phi in (
            (40, 0.0),
            (40, 0.6),
            (60, 0.0),
            (60, 0.3),
            (60, 0.6),
            (60, 0.8),
            (120, 0.3),
            (120, 0.6),
        ):
            found = [test(x, rng=rng, resamples=199) for x in noise(rng, number, n, phi)]
            setting = f"n = {n}, phi = {phi}"
            yield name, "size, p for independent values", setting, [f.p_value <= 0.05 for f in found]
            yield name, "size, p for AR(1)", setting, [f.p_serial <= 0.05 for f in found]
        for n, phi, step in ((60, 0.0, 1.0), (60, 0.0, 2.0), (60, 0.6, 2.0), (120, 0.6, 2.0)):
            x = noise(rng, number, n, phi) + step * (np.arange(n) >= n // 3)
            found = [test(row, rng=rng, resamples=199) for row in x]
            setting = f"n = {n}, phi = {phi}, step = {step} sd"
            yield name, "power, p for AR(1)", setting, [f.p_serial <= 0.05 for f in found]
            yield name, "coverage of the time", setting, [f.low <= n // 3 <= f.high for f in found]


def ranks(number: int, rng: np.random.Generator) -> Iterator[Cell]:
    """Size of rank tests of white noise, plain and behind limits."""
    for n, m in ((8, 9), (24, 24), (60, 60)):
        found = [stats.rank_sum(*np.split(x, [n])) for x in noise(rng, number, n + m, 0.0)]
        setting = f"n = {n} and {m}"
        yield "rank_sum", "size", setting, [f.p_value <= 0.05 for f in found]
        yield "rank_sum", "coverage", setting, [f.low <= 0 <= f.high for f in found]
    t = np.arange(60.0)
    limits = {
        "one limit, 40 %": lambda: np.full(60, 0.8),
        "one limit, 72 %": lambda: np.full(60, 1.8),
        "two limits at random": lambda: rng.choice([0.4, 1.5], 60),
        "limit falls at half-time": lambda: np.where(t < 30, 1.5, 0.4),
    }
    for setting, limit in limits.items():
        p: dict[tuple[str, str], list[bool]] = {}
        for _ in range(number):
            y, own = np.exp(rng.standard_normal(60)), limit()
            x, hidden = np.maximum(y, own), y < own
            trend = stats.akritas_theil_sen(x, hidden, t)
            split = (x[:30], hidden[:30], x[30:], hidden[30:])
            for key, value in {
                ("akritas_theil_sen", "size, variance of cenken"): trend.p_value,
                ("akritas_theil_sen", "size, exact variance"): trend.p_permutation,
                ("gehan", "size"): stats.gehan(*split).p_value,
                ("peto_prentice", "size"): stats.peto_prentice(*split).p_value,
            }.items():
                p.setdefault(key, []).append(value <= 0.05)
        for (name, what), rejected in p.items():
            yield name, what, f"n = 60, {setting}", rejected


def means(number: int, rng: np.random.Generator) -> Iterator[Cell]:
    """Coverage of the mean of lognormal values with two limits."""
    for n, sd in ((30, 0.5), (60, 0.8), (60, 1.2), (120, 0.8)):
        truth = np.exp(sd**2 / 2)
        held: dict[str, list[bool]] = {"kaplan_meier": [], "ros": [], "lognormal_mle": []}
        for _ in range(number):
            y = np.exp(sd * rng.standard_normal(n))
            own = np.exp(sd * rng.choice([-0.84, -0.13], n))
            x, hidden = np.maximum(y, own), y < own
            for got in (
                stats.kaplan_meier(x, hidden),
                stats.ros(x, hidden, rng=rng, resamples=199),
                stats.lognormal_mle(x, hidden),
            ):
                name = {"Kaplan-Meier": "kaplan_meier", "ROS": "ros"}.get(got.method, "lognormal_mle")
                held[name].append(got.low <= truth <= got.high)
        for name, inside in held.items():
            yield name, "coverage of the mean", f"n = {n}, sd of logs = {sd}", inside


def censored_step(number: int, rng: np.random.Generator) -> Iterator[Cell]:
    """Size and coverage of the censored regression; a fifth of the series, as each is fitted 100 times."""
    for n, phi, share in ((48, 0.0, 0.3), (48, 0.6, 0.3), (96, 0.6, 0.5), (96, 0.3, 0.6)):
        time = np.arange(n)
        found = []
        for e in noise(rng, max(number // 5, 1), n, phi):
            y = 0.6 * e + 0.4 * np.sin(time * np.pi / 6)
            low = np.quantile(y, share)
            after = time >= n // 2
            found.append(
                stats.tobit_step(np.exp(np.maximum(y, low)), y < low, time, after, rng=rng, resamples=99)
            )
        setting = f"n = {n}, phi = {phi}, {100 * share:.0f} % hidden"
        yield "tobit_step", "size", setting, [f.p_value <= 0.05 for f in found]
        yield "tobit_step", "coverage", setting, [f.low <= 0 <= f.high for f in found]


def main() -> None:
    """Run all cells and write the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = np.random.default_rng(SEED)
    rows = [
        {
            "test": test,
            "what": what,
            "setting": setting,
            "series": len(hits),
            "share": round(float(np.mean(hits)), 3),
            "error": round(float(np.std(hits) / np.sqrt(len(hits))), 3),
        }
        for part in (ranks, means, change_points, censored_step)
        for test, what, setting, hits in part(number, rng)
    ]
    table = pd.DataFrame(rows).assign(seed=SEED, machine=cpu())
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.drop(columns=["seed", "machine"]).to_string(index=False))


if __name__ == "__main__":
    main()
