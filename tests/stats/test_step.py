"""The step beside its season: exact where the truth is exact, honest where the noise remembers."""

from collections import Counter

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from scipy import stats as distributions

from wqstudy.stats import step


def ar1(rng, phi, n):
    noise = rng.standard_normal(n)
    noise[1:] *= np.sqrt(1 - phi**2)
    return signal.lfilter([1.0], [1.0, -phi], noise)


def dummies(time, after):
    """Design matrix as a textbook writes it: a column a month that occurs, and the step."""
    months = np.unique(time % 12)
    return np.column_stack([*(time % 12 == m for m in months), after]).astype(float)


def dense(draws, time, after):
    """Step, standard errors and degrees of freedom by dense algebra, one draw a row."""
    spacing, _ = Counter(np.diff(time)[np.diff(time) > 0].tolist()).most_common(1)[0]
    X = dummies(time, after)
    n = time.size
    inverse = np.linalg.inv(X.T @ X)
    phis, values, squares = [], [], []
    for y in draws:
        beta = np.linalg.lstsq(X, y, rcond=None)[0]
        e = y - X @ beta
        pairs = [e[i] * e[i + 1] for i in range(n - 1) if time[i + 1] - time[i] == spacing]
        raw = np.mean(pairs) / np.mean(e**2)
        phis.append(min(max(raw + (1 + 3 * raw) / n, 0.0), 0.98))
        values.append(beta[-1])
        squares.append(e @ e)
    phi = np.mean(phis)
    R = np.array([[phi ** (abs(int(s) - int(t)) / spacing) for s in time] for t in time])
    M = np.eye(n) - X @ inverse @ X.T
    sigma2 = np.array(squares) / np.trace(M @ R)
    sandwich = inverse @ X.T @ R @ X @ inverse
    return np.array(values), np.sqrt(sigma2 * sandwich[-1, -1]), n * (1 - phi) / (1 + phi) - 2


def with_gaps(rng, n, share):
    """Months that are left when some are missing, none of them the first or last."""
    kept = rng.random(n) >= share
    kept[[0, -1]] = True
    return np.flatnonzero(kept)


# ---------------------------------------------------------------- known truth


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("change", [-1.7, 0.0, 0.4])
def test_step_of_a_noiseless_series_is_exact(gaps, change):
    rng = np.random.default_rng(5)
    time = with_gaps(rng, 96, gaps)
    after = time >= 40
    season = rng.normal(size=12)
    got = step.ar1_step(3.0 + season[time % 12] + change * after, time, after)
    # Values near 5 have 16 digits; projections of 100 values lose two of them.
    assert got.value == pytest.approx(change, abs=1e-11)
    assert got.low == pytest.approx(change, abs=1e-10)
    assert got.high == pytest.approx(change, abs=1e-10)


@pytest.mark.parametrize(
    ("seed", "n", "cut", "phi", "gaps"),
    [
        (1, 24, 12, 0.0, 0.0),
        (2, 48, 20, 0.5, 0.0),
        (3, 84, 26, 0.8, 0.2),
        (4, 120, 60, 0.3, 0.4),
        (5, 60, 50, 0.6, 0.1),
    ],
)
def test_equals_dense_algebra(seed, n, cut, phi, gaps):
    rng = np.random.default_rng(seed)
    time = with_gaps(rng, n, gaps) + 24192  # months are counted from the year 0
    after = time >= 24192 + cut
    y = ar1(rng, phi, n)[time - 24192] - 0.3 * after
    values, errors, freedom = dense([y], time, after)
    law = distributions.t(freedom, loc=values[0], scale=errors[0])
    low, high = law.interval(0.9)
    p = 2 * distributions.t(freedom).sf(abs(values[0] / errors[0]))
    got = step.ar1_step(y, time, after, level=0.9)
    # Both in double precision with condition numbers below 100: 1e-9 is slack for the root finder only.
    assert (got.value, got.low, got.high, got.p_value) == pytest.approx((values[0], low, high, p), rel=1e-9)
    assert (got.level, got.n, got.method, got.unit) == (0.9, time.size, "ar1-step", "log")


@pytest.mark.parametrize("spacing", [2, 3, 6])
def test_other_spacings_equal_dense_algebra_too(spacing):
    """Quarterly values are neighbours three months apart; two are missing, one month is there twice."""
    rng = np.random.default_rng(spacing)
    index = np.delete(np.arange(60), [7, 31])
    index = np.sort(np.append(index, 30))
    time = 24192 + spacing * index
    after = np.arange(time.size) >= np.flatnonzero(index == 30)[1]
    y = ar1(rng, 0.6, 60)[index] + 0.1 * rng.standard_normal(time.size)
    values, errors, freedom = dense([y], time, after)
    law = distributions.t(freedom, loc=values[0], scale=errors[0])
    got = step.ar1_step(y, time, after)
    assert (got.value, got.low, got.high) == pytest.approx((values[0], *law.interval(0.95)), rel=1e-9)


