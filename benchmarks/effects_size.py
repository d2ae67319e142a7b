"""Coverage, width, power and false verdicts of effects beyond controls, on panels with known truth.

Run: python benchmarks/effects_size.py [panels a cell, default 300]

A panel is 84 months of eight stations a district (`wqstudy.simulate.district_panel`). Cells marked "held out"
were not looked at while the method was chosen. Beside it, on the same panels: a t-test of before and after,
two-way fixed effects with standard errors clustered by district, and Hartung and Knapp's mean of districts.
Non-detects cost a sampler each: a fifth of the panels; missing district months a matrix each: a tenth.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two processes, small matrices

import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from machine import cpu
from scipy import stats

from wqstudy.effects import Design, judge
from wqstudy.effects.imputed import Visits, complete
from wqstudy.simulate import NEVER, DistrictPanel, district_panel
from wqstudy.stats.twoway import column_effects

RESULT = Path(__file__).parent / "results" / "effects_size.csv"
HALF, FIFTH = float(np.log(0.6)), float(np.log(0.8))
DESIGNS = ((6, 6), (4, 2), (3, 3), (2, 4), (1, 5))
STAGGER = {6: (30, 34, 39, 44, 49, 54), 4: (30, 38, 46, 54), 3: (30, 42, 54), 2: (30, 54)}


def cells() -> list[dict[str, object]]:
    """What is simulated: a name and what goes to the simulator, and beside it."""
    made: list[dict[str, object]] = []

    def add(name: str, treated: int, controls: int, *, held_out: bool = False, **rest: object) -> None:
        made.append({"cell": name, "treated": treated, "controls": controls, "held_out": held_out} | rest)

    for t, c in DESIGNS:
        for trend in (0.0, 0.03):
            add(f"null, trends {trend:g}", t, c, trend=trend)
        add("-40 %", t, c, effect=HALF)
        add("-20 %", t, c, effect=FIFTH)
        add("null, phi .85", t, c, phi=0.85)
        add("null, treated 3 % a year faster", t, c, faster=-0.03)
        add("null, basin shock", t, c, basin=0.3)
    for t, c in ((6, 6), (3, 3), (1, 5)):
        add("null, random walk .03", t, c, walk=0.03)
        add("null, phi .85, trends .03", t, c, phi=0.85, trend=0.03)
    for t, c in ((6, 6), (4, 2), (3, 3), (2, 4)):
        for shape in ("step", "ramp", "transient"):
            add(f"staggered {shape}", t, c, starts=STAGGER[t], shape=shape, effect=HALF)
    add("staggered null, basin shock", 6, 6, starts=STAGGER[6], basin=0.3)
    for t, c in ((6, 6), (4, 2)):
        for share in (0.2, 0.5):
            add(f"-40 %, non-detects {share:g}", t, c, effect=HALF, hidden=share)
    add("null, dirtier, non-detects 0.5", 6, 6, hidden=0.5, dirtier=0.7)
    for t, c in ((6, 6), (4, 2), (1, 5)):
        add("gaps .15, heavy tails", t, c, held_out=True, gaps=0.15, freedom=3.0)
        add("station sets change", t, c, held_out=True, gaps=0.1, changing=True)
        add("missing district months", t, c, held_out=True, closed=0.06, effect=HALF)
    for t, c in ((6, 6), (3, 3)):
        add("two stations", t, c, held_out=True, stations=2, freedom=4.0)
        add("36 months", t, c, held_out=True, months=36, starts=18)
    return made


def one(job: tuple[dict[str, object], int]) -> dict[str, float]:
    """A panel, every estimate of it held against the truth."""
    cell, number = job
    rest = {k: v for k, v in cell.items() if k not in ("cell", "treated", "controls", "held_out")}
    hidden, dirtier, closed = (float(rest.pop(k, 0.0)) for k in ("hidden", "dirtier", "closed"))
    name = f"{cell['cell']} {cell['treated']}+{cell['controls']}"
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    panel = district_panel(rng, int(cell["treated"]), int(cell["controls"]), **rest)
    panel.y[panel.start < NEVER] += dirtier
    began = time.perf_counter()
    y = series_of(panel, hidden, closed, rng)
    found = Design(y, panel.time, panel.start).effects()
    spent = time.perf_counter() - began
    true = np.array([panel.effect[g, panel.time >= s].mean() for g, s in enumerate(panel.start) if s < NEVER])
    true = np.append(true, true.mean())
    inside = (found.low <= true) & (true <= found.high)
    said = np.array(
        [
            judge(*row).said
            for row in zip(
                found.value, found.low, found.high, found.low_no_effect, found.adjusted, strict=True
            )
        ]
    )
    row = {"seconds": spent}
    for level, at in (("district", slice(0, -1)), ("pooled", slice(-1, None))):
        row |= {
            f"cover_{level}": float(inside[at].mean()),
            f"width_{level}": float((found.high - found.low)[at].mean()),
            f"bias_{level}": float((found.value - true)[at].mean()),
            f"shown_{level}": float((said[at] == "effect shown").mean()),
            f"none_{level}": float((said[at] == "no effect beyond controls").mean()),
        }
    return (
        row
        if np.isnan(panel.y).any() or hidden or closed
        else row | peers(y[0], panel, found.value[:-1], true[-1])
    )


def series_of(panel: DistrictPanel, hidden: float, closed: float, rng: np.random.Generator) -> np.ndarray:
    """District series as the package makes them: draws for non-detects, stations that come and go."""
    if not (hidden or closed or np.isnan(panel.y).any()):
        return panel.series
    values = panel.y
    if closed:
        values = np.where(rng.random((values.shape[0], 1, values.shape[2])) < closed, np.nan, values)
    district, station, month = np.nonzero(~np.isnan(values))
    log = values[district, station, month]
    limit = np.quantile(log, hidden) if hidden else -np.inf
    side = np.where(log < limit, -1, 0)
    place = district * values.shape[1] + station
    visits = Visits(np.maximum(log, limit), side, place, district, month, panel.time, panel.start)
    full = complete(visits, rng)
    y = np.full((len(full), values.shape[0], values.shape[2]), np.nan)
    for g in range(values.shape[0]):
        own = district == g
        seen, column = np.unique(month[own], return_inverse=True)
        row = np.unique(station[own], return_inverse=True)[1]
        y[:, g, seen] = column_effects(full[:, own], row, column)
    return y


def peers(y: np.ndarray, panel: DistrictPanel, value: np.ndarray, true: float) -> dict[str, float]:
    """The same panel by a t-test, by two-way fixed effects, and by Hartung and Knapp's mean."""
    treated = panel.start < NEVER
    after = panel.time >= panel.start[:, None]
    old, new = (panel.y[treated].transpose(0, 2, 1)[a[treated]].ravel() for a in (~after, after))
    ends = stats.ttest_ind(new, old, equal_var=False).confidence_interval()
    districts = y.shape[0]

    def plain(x: np.ndarray) -> np.ndarray:
        return x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()

    d = plain(after.astype(float))
    beta = (d * y).sum() / (d**2).sum()
    score = (d * (plain(y) - beta * d)).sum(axis=1)
    error = np.sqrt((score**2).sum() * districts / (districts - 1)) / (d**2).sum()
    reach = stats.t.ppf(0.975, districts - 1) * error
    row = {
        "ttest_cover": float(ends.low <= true <= ends.high),
        "twfe_bias": float(beta - true),
        "twfe_cover": float(abs(beta - true) <= reach),
    }
    if value.size > 1:
        spread = value.std(ddof=1) / np.sqrt(value.size)
        far = stats.t.ppf(0.975, value.size - 1) * spread
        row["hk_cover"] = float(abs(value.mean() - true) <= far)
    return row


