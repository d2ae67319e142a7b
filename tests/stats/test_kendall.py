"""Kendall's S and its relatives: against definitions written out, exact laws, invariances and simulation."""

import itertools
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from wqstudy import stats
from wqstudy.errors import ArgumentError
from wqstudy.results import Trend
from wqstudy.stats import inputs, kendall, ranks, spearman

QUICK = settings(deadline=None, max_examples=60)
VALUES = st.lists(st.integers(-5, 5), min_size=3, max_size=50)


def brute_s(x, t):
    return sum(
        np.sign(x[j] - x[i]) * np.sign(t[j] - t[i]) for i, j in itertools.combinations(range(len(x)), 2)
    )


def brute_variance(x, t):
    """Of S when values are dealt out to times at random, from the two matrices of signs (Daniels 1944)."""
    n = len(x)
    a = np.sign(np.subtract.outer(t, t)).astype(float)
    b = np.sign(np.subtract.outer(x, x)).astype(float)
    linked = ((a.sum(1) ** 2).sum() - (a**2).sum()) * ((b.sum(1) ** 2).sum() - (b**2).sum())
    return linked / (n * (n - 1) * (n - 2)) + (a**2).sum() * (b**2).sum() / (2 * n * (n - 1))


# ---------------------------------------------------------------- definitions


@QUICK
@given(VALUES, st.randoms(use_true_random=False))
def test_s_and_variance_are_those_of_the_definition(x, random):
    t = [random.randrange(len(x)) for _ in x]
    x, t = np.array(x, float), np.array(t, float)
    got = stats.mann_kendall(x, t)
    if len(set(t)) == 1:
        assert got.notes == (inputs.NOTE_TIMES,)
        return
    assert (got.s, got.n) == (brute_s(x, t), len(x)) or len(set(x)) == 1
    # Sums of at most 50^3: exact but for the division.
    assert got.var_s == pytest.approx(brute_variance(x, t), rel=1e-12)


@pytest.mark.parametrize("n", [11, 12, 13, 24, 25, 48, 49, 97, 1000])
def test_merging_sorts_and_counts_at_every_length(n):
    x = np.random.default_rng(n).integers(0, n, n).astype(float)
    a = x.copy()
    count = ranks.sort_counting(a, np.empty(n))
    assert (a == np.sort(x)).all()
    later = np.triu(np.ones((n, n), bool), 1)
    assert count == int((np.greater.outer(x, x) & later).sum())


@QUICK
@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(x, random):
    t = list(range(len(x)))
    rows = list(zip(x, t, strict=True))
    random.shuffle(rows)
    shuffled = stats.mann_kendall([r[0] for r in rows], [r[1] for r in rows])
    assert shuffled == stats.mann_kendall(x) == stats.mann_kendall(x, t)


@QUICK
@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=40))
def test_monotone_transforms_change_nothing_and_reversal_the_sign(x):
    x = np.array(x, float)
    one = stats.mann_kendall(x)
    assert stats.mann_kendall(np.arcsinh(x) * 3 + 1) == one
    back = stats.mann_kendall(x[::-1])
    down = stats.mann_kendall(-x)
    for other in (back, down):
        assert (other.s, other.z, other.tau) == (-one.s, -one.z, -one.tau)
        assert (other.var_s, other.p_value) == (one.var_s, one.p_value)


@QUICK
@given(VALUES)
def test_tau_is_that_of_scipy(x):
    got = stats.mann_kendall(x)
    if len(set(x)) > 1:
        theirs = scipy_stats.kendalltau(range(len(x)), x).statistic
        assert got.tau == got.tau_b == pytest.approx(theirs, rel=1e-12, abs=1e-15)
        assert got.tau_a == got.s / math.comb(len(x), 2)


def test_far_tail_keeps_its_digits():
    z, p = kendall.z_and_p(1e5 + 1, 1e5**2 / 30**2)
    assert z == pytest.approx(30)
    # 2 * Phi(-30), from tables of high precision: 9.81342e-198.
    assert p == pytest.approx(9.81342785e-198, rel=1e-7)


# ---------------------------------------------------------------- exact laws


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_exact_p_counts_all_orders(n):
    all_s = np.array([brute_s(order, range(n)) for order in itertools.permutations(range(n))])
    for s in np.unique(all_s):
        share = min(1.0, 2 * np.mean(all_s >= abs(s)))
        assert kendall.exact_p(int(s), n) == pytest.approx(share, rel=1e-12)


def test_exact_p_of_long_series_is_near_the_normal():
    # Edgeworth's next term at n = 100 is below 1 % of a p around 5 %.
    rng = np.random.default_rng(3)
    x = 0.007 * np.arange(100) + rng.standard_normal(100)
    exact, normal = stats.mann_kendall(x, exact=True), stats.mann_kendall(x)
    assert 0.005 < normal.p_value < 0.3
    assert exact.p_value == pytest.approx(normal.p_value, rel=0.02)
    assert exact.p_value != normal.p_value
    assert exact.z == normal.z


