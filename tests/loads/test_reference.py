"""Ammonia in the Arkansas, 115 of 254 samples non-detects: every option of the reference."""

import json
from pathlib import Path

import numpy as np
import pytest

from wqstudy import datasets, loads
from wqstudy.loads.annual import periods
from wqstudy.parameters import factor

# The reference stops its own iteration at a relative change of 1e-9 of the log-likelihood.
LARGEST = 1e-6
TRUE = json.loads((Path(__file__).parent / "published_arkansas.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.real("usgs-loads")


@pytest.fixture(scope="module")
def fit():
    """A fit with some options; the reference takes the flows, which are cubic feet, for cubic metres."""
    study = datasets.load("arkansas-ammonia")
    flow = study.flow.assign(flow=study.flow["flow"] / factor("ft3/s", "FLOW"))
    made = {}

    def fitted(**options):
        key = json.dumps(options)
        if key not in made:
            made[key] = loads.wrtds(study.samples, flow, compat="egret", **options)
        return made[key]

    return fitted


def agree(found, expected):
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=LARGEST)


def test_years(fit):
    annual = fit().annual()
    assert annual["year"].tolist() == list(range(1990, 2013))
    agree(annual[["conc", "flux", "conc_fn", "flux_fn"]], TRUE["years"]["first_month_10"])


def test_leave_one_out(fit):
    expected = TRUE["leave_one_out"]
    found = fit().cross_validate()[["log_mean", "se", "conc"]].iloc[:: expected["every"]]
    agree(found, expected["rows"])


def parts(table):
    """Change, its parts, and both years over their own flows."""
    return table[["change", "from_quality", "from_flow", "first", "last"]].to_numpy()


def check_parts(found, expected):
    expected = np.array(expected)[:, [0, 1, 2, 4, 6]]
    # what the flow makes is a small difference of large numbers: held against the change
    size = np.abs(expected[:, :1])
    assert np.abs(parts(found) - expected).max(axis=1) / size[:, 0] == pytest.approx([0, 0], abs=LARGEST)


@pytest.mark.parametrize("case", TRUE["pairs"]["cases"], ids=lambda case: str(case["fit"] | case["pairs"]))
def test_pairs(fit, case):
    check_parts(fit(**case["fit"]).pairs(*TRUE["pairs"]["years"], **case["pairs"]), case["table"])


@pytest.mark.parametrize("case", TRUE["groups"]["cases"], ids=lambda case: str(case["fit"]))
def test_groups(fit, case):
    found = fit(**case["fit"]).groups(*TRUE["groups"]["years"], start_month=case["start_month"])
    check_parts(found, case["table"])


@pytest.mark.parametrize("case", TRUE["series"]["cases"], ids=lambda case: str(case["fit"]))
def test_years_with_a_wall_and_with_windows_of_flow(fit, case):
    annual = fit(**case["fit"]).annual()
    agree(annual[["conc", "flux", "conc_fn", "flux_fn"]].iloc[1::2], case["rows"])


def test_years_of_carried_residuals(fit):
    """The reference's are means of 1,500 draws: a year's standard error is about 0.33 %, at most 0.56 %."""
    found, own = fit().kalman(), fit().record
    values = {"conc": found["conc"].to_numpy(), "flux": found["flux"].to_numpy()}
    annual = periods(own.date, own.time, values, 10)[["conc", "flux"]].to_numpy()
    ratio = annual / np.array(TRUE["carried"]["rows"]) - 1
    assert np.abs(ratio).max() < 5 * 0.0056
    assert np.abs(ratio.mean(axis=0)).max() < 4 * 0.0033 / np.sqrt(len(ratio))
