"""Rank-sum tests and their steps: by counting, by symmetry, by simulation."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from wqstudy.errors import ArgumentError
from wqstudy.stats import rank_sum, seasonal_rank_sum
from wqstudy.stats.differences import blocks, kth_difference
from wqstudy.stats.ranksum import null_counts

QUICK = settings(deadline=None, max_examples=60)

# Halves: sums and differences are exact, so that equalities below are equalities.
halves = st.integers(-40, 40).map(lambda i: i / 2)
samples = st.lists(halves, min_size=1, max_size=25)


def differences(before, after):
    return np.sort(np.subtract.outer(np.asarray(after), np.asarray(before)).ravel())


# ---------------------------------------------------------------- by counting


@QUICK
@given(samples, samples)
def test_step_and_statistic_equal_all_differences(before, after):
    d = differences(before, after)
    step = rank_sum(before, after)
    assert step.value == np.median(d)
    assert step.statistic == (d > 0).sum() + 0.5 * (d == 0).sum()


@QUICK
@given(samples, samples)
def test_every_rank_of_the_differences_is_found(before, after):
    a, b = np.sort(before), np.sort(after)
    ends_a, ends_b = np.array([0, a.size]), np.array([0, b.size])
    d = differences(before, after)
    assert [kth_difference(a, ends_a, b, ends_b, k + 1) for k in range(d.size)] == d.tolist()


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), halves), min_size=2, max_size=40), st.data())
def test_blocks_pool_their_differences(pairs, data):
    label, values = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    cut = data.draw(st.integers(1, len(pairs) - 1))
    a, a_ends = blocks(values[:cut], label[:cut], 4)
    b, b_ends = blocks(values[cut:], label[cut:], 4)
    pooled = [differences(values[:cut][label[:cut] == k], values[cut:][label[cut:] == k]) for k in range(4)]
    pooled = np.sort(np.concatenate(pooled))
    assert [kth_difference(a, a_ends, b, b_ends, k + 1) for k in range(pooled.size)] == pooled.tolist()


def test_differences_that_rounding_makes_uneven_are_found():
    rng = np.random.default_rng(1)
    before, after = np.exp(5 * rng.standard_normal(31)), np.exp(5 * rng.standard_normal(40))
    assert rank_sum(before, after).value == np.median(differences(before, after))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 4), (5, 2), (6, 6)])
def test_exact_p_is_the_share_of_all_regroupings(n, m):
    rng = np.random.default_rng(n * m)
    x = rng.standard_normal(n + m)
    centre = n * m / 2

    def wins(chosen):
        rest = np.delete(x, chosen)
        return (np.subtract.outer(x[list(chosen)], rest) > 0).sum()

    all_ = np.array([wins(c) for c in combinations(range(n + m), m)])
    step = rank_sum(x[:n], x[n:])
    far = np.abs(all_ - centre) >= abs(step.statistic - centre)
    assert step.p_value == pytest.approx(far.mean(), rel=1e-12)
    np.testing.assert_array_equal(null_counts(n, m), np.bincount(all_, minlength=n * m + 1))


@pytest.mark.parametrize(("n", "m"), [(8, 9), (30, 12), (49, 49)])
def test_exact_p_equals_scipy(n, m):
    rng = np.random.default_rng(n + m)
    before, after = rng.standard_normal(n), rng.standard_normal(m) + 0.4
    expected = reference.mannwhitneyu(after, before, method="exact").pvalue
    assert rank_sum(before, after).p_value == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m", "digits"), [(12, 15, 9), (60, 70, 9), (20, 60, 1)])
def test_interval_holds_the_shifts_that_the_test_does_not_reject(n, m, digits):
    """Inside the ends p is above 5 %, outside below; at an end the shifted samples have a tie."""
    rng = np.random.default_rng(n)
    before, after = rng.standard_normal(n).round(digits), (rng.standard_normal(m) + 0.3).round(digits)
    step = rank_sum(before, after)
    # Shifts of rounded values meet ties of their own; between grid points there are none.
    near = 1e-9 if digits == 9 else 0.05
    for end, outward in ((step.low, -1), (step.high, 1)):
        assert rank_sum(before, after - (end - outward * near)).p_value > 0.05
        assert rank_sum(before, after - (end + outward * near)).p_value <= 0.05 + (digits == 1) * 0.005


# ---------------------------------------------------------------- by symmetry


@QUICK
@given(samples, samples)
def test_swapping_the_spans_turns_the_signs(before, after):
    there, back = rank_sum(before, after), rank_sum(after, before)
    assert (back.value, back.low, back.high, back.z) == (-there.value, -there.high, -there.low, -there.z)
    assert back.p_value == there.p_value


@QUICK
@given(samples, samples, halves)
def test_a_shift_moves_the_step_by_itself(before, after, shift):
    assert rank_sum(before, np.add(after, shift)).value == rank_sum(before, after).value + shift


@QUICK
@given(st.integers(1, 25), st.integers(1, 25), st.integers(0, 2**32 - 1), halves)
def test_without_ties_a_shift_moves_the_interval_too(n, m, seed, shift):
    """Multiples of 1/1024 in random order, shifted by halves: sums are exact, and nothing is tied."""
    order = np.random.default_rng(seed).permutation(n + m)
    before, after = order[:n] / 1024, order[n:] / 1024
    plain, moved = rank_sum(before, after), rank_sum(before, after + shift)
    assert (moved.value, moved.low, moved.high) == (
        plain.value + shift,
        plain.low + shift,
        plain.high + shift,
    )


@QUICK
@given(samples, samples)
def test_p_does_not_change_with_a_rising_transform(before, after):
    plain, bent = rank_sum(before, after), rank_sum(np.exp(before), np.exp(after))
    assert (plain.z, plain.p_value, plain.statistic) == (bent.z, bent.p_value, bent.statistic)


@QUICK
@given(samples, samples)
def test_one_season_is_no_season(before, after):
    plain = rank_sum(before, after)
    one = seasonal_rank_sum(before, [7] * len(before), after, [7] * len(after))
    assert (one.value, one.statistic, one.z) == (plain.value, plain.statistic, plain.z)


def test_seasonal_statistic_and_step_are_sums_over_seasons():
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=40).round(1), rng.normal(size=52).round(1)
    s, t = np.arange(40) % 4, np.arange(52) % 4
    got = seasonal_rank_sum(before, s, after, t)
    each = [rank_sum(before[s == k], after[t == k]) for k in range(4)]
    assert got.statistic == sum(e.statistic for e in each)
    pooled = np.concatenate([differences(before[s == k], after[t == k]) for k in range(4)])
    assert got.value == np.median(pooled)


def test_a_season_of_one_span_only_is_left_out_aloud():
    got = seasonal_rank_sum([1.0, 2.0, 9.0], ["a", "a", "b"], [3.0, 4.0], ["a", "a"])
    same = seasonal_rank_sum([1.0, 2.0], ["a", "a"], [3.0, 4.0], ["a", "a"])
    assert (got.value, got.z, got.n) == (same.value, same.z, 4)
    assert got.notes[0].startswith("1 values of seasons that only one span has")


# ---------------------------------------------------------------- ends of the scale


def test_missing_values_are_left_out_aloud():
    before, after = [1.0, np.nan, 2.0, 3.0], [4.0, 5.0, np.nan, np.nan]
    got, whole = rank_sum(before, after), rank_sum([1.0, 2.0, 3.0], [4.0, 5.0])
    assert (got.value, got.p_value, got.n) == (whole.value, whole.p_value, 5)
    assert got.notes[0] == "3 missing values left out"
    by_season = seasonal_rank_sum(before, [1, 1, 2, 2], after, [1, 2, 1, 2])
    assert by_season.notes[0] == "3 missing values left out"
    assert by_season.value == 3.0  # of 3, 3 and 2


def test_constant_values_say_nothing_and_say_so():
    step = rank_sum([2.0] * 60, [2.0] * 70)
    assert (step.value, step.z, step.p_value) == (0.0, 0.0, 1.0)
    assert "equal" in step.notes[0]


def test_too_few_values_have_an_open_interval():
    step = rank_sum([1.0, 2.0], [3.0, 4.0])
    assert (step.low, step.high) == (-np.inf, np.inf)
    assert "too few" in step.notes[0]
    assert not step.decided


def test_far_tails_keep_their_digits():
    step = rank_sum(np.arange(300.0), np.arange(300.0) + 400)
    assert 0 < step.p_value < 1e-90


@pytest.mark.parametrize("bad", [[], [np.nan], [np.inf], [[1.0]], ["a"], [[np.nan, 1.0]]])
def test_faulty_values_are_named(bad):
    with pytest.raises(ArgumentError, match="argument after"):
        rank_sum([1.0, 2.0], bad)


def test_faulty_level_and_seasons_are_named():
    with pytest.raises(ArgumentError, match="argument level"):
        rank_sum([1.0], [2.0], level=95)
    with pytest.raises(ArgumentError, match="argument before_season"):
        seasonal_rank_sum([1.0, 2.0], [1], [1.0], [1])
    with pytest.raises(ArgumentError, match="no season is in both"):
        seasonal_rank_sum([1.0], [1], [1.0], [2])


# ---------------------------------------------------------------- by simulation


@pytest.mark.parametrize(("n", "m", "rounded"), [(10, 14, False), (60, 60, False), (40, 60, True)])
def test_size_and_coverage(n, m, rounded):
    """White noise: 2,000 tests at 5 % reject 100 +- 10; four standard errors. Rounded values are no worse."""
    rng = np.random.default_rng(n)
    rejected = covered = 0
    for _ in range(2000):
        before, after = np.exp(rng.standard_normal(n)), np.exp(rng.standard_normal(m))
        if rounded:
            before, after = before.round(), after.round()
        step = rank_sum(before, after)
        rejected += step.p_value <= 0.05
        covered += step.low <= 0 <= step.high
    assert 0.035 - 0.01 * rounded < rejected / 2000 < 0.07
    assert covered / 2000 > 0.93


def test_seasons_are_taken_out():
    """A season of ten times the step hides it from the plain test, not from the seasonal one."""
    rng = np.random.default_rng(8)
    season = np.arange(72) % 12
    before = 10 * np.cos(season * np.pi / 6) + rng.standard_normal(72)
    after = 10 * np.cos(season * np.pi / 6) + rng.standard_normal(72) - 1.0
    plain, seasonal = rank_sum(before, after), seasonal_rank_sum(before, season, after, season)
    assert plain.p_value > 0.05
    assert seasonal.p_value < 1e-4
    assert seasonal.low < -1.0 < seasonal.high


@QUICK
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_large_samples_equal_sorting_all_differences(n, m, seed):
    rng = np.random.default_rng(seed)
    before, after = rng.lognormal(size=n).round(2), rng.lognormal(size=m).round(2)
    assert rank_sum(before, after).value == np.median(differences(before, after))
