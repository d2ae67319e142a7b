"""Averaging formulas, ratios and interpolation: by hand, other programs' numbers, and honest intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import datasets, loads
from wqstudy.errors import ArgumentError
from wqstudy.loads import formulas
from wqstudy.loads.nondetects import filled

EVERY = ("A", "B", "C", "D", "E", "interpolation", "beale")


def year(q, every=15, start="2019-01-01"):
    """A year of flow, and samples every so many days whose value the caller sets."""
    days = pd.date_range(start, periods=len(q))
    flow = pd.DataFrame({"time": days, "flow": q})
    return flow, pd.DataFrame({"time": days[::every]})


# ---------------------------------------------------------------- by hand and other programs


def test_the_formulas_by_hand():
    flow, samples = year([1.0, 2.0, 4.0, 5.0], every=3)
    samples["value"] = [1.0, 3.0]
    expected = {
        "A": 2 * 3,
        "B": 2 * 3,
        "C": (1 * 1 + 3 * 5) / 2,
        "D": (1 * 1 + 1 * 2 + 3 * 4 + 3 * 5) / 4,
        "E": 16 / 6 * 3,
        "interpolation": (1 * 1 + 5 / 3 * 2 + 7 / 3 * 4 + 3 * 5) / 4,
    }
    for method, value in expected.items():
        row = loads.period_load(samples, flow, method, by="all").iloc[0]
        assert row["flux"] == pytest.approx(86.4 * value, rel=1e-12)
        assert row["load"] == pytest.approx(4 * 86.4 * value / 1000, rel=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize(("method", "theirs"), [("A", "method1"), ("C", "method2"), ("E", "method5")])
def test_loads_of_a_year_are_those_of_riverload(oracles, oracle_cases, method, theirs):
    """Arithmetic alone: 1e-12. Its total loses a day, so the year is compared; g there, t here."""
    table = pd.read_csv(oracles / "inputs/l_RiverLoad2.csv")
    time = pd.to_datetime(table["datetime"]).dt.normalize()
    flow = pd.DataFrame({"time": time, "flow": table["flow"]})
    samples = pd.DataFrame({"time": time, "value": table["concentration"]}).dropna()
    (case,) = (
        c
        for c in oracle_cases("loads_simple_loadest.json", "RiverLoad")
        if c["case"] == "l_RiverLoad2" and c["output"]["method"] == theirs and "year" in c["output"]
    )
    found = loads.period_load(samples, flow, method)["load"]
    assert found.tolist() == pytest.approx([v / 1e6 for v in case["output"]["year"]["matrix"]], rel=1e-12)


@pytest.mark.oracle
def test_beale_without_the_finite_number_of_days_is_that_of_riverload(oracles, oracle_cases):
    """RiverLoad takes 1/n for 1/n - 1/N: with very many days of the same flows ours is the same."""
    table = pd.read_csv(oracles / "inputs/l_RiverLoad2.csv")
    own = table.dropna()
    (case,) = (
        c
        for c in oracle_cases("loads_simple_loadest.json", "RiverLoad")
        if c["case"] == "l_RiverLoad2" and c["output"]["method"] == "beale.ratio" and "year" in c["output"]
    )
    many = np.tile(table["flow"].to_numpy(), 20_000)
    nothing = np.zeros(len(own))
    period = formulas.Period(
        nothing, own["concentration"].to_numpy(), own["flow"].to_numpy(), np.zeros(1), many
    )
    theirs = case["output"]["year"]["matrix"][0] / 1000 / 365
    assert formulas.beale(period)[0] == pytest.approx(theirs, rel=1e-6)


@pytest.mark.oracle
@pytest.mark.real("usgs-loads")
@pytest.mark.parametrize(
    ("method", "column"),
    [
        ("E", "ratio_kg_day"),
        ("beale", "beale_fpc_kg_day"),
        ("B", "avgC_x_meanQ_kg_day"),
        ("C", "avg_sample_load_kg_day"),
    ],
)
def test_water_years_of_the_choptank(choptank, oracles, method, column):
    """The other program's own arithmetic, non-detect at half its limit: 1e-10."""
    expected = pd.read_csv(oracles / "loads/choptank_handcoded_simple_estimators_by_wy.csv")
    found = loads.period_load(*choptank, method, start_month=10, nondetect="half", replicates=0)
    assert found["period"].astype(int).tolist() == expected["wy"].tolist()
    assert found["n_samples"].tolist() == expected["n"].tolist()
    assert found["flux"].tolist() == pytest.approx(expected[column].tolist(), rel=1e-10)


