"""Claims held against studies of which every value is known, and tables of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wqstudy import (
    ArgumentError,
    SchemaError,
    check_claim,
    check_claims,
    check_rate,
    compare,
    datasets,
    words,
)
from wqstudy.effects import BACKGROUND_VERDICTS, CLAIM_VERDICTS, ClaimCheck
from wqstudy.effects.claim_table import COLUMNS
from wqstudy.readers.study_tables import read_study_table

PUBLISHED = Path(__file__).parents[2] / "data" / "claims.csv"
WINDOWS = {"before": ("2016-01-01", "2019-01-01"), "after": ("2019-01-01", "2022-01-01")}


@pytest.fixture(scope="module")
def halved(make_halved):
    """甲 fell by half after three years, the controls 乙 by a tenth; noise of a few per cent."""
    return make_halved()


@pytest.fixture(scope="module")
def make_halved():
    from wqstudy import Study

    def make(**rest):
        rng = np.random.default_rng(3)
        calendar = pd.date_range("2016-01-01", periods=72, freq="MS") + pd.Timedelta(days=9)
        late = np.arange(72) >= 36
        parts = [
            pd.DataFrame(
                {
                    "station": station,
                    "time": calendar,
                    "parameter": "TP",
                    "value": 0.2 * np.exp(np.log(ratio) * late + 0.04 * rng.standard_normal(72)),
                }
            )
            for station, ratio in (("甲1", 0.5), ("甲2", 0.5), ("乙1", 0.9), ("乙2", 0.9))
        ]
        stations = pd.DataFrame({"station": ["甲1", "甲2", "乙1", "乙2"], "district": [*"甲甲乙乙"]})
        stations["group"] = ["treated", "treated", "control", "control"]
        measures = pd.DataFrame({"district": ["甲"], "measure": ["清淤"], "start": ["2019-01-01"]})
        return Study(pd.concat(parts, ignore_index=True), stations, measures, **rest)

    return make


@pytest.mark.parametrize(
    ("announced", "verdict", "background"),
    [
        ("-50%", "supported", "beyond background"),
        ("约50%", "supported", "beyond background"),
        ("halved", "supported", "beyond background"),
        ("下降一半", "supported", "beyond background"),
        ("0.20 → 0.10 mg/L", "supported", "beyond background"),
        ("-0.1 mg/L", "supported", "beyond background"),
        ("-100 ug/L", "supported", "beyond background"),
        ("-80 %", "overstated", "beyond background"),
        ("-20 %", "understated", "not decidable"),
        ("-2 %", "understated", "not beyond background"),
        ("+10 %", "contradicted", "beyond background"),
        ("0 %", "contradicted", "not beyond background"),
    ],
)
def test_a_known_change(halved, announced, verdict, background):
    told = check_claim(halved, parameter="总磷", district="甲", announced=announced)
    assert told.calibrated
    assert told.low < -50 < told.high
    assert told.verdict == verdict
    controls = told.backgrounds[0]
    assert controls.source == "controls"
    assert controls.low < -10 < controls.high
    if background != "not decidable":  # where the interval of the controls may hold the figure, width decides
        assert told.beyond_background == background


def test_the_change_is_the_comparisons_own(demo):
    """Also the draws for non-detects, so that nobody finds two numbers for one thing."""
    table = compare(demo, parameters=["NH3N"]).set_index("district")
    told = check_claim(demo, parameter="NH3N", district="甲", announced="-23%")
    row = table.loc["甲"]
    assert (told.change_percent, told.low, told.high) == (row["change_percent"], row["low"], row["high"])


def test_windows_given_go_before_the_units_own(halved):
    told = check_claim(halved, parameter="TP", district="甲", announced="-50%", **WINDOWS)
    own = check_claim(halved, parameter="TP", district="甲", announced="-50%")
    assert (told.low, told.high) == (own.low, own.high)
    short = {"before": ("2016-01-01", "2017-01-01"), "after": ("2017-01-01", "2018-01-01")}
    early = check_claim(halved, parameter="TP", district="甲", announced="-50%", **short)
    # Twice twelve months are no calibrated ground: nothing is decided, and it says why.
    assert (early.verdict, early.calibrated) == ("not decidable", False)
    assert "beyond where the test is calibrated" in early.reason


def test_the_national_background_is_for_real_studies(make_halved):
    real = check_claim(make_halved(), parameter="TP", district="甲", announced="-23%")
    assert [one.source for one in real.backgrounds] == ["controls", "national"]
    made = check_claim(make_halved(simulated=True), parameter="TP", district="甲", announced="-23%")
    assert [one.source for one in made.backgrounds] == ["controls"]
    given = check_claim(make_halved(), parameter="TP", district="甲", announced="-23%", background="-20%")
    assert [one.source for one in given.backgrounds] == ["controls", "given"]
    # Three years at -20 % a year are -48.8 %.
    assert given.backgrounds[1].change_percent == pytest.approx(-48.8, abs=0.1)
    assert given.backgrounds[1].verdict == "not beyond background"


@pytest.mark.parametrize(
    ("lang", "within", "outside", "rise"),
    [
        (
            "en",
            "the country's sections changed by −27.3 %: the announced figure is not beyond this background.",
            "(the years beyond 2012 to 2020 at the same rate a year): the announced figure is beyond this",
            ": the rise is overstated;",
        ),
        (
            "zh",
            "同期全国可比断面变化−27.3%：公布数值未超出这一背景变化。",
            "（2012—2020年以外按相同年变化率外推）：公布数值超出这一背景变化。",
            "：升幅高估；",
        ),
    ],
)
def test_the_sentence_says_what_is_held_against_the_background(make_halved, lang, within, outside, rise):
    """A fall to .9 announced as -23 %: the figure announced is held against the country's.

    TP at 839 sections fell by 48.2 % in eight years: by 27.3 % in 3.88, by 21.9 % in three.
    """

    def said(announced, **spans):
        told = check_claim(make_halved(), parameter="TP", district="乙", announced=announced, **spans)
        return getattr(told, f"sentence_{lang}")

    inside = {"before": ("2015-01-01", "2017-01-01"), "after": ("2018-10-01", "2020-12-31")}
    assert within in said("-23%", **inside)
    assert "−21.9" in said("-23%")
    assert outside in said("-23%")
    # Of six seasons of a year each side, the interval holds small rises.
    assert rise in said("+40 %", **inside)


def test_without_a_study_the_background_alone_speaks():
    """The brief case: -23 % of ammonia in two years is less than the country's 30 %."""
    spans = {"before": ("2015-01-01", "2016-01-01"), "after": ("2017-01-01", "2018-01-01")}
    told = check_claim(None, parameter="NH3N", announced="-23%", district="某区", **spans)
    assert (told.verdict, told.beyond_background) == ("not decidable", "not beyond background")
    assert "no record of the water" in told.sentence_en
    assert "某区氨氮" in told.sentence_zh
    assert check_claim(None, parameter="NH3N", announced="-23%").beyond_background == ""


