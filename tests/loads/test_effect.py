"""Change of a load beyond that of rivers without treatment."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import loads
from wqstudy.effects.verdicts import NONE, SHOWN, UNDECIDED
from wqstudy.errors import ArgumentError

MONTHS = pd.date_range("2008-01-01", periods=120, freq="MS")
START = "2013-01-01"
WINDOWS = (("2008-01-01", START), (START, "2018-01-01"))


def river(rng, step=0.0, trend=0.0, spread=0.05, draws=300):
    """A smooth load with a season: log step, log trend a year, and log error of each window."""
    late = np.asarray(pd.Timestamp(START) <= MONTHS)
    log = np.cos(2 * np.pi * MONTHS.month.to_numpy() / 12) + trend * np.arange(120) / 12 + step * late
    error = rng.normal(0, spread, (draws + 1, 2))[:, late.astype(int)]
    best = np.exp(log + error[0])
    return loads.LoadDraws(MONTHS, best * np.exp(error[1:]), best, "WRTDS, flow-normalised", ())


def test_a_step_is_an_effect_shown_and_a_head_start_is_not():
    rng = np.random.default_rng(1)
    controls = [river(rng, trend=-0.01) for _ in range(5)]
    shown = loads.effect(river(rng, step=-0.7), *WINDOWS, controls, parameter="NH3N", unit="甲")
    assert shown.verdict == SHOWN
    assert shown.low < 100 * np.expm1(-0.7 + 0.05) < shown.high < 0
    assert "氨氮" in shown.sentence_zh
    assert "甲（通量）" in shown.sentence_zh
    assert "effect shown" in shown.sentence_en
    falling = loads.effect(river(rng, trend=-0.14), *WINDOWS, controls, parameter="NH3N")
    assert falling.high < 0
    assert falling.verdict == UNDECIDED  # the difference may be a trend that began before
    same = loads.effect(river(rng), *WINDOWS, [river(rng) for _ in range(9)], parameter="NH3N", reduction=0.5)
    assert same.verdict == NONE


def test_intervals_hold_no_effect_as_often_as_they_say():
    """Rivers with trends of their own, as wide as is assumed: 400 of them, five controls each."""
    rng = np.random.default_rng(2)
    held, alarms = [], 0
    for _ in range(400):
        own, *others = (river(rng, trend=rng.normal(0, 0.03), spread=0.08, draws=60) for _ in range(6))
        found = loads.effect(own, *WINDOWS, others, parameter="TP")
        held.append(found.low <= 0 <= found.high)
        alarms += found.verdict == SHOWN
    # the standard error is .011; the larger of two spreads is taken, so that it may be held more often
    assert 0.93 <= np.mean(held) <= 1
    assert alarms / 400 <= 0.05


def test_fewer_than_three_controls_are_told_and_none_is_refused():
    rng = np.random.default_rng(3)
    one = loads.effect(river(rng, step=-1.5), *WINDOWS, [river(rng)], parameter="TP")
    assert one.verdict == SHOWN
    assert any("1 controls do not tell" in note for note in one.notes)
    many = loads.effect(river(rng, step=-1.5), *WINDOWS, [river(rng) for _ in range(4)], parameter="TP")
    assert many.high - many.low < one.high - one.low
    with pytest.raises(ArgumentError, match="no control"):
        loads.effect(river(rng), *WINDOWS, [], parameter="TP")
    nothing = river(rng) - river(rng)
    with pytest.raises(ArgumentError, match="above zero"):
        loads.effect(nothing, *WINDOWS, [river(rng)], parameter="TP")


def test_short_sides_are_not_decidable():
    rng = np.random.default_rng(4)
    windows = (("2012-01-01", START), (START, "2014-01-01"))
    short = [river(rng, step=s) for s in (-1.0, 0, 0, 0)]
    cut = [
        loads.LoadDraws(r.month[48:72], r.tonnes[:, 48:72], r.best[48:72], r.method, r.notes) for r in short
    ]
    found = loads.effect(cut[0], *windows, cut[1:], parameter="TP")
    assert found.verdict == UNDECIDED
    assert np.isnan(found.adjusted_percent)


def test_flow_normalised_rivers_carry_a_fall_through(made_record):
    """Six-year records with a wall at the start: what was put in comes out, with the weather taken out."""
    before, after = ("2008-01-01", "2011-01-01"), ("2011-01-01", "2014-01-01")
    made = []
    for seed, part in ((21, 0.4), (22, 1.0), (23, 1.0), (24, 1.0)):
        samples, flow, _ = made_record(seed, every=6)
        late = samples["time"] >= after[0]
        samples = samples.assign(value=samples["value"] * np.where(late, part, 1.0))
        fit = loads.wrtds(samples, flow, wall=after[0], min_samples=60, min_uncensored=40)
        made.append(fit.bootstrap(40, rng=seed).loads_fn)
    found = loads.effect(made[0], before, after, made[1:], parameter="TP", unit="Jia")
    assert found.low < -60 < found.high
    assert found.verdict == SHOWN


def test_a_fall_is_held_against_what_plants_were_announced_to_take_out():
    """Two plants, 3 and 2 in 10^4 m3/d, from 25 to 1.5 mg/L: 1,175 kg/d, 428.875 tonnes in 365 days."""
    removed = loads.plant_load(3, 25, 1.5) + loads.plant_load(2, 25, 1.5)
    rng = np.random.default_rng(6)
    change = river(rng, step=-0.7).change(*WINDOWS, percent=False)
    share = loads.against_capacity(change, removed)
    assert share.value == pytest.approx(-100 * change.value / 428.875)
    assert share.low < share.value < share.high
    assert share.p_value == change.p_value
    with pytest.raises(ArgumentError, match="percent=False"):
        loads.against_capacity(river(rng).change(*WINDOWS), removed)
    with pytest.raises(ArgumentError, match="above zero"):
        loads.against_capacity(change, 0)
