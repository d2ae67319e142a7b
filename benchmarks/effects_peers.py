"""Other ways to the mean effect in the treated districts, on the panels of `effects_size.py`.

Run: python benchmarks/effects_peers.py [--panels 100] [--workers 2] [--keep FOLDER]

Coverage is of the true mean over treated months, "rejected" the share of panels in which no effect is
rejected at 5 %, seconds the processor's for one panel. Ways that only test (wild bootstrap, synthetic
control) cover where the truth is not rejected, and have no width. pyfixest is tried where it is installed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices

import argparse
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import util
from pathlib import Path

import numpy as np
import pandas as pd
from effects_size import cells, kept, panel_of
from machine import cpu
from scipy import optimize, stats
from statsmodels.tsa.statespace.structural import UnobservedComponents

from wqstudy.effects import Design
from wqstudy.simulate import NEVER, DistrictPanel

RESULT = Path(__file__).parent / "results" / "effects_peers.csv"
CELLS = (
    ("null, trends 0", (6, 6), (4, 2), (3, 3), (1, 5)),
    ("-40 %", (6, 6)),
    ("null, phi .85", (6, 6)),
    ("null, basin shock", (6, 6)),
    ("staggered ramp", (6, 6), (4, 2)),
    ("starts 24 to 60, early ones stronger, ramp", (6, 1), (6, 2)),
)
DRAWS = 999  # of a wild bootstrap: p to .007 at .05
SLOW = 100  # panels that pyfixest is tried on: its estimate is the imputation's
PATHS = 500  # simulated ways that the treated could have gone without treatment
Found = tuple[float, float, float, float]  # estimate, ends of the interval, p of the truth


def around(value: float, error: float, freedom: float, true: float) -> Found:
    """Estimate and interval by a t distribution."""
    far = stats.t.ppf(0.975, freedom) * error
    return value, value - far, value + far, 2 * stats.t.sf(abs(value - true) / error, freedom)


def t_test(panel: DistrictPanel, true: float) -> Found:
    """Values after against values before, treated districts alone."""
    treated = panel.start < NEVER
    after = panel.time >= panel.start[:, None]
    old, new = (panel.y[treated].transpose(0, 2, 1)[a[treated]].ravel() for a in (~after, after))
    told = stats.ttest_ind(new, old, equal_var=False)
    return around(new.mean() - old.mean(), (new.mean() - old.mean()) / told.statistic, told.df, true)


def without_effects(x: np.ndarray) -> np.ndarray:
    """Districts and months taken out of a table without gaps."""
    return np.asarray(x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean())


def twfe(panel: DistrictPanel) -> tuple[np.ndarray, np.ndarray, float]:
    """Treatment and series beside two-way fixed effects, and the slope."""
    d = without_effects((panel.time >= panel.start[:, None]).astype(float))
    y = without_effects(panel.series[0])
    return d, y, float((d * y).sum() / (d**2).sum())


def twfe_plain(panel: DistrictPanel, true: float) -> Found:
    """Two-way fixed effects, errors taken as independent."""
    d, y, slope = twfe(panel)
    freedom = y.size - sum(y.shape)
    error = np.sqrt(((y - slope * d) ** 2).sum() / freedom / (d**2).sum())
    return around(slope, error, freedom, true)


def twfe_clustered(panel: DistrictPanel, true: float) -> Found:
    """Two-way fixed effects, errors clustered by district (CR1), Student's t with districts - 1."""
    d, y, slope = twfe(panel)
    districts = len(y)
    score = (d * (y - slope * d)).sum(axis=1)
    error = np.sqrt((score**2).sum() * districts / (districts - 1)) / (d**2).sum()
    return around(slope, error, districts - 1, true)


