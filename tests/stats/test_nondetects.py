"""Samples with non-detects: exact where nothing is hidden, by hand where little is, else by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as reference

from wqstudy.errors import ArgumentError
from wqstudy.stats import kaplan_meier, lognormal_mle, ros, tobit
from wqstudy.stats.nondetects import TOO_FEW, TOO_MANY, finney, plotting_positions

QUICK = settings(deadline=None, max_examples=60)

METHODS = [kaplan_meier, ros, lognormal_mle]
positive = st.integers(1, 200).map(lambda i: i / 8)
censored_samples = st.lists(st.tuples(positive, st.booleans()), min_size=2, max_size=40)


def limits_at(y, limit):
    return np.maximum(y, limit), y < limit


# ---------------------------------------------------------------- nothing hidden


@QUICK
@given(st.lists(positive, min_size=3, max_size=40, unique=True))
def test_without_non_detects_they_are_the_plain_statistics(x):
    x = np.array(x)
    seen = np.zeros(x.size, dtype=bool)
    km, order, fit = kaplan_meier(x, seen), ros(x, seen), lognormal_mle(x, seen)
    assert km.mean == pytest.approx(x.mean(), rel=1e-12)
    assert km.sd == pytest.approx(x.std(), rel=1e-10)
    assert km.se_mean == pytest.approx(x.std(ddof=1) / np.sqrt(x.size), rel=1e-10)
    assert km.median == np.quantile(x, 0.5, method="inverted_cdf")
    assert (order.mean, order.median) == pytest.approx((x.mean(), np.median(x)), rel=1e-12)
    assert order.sd == pytest.approx(x.std(ddof=1), rel=1e-12)
    assert order.quantile(0.3) == pytest.approx(np.quantile(x, 0.3), rel=1e-12)
    log = np.log(x)
    assert (fit.mean_log, fit.sd_log) == pytest.approx((log.mean(), log.std()), rel=1e-9, abs=1e-9)
    assert fit.log_likelihood == pytest.approx(
        reference.lognorm(log.std(), scale=np.exp(log.mean())).logpdf(x).sum(), rel=1e-9, abs=1e-9
    )


def test_finney_takes_the_bias_out():
    """40,000 samples of 12, sd 1.5 in logs: the corrected mean is on the truth.

    The plain one is too large; with the likelihood's variance in the series, as EnvStats has it, too small.
    """
    rng = np.random.default_rng(1)
    log = 1.5 * rng.standard_normal((40_000, 12))
    centre, variance = np.exp(log.mean(axis=1)), log.var(axis=1)
    series = {k: centre * np.array([finney(11, v * k / 2) for v in variance]) for k in (12 / 11, 1.0)}
    corrected, plain = series[12 / 11], centre * np.exp(variance / 2)
    truth, error = np.exp(1.5**2 / 2), corrected.std() / np.sqrt(40_000)
    assert abs(corrected.mean() - truth) < 4 * error
    assert plain.mean() > truth + 8 * error
    assert series[1.0].mean() < truth - 8 * error
    got = lognormal_mle(np.exp(log[0]), np.zeros(12, dtype=bool))
    assert got.mean_corrected == pytest.approx(corrected[0], rel=1e-9)


# ---------------------------------------------------------------- by hand


def test_kaplan_meier_by_hand():
    """Helsel's way, from the top: 8 takes 1/6, 5 takes 1/5 of the rest, 2 (of 2 detected and <2) 2/3."""
    x, hidden = [8.0, 5.0, 6.0, 2.0, 2.0, 2.0], [False, False, True, False, False, True]
    got = kaplan_meier(x, hidden)
    left = (1 - 1 / 6) * (1 - 1 / 4)
    assert got.points == (2.0, 5.0, 8.0)
    assert got.probabilities == pytest.approx((left, 5 / 6, 1.0))
    assert got.below == pytest.approx(left / 3)
    assert got.mean == pytest.approx(2 * left + 5 * (5 / 6 - left) + 8 / 6)
    assert np.isnan(got.quantile(got.below * 0.99))
    assert got.quantile(got.below * 1.01) == 2.0
    assert "below the lowest detected value" in got.notes[0]


def test_plotting_positions_by_hand():
    """Two limits, 1 and 4: of ten, five at 4 or above; of the five below 4, two from 1 up, two <1, one <4."""
    x = np.array([1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    hidden = np.array([True, True, False, False, True, False, False, False, False, False])
    above_4 = 5 / 10
    above_1 = above_4 + 2 / (2 + 2) * (1 - above_4)
    expected = [
        *((1 - above_1) * k / 3 for k in (1, 2)),
        *((1 - above_1) + (above_1 - above_4) * k / 3 for k in (1, 2)),
        (1 - above_4) / 2,
        *((1 - above_4) + above_4 * k / 6 for k in range(1, 6)),
    ]
    assert plotting_positions(x, hidden) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_likelihood_is_at_its_top(seed):
    """A general minimiser finds no higher point, and the one it finds is ours to its own tolerance."""
    rng = np.random.default_rng(seed)
    y, hidden = limits_at(0.5 + rng.standard_normal(40), rng.choice([-0.5, 0.4, 1.0], 40))
    X = np.column_stack([np.ones(40), np.arange(40) / 10, rng.standard_normal(40)])
    fit = tobit(y, hidden, X)

    def minus(theta):
        z = (y - X @ theta[:3]) / np.exp(theta[3])
        law = reference.norm
        return -(law.logpdf(z[~hidden]) - theta[3]).sum() - law.logcdf(z[hidden]).sum()

    start = np.append(fit.coefficients + 0.1, np.log(fit.sd) + 0.1)
    found = optimize.minimize(
        minus,
        start,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000, "maxfev": 10_000},
    )
    assert fit.log_likelihood >= -found.fun - 1e-9
    np.testing.assert_allclose(np.append(fit.coefficients, np.log(fit.sd)), found.x, atol=1e-4)
    # Covariance: inverse of the matrix of second differences.
    centre, h = np.append(fit.coefficients, fit.sd), 1e-4
    of_sd = lambda v: minus(np.append(v[:3], np.log(v[3])))  # noqa: E731
    eye = np.eye(4) * h
    second = np.array(
        [
            [
                (
                    of_sd(centre + a + b)
                    - of_sd(centre + a - b)
                    - of_sd(centre - a + b)
                    + of_sd(centre - a - b)
                )
                / (4 * h * h)
                for b in eye
            ]
            for a in eye
        ]
    )
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(second), rtol=1e-3, atol=1e-6)


