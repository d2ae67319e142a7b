"""Lasting attainment, what is lost again, and deadlines."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import deadlines, lasting_attainment

GOOD, BAD = 0.4, 2.6


def monthly(values, station="a", code="NH3N"):
    time = pd.date_range("2018-01-01", periods=len(values), freq="MS") + pd.Timedelta(days=9)
    table = pd.DataFrame({"station": station, "time": time, "parameter": code, "value": values})
    return table.dropna(subset="value")


def only(table, **how):
    found = lasting_attainment(table, **how)
    assert len(found) == 1
    return found.iloc[0]


def test_since_when_and_how_long():
    found = only(monthly([BAD] * 6 + [GOOD] * 18))
    assert (found["first_month"], found["months_in_a_row"]) == ("2018-07", 18)
    assert found["lasting"]
    assert pd.isna(found["rebound"])
    assert found["p_attains"] > 0.95


def test_attained_and_lost_again():
    found = only(monthly([BAD] * 2 + [GOOD] * 13 + [BAD] + [GOOD] * 3))
    assert (found["rebound"], found["first_month"], found["months_in_a_row"]) == ("2019-04", "2019-05", 3)
    assert not found["lasting"]
    short = only(monthly([GOOD] * 11 + [BAD]))
    assert pd.isna(short["rebound"]), "it had never lasted"
    assert pd.isna(short["first_month"])
    assert short["months_in_a_row"] == 0


@given(st.lists(st.sampled_from([GOOD, BAD]), min_size=1, max_size=40), st.integers(0, 20))
def test_rows_are_those_counted_by_hand(values, other):
    table = pd.concat([monthly(values), monthly([GOOD] * (other + 1), "b")])
    found = lasting_attainment(table).set_index("station")
    run, lost = 0, None
    for number, value in enumerate(values):
        if value == GOOD:
            run += 1
        else:
            if run >= 12:
                lost = f"{2018 + number // 12}-{number % 12 + 1:02d}"
            run = 0
    assert found.loc["a", "months_in_a_row"] == run
    assert found.loc["b", "months_in_a_row"] == other + 1
    assert found.loc["a", "lasting"] == (run >= 12)
    assert (None if pd.isna(found.loc["a", "rebound"]) else found.loc["a", "rebound"]) == lost


def test_months_without_a_sample_break_no_row_and_count_for_none():
    found = only(monthly([GOOD, np.nan, GOOD, np.nan, GOOD]))
    assert (found["n_months"], found["months_in_a_row"], found["first_month"]) == (3, 3, "2018-01")


def test_own_targets_and_a_probability_that_is_open():
    assert only(monthly([GOOD] * 12), targets={"a": 2})["lasting"]
    assert not only(monthly([GOOD] * 12), targets={"a": 1})["lasting"]
    hidden = monthly([0.05] * 12, code="TP").assign(censored="left")
    assert np.isnan(only(hidden, targets=1)["p_attains"]), "the detection limit is above class I"
    assert only(hidden, targets=3)["p_attains"] > 0.95


def test_deadlines():
    table = pd.concat([monthly([BAD] * 24 + [GOOD] * 12), monthly([GOOD] * 12 + [BAD] * 24, "b")])
    due = pd.DataFrame(
        {
            "station": ["a", "a", "b", "b", "c"],
            "target_class": [3, 3, 3, 3, 3],
            "due": ["2019-12-31", "2021-12-31", "2018-12-31", "2021-12-31", "2021-12-31"],
        }
    )
    found = deadlines(table, due, "2020-12-31")
    assert found["state"].tolist() == ["missed", "on_track", "met", "at_risk", "unknown"]
    assert found["p_attains"][1] > 0.9
    assert found["p_attains"][3] < 0.1
    early = deadlines(table, due, "2019-06-30")
    assert early["state"].tolist()[:2] == ["at_risk", "at_risk"], "what comes later is not looked at"


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (pd.DataFrame({"station": ["a"], "target_class": [3]}), "no targets with dates"),
        (pd.DataFrame({"station": ["a"], "target_class": [3], "due": [None]}), "a target has no date"),
    ],
)
def test_targets_without_dates(targets, words):
    with pytest.raises(ArgumentError, match=words):
        deadlines(monthly([GOOD] * 12), targets, "2020-12-31")


def test_no_target_for_anyone():
    with pytest.raises(ArgumentError, match="no section has a class and a target"):
        lasting_attainment(monthly([GOOD] * 12), {"b": 3})
