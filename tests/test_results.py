"""The frozen result of an inference."""

import dataclasses
import json

import pytest

from wqstudy import Estimate

NAN = float("nan")


def test_frozen_and_slotted():
    estimate = Estimate(1.0, 0.5, 1.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.value = 2.0
    assert not hasattr(estimate, "__dict__")


@pytest.mark.parametrize(
    ("low", "high", "decided"),
    [(0.1, 2.0, True), (-2.0, -0.1, True), (-0.1, 0.1, False), (0.0, 1.0, False), (NAN, NAN, False)],
)
def test_decided_where_the_interval_leaves_zero_out(low, high, decided):
    assert Estimate(0.05, low, high).decided is decided


def test_estimable_where_there_is_a_number():
    assert Estimate(0.0, -1.0, 1.0).estimable
    assert not Estimate(NAN, NAN, NAN).estimable


def test_to_dict_has_every_field_and_goes_into_json():
    estimate = Estimate(1.0, 0.5, 1.5, 0.9, 0.03, "log", "step", 40, 3, ("a", "b"))
    fields = estimate.to_dict()
    assert fields == {
        "value": 1.0,
        "low": 0.5,
        "high": 1.5,
        "level": 0.9,
        "p_value": 0.03,
        "unit": "log",
        "method": "step",
        "n": 40,
        "n_censored": 3,
        "notes": ("a", "b"),
    }
    assert json.loads(json.dumps(fields))["notes"] == ["a", "b"]


@pytest.mark.parametrize(
    ("level", "said"), [(0.95, "95 %"), (0.9, "90 %"), (0.999, "99.9 %"), (0.995, "99.5 %")]
)
def test_level_is_not_rounded_away(level, said):
    assert f"({said} interval 0.5 to 1.5, p = 0.03)" in str(Estimate(1.0, 0.5, 1.5, level, 0.03))


def test_prints_in_one_screen():
    text = str(Estimate(1.23456, 0.5, 1.5, 0.95, 0.0312, "log", "step", 40, 3, ("mind the gap",)))
    assert text.splitlines() == [
        "1.235 log  (95 % interval 0.5 to 1.5, p = 0.031)",
        "step, n = 40, 3 non-detects",
        "mind the gap",
    ]


def test_not_estimable_says_so_and_why():
    text = str(Estimate(NAN, NAN, NAN, method="step", n=4, notes=("too few",)))
    assert text.splitlines() == ["not estimable", "step, n = 4", "too few"]


def test_html_is_escaped():
    page = Estimate(1.0, 0.5, 1.5, 0.95, 0.03, "log", "<b>", 4, notes=("a & b",))._repr_html_()
    assert "&lt;b&gt;" in page
    assert "a &amp; b" in page
    assert page.count("<b>") == 1