# ---------------------------------------------------------------- by symmetry


@pytest.mark.parametrize("method", METHODS)
@QUICK
@given(rows=censored_samples, unit=st.sampled_from([0.001, 0.25, 1000.0]))
def test_another_unit_is_another_unit(method, rows, unit):
    x, hidden = (np.array(column) for column in zip(*rows, strict=True))
    plain, scaled = method(x, hidden), method(x * unit, hidden)
    assert scaled.estimable == plain.estimable
    if plain.estimable:
        assert scaled.mean == pytest.approx(plain.mean * unit, rel=1e-8)
        assert scaled.sd == pytest.approx(plain.sd * unit, rel=1e-7, abs=1e-12)
        assert scaled.quantile(0.9) == pytest.approx(plain.quantile(0.9) * unit, rel=1e-8, nan_ok=True)


@pytest.mark.parametrize("method", METHODS)
@QUICK
@given(rows=censored_samples)
def test_order_of_rows_says_nothing(method, rows):
    x, hidden = (np.array(column) for column in zip(*rows, strict=True))
    mixed = np.random.default_rng(1).permutation(x.size)
    plain, again = method(x, hidden), method(x[mixed], hidden[mixed])
    assert again.mean == pytest.approx(plain.mean, rel=1e-9, nan_ok=True)


@QUICK
@given(rows=censored_samples)
def test_modelled_values_lie_below_the_line_of_detected_ones(rows):
    x, hidden = (np.array(column) for column in zip(*rows, strict=True))
    got = ros(x, hidden)
    if got.estimable:
        assert len(got.modelled) == x.size
        seen = np.sort(x[~hidden])
        assert np.isin(seen, got.modelled).all()
        assert (np.array(got.modelled) > 0).all()


def test_quantiles_rise():
    rng = np.random.default_rng(6)
    x, hidden = limits_at(rng.lognormal(size=50), 0.5)
    shares = np.linspace(0.01, 0.99, 50)
    for method in METHODS:
        values = np.array([method(x, hidden).quantile(q) for q in shares])
        assert (np.diff(values[~np.isnan(values)]) >= 0).all()


# ---------------------------------------------------------------- ends of the scale


@pytest.mark.parametrize("method", METHODS)
def test_more_than_four_fifths_hidden_is_not_estimable(method):
    x = np.arange(1.0, 21.0)
    at_most, too_many = x <= 16, x <= 17
    assert method(x, at_most).estimable
    got = method(x, too_many)
    assert not got.estimable
    assert np.isnan([got.sd, got.median, got.low, got.high, got.quantile(0.9)]).all()
    assert got.notes == (TOO_MANY,)
    assert (got.n, got.n_censored) == (20, 17)


@pytest.mark.parametrize("method", [ros, lognormal_mle])
def test_one_detected_value_has_no_shape(method):
    got = method([1.0, 2.0, 2.0], [True, False, False])
    assert not got.estimable
    assert got.notes == (TOO_FEW,)


def test_a_regressor_known_by_non_detects_only_has_no_estimate():
    y, hidden = np.array([1.0, 2.0, 1.5, 0.5, 0.5]), np.array([False] * 3 + [True] * 2)
    X = np.column_stack([np.ones(5), hidden.astype(float)])
    assert tobit(y, hidden, X) is None


@pytest.mark.parametrize("method", [ros, lognormal_mle])
def test_values_of_zero_are_refused(method):
    with pytest.raises(ArgumentError, match=r"argument values.*above zero"):
        method([0.0, 1.0, 2.0], [True, False, False])


@pytest.mark.parametrize("method", METHODS)
def test_faulty_marks_are_refused(method):
    with pytest.raises(ArgumentError, match="argument censored"):
        method([1.0, 2.0, 3.0], [True, False])


# ---------------------------------------------------------------- by simulation


@pytest.mark.parametrize(("method", "least"), [(lognormal_mle, 0.92), (kaplan_meier, 0.86), (ros, 0.85)])
def test_coverage_of_the_mean(method, least):
    """Lognormal, sd 0.8 in logs, 60 values, limits at the 20th and 45th percentile: 95 % intervals.

    400 samples: standard error .011 at .95. Cox's interval is for this law; the other two know no shape, and
    with a tail to the right symmetric and percentile intervals are short: Helsel (2012) has .87 to .92.
    """
    rng = np.random.default_rng(9)
    truth = np.exp(0.32)
    covered, errors = 0, []
    for _ in range(400):
        y = np.exp(0.8 * rng.standard_normal(60))
        x, hidden = limits_at(y, np.exp(0.8 * rng.choice([-0.84, -0.13], 60)))
        got = method(x, hidden, rng=rng, resamples=200) if method is ros else method(x, hidden)
        covered += got.low <= truth <= got.high
        errors.append(got.mean - truth)
    assert covered / 400 > least
    # Bias below a tenth of the standard deviation of the logs.
    assert abs(np.mean(errors)) < 0.08
