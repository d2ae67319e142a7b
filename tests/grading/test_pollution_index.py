"""Multiples of a limit and their mean."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import graded_items, mean_pollution_index
from wqstudy.grading.pollution_index import ratios, target_limits

PUBLISHED = json.loads((Path(__file__).parent / "published_indices.json").read_text(encoding="utf-8"))
QUICK = settings(deadline=None)


@pytest.mark.parametrize("case", PUBLISHED["shenzhen"]["cases"], ids=lambda case: case["section"])
def test_shenzhen_prints_the_mean_of_three(case):
    table = pd.DataFrame({"NH3N": [case["nh3n"]], "TP": [case["tp"]], "CODCr": [case["cod_implied"]]})
    # COD is not printed: it was worked out of the index, taken as a mean. So this holds the arithmetic only;
    # that such COD is what rivers there have is why the index is thought to be a mean.
    assert mean_pollution_index(table).loc[0, "mean_index"] == pytest.approx(case["index"], abs=1e-9)
    assert 5 < case["cod_implied"] < 40


@pytest.mark.parametrize(
    "case", PUBLISHED["city_items"]["cases"], ids=lambda case: f"{case['item']} {case['value']}"
)
def test_index_of_one_item(case):
    table = pd.DataFrame({case["item"]: [case["value"]], "water_body": [case.get("water_body", "river")]})
    found = mean_pollution_index(table, case["item"]).iloc[0]
    assert found[f"{case['item']}_index"] == pytest.approx(case["expected"], abs=1e-12)
    assert found["n_items"] == 1


@QUICK
@given(
    code=st.sampled_from([c for c in graded_items() if c not in ("PH", "DO")]),
    value=st.floats(1e-6, 1e3),
    factor=st.floats(1.001, 10),
)
def test_more_is_worse(code, value, factor):
    table = pd.DataFrame({code: [value, value * factor]})
    less, more = mean_pollution_index(table, code)["mean_index"]
    assert less < more


@QUICK
@given(value=st.floats(0.01, 20), factor=st.floats(1.001, 10))
def test_more_oxygen_is_better(value, factor):
    less, more = mean_pollution_index(pd.DataFrame({"DO": [value, value * factor]}), "DO")["mean_index"]
    assert less > more


def test_oxygen_of_zero_has_no_index_without_a_floor():
    table = pd.DataFrame({"DO": [0.0, 5.0], "TP": [0.2, 0.2]})
    found = mean_pollution_index(table, ["DO", "TP"])
    assert found["mean_index"].tolist() == [1.0, 1.0]
    assert found["n_items"].tolist() == [1, 2]
    assert found["notes"].tolist() == ["oxygen of zero has no index: name a floor", ""]
    raised = mean_pollution_index(table, ["DO", "TP"], oxygen_floor=0.5)
    assert raised["DO_index"].tolist() == [10.0, 1.0]
    assert raised["notes"].tolist() == ["oxygen below 0.5 mg/L counts as 0.5 mg/L", ""]


def test_targets_are_a_class_a_column_of_classes_or_limits():
    table = pd.DataFrame({"TP": [0.2, 0.2], "target_class": [3, 5], "water_body": ["river", "lake"]})
    assert mean_pollution_index(table, "TP")["TP_index"].tolist() == pytest.approx([1.0, 4.0])
    assert mean_pollution_index(table, "TP", targets="target_class")["TP_index"].tolist() == [1.0, 1.0]
    assert mean_pollution_index(table, "TP", targets={"TP": 0.1})["TP_index"].tolist() == [2.0, 2.0]


def test_missing_items_are_told():
    found = mean_pollution_index(pd.DataFrame({"TP": [0.2, np.nan], "NH3N": [2.0, np.nan]})).reset_index()
    assert found["mean_index"].tolist() == pytest.approx([1.5, np.nan], nan_ok=True)
    assert found["notes"].tolist() == ["without CODCr", "without NH3N, TP, CODCr"]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"items": "CHLA"}, "no column"),
        ({"items": ["TP", "TN"]}, "TN has no limits in a river"),
        ({"items": "TP", "targets": 6}, "1 to 5"),
        ({"items": "TP", "targets": "goal"}, "'goal' is missing"),
        ({"items": "TP", "targets": {"TP": 0.0}}, "TP has no target"),
        ({"items": "TP", "oxygen_floor": 0.0}, "above zero"),
    ],
)
def test_bad_input_is_told(how, told):
    with pytest.raises(ArgumentError, match=told):
        mean_pollution_index(pd.DataFrame({"TP": [0.2]}), **how)


def test_ratio_of_a_value_at_its_limit_is_one_in_every_class():
    items = list(graded_items())
    for body in ("river", "lake"):
        for number in range(1, 6):
            target = target_limits(pd.DataFrame({"water_body": [body]}), items, number)
            assert ratios(target, items, target)[0] == pytest.approx(np.ones((1, 21)))
