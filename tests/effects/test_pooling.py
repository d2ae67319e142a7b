"""Several districts together: limits that are known, and labels exchanged."""

import numpy as np
import pytest
from scipy import stats

from wqstudy.effects.pooling import permuted, pool, smallest_p

VALUE = np.array([-0.7, -0.5, -0.6, 0.0])


def test_shrinkage_keeps_order_and_mean():
    """Equal errors: districts move towards their mean, none past it, and the mean stays (to 1e-9)."""
    got = pool(VALUE, 0.04 * np.eye(4))
    assert np.all(np.argsort(got.value) == np.argsort(VALUE))
    assert np.all(np.abs(got.value - VALUE.mean()) < np.abs(VALUE - VALUE.mean()))
    assert got.value.mean() == pytest.approx(VALUE.mean(), abs=1e-9)
    assert got.similar == pytest.approx(VALUE.mean(), abs=1e-9)
    assert np.all((got.low < got.value) & (got.value < got.high))


def test_certain_estimates_are_not_shrunken():
    got = pool(VALUE, 1e-8 * np.eye(4))
    np.testing.assert_allclose(got.value, VALUE, atol=1e-3)


def test_shared_errors_are_not_taken_for_agreement():
    """Errors that all come from the controls: four alike estimates are as doubtful as one."""
    shared = 0.04 * np.ones((4, 4)) + 1e-4 * np.eye(4)
    got = pool(np.full(4, -0.3), shared)
    assert got.similar_high - got.similar_low > 2 * 1.96 * 0.2


def test_a_similar_district_needs_four():
    assert np.isnan(pool(VALUE[:3], 0.04 * np.eye(3)).similar)


def test_mean_of_districts_is_covered():
    """400 draws with shared controls; 95 % of a similar district's mean, bound three standard errors."""
    rng = np.random.default_rng(1)
    covariance = 0.02 * np.ones((6, 6)) + 0.02 * np.eye(6)
    root = np.linalg.cholesky(covariance)
    inside = 0
    for _ in range(400):
        value = -0.3 + 0.2 * rng.standard_normal(6) + root @ rng.standard_normal(6)
        got = pool(value, covariance)
        inside += got.similar_low <= -0.3 <= got.similar_high
    assert inside >= 367


@pytest.mark.parametrize(("treated", "controls"), [(3, 3), (2, 4), (5, 3)])
def test_labels_exchanged_agree_with_scipy(treated, controls):
    step = np.random.default_rng(2).standard_normal(treated + controls)
    mask = np.arange(step.size) < treated

    def gap(a, b):
        return abs(a.mean() - b.mean())

    told = stats.permutation_test((step[mask], step[~mask]), gap, alternative="greater", n_resamples=np.inf)
    assert permuted(step, mask) == pytest.approx(told.pvalue)
    assert permuted(step, mask) >= smallest_p(treated, controls) - 1e-12


def test_smallest_p_is_reached():
    for treated, controls in ((3, 3), (4, 2), (1, 5)):
        mask = np.arange(treated + controls) < treated
        step = np.where(mask, -5.0, 0.0) + 0.01 * np.arange(mask.size)
        assert permuted(step, mask) == pytest.approx(smallest_p(treated, controls))
    assert np.isnan(smallest_p(3, 0))
