"""Simulated studies: reproducible, and the truth they carry is what was put in."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wqstudy import ArgumentError, Study, read, rules, simulate
from wqstudy.simulate import Effect

DEMO = Path(__file__).parents[1] / "data" / "demo"
TABLES = ("samples", "stations", "measures", "flow", "truth")


def truth_of(study, district, parameter):
    rows = study.truth[(study.truth["district"] == district) & (study.truth["parameter"] == parameter)]
    assert len(rows) == 1
    return rows.iloc[0]


def logs(percent):
    return np.log1p(percent / 100)


def as_percent(log):
    return 100 * np.expm1(log)


# ---------------------------------------------------------------- seeds


def test_same_seed_same_study():
    first, again, other = (simulate.study(seed, stations=2, months=48) for seed in (4, 4, 5))
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(first, table), getattr(again, table), check_exact=True)
    assert not first.samples["value"].equals(other.samples["value"])
    # The truth is what was put in: it does not depend on chance.
    pd.testing.assert_frame_equal(first.truth, other.truth)


def test_no_global_randomness():
    np.random.seed(0)  # noqa: NPY002 - it is what must not matter
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate.study(1, stations=1, months=48)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


# ---------------------------------------------------------------- the committed demonstration


@pytest.mark.parametrize("table", TABLES)
def test_the_committed_demonstration_is_what_the_seed_makes(table):
    made, held = simulate.study(), Study.from_folder(DEMO)
    got = read(DEMO / "samples.csv").samples if table == "samples" else getattr(held, table)
    # Values are rounded when they are made: across machines they agree to the letter, or data/demo is stale.
    pd.testing.assert_frame_equal(got, getattr(made, table), check_exact=True)


def test_the_settings_of_the_demonstration():
    made, held = simulate.study(), Study.from_folder(DEMO)
    for setting in ("title", "source", "language", "time_zone", "parameters", "windows"):
        assert getattr(held, setting) == getattr(made, setting), setting
    assert held.simulated
    assert str(simulate.DEMO_SEED) in held.source


def test_the_demonstration_is_small():
    assert sum(f.stat().st_size for f in DEMO.rglob("*") if f.is_file()) < 2_000_000


def test_to_folder_writes_the_truth(small, tmp_path):
    small.to_folder(tmp_path / "s")
    written = pd.read_csv(tmp_path / "s" / "truth.csv", encoding="utf-8-sig")
    assert written["change_percent"].tolist() == small.truth["change_percent"].tolist()
    assert "simulated = true" in (tmp_path / "s" / "study.toml").read_text("utf-8")


# ---------------------------------------------------------------- the truth


def strength(shape, months):
    """Share of the full effect so many months after the start, from the words of the rule file."""
    rule = rules.load("simulation")["shape"][shape]
    if months < 0:
        return 0.0
    grown = min((months + 1) / rule["ramp"], 1.0)
    return grown * 0.5 ** (max(months - rule.get("hold", np.inf), 0) / rule.get("halving", 1.0))


@pytest.mark.parametrize("district", ["甲", "乙", "丙", "丁", "戊", "己"])
@pytest.mark.parametrize("parameter", ["NH3N", "TP", "CODMn"])
def test_truth_of_the_demonstration_recomputed(demo, district, parameter):
    """Month by month, from the rule file: background and effect over the windows, nothing else."""
    rule = rules.load("simulation")
    entry = next(d for d in rule["district"] if d["name"] == district)
    starts = sorted(
        (int(d["start"][:4]) - 2016) * 12 + int(d["start"][5:7]) - 1 for d in rule["district"] if "start" in d
    )
    months = range(rule["months"])
    background = rules.load("background")["national"]
    decline = logs(background[parameter]) / (12 * (background["to"] - background["from"]))
    if "start" in entry:
        own = (int(entry["start"][:4]) - 2016) * 12 + int(entry["start"][5:7]) - 1
        first, last = own, own
        effect = [logs(entry["percent"][parameter]) * strength(entry["shape"], m - own) for m in months]
    else:
        first, last = starts[0], starts[-1]
        effect = [0.0 for _ in months]
    total = [decline * m + effect[m] for m in months]
    change = np.mean([total[m] for m in months if m >= last]) - np.mean(
        [total[m] for m in months if m < first]
    )
    row = truth_of(demo, district, parameter)
    # Written with three decimals.
    assert row["change_percent"] == pytest.approx(as_percent(change), abs=0.00051)
    assert row["effect_percent"] == pytest.approx(
        as_percent(np.mean([effect[m] for m in months if m >= last])), abs=0.00051
    )
    assert row["peak_percent"] == pytest.approx(as_percent(min(effect)), abs=0.00051)


def test_the_district_whose_treatment_does_nothing(demo):
    rows = demo.truth[demo.truth["district"] == "乙"]
    assert (rows[["effect_percent", "peak_percent"]] == 0).all(axis=None)
    assert (rows["change_percent"] < 0).all()  # the background falls all the same
    assert rows["start"].notna().all()  # it was treated


def test_controls_have_no_start_and_no_effect(demo):
    rows = demo.truth[demo.truth["district"].isin(["戊", "己"])]
    assert rows["start"].isna().all()
    assert (rows[["effect_percent", "peak_percent"]] == 0).all(axis=None)
    groups = demo.stations.set_index("district")["group"]
    assert set(groups["戊"]) == set(groups["己"]) == {"control"}
    assert set(groups["乙"]) == {"treated"}


def test_a_transient_effect_peaks_and_fades(demo):
    transient, lasting = truth_of(demo, "丙", "NH3N"), truth_of(demo, "甲", "NH3N")
    assert transient["peak_percent"] == -55.0
    # Nine months at full strength of forty-six, then halved every six: less than half is left on average.
    assert -55.0 / 2 < transient["effect_percent"] < 0
    # Lasting: all but the months in which it grows.
    assert lasting["peak_percent"] == -60.0
    assert -60.0 < lasting["effect_percent"] < -55.0


@pytest.mark.parametrize(
    ("shape", "months", "share"),
    [
        ("lasting", -1, 0.0),
        ("lasting", 0, 1 / 6),
        ("lasting", 5, 1.0),
        ("lasting", 500, 1.0),
        ("transient", -1, 0.0),
        ("transient", 2, 1.0),
        ("transient", 9, 1.0),
        ("transient", 15, 0.5),
        ("transient", 27, 0.125),
    ],
)
def test_shapes_of_effects(shape, months, share):
    effect = Effect("2018-01-01", {"TP": -50.0}, shape)
    assert effect.log_change("TP", np.array([float(months)])) == pytest.approx(share * np.log(0.5))
    assert effect.log_change("NH3N", np.array([float(months)])) == 0.0


# ---------------------------------------------------------------- what may be asked for


def test_effects_of_ones_own():
    study = simulate.study(
        1,
        ["东区", "西区", "北区"],
        {
            "东区": Effect(
                "2018-01-01", {"TP": -50.0}, measure="清淤", end="2018-03-01", amount=5.0, unit="km"
            ),
            "西区": Effect("2019-01-01", {"NH3N": 30.0}, "transient"),
        },
        stations=2,
        months=60,
        background={"TP": 0.0, "NH3N": 0.0, "CODMn": -10.0},
    )
    assert study.stations["district"].unique().tolist() == ["东区", "西区", "北区"]
    assert study.stations.set_index("district")["group"].to_dict() == {
        "东区": "treated",
        "西区": "treated",
        "北区": "control",
    }
    assert study.starts() == {"东区": pd.Timestamp("2018-01-01"), "西区": pd.Timestamp("2019-01-01")}
    assert study.measures.loc[0, ["measure", "amount", "unit"]].tolist() == ["清淤", 5.0, "km"]
    # Without background the change is the effect alone: 36 months, of which five grow by sixths.
    tp = truth_of(study, "东区", "TP")
    mean_strength = (31 + (1 + 2 + 3 + 4 + 5) / 6) / 36
    assert tp["change_percent"] == tp["effect_percent"]
    assert tp["change_percent"] == pytest.approx(as_percent(np.log(0.5) * mean_strength), abs=0.00051)
    assert truth_of(study, "东区", "NH3N")["change_percent"] == 0
    assert truth_of(study, "西区", "NH3N")["peak_percent"] == 30.0
    # The control's windows: 2016-2017 (24 months) and 2019-2020 (24): 36 months apart at 10 % a year.
    assert truth_of(study, "北区", "CODMn")["change_percent"] == pytest.approx(
        as_percent(3 * np.log(0.9)), abs=0.00051
    )


def test_districts_named_in_the_demonstration_keep_their_effects():
    study = simulate.study(1, ["己", "甲", "新区"], stations=1, months=60)
    assert list(study.starts()) == ["甲"]
    assert study.stations["district_en"].tolist() == ["Ji", "Jia", "新区"]
    assert study.measures["measure_en"].tolist() == ["sewer interception"]


def test_without_effects_there_are_neither_measures_nor_windows():
    study = simulate.study(1, effects={}, stations=2, months=24)
    assert study.measures is None
    assert set(study.stations["group"]) == {"control"}
    assert study.truth is None


def test_level_is_the_median():
    """Of a large study, without decline: the median of sections' medians."""
    flat = {"TP": 0.0, "NH3N": 0.0, "CODMn": 0.0}
    low, high = (
        simulate.study(1, effects={}, stations=40, months=36, level={"TP": level}, background=flat)
        for level in (0.1, 1.0)
    )
    medians = [s.samples.query("parameter == 'TP'")["value"].median() for s in (low, high)]
    # The same draws on another level: a factor of ten, but for rounding to 0.001 and non-detects at 0.01.
    assert medians[1] / medians[0] == pytest.approx(10, rel=0.02)
    # Six districts with an sd of 0.45 in logs: 0.18 for their mean, three times that.
    assert abs(np.log(medians[1])) < 0.55
    nh3n = [s.samples.query("parameter == 'NH3N'")["value"] for s in (low, high)]
    assert nh3n[0].equals(nh3n[1])


