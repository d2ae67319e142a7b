"""Black and odorous water: levels, shares of data, stretches, bodies, and the evaluation after treatment."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import black_odorous, black_odorous_effect
from wqstudy.grading.black_levels import levels

VECTORS = json.loads((Path(__file__).parent / "published_indices.json").read_text(encoding="utf-8"))[
    "black_levels"
]
QUICK = settings(deadline=None, max_examples=60)
DAYS = pd.date_range("2021-04-01", periods=10, freq="3D")
GOOD = {"SD": 0.6, "DO": 6.0, "ORP": 150.0, "NH3N": 1.0}


def point(station: str = "a", **items: list[float]) -> pd.DataFrame:
    rows = [
        (station, day, code, value)
        for code, values in items.items()
        for day, value in zip(DAYS, values, strict=False)
    ]
    return pd.DataFrame(rows, columns=["station", "time", "parameter", "value"])


def single() -> list[tuple[str, float, float, bool, int]]:
    """Item, value, depth, whether clear to the bottom, level; lengths in metres."""
    cases = []
    for name, pairs in VECTORS["single"].items():
        item, _, where = name.partition("_depth")
        depth = float(where.split("_")[0]) / 100 if where else np.nan
        by = 100 if item == "SD" else 1
        cases += [
            (item, value / by, depth, where.endswith("clear_to_bottom"), level) for value, level in pairs
        ]
    return cases


@pytest.mark.parametrize(("item", "value", "depth", "clear", "level"), single())
def test_levels_as_another_program_has_them(item, value, depth, clear, level):
    clear = clear and "not_clear" not in item
    assert levels([value], item, depth, clear=[clear]).tolist() == [level]


def test_there_are_as_many_vectors_as_were_copied():
    assert len(single()) == 54
    assert sum(clear for *_, clear, _ in single()) == 3


@pytest.mark.parametrize("case", VECTORS["combined"], ids=str)
def test_the_worst_item_of_one_sample(case):
    worst = max(
        levels([case["SD"] / 100], "SD", case["depth"] / 100)[0],
        levels([case["DO"]], "DO")[0],
        levels([case["NH3N"]], "NH3N")[0],
    )
    assert worst == case["expected"]


@pytest.mark.parametrize(
    ("item", "light", "heavy"), [("SD", 0.25, 0.10), ("DO", 2.0, 0.2), ("ORP", 50, -200), ("NH3N", 8.0, 15.0)]
)
def test_end_points_belong_where_they_are_told_to(item, light, heavy):
    assert levels([light, heavy], item).tolist() == [0, 1]
    assert levels([light, heavy], item, ends="worse").tolist() == [1, 2]
    assert levels([-1e3], "ORP").tolist() == [2]


@QUICK
@given(depth=st.integers(1, 24), value=st.integers(0, 40))
def test_forty_per_cent_of_a_shallow_depth_in_whole_millimetres(depth, value):
    found = levels([value / 1000], "SD", depth / 100)[0]
    assert found == (0 if value >= 10 * depth else 2 if 10 * value < 40 * depth else 1)


def test_water_is_clear_where_the_bottom_is_seen():
    samples = point(SD=[0.2] * 3).assign(censored="right")
    found = black_odorous(samples, 0.2)
    assert found.samples["black_level"].tolist() == [0, 0, 0]
    assert "clear to the bottom: 3 samples" in found.points.loc[0, "notes"]
    assert levels([0.2, 0.19], "SD", 0.2).tolist() == [0, 1]


def test_depth_is_measured_given_or_not_known():
    samples = point(SD=[0.09] * 3)
    measured = pd.concat([samples, point(WDEPTH=[0.2] * 3)])
    assert black_odorous(measured).points.loc[0, "black_level"] == 1
    assert black_odorous(samples, {"a": 0.2}).points.loc[0, "black_level"] == 1
    assert black_odorous(samples, 1.0).points.loc[0, "black_level"] == 2
    unknown = black_odorous(samples).points.iloc[0]
    assert unknown["black_level"] == 2
    assert "depth not known" in unknown["notes"]


@pytest.mark.parametrize(
    ("ammonia", "oxygen", "level"),
    [
        ([16] * 6 + [1] * 4, [6] * 10, 2),  # 60 % of one item
        ([16] * 5 + [1] * 5, [6] * 10, 0),  # 50 % of one item alone
        ([16] * 3 + [1] * 7, [0.1] * 3 + [6] * 7, 2),  # 30 % of two items
        ([16] * 3 + [1] * 7, [0.1] * 2 + [6] * 8, 0),
        ([9] * 6 + [1] * 4, [6] * 10, 1),
        ([16] * 3 + [9] * 3 + [1] * 4, [6] * 10, 1),
        ([9] * 3 + [1] * 7, [1] * 3 + [6] * 7, 1),
        ([1] * 10, [6] * 10, 0),
        ([16, 16, 16, 1, 1], [6] * 5, 2),  # 3 of 5 is 60 %, also in binary
    ],
)
def test_points_by_shares_of_data(ammonia, oxygen, level):
    found = black_odorous(point(NH3N=ammonia, DO=oxygen))
    assert found.points.loc[0, "black_level"] == level
    assert found.points.loc[0, "NH3N_heavy_share"] == pytest.approx(np.mean(np.array(ammonia) > 15))
    assert "without SD, ORP" in found.points.loc[0, "notes"]


def test_too_few_samples_give_no_level():
    found = black_odorous(point(NH3N=[20, 20]), lang="zh")
    assert found.points["black_level"].isna().all()
    assert found.points.loc[0, "black_label"] == "无法判断"
    assert "NH3N样本不足3个" in found.points.loc[0, "notes"]
    assert found.bodies.loc[0, "notes"].startswith("可判定点位仅0个")


def test_values_that_tell_no_level_are_left_out():
    samples = point(NH3N=[20, 20, 20, 20, 1]).assign(censored=["none"] * 3 + ["left", "none"])
    found = black_odorous(samples)
    assert found.samples["black_level"].tolist() == [2, 2, 2, pd.NA, 0]
    assert found.points.loc[0, "NH3N_heavy_share"] == 0.75
    assert "1 values beyond their limit" in found.points.loc[0, "notes"]


def water(pattern: str, **columns: str) -> pd.DataFrame:
    """Points p0, p1 …: h heavy, l light, n not, ? too few samples, - none at all."""
    value = {"h": [20.0] * 3, "l": [10.0] * 3, "n": [1.0] * 3, "?": [20.0], "-": []}
    parts = [point(f"p{k}", NH3N=value[each]) for k, each in enumerate(pattern)]
    return pd.concat(parts, ignore_index=True).assign(**columns)


def along(pattern: str) -> list[str]:
    return [f"p{k}" for k in range(len(pattern))]


@pytest.mark.parametrize(
    ("pattern", "stretches"),
    [
        ("hhhn", [("p0", "p2", 3)]),
        ("hhnhh", []),
        ("nhhhhnhhh", [("p1", "p4", 4), ("p6", "p8", 3)]),
        ("hh?h", []),
        ("hh-h", []),  # a point without samples is not known to be heavy
        ("hhlhhh", [("p3", "p5", 3)]),
    ],
)
def test_stretches_are_runs_of_three_heavy_points(pattern, stretches):
    found = black_odorous(water(pattern), order=along(pattern)).stretches
    assert [tuple(row) for row in found[["first", "last", "n_points"]].to_numpy().tolist()] == stretches
    mixed = water(pattern).sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(black_odorous(mixed, order=along(pattern)).stretches, found)


@pytest.mark.parametrize(
    ("pattern", "level"),
    [("hhhnn", 2), ("hhnnn", 1), ("nnl", 1), ("nnn", 0), ("hh", pd.NA), ("hh?", pd.NA), ("hhn?", 2)],
)
def test_bodies_by_shares_of_points(pattern, level):
    found = black_odorous(water(pattern)).bodies.iloc[0]
    assert found["black_level"] is level if level is pd.NA else found["black_level"] == level
    assert ("points without a level" in found["notes"]) == ("?" in pattern)


def test_several_water_bodies_are_told_apart():
    both = pd.concat(
        [water("hhh", river="x"), water("nnnn", river="y").replace({"station": r"^p"}, "q", regex=True)]
    )
    found = black_odorous(both, by="river", order=[*along("hhh"), "q0", "q1", "q2", "q3"])
    assert found.bodies[["river", "black_level", "n_points"]].to_numpy().tolist() == [
        ["x", 2, 3],
        ["y", 0, 4],
    ]
    assert found.stretches["river"].tolist() == ["x"]
    joined = pd.concat([water("hh", river="x"), water("--h", river="y")])
    assert len(black_odorous(joined, by="river", order=along("hhh")).stretches) == 0


@pytest.mark.parametrize(
    ("samples", "how", "told"),
    [
        (point(TP=[0.1]), {}, "SD, DO, ORP, NH3N"),
        (point(DO=[1.0]), {"by": "river"}, "'river' is missing"),
        (point(DO=[1.0]).assign(river=None), {"by": "river"}, "row 0 of river is blank"),
        (point(DO=[1.0] * 2).assign(river=["x", "y"]), {"by": "river"}, "station a is in two water bodies"),
        (point(DO=[1.0]), {"order": ["b"]}, "station a is not in the order"),
        (point(SD=[1.0]), {"depth": 0.0}, "above zero"),
        (point(DO=[1.0]), {"ends": "both"}, "better, worse"),
        (point(DO=[1.0]).drop(columns="time"), {}, "'time' is missing"),
    ],
)
def test_bad_input_is_told(samples, how, told):
    with pytest.raises(ArgumentError, match=told):
        black_odorous(samples, **how)


# ---------------------------------------------------------------- after treatment


def monitored(weeks: int = 26, every: int = 1, start: str = "2021-01-05", **items: float) -> pd.DataFrame:
    days = pd.date_range(start, periods=weeks, freq="7D")[::every]
    parts = [
        pd.DataFrame({"station": "a", "time": days, "parameter": code, "value": value})
        for code, value in (GOOD | items).items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_first_effect_needs_six_months_four_items_and_the_residents():
    found = black_odorous_effect(monitored(), "2021-01-01", satisfied=0.9, answers=100, depth=2.0, lang="zh")
    assert (found.verdict, found.passes, found.notes) == ("初见成效", True, "")
    assert found.points.loc[0, list(GOOD)].tolist() == pytest.approx(list(GOOD.values()))


@pytest.mark.parametrize(
    ("samples", "how", "verdict", "passes", "told"),
    [
        (monitored(), {}, "cannot tell", True, "not given"),
        (monitored(), {"satisfied": 0.89}, "no effect yet", True, "89.0 % satisfied"),
        (monitored(), {"satisfied": 0.95, "answers": 99}, "cannot tell", True, "99 answers"),
        (monitored(20), {"satisfied": 0.95}, "cannot tell", None, "points without a level: 1"),
        (monitored(NH3N=8.1), {"satisfied": 0.95}, "no effect yet", False, ""),
        (monitored(20, NH3N=8.1), {"satisfied": 0.95}, "no effect yet", False, ""),
    ],
)
def test_verdicts(samples, how, verdict, passes, told):
    found = black_odorous_effect(samples, "2021-01-01", depth=2.0, **how)
    assert (found.verdict, found.passes) == (verdict, passes)
    assert told in found.notes


def test_means_count_and_earlier_samples_do_not():
    late = monitored()
    late.loc[late["parameter"] == "NH3N", "value"] = [15.0, 1.0] * 13
    early = monitored(start="2020-01-01", NH3N=30.0)
    found = black_odorous_effect(pd.concat([early, late]), "2021-01-01", depth=2.0)
    assert found.points.loc[0, "NH3N"] == 8.0
    assert found.passes is True
    assert black_odorous_effect(late, "2021-01-01", depth=2.0, ends="worse").passes is False


def test_a_missing_item_and_sparse_samples_are_told():
    samples = monitored(every=3)
    found = black_odorous_effect(samples[samples["parameter"] != "ORP"], "2021-01-01", depth=2.0)
    assert found.passes is None
    assert found.points.loc[0, "notes"] == "without ORP; 21 days between samples, 14 at most are asked"


def test_water_that_is_always_clear_to_the_bottom_passes():
    samples = monitored(SD=0.15).assign(censored="none")
    samples.loc[samples["parameter"] == "SD", "censored"] = "right"
    found = black_odorous_effect(samples, "2021-01-01", depth=0.15, satisfied=1.0)
    assert found.verdict == "first effect"
    assert found.points["SD"].isna().all()
    assert found.points.loc[0, "notes"] == "clear to the bottom: 26 samples"


def test_bad_input_of_the_evaluation_is_told():
    with pytest.raises(ArgumentError, match="no sample of an item since 2031-01-01"):
        black_odorous_effect(monitored(), "2031-01-01")
    with pytest.raises(ArgumentError, match="0 to 1"):
        black_odorous_effect(monitored(), "2021-01-01", satisfied=93)
