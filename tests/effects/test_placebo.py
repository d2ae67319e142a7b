"""Placebos and differences: what treated and controls show, and what they must not."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import datasets, evaluate, simulate


@pytest.fixture(scope="module")
def told():
    return evaluate(datasets.load("demo"), parameters=["NH3N"])


@pytest.fixture(scope="module")
def many():
    effects = {u: simulate.Effect("2018-07-01", {"TP": -60.0}) for u in "甲乙"}
    return evaluate(simulate.study(4, list("甲乙丙丁戊己"), effects), parameters=["TP"])


def test_every_control_is_taken_in_turn_at_every_start(told):
    table = told.placebo()
    space = table[table["kind"] == "in space"]
    assert set(space["district"]) == {"戊", "己"}
    assert space["start"].nunique() == 4
    assert len(space) == 8
    # Two controls are each other's mirror: one's effect is the other's with its sign turned.
    logs = np.log1p(space["effect_percent"] / 100).to_numpy().reshape(4, 2)
    np.testing.assert_allclose(logs[:, 0], -logs[:, 1], atol=1e-9)


def test_treated_rows_are_the_evaluation(told):
    table = told.placebo()
    own = table[table["kind"] == "treated"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        own[["district", "low"]], told.table()[["district", "low"]], check_exact=False
    )


def test_earlier_dates_do_not_see_the_treatment(told):
    """Blind to what comes after the start: a study cut there gives the same."""
    table = told.placebo()
    time = table[table["kind"] == "in time"]
    starts = told.placebo().query("kind == 'treated'").set_index("district")["start"]
    months = (time["district"].map(starts) - time["start"]).dt.days
    assert (months >= 360).all()
    panel = told.panels[0]
    changed = panel.design.y.copy()
    late = panel.design.time[None, :] >= panel.design.start[:, None]
    changed[:, late] += 3.0
    other = type(panel.design)(changed, panel.design.time, panel.design.start, known=panel.design.noise)
    again = type(panel)("NH3N", panel.units, other, panel.level).placebo("district")
    left, right = (t.loc[t["kind"] == "in time", "effect_percent"].to_numpy() for t in (table, again))
    np.testing.assert_allclose(left, right, atol=1e-9)


def test_an_effect_lies_outside_its_placebos(many):
    """-60 % beside four controls as if treated: the treated lie lower than all of them."""
    table = many.placebo()
    treated = table.loc[table["kind"] == "treated", "effect_percent"]
    space = table.loc[table["kind"] == "in space", "effect_percent"]
    assert treated.max() < space.min()
    assert space.abs().median() < 35


def test_differences_are_those_of_the_estimate(told):
    """The mean of the logs after the start is the effect stated, since every month weighs the same."""
    table = told.differences()
    assert set(table["role"]) == {"treated", "control"}
    for row in told:
        own = table[(table["district"] == row.unit) & (table["month"] >= table["start"])]
        mean = np.log1p(own["difference_percent"] / 100).mean()
        assert 100 * np.expm1(mean) == pytest.approx(row.effect_percent, abs=1e-6)


def test_one_control_has_no_placebo_in_space():
    effects = {"甲": simulate.Effect("2018-07-01", {"TP": -60.0})}
    got = evaluate(simulate.study(4, ["甲", "乙"], effects), parameters=["TP"])
    assert set(got.placebo()["kind"]) == {"treated", "in time"}
    assert set(got.differences()["role"]) == {"treated"}