def test_what_a_check_says(halved):
    told = check_claim(halved, parameter="TP", district="甲", announced="two thirds", lang="zh")
    assert isinstance(told, ClaimCheck)
    assert told.notes[0].startswith("公布数值未说明升降")
    assert str(told).splitlines()[0] == told.sentence_en
    assert told._repr_html_().startswith("<p><b>Total phosphorus in 甲")
    kept = json.loads(json.dumps(told.to_dict()))
    assert kept["backgrounds"][0]["source"] == "controls"
    assert told.sentence_en.endswith(".")
    assert told.sentence_zh.endswith("。")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"announced": "a lot"}, "argument announced: 'a lot' is not a figure"),
        ({"announced": "-3 km"}, "not a change of concentration"),
        ({"announced": "-130 %"}, "leaves less than nothing"),
        ({"announced": "130 %"}, "leaves less than nothing"),
        ({"announced": "-23"}, "not a change of concentration"),
        ({"district": "丙"}, "'丙' is no district of the study. Valid: 甲, 乙"),
        ({"district": None}, "no unit is named. Valid: 甲, 乙"),
        ({"parameter": "PH"}, "a percentage change of PH means nothing"),
        ({"parameter": "NH3N"}, "甲 has no samples of NH3N"),
        ({"parameter": "gold"}, "gold"),
        ({"before": ("2016", "2017")}, "one window is given and the other is not"),
        ({"tolerance": 1}, "1 is not a tolerance"),
        ({"background": "fast"}, "argument background: 'fast' is not a figure"),
        ({"by": "moon"}, "no column 'moon'"),
        ({"lang": "fr"}, "'fr' is not a language"),
    ],
)
def test_bad_calls(halved, call, message):
    how = {"parameter": "TP", "district": "甲", "announced": "-23%"} | call
    with pytest.raises(ArgumentError, match=message):
        check_claim(halved, **how)


