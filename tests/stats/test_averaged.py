"""The averaged step and trend: each component by dense algebra, the mixture by scipy, size as published."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, optimize, signal
from scipy import stats as distributions

from wqstudy.stats import noise
from wqstudy.stats.averaged import (
    averaged_jump,
    averaged_jumps,
    averaged_step,
    averaged_steps,
    averaged_trend,
    averaged_trends,
)
from wqstudy.stats.step import beside_season
from wqstudy.stats.whitened import Design

PUBLISHED = Path(__file__).parents[2] / "benchmarks" / "results" / "default_test_size.csv"
QUICK = settings(max_examples=20, deadline=None, derandomize=True)


def ar1(rng, phi, n):
    innovations = rng.standard_normal(n)
    innovations[1:] *= np.sqrt(1 - phi**2)
    return signal.lfilter([1.0], [1.0, -phi], innovations)


def with_gaps(rng, n, share):
    kept = rng.random(n) >= share
    kept[[0, -1]] = True
    return np.flatnonzero(kept)


def matrices(grid, time):
    """Correlation matrix of every noise model, written out."""
    lag = np.abs(time[:, None] - time[None, :])
    for slow, fast, share in zip(grid.slow, grid.fast, grid.share, strict=True):
        one, two = (np.where(lag == 0, 1.0, np.sign(p) ** lag * np.abs(p) ** lag) for p in (slow, fast))
        yield share * one + (1 - share) * two
    for d in grid.d:
        yield noise.fractional_correlation(d, lag.astype(float))


def dense(y, time, target, kind):
    """Estimates, standard errors, weights and degrees of freedom, one matrix inverted a model."""
    months = np.unique(time % 12)
    X = np.column_stack([*(time % 12 == m for m in months), target]).astype(float)
    freedom = time.size - X.shape[1]
    grid = noise.grid(time.size, kind)
    centre, scale, log_weight = [], [], []
    for R, prior in zip(matrices(grid, time), grid.log_prior, strict=True):
        inverse = np.linalg.inv(R)
        information = X.T @ inverse @ X
        weights = np.linalg.solve(information, X.T @ inverse)
        e = y - X @ (weights @ y)
        squares = e @ inverse @ e
        taken = np.linalg.pinv(X)[-1] if kind == "step" else weights[-1]
        centre.append(taken @ y)
        scale.append(np.sqrt(taken @ R @ taken * squares / freedom))
        determinants = np.linalg.slogdet(R)[1] + np.linalg.slogdet(information)[1]
        log_weight.append(prior - determinants / 2 - freedom / 2 * np.log(squares))
    weight = np.exp(np.array(log_weight) - max(log_weight))
    return np.array(centre), np.array(scale), weight / weight.sum(), freedom


def mixture(centre, scale, weight, freedom, level):
    """Mean, ends and p of a mixture of t distributions, its distribution solved by scipy."""
    law = distributions.t(freedom, loc=centre, scale=scale)

    def end(q):
        reach = 50 * scale.max()
        return optimize.brentq(
            lambda x: weight @ law.cdf(x) - q, centre.min() - reach, centre.max() + reach, xtol=1e-13
        )

    tail = (1 - level) / 2
    p = 2 * min(weight @ law.cdf(0.0), weight @ law.sf(0.0))
    return weight @ centre, end(tail), end(1 - tail), p


def numbers(estimate):
    return np.array([estimate.value, estimate.low, estimate.high, estimate.p_value])


# ---------------------------------------------------------------- against other ways of computing it

# Dense inverses of matrices of condition 1e6 keep ten digits; components of weight below 1e-10 are left
# out of the search for the ends.
SAME = {"rel": 1e-6, "abs": 1e-9}


@pytest.mark.parametrize(
    ("seed", "n", "cut", "phi", "gaps", "level"),
    [(1, 24, 12, 0.0, 0.0, 0.95), (2, 60, 20, 0.6, 0.2, 0.9), (3, 120, 80, 0.9, 0.1, 0.99)],
)
@pytest.mark.parametrize("kind", ["step", "jump"])
def test_step_and_jump_equal_dense_algebra(kind, seed, n, cut, phi, gaps, level):
    rng = np.random.default_rng(seed)
    time = with_gaps(rng, n, gaps)
    after = time >= cut
    y = 3 + ar1(rng, phi, n)[time] - 0.3 * after
    test = averaged_step if kind == "step" else averaged_jump
    got = test(y, time, after, level=level)
    expected = mixture(*dense(y, time, after, kind), level)
    assert numbers(got) == pytest.approx(expected, **SAME)
    assert (got.level, got.n, got.method, got.unit) == (level, time.size, f"averaged-{kind}", "log")


@pytest.mark.parametrize(("seed", "n", "gaps"), [(4, 36, 0.0), (5, 120, 0.25)])
def test_trend_equals_dense_algebra(seed, n, gaps):
    rng = np.random.default_rng(seed)
    time = with_gaps(rng, n, gaps)
    y = ar1(rng, 0.5, n)[time] + 0.1 * time / 12
    got = averaged_trend(y, time)
    assert numbers(got) == pytest.approx(mixture(*dense(y, time, time / 12, "trend"), 0.95), **SAME)
    assert (got.method, got.unit) == ("averaged-trend", "log/year")


def test_one_model_is_statsmodels_gls():
    rng = np.random.default_rng(6)
    time = np.arange(60)
    after = time >= 25
    y = ar1(rng, 0.6, 60)
    phi = 0.6
    grid = noise.Grid(np.array([phi]), np.zeros(1), np.ones(1), np.zeros(0), np.zeros(1), np.array(["A"]))
    season, target = beside_season(time, after, 12)
    design = Design.of(time.astype(float), season, target, grid, plain=False)
    centre, scale, _ = design.components(y[None, :])
    X = np.column_stack([np.eye(12)[time % 12], after])
    fit = sm.GLS(y, X, sigma=linalg.toeplitz(phi ** np.arange(60))).fit()
    assert (centre[0, 0], scale[0, 0]) == pytest.approx((fit.params[-1], fit.bse[-1]), rel=1e-10)


def test_many_series_say_what_each_says():
    rng = np.random.default_rng(7)
    time = np.arange(72)
    after = time >= 30
    series = np.stack([ar1(rng, phi, 72) + shift for phi, shift in [(0, 5), (0.9, 0), (0.5, -1)] * 30])
    for many, each in (
        (averaged_steps(series, time, after), lambda y: averaged_step(y, time, after)),
        (averaged_jumps(series, time, after), lambda y: averaged_jump(y, time, after)),
        (averaged_trends(series, time), lambda y: averaged_trend(y, time)),
    ):
        got = np.column_stack([many.value, many.low, many.high, many.p_value])
        np.testing.assert_allclose(got[::17], [numbers(each(y)) for y in series[::17]], rtol=1e-9)


def test_draws_are_mixed_alike():
    rng = np.random.default_rng(8)
    time = with_gaps(rng, 72, 0.15)
    after = time >= 30
    draws = np.stack([ar1(rng, 0.5, 72)[time] + 0.4 * k * after for k in range(4)])
    centre, scale, weight, freedom = (
        list(p) for p in zip(*(dense(y, time, after, "step") for y in draws), strict=True)
    )
    expected = mixture(
        np.concatenate(centre), np.concatenate(scale), np.concatenate(weight) / 4, freedom[0], 0.95
    )
    assert numbers(averaged_step(draws, time, after)) == pytest.approx(expected, **SAME)


def test_a_month_that_is_there_twice_counts_half_a_month_later():
    rng = np.random.default_rng(9)
    time = np.sort(np.r_[np.arange(48), 24])
    after = np.arange(49) >= 25
    got = averaged_step(rng.standard_normal(49), time, after)
    assert got.low < got.value < got.high


# ---------------------------------------------------------------- known truth


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("change", [-1.7, 0.0, 0.4])
def test_a_series_without_noise_is_exact(gaps, change):
    rng = np.random.default_rng(5)
    time = with_gaps(rng, 96, gaps)
    after = time >= 40
    season = 3.0 + rng.normal(size=12)[time % 12]
    got = averaged_step(season + change * after, time, after)
    # Values near 5 have 16 digits; projections of 100 values, and a slow model's whitening, lose four.
    assert numbers(got)[:3] == pytest.approx([change] * 3, abs=1e-10)
    got = averaged_jump(season + change * after, time, after)
    assert numbers(got)[:3] == pytest.approx([change] * 3, abs=1e-10)
    got = averaged_trend(season + change * time / 12, time)
    assert numbers(got)[:3] == pytest.approx([change] * 3, abs=1e-10)


@pytest.mark.parametrize("level", [-3.912, 1e6, 0.0])
@pytest.mark.parametrize("n", [30, 72, 119])
def test_a_series_that_never_changes_did_not_change(level, n):
    time = np.arange(n)
    for got in (
        averaged_step(np.full(n, level), time, time >= n // 3),
        averaged_trend(np.full(n, level), time),
    ):
        assert got.value == pytest.approx(0, abs=1e-12 * max(abs(level), 1))
        assert not got.decided
        assert got.p_value > 0.5


@pytest.mark.parametrize("n", [30, 72, 119])
def test_a_series_that_changes_once_changed(n):
    time = np.arange(n)
    after = time >= n // 3
    got = averaged_step(np.where(after, np.log(0.02), np.log(0.05)), time, after)
    assert got.value == pytest.approx(np.log(0.4), abs=1e-11)
    assert got.decided
    assert got.p_value < 1e-6


def test_a_change_that_builds_up_is_in_the_step_and_only_partly_in_the_jump():
    """Two years until the treatment has its whole effect of -1: the means differ by -0.76."""
    time = np.arange(96)
    after = time >= 48
    effect = -np.clip((time - 47) / 24, 0, 1)
    truth = effect[after].mean()
    rng = np.random.default_rng(12)
    series = effect + 0.2 * np.stack([ar1(rng, 0.3, 96) for _ in range(200)])
    means, jumps = averaged_steps(series, time, after), averaged_jumps(series, time, after)
    # The mean of 200 estimates of standard error 0.06: five of its own errors.
    assert means.value.mean() == pytest.approx(truth, abs=5 * 0.06 / np.sqrt(200))
    assert np.mean((means.low <= truth) & (truth <= means.high)) >= 0.95
    assert jumps.value.mean() > truth + 0.1


# ---------------------------------------------------------------- where little or nothing can be said


@pytest.mark.parametrize(
    ("time", "after"),
    [
        (np.arange(15), np.arange(15) >= 8),  # 13 coefficients, 2 values to spare
        (np.arange(24), np.zeros(24, dtype=bool)),  # no value after
        (np.arange(24), np.ones(24, dtype=bool)),
        (np.r_[0:6, 12:18, 30:36, 42:48], np.r_[np.zeros(12), np.ones(12)].astype(bool)),  # no common month
        (np.zeros(0, dtype=int), np.zeros(0, dtype=bool)),
    ],
)
def test_step_not_estimable(time, after):
    got = averaged_step(np.random.default_rng(0).standard_normal(time.size), time, after)
    assert np.isnan(numbers(got)).all()
    assert got.notes == ("too few months to estimate a step",)
    many = averaged_steps(np.ones((3, time.size)), time, after)
    assert np.isnan(many.p_value).tolist() == [True] * 3


def test_trend_not_estimable():
    got = averaged_trend(np.arange(15.0), np.arange(15))
    assert np.isnan(numbers(got)).all()
    assert got.notes == ("too few months to estimate a trend",)


def test_short_records_say_so():
    y = np.random.default_rng(0).standard_normal(36)
    time = np.arange(36)
    note = ("not calibrated below 36 months",)
    assert averaged_step(y[:35], time[:35], time[:35] >= 17).notes == note
    assert averaged_trend(y[:35], time[:35]).notes == note
    assert averaged_step(y, time, time >= 18).notes == averaged_trend(y, time).notes == ()


# ---------------------------------------------------------------- equivariance

SERIES = st.tuples(st.integers(0, 10**6), st.integers(30, 84), st.floats(0, 0.35), st.floats(0, 0.9))
CLOSE = {"rtol": 1e-6, "atol": 1e-8}


def drawn(made):
    seed, n, gaps, phi = made
    rng = np.random.default_rng(seed)
    time = with_gaps(rng, n, gaps)
    return ar1(rng, phi, n)[time], time, time >= n // 2, rng


@QUICK
@given(SERIES, st.floats(-50, 50), st.floats(-3, 3), st.floats(0.01, 100))
def test_level_season_step_and_unit_do_what_they_should(made, constant, size, factor):
    y, time, after, rng = drawn(made)
    season = constant + rng.normal(scale=5, size=12)[time % 12]
    plain = numbers(averaged_step(y, time, after))
    np.testing.assert_allclose(numbers(averaged_step(y + season, time, after)), plain, **CLOSE)
    moved = numbers(averaged_step(y + size * after, time, after))
    np.testing.assert_allclose(moved[:3], plain[:3] + size, **CLOSE)
    scaled = numbers(averaged_step(factor * y, time, after))
    np.testing.assert_allclose(scaled / [factor, factor, factor, 1], plain, **CLOSE)


@QUICK
@given(SERIES)
def test_the_other_sign_and_another_calendar_year_mirror_and_keep(made):
    y, time, after, _ = drawn(made)
    plain, mirrored = averaged_step(y, time, after), averaged_step(-y, time, after)
    np.testing.assert_allclose(
        [-mirrored.value, -mirrored.high, -mirrored.low, mirrored.p_value], numbers(plain), **CLOSE
    )
    assert numbers(averaged_step(y, time + 24192, after)).tolist() == numbers(plain).tolist()
    np.testing.assert_allclose(
        numbers(averaged_trend(y, time + 24192)), numbers(averaged_trend(y, time)), **CLOSE
    )


@QUICK
@given(SERIES)
def test_interval_and_p_agree_and_levels_are_nested(made):
    y, time, after, _ = drawn(made)
    narrow, got, wide = (averaged_step(y, time, after, level=level) for level in (0.8, 0.95, 0.99))
    assert wide.low < got.low < narrow.low < narrow.high < got.high < wide.high
    if abs(got.p_value - 0.05) > 1e-7:
        assert (got.p_value < 0.05) == got.decided


# ---------------------------------------------------------------- size under the null

RUNS = 800


@pytest.mark.parametrize("test", ["step", "jump", "trend"])
@pytest.mark.parametrize(("n", "phi"), [(36, 0.8), (48, 0.3), (120, 0.0), (120, 0.6)])
def test_size_is_the_published_one(test, n, phi):
    table = pd.read_csv(PUBLISHED)
    row = table[
        (table["test"] == test)
        & (table["noise"] == f"AR(1) {phi}")
        & (table["n"] == n)
        & (table["split"] == "1:1")
        & (table["missing"] == 0)
        & (table["non_detects"] == 0)
    ].squeeze()
    rng = np.random.default_rng([n, round(10 * phi)])
    series = np.stack([ar1(rng, phi, n) for _ in range(RUNS)])
    time = np.arange(n)
    known = {} if test == "trend" else {"after": time >= n // 2}
    many = {"step": averaged_steps, "jump": averaged_jumps, "trend": averaged_trends}[test]
    rejected = np.mean(many(series, time, **known, level=None).p_value < 0.05)
    # Three standard errors of both simulations. Least squares would reject 15 % at phi .3, 31 % at .6.
    size = row["size"]
    assert abs(rejected - size) <= 3 * np.sqrt(size * (1 - size) * (1 / RUNS + 1 / row["runs"]))


def test_every_published_cell_that_must_hold_its_size_does():
    """What the decision record promises, read off the table it rests on."""
    table = pd.read_csv(PUBLISHED)
    alone = table["noise"].str.match(r"AR\(1\) 0\.\d$") & (table["n"] >= 36)
    alone &= (table["missing"] == 0) & (table["non_detects"] == 0)
    assert alone.sum() >= 60
    # Two Monte Carlo errors: a cell at the bar itself is as often above as below.
    assert (table.loc[alone, "size"] <= 0.07 + 2 * table.loc[alone, "size_error"]).all()
