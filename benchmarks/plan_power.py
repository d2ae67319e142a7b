"""Predicted against simulated power of twenty designs.

Run: python benchmarks/plan_power.py [simulated studies a design, default 1,000; the kept result has 2,000]

`wqstudy.plan` predicts from the noise; the simulation samples sections month by month, makes a district's
series of them as `compare` and `evaluate` do, and counts verdicts. Seeds differ. The bar is three points.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy.effects import Variability, judge, plan
from wqstudy.effects.estimates import Design
from wqstudy.simulate.panels import NEVER, remembering
from wqstudy.stats import averaged, twoway

RESULT = Path(__file__).parent / "results" / "plan_power.csv"

# noise (district sd, phi, section sd, common sd, common phi), sections, months a side, controls, treated,
# months between visits, reduction
DESIGNS = [
    ((0.2, 0.3, 0.4, 0.1, 0.3), 2, 24, 0, 1, 1, 0.3),
    ((0.2, 0.3, 0.4, 0.1, 0.3), 8, 24, 0, 1, 1, 0.3),
    ((0.2, 0.3, 0.4, 0.1, 0.3), 4, 48, 0, 1, 1, 0.2),
    ((0.3, 0.6, 0.4, 0.2, 0.5), 4, 36, 0, 1, 1, 0.4),
    ((0.3, 0.6, 0.4, 0.2, 0.5), 4, 60, 0, 1, 1, 0.3),
    ((0.3, 0.6, 0.4, 0.0, 0.0), 1, 36, 0, 1, 1, 0.4),
    ((0.3, 0.8, 0.3, 0.0, 0.0), 4, 60, 0, 1, 1, 0.4),
    ((0.1, 0.0, 0.6, 0.1, 0.2), 3, 18, 0, 1, 1, 0.3),
    ((0.2, 0.4, 0.4, 0.1, 0.3), 4, 48, 0, 1, 2, 0.3),
    ((0.2, 0.4, 0.4, 0.1, 0.3), 4, 60, 0, 1, 3, 0.3),
    ((0.2, 0.3, 0.4, 0.3, 0.6), 4, 24, 2, 1, 1, 0.4),
    ((0.2, 0.3, 0.4, 0.3, 0.6), 4, 36, 4, 1, 1, 0.3),
    ((0.2, 0.3, 0.4, 0.3, 0.6), 8, 36, 8, 1, 1, 0.3),
    ((0.3, 0.6, 0.4, 0.3, 0.6), 4, 36, 4, 1, 1, 0.5),
    ((0.3, 0.6, 0.4, 0.3, 0.6), 4, 36, 4, 4, 1, 0.3),
    ((0.3, 0.6, 0.4, 0.3, 0.6), 8, 42, 6, 6, 1, 0.3),
    ((0.3, 0.8, 0.4, 0.3, 0.6), 4, 42, 3, 3, 1, 0.4),
    ((0.2, 0.4, 0.4, 0.3, 0.6), 4, 48, 3, 1, 2, 0.4),
    ((0.2, 0.4, 0.4, 0.3, 0.6), 4, 60, 3, 2, 3, 0.4),
    ((0.1, 0.2, 0.5, 0.3, 0.6), 2, 24, 3, 3, 1, 0.25),
]


def one(number: int, runs: int) -> dict[str, object]:
    """Both powers of one design."""
    (own, phi, section, common, common_phi), sections, side, controls, treated, every, cut = DESIGNS[number]
    noise = Variability(own, phi, section, common, common_phi)
    told = plan(
        noise,
        cut,
        sections=sections,
        months=side,
        controls=controls,
        treated=treated,
        every=every,
        runs=2_000 if controls else 10_000,
        rng=1,
    )
    rng = np.random.default_rng([2, number])
    districts, months = controls + treated, 2 * side
    time = np.concatenate([np.arange(0, side, every), side + np.arange(0, side, every)])
    start = np.where(np.arange(districts) < treated, side, NEVER)
    station, month = (a.ravel() for a in np.indices((sections, time.size)))
    found = 0
    for _ in range(runs):
        y = own * remembering(rng, phi, (districts, 1, months))
        y = y + common * remembering(rng, common_phi, (months,)) + 0.3 * np.cos(np.pi * np.arange(months) / 6)
        if controls:
            y = y + noise.trend_sd * rng.standard_normal((districts, 1, 1)) * np.arange(months) / 12
        y = y + 0.5 * rng.standard_normal((districts, sections, 1))
        y = y + section * rng.standard_normal((districts, sections, months))
        y[:treated, :, side:] += np.log1p(-cut)
        series = np.stack([twoway.column_effects(d[:, time].ravel(), station, month) for d in y])
        if controls:
            e = Design(series[None], time, start).effects()
            verdict = judge(e.value[-1], e.low[-1], e.high[-1], e.adjusted[-1])
            found += verdict.said == "effect shown"
        else:
            found += averaged.averaged_step(series[0], time, time >= side).high < 0
    share = found / runs
    predicted = float(told["power"].iloc[0])
    return {
        "district_sd": own,
        "phi": phi,
        "section_sd": section,
        "common_sd": common,
        "sections": sections,
        "side_months": side,
        "controls": controls,
        "treated": treated,
        "every": every,
        "reduction": cut,
        "predicted": round(predicted, 3),
        "simulated": round(share, 3),
        "difference": round(predicted - share, 3),
        "error": round(float(np.hypot(told["power_error"].iloc[0], (share * (1 - share) / runs) ** 0.5)), 3),
    }


def main() -> None:
    """Every design, its powers side by side."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with ProcessPoolExecutor(2) as pool:
        table = pd.DataFrame(pool.map(one, range(len(DESIGNS)), [runs] * len(DESIGNS)))
    table["runs"] = runs
    table["cpu"] = cpu()
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.drop(columns="cpu").to_string(index=False))
    print(f"largest difference {table['difference'].abs().max():.3f}")


if __name__ == "__main__":
    main()
