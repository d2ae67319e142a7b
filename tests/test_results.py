"""The frozen result of an inference."""

import dataclasses
import json

import numpy as np
import pytest

from wqstudy import Estimate, results

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


# ---------------------------------------------------------------- the printed form of the others


PRINTED = [
    (
        results.Trend(
            6.0, 8.667, 1.698, 0.0894, 1.0, slope=0.5, low=0.1, high=0.9, n=4, method="Mann-Kendall"
        ),
        [
            "S = 6, z = 1.698, p = 0.089, tau = 1",
            "slope 0.5  (95 % interval 0.1 to 0.9)",
            "Mann-Kendall, n = 4",
        ],
    ),
    (
        results.StepTest(-0.5, -0.8, -0.2, -2.4, 0.0164, 24, method="rank-sum", notes=("few",)),
        ["-0.5  (95 % interval -0.8 to -0.2, p = 0.016)", "rank-sum, n = 24", "few"],
    ),
    (
        results.ChangePoint(367.0, 0.0035, 25, 21, 29, 50, p_serial=0.01, phi=0.5, method="Pettitt"),
        [
            (
                "after 25 values  (95 % interval 21 to 29), p = 0.0035, "
                "0.01 if each value remembers the last (phi = 0.50)"
            ),
            "Pettitt, n = 50",
        ],
    ),
    (
        results.CensoredTrend(-457, 28056.7, -2.722, 0.0065, -0.234, -0.09, -0.2, -0.03, 63, 12),
        [
            "S = -457, z = -2.722, p = 0.0065, tau = -0.234",
            "slope -0.09  (95 % interval -0.2 to -0.03)",
            "n = 63, 12 non-detects",
        ],
    ),
    (
        results.RankCorrelation(-0.9, -1.8, 0.083, 5, "Spearman, exact"),
        ["rho = -0.9, z = -1.8, p = 0.083", "Spearman, exact, n = 5"],
    ),
    (
        results.Heterogeneity(11.3, 11, 0.42, method="van Belle-Hughes"),
        ["chi-square 11.3, 11 degrees of freedom, p = 0.42", "van Belle-Hughes"],
    ),
    (
        results.LognormalSummary(mean=1.65, sd=2.1, median=1.0, n=10, n_censored=3, method="lognormal MLE"),
        ["mean 1.65, sd 2.1, median 1", "lognormal MLE, n = 10, 3 non-detects"],
    ),
    (
        results.NondetectSummary(n=10, n_censored=9, method="ROS", notes=("90 % non-detects",)),
        ["not estimable", "ROS, n = 10, 9 non-detects", "90 % non-detects"],
    ),
]


@pytest.mark.parametrize(("result", "lines"), PRINTED, ids=lambda one: type(one).__name__)
def test_results_print_in_a_few_lines(result, lines):
    assert str(result).splitlines() == lines
    assert result._repr_html_().startswith("<p><b>")
    assert len(result.to_dict()) == len(result.__slots__) or isinstance(result, results.NondetectSummary)


@pytest.mark.parametrize(
    "result",
    [
        results.Trend(np.nan, np.nan, np.nan, np.nan),
        results.StepTest(np.nan, np.nan, np.nan, np.nan, np.nan, 1),
        results.ChangePoint(np.nan, np.nan, 0, np.nan, np.nan, 1),
        results.RankCorrelation(np.nan, np.nan, np.nan),
    ],
)
def test_results_that_say_nothing_say_so(result):
    assert str(result).splitlines()[0] == "cannot tell"
