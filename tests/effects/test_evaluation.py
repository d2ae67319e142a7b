"""From a study to verdicts: the demonstration, other studies, studies that allow none."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import ArgumentError, Study, simulate, words
from wqstudy.effects import VERDICTS, evaluate, judge
from wqstudy.effects.statement import COLUMNS

ASKED = [
    "district",
    "parameter",
    "design",
    "effect_percent",
    "low",
    "high",
    "level",
    "p_value",
    "p_floor",
    "q_value",
    "mde_percent",
    "verdict",
    "sentence_en",
    "sentence_zh",
]


@pytest.fixture(scope="module")
def told():
    return evaluate(wq.datasets.load("demo"))


def test_one_row_a_treated_district_and_parameter(told):
    table = told.table()
    assert list(table)[: len(ASKED)] == ASKED
    assert list(table)[1 : 1 + len(COLUMNS)] == list(COLUMNS)
    assert table["district"].tolist() == [d for d in "甲乙丙丁" for _ in range(3)]
    assert set(table["verdict"]) <= set(VERDICTS)
    assert (table["design"] == "baci 4+2, staggered").all()
    assert (table["p_floor"] == 1 / 3).all()
    assert (table["q_value"] >= table["p_value"]).all()


def test_verdicts_of_the_demonstration_agree_with_its_truth(told):
    """Nothing is shown in the district without effect; the truth lies in every interval but one in twenty."""
    truth = wq.datasets.load("demo").truth
    both = told.table().merge(truth, on=["district", "parameter"], suffixes=("", "_true"))
    none = both.loc[both["effect_percent_true"] == 0, "verdict"]
    assert len(none) == 3
    assert set(none) <= {"no effect beyond controls", "not decidable"}
    inside = both["effect_percent_true"].between(both["low"], both["high"])
    assert inside.sum() >= 11
    jia = both[(both["district"] == "甲") & (both["parameter"] == "NH3N")]
    assert jia["verdict"].item() == "effect shown"


def test_a_transient_effect_is_told_by_its_months(told):
    """A halving every six months: the first year lies lowest for every parameter; it is said of two."""
    rows = [row for row in told if row.unit == "丙"]
    for row in rows:
        early, late = row.months[0][1], row.months[-1][1]
        assert early.value < late.value
    assert sum(row.fades for row in rows) >= 2
    assert "faded" in next(row for row in rows if row.fades).sentence_en
    assert not any(row.fades for row in told if row.unit != "丙")


def test_the_mean_of_the_treated(told):
    pooled = told.pooled_table()
    assert pooled["parameter"].tolist() == ["NH3N", "TP", "CODMn"]
    for row in told.pooled:
        own = [np.log1p(r.effect_percent / 100) for r in told if r.parameter == row.parameter]
        assert np.log1p(row.effect_percent / 100) == pytest.approx(np.mean(own), abs=1e-9)
        assert row.similar.estimable
    forest = told.forest()
    assert len(forest) == 15
    assert (forest["district"] == "").sum() == 3
    months = told.months()
    assert months["months"].unique().tolist() == ["0-11", "12-23", "24+"]


def test_sentences_name_what_they_speak_of(told):
    for row in told:
        assert row.sentence_en.endswith((".", "third."))
        assert row.sentence_zh.endswith("。")
        assert row.unit in row.sentence_zh
        assert "nan" not in row.sentence_en + row.sentence_zh
    assert "assumed" in str(told.rows[0])
    assert told.rows[0].to_dict()["unit"] == "甲"


def test_parameters_do_not_depend_on_one_another(told):
    alone = evaluate(wq.datasets.load("demo"), parameters=["TP"]).table()
    both = told.table().query("parameter == 'TP'").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.drop(columns="q_value"), both.drop(columns="q_value"))


def test_wider_priors_widen_the_interval():
    study = simulate.study(3)
    narrow = evaluate(study, parameters=["CODMn"], trend_sd=0.01, drift_sd=0.005).table()
    wide = evaluate(study, parameters=["CODMn"], trend_sd=0.1, drift_sd=0.05).table()
    assert ((wide["high"] - wide["low"]) > (narrow["high"] - narrow["low"])).all()


def small(seed=5, **rest):
    effects = {"甲": simulate.Effect("2018-01-01", {"TP": -50.0})}
    return simulate.study(seed, ["甲", "乙", "丙"], effects, stations=4, months=60, **rest)


def test_without_controls_nothing_is_decided():
    effects = {"甲": simulate.Effect("2018-01-01", {"TP": -50.0})}
    got = evaluate(simulate.study(1, ["甲"], effects), parameters=["TP"])
    row = got.rows[0]
    assert row.verdict == "not decidable"
    assert not row.estimable
    assert row.sentence_en == "Total phosphorus in Jia: not decidable (no control to hold it against)."


def test_mostly_below_the_limit_only_shares_are_compared():
    study = small(level={"TP": 0.012})
    row = evaluate(study, parameters=["TP"]).rows[0]
    assert row.verdict == "not decidable"
    assert "only the share of detects is compared" in row.sentence_en
    assert row.n_censored > 0.5 * row.n


def constant(study, *units):
    """The study with one value throughout in some districts."""
    own = study.samples["station"].map(study.unit_of("district")).isin(units)
    samples = study.samples.assign(
        value=study.samples["value"].mask(own, 1.0), censored=study.samples["censored"].mask(own, "none")
    )
    return Study(samples, study.stations, study.measures)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_constant_records_decide_nothing(lang):
    effects = {name: simulate.Effect("2018-01-01", {"TP": -50.0}) for name in "甲乙"}
    study = simulate.study(5, [*"甲乙丙丁"], effects, stations=2, months=60)
    told = evaluate(constant(study, "甲", "丁"), parameters=["TP"], lang=lang)
    row, other = told.rows
    assert (row.verdict, row.estimable, other.estimable) == ("not decidable", False, True)
    assert words.text("note.constant", lang) in getattr(row, f"sentence_{lang}")
    assert (
        words.text("effect.constant_control", lang, unit=study.labels("district", lang)["丁"]) in other.notes
    )
    every = evaluate(constant(study, *"甲乙丙丁"), parameters=["TP"])
    assert not any(row.estimable for row in (*every.rows, *every.pooled))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_units_of_one_district_are_no_independent_cases(lang):
    """Four districts of two stations: by station, p is no smaller than four districts allow."""
    effects = {name: simulate.Effect("2018-01-01", {"TP": -50.0}) for name in "甲乙"}
    study = simulate.study(5, [*"甲乙丙丁"], effects, stations=2, months=60)
    asked = {"parameters": ["TP"], "lang": lang}
    whole, parts = (evaluate(study, by, **asked) for by in ("district", "station"))
    assert whole.shared == ""
    assert parts.shared == words.text("effect.shared_measure", lang, n=8, districts=4)
    assert all(parts.shared in row.notes for row in parts.rows)
    assert parts.shared in parts.pooled[0].assumptions
    assert [row.p_floor for row in parts.rows] == [whole.rows[0].p_floor] * 4 == [1 / 3] * 4
    assert parts.pooled[0].p_floor == whole.pooled[0].p_floor == 1 / 3  # two of four, and the mirror image


def test_notes_write_units_in_their_language():
    study = small(level={"TP": 0.05})
    dark = study.samples["station"].str.startswith("乙")
    samples = study.samples.assign(
        value=study.samples["value"].mask(dark, 0.01), censored=study.samples["censored"].mask(dark, "left")
    )
    row = evaluate(Study(samples, study.stations, study.measures), parameters=["TP"], lang="en").rows[0]
    assert "control Yi is mostly below the limit and left out" in row.notes


def test_many_non_detects_do_not_invent_an_effect():
    """The national decline hides more and more of what is cleaner at the start; treatment does nothing."""
    effects = {"甲": simulate.Effect("2018-07-01", {})}
    study = simulate.study(8, ["甲", "乙", "丙", "丁"], effects, level={"TP": 0.02}, background={"TP": -15.0})
    samples = study.samples
    assert (samples.loc[samples["parameter"] == "TP", "censored"] == "left").mean() > 0.25
    row = evaluate(study, parameters=["TP"]).rows[0]
    assert row.verdict != "effect shown"
    assert row.low < 0 < row.high


def test_a_start_within_a_month_leaves_that_month_out():
    study = small()
    measures = study.measures.assign(start=pd.Timestamp("2018-01-15"))
    row = evaluate(Study(study.samples, study.stations, measures), parameters=["TP"]).rows[0]
    assert any("month in which treatment began" in note for note in row.notes)


def test_oxygen_improves_when_it_rises():
    study = small()
    samples = study.samples.copy()
    late = samples["station"].str.startswith("甲") & (samples["time"] >= "2018-01-01")
    samples.loc[late & (samples["parameter"] == "DO"), "value"] *= 1.6
    row = evaluate(Study(samples, study.stations, study.measures), parameters=["DO"]).rows[0]
    assert row.verdict == "effect shown"
    assert row.effect_percent > 30


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"level": 1.5}, "level"),
        ({"reduction": 2.0}, "reduction"),
        ({"trend_sd": -1.0}, "trend_sd"),
        ({"parameters": ["PH"]}, "parameters"),
        ({"adjust": "all"}, "adjust"),
    ],
)
def test_bad_arguments_are_named(given, argument):
    with pytest.raises(ArgumentError, match=argument):
        evaluate(small(), **{"parameters": ["TP"]} | given)


def test_without_a_start_it_says_so():
    study = small()
    with pytest.raises(ArgumentError, match="no district has a start"):
        evaluate(Study(study.samples, study.stations))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((-0.5, -0.8, -0.2, -0.4), "effect shown"),
        ((-0.5, -0.8, -0.2, -0.2), "not decidable"),
        ((-0.5, -0.8, -0.2, 0.4), "not decidable"),
        ((-0.5, -0.8, -0.2, np.nan), "not decidable"),
        ((0.5, 0.2, 0.8, 0.4), "worse than controls"),
        ((0.0, -0.22, 0.22, 0.0), "no effect beyond controls"),
        ((0.0, -0.23, 0.23, 0.0), "not decidable"),
        ((np.nan, np.nan, np.nan, np.nan), "not decidable"),
    ],
)
def test_the_rule_of_verdicts(numbers, said):
    assert judge(*numbers).said == said
