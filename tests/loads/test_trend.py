"""Carried residuals, pairs and groups of years, and the bootstrap of both."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import loads
from wqstudy.errors import ArgumentError
from wqstudy.loads import kalman
from wqstudy.loads.annual import periods
from wqstudy.loads.resample import block_rows, block_times, times_of
from wqstudy.loads.trend import likelihood_word, pair_parts, pair_values, year_of
from wqstudy.loads.weather import Weather

# The reference's own iteration stops at 1e-9 of the log-likelihood.
LARGEST = 1e-6
reference = [pytest.mark.oracle, pytest.mark.real("usgs-loads")]


class TestReference:
    pytestmark = reference

    def test_pairs(self, choptank_fit, oracles):
        expected = json.loads((oracles / "loads/egret_runPairs_1985_2010.json").read_text())["table"]
        found = choptank_fit.pairs(1985, 2010)
        for row, theirs in zip(found.itertuples(), expected, strict=True):
            assert row.change == pytest.approx(theirs["TotalChange"], rel=LARGEST)
            assert row.from_quality == pytest.approx(theirs["CQTC"], rel=LARGEST)
            assert row.from_flow == pytest.approx(0, abs=1e-12)
            assert row.first == pytest.approx(theirs["x10"], rel=LARGEST)

    def test_groups_lose_their_last_year_only_for_the_reference(self, choptank_fit, choptank, oracles):
        path = oracles / "loads/egret_runGroups_1980-90_1995-2010.json"
        expected = json.loads(path.read_text())["table"]
        found = choptank_fit.groups((1980, 1990), (1995, 2010))
        assert found["change"].tolist() == pytest.approx([r["TotalChange"] for r in expected], rel=LARGEST)
        assert found["first"].tolist() == pytest.approx([r["x10"] for r in expected], rel=LARGEST)
        own = loads.wrtds(*choptank).groups((1980, 1990), (1995, 2010))
        assert own["change"][0] == pytest.approx(0.2702, abs=5e-5)

    def test_replicates_under_the_reference_s_random_numbers(self, choptank_fit, oracles):
        """The generator of R is the Mersenne Twister with a seed of its own, and sample() before R 3.6."""
        expected = json.loads((oracles / "loads/egretci_runPairsBoot_3rep.json").read_text())
        fit = choptank_fit
        own, setting = fit.record, fit.setting
        years = tuple(year_of(own, year, 12, Weather()) for year in (1985, 2010))
        estimate = pair_parts(pair_values(own, setting, years))[:, 0]
        day = (own.sample_date - own.date[0]).days.to_numpy()
        changes = []
        for number in range(1, expected["nBoot"] + 1):
            uniform = r_uniform(expected["seed"] + number)
            drawn = []
            while sum(rows.size for rows in drawn) <= day.size:
                low, high = day[0] - expected["blockLength"] + 1, day[-1]
                start = low + int(next(uniform) * (high - low + 1))
                drawn.append(block_rows(day, start, expected["blockLength"], short=True))
            times = times_of(drawn, day.size)
            changes.append(2 * estimate - pair_parts(pair_values(own, setting, years, times))[:, 0])
        conc, flux = np.transpose(changes)
        assert conc == pytest.approx(expected["xConc"], rel=LARGEST)
        assert flux == pytest.approx(expected["xFlux"], rel=LARGEST)

    def test_years_of_carried_residuals(self, choptank_fit, oracles):
        """The reference's are means of 200 draws: its yearly spread about the true mean is 0.25 %."""
        expected = pd.read_csv(oracles / "loads/egret_kalman_setupYears_wateryear.csv")
        daily, own = choptank_fit.kalman(), choptank_fit.record
        values = {"conc": daily["conc"].to_numpy(), "flux": daily["flux"].to_numpy()}
        found = periods(own.date, own.time, values, 10)
        for name, theirs in (("conc", "GenConc"), ("flux", "GenFlux")):
            ratio = found[name] / expected[theirs] - 1
            assert np.abs(ratio).max() < 0.0125  # five standard errors
            assert abs(ratio.mean()) < 0.0015
            assert ratio.std() < 0.004