@pytest.mark.oracle
@pytest.mark.real("usgs-loads")
def test_interpolation_over_the_choptank(choptank, oracles):
    """Over the whole record, samples of neighbouring years included."""
    expected = pd.read_csv(oracles / "loads/choptank_handcoded_simple_estimators_by_wy.csv")
    found = loads.period_load(
        *choptank, "interpolation", by="all", start_month=10, nondetect="half", replicates=0
    )
    mean = np.average(expected["interp_conc_kg_day"], weights=expected["N"])
    assert found["flux"][0] == pytest.approx(mean, rel=1e-3)


# ---------------------------------------------------------------- properties


@given(st.integers(0, 1000), st.floats(0.1, 10), st.sampled_from(EVERY))
@settings(max_examples=40, deadline=None)
def test_a_constant_concentration_is_its_own_mean(seed, level, method):
    """All that weigh by the period's flow are exact; A and C know the samples' flows only."""
    rng = np.random.default_rng(seed)
    flow, samples = year(rng.lognormal(0, 1, 365))
    samples["value"] = level
    row = loads.period_load(samples, flow, method, replicates=0).iloc[0]
    own = flow["flow"].iloc[::15].mean() if method in ("A", "C") else flow["flow"].mean()
    if method != "beale":
        assert row["flux"] == pytest.approx(86.4 * level * own, rel=1e-9)
    doubled = loads.period_load(samples.assign(value=2 * level), flow, method, replicates=0).iloc[0]
    assert doubled["flux"] == pytest.approx(2 * row["flux"], rel=1e-9)


def test_daily_samples_leave_nothing_to_estimate():
    rng = np.random.default_rng(1)
    flow, samples = year(rng.lognormal(0, 1, 365), every=1)
    samples["value"] = rng.lognormal(0, 0.5, 365)
    truth = 86.4 * (samples["value"] * flow["flow"]).mean()
    for method in ("C", "D", "E", "interpolation", "beale"):
        row = loads.period_load(samples, flow, method, replicates=0).iloc[0]
        assert row["flux"] == pytest.approx(truth, rel=1e-9)
    table = loads.beale(samples, flow, "season")
    assert table["load_low"][0] == pytest.approx(table["load"][0], rel=1e-6)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """Concentration and flow independent from day to day, 36 samples a year; 400 years, +-2.2 % at 95."""
    rng = np.random.default_rng(5)
    held = dict.fromkeys(("C", "E", "beale", "stratified"), 0)
    for _ in range(400):
        flow, _ = year(rng.lognormal(0, 0.7, 365))
        conc = np.exp(0.2 * np.log(flow["flow"]) + rng.normal(0, 0.4, 365))
        truth = 86.4 * (conc * flow["flow"]).sum() / 1000
        chosen = np.sort(rng.choice(365, 36, replace=False))
        samples = pd.DataFrame({"time": flow["time"][chosen], "value": conc[chosen]})
        for method in held:
            if method == "stratified":
                row = loads.beale(samples, flow, "flow").iloc[0]
            else:
                row = loads.period_load(samples, flow, method, replicates=200, rng=3).iloc[0]
            held[method] += row["load_low"] <= truth <= row["load_high"]
    share = {method: number / 400 for method, number in held.items()}
    # t, percentile and ratio intervals of skewed loads fall short of their level by a little
    assert all(0.88 <= s <= 0.985 for s in share.values()), share


