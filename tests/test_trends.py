"""Trends by unit: known slopes, error rates, rank tests beside them, bad questions."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import stats
from wqstudy.errors import ArgumentError

SEASON = 0.5


def line(slope: float, noise: float = 0.0, seed: int = 0):
    """Log values of a station: a season, a slope a year, and white noise."""
    rng = np.random.default_rng(seed)
    shocks = {}

    def log(station: str, month: int) -> float:
        shock = shocks.setdefault((station, month), rng.standard_normal())
        return -2 + SEASON * np.sin(month * np.pi / 6) + slope * month / 12 + noise * shock

    return log


@pytest.fixture
def falling(make_study):
    return make_study({"a1": "A", "a2": "A", "b1": "B"}, line(-0.1, 0.2))


def test_a_record_that_never_varies_has_no_trend(make_study):
    row = wq.trend(make_study({"a1": "A", "a2": "A"}, lambda s, _m: float(s == "a2"))).iloc[0]
    assert np.isnan(row["percent_per_year"])
    assert (row["calibrated"], row["notes"]) == (False, "the values never vary, as copied ones do")


def test_a_slope_without_noise_is_found_exactly(make_study):
    study = make_study({"a1": "A"}, line(np.log(0.9), 1e-9))
    row = wq.trend(study).iloc[0]
    assert row["percent_per_year"] == pytest.approx(-10, abs=1e-5)
    assert row["sen_percent"] == pytest.approx(-10, abs=1e-5)
    assert row["tau"] == -1
    assert row["p_value"] < 1e-6
    assert row["direction"] == "virtually certain"


def test_a_row_for_every_unit_and_parameter(falling):
    table = wq.trend(falling, parameters=["TP", "NH3N"])
    assert table[["district", "parameter"]].to_numpy().tolist() == [
        ["A", "TP"],
        ["A", "NH3N"],
        ["B", "TP"],
        ["B", "NH3N"],
    ]
    held = table[table["parameter"] == "TP"]
    assert held["n_samples"].tolist() == [144, 72]
    assert held["months"].tolist() == [72, 72]
    assert held[["start", "end"]].to_numpy().tolist() == [["2016-01", "2021-12"]] * 2
    assert (held["low"] < 100 * np.expm1(-0.1)).all()
    assert (held["high"] > 100 * np.expm1(-0.1)).all()
    empty = table[table["parameter"] == "NH3N"]
    assert empty["notes"].tolist() == ["no samples"] * 2
    assert empty["p_value"].isna().all()


def test_the_rank_test_is_that_of_the_same_series(make_study):
    study = make_study({"a1": "A"}, line(-0.03, 0.3, seed=4))
    row = wq.trend(study, by="station").iloc[0]
    months = np.arange(72)
    logs = np.log(study.samples.sort_values("time")["value"].to_numpy())
    alone = stats.seasonal_kendall(logs, 2016.0 + months // 12, months % 12)
    assert row["rank_p_value"] == pytest.approx(alone.p_value, rel=1e-9)
    assert row["sen_percent"] == pytest.approx(100 * np.expm1(alone.slope), rel=1e-6)
    assert row["tau"] == pytest.approx(alone.tau)


def test_seasons_hang_together_in_long_records(make_study):
    study = make_study({"a1": "A"}, line(-0.03, 0.3, seed=4), months=144)
    row = wq.trend(study).iloc[0]
    months = np.arange(144)
    logs = np.log(study.samples.sort_values("time")["value"].to_numpy())
    alone = stats.seasonal_kendall(logs, 2016.0 + months // 12, months % 12, covariance=True)
    assert row["rank_p_value"] == pytest.approx(alone.p_value, rel=1e-9)


def test_non_detects_carry_their_doubt(make_study):
    study = make_study({"a1": "A"}, line(-0.1, 0.3, seed=1), months=96)
    limit = study.samples["value"].median()
    samples = study.samples.assign(
        censored=np.where(study.samples["value"] < limit, "left", "none"),
        value=study.samples["value"].clip(lower=limit),
    )
    hidden = wq.trend(wq.Study(samples, study.stations)).iloc[0]
    seen = wq.trend(study).iloc[0]
    assert hidden["censored_share"] == pytest.approx(0.5, abs=0.02)
    assert hidden["method"] == "averaged-trend+augmentation"
    assert hidden["low"] < 100 * np.expm1(-0.1) < hidden["high"]
    assert hidden["high"] - hidden["low"] > seen["high"] - seen["low"]
    assert wq.trend(wq.Study(samples, study.stations)).iloc[0].to_dict() == hidden.to_dict(), "seeded"


@pytest.mark.parametrize(
    ("months", "words"), [(20, "20 months with samples, 24 are needed"), (30, "30 months: below 36")]
)
def test_short_records_say_so(make_study, months, words):
    row = wq.trend(make_study({"a1": "A"}, line(-0.1, 0.2), months=months)).iloc[0]
    assert words in row["notes"]
    assert np.isnan(row["p_value"]) == (months < 24)


def test_too_many_non_detects_are_not_estimated(make_study):
    study = make_study({"a1": "A"}, line(-0.1, 0.2))
    samples = study.samples.assign(censored=["left"] * 65 + ["none"] * 7)
    row = wq.trend(wq.Study(samples, study.stations)).iloc[0]
    assert np.isnan(row["percent_per_year"])
    assert row["notes"].startswith("90 % non-detects")


def test_a_span_can_be_chosen(falling):
    row = wq.trend(falling, start="2018-01-01", end="2021-01-01").iloc[0]
    assert (row["start"], row["end"], row["months"]) == ("2018-01", "2020-12", 36)
    assert wq.trend(falling, start=2018).iloc[0]["start"] == "2018-01"


def test_nothing_changes_is_said_in_as_many_cases_as_promised(make_study):
    """White noise, 300 stations of 6 years: the test may be careful, and must not cry wolf."""
    names = {f"s{number}": "A" for number in range(300)}
    table = wq.trend(make_study(names, line(0.0, 0.4, seed=9)), by="station")
    # At 5 %, 300 tests reject 15 +- 3.8; more than 7 % allowed plus two standard errors would be 31.
    assert (table["p_value"] < 0.05).sum() <= 31
    assert (table["rank_p_value"] < 0.05).sum() <= 31
    assert table["q_value"].min() > 0.05


def test_sentences(falling):
    table = wq.trend(falling)
    said = wq.words.sentences(table, {"A": "Jia"})
    assert said[0].startswith("Total phosphorus in Jia falls by ")
    assert wq.words.sentences(table, {}, "zh")[0].startswith("A总磷每年下降")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"by": "zone"}, "the stations table has no column 'zone'"),
        ({"parameters": ["PH"]}, "a percentage change of PH means nothing"),
        ({"level": 0.2}, "0.2 is not a confidence level"),
        ({"start": "spring"}, "'spring' is not a day"),
        ({"start": "2050-01-01"}, "no sample of these parameters lies in the span"),
        ({"adjust": "holm"}, "'holm' is not known"),
    ],
)
def test_questions_that_cannot_be_asked(falling, how, words):
    with pytest.raises(ArgumentError, match=words):
        wq.trend(falling, **how)


def test_the_command_says_and_writes(run, tmp_path, falling):
    folder = falling.to_folder(tmp_path / "study")
    out = tmp_path / "trends.csv"
    code, said, err = run("trend", folder, "--by", "station", "--parameter", "TP", "--out", out)
    assert (code, err) == (0, [])
    assert said[0].startswith("Total phosphorus in a1 falls by ")
    assert said[-1] == f"{out}: 3 rows"
    assert pd.read_csv(out)["parameter"].tolist() == ["TP"] * 3
