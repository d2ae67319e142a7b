"""Daniel's test: printed critical values against exact ones, the edge of each, and tables of sections."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import critical_values, spearman_daniel
from wqstudy.stats.rank_trends import null_distribution

NAN = float("nan")


@pytest.mark.parametrize("n", [5, 6, 7, 8, 9, 10, 12, 14])
def test_exact_points_of_the_rules_file(n):
    rs, p = null_distribution(n)
    row = critical_values().loc[n]
    for level in ("0.05", "0.01"):
        exact = rs[np.argmax(p <= float(level))]
        assert row[f"exact_one_sided_{level}"] == pytest.approx(exact, abs=0.5001e-4)
        # Up to 10 periods the printed points are the one-sided ones but for a last digit (10 periods have
        # 0.746 for 0.7455); from 12 on they are something else.
        assert bool(abs(row[f"wp_{level}"] - exact) < 1e-3) is (n <= 10)


def test_a_printed_point_is_one_sided():
    """At 7 periods rs of 0.714 has a probability of 0.044 on its side, and twice that on both."""
    rs, p = null_distribution(7)
    assert p[np.argmin(np.abs(rs - 0.714))] == pytest.approx(0.044, abs=5e-4)


@pytest.mark.parametrize(
    ("values", "strict", "wide"),
    [
        ([1, 2, 3, 5, 4], False, True),  # rs = 0.900 = Wp
        ([1, 2, 3, 4, 5], True, True),  # rs = 1.000 > 0.900
        ([1, 3, 2, 5, 4, 6], True, True),  # rs = 0.886 > 0.829
        ([2, 1, 3, 4, 6, 5], True, True),
        ([3, 1, 2, 4, 5, 6], False, True),  # rs = 0.82857, printed as 0.829
    ],
)
def test_strict_comparison_is_a_choice(values, strict, wide):
    for choice, expected in ((True, strict), (None, strict), (False, wide)):
        found = spearman_daniel(values, strict=choice)
        assert found["beyond_05"].tolist() == [expected]
        assert found["verdict"].tolist() == ["rising" if expected else "no significant trend"]


def test_five_periods_never_reach_one_per_cent_when_strict():
    assert spearman_daniel([1, 2, 3, 4, 5])["beyond_01"].tolist() == [False]
    assert spearman_daniel([1, 2, 3, 4, 5], strict=False)["beyond_01"].tolist() == [True]


@pytest.mark.parametrize(
    ("values", "note"), [([4, 3, 2, 1], "4 periods, 5 are needed"), ([2] * 6, "all values are the same")]
)
def test_cannot_tell(values, note):
    found = spearman_daniel(values)
    assert found["verdict"].tolist() == ["cannot tell"]
    assert found["notes"].tolist() == [note]
    assert found[["wp_05", "beyond_05", "better"]].isna().all(axis=None)
    assert spearman_daniel(values, lang="zh")["verdict"].tolist() == ["无法判断"]


def test_ties_and_gaps_and_periods_without_a_printed_value_are_told():
    values = [11, 10, 9, NAN, 8, 7, 6, 5, 4, 3, 2, 2]
    found = spearman_daniel(values)
    assert found["n"].tolist() == [11]
    assert found["wp_05"].tolist() == [critical_values().loc[10, "wp_0.05"]]
    # By hand: the sum of squares is 440 without the tie and 1.5 less with it; 1 - 6 * 438.5 / 1320 = -0.993.
    assert found["notes"][0].split("; ") == [
        "2 tied values have midranks (the plain formula gives −0.993)",
        "no critical value is printed for 11 periods, that for 10 is stricter",
        "periods missing in between: 1",
    ]
    assert spearman_daniel(np.arange(40.0))["wp_05"].tolist() == [critical_values().loc[30, "wp_0.05"]]


def test_how_the_probability_was_found_is_said():
    assert spearman_daniel(np.arange(12.0))["p_method"].tolist() == ["every order counted"]
    assert spearman_daniel(np.arange(13.0))["p_method"].tolist() == ["Student's t"]
    found = spearman_daniel([1, 2, 3, 5, 4])
    assert found["p_one_sided"][0] == pytest.approx(5 / 120)
    assert found["p_two_sided"][0] == pytest.approx(10 / 120)


def yearly() -> pd.DataFrame:
    """Two sections over six years: ammonia falls and oxygen rises at one, nothing moves at the other."""
    rows = []
    for number, year in enumerate(range(2015, 2021)):
        for station, ammonia, oxygen in (
            ("a", 2 - number / 5, 5 + number),
            ("b", [1, 3, 2, 2.5, 1.5, 1.2][number], 7),
        ):
            for month in range(1, 13):
                time = pd.Timestamp(year, month, 5)
                rows += [(station, time, "NH3N", ammonia), (station, time, "DO", oxygen)]
    return wq.grade(pd.DataFrame(rows, columns=["station", "time", "parameter", "value"]), "year")


def test_tables_of_sections():
    found = spearman_daniel(yearly())
    assert found[["station", "parameter", "n", "verdict"]].to_numpy().tolist() == [
        ["a", "DO", 6, "rising"],
        ["a", "NH3N", 6, "falling"],
        ["b", "DO", 6, "cannot tell"],
        ["b", "NH3N", 6, "no significant trend"],
    ]
    # More oxygen is better, less ammonia is.
    assert found["better"].tolist() == [True, True, pd.NA, pd.NA]
    assert found["notes"].tolist() == ["", "", "all values are the same", ""]
    shuffled = yearly().sample(frac=1, random_state=np.random.default_rng(1))
    pd.testing.assert_frame_equal(spearman_daniel(shuffled), found)


def test_periods_within_a_year_keep_their_season():
    table = yearly().query("station == 'a'")
    table["period"] = [f"2020-0{number}" for number in range(1, 7)]
    assert (
        spearman_daniel(table)["notes"].tolist() == ["periods within a year: the season is not taken out"] * 2
    )


def test_ph_has_no_better_direction():
    table = pd.DataFrame(
        {"station": "a", "period": [str(year) for year in range(2015, 2021)], "class": 1, "PH_class": 1}
    ).assign(PH=np.linspace(7, 8, 6))
    found = spearman_daniel(table)
    assert found["verdict"].tolist() == ["rising"]
    assert found["better"].isna().all()


@pytest.mark.parametrize("wrong", [["a", "b"], [[[1.0]]], [1.0, float("inf")]])
def test_what_is_no_series_is_an_error(wrong):
    with pytest.raises(ArgumentError, match="argument values"):
        spearman_daniel(wrong)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=5, max_size=30))
def test_the_stricter_rule_never_says_more(values):
    strict, wide = (spearman_daniel(values, strict=choice) for choice in (True, False))
    for name in ("beyond_05", "beyond_01"):
        if not strict[name].isna()[0]:
            assert strict[name][0] <= wide[name][0]
            assert strict["beyond_01"][0] <= strict["beyond_05"][0]