def test_exact_p_is_not_pretended_under_ties():
    got = stats.mann_kendall([1, 2, 2, 3, 4, 6], exact=True)
    assert kendall.NOTE_NOT_EXACT in got.notes
    assert got.p_value == stats.mann_kendall([1, 2, 2, 3, 4, 6]).p_value


@pytest.mark.parametrize("n", [3, 5, 7])
def test_spearman_exact_p_counts_all_orders(n):
    t = np.arange(1, n + 1)
    orders = [np.array(order) for order in itertools.permutations(t)]
    products = np.array([int(t @ order) for order in orders])
    for order in orders[:: max(1, len(orders) // 40)]:
        got = stats.spearman_trend(order, t)
        share = 2 * min(np.mean(products <= t @ order), np.mean(products >= t @ order))
        assert got.p_value == pytest.approx(min(1.0, share), rel=1e-12)
        assert got.rho == pytest.approx(scipy_stats.spearmanr(order, t).statistic, abs=1e-14)


@QUICK
@given(st.lists(st.integers(0, 6), min_size=4, max_size=40))
def test_spearman_with_ties_is_that_of_scipy(x):
    got = stats.spearman_trend(x, range(len(x)))
    if len(set(x)) == 1:
        assert (got.rho, got.p_value) == (0.0, 1.0)
    elif got.method == "Spearman, t":
        theirs = scipy_stats.spearmanr(x, range(len(x)))
        assert got.rho == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-14)
        assert got.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (spearman.mid_ranks(np.array(x, float)) == scipy_stats.rankdata(x)).all()


# ---------------------------------------------------------------- what cannot be told


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0], [np.nan] * 5, [1.0, np.nan, 2.0, np.nan]])
def test_too_few_values_say_so(x):
    for got in (
        stats.mann_kendall(x),
        stats.sen_slope(x, range(len(x))),
        stats.seasonal_kendall(x, range(len(x)), [1] * len(x)),
        stats.regional_kendall(x, range(len(x)), [1] * len(x), covariance=True),
        stats.partial_kendall(x, x),
        stats.flow_adjusted_kendall(x, x, range(len(x))),
        stats.spearman_trend(x, range(len(x))),
    ):
        assert math.isnan(got.p_value)
        assert any("cannot tell" in note for note in got.notes)
        assert got.n == np.count_nonzero(~np.isnan(np.array(x, float)))


def test_equal_values_have_p_one_and_a_note():
    x, t = [2.5] * 12, range(12)
    for got in (
        stats.mann_kendall(x),
        stats.sen_slope(x, t),
        stats.seasonal_kendall(x, t, [1, 2] * 6),
        stats.seasonal_kendall(x, [v // 2 for v in t], [1, 2] * 6, covariance=True),
        stats.partial_kendall(x, t),
    ):
        assert (got.s, got.var_s, got.z, got.p_value, got.tau) == (0.0, 0.0, 0.0, 1.0, 0.0)
        assert any("equal" in note for note in got.notes)
    assert stats.spearman_trend(x, t).p_value == 1.0


@pytest.mark.parametrize("t", [[0, 0, 1], [0, 1, 1, 1, 2], [0, 0, 0, 1, 2, 2, 3]])
def test_equal_values_at_tied_times_have_no_variance(t):
    got = stats.sen_slope([0.1] * len(t), t)
    assert (got.var_s, got.p_value, got.slope) == (0.0, 1.0, 0.0)
    assert stats.seasonal_kendall([0.1] * len(t), t, ["a"] * len(t)).var_s == 0.0


def test_missing_values_are_left_out_and_told():
    gaps = stats.mann_kendall([1, np.nan, 3, 2, None, 5, 7])
    whole = stats.mann_kendall([1, 3, 2, 5, 7])
    assert (gaps.s, gaps.var_s, gaps.p_value, gaps.n) == (whole.s, whole.var_s, whole.p_value, 5)
    assert gaps.notes == ("2 missing values left out",)


def test_masked_and_read_only_values_are_taken_as_they_are():
    x = np.array([1.0, 9.0, 3.0, 2.0, 5.0, 7.0])
    masked = np.ma.masked_array(x, mask=[0, 1, 0, 0, 0, 0])
    x[1] = np.nan
    x.flags.writeable = False
    one = stats.sen_slope(x, range(6))
    assert stats.sen_slope(masked, range(6)) == one
    assert stats.mann_kendall(masked) == stats.mann_kendall(x)
    assert stats.mann_kendall(x).s == one.s
    assert stats.mann_kendall_many(x[None, :]).s == one.s
    assert np.isnan(x[1])


def test_four_values_cannot_be_significant():
    got = stats.mann_kendall([1, 2, 3, 4], exact=True)
    assert got.p_value > 0.05
    assert kendall.NOTE_SHORT in got.notes


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: stats.mann_kendall([[1, 2], [3, 4]]), "x"),
        (lambda: stats.mann_kendall(["a", "b", "c"]), "x"),
        (lambda: stats.mann_kendall([1, 2, 3], [1, 2]), "t"),
        (lambda: stats.mann_kendall([1, 2, 3], [1, 2, np.nan]), "t"),
        (lambda: stats.mann_kendall([1, 2, 3], ["2001-01", "b", "c"]), "t"),
        (lambda: stats.sen_slope([1, 2, np.inf], [1, 2, 3]), "x"),
        (lambda: stats.sen_slope([1, 2, 3], [1, 2, 3], 95), "level"),
        (lambda: stats.seasonal_kendall([1, 2, 3], [1, 2, 3], [1, 2]), "season"),
        (lambda: stats.seasonal_kendall([1, 2, 3], [1, 2, 3], [1, np.nan, 2]), "season"),
        (lambda: stats.regional_kendall([1, 2, 3], [1, 1, 2], [1, 1, 1], covariance=True), "covariance"),
        (lambda: stats.partial_kendall([1, 2, 3], [1, 2]), "covariate"),
        (lambda: stats.seasonal_kendall([1, 2, 3], [1, 2, 3], ["a", None, "b"]), "season"),
        (lambda: stats.sen_slope([1, 2, 3], np.array(["2001", "2002", "2003"], "datetime64[D]")), "t"),
        (lambda: stats.mann_kendall_many([1, 2, 3]), "x"),
        (lambda: stats.mann_kendall_many([["a", "b"]]), "x"),
        (lambda: stats.seasonal_kendall_many([[1, 2, 3]], [1, 2, 3], [1]), "season"),
    ],
)
def test_bad_arguments_are_named(call, argument):
    with pytest.raises(ArgumentError) as caught:
        call()
    assert caught.value.argument == argument
    assert caught.value.valid


