"""The monthly bulletin: a study small enough to be counted by hand, and the demonstration by other ways."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import Study, grade
from wqstudy.errors import ArgumentError
from wqstudy.grading import cwqi, deadlines, good_share_change, monthly_bulletin

# Ammonia nitrogen: I to 0.15, II to 0.5, III to 1.0, IV to 1.5, V to 2.0 mg/L.
MONTHS = {
    "2021-08": {"a": 0.1, "b": 0.9, "c": 2.6, "d": 1.2, "g": 0.4},
    "2021-07": {"a": 0.1, "b": 1.2, "c": 2.6, "d": 1.2, "e": 0.4},
    "2020-08": {"a": 0.4, "b": 0.9, "c": 1.8, "d": 2.6},
}
DISTRICT = {"a": "Jia", "b": "Jia", "c": "Jia", "d": "Yi", "e": "Yi", "f": "Yi", "g": None}
TARGETS = [("a", 3, "2021-08-31"), ("c", 5, "2021-08-31"), ("d", 3, "2022-12-31"), ("f", 3, "2020-12-31")]


def tables(months=MONTHS):
    rows = [(s, f"{m}-05", "NH3N", v) for m, values in months.items() for s, v in values.items()]
    rows.append(("e", "2021-08-05", "WT", 20.0))  # sets no class
    samples = pd.DataFrame(rows, columns=["station", "time", "parameter", "value"])
    samples["time"] = pd.to_datetime(samples["time"])
    return samples, pd.DataFrame({"station": list(DISTRICT), "district": list(DISTRICT.values())})


@pytest.fixture(scope="module")
def hand():
    targets = pd.DataFrame(TARGETS, columns=["station", "target_class", "due"])
    return Study(*tables(), targets=targets)


@pytest.fixture(scope="module")
def found(hand):
    return monthly_bulletin(hand, "2021-08")


# ---------------------------------------------------------------- by hand


def test_sections_by_class_and_none_is_dropped(found):
    sections = found.sections.set_index("station")
    assert list(sections.index) == ["c", "d", "b", "g", "a", "e", "f"]
    assert sections["class"].tolist() == [6, 4, 3, 2, 1, pd.NA, pd.NA]
    assert sections["class_last_month"].tolist() == [6, 4, 4, pd.NA, 1, 2, pd.NA]
    assert sections["class_last_year"].tolist() == [5, 6, 3, pd.NA, 2, pd.NA, pd.NA]
    assert sections.loc[["e", "f"], "notes"].tolist() == ["nothing sampled that sets a class", "not sampled"]
    assert found.not_sampled == ["f"]
    assert found.without_group == ["g"]
    assert sections["target_class"].tolist() == [5, pd.NA, pd.NA, pd.NA, 3, pd.NA, pd.NA]
    assert sections["attains"].tolist() == [False, pd.NA, pd.NA, pd.NA, True, pd.NA, pd.NA]


def test_counts_and_shares(found):
    shares = found.shares.set_index("period")
    counts = shares[[f"n_{one}" for one in range(1, 7)]].to_numpy().tolist()
    assert counts == [[1, 1, 1, 1, 0, 1], [1, 1, 0, 2, 0, 1], [0, 1, 1, 0, 1, 1]]
    assert shares["n_sections"].tolist() == [5, 5, 4]
    assert shares["share_good"].tolist() == [60.0, 40.0, 50.0]
    assert shares["share_inferior_v"].tolist() == [20.0, 20.0, 25.0]
    assert shares["n_undetermined"].tolist() == [1, 0, 0]
    assert shares["n_not_sampled"].tolist() == [1, 2, 3]
    assert shares[[f"share_{one}" for one in range(1, 7)]].sum(axis=1).round(9).tolist() == [100.0] * 3


def test_changes_of_the_sections_of_both_months(found):
    month, year = found.changes.to_dict("records")
    names = ("n_sections", "n_better", "n_same", "n_worse", "delta_good", "delta_inferior_v")
    assert [month[name] for name in names] == [4, 1, 3, 0, 25.0, 0.0]  # b became good
    assert [year[name] for name in names] == [4, 2, 1, 1, 0.0, 0.0]  # a and d better, c worse
    assert month["period"], year["period"] == ("2021-07", "2020-08")
    assert month["delta_low"] <= 0 <= month["delta_high"]  # one sample each tells nothing
    # Four sections have no shares; their means are 1.2 (IV) after 1.275 (IV) and 1.425 (IV).
    assert found.changes["by_shares"].isna().all()
    assert found.changes["by_class"].tolist() == ["no clear change"] * 2


def test_inferior_v_with_its_multiple(hand):
    found = monthly_bulletin(hand, "2021-08", lang="zh").inferior_v
    assert found["station"].tolist() == ["c"]
    assert found["main_indicators"].tolist() == ["氨氮(1.6)"]
    assert found["class_last_year"].tolist() == [5]


def test_ranks_and_their_ties(found):
    """(0.1 + 0.9 + 2.6) / 3 = 1.2 in Jia and 1.2 in Yi; a year before 3.1 / 3 and 2.6."""
    ranking = found.ranking.set_index("group")
    assert ranking["cwqi"].tolist() == pytest.approx([1.2, 1.2])
    assert ranking["rank"].tolist() == [1, 1]
    assert ranking["tied"].tolist() == [True, True]
    assert ranking["n_sections"].to_dict() == {"Jia": 3, "Yi": 1}
    assert ranking.loc["Jia", "change_percent"] == pytest.approx(100 * (1.2 / (3.1 / 3) - 1))
    assert ranking.loc["Yi", "change_percent"] == pytest.approx(100 * (1.2 / 2.6 - 1))
    assert ranking["change_rank"].to_dict() == {"Jia": 2, "Yi": 1}
    assert not ranking["change_tied"].any()
    assert (ranking["rank_low"] <= 1).all()
    assert ranking["rank_high"].tolist() == [2, 2]
    assert found.items == ("NH3N",)
    assert len(found.missing) == 20
    assert "NH3N" not in found.missing


def test_deadlines_as_of_the_end_of_the_month(found, hand):
    judged = found.deadlines.set_index("station")
    assert judged["state"].to_dict() == {"a": "met", "c": "missed", "d": "at_risk", "f": "unknown"}
    after = deadlines(hand, hand, "2021-09-01").set_index("station")
    assert judged.loc[["a", "c", "f"], "state"].equals(after.loc[["a", "c", "f"], "state"])


def test_what_comes_later_is_not_looked_at(found, hand):
    samples, stations = tables(MONTHS | {"2021-09": dict.fromkeys("abcdefg", 9.0)})
    later = monthly_bulletin(Study(samples, stations, targets=hand.targets), "2021-08")
    for name in ("sections", "shares", "changes", "ranking", "deadlines", "inferior_v"):
        pd.testing.assert_frame_equal(getattr(later, name), getattr(found, name))


def test_all_of_class_two_are_not_ranked_by_change():
    """The rule leaves out a city whose sections are of class II or better in both periods."""
    months = {"2021-08": {"a": 0.1, "d": 1.2}, "2020-08": {"a": 0.4, "d": 2.6}}
    ranking = monthly_bulletin(Study(*tables(months)), "2021-08").ranking.set_index("group")
    assert ranking["change_rank"].fillna(0).to_dict() == {"Jia": 0, "Yi": 1}
    assert "not ranked" in ranking.loc["Jia", "notes"]


def test_a_first_month_has_nothing_to_be_held_against():
    found = monthly_bulletin(Study(*tables({"2021-08": MONTHS["2021-08"]})), "2021-08")
    assert found.changes["n_sections"].tolist() == [0, 0]
    assert found.changes[["delta_good", "by_class"]].isna().all(axis=None)
    assert found.ranking["rank"].tolist() == [1, 1]
    assert found.ranking["change_percent"].isna().all()
    assert (found.ranking["notes"] == "not in both periods").all()
    assert found.deadlines is None


def test_a_group_without_samples_is_listed_last():
    months = {"2021-08": {"a": 0.1}, "2020-08": {"d": 0.9}}
    ranking = monthly_bulletin(Study(*tables(months)), "2021-08").ranking
    assert ranking["group"].tolist() == ["Jia", "Yi"]
    assert ranking["rank"].tolist() == [1, pd.NA]
    assert ranking["notes"].tolist()[1] == "not sampled"


def test_stations_are_ranked_alone(hand):
    ranking = monthly_bulletin(hand, "2021-08", "station").ranking
    assert ranking["group"].tolist()[:5] == ["a", "g", "b", "d", "c"]
    assert ranking["n_sections"].tolist()[:5] == [1] * 5


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize("month", ["2021-08", "2021-8", "2021/08", "2021年8月", " 2021.08 "])
def test_months_as_they_are_written(hand, month):
    assert monthly_bulletin(hand, month).month == "2021-08"


@pytest.mark.parametrize("month", ["2021-13", "August", "2021", "2021-08-05", ""])
def test_no_month(hand, month):
    with pytest.raises(ArgumentError, match="is no month") as fault:
        monthly_bulletin(hand, month)
    assert "2020-08 to 2021-08" in str(fault.value)


@pytest.mark.parametrize("month", ["2019-01", "2021-05", "2022-01"])
def test_months_without_samples(hand, month):
    with pytest.raises(ArgumentError, match=f"argument month: {month} has no sample") as fault:
        monthly_bulletin(hand, month)
    assert "2020-08 to 2021-08" in str(fault.value)


def test_a_column_that_is_not_there(hand):
    with pytest.raises(ArgumentError, match="argument by: the stations table has no column 'city'"):
        monthly_bulletin(hand, "2021-08", "city")


# ---------------------------------------------------------------- the demonstration, by other ways


@pytest.mark.parametrize("month", ["2021-08", "2016-02"])
def test_demonstration(demo, month):
    found = monthly_bulletin(demo, month)
    months = grade(demo, "month")
    for row in found.shares.to_dict("records"):
        own = months.loc[months["period"] == row["period"], "class"].dropna()
        assert [row[f"n_{one}"] for one in range(1, 7)] == [(own == one).sum() for one in range(1, 7)]
        assert row["n_sections"] + row["n_undetermined"] + row["n_not_sampled"] == 48
    assert found.sections["station"].is_unique
    assert set(found.sections["station"]) == set(demo.stations["station"])
    graded = months[months["period"] == month]
    index = cwqi(graded, demo.unit_of("district").to_dict(), items=found.items).set_index("city")
    ranking = found.ranking.set_index("group")
    assert ranking["cwqi"].to_dict() == pytest.approx(index["cwqi"].to_dict())
    assert ranking["rank"].to_dict() == index["rank"].to_dict()
    assert ((ranking["rank_low"] <= ranking["rank"]) & (ranking["rank"] <= ranking["rank_high"])).all()


# ---------------------------------------------------------------- the interval of a change of shares


def test_interval_of_the_change_of_the_good_share():
    """As wide as two sums of yes and no; a step of the lattice is 2.5 points, the rest is for the normal."""
    rng = np.random.default_rng(3)
    n = 40
    p = rng.uniform(0.1, 0.9, (2, n))
    first, second = (
        pd.DataFrame({"station": range(n), "class": np.where(one > 0.5, 3, 4), "p_good": one}) for one in p
    )
    found = good_share_change(first, second)
    spread = 1.96 * np.sqrt((p * (1 - p)).sum()) / n
    assert found["expected"] == pytest.approx(100 * (p[1] - p[0]).mean())
    assert found["delta_good"] == pytest.approx(100 * ((p[1] > 0.5).mean() - (p[0] > 0.5).mean()))
    assert found["delta_low"] == pytest.approx(found["expected"] - 100 * spread, abs=2.5 + 0.8)
    assert found["delta_high"] == pytest.approx(found["expected"] + 100 * spread, abs=2.5 + 0.8)


def test_certain_classes_have_no_interval():
    first = pd.DataFrame({"station": list("abcd"), "class": 4, "p_good": 0.0})
    second = first.assign(p_good=[1.0, 0, 0, 0], **{"class": [3, 4, 4, 4]})
    found = good_share_change(first, second)
    assert [found[name] for name in ("delta_good", "delta_low", "delta_high")] == [25.0] * 3
    with pytest.raises(ArgumentError, match="no section has a probability in both"):
        good_share_change(first, second.assign(station="z" + second["station"]))
