"""How often claims get each verdict where the truth is known: false "supported" first of all.

Run: python benchmarks/claim_verdicts.py [series, default 500] [studies, default 10] [rates, default 150]

Three parts. Series: monthly logs of sd .4 under many kinds of noise, a change at half-time, judged by
`averaged_step` and `judge_claim`; the truth is a share of the claim. The test is equivariant to the step, so
one series serves all truths. Amounts are divided by the sample's own median before, as `check_claim` does.
Studies: the demonstration's kind with other seeds, `compare` and its calibrated flag, claims made from the
truth. Rates: two rates of the same true share, published rounded, counts withheld or told.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from default_test_size import ALONE, CHOSEN, HELD_OUT, Noise
from machine import cpu

from wqstudy import compare, simulate
from wqstudy.effects import CLAIM_VERDICTS, check_rate, judge_claim
from wqstudy.effects.figures import Figure, figure
from wqstudy.stats.averaged import averaged_steps

RESULT = Path(__file__).parent / "results" / "claim_verdicts.csv"
SEED = 20240901
SD = 0.4
NOISES = (
    "AR(1) 0.3",
    "AR(1) 0.6",
    "AR(1) 0.8",
    "AR(2) .5 .3",
    "fractional .3",
    "AR(1) .6, t3",
    "AR(4) .3 .2 .1 .2",
)
MONTHS = (36, 48, 72, 120)
CLAIMS = ("-23%", "-50%", "-75%")
TRUTHS = (-0.5, 0.0, 0.5, 0.75, 1.0, 1.15)
TOLERANCES = (0.0, 0.1, 0.25, 0.4)


def counted(said: list[str], **which: object) -> dict[str, object]:
    """Share of every verdict among many."""
    return {**which, "runs": len(said), **{v: round(said.count(v) / len(said), 4) for v in CLAIM_VERDICTS}}


def series(runs: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Claims held against single series."""
    noises: dict[str, Noise] = ALONE | CHOSEN | HELD_OUT
    for name in NOISES:
        for n in MONTHS:
            time = np.arange(n)
            after = time >= n // 2
            y = SD * noises[name].draw(n, after, runs, rng)
            found = averaged_steps(y, time, after)
            base = np.median(np.exp(y[:, ~after]), axis=1)
            for text in CLAIMS:
                claim = figure(text)
                for share in TRUTHS:
                    truth = share * claim.value
                    if truth <= -100:
                        continue
                    ends = [100 * np.expm1(end + np.log1p(truth / 100)) for end in (found.low, found.high)]
                    which = {"part": "series", "noise": name, "n": n, "claim": text, "truth": share}
                    for tolerance in TOLERANCES:
                        said = [judge_claim(a, b, claim, tolerance) for a, b in zip(*ends, strict=True)]
                        yield counted(said, **which, tolerance=tolerance)
                    said = [
                        judge_claim(
                            a, b, Figure(text, *(e / m for e in (claim.value, claim.low, claim.high)), "%")
                        )
                        for a, b, m in zip(*ends, base, strict=True)
                    ]
                    yield counted(said, **which | {"part": "series, amounts"}, tolerance=0.25)


def studies(number: int) -> Iterator[dict[str, object]]:
    """Claims held against whole studies: the truth itself, and claims of which it is a share."""
    tables = []
    for seed in range(1, number + 1):
        study = simulate.study(seed)
        tables.append(compare(study).merge(study.truth, on=["district", "parameter"], suffixes=("", "_true")))
    cells = pd.concat(tables, ignore_index=True)
    cells = cells[cells["calibrated"] & cells["low"].notna()]
    for code, rows in [("all", cells), *cells.groupby("parameter")]:
        for share in (0.5, 0.74, 1.0, 1.25):
            claims = (rows["change_percent_true"] / share).round()
            possible = (claims > -99) & (claims < 0)
            said = [
                judge_claim(low, high, figure(f"{claim:.0f}%"))
                for claim, low, high in zip(
                    claims[possible], rows["low"][possible], rows["high"][possible], strict=True
                )
            ]
            yield counted(said, part="studies", noise=code, n=84, claim="any", truth=share, tolerance=0.25)


def rates(runs: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Rates that do not differ, and that do, with counts told and withheld."""
    for p1, p2 in ((0.5, 0.5), (0.9, 0.9), (0.5, 0.6), (0.4, 0.95)):
        for n in (40, 150, 700):
            for decimals in (0, 2):
                told, withheld = [], []
                for _ in range(runs):
                    k1, k2 = rng.binomial(n, p1), rng.binomial(n, p2)
                    texts = [f"{100 * k / n:.{decimals}f} %" for k in (k1, k2)]
                    told.append(check_rate(*texts, n_before=n, n_after=n).verdict)
                    withheld.append(check_rate(*texts).verdict)
                for name, said in (("rates, counts told", told), ("rates, counts withheld", withheld)):
                    claim = f"{p1} to {p2}, {decimals} decimals"
                    yield counted(said, part=name, noise="", n=n, claim=claim, truth=float(p1 != p2))


def main() -> None:
    """Run all three and write the table."""
    runs, number, pairs = (*map(int, sys.argv[1:]), *(500, 10, 150)[len(sys.argv) - 1 :])
    rng = np.random.default_rng(SEED)
    rows = [*series(runs, rng), *studies(number), *rates(pairs, rng)]
    table = pd.DataFrame(rows).assign(seed=SEED, machine=cpu())
    table.to_csv(RESULT, index=False, lineterminator="\n")
    for name, rows in (
        ("false, at most", table[table["truth"] <= 0.5]),
        ("true", table[table["truth"] == 1]),
    ):
        worst = rows.groupby(["part", "tolerance"], dropna=False)["supported"]
        print(f"supported where {name}:\n{worst.agg(['max', 'mean']).round(3).to_string()}")


if __name__ == "__main__":
    main()
