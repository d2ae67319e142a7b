"""Rates and sums of announced figures: what arithmetic alone decides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wqstudy import ArgumentError, check_arithmetic, check_rate
from wqstudy.effects import compatible_counts, figure, possible_totals
from wqstudy.effects.counts import difference, p_of, smallest_total

# ---------------------------------------------------------------- counts behind a rate


@settings(deadline=None)
@given(st.integers(1, 3000), st.data())
def test_the_count_that_a_rate_was_made_of_is_found(n, data):
    k = data.draw(st.integers(0, n))
    decimals = data.draw(st.integers(0, 3))
    rate = figure(f"{100 * k / n:.{decimals}f} %")
    found = compatible_counts(rate, n)
    assert k in found
    # And every other one rounds to the same text, or stands on the edge of it.
    assert all(abs(100 * other / n - rate.value) <= 0.5 * 10**-decimals + 1e-6 for other in found)


def test_possible_totals_are_those_of_enumeration():
    rate = figure("37.66 %")
    by_hand = [n for n in range(1, 400) if any(f"{100 * k / n:.2f}" == "37.66" for k in range(n + 1))]
    assert possible_totals(rate, len(by_hand)).tolist() == by_hand


def test_615_incidents_cannot_give_99_87_per_cent():
    """614 of 615 are 99.84 %, 615 are 100 %: nothing lies between."""
    assert compatible_counts(figure("99.87 %"), 615).size == 0
    assert compatible_counts(figure("99.84 %"), 615).tolist() == [614]
    told = check_arithmetic(share="99.87 %", whole=615, counted=True)
    assert (told.agree, told.verdict, told.counts) == (False, "contradicted", ())
    assert check_arithmetic(share="99.84 %", whole=615, part=614, counted=True).agree
    assert check_arithmetic(share="99.84 %", whole=615, part=613, counted=True).agree is False
    assert check_rate("49.63 %", "99.87 %", n_after=615).verdict == "contradicted"


def test_exact_p_is_that_of_scipy():
    k1, n1, k2, n2 = (np.array(a) for a in ([3, 20, 9], [20, 40, 10], [12, 8, 1], [25, 30, 12]))
    wanted = [
        stats.fisher_exact([[a, b - a], [c, d - c]], "less" if c * b > a * d else "greater").pvalue
        for a, b, c, d in zip(k1, n1, k2, n2, strict=True)
    ]
    np.testing.assert_allclose(p_of(k1, n1, k2, n2), wanted, rtol=1e-9)


def test_newcombes_published_interval():
    """Newcombe 1998, Stat. Med. 17, table II, method 10: 56/70 against 48/80 is .0524 to .3339."""
    assert difference(48, 80, 56, 70, 0.95) == pytest.approx((5.24, 33.39), abs=0.005)


# ---------------------------------------------------------------- two rates


@pytest.mark.parametrize(
    ("before", "after", "totals", "said"),
    [
        ("37.66 %", "99.97 %", {}, "supported"),  # 77 and 2858 cases at the least
        ("50 %", "62 %", {}, "not decidable"),
        ("62.5 %", "96.43 %", {}, "not decidable"),  # 5 of 8 and 27 of 28 would do
        ("40 %", "60 %", {"n_before": 100, "n_after": 100}, "supported"),
        ("40 %", "50 %", {"n_before": 100, "n_after": 100}, "not decidable"),
        ("40.5 %", "60 %", {"n_before": 100}, "contradicted"),
        ("50.1 %", "50.1 %", {}, "not decidable"),
        ("99.97 %", "37.66 %", {}, "supported"),
        (0.4, 0.6, {"n_before": 1000, "n_after": 1000}, "supported"),
        ("0.4", None, {}, "not decidable"),
        (None, "78 %", {}, "not decidable"),
    ],
)
def test_two_rates(before, after, totals, said):
    told = check_rate(before, after, **totals)
    assert told.verdict == said
    assert (told.reason == "") == (said != "not decidable")
    assert told.sentence_en.endswith(".")
    assert told.sentence_zh.endswith("。")


def test_what_a_rate_check_says():
    told = check_rate("37.66 % → 99.97 %")
    assert (told.least_before, told.least_after) == (77, 2858)
    assert told.change_points == pytest.approx(62.31)
    assert "at the least" in str(told)
    assert told.to_dict()["p_value"] < 1e-20
    known = check_rate("40 %", "60 %", n_before=100, n_after=100)
    assert (known.counts_before, known.counts_after) == ((40,), (60,))
    assert known.low < 20 < known.high
    n = smallest_total(figure("40 %"), figure("60 %"), 0.95)
    assert (
        check_rate("40 %", "60 %", n_before=5 * (n // 5 + 5), n_after=5 * (n // 5 + 5)).verdict == "supported"
    )
    assert check_rate("40 %", "60 %", n_before=50, n_after=50).verdict == "not decidable"
    assert known.smallest_n == n


def test_rates_that_do_not_differ_are_rarely_said_to():
    """Nominal 5 %, exact and so below; 300 pairs of one true share, counts told and withheld."""
    rng = np.random.default_rng(5)
    told, withheld = [], []
    for _ in range(300):
        k = rng.binomial(80, 0.6, 2)
        texts = [f"{100 * one / 80:.2f} %" for one in k]
        told.append(check_rate(*texts, n_before=80, n_after=80).verdict == "supported")
        withheld.append(check_rate(*texts).verdict == "supported")
    assert np.mean(told) <= 0.05
    assert np.mean(withheld) <= 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"before": None}, "no rate is given"),
        ({"before": "140 %"}, "'140 %' is not a rate"),
        ({"before": "-4 %"}, "'-4 %' is not a rate"),
        ({"before": "4 km"}, "'4 km' is not a rate"),
        ({"before": "often"}, "'often' is not a figure"),
        ({"before": "40 %", "n_before": 0}, "0 is not a number of cases"),
        ({"before": "40 %", "n_before": 2.5}, "2.5 is not a number of cases"),
        ({"before": "40 %", "level": 0.2}, "0.2 is not a confidence level"),
    ],
)
def test_bad_rates(call, message):
    with pytest.raises(ArgumentError, match=message):
        check_rate(**call)


# ---------------------------------------------------------------- sums


def test_drains_of_guangming():
    """6480 km after 1449 km more: 5031 before. Municipal 2189 km after +120 %: 995, and a rise of 1194."""
    total = check_arithmetic(change="+1449 km", after="6480 km")
    assert total.implied["before"] == (5030.0, 5032.0)
    assert total.agree is None
    part = check_arithmetic(change="+120 %", after="2189 km")
    low, high = part.implied["before"]
    assert low < 995 < high
    low, high = part.implied["change_amount"]
    assert low < 1194 < high
    sponge = check_arithmetic(part="26.27 km2", share="36.7 %")
    low, high = sponge.implied["whole"]
    assert low < 71.6 < high


@pytest.mark.parametrize(
    ("figures", "agree"),
    [
        ({"before": "5031 km", "change": "+1449 km", "after": "6480 km"}, True),
        ({"before": "5033 km", "change": "+1449 km", "after": "6480 km"}, False),
        ({"before": "5032 km", "change": "+1449 km", "after": "6480 km"}, True),  # by rounding
        ({"before": "995 km", "change": "+120 %", "after": "2189 km"}, True),
        ({"before": "1000 km", "change": "+120 %", "after": "2189 km"}, False),
        ({"before": "1.52 km2", "change": "+24.75 km2", "after": "26.27 km2"}, True),
        ({"before": 148, "change": -148, "after": 0}, True),
        ({"before": 148, "change": -100, "after": 0}, False),
        ({"part": "26.27 km2", "share": "36.7 %", "whole": "71.6 km2"}, True),
        ({"part": "26.27 km2", "share": "36.7 %", "whole": "75 km2"}, False),
        ({"before": "40 min", "change": "-62.5 %", "after": "15 min"}, True),
    ],
)
def test_whether_figures_agree(figures, agree):
    told = check_arithmetic(**figures)
    assert told.agree is agree
    assert told.verdict == ("not decidable" if agree else "contradicted")
    assert ("cannot all be right" in told.sentence_en) == (not agree)


@settings(deadline=None)
@given(st.floats(1, 1e4), st.floats(-90, 300), st.integers(0, 2))
def test_true_figures_always_agree_however_they_are_rounded(before, percent, decimals):
    after = before * (1 + percent / 100)
    texts = {"before": f"{before:.{decimals}f}", "after": f"{after:.{decimals}f}"}
    if float(texts["before"]) == 0:
        return
    assert check_arithmetic(**texts, change=f"{percent:+.{decimals}f} %").agree
    assert check_arithmetic(**texts, change=f"{after - before:+.{decimals}f}").agree


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({}, "there is no sum to do"),
        ({"before": "3 km"}, "there is no sum to do"),
        ({"before": "3 km", "share": "4 %"}, "there is no sum to do"),
        ({"before": "3 km", "after": "4 m"}, "different units"),
        ({"part": "3 km", "share": "4"}, "'4' is not a share"),
        ({"share": "4 %", "whole": "61.5", "counted": True}, "not a number of cases"),
        ({"before": "many", "after": "4 km"}, "argument before: 'many' is not a figure"),
    ],
)
def test_bad_sums(figures, message):
    with pytest.raises(ArgumentError, match=message):
        check_arithmetic(**figures)