def test_an_amount_needs_a_level_before():
    with pytest.raises(ArgumentError, match="no level before is known"):
        check_claim(None, parameter="TP", announced="-0.1 mg/L")


# ---------------------------------------------------------------- tables of claims


@pytest.fixture(scope="module")
def published():
    return read_study_table(PUBLISHED, "claims")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_published_claim_has_a_verdict_or_the_reason_for_none(published, lang):
    told = check_claims(None, published, lang=lang)
    assert list(told) == list(COLUMNS)
    assert told["claim"].tolist() == published["claim"].tolist()
    assert len(told) == 30
    assert told["verdict"].isin(CLAIM_VERDICTS).all()
    undecided = told["verdict"] == "not decidable"
    assert (told["reason"] != "").tolist() == undecided.tolist()
    assert told["sentence_en"].str.endswith(".").all()
    assert told["sentence_zh"].str.endswith("。").all()


def test_what_arithmetic_says_of_published_claims():
    told = check_claims(None, PUBLISHED).set_index("claim")
    rates = ["guangming-response", "guangming-handling", "guangming-selfcheck"]
    assert told.index[told["verdict"] == "supported"].tolist() == rates
    assert "5030 to 5032" in told.loc["guangming-network-total", "sentence_en"]
    assert "agree" in told.loc["guangming-blackodour", "sentence_en"]
    assert "not legible" in told.loc["longwan-ammonia", "reason"]
    assert "99.97 % can be a share of 2858 cases at the least" in told.loc["guangming-response", "notes"]


def test_claims_of_a_study(halved):
    claims = pd.DataFrame(
        {
            "claim": ["a", "b", "c", "d", "e", "f", "g", "h"],
            "kind": ["concentration"] * 6 + ["arithmetic", "deadline"],
            "district": ["甲", "甲", "丙", "甲", "甲", "乙", None, None],
            "parameter": ["总磷", "TP", "TP", "TP", None, "TP", None, None],
            "announced": ["-50%", None, "-50%", "much", "-50%", "-50 %", "+18 km", None],
            "before": [None, "0.20 mg/L", None, None, None, None, "42 km", None],
            "after": [None, "0.10 mg/L", None, None, None, None, "62 km", None],
        }
    )
    told = check_claims(halved, claims).set_index("claim")
    assert told["verdict"].tolist() == [
        "supported",
        "supported",
        *["not decidable"] * 3,
        "overstated",
        "contradicted",
        "not decidable",
    ]
    assert told["announced"].tolist()[:2] == ["-50%", "0.20 mg/L → 0.10 mg/L"]
    assert "'丙' is no district" in told.loc["c", "reason"]
    assert "'much' is not a figure" in told.loc["d", "reason"]
    assert told.loc["e", "reason"] == "no parameter is named"
    assert "cannot all be right" in told.loc["g", "sentence_en"]
    assert told.loc["a", "beyond_background"] in BACKGROUND_VERDICTS
    one = check_claim(halved, parameter="TP", district="甲", announced="-50%")
    assert told.loc["a", "sentence_zh"] == one.sentence_zh


