"""How often checks fail where nothing is wrong, and where something is, on panels with known truth.

Run: python benchmarks/checks_size.py [panels a cell, default 100]

A panel is 84 months of eight stations a district (`wqstudy.simulate.district_panel`), turned into a study and
given to `wqstudy.checks`. One line a cell and check: shares of failed and passed, of districts and of means.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices

import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu

from wqstudy import checks
from wqstudy.simulate import district_panel, panel_study

RESULT = Path(__file__).parent / "results" / "checks_size.csv"
HALF = float(np.log(0.6))
STAGGER = (30, 38, 46, 54)

CELLS: dict[str, dict[str, object]] = {
    "null, phi .6": {},
    "null, trends 0.03": {"trend": 0.03},
    "null, phi .85": {"phi": 0.85},
    "-40 %": {"effect": HALF},
    "null, staggered": {"starts": STAGGER, "controls": 2},
    "treated 20 % a year faster": {"faster": -0.2},
    "-40 %, a year early": {"effect": HALF, "early": 12},
    "bad year, +65 %": {"bad_year": 0.5},
    "-40 %, October to December alone": {"campaign": HALF},
    "-40 %, halving every six months": {"effect": HALF, "shape": "transient"},
    "a control at -60 %": {"stray": float(np.log(0.4))},
}


def one(cell: str, number: int) -> pd.DataFrame:
    """Outcomes of one panel's checks."""
    rng = np.random.default_rng([zlib.crc32(cell.encode()), number])
    given = {"controls": 4, "trend": 0.0} | CELLS[cell]
    controls = int(given.pop("controls"))
    return checks(panel_study(district_panel(rng, 4, controls, **given))).table()


def main(panels: int) -> None:
    """Every cell, written as it is done."""
    rows: list[dict[str, object]] = []
    for cell in CELLS:
        begun = time.perf_counter()
        every = pd.concat([one(cell, n) for n in range(panels)])
        seconds = round((time.perf_counter() - begun) / panels, 2)
        for name, told in every.groupby("check", sort=False):
            shares = {
                f"{outcome}_{who}": round(float((part["outcome"] == outcome).mean()), 4)
                for outcome in ("failed", "passed")
                for who, part in (
                    ("district", told[told["district"] != ""]),
                    ("mean", told[told["district"] == ""]),
                )
            }
            rows.append(
                {"cell": cell, "panels": panels, "check": name}
                | shares
                | {"machine": cpu(), "seconds": seconds}
            )
        pd.DataFrame(rows).to_csv(RESULT, index=False)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
