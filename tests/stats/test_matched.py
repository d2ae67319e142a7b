"""Signed ranks and Welch's t of logs: by counting, by scipy, by symmetry."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from wqstudy.errors import ArgumentError
from wqstudy.stats import signed_rank, welch_of_logs

QUICK = settings(deadline=None, max_examples=60)

halves = st.integers(-40, 40).map(lambda i: i / 2)
pairs = st.lists(st.tuples(halves, halves), min_size=1, max_size=30)


def split(rows):
    return [np.array(column) for column in zip(*rows, strict=True)]


@QUICK
@given(pairs)
def test_step_and_statistic_by_counting(rows):
    before, after = split(rows)
    d = after - before
    got = signed_rank(before, after)
    walsh = [(a + b) / 2 for i, a in enumerate(d) for b in d[i:]]
    assert got.value == np.median(walsh)
    moved = d[d != 0]
    means = [(a + b) / 2 for i, a in enumerate(moved) for b in moved[i:]]
    # Tukey: the sum of ranks of the rises is the number of positive means, those of zero counted half.
    assert got.statistic == sum((m > 0) + (m == 0) / 2 for m in means)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_exact_p_is_the_share_of_all_signs(n):
    d = np.random.default_rng(n).standard_normal(n)
    ranks = np.abs(d).argsort().argsort() + 1
    drawn = np.array([ranks[np.array(signs, dtype=bool)].sum() for signs in product([0, 1], repeat=n)])
    centre = n * (n + 1) / 4
    got = signed_rank(np.zeros(n), d)
    assert got.p_value == pytest.approx((np.abs(drawn - centre) >= abs(got.statistic - centre)).mean())


@pytest.mark.parametrize(("n", "digits"), [(40, 1), (70, 9)])
def test_normal_p_equals_scipy(n, digits):
    rng = np.random.default_rng(n)
    d = (rng.standard_normal(n) + 0.3).round(digits)
    d = d[d != 0]
    expected = reference.wilcoxon(d, method="asymptotic", correction=True)
    got = signed_rank(np.zeros(d.size), d)
    assert got.p_value == pytest.approx(expected.pvalue, rel=1e-10)


@pytest.mark.parametrize("n", [12, 80])
def test_interval_holds_the_shifts_that_the_test_does_not_reject(n):
    d = np.random.default_rng(n).standard_normal(n)
    got = signed_rank(np.zeros(n), d)
    for end, outward in ((got.low, -1), (got.high, 1)):
        assert signed_rank(np.full(n, end - outward * 1e-9), d).p_value > 0.05
        assert signed_rank(np.full(n, end + outward * 1e-9), d).p_value <= 0.05


@QUICK
@given(pairs)
def test_swapping_the_spans_turns_the_signs(rows):
    before, after = split(rows)
    there, back = signed_rank(before, after), signed_rank(after, before)
    assert (back.value, back.low, back.high, back.z) == (-there.value, -there.high, -there.low, -there.z)
    assert back.p_value == there.p_value


def test_pairs_without_a_difference_are_told():
    got = signed_rank([1.0, 2.0, 3.0], [1.0, 2.5, 3.5])
    assert got.notes[0] == "1 pairs have no difference"
    still = signed_rank([1.0, 2.0], [1.0, 2.0])
    assert (still.value, still.z, still.p_value) == (0.0, 0.0, 1.0)


def test_size_of_signed_ranks():
    """2,000 tests of white noise at 5 %: four standard errors are .02; exact p of 15 pairs reach .048."""
    rng = np.random.default_rng(5)
    p = [signed_rank(np.zeros(15), d).p_value for d in rng.standard_normal((2000, 15))]
    assert abs(np.mean(np.array(p) <= 0.05) - 0.048) < 0.02


@pytest.mark.parametrize(("n", "m"), [(2, 3), (30, 50)])
def test_welch_equals_scipy(n, m):
    rng = np.random.default_rng(n)
    before, after = rng.lognormal(size=n), rng.lognormal(0.5, 2.0, size=m)
    expected = reference.ttest_ind(np.log(after), np.log(before), equal_var=False)
    interval = expected.confidence_interval(0.9)
    got = welch_of_logs(before, after, level=0.9)
    assert got.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert got.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert (got.low, got.high) == pytest.approx(interval, rel=1e-10)
    assert 2 * reference.norm.sf(abs(got.z)) == pytest.approx(got.p_value, rel=1e-10)


def test_welch_of_what_does_not_vary():
    assert welch_of_logs([2.0, 2.0], [2.0, 2.0]).p_value == 1.0
    moved = welch_of_logs([1.0, 1.0], [2.0, 2.0])
    assert (moved.value, moved.p_value) == (np.log(2.0), 0.0)


def test_faulty_arguments_are_named():
    with pytest.raises(ArgumentError, match="argument after"):
        signed_rank([1.0, 2.0], [1.0])
    with pytest.raises(ArgumentError, match=r"argument before.*above zero"):
        welch_of_logs([0.0, 1.0], [1.0, 2.0])
    with pytest.raises(ArgumentError, match="argument after"):
        welch_of_logs([1.0, 2.0], [1.0])