def test_value_is_that_of_least_squares():
    rng = np.random.default_rng(11)
    time = with_gaps(rng, 90, 0.25)
    after = time >= 33
    y = ar1(rng, 0.4, 90)[time]
    fit = sm.OLS(y, dummies(time, after)).fit()
    assert step.ar1_step(y, time, after).value == pytest.approx(fit.params[-1], rel=1e-11)


def test_white_noise_is_close_to_the_textbook_interval():
    # Where the estimate of phi is clipped at 0, R is the identity: the variance is that of OLS, only the
    # degrees of freedom (n - 2, not n - 13) differ.
    time = np.arange(120)
    after = time >= 60
    for seed in range(20):
        y = np.random.default_rng(seed).standard_normal(120)
        fit = sm.OLS(y, dummies(time, after)).fit()
        if step.lag_one(np.asarray(fit.resid)[None, :], time)[0][0] == 0:
            break
    else:
        pytest.fail("no series of 20 has a negative estimate; half should")
    got = step.ar1_step(y, time, after)
    reach = distributions.t(118).isf(0.025) * fit.bse[-1]
    assert got.high - got.value == pytest.approx(reach, rel=1e-9)


def test_draws_are_mixed_with_one_common_phi():
    rng = np.random.default_rng(8)
    time = with_gaps(rng, 72, 0.15)
    after = time >= 30
    draws = np.stack([ar1(rng, 0.5, 72)[time] + 0.2 * k * after for k in range(4)])
    values, errors, freedom = dense(draws, time, after)
    got = step.ar1_step(draws, time, after)
    law = distributions.t(freedom)

    def below(x):
        return law.cdf((x - values) / errors).mean()

    assert got.value == pytest.approx(values.mean(), rel=1e-11)
    # The density of the mixture is of the order of 1: ends right to 1e-11 have tails right to 1e-9.
    assert below(got.low) == pytest.approx(0.025, abs=1e-9)
    assert below(got.high) == pytest.approx(0.975, abs=1e-9)
    assert got.p_value == pytest.approx(2 * min(below(0.0), 1 - below(0.0)), rel=1e-9)


def test_equal_draws_say_what_one_says():
    rng = np.random.default_rng(9)
    time = np.arange(48)
    y = ar1(rng, 0.5, 48)
    one, many = (step.ar1_step(a, time, time >= 24) for a in (y, np.tile(y, (5, 1))))
    assert (many.value, many.low, many.high, many.p_value) == pytest.approx(
        (one.value, one.low, one.high, one.p_value), rel=1e-9
    )


def test_spread_between_draws_widens_the_interval():
    rng = np.random.default_rng(10)
    time = np.arange(72)
    after = time >= 36
    y = 0.3 * rng.standard_normal(72)
    spread = np.stack([y + shift * after for shift in (-1.0, 0.0, 1.0)])
    one, many = step.ar1_step(y, time, after), step.ar1_step(spread, time, after)
    # Draws two apart: 95 % of the mixture cannot lie in less.
    assert many.high - many.low > 2
    assert one.high - one.low < 1


