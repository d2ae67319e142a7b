"""Change points: statistics by their definitions, p and interval by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.stats import buishand, cusum, pettitt, snht
from wqstudy.stats.changepoint import noise

QUICK = settings(deadline=None, max_examples=60)

TESTS = [pettitt, buishand, cusum, snht]
series = st.lists(st.integers(-30, 30).map(lambda i: i / 2), min_size=4, max_size=30).filter(
    lambda x: len(set(x)) > 1
)


# ---------------------------------------------------------------- by definition


def by_definition(x):
    """Largest absolute path and where, of Pettitt, CUSUM and SNHT, and Buishand's range, by loops."""
    x = np.asarray(x)
    n = x.size
    u = [sum(np.sign(x[i] - x[j]) for i in range(t) for j in range(t, n)) for t in range(1, n)]
    s = np.array([np.sum(x[:t] - x.mean()) for t in range(1, n)]) / x.std() / np.sqrt(n)
    z = (x - x.mean()) / x.std(ddof=1)
    t = [k * z[:k].mean() ** 2 + (n - k) * z[k:].mean() ** 2 for k in range(1, n)]
    return {
        pettitt: (np.abs(u).max(), np.abs(u)),
        cusum: (np.abs(s).max(), np.abs(s)),
        snht: (max(t), np.array(t)),
        buishand: (max(s.max(), 0) - min(s.min(), 0), np.abs(s)),
    }


@QUICK
@given(series)
def test_statistics_are_those_of_the_definitions(x):
    for test, (statistic, path) in by_definition(x).items():
        got = test(x, resamples=1)
        assert got.statistic == pytest.approx(statistic, rel=1e-9)
        # Among equal peaks the first; equal but for rounding counts as equal.
        assert got.index == 1 + int(np.argmax(path >= path.max() * (1 - 1e-9)))


def test_a_clean_step_is_found_where_it_is():
    x = np.r_[np.zeros(17), np.ones(23)] + 1e-3 * np.random.default_rng(0).standard_normal(40)
    for test in TESTS:
        got = test(x)
        assert got.index == 17
        # Ranks within the levels are as far apart as without a step: a few steps of doubt.
        spare = 4 if test is pettitt else 0
        assert 17 - spare <= got.low <= 17 <= got.high <= 17 + spare
        assert got.p_value < 0.001
        assert got.p_serial < 0.002


# ---------------------------------------------------------------- by symmetry


@QUICK
@given(series)
def test_a_rising_transform_changes_nothing_of_pettitt(x):
    plain, bent = pettitt(x, resamples=49), pettitt(np.exp(x), resamples=49)
    assert plain == bent


@pytest.mark.parametrize("test", TESTS)
@QUICK
@given(x=series)
def test_upside_down_is_the_same_change(test, x):
    plain, turned = test(x, resamples=1), test([-v for v in x], resamples=1)
    assert turned.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert turned.index == plain.index


@pytest.mark.parametrize("test", [buishand, cusum, snht])
@QUICK
@given(x=series)
def test_scale_and_level_change_nothing(test, x):
    plain, moved = test(x, resamples=19), test(np.array(x) * 4 + 100, resamples=19)
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert (moved.index, moved.p_serial) == (plain.index, plain.p_serial)


@pytest.mark.parametrize("test", TESTS)
def test_same_seed_same_answer(test):
    x = noise(np.random.default_rng(1), 1, 40, 0.5)[0]
    assert test(x, rng=5) == test(x, rng=5)
    assert test(x, rng=5).seed == 5
    assert test(x, rng=5).p_serial == test(x, rng=np.random.default_rng(5)).p_serial
    assert test(x, rng=np.random.default_rng(5)).seed is None


# ---------------------------------------------------------------- ends of the scale


@pytest.mark.parametrize("test", TESTS)
def test_a_constant_series_has_no_change(test):
    got = test([3.0] * 10)
    assert (got.statistic, got.p_value, got.p_serial, got.index) == (0.0, 1.0, 1.0, 0)
    assert got.notes == ("all values are equal: nothing changes",)


def test_two_levels_without_noise_do_not_divide_by_nothing():
    got = pettitt([1.0] * 10 + [2.0] * 10)
    assert (got.index, got.low, got.high, got.phi) == (10, 10, 10, pytest.approx(3 / 11))


def test_faulty_arguments_are_named():
    x = [1.0, 2.0, 3.0, 2.0, 1.0]
    with pytest.raises(ArgumentError, match="argument x"):
        pettitt([1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match="argument x"):
        snht([1.0, np.nan, 2.0, 3.0, 4.0])
    with pytest.raises(ArgumentError, match="argument phi"):
        cusum(x, phi=1.0)
    with pytest.raises(ArgumentError, match="argument resamples"):
        buishand(x, resamples=0)
    with pytest.raises(ArgumentError, match="argument level"):
        buishand(x, level=0.0)


# ---------------------------------------------------------------- by simulation


def test_noise_remembers_what_it_should():
    rows = noise(np.random.default_rng(2), 20_000, 6, np.repeat([0.0, 0.6], 10_000))
    for part, phi in ((rows[:10_000], 0.0), (rows[10_000:], 0.6)):
        for lag in (1, 2, 5):
            # Standard error of a correlation of 10,000 pairs is .01 or less.
            assert abs((part[:, 0] * part[:, lag]).mean() - phi**lag) < 0.05
        assert abs(part[:, 5].std() - 1) < 0.03


@pytest.mark.parametrize("test", [pettitt, snht])
@pytest.mark.parametrize(("n", "phi"), [(60, 0.0), (60, 0.6), (120, 0.6)])
def test_size_under_noise_that_remembers(test, n, phi):
    """300 series a cell, nominal 5 %: standard error .013. Up to .05 + 4 x .013 passes; the p for independent
    values rejects a third and more of the series with phi = .6, which is what this is for."""
    rng = np.random.default_rng(n)
    found = [test(x, rng=rng, resamples=199) for x in noise(rng, 300, n, phi)]
    size = np.mean([f.p_serial <= 0.05 for f in found])
    assert size < 0.05 + 4 * 0.013
    if phi:
        assert size > 0.01
        assert np.mean([f.p_value <= 0.05 for f in found]) > 0.3
        # The correlation is found without a change: within .05 of the truth on average.
        assert abs(np.mean([f.phi for f in found]) - phi) < 0.05


@pytest.mark.parametrize(("n", "phi", "step", "least"), [(60, 0.0, 2.0, 0.90), (120, 0.6, 2.0, 0.86)])
def test_interval_holds_the_time_of_change(n, phi, step, least):
    """200 series a cell; the basic bootstrap holds .90 to .97 here, standard error .02."""
    rng = np.random.default_rng(n + 1)
    x = noise(rng, 200, n, phi) + step * (np.arange(n) >= n // 3)
    found = [pettitt(row, rng=rng, resamples=199) for row in x]
    assert np.mean([f.low <= n // 3 <= f.high for f in found]) > least
    assert np.mean([f.high - f.low for f in found]) < n / 2
    assert np.mean([f.p_serial <= 0.05 for f in found]) > 0.85
