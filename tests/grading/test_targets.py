"""Attainment: class against the target in force, what exceeds it, and rates by group."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import attainment, attainment_rate


def classes(*numbers: int | None, period: str = "2021-08") -> pd.DataFrame:
    stations = [f"s{number}" for number in range(len(numbers))]
    held = pd.array(numbers, dtype="Int64")
    return pd.DataFrame({"station": stations, "period": period, "class": held, "district": "Jia"})


def targets(*rows: tuple[str, int, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["station", "target_class", "due"])
    return table.assign(due=pd.to_datetime(table["due"]))


def test_own_targets_and_what_is_unclear():
    found = attainment(classes(2, 4, None, 3), {"s0": 2, "s1": 3, "s2": 3})
    assert found["attains"].tolist() == [True, False, pd.NA, pd.NA]
    assert found["target_class"].tolist() == [2, 3, 3, pd.NA]


def test_one_target_for_all_and_targets_as_written():
    assert attainment(classes(3, 4), 3)["attains"].tolist() == [True, False]
    written = pd.DataFrame({"station": ["s0", "s1"], "target_class": ["Ⅱ类", "劣Ⅴ"]})
    assert attainment(classes(3, 6), written)["attains"].tolist() == [False, True]


def test_items_that_exceed_are_named():
    rows = [("NH3N", 0.9), ("TP", 0.3), ("DO", 9.0), ("PH", 4.0)]
    samples = pd.DataFrame(
        [
            {"station": "a", "time": pd.Timestamp("2021-08-02"), "parameter": code, "value": value}
            for code, value in rows
        ]
    )
    table = wq.grade(samples, "month")
    assert attainment(table, 2)["exceeding"].tolist() == ["PH;NH3N;TP"]
    assert attainment(table, 4)["exceeding"].tolist() == ["PH"]
    assert attainment(table, {"b": 2})["exceeding"].tolist() == [""]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2019", None),
        ("2020-11", None),
        ("2020-12", 4),
        ("2020Q4", 4),
        ("2020", 4),
        ("2022-06", 4),
        ("2022-07", 3),
    ],
)
def test_a_target_is_in_force_from_the_period_of_its_date(period, expected):
    held = targets(("s0", 4, "2020-12-31"), ("s0", 3, "2022-07-01"))
    found = attainment(classes(3, period=period), held)["target_class"]
    assert found.tolist() == [pd.NA if expected is None else expected]


def test_targets_without_a_date_have_always_been_in_force():
    held = targets(("s0", 4, None), ("s0", 3, "2020-12-31"))
    assert attainment(classes(3, period="1999"), held)["target_class"].tolist() == [4]
    by_time = classes(3).drop(columns="period").assign(time=pd.Timestamp("2021-01-01 08:00"))
    assert attainment(by_time, held)["target_class"].tolist() == [3]


def test_rates_by_group():
    table = classes(2, 4, None, 3)
    found = attainment_rate(table, 3, "district")
    assert found.to_numpy().tolist() == [["Jia", "2021-08", 3, 2, pytest.approx(200 / 3), 1]]
    empty = attainment_rate(table, {}, "district")
    assert empty["n_unclear"].tolist() == [4]
    assert empty["attaining_percent"].isna().all()


def test_a_study_brings_its_targets():
    samples = pd.DataFrame(
        {
            "station": "a",
            "time": pd.to_datetime(["2021-08-02"]),
            "parameter": "TP",
            "value": [0.15],
            "censored": "none",
        }
    )
    stations = pd.DataFrame({"station": ["a"], "district": ["Jia"]})
    study = wq.Study(
        samples,
        stations,
        targets=pd.DataFrame({"station": ["a"], "target_class": [2], "due": ["2020-12-31"]}),
    )
    table = wq.grade(study, "month")
    assert attainment(table, study)["attains"].tolist() == [False]
    assert attainment_rate(table, study, "district", study)["group"].tolist() == ["Jia"]
    with pytest.raises(ArgumentError, match="no targets"):
        attainment(table, wq.Study(samples, stations))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"s0": 7}, "is no class"),
        (targets(("s0", 3, None), ("s0", 4, None)), "two targets for one date"),
        (pd.DataFrame({"station": ["s0"]}), "no column 'target_class'"),
    ],
)
def test_what_is_no_target_is_an_error(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        attainment(classes(3), wrong)


def test_what_is_no_period_is_an_error():
    with pytest.raises(ArgumentError, match="2021-08, 2021Q3, 2021"):
        attainment(classes(3, period="summer"), {"s0": 3})


@given(
    numbers=st.lists(st.integers(1, 6), min_size=1, max_size=20),
    target=st.integers(1, 6),
    seed=st.integers(0, 99),
)
def test_a_stricter_target_is_never_attained_by_more(numbers, target, seed):
    table = classes(*numbers)
    shuffled = table.sample(frac=1, random_state=np.random.default_rng(seed))
    rates = [attainment_rate(shuffled, one, "district")["n_attaining"][0] for one in range(1, 7)]
    assert rates == sorted(rates)
    assert rates[5] == len(numbers)
    assert attainment_rate(table, target, "district")["n_attaining"][0] == rates[target - 1]
