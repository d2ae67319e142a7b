"""A unit's stations as one monthly series."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import ArgumentError, Study, monthly_series
from wqstudy.series import Cell, cell_rng


def samples(*rows):
    table = pd.DataFrame(rows, columns=["station", "time", "value", "censored"])
    return table.assign(time=pd.to_datetime(table["time"]))


def cell(*rows, after="2020-02-15", code="TP"):
    table = samples(*rows)
    return Cell.of(table, (table["time"] >= after).to_numpy(), code)


# ---------------------------------------------------------------- cells


def test_a_month_in_which_the_windows_meet_is_there_twice():
    got = cell(
        ("B", "2020-01-05", 1.0, "none"),
        ("A", "2020-02-05", 2.0, "none"),
        ("A", "2020-02-20", 3.0, "none"),
        ("B", "2020-04-05", 4.0, "none"),
    )
    assert got.time.tolist() == [24240, 24241, 24241, 24243]
    assert got.after.tolist() == [False, False, True, True]
    # By station and time, whatever the order they came in.
    assert got.month.tolist() == [1, 2, 0, 3]
    assert got.station.tolist() == [0, 0, 1, 1]
    assert (got.stations, got.months) == (2, (2, 2))
    np.testing.assert_allclose(np.exp(got.log), [2, 3, 1, 4])


def test_sides_and_their_share():
    got = cell(
        ("A", "2020-01-05", 0.01, "left"),
        ("A", "2020-01-06", 0.01, "none"),
        ("A", "2020-03-05", 9.0, "right"),
        ("A", "2020-04-05", 1.0, "none"),
    )
    assert got.side.tolist() == [-1, 0, 1, 0]
    assert got.censored_share == 0.5
    assert (got.zeros, np.isnan(got.limit)) == (0, True)


@pytest.mark.parametrize(
    ("code", "limit"),
    [("TP", 0.01), ("TS", 0.2)],  # total solids have no usual limit: the smallest value is taken
)
def test_values_without_a_logarithm_become_non_detects(code, limit):
    got = cell(
        ("A", "2020-01-05", 0.0, "none"),
        ("A", "2020-02-05", -3.0, "none"),
        ("A", "2020-03-05", 0.2, "none"),
        ("A", "2020-04-05", 0.5, "left"),
        code=code,
    )
    assert (got.zeros, got.limit) == (2, limit)
    assert got.side.tolist() == [-1, -1, 0, -1]
    np.testing.assert_allclose(np.exp(got.log), [limit, limit, 0.2, 0.5])


def test_an_empty_cell():
    got = cell()
    assert (got.stations, got.months, got.linked() is got) == (0, (0, 0), True)
    assert np.isnan(got.censored_share)


def test_the_largest_linked_part_with_both_windows_is_kept():
    january_to_june = [f"2020-0{m}-05" for m in range(1, 7)]
    odd, even = january_to_june[::2], january_to_june[1::2]
    rows = [("A", day, 1.0, "none") for day in odd] + [("B", day, 2.0, "none") for day in odd]
    rows += [("C", day, 3.0, "none") for day in even]
    got = cell(*rows)
    kept = got.linked()
    assert (got.stations, kept.stations) == (3, 2)
    assert kept.time.tolist() == [24240, 24242, 24244]
    assert kept.after.tolist() == [False, True, True]
    assert np.unique(np.exp(kept.log)).round(12).tolist() == [1.0, 2.0]


def test_a_larger_part_without_both_windows_is_not_kept():
    rows = [("A", "2020-01-05", 1.0, "none"), ("A", "2020-05-05", 1.0, "none")]
    rows += [("B", f"2020-02-{d:02d}", 2.0, "none") for d in range(1, 10)]
    kept = cell(*rows).linked()
    assert np.exp(kept.log).tolist() == [1.0, 1.0]


def test_where_no_part_has_both_windows_the_largest_is_kept():
    rows = [
        ("A", "2020-01-05", 1.0, "none"),
        ("B", "2020-05-05", 2.0, "none"),
        ("B", "2020-06-05", 2.0, "none"),
    ]
    kept = cell(*rows).linked()
    assert (kept.stations, kept.months) == (1, (0, 2))


def test_nothing_hidden_is_one_draw_and_hidden_is_many():
    whole = cell(("A", "2020-01-05", 1.0, "none"), ("A", "2020-03-05", 2.0, "none"))
    np.testing.assert_array_equal(whole.complete(cell_rng(0, "甲", "TP")), [whole.log])
    part = cell(("A", "2020-01-05", 1.0, "left"), ("A", "2020-03-05", 2.0, "none"))
    assert part.complete(cell_rng(0, "甲", "TP")).shape == (20, 2)


def test_randomness_belongs_to_seed_unit_and_parameter():
    draws = {
        (seed, unit, code): cell_rng(seed, unit, code).random()
        for seed in (0, 1)
        for unit in ("甲", "乙")
        for code in ("TP", "NH3N")
    }
    assert len(set(draws.values())) == 8
    assert cell_rng(1, "甲", "TP").random() == draws[1, "甲", "TP"]


# ---------------------------------------------------------------- monthly_series


LEVEL = {"A1": -1.0, "A2": 0.5, "A3": 2.0, "B1": 0.0}
DISTRICT = {"A1": "甲", "A2": "甲", "A3": "甲", "B1": "乙"}


def month_log(month):
    return 0.4 * np.cos(month * np.pi / 6) - 0.01 * month


def test_series_is_the_geometric_mean_as_if_every_station_were_there(make_study):
    """Stations that come and go, on data without noise: exact."""
    rng = np.random.default_rng(1)
    seen = {(s, m): bool(rng.random() < 0.7) for s in LEVEL for m in range(72)}
    seen |= {("A2", m): True for m in range(72)}
    seen |= {("A3", m): False for m in range(30)}
    study = make_study(
        DISTRICT,
        lambda s, m: LEVEL[s] + month_log(m),
        seen=lambda s, m: seen[s, m],
        starts={"甲": "2018-01-01"},
    )
    table = monthly_series(study)
    assert list(table) == ["district", "parameter", "time", "value", "window", "level", "censored_share"]
    rows = table[table["district"] == "甲"]
    months = (rows["time"].dt.year - 2016) * 12 + rows["time"].dt.month - 1
    assert months.tolist() == list(range(72))
    # Values are of the order of 1 and pass through exp and log: 1e-10.
    np.testing.assert_allclose(rows["value"], np.exp(0.5 + month_log(months.to_numpy())), rtol=1e-10)


def test_share_of_limits_by_month(make_study):
    study = make_study({"A": "甲", "B": "甲"}, lambda _s, _m: 0.0, months=60, starts={"甲": "2018-03-01"})
    hidden = study.samples["station"].eq("A") & study.samples["time"].dt.month.eq(2)
    study.samples.loc[hidden, "censored"] = "left"
    table = monthly_series(study)
    assert table["censored_share"].tolist() == [0.5 * (month == 2) for month in table["time"].dt.month]


def test_windows_of_the_series(make_study):
    study = make_study(
        {"A": "甲", "B": "乙", "C": "丙"}, lambda _s, _m: 0.0, starts={"甲": "2018-03-01", "乙": "2019-09-01"}
    )
    table = monthly_series(study).set_index(["district", "time"])["window"]
    assert table["甲"]["2018-02-01"] == "before"
    assert table["甲"]["2018-03-01"] == "after"
    assert table["乙"]["2019-08-01"] == "before"
    assert table["丙"]["2016-01-01"] == "before"
    assert table["丙"]["2018-02-01"] == "before"
    assert table["丙"]["2018-03-01"] == ""  # between the first start and the last
    assert table["丙"]["2019-09-01"] == "after"
    assert table.groupby("district").value_counts()["丙"].to_dict() == {"before": 26, "after": 28, "": 18}


def test_windows_given_and_their_levels(make_study):
    """Level: the geometric mean of the window's values, for the reader's eye."""
    study = make_study(
        {"A": "甲", "B": "乙"}, lambda s, m: 0.01 * m + (s == "B"), starts={"甲": "2018-03-01"}
    )
    table = monthly_series(study, ("2016-01-01", "2017-01-01"), ("2018-01-01", "2020-01-01"))
    assert table.groupby(["district", "window"]).size().to_dict() == {
        ("甲", ""): 36,
        ("甲", "after"): 24,
        ("甲", "before"): 12,
        ("乙", ""): 36,
        ("乙", "after"): 24,
        ("乙", "before"): 12,
    }
    levels = table.groupby(["district", "window"])["level"].agg(["min", "max"])
    assert levels.loc[("甲", "before")].tolist() == pytest.approx([np.exp(0.055)] * 2, rel=1e-10)
    assert levels.loc[("乙", "after")].tolist() == pytest.approx([np.exp(1 + 0.355)] * 2, rel=1e-10)
    assert table.loc[table["window"] == "", "level"].isna().all()
    with pytest.raises(ArgumentError, match="one window is given and the other is not"):
        monthly_series(study, before=("2016-01-01", "2017-01-01"))


def test_units_parameters_and_seed(small):
    table = monthly_series(small, by="river", parameters=["氨氮", "TP"], rng=3)
    assert table.columns[0] == "river"
    assert table["parameter"].unique().tolist() == ["NH3N", "TP"]
    assert set(table["river"]) == set(small.stations["river"])
    assert (table["value"] > 0).all()
    pd.testing.assert_frame_equal(table, monthly_series(small, by="river", parameters=["氨氮", "TP"], rng=3))


def test_a_cell_that_is_all_non_detects_is_finite(make_study):
    study = make_study({"A": "甲"}, lambda _s, _m: 0.0, months=36, starts={"甲": "2017-06-01"})
    study = Study(study.samples.assign(censored="left"), study.stations, study.measures)
    assert np.isfinite(monthly_series(study)["value"]).all()


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"parameters": ["TN"]}, "parameters"),
        ({"parameters": ["colour"]}, "parameters"),
        ({"by": "street"}, "by"),
    ],
)
def test_series_that_cannot_be(small, options, argument):
    with pytest.raises(ArgumentError) as caught:
        monthly_series(small, **options)
    assert caught.value.argument == argument
