"""Seconds of the processor by the number of districts: effects of one parameter, and a whole study.

Run: python benchmarks/effects_speed.py

Half the districts are treated, at ten dates, or all but two (those not yet treated then help); "gaps" lacks
6 % of districts' months, so that each district has a covariance of its own; "half hidden" is the sampler for
non-detects. The faster of two.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # so that seconds of the processor are those of the work

import time
from pathlib import Path

import numpy as np
import pandas as pd
from effects_size import series_of
from machine import cpu

from wqstudy import datasets, evaluate
from wqstudy.effects import Design, spans
from wqstudy.effects.likelihood import _likelihood
from wqstudy.simulate import district_panel

RESULT = Path(__file__).parent / "results" / "effects_speed.csv"
DISTRICTS = (12, 24, 48, 96)


def estimate(y: np.ndarray, month: np.ndarray, start: np.ndarray) -> None:
    """All that is estimated of a parameter: every span of months."""
    design = Design(y, month, start)
    for first, last in ((0, None), *spans()):
        design.effects(first=first, last=last)
    design.fading()


def best(districts: int, gaps: float, controls: int) -> float:
    """The faster of two, in seconds."""
    found = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        treated = districts - controls
        panel = district_panel(rng, treated, controls, starts=30 + 3 * (np.arange(treated) % 10))
        y = panel.series
        y[0][rng.random(y[0].shape) < gaps] = np.nan
        _likelihood.cache_clear()
        began = time.process_time()
        estimate(y, panel.time, panel.start)
        found.append(time.process_time() - began)
    return min(found)


def completed(districts: int) -> float:
    """Seconds of the draws for non-detects."""
    rng = np.random.default_rng(1)
    panel = district_panel(rng, districts // 2, districts // 2)
    began = time.process_time()
    series_of(panel, 0.5, 0.0, rng)
    return time.process_time() - began


def main() -> None:
    """Time all sizes and the embedded study."""
    lines = []
    for what, gaps, few in (("half controls", 0.0, 0), ("gaps", 0.06, 0), ("two controls", 0.0, 2)):
        for districts in DISTRICTS:
            seconds = best(districts, gaps, few or districts // 2)
            lines.append({"what": f"one parameter, {what}", "districts": districts, "seconds": seconds})
            print(lines[-1], flush=True)
    for districts in DISTRICTS:
        lines.append(
            {"what": "non-detects, half hidden", "districts": districts, "seconds": completed(districts)}
        )
        print(lines[-1], flush=True)
    study = datasets.load("demo")
    evaluate(study, parameters=["TP"])
    began = time.process_time()
    evaluate(study)
    lines.append({"what": "embedded study", "districts": 6, "seconds": time.process_time() - began})
    print(lines[-1])
    table = pd.DataFrame(lines)
    table["seconds_a_district"] = (table["seconds"] / table["districts"]).round(4)
    table.round(3).assign(machine=cpu()).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
