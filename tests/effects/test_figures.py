"""Announced figures: what is read, what it may have been rounded from, and what is refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import ArgumentError
from wqstudy.effects import figure
from wqstudy.effects.figures import pair, percent_change, remaining


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "unit"),
    [
        ("-23%", -23, -23.5, -22.5, "%"),
        ("-23 %", -23, -23.5, -22.5, "%"),
        ("−23.0 %", -23, -23.05, -22.95, "%"),
        ("下降23%", -23, -23.5, -22.5, "%"),
        ("同比下降２３％", -23, -23.5, -22.5, "%"),
        ("下降-23%", -23, -23.5, -22.5, "%"),
        ("fell by 23 per cent", -23, -23.5, -22.5, "%"),
        ("约23%", 23, 22, 24, "%"),
        ("fell by about 23 %", -23, -24, -22, "%"),
        ("下降百分之23", -23, -23.5, -22.5, "%"),
        ("two thirds", 66.667, 61.667, 71.667, "%"),
        ("Halved", -50, -55, -45, "%"),
        ("reduced by half", -50, -55, -45, "%"),
        ("下降三成", -30, -35, -25, "%"),
        ("翻一番", 100, 95, 105, "%"),
        ("增长1.2倍", 120, 115, 125, "%"),
        ("+120 %", 120, 119.5, 120.5, "%"),
        ("−0.4 mg/L", -0.4, -0.45, -0.35, "mg/L"),
        ("-400 μg/L", -400, -400.5, -399.5, "ug/L"),
        ("37.66 %", 37.66, 37.655, 37.665, "%"),
        ("148 bodies cleared", 148, 147.5, 148.5, ""),
        ("6,480 km", 6480, 6479.5, 6480.5, "km"),
        ("11.3万人", 113000, 112500, 113500, ""),
        ("提高62.31个百分点", 62.31, 62.305, 62.315, "points"),
        ("近30%", 30, 29, 30, "%"),
        ("下降近三分之二", -66.667, -66.667, -61.667, "%"),
        ("over 23 %", 23, 23, math.inf, "%"),
        ("下降超过23%", -23, -100, -23, "%"),
        ("-100 %", -100, -100, -99.5, "%"),
        (23, 23, 22.5, 23.5, ""),
        (0, 0, 0, 0.5, ""),
    ],
)
def test_what_is_read(text, value, low, high, unit):
    got = figure(text)
    assert (got.value, got.low, got.high) == pytest.approx((value, low, high), abs=1e-9)
    assert got.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-",
        "%",
        "nan",
        "23 furlongs",
        "下降上升2%",
        "rose by -2 %",
        "下降至23%",  # a fall to, not by
        "fell to 23 %",
        "up to 23 %",
        "2 of 3",
        "23-25%",
        "1e3 %",
        None,
        float("nan"),
        "improved by 3 %",  # up or down?
    ],
)
def test_what_is_refused_says_what_is_valid(text):
    with pytest.raises(ArgumentError, match="not a figure that can be read") as caught:
        figure(text, "announced")
    assert caught.value.argument == "announced"
    assert "-23%" in caught.value.valid


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("降到原来的三分之一", (-71.667, -66.667, -61.667)),
        ("下降至治理前的40%", (-60.5, -60, -59.5)),
        ("减少到原来的一半", (-55, -50, -45)),
        ("增加到原来的2倍", (50, 100, 150)),
    ],
)
def test_what_is_left_of_the_former_level(text, ends):
    left = remaining(text)
    assert (left.low, left.value, left.high) == pytest.approx(ends, abs=1e-3)
    assert (left.unit, left.signed) == ("%", True)
    assert remaining("下降三分之一") is None


@pytest.mark.parametrize("text", ["原来的三分之一", "降到原来的3 km", "降到原来的样子"])
def test_what_is_left_and_not_legible(text):
    with pytest.raises(ArgumentError):
        remaining(text)


def test_an_arrow_without_a_figure_quotes_the_whole():
    with pytest.raises(ArgumentError, match=r"'降到1\.2 mg/L' is not a figure"):
        pair("降到1.2 mg/L")


@settings(deadline=None)
@given(st.integers(-9999, 9999), st.integers(0, 3))
def test_the_interval_holds_all_that_rounds_to_the_figure(digits, decimals):
    text = f"{digits / 10**decimals:+.{decimals}f} km"
    got = figure(text)
    assert got.low <= got.value <= got.high
    for end in (got.low, got.high):  # half a unit of the last digit, either side, never past zero
        assert abs(end - got.value) <= 0.5 * 10**-decimals + 1e-9
    inside = got.value + 0.49 * 10**-decimals * (1 if digits >= 0 else -1)
    assert got.low <= inside <= got.high


def test_two_figures_make_a_change():
    change = percent_change(*pair("1.8→1.2 mg/L"))
    # By hand: 1.15 / 1.85, 1.2 / 1.8 and 1.25 / 1.75.
    assert (change.low, change.value, change.high) == pytest.approx((-37.838, -33.333, -28.571), abs=5e-4)
    assert pair("1.8 mg/L") is None
    with pytest.raises(ArgumentError, match="not in one unit"):
        percent_change(*pair("1.8 km → 1.2 mg/L"))
    with pytest.raises(ArgumentError, match="may be zero"):
        percent_change(*pair("0 → 12 km"))
