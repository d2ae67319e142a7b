"""Seasons, sites and covariates: covariances by counting all orders, sums by hand, size by simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels import api as statsmodels

from wqstudy import stats
from wqstudy.stats import groups, partial, ranks, smooth

QUICK = settings(deadline=None, max_examples=25)


def s_of(column, t):
    """Kendall's S of a column in which nan compares with nothing."""
    pairs = itertools.combinations(range(len(t)), 2)
    signs = [np.sign(column[j] - column[i]) * np.sign(t[j] - t[i]) for i, j in pairs]
    return float(np.nansum(signs))


def counted_covariance(table, t):
    """Covariance matrix of S over all orders in which the rows can be dealt out to the times."""
    orders = [
        [s_of(table[list(order), g], t) for g in range(table.shape[1])]
        for order in itertools.permutations(range(len(t)))
    ]
    return np.array(orders).T @ np.array(orders) / len(orders)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_covariance_is_that_over_all_orders_of_the_years(seed, gaps):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 5, (6, 3)).astype(float)
    if gaps:
        table[rng.random(table.shape) < 0.25] = np.nan
    got = ranks.covariance_of_s(table)
    np.testing.assert_allclose(got, counted_covariance(table, np.arange(6)), atol=1e-10)


@pytest.mark.parametrize(
    "t", [[0, 1, 2, 3, 4, 5], [0, 0, 1, 2, 2, 2], [0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 2]]
)
def test_covariance_with_ties_in_time_is_that_over_all_orders(t):
    table = np.random.default_rng(4).integers(0, 4, (6, 2)).astype(float)
    got = ranks.covariance_at_times(table, np.array(t, float))
    np.testing.assert_allclose(got, counted_covariance(table, np.array(t)), atol=1e-10)


def panel(years, seasons, rng, shared=0.0):
    """Year, season and value of every cell; the years' own shocks are shared by their seasons."""
    year, season = np.repeat(np.arange(years), seasons), np.tile(np.arange(seasons), years)
    noise = rng.standard_normal(years * seasons)
    return year, season, noise + shared * np.repeat(rng.standard_normal(years), seasons)


@QUICK
@given(st.integers(0, 1000), st.integers(2, 8), st.integers(1, 5))
def test_sums_are_those_of_the_seasons_alone(seed, years, seasons):
    rng = np.random.default_rng(seed)
    year, season, x = panel(years, seasons, rng)
    x = np.round(x, 1)
    x[rng.random(x.size) < 0.2] = np.nan
    whole = stats.seasonal_kendall(x, year, season)
    if not whole.estimable:
        return
    alone = [
        ranks.kendall_sums(part, np.empty(0), np.empty(part.size))
        for part in (x[(season == s) & ~np.isnan(x)] for s in range(seasons))
    ]
    assert whole.s == sum(part[0] for part in alone)
    assert whole.var_s == pytest.approx(sum(part[1] for part in alone), rel=1e-12)
    assert stats.regional_kendall(x, year, season).s == whole.s


@QUICK
@given(st.integers(0, 1000), st.booleans())
def test_one_season_is_the_plain_test(seed, covariance):
    x = np.round(np.random.default_rng(seed).standard_normal(15), 1)
    one = stats.sen_slope(x, np.arange(15))
    got = stats.seasonal_kendall(x, np.arange(15), ["all"] * 15, covariance)
    assert (got.s, got.z, got.p_value) == pytest.approx((one.s, one.z, one.p_value), rel=1e-12)
    assert (got.slope, got.low, got.high, got.n) == (one.slope, one.low, one.high, one.n)


@QUICK
@given(st.integers(0, 1000), st.booleans())
def test_order_of_rows_and_names_of_seasons_do_not_matter(seed, covariance):
    rng = np.random.default_rng(seed)
    year, season, x = panel(12, 4, rng)
    x[rng.random(x.size) < 0.1] = np.nan
    order = rng.permutation(x.size)
    names = np.array(["spring", "summer", "autumn", "winter"])[season]
    one = stats.seasonal_kendall(x, year, season, covariance)
    other = stats.seasonal_kendall(x[order], year[order], names[order], covariance)
    for field in ("s", "var_s", "z", "p_value", "tau", "slope", "low", "high", "n"):
        assert getattr(other, field) == pytest.approx(getattr(one, field), rel=1e-12)
    back = stats.seasonal_kendall(-x, year, season, covariance)
    assert (back.s, back.slope, back.low) == pytest.approx((-one.s, -one.slope, -one.high), rel=1e-12)
    assert back.var_s == pytest.approx(one.var_s, rel=1e-12)


