"""Ranks of cities from few samples: errors of the index, intervals of ranks, changes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import city_ranks, cwqi, delta_cwqi, item_means
from wqstudy.grading.rank_intervals import drawn_means

ITEMS = ["NH3N", "TP"]
ODD = [0.0, 1e-9, 0.01, 1.0, 7.2, 14.0, 72.0, 1e5, 9e8]
CITY = {f"s{number:03d}": f"c{number // 3:02d}" for number in range(120)}


def daily(seed, days, sd=0.6):
    """Three sections in each of forty cities, two items on each day: independent days, lognormal.

    The levels of sections are the same whatever the seed.
    """
    levels, rng = np.random.default_rng(0), np.random.default_rng(seed)
    tables = []
    for code, place in (("NH3N", -0.7), ("TP", -2.3)):
        level = levels.normal(place, 0.5, (len(CITY), 1))
        values = np.exp(level + sd * rng.normal(size=(len(CITY), len(days))))
        tables.append(
            pd.DataFrame(
                {
                    "station": np.repeat(list(CITY), len(days)),
                    "time": np.tile(days, len(CITY)),
                    "parameter": code,
                    "value": values.ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def twelve(table):
    """One day a month."""
    return table[table["time"].dt.day == 11]


@pytest.fixture(scope="module")
def year():
    days = pd.date_range("2021-01-01", "2021-12-31")
    return daily(1, days)


def test_errors_and_intervals_come_true(year):
    truth = cwqi(item_means(year, "year"), CITY, items=ITEMS).set_index("city")
    found = city_ranks(twelve(year), CITY, items=ITEMS).set_index("city")
    off = (found["cwqi"] - truth["cwqi"].reindex(found.index)) / found["standard_error"]
    # Forty cities: a standard error of 0.11 of the root mean square; the shipped variogram is not that of
    # independent days, of which twelve tell less, so that up to half as much again is taken as right.
    assert 0.7 < np.sqrt((off**2).mean()) < 1.5
    rank = truth["rank"].reindex(found.index)
    inside = ((rank >= found["rank_low"]) & (rank <= found["rank_high"])).mean()
    assert inside > 0.75
    assert found["p_first"].sum() == pytest.approx(1, abs=0.02)


def test_the_index_is_that_of_cwqi_and_its_columns_stay(year):
    few = twelve(year)
    plain = cwqi(item_means(few, "year"), CITY, items=ITEMS)
    found = city_ranks(few, CITY, items=ITEMS)
    pd.testing.assert_frame_equal(
        found.drop(columns=["standard_error", "rank_low", "rank_high", "p_first"]), plain
    )


def test_where_every_day_was_sampled_ranks_are_sure(year):
    found = city_ranks(year, CITY, items=ITEMS, draws=20)
    assert found["standard_error"].max() < 1e-9
    assert (found["rank"] == found["rank_low"]).all()
    assert (found["rank"] == found["rank_high"]).all()


def test_periods_are_ranked_apart_and_changes_have_intervals(year):
    days = pd.date_range("2022-01-01", "2022-12-31")
    later = daily(2, days)
    later.loc[later["station"].map(CITY) == "c07", "value"] /= 4
    both = city_ranks(twelve(pd.concat([year, later])), CITY, items=ITEMS)
    assert both.groupby("period")["p_first"].sum().tolist() == pytest.approx([1, 1], abs=0.02)
    now, base = (both[both["period"] == one] for one in ("2022", "2021"))
    found = delta_cwqi(now, base).set_index("city")
    assert list(found)[3:7] == ["rank", "standard_error", "rank_low", "rank_high"]
    assert found.loc["c07", ["rank", "rank_low", "rank_high"]].tolist() == [1, 1, 1]
    assert found.loc["c07", "p_first"] > 0.99
    # The others did not change but by chance.
    others = found.drop("c07")
    off = others["change_percent"] / others["standard_error"]
    assert 0.6 < off.std() < 1.5
    assert (others["rank_high"] - others["rank_low"]).median() > 10


def test_a_city_without_an_item_has_no_interval(year):
    few = twelve(year)
    few = few[~((few["station"].map(CITY) == "c03") & (few["parameter"] == "TP"))]
    row = city_ranks(few, CITY, items=ITEMS).set_index("city").loc["c03"]
    assert row[["rank", "rank_low", "rank_high", "p_first"]].isna().all()


def test_equal_ranks_are_shown_as_such():
    days = pd.date_range("2021-01-05", periods=12, freq="30D")
    table = pd.DataFrame({"station": np.repeat(["a", "b"], 12), "time": np.tile(days, 2), "parameter": "TP"})
    found = city_ranks(table.assign(value=0.1), {"a": "Jia", "b": "Yi"}, items="TP")
    assert found["rank"].tolist() == [1, 1]
    assert found["rank_high"].tolist() == [2, 2]


@pytest.mark.parametrize("wrong", [0.0, 0.7, 1.0, 7.2, 14.0, 72.0])
def test_mistyped_ph_leaves_means_that_ph_can_have(wrong):
    days = pd.date_range("2020-05-05", periods=12, freq="30D")
    table = pd.DataFrame({"station": np.repeat(["a", "b", "c"], 12), "time": np.tile(days, 3)})
    table = table.assign(parameter="PH", value=7.2)
    table.loc[[0, 12], "value"] = wrong
    table.loc[table["station"] == "c", "value"] = wrong
    how = {"nondetect": "half", "unit": "day"}
    drawn = drawn_means(table, "year", ["PH"], 500, np.random.default_rng(0), **how)
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()
    assert (drawn <= 14).all()
    assert city_ranks(table, {"a": "Jia", "b": "Yi", "c": "Bing"}, items="PH")["rank"].notna().all()


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(ODD), st.sampled_from(ODD), st.sampled_from(ODD)), min_size=4, max_size=4
    )
)
def test_whatever_is_typed_has_an_index_or_none(values):
    """No sample that may be graded stops a ranking: every drawn mean is a number that it may have."""
    codes = ["PH", "DO", "CD"]
    table = pd.DataFrame(
        [
            (station, day, code, value)
            for station, pair in (("a", values[:2]), ("b", values[2:]))
            for day, three in zip(pd.to_datetime(["2021-08-02", "2021-08-19"]), pair, strict=True)
            for code, value in zip(codes, three, strict=True)
        ],
        columns=["station", "time", "parameter", "value"],
    )
    drawn = drawn_means(table, "month", codes, 50, np.random.default_rng(0), nondetect="half", unit="day")
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()
    assert len(city_ranks(table, {"a": "Jia", "b": "Yi"}, "month", items=codes, draws=50)) == 2


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"period": "sample"}, "month, quarter, year"),
        ({"city": "town"}, "no column 'town'"),
        ({"draws": 1}, "2 or more"),
    ],
)
def test_what_cannot_be_ranked_is_said(year, how, told):
    with pytest.raises(ArgumentError, match=told):
        city_ranks(twelve(year), **({"city": CITY, "items": ITEMS} | how))
