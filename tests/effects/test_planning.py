"""Plans of sampling: what a design would find, held against what it finds."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import ArgumentError, words
from wqstudy.effects import Variability, detectable, evaluate, plan, plan_sentence, variability
from wqstudy.effects.estimates import Design
from wqstudy.simulate.panels import NEVER, remembering

NOISE = Variability(district_sd=0.3, phi=0.5, section_sd=0.4, common_sd=0.2, common_phi=0.3)


def test_many_panels_at_once_are_the_panels_one_by_one():
    """Estimates are the same; widths differ by the grid that a panel's own size picks, on average little."""
    rng = np.random.default_rng(0)
    y = 0.3 * remembering(rng, 0.6, (20, 5, 60)) + 0.1 * rng.standard_normal((20, 5, 60))
    time, start = np.arange(60), np.where(np.arange(5) < 2, 30, NEVER)
    value, high, adjusted = Design(y, time, start).one_by_one()
    told = [Design(panel[None], time, start).effects() for panel in y]
    assert value == pytest.approx([one.value[-1] for one in told], abs=1e-12)
    assert adjusted == pytest.approx([one.adjusted[-1] for one in told], abs=1e-12)
    width = high - value
    assert (width / np.array([one.high[-1] - one.value[-1] for one in told])).mean() == pytest.approx(
        1, abs=0.02
    )


def test_more_of_everything_finds_more():
    table = plan(NOISE, 0.4, sections=[1, 12], months=[18, 48], controls=[0, 4], runs=300)
    assert len(table) == 8
    by = table.set_index(["sections", "side_months", "controls"])["power"]
    assert (by.xs(48, level="side_months") > by.xs(18, level="side_months")).all()
    assert (by.xs(12, level="sections") > by.xs(1, level="sections") - 0.03).all()
    assert table["visits"].iloc[0] == 36


def test_a_plan_finds_what_it_says_it_detects():
    first = plan(NOISE, 0.4, months=36, runs=400)
    share = first["detectable_percent"][0] / 100
    again = plan(NOISE, share, months=36, runs=400)
    assert again["power"][0] == pytest.approx(0.8, abs=0.01)
    assert bool(again["enough"][0])


def test_what_is_planned_does_not_depend_on_the_other_designs():
    alone = plan(NOISE, 0.4, sections=3, months=24, runs=200)
    among = plan(NOISE, 0.4, sections=[2, 3], months=[18, 24], runs=200)
    row = among[(among["sections"] == 3) & (among["side_months"] == 24)]
    assert row["power"].item() == alone["power"].item()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sentence_names_the_cheapest_design_that_is_enough(lang):
    table = plan(Variability(0.1, 0.2, 0.1), 0.5, sections=[1, 9], months=24, runs=200)
    said = plan_sentence(table, lang)
    assert "1" in said
    assert "9" not in said
    none = plan(Variability(2.0, 0.8, 1.0), 0.05, months=24, runs=200)
    assert "5" in plan_sentence(none, lang)
    assert plan_sentence(none, lang) != said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_designs_without_controls_answer_another_question(lang):
    """Without controls a change is found with less, but no effect: neither is the best of both."""
    table = plan(Variability(0.1, 0.2, 0.1), 0.5, controls=[0, 2], months=24, runs=200)
    assert table["finds"].tolist() == ["change", "effect"]
    said = plan_sentence(table, lang)
    effect, change = (words.text(f"plan.{finds}", lang) for finds in ("effect", "change"))
    assert said.index(effect) < said.index(change)
    alone = plan_sentence(plan(Variability(0.1, 0.2, 0.1), 0.5, months=24, runs=200), lang)
    assert change in alone
    assert effect not in alone
    assert said.endswith(alone)


@pytest.fixture(scope="module")
def simulated():
    """A study made of the noise that it is asked for."""
    rng = np.random.default_rng(4)
    districts, sections, months = 12, 5, 120
    own = 0.3 * remembering(rng, 0.6, (districts, 1, months))
    common = 0.2 * remembering(rng, 0.5, (months,))
    season = 0.3 * np.cos(2 * np.pi * np.arange(months) / 12)
    y = own + common + season + 0.4 * rng.standard_normal((districts, sections, months))
    times = pd.date_range("2010-01-15", periods=months, freq="MS")
    index = pd.MultiIndex.from_product(
        [range(districts), range(sections), range(months)], names=["d", "s", "t"]
    )
    rows = pd.DataFrame({"value": np.exp(y.ravel() - 1)}, index=index).reset_index()
    station = rows["d"].map("d{:02d}".format) + rows["s"].map("-{}".format)
    samples = pd.DataFrame(
        {
            "station": station,
            "time": times[rows["t"]],
            "parameter": "TP",
            "value": rows["value"],
            "censored": "none",
        }
    )
    stations = pd.DataFrame({"station": station.unique()})
    stations["district"] = stations["station"].str[:3]
    return wq.Study(samples=samples, stations=stations)


