"""Records that more than one test of loads needs."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wqstudy import datasets, loads


@pytest.fixture(scope="session")
def oracles() -> Path:
    return Path(os.environ["WQSTUDY_ORACLES"])


@pytest.fixture(scope="session")
def choptank():
    """Samples and flow with the decimal years that the reference was run with."""
    study = datasets.load("choptank-nitrate")
    return study.samples, study.flow


@pytest.fixture(scope="session")
def choptank_fit(choptank):
    return loads.wrtds(*choptank, compat="egret")


@pytest.fixture(scope="session")
def oracle_cases(oracles):
    """Cases of a JSON of other programs' loads, by package."""

    def cases(name, package):
        everything = json.loads((oracles / "loads" / name).read_text(encoding="utf-8"))
        return [case for case in everything if case["package"] == package]

    return cases


@pytest.fixture(scope="session")
def made_record():
    """A simulated record: tables of samples and flow, and the truth of each day in mg/L."""

    def make(seed=0, years=6, every=11, limit=0.0, spread=0.3, start="2008-01-01"):
        rng = np.random.default_rng(seed)
        days = pd.date_range(start, periods=round(365.25 * years))
        t = np.arange(len(days)) / 365.25
        shock = rng.normal(0, 0.25, len(days))
        level = np.zeros(len(days))
        for i in range(1, len(days)):
            level[i] = 0.9 * level[i - 1] + shock[i]
        log_flow = 2 + 0.8 * np.cos(2 * np.pi * t) + level
        mean = 0.5 - 0.06 * t - 0.3 * (log_flow - 2) + 0.2 * np.sin(2 * np.pi * t)
        value = np.exp(mean + rng.normal(0, spread, len(days)))
        samples = pd.DataFrame({"time": days, "value": np.maximum(value, limit)})
        samples["censored"] = np.where(value < limit, "left", "none")
        flow = pd.DataFrame({"time": days, "flow": np.exp(log_flow)})
        return samples.iloc[3::every].reset_index(drop=True), flow, np.exp(mean + spread**2 / 2)

    return make
