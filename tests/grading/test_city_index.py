"""City index: sums by hand, weights, ranks, changes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import cwqi, delta_cwqi, graded_items, limits
from wqstudy.grading.pollution_index import numbers

PUBLISHED = json.loads((Path(__file__).parent / "published_indices.json").read_text(encoding="utf-8"))
QUICK = settings(deadline=None, max_examples=40)  # each makes several tables of 21 items
ITEMS = graded_items()


def section(body: str = "river", share: float = 1.0, **cells: object) -> dict[str, object]:
    """A section whose items are all this share of their limit of class III, so that each index is."""
    row = {code: numbers(limit)[2] * share for code, limit in limits(body).items() if limit.graded}
    row["DO"] = 5.0 / share
    row["PH"] = 7.0 + 2.0 * share
    return {"station": "s", "city": "c", "water_body": body} | row | cells


def test_every_item_at_its_limit_makes_twenty_one():
    found = cwqi(pd.DataFrame([section(), section("lake")])).iloc[0]
    assert found[["cwqi_river", "cwqi_lake", "cwqi"]].tolist() == pytest.approx([21.0] * 3)
    assert (found["n_items"], found["missing"], found["notes"], found["rank"]) == (21, "", "", 1)


def test_items_are_averaged_before_they_are_indexed():
    found = cwqi(pd.DataFrame([section(DO=2.5), section(DO=7.5)])).iloc[0]
    assert found["cwqi"] == pytest.approx(21.0)  # 5 / mean(2.5, 7.5), not the mean of 2 and 2/3
    assert found["n_river"] == 2


def test_ph_is_averaged_as_hydrogen_ions():
    found = cwqi(pd.DataFrame([section(PH=6.0), section(PH=8.0)])).loc[0, "cwqi"]
    assert found == pytest.approx(20 + (7 + np.log10((1e-6 + 1e-8) / 2)))


def test_rivers_and_lakes_are_weighed_by_sections():
    table = pd.DataFrame([section(share=0.5)] * 3 + [section("lake", share=0.9)])
    river, lake = 21 * 0.5, 21 * 0.9
    assert cwqi(table).loc[0, "cwqi"] == pytest.approx((3 * river + lake) / 4)
    assert cwqi(table, weight="equal").loc[0, "cwqi"] == pytest.approx((river + lake) / 2)


def test_a_city_without_an_item_has_a_sum_and_no_rank():
    table = pd.DataFrame([section(city="a"), section(city="b", HG=np.nan), section(city="c", share=0.5)])
    found = cwqi(table)
    assert found["city"].tolist() == ["c", "a", "b"]
    assert found["rank"].tolist() == [1, 2, pd.NA]
    assert found.loc[2, "cwqi"] == pytest.approx(20.0)
    assert (found.loc[2, "n_items"], found.loc[2, "missing"]) == (20, "HG")
    assert found.loc[2, "notes"] == "without HG; sum over 20 of 21 items: not comparable with sums over all"


def test_an_item_that_some_sections_lack_is_told():
    found = cwqi(pd.DataFrame([section(), section(HG=np.nan)])).iloc[0]
    assert found["cwqi"] == pytest.approx(21.0)
    assert found["notes"] == "not in every section: HG"


def test_few_items_asked_for_are_ranked_among_themselves():
    table = pd.DataFrame({"city": ["a", "b"], "NH3N": [1.0, 0.5], "TP": [0.2, 0.1], "CODMn": [6.0, 3.0]})
    found = cwqi(table, items=["NH3N", "TP", "CODMn"])
    assert found["cwqi"].tolist() == pytest.approx([1.5, 3.0])
    assert found["rank"].tolist() == [1, 2]
    assert all("sum over 3 of 21 items" in text for text in found["notes"])


def test_equal_as_printed_is_equal_rank():
    share = [0.5, 0.5 + 1e-7, 0.6, 0.4]
    table = pd.DataFrame([section(city=name, share=s) for name, s in zip("abcd", share, strict=True)])
    assert cwqi(table)[["city", "rank"]].to_numpy().tolist() == [["d", 1], ["a", 2], ["b", 2], ["c", 4]]


def test_periods_are_ranked_apart_and_cities_can_be_named_by_station():
    table = pd.DataFrame(
        [section(station=s, period=p, share=f) for s, p, f in [("x", 1, 0.5), ("y", 1, 0.6), ("x", 2, 0.9)]]
    ).drop(columns="city")
    found = cwqi(table, {"x": "east", "y": "west"})
    assert found[["period", "rank", "city"]].to_numpy().tolist() == [
        [1, 1, "east"],
        [1, 2, "west"],
        [2, 1, "east"],
    ]


def test_oxygen_of_zero_leaves_the_city_without_an_index():
    table = pd.DataFrame([section(DO=0.0), section(city="d")])
    found = cwqi(table).set_index("city")
    assert found["cwqi"].tolist() == pytest.approx([21.0, np.nan], nan_ok=True)
    assert found["rank"].tolist() == [1, pd.NA]
    assert "oxygen of zero" in found.loc["c", "notes"]
    assert cwqi(table, oxygen_floor=1.0).set_index("city").loc["c", "cwqi"] == pytest.approx(25.0)


@QUICK
@given(
    code=st.sampled_from([c for c in ITEMS if c not in ("DO", "PH")]),
    share=st.floats(0.01, 20),
    factor=st.floats(1.01, 5),
    body=st.sampled_from(["river", "lake"]),
)
def test_more_of_any_pollutant_is_worse(code, share, factor, body):
    limit = numbers(limits(body)[code])[2]
    one = cwqi(pd.DataFrame([section(body, **{code: limit * share})])).loc[0, "cwqi"]
    more = cwqi(pd.DataFrame([section(body, **{code: limit * share * factor})])).loc[0, "cwqi"]
    assert more - one == pytest.approx(share * (factor - 1), rel=1e-6)


@QUICK
@given(shares=st.lists(st.floats(0.05, 5), min_size=2, max_size=6), seed=st.integers(0, 99))
def test_the_order_of_rows_is_irrelevant(shares, seed):
    table = pd.DataFrame([section(city=f"c{k % 2}", share=s) for k, s in enumerate(shares)])
    mixed = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(cwqi(table), cwqi(mixed), check_exact=True)


@pytest.mark.parametrize("case", PUBLISHED["city_changes"]["cases"], ids=lambda case: case["city"])
def test_published_changes(case):
    now, base = (
        pd.DataFrame({"city": [case["city"]], "cwqi": [case[name]], "missing": [""]})
        for name in ("cwqi", "base")
    )
    # The base was worked out of the printed change: this holds the sign and the divisor, no more.
    assert delta_cwqi(now, base).loc[0, "change_percent"] == pytest.approx(case["change"], abs=0.005)


def test_cities_of_class_two_then_and_now_are_not_ranked():
    def year(shares: list[float], classes: list[int]) -> pd.DataFrame:
        rows = zip("abc", shares, classes, strict=True)
        return cwqi(pd.DataFrame([section(city=name, share=s) | {"class": k} for name, s, k in rows]))

    now, base = year([0.4, 0.5, 0.9], [2, 2, 3]), year([0.5, 0.4, 0.8], [2, 3, 3])
    found = delta_cwqi(now, base).set_index("city")
    assert found["rank"].fillna(0).to_dict() == {"c": 1, "b": 2, "a": 0}
    assert found["change_percent"].to_dict() == pytest.approx({"a": -20.0, "b": 25.0, "c": 12.5})
    assert found.loc["a", "notes"] == "all sections of class II or better in both periods: not ranked"
    assert delta_cwqi(now, base, left_out_class=None).set_index("city").loc["a", "rank"] == 1


def test_a_section_without_a_class_leaves_the_worst_class_unknown():
    table = pd.DataFrame(
        [section() | {"class": 2}, section() | {"class": pd.NA}, section(city="d") | {"class": 1}]
    )
    assert cwqi(table).set_index("city")["worst_class"].fillna(0).to_dict() == {"c": 0, "d": 1}


def test_changes_between_other_items_or_with_one_period_are_not_made():
    whole, part = pd.DataFrame([section()]), pd.DataFrame([section(HG=np.nan), section(city="d")])
    found = delta_cwqi(cwqi(part), cwqi(whole)).set_index("city")
    assert found["change_percent"].isna().all()
    assert found.loc["c", "notes"].split("; ")[-1] == "the two periods do not have the same items"
    assert found.loc["d", "notes"] == "not in both periods"


def test_a_change_over_fewer_items_says_so():
    table = pd.DataFrame({"city": ["a"], "NH3N": [1.0], "TP": [0.2]})
    now, base = (cwqi(table.assign(NH3N=value), items=["NH3N", "TP"]) for value in (0.5, 1.0))
    found = delta_cwqi(now, base).iloc[0]
    assert found["change_percent"] == pytest.approx(-25)
    assert (found["rank"], found["notes"]) == (1, "change of a sum over 2 of 21 items")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"city": "town"}, "'town' is missing"),
        ({"city": {"x": "y"}}, "has no city"),
        ({"weight": "area"}, "sections, equal"),
        ({"items": "TN"}, "TN"),
    ],
)
def test_bad_input_is_told(how, told):
    with pytest.raises(ArgumentError, match=told):
        cwqi(pd.DataFrame([section()]), **how)


def test_a_city_that_is_there_twice_is_told():
    once = pd.DataFrame({"city": ["a"], "cwqi": [1.0], "missing": [""]})
    with pytest.raises(ArgumentError, match="city a is there twice"):
        delta_cwqi(pd.concat([once, once]), once)
    with pytest.raises(ArgumentError, match="1 to 5, or None"):
        delta_cwqi(once, once, left_out_class=7)
