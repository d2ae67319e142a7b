"""Sen's slope: selected without listing, the same as listed; intervals that hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from wqstudy import stats
from wqstudy.stats import selection, slopes

QUICK = settings(deadline=None, max_examples=60)


def listed(x, t, group=None):
    """All slopes within groups, sorted, as the definition has them."""
    group = np.zeros(len(x)) if group is None else np.asarray(group)
    x, t = np.asarray(x, float), np.asarray(t, float)
    i, j = np.triu_indices(len(x), 1)
    pair = (group[i] == group[j]) & (t[i] != t[j])
    return np.sort((x[j] - x[i])[pair] / (t[j] - t[i])[pair])


@QUICK
@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 30), st.integers(0, 2)), min_size=3, max_size=50)
)
def test_median_and_interval_are_those_of_the_definition(rows):
    x, t, group = (np.array(part, float) for part in zip(*rows, strict=True))
    for got, all_slopes in (
        (stats.sen_slope(x, t), listed(x, t)),
        (stats.seasonal_sen_slope(x, t, group), listed(x, t, group)),
        (stats.seasonal_kendall(x, t, group), listed(x, t, group)),
        (stats.regional_kendall(x, t, group), listed(x, t, group)),
    ):
        if not all_slopes.size:
            assert math.isnan(got.slope)
            continue
        # The same quotients in another order: only the mean of the middle two can differ in its last digit.
        assert got.slope == pytest.approx(float(np.median(all_slopes)), rel=1e-14, abs=1e-15)
        low, high = slopes.interval_ranks(all_slopes.size, got.var_s, 0.95) if got.estimable else (0, 0)
        if low < 1 or high > all_slopes.size:
            assert math.isnan(got.low)
            assert math.isnan(got.high)
            assert got.notes
        else:
            assert (got.low, got.high) == (all_slopes[low - 1], all_slopes[high - 1])


def case(name, n, rng):
    """Series that a selection could stumble over: values, times, groups."""
    steady, one, quarter = np.arange(n, dtype=float), np.zeros(n), np.arange(n) % 4
    series = {
        "noise": (rng.standard_normal(n), np.sort(rng.uniform(2000, 2020, n)), one),
        "rounded": (np.round(rng.lognormal(size=n), 2), np.floor(np.sort(rng.uniform(0, 240, n))) / 12, one),
        "few levels": (0.1 * rng.integers(0, 5, n), steady, one),
        "nearly constant": (1.0 * (rng.random(n) < 0.02), steady, one),
        "constant": (np.full(n, 3.0), steady, one),
        "straight": (0.1 * steady, steady, one),
        "heavy tails": (np.exp(5 * rng.standard_normal(n)), steady, one),
        "steps": (np.repeat([1.0, 5.0, 7.0, 2.0], n // 4 + 1)[:n], steady, one),
        "seasons": (np.sin(quarter) + rng.standard_normal(n), steady / 4, quarter),
        "constant seasons": (np.sin(quarter), steady / 4, quarter),
    }
    return series[name]


@pytest.mark.parametrize("n", [1500, 2600])
@pytest.mark.parametrize(
    "name",
    [
        "noise",
        "rounded",
        "few levels",
        "nearly constant",
        "constant",
        "straight",
        "heavy tails",
        "steps",
        "seasons",
        "constant seasons",
    ],
)
def test_selection_finds_what_listing_finds(name, n):
    x, t, group = case(name, n, np.random.default_rng(n))
    data = stats.groups.arrange(x, t, group)
    all_slopes = listed(x, t, group)
    assert all_slopes.size > selection.LISTED
    wanted = np.unique([0, 1, *np.linspace(0, all_slopes.size - 1, 9).astype(int), all_slopes.size - 1])
    got = slopes.select_slopes(data.x, data.t, data.starts, wanted)
    # The slopes themselves are the same quotients; where many are equal but for rounding, one of them.
    scale = np.ptp(x) / np.ptp(t)
    np.testing.assert_allclose(got, all_slopes[wanted], rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("seed", range(40))
def test_brackets_of_short_tied_series_find_what_listing_finds(monkeypatch, seed):
    monkeypatch.setattr(selection, "LISTED", 0)
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 300))
    group = rng.integers(0, 3, n)
    for t in (
        np.arange(n, dtype=float),
        rng.integers(0, n // 10, n).astype(float),
        2000 + rng.integers(0, 7000, n) / 365.25,
    ):
        for x in (
            rng.standard_normal(n),
            0.1 * rng.integers(0, 3, n),
            np.sin(group),
            0.1 * t,
            1e6 + 1e-9 * rng.standard_normal(n),
            np.where(rng.random(n) < 0.01, 1e9, rng.standard_normal(n)),
        ):
            data = stats.groups.arrange(x, t, group)
            all_slopes = listed(x, t, group)
            wanted = np.unique(rng.integers(0, all_slopes.size, 5))
            got = slopes.select_slopes(data.x, data.t, data.starts, wanted)
            scale = max(np.ptp(x) / np.ptp(t), np.finfo(float).tiny)
            np.testing.assert_allclose(got, all_slopes[wanted], rtol=1e-12, atol=1e-12 * scale)


@pytest.mark.parametrize("n", [20_000, 60_000])
def test_slopes_of_a_parabola_are_the_sums_of_two_times(n):
    """So many pairs that nobody could list them, and most of their slopes equal to others."""
    t = np.arange(n, dtype=float)
    sums = np.arange(2 * n - 2)
    pairs = (np.minimum(sums, 2 * (n - 1) - sums) + 1) // 2  # of two different times with each sum
    upto = np.cumsum(pairs)
    wanted = np.linspace(0, upto[-1] - 1, 7).astype(np.int64)
    got = slopes.select_slopes(t**2, t, np.array([0, n]), wanted)
    assert got.tolist() == np.searchsorted(upto, wanted, side="right").tolist()
    assert stats.sen_slope(t**2, t).slope == n - 1


def test_selection_does_not_depend_on_its_samples(monkeypatch):
    x, t, _ = case("noise", 3000, np.random.default_rng(0))
    one = stats.sen_slope(x, t)
    monkeypatch.setattr(selection, "_SEED", 99)
    assert stats.sen_slope(x, t) == one


def test_a_straight_line_is_found_exactly():
    t = np.array([2000.1, 2000.4, 2001.9, 2003.0, 2004.7, 2005.0, 2009.0, 2010.0])
    got = stats.sen_slope(3 - 0.25 * t, t)
    assert (got.slope, got.low, got.high) == pytest.approx((-0.25, -0.25, -0.25), rel=1e-10)
    seasonal = stats.seasonal_sen_slope(3 - 0.25 * t + 10 * (np.arange(8) % 2), t, np.arange(8) % 2)
    assert seasonal.slope == pytest.approx(-0.25, rel=1e-10)


@QUICK
@given(
    st.lists(st.integers(-50, 50), min_size=5, max_size=30, unique=True), st.floats(0.1, 10), st.floats(-5, 5)
)
def test_slope_follows_units_and_added_lines(x, unit, line):
    x, t = np.array(x, float), np.arange(len(x), dtype=float)
    one = stats.sen_slope(x, t)
    for got, expected in (
        (stats.sen_slope(unit * x, t), unit * one.slope),
        (stats.sen_slope(x, unit * t), one.slope / unit),
        (stats.sen_slope(x + line * t, t), one.slope + line),
        (stats.sen_slope(x[::-1], t), -one.slope),
    ):
        assert got.slope == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_interval_holds_the_true_slope():
    rng = np.random.default_rng(7)
    runs, n = 3000, 40
    x = 0.05 * np.arange(n) + rng.standard_normal((runs, n))
    got = stats.mann_kendall_many(x, slope=True)
    held = np.mean((got.low <= 0.05) & (got.high >= 0.05))
    # Three standard errors of a share of 95 % in 3,000 runs are .012; the ranks are rounded outwards by
    # half a rank at most, worth .002 of 780 slopes.
    assert 0.95 - 0.012 < held < 0.95 + 0.014


def test_interval_agrees_with_scipy():
    rng = np.random.default_rng(8)
    t = np.sort(rng.uniform(0, 10, 60))
    x = np.round(0.1 * t + rng.standard_normal(60), 1)
    got, theirs = stats.sen_slope(x, t, 0.9), scipy_stats.theilslopes(x, t, 0.9)
    assert (got.slope, got.low, got.high) == pytest.approx((theirs[0], theirs[2], theirs[3]), rel=1e-12)


def test_many_are_the_same_as_one_by_one():
    rng = np.random.default_rng(9)
    year, month = np.repeat(np.arange(2001, 2009), 12), np.tile(np.arange(12), 8)
    x = np.round(rng.standard_normal((40, 96)), 1)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[3], x[4], x[5, 2:] = np.nan, 1.5, np.nan
    many = {
        "plain": stats.mann_kendall_many(x, slope=True),
        "seasonal": stats.seasonal_kendall_many(x, year, month, slope=True),
    }
    for k, row in enumerate(x):
        single = {
            "plain": stats.sen_slope(row, np.arange(96)),
            "seasonal": stats.seasonal_kendall(row, year, month),
        }
        for name, one in single.items():
            for field in ("s", "var_s", "z", "p_value", "slope", "low", "high", "n"):
                got, expected = getattr(many[name], field)[k], getattr(one, field)
                assert got == pytest.approx(expected, rel=1e-12, nan_ok=True), (k, name, field)
            assert many[name].tau[k] == pytest.approx(one.tau_a, rel=1e-12, nan_ok=True)


def test_many_without_slopes_have_none():
    got = stats.mann_kendall_many(np.arange(12.0).reshape(2, 6))
    assert np.isnan([got.slope, got.low, got.high]).all()
    assert got.p_value == pytest.approx(stats.mann_kendall(range(6)).p_value)
