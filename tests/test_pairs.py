"""Pairs of two readings: who is who, what non-detects allow to say, ratios known beforehand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wqstudy import ArgumentError, Study, datasets, station_matches, station_pairs


def reading(values, *, year=2020, days=("11-06",), code="TP", province=None, censored=None):
    """A reading in which every station has its value on every day."""
    rows = [(station, f"{year}-{day}", code, value) for station, value in values.items() for day in days]
    samples = pd.DataFrame(rows, columns=["station", "time", "parameter", "value"])
    if censored:
        samples["censored"] = samples["station"].map(censored).fillna("none")
    stations = pd.DataFrame({"station": list(values)})
    if province:
        stations["province"] = stations["station"].map(province)
    return Study(samples, stations)


def matched(before, after, **rest):
    table = station_matches(reading(dict.fromkeys(before, 0.1), **rest), reading(dict.fromkeys(after, 0.1)))
    return table.set_index("station")


# ---------------------------------------------------------------- who is who


def test_same_name_goes_before_a_renaming():
    table = matched(["东桥", "旧城渡"], ["东桥(旧城渡)", "东桥", "旧城渡"])
    assert table["station_after"].to_dict() == {"东桥": "东桥", "旧城渡": "旧城渡"}
    assert set(table["how"]) == {"same name"}


@pytest.mark.parametrize(
    "pair", [("旧城渡", "新安(旧城渡)"), ("新安(旧城渡)", "新安"), ("新安", "新安(旧城渡)")]
)
def test_a_renamed_station_is_one(pair):
    row = matched([pair[0]], [pair[1]]).loc[pair[0]]
    assert (row["station_after"], row["how"], row["reason"]) == (pair[1], "renamed", "")


def test_a_remark_in_brackets_is_another_place():
    row = matched(["湖滨(老)"], ["湖滨"]).loc["湖滨(老)"]
    assert pd.isna(row["station_after"])
    assert row["reason"] == "differs in brackets from 湖滨"


def test_every_station_of_before_has_a_line_that_says_why():
    table = matched(["东桥", "西桥", "北桥"], ["东桥", "南桥"])
    assert table.index.tolist() == ["东桥", "西桥", "北桥"]
    assert ((table["how"] == "") == (table["reason"] != "")).all()
    assert ((table["how"] == "") == table["station_after"].isna()).all()


def test_provinces_must_agree_where_both_say():
    before = reading({"甲": 1.0, "乙": 1.0, "丙": 1.0}, province={"甲": "江苏省", "乙": "江苏省"})
    after = reading(
        {"甲": 1.0, "乙": 1.0, "丙": 1.0}, province={"甲": "山东省", "乙": "江苏省", "丙": "江苏省"}
    )
    table = station_matches(before, after).set_index("station")
    assert table["how"].tolist() == ["", "same name", "same name"]
    assert table.loc["甲", "reason"] == "province differs from that of 甲"


# ---------------------------------------------------------------- ratios


def test_ratio_is_exact_and_under_the_earlier_name():
    before = reading({"旧城渡": 0.2, "东桥": 0.1})
    after = reading({"东桥": 0.3, "新安(旧城渡)": 0.05}, year=2025)
    table = station_pairs(before, after).set_index("station")
    # One log, one subtraction: a few units in the last place.
    assert table["log_ratio"].to_dict() == pytest.approx(
        {"旧城渡": np.log(0.25), "东桥": np.log(3)}, abs=1e-12
    )
    assert table["direction"].to_dict() == {"旧城渡": "lower", "东桥": "higher"}


def test_level_is_the_median_over_days_of_daily_medians():
    times = ["2020-11-06 08:00", "2020-11-06 12:00", "2020-11-06 16:00", "2020-11-07", "2020-11-08"]
    samples = pd.DataFrame(
        {"station": "甲", "time": times, "parameter": "TP", "value": [9.0, 9.0, 9.0, 1.0, 2.0]}
    )
    after = reading({"甲": 1.0}, year=2025, days=("11-06", "11-07", "11-08"))
    row = station_pairs(Study(samples), after).iloc[0]
    assert row["before"] == pytest.approx(2.0)
    assert (row["days_before"], row["days_after"]) == (3, 3)


def test_only_shared_calendar_days_count_unless_told():
    before = reading({"甲": 1.0}, days=("11-06", "11-07", "11-20"))
    after = reading({"甲": 1.0}, year=2025, days=("11-07", "11-08"))
    one = station_pairs(before, after)
    assert one.attrs["days"] == ["11-07"]
    assert one[["days_before", "days_after"]].iloc[0].tolist() == [1, 1]
    both = station_pairs(before, after, same_days=False)
    assert both[["days_before", "days_after"]].iloc[0].tolist() == [3, 2]


def test_order_of_rows_and_parameters():
    before, after = (
        pd.concat([reading({"乙": 1.0, "甲": 1.0}, year=y, code=c).samples for c in ("CODMn", "TP")])
        for y in (2020, 2025)
    )
    table = station_pairs(Study(before), Study(after), parameters=["TP", "高锰酸盐指数"])
    assert table["parameter"].tolist() == ["TP", "TP", "CODMn", "CODMn"]
    assert table["station"].tolist() == ["乙", "甲"] * 2


# ---------------------------------------------------------------- non-detects

LIMIT = 0.025
FATES = {
    "both": (0.01, LIMIT, "unclear"),
    "fell": (0.2, LIMIT, "lower"),
    "rose": (0.01, 0.2, "higher"),
    "at the limit": (LIMIT, LIMIT, "unclear"),
}


def censored_pair(nondetects):
    """A finer method before, a floor after; what is below the floor before is no smaller for it."""
    below = {name: "left" for name, (_, after, _) in FATES.items() if after == LIMIT}
    before = reading({name: early for name, (early, _, _) in FATES.items()}, code="NH3N")
    after = reading(
        {name: late for name, (_, late, _) in FATES.items()}, year=2025, code="NH3N", censored=below
    )
    return station_pairs(before, after, nondetects=nondetects).set_index("station")


@pytest.mark.parametrize("nondetects", ["half", "limit", "exclude"])
def test_direction_does_not_hang_on_the_substitute(nondetects):
    table = censored_pair(nondetects)
    assert table["direction"].to_dict() == {name: fate for name, (_, _, fate) in FATES.items()}
    assert table.attrs["limits"] == {"NH3N": LIMIT}


def test_both_sides_are_censored_alike():
    table = censored_pair("limit")
    assert table.loc["both", "log_ratio"] == 0
    assert table.loc["both", ["below_before", "below_after"]].all()
    assert table.loc["fell", "log_ratio"] == pytest.approx(np.log(LIMIT / 0.2))
    assert censored_pair("half").loc["fell", "log_ratio"] == pytest.approx(np.log(LIMIT / 2 / 0.2))


def test_excluded_pairs_keep_their_row():
    table = censored_pair("exclude")
    assert len(table) == len(FATES)
    assert table["log_ratio"].isna().all()  # each has a side below the limit


def test_a_zero_lies_below_the_limit():
    table = station_pairs(reading({"甲": 0.0}), reading({"甲": 0.5}, year=2025))
    assert table["below_before"].item()
    assert table["direction"].item() == "higher"


def test_above_range_is_a_bound_too():
    after = reading({"甲": 2.0, "乙": 0.5}, year=2025, censored={"甲": "right", "乙": "right"})
    table = station_pairs(reading({"甲": 1.0, "乙": 1.0}), after).set_index("station")
    assert table["direction"].to_dict() == {"甲": "higher", "乙": "unclear"}


@given(
    st.lists(st.floats(0.001, 10), min_size=8, max_size=8),
    st.floats(0.001, 1),
    st.sampled_from(["half", "limit"]),
)
def test_a_decided_direction_is_that_of_the_truth(values, limit, nondetects):
    """Whatever lies below the limit, and whatever stands in for it."""
    days = ("11-06", "11-07", "11-08", "11-18")
    truth = np.median(np.log(values[4:])) - np.median(np.log(values[:4]))
    sides = []
    for year, four in ((2020, values[:4]), (2025, values[4:])):
        samples = pd.DataFrame({"station": "甲", "time": [f"{year}-{d}" for d in days], "parameter": "TP"})
        samples["value"] = np.maximum(four, limit)
        samples["censored"] = np.where(np.asarray(four) < limit, "left", "none")
        sides.append(Study(samples))
    direction = station_pairs(*sides, nondetects=nondetects)["direction"].item()
    if direction != "unclear":
        assert np.sign(truth) == (-1 if direction == "lower" else 1)
    elif min(values) >= limit:
        assert truth == pytest.approx(0, abs=1e-12)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"nondetects": "zero"}, "nondetects"),
        ({"parameters": ["pH"]}, "parameters"),
        ({"parameters": ["CODMn"]}, "before, after"),
    ],
)
def test_what_cannot_be_used_is_named(change, argument):
    with pytest.raises(ArgumentError) as caught:
        station_pairs(reading({"甲": 1.0}), reading({"甲": 1.0}, year=2025), **change)
    assert caught.value.argument == argument


def test_readings_without_a_common_station_or_day():
    with pytest.raises(ArgumentError, match="no sampled station in common"):
        station_pairs(reading({"甲": 1.0}), reading({"乙": 1.0}))
    with pytest.raises(ArgumentError, match="no calendar day in common"):
        station_pairs(reading({"甲": 1.0}), reading({"甲": 1.0}, days=("11-07",)))


# ---------------------------------------------------------------- real


@pytest.mark.real("cnemc")
def test_national_stations_of_november():
    before = datasets.load("cnemc-2020", months=["2020-11"])
    after = datasets.load("cnemc-2025-11", floored="nondetect")
    matches = station_matches(before, after)
    assert len(matches) == 98
    assert (matches["how"] == "same name").sum() == 61  # counted from the files by set arithmetic
    pairs = station_pairs(before, after)
    assert pairs.attrs["days"] == ["11-06", "11-07", "11-08", "11-18"]
    assert list(pairs.attrs["limits"].items()) == [("NH3N", 0.025), ("TP", 0.005)]  # printed, so in one order