def webb(panel: DistrictPanel, true: float) -> Found:
    """Two-way fixed effects, wild cluster bootstrap under the null with Webb's six weights."""
    d, y, slope = twfe(panel)
    rng = np.random.default_rng(1)
    weights = rng.choice(np.sqrt([0.5, 1.0, 1.5]), (DRAWS, len(y))) * rng.choice([-1.0, 1.0], (DRAWS, len(y)))
    size = (d**2).sum()

    def p(at: float) -> float:
        left = y - at * d
        # Scores of every district in every draw: slope and cluster-robust error follow from sums.
        own, square = (d * left).sum(axis=1), (d**2).sum(axis=1)
        made = weights @ own / size
        scores = weights * own - made[:, None] * square
        t = made / np.sqrt((scores**2).sum(axis=1))
        seen = (slope - at) / np.sqrt((((d * (y - slope * d)).sum(axis=1)) ** 2).sum())
        return float(np.mean(np.abs(t) >= abs(seen)))

    return slope, np.nan if p(0.0) >= 0.05 else 1.0, np.nan, p(true)


def imputation(panel: DistrictPanel, true: float) -> Found:
    """Gardner's (2021) two stages: untreated months fitted, effects the rest; clustered by district."""
    y, after = panel.series[0], panel.time >= panel.start[:, None]
    districts, t = y.shape
    first = np.concatenate(
        [np.repeat(np.eye(districts), t, axis=0), np.tile(np.eye(t), (districts, 1))], axis=1
    )
    d = after.ravel().astype(float)
    clean = first * (d == 0)[:, None]
    inverse = np.linalg.pinv(clean.T @ clean, hermitian=True)
    left = y.ravel() - first @ (inverse @ (clean.T @ y.ravel()))
    slope = float(d @ left / d.sum())
    second = left - slope * d
    reach = clean @ (inverse @ (first.T @ d))
    score = (d * second - left * reach).reshape(districts, t).sum(axis=1)
    return around(slope, float(np.sqrt((score**2).sum()) / d.sum()), np.inf, true)