def test_a_level_for_each_season_changes_nothing():
    rng = np.random.default_rng(5)
    year, season, x = panel(12, 12, rng)
    one, shifted = (stats.seasonal_kendall(v, year, season, True) for v in (x, x + 100 * np.sin(season)))
    assert (shifted.s, shifted.var_s) == (one.s, one.var_s)
    assert shifted.slope == pytest.approx(one.slope, rel=1e-9)


def test_two_values_in_one_year_are_tied_in_time():
    got = stats.seasonal_kendall([1, 2, 3, 4], [2001, 2001, 2002, 2003], ["a"] * 4)
    assert got.s == 5  # six pairs, of which the first two values are none
    assert got.var_s == pytest.approx(
        ranks.kendall_sums(np.arange(4.0), np.array([0.0, 0, 1, 2]), np.empty(4))[1]
    )
    assert got.slope == pytest.approx(np.median([2 / 1, 3 / 2, 1 / 1, 2 / 2, 1 / 1]))


def test_few_years_of_covariance_are_noted():
    rng = np.random.default_rng(6)
    year, season, x = panel(9, 4, rng)
    short = stats.seasonal_kendall(x, year, season, covariance=True)
    assert any("from 9 years" in note for note in short.notes)
    assert stats.seasonal_kendall(x, year, season).notes == ()
    year, season, x = panel(10, 4, rng)
    assert stats.seasonal_kendall(x, year, season, covariance=True).notes == ()


def test_sites_without_common_times_are_noted():
    x, site = np.random.default_rng(7).standard_normal(24), np.repeat(["a", "b"], 12)
    apart = stats.regional_kendall(x, np.arange(24), site, covariance=True)
    assert any("share no time" in note for note in apart.notes)
    assert apart.var_s == pytest.approx(stats.regional_kendall(x, np.arange(24), site).var_s)


def test_seasons_that_say_nothing_are_noted():
    got = stats.seasonal_kendall([1, 2, 3, 9], [1, 2, 3, 1], ["a", "a", "a", "b"])
    assert any("1 of 2 seasons" in note for note in got.notes)
    assert got.s == 3


def test_covariance_keeps_the_size_where_seasons_share_their_years():
    rng = np.random.default_rng(8)
    runs, rejected = 1500, np.zeros(2)
    for _ in range(runs):
        year, season, x = panel(20, 4, rng, shared=1.0)
        rejected += [stats.seasonal_kendall(x, year, season, c).p_value <= 0.05 for c in (False, True)]
    alone, together = rejected / runs
    # Correlation 0.5 of four seasons makes the variance 2.5 times that of independence: true size .21.
    # Three standard errors of 5 % in 1,500 runs are .017.
    assert alone > 0.15
    assert 0.05 - 0.02 < together < 0.05 + 0.02


# ---------------------------------------------------------------- covariates


@pytest.mark.parametrize("t", [[0, 1, 2, 3, 4, 5], [0, 0, 1, 2, 3, 3]])
def test_partial_variance_is_that_over_all_orders(t):
    rng = np.random.default_rng(9)
    x = rng.integers(0, 5, 6).astype(float)
    c = x + rng.integers(0, 4, 6)
    t = np.array(t, float)
    covariance = counted_covariance(np.column_stack([x, c]), t)
    ratio = covariance[0, 1] / covariance[1, 1]
    got = stats.partial_kendall(x, c, t)
    assert got.s == pytest.approx(s_of(x, t) - ratio * s_of(c, t), rel=1e-12)
    all_s = [
        s_of(x[list(order)], t) - ratio * s_of(c[list(order)], t)
        for order in itertools.permutations(range(6))
    ]
    assert got.var_s == pytest.approx(np.var(all_s), rel=1e-10)
    assert np.mean(all_s) == pytest.approx(0, abs=1e-10)


def test_a_trend_that_is_the_covariates_goes_away():
    rng = np.random.default_rng(10)
    flow = 0.05 * np.arange(60) + rng.standard_normal(60)
    x = -flow + 0.3 * rng.standard_normal(60)
    assert stats.mann_kendall(x).p_value < 0.01
    assert stats.partial_kendall(x, flow).p_value > 0.1


