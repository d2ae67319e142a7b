"""Coverage, width, power and false verdicts of effects beyond controls, on panels with known truth.

Run: python benchmarks/effects_size.py [--panels 1000] [--cells REGEX] [--workers 2] [--keep FOLDER]

Rows of single panels go to FOLDER (build/effects_size), so that a stopped run goes on where it was; the table
is made of all that lies there, and a panel's number is its seed.

A panel is 84 months of eight stations a district (`wqstudy.simulate.district_panel`). Cells marked "held out"
were not looked at while the method was chosen. `bias_hidden` is beside the same panel's estimate without
non-detects. Beside it, on the same panels: a t-test of before and after,
two-way fixed effects with standard errors clustered by district, and Hartung and Knapp's mean of districts.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two processes, small matrices

import argparse
import re
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
EARLY = (24, 31, 38, 46, 53, 60)
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
    for t, c in ((6, 6), (4, 2), (1, 5)):
        add("-20 %, phi .85", t, c, effect=FIFTH, phi=0.85)
        add("-20 %, trends 0.03", t, c, effect=FIFTH, trend=0.03)
        add("-20 %, random walk .03", t, c, effect=FIFTH, walk=0.03)
        add("-20 %, basin shock", t, c, effect=FIFTH, basin=0.3)
        add("-20 %, treated 3 % a year slower", t, c, effect=FIFTH, faster=0.03)
    for t, c in ((6, 6), (4, 2), (3, 3), (2, 4)):
        for shape in ("step", "ramp", "transient"):
            add(f"staggered {shape}", t, c, starts=STAGGER[t], shape=shape, effect=HALF)
    for c in (1, 2):
        early = tuple(HALF * x for x in (1.4, 1.2, 1.1, 0.9, 0.8, 0.6))
        add("starts 24 to 60, early ones stronger, ramp", 6, c, starts=EARLY, shape="ramp", effect=early)
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


def panel_of(cell: dict[str, object], number: int) -> tuple[DistrictPanel, np.random.Generator]:
    """A panel of a cell, by its number, and the source that made it."""
    beside = ("cell", "treated", "controls", "held_out", "hidden", "dirtier", "closed")
    rest = {k: v for k, v in cell.items() if k not in beside}
    name = f"{cell['cell']} {cell['treated']}+{cell['controls']}"
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    panel = district_panel(rng, int(cell["treated"]), int(cell["controls"]), **rest)
    panel.y[panel.start < NEVER] += cell.get("dirtier", 0.0)
    return panel, rng


def one(job: tuple[dict[str, object], int]) -> dict[str, float]:
    """A panel, every estimate of it held against the truth."""
    cell, number = job
    panel, rng = panel_of(cell, number)
    hidden, closed = (float(cell.get(k, 0.0)) for k in ("hidden", "closed"))
    y = series_of(panel, hidden, closed, rng)
    found = Design(y, panel.time, panel.start).effects()
    true = np.array([panel.effect[g, panel.time >= s].mean() for g, s in enumerate(panel.start) if s < NEVER])
    true = np.append(true, true.mean())
    inside = (found.low <= true) & (true <= found.high)
    said = np.array(
        [judge(*row).said for row in zip(found.value, found.low, found.high, found.adjusted, strict=True)]
    )
    row: dict[str, float] = {}
    for level, at in (("district", slice(0, -1)), ("pooled", slice(-1, None))):
        row |= {
            f"cover_{level}": float(inside[at].mean()),
            f"width_{level}": float((found.high - found.low)[at].mean()),
            f"bias_{level}": float((found.value - true)[at].mean()),
            f"shown_{level}": float((said[at] == "effect shown").mean()),
            f"none_{level}": float((said[at] == "no effect beyond controls").mean()),
        }
    if hidden:
        whole = Design(panel.series, panel.time, panel.start).effects().value[-1]
        row["bias_hidden"] = float(found.value[-1] - whole)
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


def summary(cell: dict[str, object], table: pd.DataFrame) -> dict[str, object]:
    """Means over the panels, with the Monte Carlo errors of coverage and bias."""
    line: dict[str, object] = {k: cell[k] for k in ("cell", "treated", "controls", "held_out")}
    line["panels"] = len(table)
    doubted = [f"{what}_{who}" for what in ("cover", "bias") for who in ("district", "pooled")]
    doubted += ["bias_hidden"] * ("bias_hidden" in table)
    error = table[doubted].std() / np.sqrt(len(table))
    means = table.mean().round(4).to_dict()
    return line | means | {f"{k}_error": round(float(v), 4) for k, v in error.items()}


def kept(folder: Path, cell: dict[str, object]) -> Path:
    """Where the rows of a cell lie."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{cell['cell']} {cell['treated']} {cell['controls']}").strip("_")
    return folder / f"{name}.csv"


def fill(cell: dict[str, object], path: Path, panels: int, pool: ProcessPoolExecutor) -> None:
    """Add the panels that a cell lacks, a hundred at a time."""
    done = len(pd.read_csv(path)) if path.is_file() else 0
    for first in range(done, panels, 100):
        jobs = [(cell, i) for i in range(first, min(first + 100, panels))]
        rows = pd.DataFrame(pool.map(one, jobs, chunksize=5))
        rows.to_csv(path, mode="a", header=not path.is_file(), index=False, lineterminator="\n")


def main() -> None:
    """Run the cells asked for and write the table of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--panels", type=int, default=1000)
    parser.add_argument("--cells", default="")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("build/effects_size"))
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(asked.workers) as pool:
        for cell in cells():
            if re.search(asked.cells, str(cell["cell"])):
                fill(cell, kept(asked.keep, cell), asked.panels, pool)
    lines = [summary(c, pd.read_csv(kept(asked.keep, c))) for c in cells() if kept(asked.keep, c).is_file()]
    for shown in lines:
        print(
            f"{shown['cell']:36} {shown['treated']}+{shown['controls']} {shown['panels']}"
            f"  cover {shown['cover_district']:.3f} {shown['cover_pooled']:.3f}"
            f"  shown {shown['shown_district']:.3f} {shown['shown_pooled']:.3f}"
            f"  none {shown['none_district']:.3f} {shown['none_pooled']:.3f}"
            f"  width {shown['width_pooled']:.2f}  bias {shown['bias_pooled']:+.3f}"
        )
    table = pd.DataFrame(lines).assign(machine=cpu())
    RESULT.parent.mkdir(exist_ok=True)
    table.to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
