"""Statuses and shares: published bulletins, printed shares add to 100, better sections help."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import printed_shares, section_status, shares, status_by_shares
from wqstudy.grading.status import statuses

PUBLISHED = json.loads(Path(__file__).with_name("published_statuses.json").read_text(encoding="utf-8"))
WORDS = {"优": "excellent", "良好": "good", "轻度污染": "light", "中度污染": "moderate", "重度污染": "heavy"}

sections = st.lists(st.integers(1, 6), min_size=1, max_size=60)


@pytest.mark.parametrize("case", PUBLISHED["basin_status_official"], ids=lambda case: case["name"])
def test_published_statuses_of_basins(case):
    assert status_by_shares(case["pct_I_III"], case["pct_worse_V"]) == WORDS[case["expected_status"]]


@pytest.mark.parametrize(
    "case",
    [case for case in PUBLISHED["basin_status_official"] if "counts" in case],
    ids=lambda case: case["name"],
)
def test_published_statuses_from_counts_of_sections(case):
    counts = case["counts"]
    number = {"I-III": 2, "IV": 4, "V": 5, "worseV": 6}
    found = shares([number[name] for name, count in counts.items() for _ in range(count)])
    assert found.n == case["n_sections"]
    assert found.status == WORDS[case["expected_status"]]
    # Bulletins print one decimal, and may shift it so that all add to 100.
    assert found.good == pytest.approx(case["pct_I_III"], abs=0.1)
    assert found.inferior_v == pytest.approx(case["pct_worse_V"], abs=0.1)


def test_limits_of_the_share_table():
    """At the limit the share belongs to the better status for the good, to the worse for inferior V."""
    assert [status_by_shares(good, 0) for good in (90, 89.9, 75, 74.9)] == [
        "excellent",
        "good",
        "good",
        "light",
    ]
    assert [status_by_shares(50, bad) for bad in (19.9, 20, 39.9, 40)] == [
        "light",
        "moderate",
        "moderate",
        "heavy",
    ]
    assert status_by_shares(75, 25) == "good"  # inferior V matters only below 75 %


def test_statuses_of_classes_in_both_languages():
    english, chinese = (section_status([1, 2, 3, 4, 5, 6], lang=lang) for lang in ("en", "zh"))
    assert chinese["status_label"].tolist() == ["优", "优", "良好", "轻度污染", "中度污染", "重度污染"]
    assert chinese["class_label"].tolist()[-1] == "劣Ⅴ类"
    assert english["class_label"].tolist()[-1] == "inferior V"
    assert (
        english["status"].map({word: zh for zh, word in WORDS.items()}).tolist()
        == chinese["status_label"].tolist()
    )
    assert english["colour"].nunique() == len(statuses())


def test_classes_as_written_and_missing_ones():
    found = section_status(pd.Series(["Ⅲ类", None, "劣V"], index=[7, 8, 9]))
    assert found["class"].tolist() == [3, pd.NA, 6]
    assert found.index.tolist() == [7, 8, 9]
    assert found.loc[8].isna().all()


@pytest.mark.parametrize("wrong", [7, 0, "VII", -1, 2.5])
def test_what_is_no_class_is_an_error(wrong):
    with pytest.raises(ArgumentError, match="is no class"):
        section_status([1, wrong])


@pytest.mark.parametrize(("good", "bad"), [(-1, 0), (90, 20), (float("nan"), 0)])
def test_shares_that_cannot_be_are_an_error(good, bad):
    with pytest.raises(ArgumentError, match="not shares of one whole"):
        status_by_shares(good, bad)


def test_no_sections_have_no_shares():
    found = shares([None, None])
    assert found.n == 0
    assert np.isnan([found.good, found.inferior_v, *found.percent, *found.printed]).all()
    assert found.status == ""


def test_published_shares_are_printed_to_the_digit():
    case = PUBLISHED["share_rounding"]
    printed = printed_shares([list(case["counts"].values())])[0]
    assert [f"{one:.1f}%" for one in printed] == case["printed"]


@given(
    counts=st.lists(
        st.lists(st.integers(0, 500), min_size=6, max_size=6).filter(any), min_size=1, max_size=5
    ),
    decimals=st.integers(0, 2),
)
def test_printed_shares_add_to_100_and_are_near_the_true_ones(counts, decimals):
    printed = printed_shares(counts, decimals)
    unit = 10.0**-decimals
    # Sums of decimals in binary: 1e-9 is far above their error and far below a printed digit.
    np.testing.assert_allclose(printed.sum(axis=1), 100, atol=1e-9)
    exact = 100 * np.array(counts) / np.sum(counts, axis=1, keepdims=True)
    assert (np.abs(printed - exact) < unit + 1e-9).all()
    assert (printed[np.array(counts) == 0] == 0).all()


@given(classes=sections, seed=st.integers(0, 100))
def test_order_of_sections_does_not_matter_and_shares_add_up(classes, seed):
    found = shares(classes)
    assert found == shares(np.random.default_rng(seed).permutation(classes))
    assert sum(found.percent) == pytest.approx(100, abs=1e-9)
    assert found.good == pytest.approx(sum(found.percent[:3]), abs=1e-9)


@given(classes=sections, which=st.integers(0, 59), better=st.integers(1, 5))
def test_a_better_section_never_gives_a_worse_status(classes, which, better):
    which %= len(classes)
    improved = [*classes]
    improved[which] = max(1, classes[which] - better)
    order = statuses()
    assert order.index(shares(improved).status) <= order.index(shares(classes).status)