def test_covariates_at_the_edge_are_told():
    x = [3.0, 1, 4, 2, 5, 9]
    same = stats.partial_kendall(x, x)
    assert math.isnan(same.p_value)
    assert partial.NOTE_SAME in same.notes
    still = stats.partial_kendall(x, [1.0] * 6)
    assert partial.NOTE_COVARIATE in still.notes
    assert still.p_value == stats.mann_kendall(x).p_value
    gaps = stats.partial_kendall([*x, np.nan], [1, 3, 2, 5, np.nan, 4, 7])
    assert gaps.n == 5
    assert "2 missing values left out" in gaps.notes


def test_partial_test_holds_its_size():
    rng = np.random.default_rng(12)
    runs = 2000
    p = []
    for _ in range(runs):
        flow = rng.standard_normal(30)
        p.append(stats.partial_kendall(0.7 * flow + rng.standard_normal(30), flow).p_value)
    # Three standard errors of 5 % in 2,000 runs are .015; the continuity correction costs up to .005.
    assert 0.05 - 0.02 < np.mean(np.array(p) <= 0.05) < 0.05 + 0.015


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("passes", [0, 3])
def test_lowess_is_that_of_statsmodels(seed, passes):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(80)
    y = np.sin(x) + 0.3 * rng.standard_t(3, 80)
    theirs = statsmodels.nonparametric.lowess(y, x, frac=0.5, it=passes, return_sorted=False)
    # The same sums in double precision; repeated weighting by a median multiplies rounding errors a little.
    np.testing.assert_allclose(smooth.lowess(y, x, 0.5, passes), theirs, rtol=1e-9, atol=1e-9)


def test_flow_adjustment_finds_the_trend_that_flow_hides():
    rng = np.random.default_rng(15)
    t, flow = np.arange(80.0), rng.standard_normal(80)
    x = -0.01 * t - 2 * np.tanh(flow) + 0.2 * rng.standard_normal(80)
    plain, adjusted = stats.sen_slope(x, t), stats.flow_adjusted_kendall(x, flow, t)
    assert adjusted.low < -0.01 < adjusted.high
    assert adjusted.high - adjusted.low < 0.5 * (plain.high - plain.low)
    flow[3] = np.nan
    gaps = stats.flow_adjusted_kendall(x, flow, t, season=np.arange(80) % 4)
    assert gaps.n == 79
    assert gaps.low < -0.01 < gaps.high


# ---------------------------------------------------------------- heterogeneity


def test_parts_of_heterogeneity_add_up():
    rng = np.random.default_rng(13)
    sites, seasons, years = 3, 4, 12
    site, season, year = (
        a.ravel() for a in np.meshgrid(np.arange(sites), np.arange(seasons), np.arange(years), indexing="ij")
    )
    x = rng.standard_normal(site.size)
    parts = stats.site_season_heterogeneity(x, year, season, site)
    split = ("season", "site", "interaction")
    assert sum(parts[k].chi_square for k in split) == pytest.approx(parts["all"].chi_square, rel=1e-12)
    assert [parts[k].freedom for k in split] == [3, 2, 6]
    whole = stats.trend_heterogeneity(x, year, [f"{a} {b}" for a, b in zip(site, season, strict=True)])
    assert whole.chi_square == pytest.approx(parts["all"].chi_square, rel=1e-12)
    assert whole.trend_chi_square == pytest.approx(parts["site"].trend_chi_square, rel=1e-12)


def test_heterogeneity_holds_its_size_and_finds_opposed_trends():
    rng = np.random.default_rng(14)
    year, season, _ = panel(15, 4, rng)
    p = [stats.trend_heterogeneity(rng.standard_normal(60), year, season).p_value for _ in range(2000)]
    # Three standard errors of 5 % in 2,000 runs are .015; S of 15 values takes steps of 2 in a sd of 20.
    assert 0.05 - 0.02 < np.mean(np.array(p) <= 0.05) < 0.05 + 0.015
    opposed = np.where(season < 2, 1, -1) * 0.2 * year + rng.standard_normal(60)
    assert stats.trend_heterogeneity(opposed, year, season).p_value < 1e-4


def test_one_group_has_no_heterogeneity():
    got = stats.trend_heterogeneity([1, 2, 3], [1, 2, 3], ["a"] * 3)
    assert math.isnan(got.p_value)
    assert got.notes


def test_arranging_sorts_by_group_then_time():
    data = groups.arrange([5, 6, 7, np.nan], [3, 1, 2, 0], ["b", "a", "b", "c"])
    assert data.x.tolist() == [6, 7, 5]
    assert data.starts.tolist() == [0, 1, 3, 3]
    assert (data.labels.tolist(), data.missing) == (["a", "b", "c"], 1)