def r_uniform(seed):
    """Uniform numbers of R after set.seed(seed), as its manual describes them."""
    state = np.uint32(seed)
    key = np.empty(625, np.uint32)
    with np.errstate(over="ignore"):
        for _ in range(50):
            state = np.uint32(69069) * state + np.uint32(1)
        for place in range(625):
            state = np.uint32(69069) * state + np.uint32(1)
            key[place] = state
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": key[1:], "pos": 624}}
    while True:
        yield float(twister.random_raw()) * 2.3283064365386963e-10


# ---------------------------------------------------------------- carried residuals


def test_sampled_days_are_their_samples_and_far_days_the_regression(made_record):
    samples, flow, _ = made_record(1, every=40, years=14)
    fit = loads.wrtds(samples, flow)
    daily = fit.kalman().set_index("date")["conc"]
    assert daily.loc[samples["time"]].to_numpy() == pytest.approx(samples["value"].to_numpy(), rel=1e-9)
    free = fit.kalman(rho=0.0)["conc"].to_numpy()
    expected = np.exp(fit.days.log_mean + fit.days.se**2 / 2)
    between = ~fit.record.date.isin(samples["time"])
    assert free[between] == pytest.approx(expected[between], rel=1e-12)
    before = fit.record.date < samples["time"].iloc[0]
    assert daily[before].to_numpy() == pytest.approx(expected[before], rel=1e-12)
    with pytest.raises(ArgumentError, match="rho"):
        fit.kalman(1.0)


def test_the_closed_form_is_the_mean_of_draws(made_record):
    """4,000 draws with a third of non-detects: no day off by more than five standard errors."""
    samples, flow, _ = made_record(2, limit=1.0)
    fit = loads.wrtds(samples, flow)
    assert 0.1 < fit.record.n_censored / len(samples) < 0.6
    days, ends = fit._numbers(), fit._ends()
    inside = slice(200, 500)
    rng = np.random.default_rng(3)
    args = (fit.days.log_mean, fit.days.se, days, ends, 0.9)
    total, square = np.zeros(300), np.zeros(300)
    for _ in range(4_000):
        draw = kalman.drawn_conc(*args, rng)[inside]
        total += draw
        square += draw**2
    mean = total / 4_000
    error = np.sqrt(np.maximum(square / 4_000 - mean**2, 0) / 4_000)
    assert np.all(np.abs(mean - kalman.mean_conc(*args)[inside]) <= 5 * error + 1e-9)


# ---------------------------------------------------------------- resampling


