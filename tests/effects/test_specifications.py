"""Specification curves: a strong effect stands under nearly all, none is shown where there is none."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import ArgumentError, Study, simulate
from wqstudy.effects.specifications import CHOICES, DEFAULT, WINDOWS
from wqstudy.effects.tables import NONDETECTS, STATIONS


@pytest.fixture(scope="module")
def curve(small):
    return wq.specification_curve(small, "TP", "甲")


def test_one_row_a_specification_and_the_default_first(curve, small):
    table = curve.table()
    assert not table.duplicated(list(CHOICES)).any()
    assert tuple(table.loc[0, list(CHOICES)]) == DEFAULT
    assert table["default"].sum() == 1
    # One control: it cannot be left out. Every district has a gauge: with and without flow.
    assert len(table) == len(NONDETECTS) * len(STATIONS) * 2 * len(WINDOWS) * 3
    row = wq.evaluate(small, parameters=["TP"]).rows[0]
    assert table.loc[0, "effect_percent"] == pytest.approx(row.effect_percent, rel=1e-9)
    assert table.loc[0, "low"] == pytest.approx(row.low, rel=1e-6)
    assert table.loc[0, "verdict"] == row.verdict


def test_the_envelope_holds_both_tests(curve):
    wide = curve.table().pivot_table(index=list(CHOICES[:-1]), columns="test", values=["low", "high"])
    alone = ["districts", "difference"]
    np.testing.assert_allclose(wide["low"]["envelope"], wide["low"][alone].min(axis=1))
    np.testing.assert_allclose(wide["high"]["envelope"], wide["high"][alone].max(axis=1))


def panel(seed, treated=4, controls=4, **rest):
    return simulate.panel_study(
        simulate.district_panel(np.random.default_rng(seed), treated, controls, **rest)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_strong_effect_stands_under_nearly_all(seed):
    """-70 % in four districts against four: nine of ten specifications, chosen beforehand."""
    every = wq.specification_curve(panel(seed, effect=-1.2, trend=0.0), "NH3N").agreement().iloc[0]
    assert every["verdict"] == "effect shown"
    assert every["sign_share"] == 1.0
    assert every["verdict_share"] >= 0.9


def test_of_no_effect_little_is_shown():
    """Six panels without effect: at most one specification of ten shows one, chosen beforehand."""
    tables = [
        wq.specification_curve(panel(seed, effect=0.0, trend=0.015), "NH3N").table() for seed in range(6)
    ]
    assert (pd.concat(tables)["verdict"] == "effect shown").mean() <= 0.1


def test_agreement_counts_what_the_table_has(curve):
    table, agreement = curve.table(), curve.agreement()
    assert agreement.loc[0, "n"] == np.isfinite(table["effect_percent"]).sum()
    assert set(agreement["choice"]) == {"", *CHOICES}
    own = table[table["nondetects"] == "half"]
    row = agreement[(agreement["choice"] == "nondetects") & (agreement["option"] == "half")].iloc[0]
    assert row["verdict_share"] == np.mean(own["verdict"] == table.loc[0, "verdict"])


def test_windows_weigh_the_months_they_name():
    """A ramp without noise: each window's effect is the mean over its own months."""
    months = np.arange(72)
    ramp = -0.02 * np.clip(months - 35, 0, 24)
    y = np.zeros((3, 2, 72))
    y[0] = ramp
    made = simulate.DistrictPanel(y + 0.1 * np.sin(months), months, np.array([36, 10**9, 10**9]), y[:, 0])
    table = wq.specification_curve(simulate.panel_study(made), "NH3N", "T1").table()
    plain = table[(table["aggregation"] == "effects") & (table["controls"] == "all")]
    got = np.log1p(plain.groupby("window")["effect_percent"].first() / 100)
    # Starts in January: the year of the start is its first twelve months.
    wanted = {
        "all": ramp[36:].mean(),
        "near": ramp[36:60].mean(),
        "settled": ramp[42:].mean(),
        "years": ramp[48:].mean(),
    }
    assert got.to_dict() == pytest.approx(wanted, abs=1e-9)


def followed_by_flow():
    """Three units for 72 months, values of the treated following their flow; and all flows."""
    rng = np.random.default_rng(2)
    months = pd.date_range("2015-01-01", periods=72, freq="MS")
    wet = rng.standard_normal(72) + 1.5 * (np.arange(72) >= 36)
    rows, flows = [], []
    for unit in ("T", "C", "D"):
        own = wet if unit == "T" else rng.standard_normal(72)
        log = (-0.5 * own if unit == "T" else 0.0) + 0.02 * rng.standard_normal(72)
        rows.append(
            pd.DataFrame({"station": unit, "time": months, "parameter": "TP", "value": 0.1 * np.exp(log)})
        )
        flows.append(pd.DataFrame({"station": unit, "time": months, "flow": np.exp(own)}))
    stations = pd.DataFrame({"station": list("TCD"), "district": list("TCD")})
    measures = pd.DataFrame({"district": ["T"], "measure": ["none"], "start": [months[36]]})
    return Study(pd.concat(rows), stations, measures, pd.concat(flows))


def test_flow_takes_out_what_flow_does():
    """Values that follow the flow in the treated alone look like an effect only while flow is ignored."""
    table = wq.specification_curve(followed_by_flow(), "TP", "T").table()
    median = table.groupby("adjustment")["effect_percent"].median()
    assert median["season"] < -40
    assert abs(median["flow"]) < 5


def test_few_flows_are_no_adjustment():
    """Flow in 36 of a control's 72 months is taken out, in 35 it is not."""
    study = followed_by_flow()
    kept = study.flow[study.flow["station"] != "C"]
    own = study.flow[study.flow["station"] == "C"]
    for months, ways in ((36, ["season", "flow"]), (35, ["season"])):
        study.flow = pd.concat([kept, own.iloc[:months]])
        table = wq.specification_curve(study, "TP", "T").table()
        assert table["adjustment"].unique().tolist() == ways


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"parameter": "PH"}, "parameters"),
        ({"district": "戊"}, "district"),
        ({"by": "street"}, "by"),
        ({"reduction": 0.0}, "reduction"),
        ({"level": 2.0}, "level"),
    ],
)
def test_bad_arguments_are_named(small, given, argument):
    with pytest.raises(ArgumentError, match=argument):
        wq.specification_curve(small, **{"parameter": "TP"} | given)


def test_without_controls_there_is_no_curve():
    effects = {"甲": simulate.Effect("2018-01-01", {"TP": -50.0})}
    with pytest.raises(ArgumentError, match="nothing to hold"):
        wq.specification_curve(simulate.study(1, ["甲"], effects), "TP")