@pytest.mark.parametrize("level", [-3.912, 1e6, 0.0])
@pytest.mark.parametrize("n", [30, 72, 119])
def test_a_series_that_never_changes_did_not_change(level, n):
    """A station that reports the same number for years: rounding errors are no evidence."""
    time = np.arange(n)
    got = step.ar1_step(np.full(n, level), time, time >= n // 3)
    assert got.value == pytest.approx(0, abs=1e-12 * max(abs(level), 1))
    assert not got.decided
    assert got.p_value > 0.5


@pytest.mark.parametrize("n", [30, 72, 119])
def test_a_series_that_changes_once_changed(n):
    time = np.arange(n)
    after = time >= n // 3
    got = step.ar1_step(np.where(after, np.log(0.02), np.log(0.05)), time, after)
    assert got.value == pytest.approx(np.log(0.4), abs=1e-12)
    assert got.decided
    assert got.p_value < 1e-6


# ---------------------------------------------------------------- where nothing can be said


@pytest.mark.parametrize(
    ("time", "after"),
    [
        (np.arange(15), np.arange(15) >= 8),  # 13 coefficients, 2 values to spare
        (np.arange(24), np.zeros(24, dtype=bool)),  # no value after
        (np.arange(24), np.ones(24, dtype=bool)),
        (np.r_[0:6, 12:18, 30:36, 42:48], np.r_[np.zeros(12), np.ones(12)].astype(bool)),  # no common month
    ],
)
def test_not_estimable(time, after):
    got = step.ar1_step(np.random.default_rng(0).standard_normal(time.size), time, after)
    assert not got.estimable
    assert np.isnan([got.value, got.low, got.high, got.p_value]).all()
    assert got.notes == ("too few months to estimate a step",)


def test_three_values_to_spare_are_enough():
    time = np.arange(16)
    assert step.ar1_step(np.random.default_rng(0).standard_normal(16), time, time >= 3).estimable


# ---------------------------------------------------------------- equivariance

series = st.tuples(st.integers(0, 10**6), st.integers(30, 84), st.floats(0, 0.35), st.floats(0, 0.9))


def drawn(made):
    seed, n, gaps, phi = made
    rng = np.random.default_rng(seed)
    time = with_gaps(rng, n, gaps)
    return ar1(rng, phi, n)[time], time, time >= n // 2, rng


def numbers(estimate):
    return np.array([estimate.value, estimate.low, estimate.high, estimate.p_value])


# Values of size 1 shifted by at most 50 keep 14 digits; the root finder stops at 2e-12.
CLOSE = {"rtol": 1e-7, "atol": 1e-9}
QUICK = settings(max_examples=30, deadline=None, derandomize=True)


@QUICK
@given(series, st.floats(-50, 50))
def test_a_constant_changes_nothing(made, constant):
    y, time, after, _ = drawn(made)
    np.testing.assert_allclose(
        numbers(step.ar1_step(y + constant, time, after)), numbers(step.ar1_step(y, time, after)), **CLOSE
    )


@QUICK
@given(series)
def test_a_season_changes_nothing(made):
    y, time, after, rng = drawn(made)
    season = rng.normal(scale=5, size=12)[time % 12]
    np.testing.assert_allclose(
        numbers(step.ar1_step(y + season, time, after)), numbers(step.ar1_step(y, time, after)), **CLOSE
    )


@QUICK
@given(series, st.floats(-3, 3))
def test_a_step_is_added_to_value_and_ends(made, size):
    y, time, after, _ = drawn(made)
    plain, moved = step.ar1_step(y, time, after), step.ar1_step(y + size * after, time, after)
    np.testing.assert_allclose(numbers(moved)[:3], numbers(plain)[:3] + size, **CLOSE)


@QUICK
@given(series, st.floats(0.01, 100))
def test_a_factor_multiplies_value_and_ends(made, factor):
    y, time, after, _ = drawn(made)
    plain, scaled = step.ar1_step(y, time, after), step.ar1_step(factor * y, time, after)
    np.testing.assert_allclose(numbers(scaled)[:3] / factor, numbers(plain)[:3], **CLOSE)
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-7)


@QUICK
@given(series)
def test_the_other_sign_mirrors_the_interval(made):
    y, time, after, _ = drawn(made)
    plain, mirrored = step.ar1_step(y, time, after), step.ar1_step(-y, time, after)
    np.testing.assert_allclose(
        [-mirrored.value, -mirrored.high, -mirrored.low, mirrored.p_value], numbers(plain), **CLOSE
    )


@QUICK
@given(series)
def test_interval_and_p_agree(made):
    y, time, after, _ = drawn(made)
    got = step.ar1_step(y, time, after, level=0.95)
    assert got.low < got.value < got.high
    if abs(got.p_value - 0.05) > 1e-9:
        assert (got.p_value < 0.05) == got.decided