def test_strata_narrow_the_interval_where_load_follows_flow():
    rng = np.random.default_rng(2)
    q = rng.lognormal(0, 1, 365)
    flow, samples = year(q, every=7)
    samples["value"] = (q[::7] > np.quantile(q, 0.8)) * 3 + 1 + rng.normal(0, 0.05, 53)
    whole, split = loads.beale(samples, flow).iloc[0], loads.beale(samples, flow, "flow").iloc[0]
    assert split["load_high"] - split["load_low"] < 0.5 * (whole["load_high"] - whole["load_low"])
    assert split["method"] == "beale, flow"


def test_a_poor_stratum_joins_its_neighbour():
    flow, samples = year(np.linspace(1, 2, 365), every=30)
    table = loads.beale(samples.assign(value=1.0), flow, "flow")
    assert "joined" not in table["notes"][0]
    few = loads.beale(samples.assign(value=1.0).iloc[:7], flow, "season")
    assert "2 strata" in few["notes"][0] or "3 strata" in few["notes"][0]
    assert few["flux"][0] == pytest.approx(86.4 * 1.5, rel=0.01)


# ---------------------------------------------------------------- non-detects


def test_rules_for_non_detects_are_in_order():
    """The likelihood's mean over forty records is off by less than a hundredth of the load."""
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(40):
        flow, samples = year(rng.lognormal(0, 0.6, 365), every=5)
        value = np.exp(rng.normal(-1, 0.8, len(samples)))
        limit = np.quantile(value, 0.4)
        hidden = samples.assign(
            value=np.maximum(value, limit), censored=np.where(value < limit, "left", "none")
        )
        row = loads.nondetect_spread(hidden, flow).iloc[0]
        assert row["zero"] < row["half"] < row["limit"]
        assert row["zero"] < row["likelihood"] < row["limit"]
        truth = loads.period_load(samples.assign(value=value), flow, replicates=0)["load"][0]
        ratios.append(row["likelihood"] / truth)
    assert abs(np.mean(ratios) - 1) < 0.01


