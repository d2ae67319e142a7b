"""A small sample of `benchmarks/effects_size.py`: coverage, false verdicts and power by design and panel."""

import numpy as np
import pytest
from scipy import stats

from wqstudy import evaluate, simulate
from wqstudy.effects import Design, judge
from wqstudy.simulate import NEVER, district_panel

PANELS = 40
HALF = float(np.log(0.6))


def run(seed, treated, controls, **rest):
    """Whether the pooled interval holds the truth, and the pooled verdict, of every panel."""
    rng = np.random.default_rng(seed)
    held, said = [], []
    for _ in range(PANELS):
        panel = district_panel(rng, treated, controls, **rest)
        got = Design(panel.series, panel.time, panel.start).effects()
        starts = panel.start[panel.start < NEVER]
        true = np.mean([panel.effect[g, panel.time >= s].mean() for g, s in enumerate(starts)])
        held.append(got.low[-1] <= true <= got.high[-1])
        ends = (got.value, got.low, got.high, got.adjusted)
        said.append(judge(*(end[-1] for end in ends)).said)
    return np.array(held), np.array(said)


def most(rate):
    """Counts above this happen by chance once in a thousand runs where the rate holds."""
    return stats.binom.ppf(0.999, PANELS, rate)


@pytest.mark.parametrize("design", [(6, 6), (4, 2), (3, 3), (2, 4), (1, 5)])
@pytest.mark.parametrize("kind", [{"trend": 0.03}, {"phi": 0.85}, {"basin": 0.3}])
def test_without_effect_intervals_hold_and_nothing_is_shown(design, kind):
    """Bars of 7 % missed and 2.5 % shown, each broken once in a thousand runs that meet it."""
    held, said = run(1, *design, **kind)
    assert (~held).sum() <= most(0.07)
    assert (said == "effect shown").sum() <= most(0.025)


@pytest.mark.parametrize("shape", ["step", "ramp", "transient"])
def test_staggered_effects_are_covered(shape):
    held, said = run(2, 4, 2, starts=[30, 38, 46, 54], effect=HALF, shape=shape)
    assert (~held).sum() <= most(0.07)
    if shape == "step":  # the mean of the other two is no reduction of 20 % everywhere
        assert (said == "no effect beyond controls").sum() <= most(0.03)


def test_a_reduction_of_forty_per_cent_is_found():
    """Power at 6 + 6 is .98: fewer than 34 of 40 happens once in ten thousand runs."""
    _, said = run(3, 6, 6, effect=HALF)
    assert (said == "effect shown").sum() >= 34


@pytest.mark.parametrize("seed", [1, 7])
def test_other_studies_of_the_demonstration_s_kind(seed):
    """Nothing is shown where there is nothing; an effect that fades lies lowest in its first year."""
    study = simulate.study(seed)
    told = evaluate(study)
    both = told.table().merge(study.truth, on=["district", "parameter"], suffixes=("", "_true"))
    none = both[both["effect_percent_true"] == 0]
    assert len(none) == 3
    assert not (none["verdict"] == "effect shown").any()
    assert both["effect_percent_true"].between(both["low"], both["high"]).sum() >= 10
    for row in told:
        if row.unit == "丙":
            assert row.months[0][1].value < row.months[-1][1].value