def test_size_and_calendar():
    study = simulate.study(2, stations=3, start="2010-04-01", months=30, effects={})
    assert len(study.stations) == 18
    times = study.samples["time"]
    assert times.min() >= pd.Timestamp("2010-04-01")
    assert times.max() < pd.Timestamp("2012-10-01")
    assert study.flow["time"].agg(["min", "max"]).tolist() == [
        pd.Timestamp("2010-04-01"),
        pd.Timestamp("2012-09-30"),
    ]
    assert study.language == "en"
    assert simulate.study(2, stations=1, months=12, effects={}, language="zh").language == "zh"


@pytest.mark.parametrize(
    ("options", "argument", "what"),
    [
        ({"effects": {"庚": Effect("2018-01-01", {})}}, "effects", "for district '庚'"),
        ({"effects": {"甲": Effect("2018-01-01", {}, "sudden")}}, "effects", "'sudden' is not a shape"),
        ({"months": 11}, "months", "11 months are too few"),
        ({"language": "fr", "effects": {}}, "language", "'fr' is not a language"),
    ],
)
def test_refusals(options, argument, what):
    with pytest.raises(ArgumentError, match=what) as caught:
        simulate.study(1, **options)
    assert caught.value.argument == argument
    assert caught.value.valid


# ---------------------------------------------------------------- what is made


