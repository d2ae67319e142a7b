"""The Canadian index: the manual's example, another program's numbers, and what limits tell."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import ccme
from wqstudy.grading.canadian_index import categories

DEVON = json.loads((Path(__file__).parent / "published_indices.json").read_text(encoding="utf-8"))["canadian"]
OBJECTIVES = {code: tuple(ends) for code, ends in DEVON["objectives"].items()}
QUICK = settings(deadline=None)


@pytest.fixture(scope="module")
def devon() -> pd.DataFrame:
    rows = [
        ("Devon", month, code, float(cell.strip("L")), "left" if cell.startswith("L") else "none")
        for code, cells in DEVON["values"].items()
        for month, cell in enumerate(cells, 1)
        if cell != "-"
    ]
    return pd.DataFrame(rows, columns=["station", "month", "parameter", "value", "censored"])


def table(**columns: list[float]) -> pd.DataFrame:
    rows = [("a", code, value) for code, values in columns.items() for value in values]
    return pd.DataFrame(rows, columns=["station", "parameter", "value"])


def test_the_manuals_example(devon):
    found = ccme(devon, OBJECTIVES).iloc[0]
    assert (found["n_variables"], found["n_tests"]) == (10, 103)
    assert (found["n_failed_variables"], found["n_failed_tests"]) == (2, 4)
    assert round(found["wqi"]) == DEVON["index"]
    assert found["category"] == DEVON["category"]
    # By hand: 0.058 and 0.108 over 0.05, 0.0094 and 0.0051 over 0.004.
    nse = (0.058 / 0.05 + 0.108 / 0.05 + 0.0094 / 0.004 + 0.0051 / 0.004 - 4) / 103
    assert found["nse"] == pytest.approx(nse)
    assert found[["f1", "f2", "f3"]].tolist() == pytest.approx([20, 400 / 103, nse / (0.01 * nse + 0.01)])
    assert found["notes"] == ""


def test_each_month_as_another_program_gives_it(devon):
    found = ccme(devon, OBJECTIVES, by=["station", "month"])
    assert found["wqi"].round().tolist() == DEVON["by_month"]
    assert all("0 variables with 4 tests or more: 4 are needed" in text for text in found["notes"])


def test_class_limits_are_the_objectives_by_default():
    samples = table(NH3N=[1.0] * 4, TP=[0.2] * 4, DO=[5.0] * 4, PH=[6.0, 9.0, 7.0, 8.0])
    assert ccme(samples).loc[0, "wqi"] == 100.0
    assert ccme(samples, 2).loc[0, "n_failed_variables"] == 3
    lake = ccme(samples.assign(water_body="lake")).iloc[0]
    assert (lake["n_failed_tests"], lake["nse"]) == (4, pytest.approx(4 * 3 / 16))


def test_nothing_met_by_far_is_near_zero():
    found = ccme(table(**{code: [1e9] * 4 for code in ("NH3N", "TP", "CODMn", "CODCr")})).iloc[0]
    assert found["wqi"] == pytest.approx(0, abs=0.01)
    assert found["category"] == "poor"


@pytest.mark.parametrize(
    ("failing", "name"), [(0, "excellent"), (1, "fair"), (2, "marginal"), (3, "poor"), (4, "poor")]
)
def test_categories(failing, name):
    values = {code: [0.9 if k >= failing else 2.0] * 4 for k, code in enumerate("abcd")}
    found = ccme(table(**values), dict.fromkeys("abcd", (None, 1.0))).iloc[0]
    # All tests of k of 4 variables at twice the limit: F1 = F2 = 25 k, nse = k / 4.
    f, nse = 25 * failing, failing / 4
    assert found["wqi"] == pytest.approx(100 - np.sqrt((2 * f**2 + (100 * nse / (1 + nse)) ** 2) / 3))
    assert found["category"] == name


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [(0, 44, "poor"), (45, 64, "marginal"), (65, 79, "fair"), (80, 94, "good"), (95, 100, "excellent")],
)
def test_both_ends_of_each_category_as_the_manual_prints_them(low, high, name):
    assert categories(np.array([low, high, low - 0.4, high + 0.4])).tolist() == [name] * 4


@pytest.mark.parametrize(
    ("value", "mark", "tests", "failed"),
    [
        (0.5, "left", 1, 0),  # below 0.5 is within 1
        (1.0, "left", 1, 0),
        (1.5, "left", 0, 0),  # below 1.5 may be 0.9 or 1.2
        (1.0, "right", 1, 1),  # above 1 is not within 1
        (0.5, "right", 0, 0),
        (2.0, "right", 1, 1),
    ],
)
def test_limits_count_where_they_tell(value, mark, tests, failed):
    samples = table(NH3N=[value], TP=[0.1]).assign(censored=[mark, "none"])
    found = ccme(samples).iloc[0]
    assert (found["n_tests"], found["n_failed_tests"]) == (tests + 1, failed)
    assert ("left out" in found["notes"]) == (tests == 0)
    assert found["n_variables"] == tests + 1


@pytest.mark.parametrize(("mark", "tests", "failed"), [("left", 1, 1), ("right", 1, 0)])
def test_limits_of_what_must_be_at_least_so_much(mark, tests, failed):
    found = ccme(table(DO=[5.0]).assign(censored=mark)).iloc[0]
    assert (found["n_tests"], found["n_failed_tests"]) == (tests, failed)


def test_oxygen_of_zero_has_no_finite_excursion():
    samples = table(DO=[0.0, 6.0, 6.0, 6.0])
    found = ccme(samples).iloc[0]
    assert np.isnan(found["wqi"])
    assert found["category"] is None
    assert "oxygen of zero" in found["notes"]
    assert ccme(samples, oxygen_floor=0.5).loc[0, "nse"] == pytest.approx((5 / 0.5 - 1) / 4)


@QUICK
@given(
    values=st.lists(st.floats(0.01, 10), min_size=4, max_size=12),
    place=st.integers(0, 3),
    factor=st.floats(1, 5),
)
def test_more_of_a_pollutant_never_helps_and_order_is_irrelevant(values, place, factor):
    more = [v * factor if k == place else v for k, v in enumerate(values)]
    before, after = (ccme(table(NH3N=v, TP=[0.1] * 4)).loc[0, "wqi"] for v in (values, more))
    assert 0 <= after <= before + 1e-9 <= 100 + 1e-9
    assert ccme(table(NH3N=values[::-1], TP=[0.1] * 4)).loc[0, "wqi"] == pytest.approx(before)


@pytest.mark.parametrize(
    ("objectives", "how", "told"),
    [
        (7, {}, "7 is no class"),
        ({"TP": (None, None)}, {}, "allows nothing"),
        ({"TP": (2.0, 1.0)}, {}, "allows nothing"),
        ({"HG": (None, 1.0)}, {}, "no sample has an objective"),
        (3, {"by": "river"}, "'river' is missing"),
    ],
)
def test_bad_input_is_told(objectives, how, told):
    with pytest.raises(ArgumentError, match=told):
        ccme(table(TP=[0.1]), objectives, **how)


def test_a_blank_unit_is_not_dropped_in_silence():
    with pytest.raises(ArgumentError, match="row 1 of river is blank"):
        ccme(table(TP=[0.1, 0.2]).assign(river=["x", None]), by="river")
