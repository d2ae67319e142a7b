"""How sure a class is: bounds, certainty, dates, non-detects, calibration on simulated truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import class_probability
from wqstudy.grading.block_error import Calendar, cells
from wqstudy.grading.location import location_prior
from wqstudy.grading.variability import fit_variability, shipped
from wqstudy.grading.variogram import Variogram, fit_variogram
from wqstudy.grading.worst_item import all_attain, pooled_correlation

P = [f"p_{number}" for number in range(1, 7)]
YEAR = pd.date_range("2021-01-01", "2021-12-31", freq="D")
MONTHLY = YEAR[np.linspace(10, 355, 12).astype(int)]


def tidy(values, times=MONTHLY, station="a", code="NH3N", censored="none"):
    return pd.DataFrame(
        {"station": station, "time": times, "parameter": code, "value": values, "censored": censored}
    )


def years(rng, n, sd=0.7, phi=0.8):
    """Daily NH3-N of sections, AR(1) in logs, on all sides of the limits. Shape (sections, days)."""
    noise = rng.normal(0, sd * np.sqrt(1 - phi**2), (n, len(YEAR)))
    log = np.empty_like(noise)
    log[:, 0] = rng.normal(0, sd, n)
    for day in range(1, len(YEAR)):
        log[:, day] = phi * log[:, day - 1] + noise[:, day]
    return np.exp(log + rng.normal(-0.4, 0.8, (n, 1)))


def sampled(rng, values, k):
    """k random days, one a stratum, of every section."""
    edge = np.linspace(0, len(YEAR), k + 1).astype(int)
    day = np.stack([rng.integers(edge[:-1], edge[1:]) for _ in values])
    rows = np.arange(len(values))[:, None]
    return pd.concat(
        [
            tidy(one, YEAR[when], f"s{number:04d}")
            for number, (one, when) in enumerate(zip(values[rows, day], day, strict=True))
        ],
        ignore_index=True,
    )


def test_block_errors_are_the_means_over_all_pairs():
    variogram = Variogram(0.1, (0.2, 0.0, 0.4, 0.0, 0.3), 0.2)
    days, size = np.array([3, 40, 41, 90]), 120
    found = cells(
        np.array([0, 4]), np.array([0]), days, np.ones(4), np.array([size]), variogram(np.arange(121))[None]
    )
    every = np.arange(size)
    for value, one, other in (
        (found.within, days, days),
        (found.across, days, every),
        (found.whole, every, every),
    ):
        # Sums of the same numbers in another order.
        assert value[0] == pytest.approx(variogram(np.abs(one[:, None] - other)).mean(), rel=1e-12)


def test_the_error_of_independent_days_is_that_of_a_sample_from_a_finite_number():
    k, size = 12, 365
    found = cells(
        np.array([0, k]),
        np.array([0]),
        np.arange(k) * 30,
        np.ones(k),
        np.array([size]),
        Variogram(1.0, (0,) * 5, 0)(np.arange(size + 1))[None],
    )
    # Mean of k against the mean of the others: 1/k + 1/(N - k).
    assert found.error[0] == pytest.approx(1 / k + 1 / (size - k), rel=1e-9)


def test_the_semivariogram_of_known_noise_is_found():
    rng = np.random.default_rng(3)
    values = np.log(years(rng, 60))
    values -= values.mean(axis=1, keepdims=True)
    found = fit_variogram([(np.arange(365), one) for one in values])
    lag = np.array([1, 3, 10, 60])
    # Standard error of a pooled correlation of 60 series with some 40 independent values each: 0.02.
    assert found(lag) == pytest.approx(1 - 0.8**lag, abs=0.08)


def test_variability_of_simulated_sections():
    values = years(np.random.default_rng(4), 60)
    table = pd.concat([tidy(one, YEAR, f"s{n:02d}") for n, one in enumerate(values)])
    found = fit_variability(table, ["NH3N"])["NH3N"]
    assert found.variance == pytest.approx(0.49, rel=0.15)
    assert found.df > 20, "all sections have the same variance"
    assert found.misfit < 0.1, "and are lognormal"
    with pytest.raises(ArgumentError, match="9 sections have 200 days of NH3N"):
        fit_variability(table[table["station"] < "s09"], ["NH3N"])


@pytest.mark.parametrize(("k", "gain"), [(12, 0.08), (4, 0.15)])
def test_probabilities_come_true_on_simulated_sections(k, gain):
    rng = np.random.default_rng(k)
    values = years(rng, 800)
    truth = wq.grading.classify(values.mean(axis=1)[:, None], ["NH3N"])[1].astype(int)
    table = class_probability(sampled(rng, values, k))
    p = table[P].to_numpy()
    came_true = np.eye(6)[truth - 1]
    brier = ((p - came_true) ** 2).sum(axis=1).mean()
    plain = ((np.eye(6)[table["class"].to_numpy(int) - 1] - came_true) ** 2).sum(axis=1).mean()
    assert brier < plain - gain
    for stated, true in ((p.ravel(), came_true.ravel()), (p[:, :3].sum(axis=1), truth <= 3)):
        place = np.minimum((stated * 5).astype(int), 4)
        for one in range(5):
            here = place == one
            if here.sum() >= 80:
                # Two standard errors of a share of 80 cases are 0.11; the simulated noise is not the shipped.
                assert abs(stated[here].mean() - true[here].mean()) < 0.12


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.001, 6), min_size=1, max_size=14), st.integers(0, 5))
def test_probabilities_are_probabilities(values, seed):
    rng = np.random.default_rng(seed)
    times = YEAR[rng.choice(365, len(values), replace=False)]
    table = class_probability(tidy(values, times))
    p = table[P].to_numpy()[0]
    assert (p >= 0).all()
    assert p.sum() == pytest.approx(1)
    assert table["p_good"][0] == pytest.approx(p[:3].sum())
    assert table["p_inferior_v"][0] == pytest.approx(p[5])
    assert table["p_class"][0] == pytest.approx(p[table["class"][0] - 1])


def test_a_period_that_is_sampled_whole_is_certain():
    days = pd.date_range("2021-06-01", "2021-06-30")
    table = class_probability(tidy(np.linspace(0.4, 1.9, 30), days), "month")
    assert table[["class", "p_class"]].to_numpy().tolist() == [[4, 1.0]]
    months = class_probability(tidy([0.4, 1.9] * 6, MONTHLY), "year", unit="month")
    assert months[["class", "p_class", "n_samples"]].to_numpy().tolist() == [[4, 1.0, 12]]


def test_days_in_a_row_say_less_than_days_apart():
    values = np.exp(np.tile([-0.5, 0.1, 0.4], 4)) * 0.5
    apart = class_probability(tidy(values))["p_good"][0]
    together = class_probability(tidy(values, YEAR[100:112]))["p_good"][0]
    assert apart > together + 0.03


def test_a_season_without_samples_is_said():
    assert "no sample in Q1, Q4" in class_probability(tidy([0.4] * 6, MONTHLY[3:9]))["notes"][0]
    assert "no sample" not in class_probability(tidy([0.4] * 12))["notes"][0]
    assert "no sample" not in class_probability(tidy([0.4] * 6, MONTHLY[3:9]), "quarter")["notes"][0]
    span = ("2021-04-01", "2021-12-31")
    assert "Q" not in class_probability(tidy([0.4] * 8, MONTHLY[3:11]), span)["notes"][0]


def test_a_limit_below_the_detection_limit_is_no_pass():
    table = class_probability(tidy([0.05] * 12, code="TP", censored="left"))
    assert table[["p_1", "p_2"]].isna().all(axis=None)
    assert table["p_undetermined"][0] > 0.95
    assert table["p_good"][0] > 0.95
    assert np.isnan(table["p_class"][0])
    assert "TP: the detection limit does not tell I, II apart" in table["notes"][0]
    low = class_probability(tidy([0.01] * 12, code="TP", censored="left"))
    assert low["p_undetermined"][0] == 0, "the limit is below all bounds"
    one_hidden = class_probability(tidy([0.3] * 11 + [0.05], code="TP", censored=["none"] * 11 + ["left"]))
    assert one_hidden["p_undetermined"][0] == 0, "it is worse than II whatever hides there"


def test_an_item_that_fails_settles_what_another_leaves_open():
    hidden = tidy([0.05] * 12, code="TP", censored="left")
    bad = tidy([3.0] * 12, code="NH3N")
    table = class_probability(pd.concat([hidden, bad]))
    assert table["p_undetermined"][0] == 0
    assert table["p_inferior_v"][0] > 0.9


def test_ph_fails_on_either_side():
    good, low, high = (class_probability(tidy([x] * 12, code="PH"))["p_1"][0] for x in (7.5, 5.3, 9.7))
    assert good > 0.95
    assert low < 0.2
    assert high < 0.2


def test_the_worst_of_items_lies_between_independent_and_alike():
    p = np.array([[0.3, 0.6, 0.9]])
    assert all_attain(p, 0.0)[0] == pytest.approx(0.162)
    assert all_attain(p, 0.95)[0] == pytest.approx(0.3, abs=0.02)
    assert 0.162 < all_attain(p, 0.4)[0] < 0.3
    # Orthant probability of two normals: 1/4 + asin(r) / 2 pi.
    both = 0.25 + np.arcsin(0.5) / (2 * np.pi)
    assert all_attain(np.array([0.5, 0.5]), 0.5) == pytest.approx(both, abs=1e-4)


def test_correlation_of_items_is_pooled_within_groups():
    rng = np.random.default_rng(5)
    shared = rng.normal(size=(4000, 1))
    group = np.arange(4000) // 10
    values = shared + rng.normal(size=(4000, 2)) + group[:, None]
    # Standard error 0.016.
    assert pooled_correlation(values, group, 30) == pytest.approx(0.5, abs=0.05)
    assert pooled_correlation(values[:20], group[:20], 30) is None


def test_the_panel_says_where_a_section_lies():
    rng = np.random.default_rng(6)
    truth = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 300)
    error = np.full((300, 2), 0.5)
    centre = truth + rng.normal(0, np.sqrt(0.5), truth.shape)
    centre[:5, 1] = np.nan
    place, scatter = location_prior(centre, error, 30)
    # Given the other item with error 0.5: variance 1 - 0.36 / 1.5.
    assert np.median(scatter) == pytest.approx(np.sqrt(0.76), abs=0.08)
    assert np.corrcoef(place[:, 0], truth[:, 0])[0, 1] > 0.35
    few, none = location_prior(centre[:20], error[:20], 30)
    assert np.isinf(none).all()
    assert (few == 0).all()


def test_a_location_prior_needs_a_panel():
    rng = np.random.default_rng(7)
    panel = sampled(rng, years(rng, 40), 4)
    with pytest.raises(ArgumentError, match="needs 30 comparable sections in a period, here are at most 29"):
        class_probability(panel[panel["station"] < "s0029"], location_prior=True)
    alone, among = (class_probability(panel, location_prior=prior) for prior in (False, True))
    assert alone["class"].tolist() == among["class"].tolist()
    assert alone["p_class"].mean() != among["p_class"].mean()


def test_sections_do_not_know_one_another_without_the_prior():
    rng = np.random.default_rng(8)
    panel = sampled(rng, years(rng, 6), 6)
    together = class_probability(panel)
    shuffled = class_probability(panel.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(together, shuffled)
    alone = class_probability(panel[panel["station"] == "s0003"])
    assert alone[P].to_numpy()[0] == pytest.approx(together[P].to_numpy()[3], abs=1e-12)


def test_grading_tells_how_sure_it_is():
    table = wq.grade(tidy([0.4, 0.62] * 6), "year", probability=True)
    assert table["class"].tolist() == [3]
    assert 0 < table["p_class"][0] < 0.95
    assert "not distinguishable from II" in table["notes"][0]
    zh = wq.grade(tidy([0.4, 0.62] * 6), "year", probability=True, lang="zh")
    assert "与Ⅱ类不能区分" in zh["notes"][0]
    few = wq.grade(tidy([0.4] * 3, MONTHLY[:3]), "year", probability=True)
    assert few[["class", "p_class", "p_good"]].isna().all(axis=None), "what is not graded has no probability"
    with pytest.raises(ArgumentError, match="'sample' is not known"):
        wq.grade(tidy([0.4] * 12), "sample", probability=True)


def test_items_without_values_of_their_own_are_said():
    notes = class_probability(tidy([3.0] * 12, code="BOD5"))["notes"][0]
    assert "BOD5: variability taken from other items" in notes
    assert "BOD5" not in shipped()


@pytest.mark.parametrize("period", ["sample", "week", ("2021-03-01", "2021-03-01"), ("soon", "later")])
def test_periods_that_are_none(period):
    with pytest.raises(ArgumentError, match="period"):
        class_probability(tidy([0.4] * 12), period)


def test_nothing_to_grade_is_an_empty_table():
    table = class_probability(tidy([20.0] * 12, code="WT"))
    assert len(table) == 0
    assert set(P) < set(table)


def test_a_calendar_of_every_day_changes_nothing():
    rng = np.random.default_rng(8)
    table = pd.concat([tidy(rng.lognormal(-0.5, 0.6, 12), station=name) for name in "ab"])
    every = pd.DataFrame({"station": np.repeat(["a", "b"], len(YEAR)), "time": np.tile(YEAR, 2)})
    plain, same = (class_probability(table, days=days)[P].to_numpy() for days in (None, every))
    assert same == pytest.approx(plain, abs=1e-12)


def test_only_the_days_that_are_meant_are_unknown():
    rng = np.random.default_rng(9)
    table = tidy(rng.lognormal(0.0, 0.6, 12))
    met = pd.DataFrame({"station": "a", "time": MONTHLY})
    assert class_probability(table, days=met)[P].to_numpy().max() == 1.0
    more = pd.DataFrame({"station": "a", "time": YEAR[::2]})
    sure, wide = (class_probability(table, days=days)["p_class"].iloc[0] for days in (more, None))
    assert sure > wide, "half as many days are unknown, and each has a sample as near"


def test_block_errors_of_a_calendar_are_means_over_its_days():
    g = Variogram(0.2, (0.1, 0.0, 0.5, 0.0, 0.0), 0.2)(np.arange(41))[None]
    day, unit = np.array([0, 3, 4, 10, 17, 18, 30, 40]), np.array([3, 17, 30])
    calendar = Calendar(np.array([0, 8]), day, np.array([0]))
    held = cells(np.array([0, 3]), np.array([0]), unit, np.ones(3), np.array([41]), g, calendar)
    assert held.size.tolist() == [8]
    assert held.across[0] == pytest.approx(g[0][np.abs(unit[:, None] - day)].mean())
    assert held.whole[0] == pytest.approx(g[0][np.abs(day[:, None] - day)].mean())


def test_a_calendar_without_its_columns_is_said():
    with pytest.raises(ArgumentError, match="'station' is missing"):
        class_probability(tidy(np.ones(12)), days=pd.DataFrame({"time": YEAR}))
