"""Families of noise: correlations as published, whitening as dense algebra does it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.stats import noise

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def two_parts(slow, fast, share, time):
    """Correlation matrix of two AR(1) parts as a textbook writes it, at whole months."""
    lag = np.abs(time[:, None] - time[None, :])

    def part(phi):
        return np.where(lag == 0, 1.0, np.sign(phi) ** lag * np.abs(phi) ** lag)

    return share * part(slow) + (1 - share) * part(fast)


@pytest.mark.parametrize("d", [-0.1, 0.0, 0.2, 0.45, 0.49])
def test_fractional_correlation_follows_its_recursion(d):
    """Hosking (1981): rho_k = rho_(k-1) (k - 1 + d) / (k - d)."""
    expected = [1.0]
    for k in range(1, 200):
        expected.append(expected[-1] * (k - 1 + d) / (k - d))
    # Two hundred products of rounded factors, and gamma functions to 13 digits.
    np.testing.assert_allclose(noise.fractional_correlation(d, np.arange(200.0)), expected, rtol=1e-10)


@pytest.mark.parametrize("d", [-0.1, 0.0, 0.3, 0.49])
def test_fractional_factor_is_a_root_of_the_correlation(d):
    time = np.array([0.0, 1.0, 2.0, 2.5, 7.0, 8.0, 40.0])
    factor = noise.fractional_factor(d, time)
    expected = noise.fractional_correlation(d, np.abs(time[:, None] - time))
    np.testing.assert_allclose(factor @ factor.T, expected, atol=1e-14)
    assert np.all(np.triu(factor, 1) == 0)


@QUICK
@given(
    st.integers(0, 10**6),
    st.floats(-0.7, noise.SLOWEST),
    st.floats(0, 0.8),
    st.floats(0.05, 1.0),
    st.integers(2, 60),
)
def test_whitening_is_dense_algebra(seed, slow, fast, share, n):
    rng = np.random.default_rng(seed)
    time = np.cumsum(rng.integers(1, 4, n)).astype(float)
    columns = rng.standard_normal((n, 3))
    models = (np.array([slow]), np.array([fast]), np.array([share]))
    white, determinant = noise.whiten(
        columns, noise.decays(models[0], time), noise.decays(models[1], time), models[2]
    )
    matrix = two_parts(slow, fast, share, time)
    # Condition numbers reach 1e5 at a correlation of .995 and 60 values: eleven digits are left.
    np.testing.assert_allclose(
        white[0].T @ white[0], columns.T @ np.linalg.solve(matrix, columns), rtol=1e-8, atol=1e-8
    )
    assert determinant[0] == pytest.approx(np.linalg.slogdet(matrix)[1], rel=1e-8, abs=1e-8)


def test_a_negative_correlation_alternates_over_whole_gaps_only():
    got = noise.decays(np.array([-0.5, 0.5]), np.array([0.0, 1.0, 3.0, 3.5]))
    np.testing.assert_allclose(got, [[-0.5, 0.25, 0.5**0.5], [0.5, 0.25, 0.5**0.5]], rtol=1e-15)


def test_cells_fill_the_axis():
    points = np.array([0.0, 0.1, 0.5, 1.0])
    np.testing.assert_allclose(noise.cells(points), [0.05, 0.25, 0.45, 0.25])


@pytest.mark.parametrize("n", [16, 36, 50, 120, 600])
@pytest.mark.parametrize("kind", ["step", "jump", "trend"])
def test_prior_weights_sum_to_one_and_to_their_family_s_mass(n, kind):
    grid = noise.grid(n, kind)
    weight = np.exp(grid.log_prior)
    assert weight.sum() == pytest.approx(1)
    for family, mass in noise.BELIEF[kind].at(n)[0].items():
        assert weight[grid.family == family].sum() == pytest.approx(mass)


@pytest.mark.parametrize("kind", ["step", "jump", "trend"])
def test_belief_is_that_of_its_table_and_moves_between(kind):
    belief = noise.BELIEF[kind]
    assert list(belief.months) == sorted(set(belief.months))
    for months, mass, (alone, mixed) in zip(belief.months, belief.mass, belief.lean, strict=True):
        assert sum(mass) == pytest.approx(1)
        got, lean = belief.at(months)
        assert list(got.values()) == pytest.approx(mass)
        assert lean == pytest.approx({"A": alone, "N": mixed, "S": mixed})
    # Half way in the log of the length: the geometric mean of the masses' odds, the mean of the powers.
    (a, b), (first, second) = belief.mass[:2], belief.lean[:2]
    odds = np.sqrt(np.array(a) * b)
    got, lean = noise.Belief((1, 100), (a, b), (first, second)).at(10)
    assert list(got.values()) == pytest.approx(odds / odds.sum())
    assert lean["A"] == pytest.approx((first[0] + second[0]) / 2)
    assert belief.at(3) == belief.at(belief.months[0])
    assert belief.at(10_000) == belief.at(belief.months[-1])


def test_all_models_are_stationary_and_have_two_parts_in_order():
    grid = noise.grid(120, "step")
    assert np.all(np.abs(grid.slow) <= noise.SLOWEST)
    assert np.all((grid.share > 0) & (grid.share <= 1))
    two = grid.share < 1
    assert np.all(grid.slow[two] > grid.fast[two])
    assert np.all(grid.d < 0.5)
    assert grid.log_prior.size == grid.family.size == grid.slow.size + grid.d.size


def test_short_records_put_more_weight_on_slow_noise():
    short, long = noise.grid(36, "step"), noise.grid(240, "step")
    alone = short.family == "A"
    slow = short.slow[alone[: short.slow.size]] > 0.8
    share = [np.exp(g.log_prior[alone])[slow].sum() for g in (short, long)]
    assert share[0] > share[1]
