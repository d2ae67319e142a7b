"""The rule by which a claim is judged: its truth table, its symmetries, and how often it is wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import ArgumentError, Windows
from wqstudy.effects import CLAIM_VERDICTS, figure, judge_claim
from wqstudy.effects.claim_verdicts import as_rate, beyond, given_rate, national, years_between
from wqstudy.stats.averaged import averaged_steps

NAN = float("nan")


@pytest.mark.parametrize(
    ("announced", "low", "high", "said"),
    [
        # -23% stands for -23.5 to -22.5; three quarters of the weaker end is -16.875.
        ("-23%", -40, -17, "supported"),
        ("-23%", -22.5, -17, "supported"),
        ("-23%", -40, -16.8, "not decidable"),
        ("-23%", -40, 10, "not decidable"),
        ("-23%", -22.4, -17, "overstated"),
        ("-23%", -22.4, 10, "overstated"),
        ("-23%", -10, 10, "overstated"),
        ("-23%", -60, -23.6, "understated"),
        ("-23%", -60, -23.4, "supported"),
        ("-23%", 0.1, 10, "contradicted"),
        ("-23%", 0.0, 10, "overstated"),
        ("-23%", NAN, NAN, "not decidable"),
        ("-23%", -40, float("inf"), "not decidable"),
        # The more is left open by rounding, the less is overstated: "about" and one digit more.
        ("下降约23%", -22.4, -17, "supported"),
        ("-23.0%", -22.5, -17.3, "overstated"),
        ("over 20 %", 21, 60, "supported"),
        ("下降超过20%", -80, -21, "supported"),
        ("下降超过20%", -19, -2, "overstated"),
        # Rises are the mirror.
        ("+120 %", 90, 150, "supported"),
        ("+120 %", 89, 150, "not decidable"),
        ("+120 %", 20, 119, "overstated"),
        ("+120 %", 121, 300, "understated"),
        ("+120 %", -30, -1, "contradicted"),
        # No change.
        ("0 %", -8, 8, "supported"),
        ("0 %", -12, 8, "not decidable"),
        ("0 %", -12, -3, "contradicted"),
    ],
)
def test_truth_table(announced, low, high, said):
    assert judge_claim(low, high, figure(announced)) == said


ends = st.tuples(st.floats(-99, 200), st.floats(-99, 200)).map(sorted)


@settings(deadline=None)
@given(ends, st.integers(1, 99))
def test_a_rise_is_the_mirror_of_a_fall(interval, size):
    low, high = interval
    fall = judge_claim(low, high, figure(f"-{size}%"))
    assert fall in CLAIM_VERDICTS
    assert judge_claim(-high, -low, figure(f"+{size}%")) == fall


@settings(deadline=None)
@given(ends, st.integers(1, 99), st.floats(0, 0.9))
def test_supported_needs_every_weaker_change_excluded(interval, size, tolerance):
    low, high = interval
    claim = figure(f"-{size}%")
    said = judge_claim(low, high, claim, tolerance)
    if said == "supported":
        assert high <= (1 - tolerance) * claim.high < 0
        assert low <= claim.high
        assert judge_claim(low, high, claim, min(tolerance + 0.05, 0.95)) == "supported"
    if said in ("overstated", "understated", "contradicted"):  # the figure itself is outside the interval
        assert high < claim.low or low > claim.high


def test_false_support_is_rare():
    """A sample of benchmarks/claim_verdicts.py: AR(1) .6, 36 + 36 months, sd .4, claim -50 %.

    The bar of 5 % was set beforehand. The interval is wider than AR(1) needs, so that shares lie well below
    it, and 500 series (standard error one point at the bar) are enough.
    """
    rng = np.random.default_rng(11)
    time = np.arange(72)
    noise = np.zeros((500, 72))
    noise[:, 0] = rng.standard_normal(500)
    for t in range(1, 72):
        noise[:, t] = 0.6 * noise[:, t - 1] + 0.8 * rng.standard_normal(500)
    found = averaged_steps(0.4 * noise, time, time >= 36)
    claim = figure("-50%")

    def share(truth, said):
        shifted = [100 * np.expm1(end + np.log1p(truth / 100)) for end in (found.low, found.high)]
        return np.mean([judge_claim(a, b, claim) == said for a, b in zip(*shifted, strict=True)])

    assert share(0.0, "supported") <= 0.05
    assert share(-25.0, "supported") <= 0.05
    assert share(-37.0, "supported") <= 0.05  # just weaker than three quarters
    assert share(-50.0, "overstated") <= 0.05
    assert share(-50.0, "contradicted") <= 0.01
    # And the rule can say yes, and no.
    assert share(-60.0, "supported") > 0.3
    assert share(60.0, "contradicted") > 0.3


# ---------------------------------------------------------------- background


def windows(first, second):
    return Windows.of(*((f"{year}-01-01", f"{year + 1}-01-01") for year in (first, second)))


def test_the_national_background_is_the_published_one():
    """839 sections, 2012 to 2020: the whole change over eight years, and a sixth of ammonia in one."""
    eight = national("NH3N", windows(2012, 2020), figure("-23%"))
    assert eight.change_percent == pytest.approx(
        -75.9, abs=0.02
    )  # eight years of 365.2425 days but for hours
    assert eight.low == pytest.approx(-75.95, abs=0.02)
    assert eight.high == pytest.approx(-75.85, abs=0.02)
    one = national("NH3N", windows(2015, 2016), figure("-23%"))
    assert one.change_percent == pytest.approx(-16.3, abs=0.05)
    assert (one.verdict, one.outside) == ("beyond background", False)
    two = national("NH3N", windows(2015, 2017), figure("-23%"))
    assert two.verdict == "not beyond background"  # less than doing nothing
    assert national("NH3N", windows(2020, 2022), figure("-23%")).outside
    assert national("DO", windows(2015, 2017), figure("+23%")) is None


@pytest.mark.parametrize(
    ("announced", "low", "high", "said"),
    [
        ("-23%", -22, -10, "beyond background"),
        ("-23%", -23, -10, "not decidable"),
        ("-23%", -40, -23.5, "not beyond background"),
        ("-23%", -40, 5, "not decidable"),
        ("-23%", 2, 9, "beyond background"),
        ("+23%", 2, 9, "beyond background"),
        ("+23%", 30, 40, "not beyond background"),
        ("-23%", NAN, NAN, "not decidable"),
    ],
)
def test_beyond_the_background(announced, low, high, said):
    assert beyond(figure(announced), low, high) == said


def test_a_rate_of_ones_own():
    told = given_rate(figure("-10%"), windows(2015, 2017), figure("-23%"))
    assert told.change_percent == pytest.approx(-19.0, abs=0.02)
    assert told.verdict == "beyond background"
    assert years_between(windows(2015, 2017)) == pytest.approx(2, abs=0.002)
    with pytest.raises(ArgumentError, match="not a change a year"):
        as_rate("3 km")