@given(st.integers(0, 10_000), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_a_resample_has_as_many_rows_as_there_are_samples(seed, block):
    day = np.cumsum(np.random.default_rng(seed).integers(0, 30, 80))
    times = block_times(day, block, np.random.default_rng(seed))
    assert times.sum() == day.size
    assert (times >= 0).all()


def test_samples_are_drawn_alike_and_the_last_is_lost_only_for_the_reference():
    day = np.arange(0, 4_000, 20)
    rng = np.random.default_rng(1)
    own = np.mean([block_times(day, 200, rng) for _ in range(2_000)], axis=0)
    # beyond one block from an end every sample is as likely; the spread of a mean is about 0.02
    assert own[10:-10] == pytest.approx(np.ones(180), abs=0.12)
    theirs = np.mean([block_times(day, 200, rng, short=True) for _ in range(500)], axis=0)
    assert theirs[-1] == 0
    assert own[-1] > 0.3


# ---------------------------------------------------------------- trends


def test_a_fall_is_found_with_its_band(made_record):
    samples, flow, _ = made_record(4, years=8, every=9)
    fit = loads.wrtds(samples, flow)
    table = fit.pairs(2009, 2015, start_month=1, replicates=60, rng=2)
    conc = table.iloc[0]
    truth = 100 * np.expm1(-0.06 * 6)
    low, high = (100 * conc[f"change_{end}"] / conc["first"] for end in ("low", "high"))
    assert low < truth < high
    assert conc["downward"] == "highly_likely"
    assert table.equals(fit.pairs(2009, 2015, start_month=1, replicates=60, rng=2))
    plain = fit.pairs(2009, 2015, start_month=1)
    assert plain["change"].tolist() == table["change"].tolist()
    annual = fit.annual(1).set_index("year")
    ours = annual.loc[2015, "conc_fn"] - annual.loc[2009, "conc_fn"]
    assert conc["change"] == pytest.approx(ours, rel=0.05)


def test_the_part_of_flow_is_apart(made_record):
    """The river halves in the last four years; what it holds at a given flow stays the same."""
    samples, flow, _ = made_record(5, years=8, every=9)
    late = flow["time"] >= "2012-01-01"
    drier = flow.assign(flow=flow["flow"] * np.where(late, 0.5, 1.0))
    table = loads.wrtds(samples, drier).pairs(2009, 2015, start_month=1, flow_side=1)
    flux = table.set_index("quantity").loc["flux"]
    assert flux["change"] == pytest.approx(flux["from_quality"] + flux["from_flow"])
    assert flux["from_flow"] < -0.2 * flux["first"]


def test_the_bootstrap_has_bands_and_loads(made_record):
    samples, flow, _ = made_record(6, years=6, every=9)
    fit = loads.wrtds(samples, flow)
    boot = fit.bootstrap(40, rng=1)
    annual, own = boot.annual(1), fit.annual(1).set_index("year")
    assert annual["period"].tolist()[0] == "2008"
    assert annual["conc_fn"][0] == pytest.approx(own.loc[2008, "conc_fn"])
    assert annual["load_fn"][0] == pytest.approx(own.loc[2008, "load_fn"])
    assert ((annual["load_fn_low"] < annual["load_fn"]) & (annual["load_fn"] < annual["load_fn_high"])).all()
    carried = fit.kalman().groupby(lambda i: fit.record.date[i].year)["flux"].sum()
    assert annual["load"][0] == pytest.approx(carried.loc[2008] / 1000)
    trend = boot.trend(2008, 2013, 1).set_index("quantity")
    assert trend.loc["conc", "change_percent"] < 0
    assert trend.loc["conc", "downward"] in ("likely", "very_likely", "highly_likely")
    change = boot.loads_fn.change(("2008-01-01", "2009-01-01"), ("2012-01-01", "2013-01-01"))
    assert change.low < change.value < change.high
    again = fit.bootstrap(40, rng=1)
    assert (again.loads.tonnes == boot.loads.tonnes).all()


def test_words_are_those_of_the_table():
    words = ["highly_unlikely", "very_unlikely", "unlikely", "as_likely_as_not"]
    words += ["likely", "very_likely", "highly_likely"]
    assert [likelihood_word(s) for s in (0.01, 0.07, 0.2, 0.5, 0.8, 0.92, 0.99)] == words
    assert likelihood_word(0.95) == "highly_likely"


def test_errors_are_named(made_record):
    samples, flow, _ = made_record(7)
    fit = loads.wrtds(samples, flow)
    for work, message in (
        (lambda: fit.pairs(1999, 2012), "does not hold all"),
        (lambda: fit.pairs(2009, 2012, flow_side=9), "flow_side"),
        (lambda: fit.pairs(2009, 2012, replicates=3, block=0), "block"),
        (lambda: fit.groups((1990, 1995), (2009, 2010)), "no year lies"),
        (lambda: fit.bootstrap(0), "replicates"),
    ):
        with pytest.raises(ArgumentError, match=message):
            work()