def test_the_noise_of_a_study_is_found_again(simulated):
    """Twelve districts of ten years: sds within 15 %, correlations within .15 (their errors are near .05)."""
    noise = variability(simulated, "TP")
    assert noise.district_sd == pytest.approx(0.3, rel=0.15)
    assert noise.section_sd == pytest.approx(0.4, rel=0.05)
    assert noise.common_sd == pytest.approx(0.2, rel=0.3)
    assert noise.phi == pytest.approx(0.6, abs=0.15)


def hidden(study, districts):
    """The study with every value of some districts a non-detect."""
    own = study.samples["station"].str[:3].isin(districts)
    samples = study.samples.assign(
        value=study.samples["value"].mask(own, 0.025), censored=study.samples["censored"].mask(own, "left")
    )
    return wq.Study(samples=samples, stations=study.stations)


def test_non_detects_are_no_noise(simulated):
    """What was not seen tells nothing: left out where some districts are dark, refused where all are."""
    whole = variability(simulated, "TP")
    noise = variability(hidden(simulated, ["d00", "d01"]), "TP")
    assert noise.left_out == ("d00", "d01")
    assert noise.district_sd == pytest.approx(whole.district_sd, rel=0.1)  # of ten of the twelve
    with pytest.raises(
        ArgumentError, match=r"TP is below the limit in more than 80 % .* in d00, d01, .*planned"
    ):
        variability(hidden(simulated, simulated.stations["district"].unique()), "TP")


def test_values_that_do_not_vary_are_no_ground_for_a_plan(simulated):
    still = wq.Study(samples=simulated.samples.assign(value=1.0), stations=simulated.stations)
    with pytest.raises(ArgumentError, match=r"TP .* always the same, in d00, .*planned"):
        variability(still, "TP")


def test_of_a_finished_study():
    table = wq.compare(wq.datasets.load("demo"), parameters=["TP", "NH3N"])
    told = detectable(table)
    assert list(told) == [
        "district",
        "parameter",
        "change_percent",
        "low",
        "high",
        "mde_percent",
        "possible_percent",
    ]
    assert told["mde_percent"].between(0, 100).all()
    assert (told["possible_percent"] == np.maximum(-table["low"], 0)).all()
    assert (detectable(table, 0.95)["mde_percent"] > told["mde_percent"]).all()


def test_of_a_parameter_where_more_is_better():
    row = {
        "district": "x",
        "parameter": "DO",
        "change_percent": 0.0,
        "low": -20.0,
        "high": 25.0,
        "level": 0.95,
    }
    told = detectable(pd.DataFrame([row]))
    assert told["possible_percent"].item() == pytest.approx(25)
    assert told["mde_percent"].item() > 25


@pytest.mark.slow
def test_power_with_controls_is_that_of_evaluate():
    """One design through the whole of `evaluate`, 60 studies: binomial error .06, three of them allowed."""
    noise = Variability(0.2, 0.4, 0.3)
    predicted = plan(noise, 0.45, sections=3, months=24, controls=4, runs=400)["power"][0]
    rng = np.random.default_rng(11)
    shown = [_evaluated(rng, noise, 3, 24, 4, np.log(0.55)) for _ in range(60)]
    assert np.mean(shown) == pytest.approx(predicted, abs=0.2)


def _evaluated(rng, noise, sections, side, controls, effect):
    districts, months = controls + 1, 2 * side
    own = noise.district_sd * remembering(rng, noise.phi, (districts, 1, months))
    own = own + noise.trend_sd * rng.standard_normal((districts, 1, 1)) * np.arange(months) / 12
    y = own + noise.section_sd * rng.standard_normal((districts, sections, months))
    y[0, :, side:] += effect
    times = pd.date_range("2010-01-15", periods=months, freq="MS")
    d, s, t = (a.ravel() for a in np.indices(y.shape))
    station = pd.Series(d).map("d{}".format) + pd.Series(s).map("-{}".format)
    samples = pd.DataFrame(
        {
            "station": station,
            "time": times[t],
            "parameter": "TP",
            "value": np.exp(y.ravel()),
            "censored": "none",
        }
    )
    stations = pd.DataFrame({"station": station.unique()})
    stations["district"] = stations["station"].str[:2]
    measures = pd.DataFrame(
        {"district": ["d0"], "start": [times[side].replace(day=1)], "measure": ["dredging"]}
    )
    study = wq.Study(samples=samples, stations=stations, measures=measures)
    return evaluate(study).rows[0].verdict == "effect shown"


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({"reduction": 30}, "reduction"),
        ({"power": 1.0}, "power"),
        ({"level": 95}, "level"),
        ({"sections": 0}, "sections"),
        ({"controls": -1}, "controls"),
        ({"months": 4}, "months"),
        ({"months": 12, "every": 3}, "months"),
        ({"treated": 0}, "treated"),
        ({"runs": 3}, "runs"),
    ],
)
def test_what_cannot_be_planned_is_refused(asked, argument):
    with pytest.raises(ArgumentError) as caught:
        plan(NOISE, **({"reduction": 0.3} | asked))
    assert caught.value.argument == argument
    with pytest.raises(ArgumentError):
        Variability(0.3, 1.0, 0.2)
