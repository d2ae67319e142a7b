"""Handover sections: the published rule, and what follows from the means of two years."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.grading import handover, handover_verdict

CASES = json.loads((Path(__file__).parent / "published_indices.json").read_text(encoding="utf-8"))[
    "handover"
]["cases"]
QUICK = settings(deadline=None, max_examples=60)
SECTIONS = pd.DataFrame(
    {"district": "d", "station": ["in", "out"], "flow": ["inflow", "outflow"], "target_class": [None, 3]}
)


def year(inflow: float, outflow: float) -> pd.DataFrame:
    """Means whose three items are all this multiple of class III."""
    share = np.array([inflow, outflow])
    return pd.DataFrame({"station": ["in", "out"], "CODMn": 6 * share, "NH3N": share, "TP": 0.2 * share})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["expected"])
def test_the_published_rule(case):
    facts = {name: value for name, value in case.items() if name != "expected"}
    assert words.text(f"handover.{handover_verdict(**facts)}", "zh") == case["expected"]


def test_a_target_that_is_not_met_asks_for_the_inflow():
    with pytest.raises(ArgumentError, match="outflow_better_than_inflow"):
        handover_verdict(meets_target=False, better_than_last_year=True)


@pytest.mark.parametrize(
    ("now", "last", "verdict"),
    [
        ((0.5, 0.9), (0.5, 1.0), "优秀"),
        ((0.5, 0.9), (0.5, 0.8), "良好"),
        ((1.6, 1.4), (1.6, 1.5), "优秀"),
        ((1.6, 1.4), (1.6, 1.3), "良好"),
        ((1.2, 1.4), (1.2, 1.5), "合格"),
        ((1.2, 1.4), (1.2, 1.3), "不合格"),
        ((1.2, 1.4), (1.0, 1.3), "合格"),  # the inflow got worse by a fifth, the outflow by a thirteenth
        ((1.2, 1.4), (1.1, 1.2), "不合格"),
        ((1.2, 1.4), (1.3, 1.3), "不合格"),  # the inflow got better
    ],
)
def test_results_from_means_of_two_years(now, last, verdict):
    found = handover(year(*now), year(*last), SECTIONS, lang="zh").iloc[0]
    assert found["verdict"] == verdict
    assert (found["index_inflow"], found["index_outflow"]) == pytest.approx(now)
    assert (found["index_inflow_last"], found["index_outflow_last"]) == pytest.approx(last)


def test_an_outflow_that_got_better_did_not_fall_less():
    both_better = handover(year(1.0, 1.0), year(1.1, 1.05), SECTIONS).iloc[0]
    assert not both_better["outflow_drop_less_than_inflow_drop"]
    both_worse = handover(year(1.1, 1.05), year(1.0, 1.0), SECTIONS).iloc[0]
    assert both_worse["outflow_drop_less_than_inflow_drop"]


def test_the_target_is_held_with_the_rounding_of_grading():
    assert handover(year(1, 1), year(1, 1), SECTIONS).loc[0, "meets_target"]
    now = year(1, 1).assign(NH3N=[1.0, 1.004])
    assert handover(now, year(1, 1), SECTIONS).loc[0, "meets_target"]
    assert not handover(now.assign(NH3N=1.006), year(1, 1), SECTIONS).loc[0, "meets_target"]
    assert handover(year(1, 1.4), year(1, 1), SECTIONS.assign(target_class=4)).loc[0, "meets_target"]


def test_the_worst_item_can_be_what_is_compared():
    last = year(1.0, 1.2)
    now = last.assign(NH3N=[1.0, 1.3], TP=[0.2, 0.1])
    assert handover(now, last, SECTIONS).loc[0, "better_than_last_year"]
    assert not handover(now, last, SECTIONS, compare="worst").loc[0, "better_than_last_year"]


def test_the_same_as_last_year_is_not_better():
    found = handover(year(0.5, 0.9), year(0.5, 0.9), SECTIONS).iloc[0]
    assert (found["verdict"], found["notes"]) == ("good", "the same as last year: not better")


def test_every_outflow_section_must_meet_its_own_target():
    sections = pd.concat(
        [SECTIONS, pd.DataFrame({"district": ["d"], "station": "out2", "flow": "outflow", "target_class": 2})]
    )
    now = pd.concat([year(0.5, 0.9), year(0.5, 0.9).iloc[[1]].assign(station="out2")], ignore_index=True)
    assert not handover(now, now, sections).loc[0, "meets_target"]
    assert handover(now, now, sections.assign(target_class=3)).loc[0, "meets_target"]


def test_what_is_not_known_leaves_only_what_follows_anyway():
    source = SECTIONS[SECTIONS["flow"] == "outflow"]
    found = handover(year(1, 0.9), year(1, 1.0), source).iloc[0]
    assert (found["verdict"], found["notes"]) == (
        "excellent",
        "no inflow section to hold the outflow against",
    )
    found = handover(year(1, 1.4), year(1, 1.5), source).iloc[0]
    assert found["outflow_better_than_inflow"] is pd.NA
    assert found["verdict"] == "cannot tell"
    lacking = year(1, 0.9).assign(TP=[0.1, np.nan])
    found = handover(lacking, year(1, 1), SECTIONS).iloc[0]
    assert (found["meets_target"], found["verdict"]) == (pd.NA, "cannot tell")
    assert found["notes"] == "no means of out"


def test_a_section_can_be_the_outflow_of_one_and_the_inflow_of_the_next():
    sections = pd.DataFrame(
        {
            "district": ["up", "down", "down"],
            "station": ["in", "in", "out"],
            "flow": ["outflow", "inflow", "outflow"],
            "target_class": 3,
        }
    )
    found = handover(year(1.4, 1.2), year(1.5, 1.3), sections).set_index("district")
    assert found["verdict"].to_dict() == {"down": "excellent", "up": "cannot tell"}


SHARE = st.floats(0.2, 3)
ORDER = ["fail", "pass", "good", "excellent"]


@QUICK
@given(now=st.tuples(SHARE, SHARE), last=st.tuples(SHARE, SHARE), cleaner=st.floats(0.3, 0.99))
def test_cleaner_outflow_is_never_a_worse_result(now, last, cleaner):
    before = handover(year(*now), year(*last), SECTIONS).loc[0, "verdict"]
    after = handover(year(now[0], now[1] * cleaner), year(*last), SECTIONS).loc[0, "verdict"]
    assert ORDER.index(after) >= ORDER.index(before)


@pytest.mark.parametrize(
    ("sections", "how", "told"),
    [
        (SECTIONS.drop(columns="flow"), {}, "'flow' is missing"),
        (SECTIONS.assign(flow="up"), {}, "inflow, outflow"),
        (SECTIONS.assign(target_class=6), {}, "1 to 5"),
        (SECTIONS.assign(district=["d", None]), {}, "row 1 of district is blank"),
        (SECTIONS, {"compare": "best"}, "mean, worst"),
        (SECTIONS, {"by": "town"}, "'town' is missing"),
    ],
)
def test_bad_input_is_told(sections, how, told):
    with pytest.raises(ArgumentError, match=told):
        handover(year(1, 1), year(1, 1), sections, **how)


def test_a_station_that_is_there_twice_is_told():
    with pytest.raises(ArgumentError, match="last: station in is there twice"):
        handover(year(1, 1), pd.concat([year(1, 1)] * 2), SECTIONS)