def test_samples_are_such_as_a_laboratory_writes(demo):
    rule = rules.load("simulation")["parameter"]
    for code, p in rule.items():
        rows = demo.samples[demo.samples["parameter"] == code]
        hidden = rows["censored"] == "left"
        assert (rows.loc[hidden, "value"] == p["limit"]).all(), code
        assert (rows.loc[~hidden, "value"] >= p["limit"]).all(), code
        np.testing.assert_array_equal(rows["value"], rows["value"].round(p["decimals"]))
    assert (demo.samples.query("parameter == 'NH3N'")["censored"] == "left").any()
    assert set(demo.samples["censored"]) == {"none", "left"}


def test_sections_are_visited_at_most_once_a_month_with_gaps(demo):
    rows = demo.samples[demo.samples["parameter"] == "TP"]
    visits = rows.groupby(["station", rows["time"].dt.to_period("M")]).size()
    assert (visits == 1).all()
    rule = rules.load("simulation")
    possible = len(demo.stations) * rule["months"]
    # Gaps of 5 % at random; late starters (8 % of 48 sections, a year or two each) add a few more.
    assert 0.03 < 1 - len(rows) / possible < 0.15
    every = demo.samples.groupby("station")["time"].nunique()
    per_parameter = demo.samples.groupby(["station", "parameter"]).size().unstack()
    assert (per_parameter.sub(every, axis=0) == 0).all(axis=None)


def test_gauges_measure_every_day(demo):
    days = demo.flow.groupby("station")["time"].agg(["min", "max", "size"])
    assert len(days) == 6
    assert (days["size"] == (days["max"] - days["min"]).dt.days + 1).all()
    assert (demo.flow["flow"] > 0).all()


def test_weather_is_shared(demo):
    """Log flows of the six gauges go together: the shared part has 0.7 of sd, the own 0.2."""
    flow = np.log(demo.flow.pivot(index="time", columns="station", values="flow"))
    correlation = flow.corr().to_numpy()
    # 0.7^2 / (0.7^2 + 0.2^2) = 0.92, and a season besides: far from zero.
    assert correlation[np.triu_indices(6, 1)].min() > 0.8


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"effects": {"甲": Effect("2018-01-01", {"氨氮": -50.0})}}, "'氨氮' is not simulated"),
        ({"effects": {"甲": Effect("2018-01-01", {"TP": -100.0})}}, "a change of -100 % leaves nothing"),
        ({"level": {"DO": 7.0}}, "'DO' is not simulated"),
        ({"background": {"总磷": -3.0}}, "'总磷' is not simulated"),
    ],
)
def test_what_cannot_be_simulated_is_an_error(given, what):
    with pytest.raises(ArgumentError, match=what):
        simulate.study(1, ["甲"], **given)
