"""Basins by means and by shares, lakes of several points: known tables, and what must not matter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import basin_status, lake_class
from wqstudy.grading.status import statuses


def graded(values: dict[str, list[float]], *, body: str = "river", basin: str = "Jia") -> pd.DataFrame:
    """Sections s0, s1 … graded by month from one sample of each item."""
    rows = [
        {"station": f"s{number}", "time": pd.Timestamp("2021-08-02"), "parameter": code, "value": value}
        for code, column in values.items()
        for number, value in enumerate(column)
        if not np.isnan(value)
    ]
    return wq.grade(pd.DataFrame(rows), "month", water_body=body).assign(basin=basin)


def classes(*numbers: int, **columns) -> pd.DataFrame:
    stations = [f"s{number}" for number in range(len(numbers))]
    return pd.DataFrame({"station": stations, "period": "2021", "class": numbers, "basin": "Jia", **columns})


def test_fewer_than_five_sections_are_graded_by_their_mean():
    # One section of inferior V among four: mean ammonia (0.1 * 3 + 4.1)/4 = 1.1, class IV.
    found = basin_status(graded({"NH3N": [0.1, 0.1, 0.1, 4.1], "CODMn": [1, 1, 1, 1]}))
    assert found[["n_sections", "class", "determining", "status", "method"]].to_numpy().tolist() == [
        [4, 4, "NH3N", "light", "mean of sections"]
    ]
    assert found["share_good"][0] == 75
    forced = basin_status(graded({"NH3N": [0.1, 0.1, 0.1, 4.1]}), force_shares=True)
    assert forced[["status", "method"]].to_numpy().tolist() == [["good", "shares"]]
    assert forced["class"].isna().all()


def test_five_sections_are_assessed_by_shares():
    found = basin_status(graded({"NH3N": [0.1, 0.1, 0.1, 0.1, 9.0]}))
    assert found[
        ["n_sections", "share_good", "share_inferior_v", "status", "method"]
    ].to_numpy().tolist() == [[5, 80.0, 20.0, "good", "shares"]]


def test_the_mean_of_sections_is_exact_at_a_tie():
    # (1.0 + 1.01)/2 = 1.005 rounds to the even 1.00: class III. In binary it would not.
    found = basin_status(graded({"NH3N": [1.0, 1.01]}))
    assert found["class"].tolist() == [3]
    assert basin_status(graded({"NH3N": [1.0, 1.01]}), rounding="none")["class"].tolist() == [4]


def test_the_mean_ph_of_sections_is_that_of_hydrogen_ions():
    # pH 5 and 9: the mean of the ions is pH 5.3, graded as 5, which fails; that of the numbers is 7.
    assert basin_status(graded({"PH": [5.0, 9.0]}))["class"].tolist() == [6]


def test_sections_without_a_class_are_left_out_and_counted():
    table = classes(2, 2, 2, 2, 6)
    table["class"] = table["class"].astype("Int64")
    table.loc[4, "class"] = pd.NA
    table = pd.concat([table, classes(2).assign(station="s9")])
    found = basin_status(table)
    assert found["n_sections"].tolist() == [5]
    assert found["notes"].tolist() == ["sections without a class, left out: 1"]
    assert basin_status(table, lang="zh")["notes"].tolist() == ["无类别而未计入的断面：1个"]


def test_cannot_tell_without_means_of_items():
    found = basin_status(classes(2, 3))
    assert found["status"].isna().all()
    assert found["notes"].tolist() == ["fewer than 5 sections and no means of items"]
    assert basin_status(classes(2, 3), force_shares=True)["status"].tolist() == ["excellent"]


def test_no_class_at_all_is_no_status():
    table = classes(2, 3)
    table["class"] = pd.array([pd.NA, pd.NA], dtype="Int64")
    found = basin_status(table)
    assert found["n_sections"].tolist() == [0]
    assert found[["status", "share_good"]].isna().all(axis=None)
    assert found["method"].tolist() == [""]


def test_rivers_and_lakes_are_not_averaged_where_their_limits_differ():
    for code, told in (("TP", True), ("NH3N", False)):
        river = graded({code: [0.15, 0.15]})
        lake = graded({code: [0.15]}, body="lake").assign(station="lake")
        found = basin_status(pd.concat([river, lake]))
        assert found["status"].isna().tolist() == [told]
        assert bool(found["notes"][0]) is told


def test_an_item_that_some_sections_lack_is_told():
    found = basin_status(graded({"NH3N": [0.1, 0.1], "TP": [0.5, float("nan")]}))
    assert found["class"].tolist() == [6]
    assert found["notes"].tolist() == ["not measured at every section: TP"]


def test_groups_come_from_the_stations():
    table = graded({"NH3N": [0.1, 9.0]}).drop(columns="basin")
    stations = pd.DataFrame({"station": ["s0", "s1"], "district": ["甲", None]})
    found = basin_status(table, "district", stations)
    assert found["group"].tolist() == ["", "甲"]
    assert found["status"].tolist() == ["heavy", "excellent"]
    with pytest.raises(ArgumentError, match="no column 'basin'"):
        basin_status(table)
    assert basin_status(table, "station")["n_sections"].tolist() == [1, 1]


def test_main_indicators_of_basins():
    few = basin_status(graded({"NH3N": [1.8, 0.1], "CODMn": [13.3, 7.0]}), lang="zh")
    assert few["main_indicators"].tolist() == ["s0：高锰酸盐指数(1.2)、氨氮(0.8)；s1：高锰酸盐指数(0.2)"]
    values = {
        "NH3N": [1.8] * 2 + [0.1] * 4,
        "CODMn": [7.0] * 3 + [1.0] * 3,
        "TP": [0.9] + [0.01] * 5,
        "DO": [1.0] + [9.0] * 5,
    }
    many = basin_status(graded(values), lang="zh")["main_indicators"].tolist()
    # DO and TP are exceeded at one section each; DO comes first in the standard, and three are named.
    assert many == ["高锰酸盐指数（断面超标率50.0%）、氨氮（断面超标率33.3%）、溶解氧（断面超标率16.7%）"]
    assert basin_status(graded({"NH3N": [0.1] * 5}))["main_indicators"].tolist() == [""]


def test_periods_stay_apart():
    first, second = classes(1, 1, 1, 1, 1), classes(6, 6, 6, 6, 6).assign(period="2022")
    found = basin_status(pd.concat([second, first]))
    assert found[["period", "status"]].to_numpy().tolist() == [["2021", "excellent"], ["2022", "heavy"]]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (classes(1).drop(columns="class"), "no column 'class'"),
        (classes(1).drop(columns="period"), "no column 'period'"),
        (pd.concat([classes(1), classes(2)]), "two rows in 2021"),
        (classes(8), "is no class"),
        (classes(1, water_body="sea"), "is no water body"),
    ],
)
def test_what_is_no_table_of_sections_is_an_error(table, message):
    with pytest.raises(ArgumentError, match=message):
        basin_status(table)


def test_an_empty_table_has_no_groups():
    assert len(basin_status(classes())) == 0
    assert len(lake_class(classes(), "basin")) == 0


def test_a_lake_is_graded_by_the_mean_of_its_points():
    # Means over time 0.03 and 0.07, over points 0.05: class III by lake limits, though one point is class IV.
    times = pd.to_datetime(["2021-08-02", "2021-08-20"] * 2)
    points = pd.DataFrame(
        {"station": ["n", "n", "s", "s"], "time": times, "parameter": "TP", "value": [0.02, 0.04, 0.05, 0.09]}
    )
    table = wq.grade(points, "month", water_body="lake").assign(lake="Tai")
    found = lake_class(table)
    assert found[["n_points", "class", "status", "TP_class"]].to_numpy().tolist() == [[2, 3, "good", 3]]
    assert found["TP"][0] == pytest.approx(0.05, abs=1e-12)
    # Over time first: a point sampled more often weighs no more.
    more = pd.concat([points, points.iloc[[3]].assign(time=pd.Timestamp("2021-08-25"), value=0.07)])
    again = wq.grade(more, "month", water_body="lake").assign(lake="Tai")
    assert lake_class(again)["TP"][0] == pytest.approx(0.05, abs=1e-12)


concentrations = st.decimals(0, 4, places=2).map(float)


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(st.tuples(concentrations, concentrations), min_size=1, max_size=8),
    seed=st.integers(0, 99),
    gain=st.sampled_from([0.3, 0.9]),
)
def test_order_does_not_matter_and_better_water_never_has_a_worse_status(values, seed, gain):
    ammonia, oxygen = (list(column) for column in zip(*values, strict=True))
    table = graded({"NH3N": ammonia, "DO": [4 + one for one in oxygen]})
    found = basin_status(table)
    shuffled = table.sample(frac=1, random_state=np.random.default_rng(seed))
    pd.testing.assert_frame_equal(basin_status(shuffled), found)
    parts = found[[f"share_{number}" for number in range(1, 7)]].to_numpy().sum()
    assert parts == pytest.approx(100, abs=1e-9)
    better = basin_status(
        graded({"NH3N": [gain * one for one in ammonia], "DO": [5 + one for one in oxygen]})
    )
    order = statuses()
    assert order.index(better["status"][0]) <= order.index(found["status"][0])