def test_a_river_that_runs_dry_has_a_likelihood_too():
    """Samples of standing water: no load of their own, and the others keep theirs."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2018-01-01", periods=48, freq="7D")
    flow = np.exp(rng.normal(0, 1, 48))
    value = np.exp(rng.normal(0, 0.5, 48))
    samples = pd.DataFrame({"time": days, "value": np.maximum(value, 0.8), "flow": flow})
    samples["censored"] = np.where(value < 0.8, "left", "none")
    wet = loads.nondetect_spread(samples, None, "C", by="all")
    samples.loc[::12, "flow"] = 0.0
    dry = loads.nondetect_spread(samples, None, "C", by="all")
    for table in (wet, dry):
        row = table.iloc[0]
        assert row["zero"] < row["likelihood"] < row["limit"]


def test_likelihood_fills_the_mean_below_the_limit():
    rng = np.random.default_rng(4)
    value = np.exp(rng.normal(0, 1, 20_000))
    limit = 0.8
    side = np.where(value < limit, -1, 0)
    made = filled(np.maximum(value, limit), side, np.ones(value.size), "likelihood")
    assert made[side < 0].mean() == pytest.approx(value[side < 0].mean(), rel=0.01)
    with pytest.raises(ArgumentError, match="nondetect"):
        filled(np.ones(9), np.full(9, -1), np.ones(9), "likelihood")
    with pytest.raises(ArgumentError, match="half"):
        filled(np.ones(9), np.full(9, -1), np.ones(9), "third")


def test_a_table_of_rules_says_what_cannot_be_estimated():
    flow, samples = year(np.ones(365))
    table = loads.nondetect_spread(samples.assign(value=1.0, censored="left"), flow)
    assert np.isnan(table["likelihood"][0])
    assert table["zero"][0] == 0


# ---------------------------------------------------------------- spot flows, and what is refused


def test_spot_flows_serve_where_the_formula_allows():
    _, samples = year(np.ones(365), every=30)
    spot = samples.assign(value=2.0, flow=3.0)
    for method in ("A", "C"):
        row = loads.period_load(spot, None, method).iloc[0]
        assert row["load"] == pytest.approx(86.4 * 6 * 365 / 1000)
        assert row["conc"] == pytest.approx(2.0)
    for method in ("B", "D", "E", "interpolation", "beale"):
        with pytest.raises(ArgumentError, match="there is no daily flow"):
            loads.period_load(spot, None, method)
    with pytest.raises(ArgumentError, match="there is no flow"):
        loads.period_load(samples.assign(value=2.0), None, "A")


@pytest.mark.real
def test_spot_flows_of_hong_kong_are_paired_with_their_samples():
    study = datasets.load("hongkong")
    station = study.samples["station"].iloc[0]
    table = loads.period_load(study.samples, None, "C", station=station, parameter="NH3N")
    own = study.samples[study.samples["station"] == station]
    wide = own.pivot_table(index="time", columns="parameter", values="value")[["NH3N", "FLOW"]].dropna()
    assert table["n_samples"].sum() == len(wide)
    assert np.isfinite(table["load"]).any()


def test_gaps_in_the_flow_and_few_samples_leave_a_reason():
    flow, samples = year(np.ones(730), every=30)
    samples = samples.assign(value=1.0)
    table = loads.period_load(samples, flow.drop(index=range(100, 120)), "B").set_index("period")
    assert np.isnan(table.loc["2019", "load"])
    assert table.loc["2019", "notes"].startswith("flow covers 345 of 365 days")
    assert np.isfinite(table.loc["2020"].drop(["start", "notes", "method"]).astype(float)).all()
    months = loads.period_load(samples, flow, "B", by="month")
    assert months["notes"].str.contains("are needed").any()
    assert (months["load"].isna() == (months["n_samples"] < 2)).all()


def test_a_dry_river_carries_nothing():
    flow, samples = year(np.where(np.arange(365) < 300, 0.0, 2.0))
    table = loads.period_load(samples.assign(value=1.0), flow, "B")
    assert table["load"][0] == pytest.approx(86.4 * 2 * 65 / 1000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "F"}, "method"),
        ({"by": "week"}, "by"),
        ({"start_month": 13}, "start_month"),
        ({"level": 1.0}, "level"),
        ({"replicates": -1}, "replicates"),
        ({"nondetect": "none"}, "nondetect"),
        ({"lang": "fr"}, "lang"),
    ],
)
def test_arguments_are_named(change, message):
    flow, samples = year(np.ones(365))
    with pytest.raises(ArgumentError, match=message):
        loads.period_load(samples.assign(value=1.0), flow, **change)
    with pytest.raises(ArgumentError, match="strata"):
        loads.beale(samples.assign(value=1.0), flow, "tide")


def test_the_same_seed_gives_the_same_interval():
    flow, samples = year(np.linspace(1, 3, 365))
    samples["value"] = np.linspace(1, 2, len(samples)) ** 2
    one, two = (loads.period_load(samples, flow, rng=4) for _ in range(2))
    assert one["load_high"].tolist() == two["load_high"].tolist()
    assert one.attrs["seed"] == 4


# ---------------------------------------------------------------- units


def test_units_are_exact():
    assert loads.flux(1.0, 1.0) == 86.4
    assert loads.convert_load(1.0, "g/s", "kg/d") == 86.4
    assert loads.convert_load(1.0, "g/s", "t/a") == 31.536
    assert loads.convert_load(1.0, "g/s", "t/a", 366) == 31.6224
    assert loads.convert_load(31.536, "t/a", "g/s") == pytest.approx(1, rel=1e-15)
    assert loads.plant_load(1, 1, 0) == 10
    with pytest.raises(ArgumentError, match="unit"):
        loads.convert_load(1.0, "lb/d", "t/a")
    with pytest.raises(ArgumentError, match="effluent"):
        loads.plant_load(1, 1, -1)