def runs_of(cell: dict[str, object], panels: int) -> int:
    """How many panels a cell gets."""
    return max(panels // 5, 1) if "hidden" in cell else max(panels // 10, 1) if "closed" in cell else panels


def summary(cell: dict[str, object], rows: list[dict[str, float]]) -> dict[str, object]:
    """Means over the panels, with the Monte Carlo error of both coverages."""
    table = pd.DataFrame(rows)
    line: dict[str, object] = {k: cell[k] for k in ("cell", "treated", "controls", "held_out")}
    line["panels"] = len(table)
    error = table[["cover_district", "cover_pooled"]].std() / np.sqrt(len(table))
    means = table.mean().round(4).to_dict()
    return line | means | {f"{k}_error": round(float(v), 4) for k, v in error.items()}


def main() -> None:
    """Run all cells on two processes and write the table."""
    panels = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    lines = []
    with ProcessPoolExecutor(2) as pool:
        for cell in cells():
            jobs = [(cell, i) for i in range(runs_of(cell, panels))]
            lines.append(summary(cell, list(pool.map(one, jobs, chunksize=10))))
            shown = lines[-1]
            print(
                f"{shown['cell']:36} {shown['treated']}+{shown['controls']}"
                f"  cover {shown['cover_district']:.3f} {shown['cover_pooled']:.3f}"
                f"  shown {shown['shown_district']:.3f} {shown['shown_pooled']:.3f}"
                f"  none {shown['none_district']:.3f} {shown['none_pooled']:.3f}"
                f"  width {shown['width_pooled']:.2f}  bias {shown['bias_pooled']:+.3f}",
                flush=True,
            )
            table = pd.DataFrame(lines).assign(machine=cpu())
            RESULT.parent.mkdir(exist_ok=True)
            table.drop(columns="seconds").assign(seconds=table["seconds"].round(3)).to_csv(
                RESULT, index=False, lineterminator="\n"
            )


if __name__ == "__main__":
    main()