@QUICK
@given(series)
def test_a_higher_level_is_a_wider_interval(made):
    y, time, after, _ = drawn(made)
    narrow, wide = (step.ar1_step(y, time, after, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


# ---------------------------------------------------------------- size under the null

RUNS = 400


@pytest.mark.parametrize(
    ("n", "phi", "published"),
    [
        (120, 0.0, 0.06),
        (120, 0.3, 0.06),
        (120, 0.6, 0.06),
        (48, 0.0, 0.05),
        (48, 0.3, 0.07),
        (48, 0.6, 0.07),
        (48, 0.8, 0.08),
    ],
)
def test_size_is_the_published_one(n, phi, published):
    """Rejections of a true null at 5 %, beside the figures of 3,000 runs that the method was chosen by."""
    rng = np.random.default_rng([n, round(10 * phi)])
    time = np.arange(n)
    after = time >= n // 2
    rejected = np.mean([step.ar1_step(ar1(rng, phi, n), time, after).p_value < 0.05 for _ in range(RUNS)])
    # Three standard errors of both simulations, and half a unit of the published rounding. Plain least
    # squares would reject 14 % at phi 0.3 and 30 % at 0.6, which lies outside.
    band = 3 * np.sqrt(published * (1 - published) * (1 / RUNS + 1 / 3000)) + 0.005
    assert abs(rejected - published) <= band


# ---------------------------------------------------------------- the parts


def test_lag_one_counts_neighbours_only():
    residual = np.array([[1.0, 2.0, -1.0, 3.0, 0.5]])
    time = np.array([0, 1, 5, 6, 7])
    raw = np.mean([1 * 2, -1 * 3, 3 * 0.5]) / np.mean(residual**2)
    phi, spacing = step.lag_one(residual, time)
    assert phi[0] == pytest.approx(raw + (1 + 3 * raw) / 5)
    assert spacing == 1


def test_lag_one_of_quarterly_values_counts_quarters():
    residual = np.array([[1.0, 2.0, -1.0, 3.0, 0.5, 0.4]])
    time = np.array([0, 3, 6, 7, 10, 10])
    raw = np.mean([1 * 2, 2 * -1, 3 * 0.5]) / np.mean(residual**2)
    phi, spacing = step.lag_one(residual, time)
    assert phi[0] == pytest.approx(raw + (1 + 3 * raw) / 6)
    assert spacing == 3


@pytest.mark.parametrize(
    ("residual", "expected"),
    [([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], 0.0), ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 0.98)],
)
def test_lag_one_stays_within_its_bounds(residual, expected):
    assert step.lag_one(np.array([residual]), np.arange(6))[0].tolist() == [expected]


def test_lag_one_of_lone_months_is_none():
    assert step.lag_one(np.ones((2, 4)), np.array([0, 1, 3, 6]))[0].tolist() == [0.0, 0.0]


def test_season_part_leaves_the_step():
    rng = np.random.default_rng(4)
    time = with_gaps(rng, 80, 0.2)
    after = time >= 30
    season = rng.normal(size=12)[time % 12]
    draws = np.stack([season - 2.0 * after, season + 0.5 * after])
    rest = draws - step.season_part(draws, time, after)
    for row, change in zip(rest, (-2.0, 0.5), strict=True):
        # 1e-12: rounding of sums of eighty values of size 1.
        assert np.ptp(row[after]) == pytest.approx(0, abs=1e-12)
        assert np.ptp(row[~after]) == pytest.approx(0, abs=1e-12)
        assert row[after].mean() - row[~after].mean() == pytest.approx(change, abs=1e-12)


def test_season_part_without_a_step_is_the_monthly_mean():
    time = np.arange(24)
    y = np.arange(24.0)
    got = step.season_part(y, time, np.zeros(24, dtype=bool))
    np.testing.assert_allclose(got, np.tile(np.arange(12.0) + 6, 2), rtol=1e-13)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999])
@pytest.mark.parametrize("freedom", [1.0, 4.5, 200.0])
def test_one_component_is_students_t(freedom, level):
    low, high, p = step.mixture_of_t(np.array([0.7]), np.array([0.3]), freedom, level)
    law = distributions.t(freedom, loc=0.7, scale=0.3)
    # The root finder's tolerance is 2e-12, relative 1e-15; ends reach 200 at one degree of freedom.
    assert (low, high) == pytest.approx(law.interval(level), rel=1e-9)
    assert p == pytest.approx(2 * law.cdf(0.0), rel=1e-12)


def test_several_components_against_monte_carlo():
    centre, scale, freedom = np.array([-2.0, 0.1, 0.4, 3.0]), np.array([0.2, 1.0, 0.5, 2.0]), 3.0
    low, high, p = step.mixture_of_t(centre, scale, freedom, 0.9)
    rng = np.random.default_rng(20)
    draws = 400_000
    which = rng.integers(0, 4, draws)
    x = centre[which] + scale[which] * rng.standard_t(freedom, draws)
    # Five standard errors of a share near 0.05 and near one half.
    assert np.mean(x < low) == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / draws))
    assert np.mean(x > high) == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / draws))
    assert p == pytest.approx(2 * min(np.mean(x < 0), np.mean(x > 0)), abs=10 * np.sqrt(0.25 / draws))


@pytest.mark.parametrize(("centre", "p"), [(0.0, 1.0), (-0.2, 0.0)])
def test_no_scale_is_a_point(centre, p):
    assert step.mixture_of_t(np.array([centre]), np.zeros(1), 5.0, 0.95) == (centre, centre, p)


@QUICK
@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=12),
    st.lists(st.floats(-100, 100), min_size=1, max_size=12),
)
def test_hodges_lehmann_is_the_median_difference(before, after):
    brute = sorted(b - a for a in before for b in after)
    middle = len(brute) // 2
    expected = brute[middle] if len(brute) % 2 else (brute[middle - 1] + brute[middle]) / 2
    got = step.hodges_lehmann(np.array(before), np.array(after))
    assert float(got) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_hodges_lehmann_of_draws_is_one_a_draw():
    rng = np.random.default_rng(2)
    before, after = rng.normal(size=(3, 7)), rng.normal(size=(3, 4))
    each = [float(step.hodges_lehmann(a, b)) for a, b in zip(before, after, strict=True)]
    assert step.hodges_lehmann(before, after).tolist() == each
