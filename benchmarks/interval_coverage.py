"""How often the interval of `compare` holds the true change, over simulated studies.

Run: python benchmarks/interval_coverage.py [number of studies, default 400]

Each study is the demonstration's kind with another seed; study i is seeded with i, so the demonstration's
own seed is not among them. A cell is one district and parameter. The band asked for is 90 to 98 %.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy import simulate
from wqstudy.comparison import compare

RESULT = Path(__file__).parent / "results" / "coverage.csv"


def one(seed: int) -> pd.DataFrame:
    """Every cell of one simulated study, its interval beside its truth."""
    study = simulate.study(seed)
    table = compare(study)
    cells = table.merge(study.truth, on=["district", "parameter"], suffixes=("", "_true"))
    cells["group"] = np.where(cells["start"].isna(), "control", "treated")
    return cells.assign(seed=seed)


def summary(cells: pd.DataFrame, **which: str) -> dict[str, object]:
    """Coverage, bias and width over some cells."""
    known = cells.dropna(subset=["low", "high"])
    inside = (known["low"] <= known["change_percent_true"]) & (known["change_percent_true"] <= known["high"])
    step = np.log1p(known["change_percent"] / 100) - np.log1p(known["change_percent_true"] / 100)
    width = np.log1p(known["high"] / 100) - np.log1p(known["low"] / 100)
    share = inside.mean()
    # Cells of one study share their weather: the error of the share is taken over studies.
    error = inside.groupby(known["seed"]).mean().std() / np.sqrt(known["seed"].nunique())
    return {
        **which,
        "studies": known["seed"].nunique(),
        "cells": len(cells),
        "not_estimable": len(cells) - len(known),
        "coverage": round(float(share), 4),
        "coverage_error": round(float(error), 4),
        "median_bias_log": round(float(step.median()), 4),
        "median_width_log": round(float(width.median()), 4),
    }


def main() -> None:
    """Run the studies on two processes and write the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with ProcessPoolExecutor(2) as pool:
        cells = pd.concat(pool.map(one, range(1, number + 1), chunksize=5), ignore_index=True)
    rows = [summary(cells, parameter="all", group="all")]
    for (parameter, group), some in cells.groupby(["parameter", "group"], sort=False):
        rows.append(summary(some, parameter=parameter, group=group))
    for name, some in cells.loc[cells["censored_share"] > 0.2].groupby("parameter", sort=False):
        rows.append(summary(some, parameter=name, group="over 20 % non-detects"))
    table = pd.DataFrame(rows).assign(seeds=f"1-{number}", machine=cpu())
    RESULT.parent.mkdir(exist_ok=True)
    table.to_csv(RESULT, index=False, lineterminator="\n")
    print(table.drop(columns="machine").to_string(index=False))


if __name__ == "__main__":
    main()
