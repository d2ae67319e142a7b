"""Covariates: a flow that confounds the effect is taken out, and its slope's doubt is carried."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import ArgumentError, evaluate, simulate
from wqstudy.effects.covariates import Covariates, regressed
from wqstudy.effects.estimates import Design
from wqstudy.simulate import NEVER, district_panel
from wqstudy.simulate.panels import remembering

SLOPE = -0.5
UNITS = [f"u{g}" for g in range(6)]


def confounded(rng, effect=0.0, drier=-0.8):
    """Three treated and three controls; flow falls where and when treatment begins, and dilutes."""
    panel = district_panel(rng, 3, 3, effect=effect)
    flow = 0.6 * remembering(rng, 0.5, (6, 84)) + 0.4 * np.cos(2 * np.pi * panel.time / 12)
    flow[:3] += drier * (panel.time >= 42)
    return panel.series + SLOPE * flow, panel, flow


def table_of(flow, units=UNITS, first="2016-01"):
    month = pd.period_range(first, periods=flow.shape[1], freq="M").astype(str)
    made = [
        pd.DataFrame({"month": month, "district": u, "lnflow": f}) for u, f in zip(units, flow, strict=True)
    ]
    return pd.concat(made)


def read(flow, time):
    return Covariates.of(table_of(flow), "district", UNITS, time)


def test_a_confounder_is_taken_out():
    """40 panels without effect where flow alone makes +.4: bias below .1 (three s.e. of .03), 95 % covered.

    Of 40 pooled intervals two would miss; six or more is beyond chance (p .005). Without flow nearly all do.
    """
    rng = np.random.default_rng(1)
    with_flow, without, slopes, held, naive = [], [], [], 0, 0
    for _ in range(40):
        y, panel, flow = confounded(rng)
        months = panel.time + 2016 * 12
        start = np.where(panel.start < NEVER, panel.start + 2016 * 12, NEVER)
        plain = Design(y, months, start).effects()
        less, slope = regressed(y, months, start, read(flow, months), rng)
        got = Design(less, months, start).effects()
        with_flow.append(got.value[-1])
        without.append(plain.value[-1])
        slopes.append(slope.value[0])
        held += int(got.low[-1] <= 0 <= got.high[-1])
        naive += int(plain.low[-1] <= 0 <= plain.high[-1])
    assert abs(np.mean(with_flow)) < 0.1
    assert np.mean(without) > 0.3
    assert np.mean(slopes) == pytest.approx(SLOPE, abs=0.03)
    assert held >= 35
    assert naive < 20


def test_the_doubt_of_slopes_is_carried():
    """Draws scatter as slopes found over 60 panels do, to 30 % (60 sds are known to 9 %)."""
    rng = np.random.default_rng(2)
    found, said = [], []
    for _ in range(60):
        y, panel, flow = confounded(rng)
        start = np.where(panel.start < NEVER, panel.start + 24192, NEVER)
        slopes = regressed(y, panel.time + 24192, start, read(flow, panel.time + 24192), rng)[1]
        found.append(slopes.value[0])
        said.append(slopes.sd[0])
    assert np.mean(said) == pytest.approx(np.std(found), rel=0.3)


def test_slopes_are_those_of_plain_regression_where_noise_is_white():
    """Against least squares on seasons, months and event years as dummies; to a tenth of its s.e."""
    rng = np.random.default_rng(3)
    time, start = np.arange(24192, 24192 + 60), np.array([24222] * 3 + [NEVER] * 3)
    flow = rng.standard_normal((6, 60))
    y = SLOPE * flow + 0.3 * rng.standard_normal((6, 60)) + rng.standard_normal(60)
    table = table_of(flow)
    got = regressed(y[None], time, start, Covariates.of(table, "district", UNITS, time), rng)[1]
    place, when = np.repeat(np.arange(6), 60), np.tile(time, 6)
    dummies = [np.eye(72)[place * 12 + when % 12], np.eye(60)[when - 24192]]
    after = ((when >= 24222) & (place < 3))[:, None]
    dummies.append(
        (after & (place[:, None] * 9 + (when[:, None] - 24222) // 12 == np.arange(27)[None, :])) * 1.0
    )
    x = np.column_stack([flow.ravel(), *dummies])
    fit = np.linalg.lstsq(x, y.ravel(), rcond=None)[0][0]
    assert got.value[0] == pytest.approx(fit, abs=0.1 * got.sd[0] + 0.01)


def study_and_flow():
    effects = {"甲": simulate.Effect("2018-01-01", {"TP": -50.0})}
    study = simulate.study(5, ["甲", "乙", "丙"], effects, stations=4, months=60)
    months = pd.PeriodIndex(study.samples["time"].dt.to_period("M").unique()).sort_values()
    flow = np.random.default_rng(1).standard_normal((3, months.size))
    return study, table_of(flow, ["甲", "乙", "丙"], str(months[0]))


def test_a_study_takes_a_table():
    study, table = study_and_flow()
    got = evaluate(study, parameters=["TP"], covariates=table)
    assert any("lnflow" in line for line in got.rows[0].assumptions)
    again = evaluate(study, parameters=["TP"], covariates=table)
    assert got.table().equals(again.table())
    rain = table[table["district"] == "甲"].drop(columns="district")
    common = evaluate(study, parameters=["TP"], covariates=rain, lang="zh")
    assert any("各单元斜率不同" in line for line in common.rows[0].assumptions)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: t.drop(columns="month"), "needs a column month"),
        (lambda t: t[["month", "district"]], "at least one covariate"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "甲 20.*twice"),
        (lambda t: t.assign(lnflow="much"), "not of numbers"),
        (lambda t: t.assign(month="soon"), "a month that is none"),
        (lambda t: t.iloc[1:], "has no lnflow for 甲"),
        (lambda t: t.assign(lnflow=1.0), "varies with its season"),
        (lambda t: t.assign(twice=2 * t["lnflow"]), "or another alone"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(spoil, said):
    study, table = study_and_flow()
    with pytest.raises(ArgumentError, match=said):
        evaluate(study, parameters=["TP"], covariates=spoil(table))