# ---------------------------------------------------------------- direction, results, loading


def test_direction_of_a_trend():
    x = np.arange(20.0) + np.tile([0, 3], 10)
    rising, falling = (stats.trend_direction(stats.mann_kendall(v)) for v in (x, -x))
    p = stats.mann_kendall(x).p_value
    assert (rising.direction, falling.direction) == ("rising", "falling")
    assert rising.confidence == falling.confidence == falling.falling == 1 - p / 2
    assert rising.falling == p / 2
    assert (rising.likelihood, falling.likelihood) == ("exceptionally unlikely", "virtually certain")
    assert stats.trend_direction(stats.mann_kendall([1, 1, 1])).likelihood == "as likely as not"
    assert stats.trend_direction(stats.mann_kendall([1])).direction == "cannot tell"


def test_results_print_and_go_to_json():
    got = stats.sen_slope([1, 2, 4, 3, 5, 6], range(6))
    assert "slope 1 " in str(got)
    assert "<b>S = 13" in got._repr_html_()
    assert json.loads(json.dumps(got.to_dict()))["n"] == 6
    assert str(stats.mann_kendall([1])).startswith("cannot tell")
    assert Trend(1.0, 1.0, 0.0, 1.0).notes == ()


def test_importing_the_package_compiles_nothing():
    code = (
        "import sys, wqstudy.stats as s; assert 'numba' not in sys.modules; "
        "assert 'mann_kendall' in dir(s); sys.exit('scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---------------------------------------------------------------- size


def true_size(law, var_s):
    """Rejection rate at 5 % of the continuity-corrected normal test, from the exact law of S."""
    most = law.size - 1
    rejected = [k for k in range(law.size) if kendall.z_and_p(float(most - 2 * k), var_s)[1] <= 0.05]
    return float(law[rejected].sum())


def test_white_noise_is_rejected_as_often_as_the_exact_law_says():
    rng = np.random.default_rng(11)
    runs = 20_000
    # Three standard errors of a share of 5 % in 20,000 runs.
    error = 3 * math.sqrt(0.05 * 0.95 / runs)
    for n in (10, 24, 120):
        p = stats.mann_kendall_many(rng.standard_normal((runs, n))).p_value
        size = true_size(kendall._inversions(n), n * (n - 1) * (2 * n + 5) / 18)
        assert np.mean(p <= 0.05) == pytest.approx(size, abs=error)
        assert 0.03 < size <= 0.0505
    year, month = np.repeat(np.arange(10), 12), np.tile(np.arange(12), 10)
    p = stats.seasonal_kendall_many(rng.standard_normal((runs, 120)), year, month).p_value
    law = np.ones(1)
    for _ in range(12):
        law = np.convolve(law, kendall._inversions(10))
    assert np.mean(p <= 0.05) == pytest.approx(true_size(law, 12 * 125.0), abs=error)