def same_date(panel: DistrictPanel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of the treated, controls in rows, months after the start."""
    treated = panel.start < NEVER
    if np.unique(panel.start[treated]).size > 1:
        raise NotImplementedError
    y = panel.series[0]
    return y[treated].mean(axis=0), y[~treated], panel.time >= panel.start[0]


def convex(y: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Weights of the convex combination of controls that lies nearest, levels free."""
    a, b = controls - controls.mean(axis=1, keepdims=True), y - y.mean()
    heavy = 1e3 * np.abs(a).max()  # holds the sum at one
    weights = optimize.nnls(np.vstack([a.T, np.full(len(a), heavy)]), np.append(b, heavy))[0]
    return np.asarray(weights)


def synthetic(panel: DistrictPanel, true: float) -> Found:
    """Synthetic control with a level; test by moving blocks (Chernozhukov, Wuthrich and Zhu 2021)."""
    y, controls, after = same_date(panel)
    gap = y - convex(y[~after], controls[:, ~after]) @ controls
    slope = float(gap[after].mean() - gap[~after].mean())

    def p(at: float) -> float:
        null = y - at * after
        left = null - convex(null, controls) @ controls
        left -= left.mean()
        moved = np.array([np.roll(left, k)[after].sum() for k in range(left.size)])
        return float(np.mean(np.abs(moved) >= abs(moved[0]) * (1 - 1e-12)))

    return slope, np.nan if p(0.0) >= 0.05 else 1.0, np.nan, p(true)


def state_space(panel: DistrictPanel, true: float) -> Found:
    """What CausalImpact does: a local level and the controls' mean fitted before, carried on after."""
    y, controls, after = same_date(panel)
    x = controls.mean(axis=0)
    n = int((~after).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(y[:n], "llevel", exog=x[:n]).fit(disp=False)
    paths = fit.simulate(
        after.sum(), anchor="end", exog=x[n:], repetitions=PATHS, rng=np.random.default_rng(2)
    )
    effect = y[n:].mean() - np.asarray(paths).reshape(int(after.sum()), PATHS).mean(axis=0)
    low, high = np.quantile(effect, [0.025, 0.975])
    return float(effect.mean()), low, high, 1.0 if low <= true <= high else 0.0


def hartung_knapp(panel: DistrictPanel, true: float) -> Found:
    """The mean of districts' estimates, its error from how they scatter, as if they were independent."""
    value = Design(panel.series, panel.time, panel.start).effects().value[:-1]
    if value.size < 2:
        raise NotImplementedError
    return around(value.mean(), value.std(ddof=1) / np.sqrt(value.size), value.size - 1, true)


def pyfixest(panel: DistrictPanel, true: float) -> Found:
    """pyfixest's did2s as shipped, errors clustered by district."""
    from pyfixest import did2s

    y = panel.series[0]
    districts, t = y.shape
    table = pd.DataFrame(
        {
            "y": y.ravel(),
            "district": np.repeat(np.arange(districts), t),
            "month": np.tile(panel.time, districts),
            "treated": (panel.time >= panel.start[:, None]).ravel(),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = did2s(
                table,
                yname="y",
                first_stage="~ 0 | district + month",
                second_stage="~ treated",
                treatment="treated",
                cluster="district",
            )
        except ValueError as error:
            # Months with one untreated district are dropped as singletons, and its stages no longer match.
            raise NotImplementedError from error
    line = fit.tidy().filter(like="treated", axis=0).iloc[0]
    low, high = float(line["2.5%"]), float(line["97.5%"])
    return float(line["Estimate"]), low, high, 1.0 if low <= true <= high else 0.0


def package(panel: DistrictPanel, true: float) -> Found:
    """This package."""
    found = Design(panel.series, panel.time, panel.start).effects()
    low, high = found.low[-1], found.high[-1]
    return found.value[-1], low, high, 1.0 if low <= true <= high else 0.0


WAYS: dict[str, Callable[[DistrictPanel, float], Found]] = {
    "this package": package,
    "t-test of before and after": t_test,
    "two-way fixed effects, independent errors": twfe_plain,
    "two-way fixed effects, clustered by district": twfe_clustered,
    "two-way fixed effects, wild bootstrap (Webb)": webb,
    "imputation (Gardner), clustered by district": imputation,
    "synthetic control, moving blocks": synthetic,
    "state space (CausalImpact's model)": state_space,
    "Hartung-Knapp on the districts' estimates": hartung_knapp,
} | ({"pyfixest did2s": pyfixest} if util.find_spec("pyfixest") else {})


def one(job: tuple[dict[str, object], int]) -> list[dict[str, object]]:
    """Every way on one panel."""
    cell, number = job
    panel, _ = panel_of(cell, number)
    true = np.mean([panel.effect[g, panel.time >= s].mean() for g, s in enumerate(panel.start) if s < NEVER])
    rows: list[dict[str, object]] = []
    for way, estimate in WAYS.items():
        if estimate is pyfixest and number >= SLOW:
            continue
        began = time.process_time()
        try:
            value, low, high, p = estimate(panel, float(true))
        except NotImplementedError:
            continue
        rows.append(
            {
                "way": way,
                "bias": value - true,
                "covers": float(p >= 0.05),
                "rejected": float(low > 0 or high < 0),
                "width": high - low,
                "seconds": time.process_time() - began,
            }
        )
    return rows


def main() -> None:
    """Run the cells asked for and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--panels", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("build/effects_peers"))
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    lines = []
    with ProcessPoolExecutor(asked.workers) as pool:
        for cell in cells():
            if not any(cell["cell"] == n and (cell["treated"], cell["controls"]) in d for n, *d in CELLS):
                continue
            path = kept(asked.keep, cell)
            if not path.is_file():
                jobs = [(cell, i) for i in range(asked.panels)]
                rows = pd.DataFrame([row for rows in pool.map(one, jobs, chunksize=5) for row in rows])
                rows.to_csv(path, index=False)
            table = pd.read_csv(path).groupby("way", sort=False)
            means = table.mean().assign(seconds=table["seconds"].median())
            lines.append(
                means.assign(panels=table.size())
                .reset_index()
                .assign(**{k: cell[k] for k in ("cell", "treated", "controls")})
            )
            print(lines[-1].round(3).to_string(index=False), flush=True)
    order = ["cell", "treated", "controls", "panels", "way", "covers", "rejected", "bias", "width", "seconds"]
    whole = pd.concat(lines)[order].assign(machine=cpu())
    whole.round(4).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