def test_claims_that_cannot_be_checked_say_why_in_either_language(halved):
    columns = ["claim", "kind", "district", "parameter", "announced", "before_start", "en", "zh"]
    windows = [words.text("claim.refused_windows", one) for one in words.LANGUAGES]
    told = {
        ("甲", "TP", "much", None): ("'much' is not a figure that can be read", "“much”不是可辨认的数值"),
        ("甲", "TP", "150%", None): ("'150%' leaves less than nothing", "“150%”降幅超过100%"),
        ("丙", "TP", "-5%", None): ("'丙' is no district of the study", "“丙”不是本研究的单元（district）"),
        ("甲", "PH", "-5%", None): ("a percentage change of PH means nothing", "PH的百分比变化没有意义"),
        ("甲", "NH3N", "-5%", None): ("甲 has no samples of NH3N", "甲没有NH3N的样本"),
        ("甲", "TP", "-5%", "2016-01-01"): windows,
    }
    rows = [(str(i), "concentration", *given, *said) for i, (given, said) in enumerate(told.items())]
    rows.append(("rate", "rate", None, None, None, None, "no rate is given", "未给出比率"))
    claims = pd.DataFrame(rows, columns=columns)
    for lang in words.LANGUAGES:
        found = check_claims(halved, claims.drop(columns=["en", "zh"]), lang=lang)
        assert found["reason"].tolist() == claims[lang].tolist()
        for said, reason in zip(found[f"sentence_{lang}"], claims[lang], strict=True):
            assert reason in said
            assert "argument" not in said


def test_no_change_is_rounded_from_either_side(halved):
    told = check_claim(halved, parameter="TP", district="甲", announced="0%")
    assert (told.announced_low, told.announced_high) == (-0.5, 0.5)
    assert "(−0.5 to 0.5 % with its rounding)" in told.sentence_en
    assert not any("direction" in note for note in told.notes)


def test_what_is_left_is_a_change(halved):
    told = check_claim(halved, parameter="TP", district="甲", announced="降到原来的一半")
    assert (told.announced_low, told.announced_high, told.verdict) == (-55, -45, "supported")


def test_a_rate_announced_as_before_and_after():
    claims = pd.DataFrame(
        {"claim": ["a", "b"], "kind": "rate", "announced": ["37.66 % → 99.97 %", "99.97 %"]}
    )
    told = check_claims(None, claims)
    assert told["verdict"].tolist() == ["supported", "not decidable"]
    assert told["sentence_en"][0] == check_rate("37.66 % → 99.97 %").sentence_en
    assert told["reason"][1] == words.text("claim.reason_one_rate")


def test_the_demonstrations_claims_show_every_verdict(demo):
    told = check_claims(demo)
    assert set(told["verdict"]) == set(CLAIM_VERDICTS)
    truth = demo.truth.set_index(["district", "parameter"])["change_percent"]
    for row in told[told["kind"] == "concentration"].itertuples():
        true = truth[row.district, row.parameter]
        assert row.low <= true <= row.high


def test_no_claims(halved):
    with pytest.raises(ArgumentError, match="there are no claims"):
        check_claims(halved)
    with pytest.raises(ArgumentError, match="there are no claims"):
        check_claims(None)
    with pytest.raises(SchemaError, match="column 'kind' is missing"):
        check_claims(None, pd.DataFrame({"claim": ["a"]}))
    assert list(check_claims(None, pd.DataFrame(columns=["claim", "kind"]))) == list(COLUMNS)


def test_claims_live_in_the_study_folder(demo, tmp_path):
    assert datasets.load("demo").claims is not None
    assert (demo.to_folder(tmp_path / "demo") / "claims.csv").is_file()
