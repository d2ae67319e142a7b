"""Spearman's correlation with time: counted orders against enumeration, published points, and scipy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wqstudy.stats.rank_trends import EXACT_UP_TO, null_distribution, rank_trends

# Two-sided points at 0.10 and 0.02, cut after four decimals, from the table at zanotowane.pl/28/1215: other
# hands than those of the critical values in the rules.
PUBLISHED = {
    5: (0.9000, 1.0000), 6: (0.8285, 0.9428), 7: (0.7142, 0.8928), 8: (0.6428, 0.8333), 9: (0.6000, 0.7833),
    10: (0.5636, 0.7454), 11: (0.5363, 0.7090), 12: (0.5034, 0.6783), 13: (0.4835, 0.6483),
    14: (0.4637, 0.6263),
}  # fmt: skip


@pytest.mark.parametrize("n", PUBLISHED)
def test_published_points(n):
    rs, p = null_distribution(n)
    for level, point in zip((0.05, 0.01), PUBLISHED[n], strict=True):
        # Cut, not rounded, after four decimals.
        assert 0 <= rs[np.argmax(p <= level)] - point < 1e-4


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5, 6], [2, 2, 1, 4, 4, 4], [3, 1, 1, 2, 5, 2]])
def test_counted_orders_are_those_of_enumeration(values):
    time = np.arange(6)
    every = np.array([np.dot(stats.rankdata(order), time) for order in itertools.permutations(values)])
    found = rank_trends(values)
    here = np.dot(stats.rankdata(values), time)
    tails = (every <= here + 1e-9).mean(), (every >= here - 1e-9).mean()
    assert found.p_one_sided[0] == pytest.approx(min(tails), abs=1e-12)
    assert found.p_two_sided[0] == pytest.approx(min(1, 2 * min(tails)), abs=1e-12)
    assert found.exact[0]


series = st.lists(st.integers(0, 12), min_size=4, max_size=30)


@settings(max_examples=60, deadline=None)
@given(values=series.filter(lambda v: len(set(v)) > 1))
def test_correlation_is_that_of_scipy(values):
    found = rank_trends(values)
    other = stats.spearmanr(np.arange(len(values)), values)
    assert found.rs[0] == pytest.approx(other.statistic, abs=1e-12)
    if len(values) > EXACT_UP_TO:
        assert found.p_two_sided[0] == pytest.approx(other.pvalue, rel=1e-9, abs=1e-12)
    if not found.ties[0]:
        assert found.rs_formula[0] == pytest.approx(found.rs[0], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(values=series.filter(lambda v: len(set(v)) > 1), gap=st.integers(0, 30))
def test_only_the_order_counts(values, gap):
    found = rank_trends(values)
    for same in (
        np.exp(np.array(values) / 7),
        np.insert(np.array(values, float), min(gap, len(values)), np.nan),
    ):
        again = rank_trends(same)
        assert again.rs[0] == pytest.approx(found.rs[0], abs=1e-12)
        assert again.p_one_sided[0] == pytest.approx(found.p_one_sided[0], abs=1e-12)
    turned = rank_trends(values[::-1])
    assert turned.rs[0] == pytest.approx(-found.rs[0], abs=1e-12)
    assert turned.p_one_sided[0] == pytest.approx(found.p_one_sided[0], abs=1e-12)


def test_many_series_are_each_as_alone():
    rng = np.random.default_rng(3)
    panel = rng.integers(0, 9, (40, 10)).astype(float)
    panel[rng.random(panel.shape) < 0.2] = np.nan
    whole = rank_trends(panel)
    for row, values in enumerate(panel):
        alone = rank_trends(values)
        for name in ("n", "ties", "rs", "p_one_sided", "p_two_sided"):
            np.testing.assert_array_equal(getattr(whole, name)[row], getattr(alone, name)[0])


def test_student_is_close_to_exact_where_it_takes_over():
    """At 14 values, the t distribution at the exact 5 and 1 % points: within a sixth of the level."""
    rs, p = null_distribution(14)
    for level in (0.05, 0.01):
        place = np.argmax(p <= level)
        t = rs[place] * np.sqrt(12 / (1 - rs[place] ** 2))
        assert stats.t.sf(t, 12) == pytest.approx(p[place], rel=1 / 6)


def test_nothing_to_rank_is_no_number():
    found = rank_trends([[1.0, 1.0, 1.0], [np.nan, np.nan, 2.0], [np.nan] * 3])
    assert np.isnan(found.rs).all()
    assert np.isnan(found.p_two_sided).all()
    assert found.n.tolist() == [3, 1, 0]
    assert not found.exact.any()
