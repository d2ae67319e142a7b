"""The censored regression of a step: least squares where nothing is hidden, honest where much is."""

import numpy as np
import pytest
from scipy import stats as reference

from wqstudy.errors import ArgumentError
from wqstudy.stats import tobit_step
from wqstudy.stats.censored_step import GRID, _both_below, _without_bias, neighbour_correlation
from wqstudy.stats.changepoint import noise


def limits_at(y, limit):
    """Concentrations of logs, and marks."""
    return np.exp(np.maximum(y, limit)), y < limit


def test_without_non_detects_it_is_least_squares():
    rng = np.random.default_rng(1)
    time = np.arange(60)
    after = time >= 25
    flow = rng.standard_normal(60)
    y = 0.5 * flow - 0.6 * after + 0.3 * rng.standard_normal(60)
    angle = 2 * np.pi * time / 12
    X = np.column_stack(
        [np.ones(60), after, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle), flow]
    )
    expected = np.linalg.lstsq(X, y)[0][1]
    got = tobit_step(np.exp(y), np.zeros(60, dtype=bool), time, after, flow, resamples=19)
    assert got.value == pytest.approx(expected, rel=1e-9)


def test_two_normal_values_below_their_limits():
    a, b = np.array([-0.5, 1.0, 0.3, -2.0]), np.array([0.2, 1.5, -1.0, -2.5])
    got = _both_below(a, b)
    for row in (0, 40, 90):
        mean, covariance = [0, 0], [[1, GRID[row]], [GRID[row], 1]]
        expected = [
            reference.multivariate_normal.cdf(pair, mean, covariance, abseps=1e-10, releps=1e-10)
            for pair in np.column_stack([a, b])
        ]
        np.testing.assert_allclose(got[row], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_correlation_of_neighbours_is_found_behind_limits(phi, share):
    """5,000 pairs: standard error .014 with all seen, twice that with 60 % hidden; four times that."""
    x = noise(np.random.default_rng(3), 5000, 2, phi)
    limit = reference.norm.ppf(share)
    hidden = x < limit
    x = np.maximum(x, limit)
    got = neighbour_correlation(x[:, 0], hidden[:, 0], x[:, 1], hidden[:, 1])
    assert abs(got - phi) < 0.12


def test_bias_of_residuals_is_taken_out():
    """AR(1), phi .6, 48 months, six regressors: residuals show .45 or so, the corrected mean is on .6."""
    rng = np.random.default_rng(4)
    t = np.arange(48.0)
    angle = 2 * np.pi * t / 12
    X = np.column_stack(
        [np.ones(48), t >= 24, np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    )
    basis = np.linalg.qr(X)[0]
    raw, corrected = [], []
    for y in noise(rng, 400, 48, 0.6):
        e = y - basis @ (basis.T @ y)
        raw.append(np.mean(e[1:] * e[:-1]) / np.mean(e**2))
        corrected.append(_without_bias(raw[-1], X, t, np.arange(47)))
    # Standard deviation of one estimate .13: standard error .007.
    assert np.mean(raw) < 0.52
    assert abs(np.mean(corrected) - 0.6) < 0.03


@pytest.mark.parametrize(("share", "phi"), [(0.3, 0.0), (0.3, 0.6), (0.5, 0.3)])
def test_coverage_and_bias(share, phi):
    """80 series of 72 months, step -0.7: coverage .95 +- .024, bias below a tenth of the step's size."""
    rng = np.random.default_rng(5)
    time = np.arange(72)
    after = time >= 36
    held, values = 0, []
    for e in noise(rng, 80, 72, phi):
        y = 0.5 * e + 0.4 * np.sin(time * np.pi / 6) - 0.7 * after
        x, hidden = limits_at(y, np.quantile(y, share))
        got = tobit_step(x, hidden, time, after, rng=rng, resamples=99)
        held += got.low <= -0.7 <= got.high
        values.append(got.value)
    assert held / 80 > 0.95 - 4 * 0.024
    assert abs(np.mean(values) + 0.7) < 0.07 + 2 * np.std(values) / np.sqrt(80)


def test_flow_that_changed_with_the_step_is_taken_out():
    rng = np.random.default_rng(6)
    time = np.arange(96)
    after = time >= 48
    flow = 2.0 * after + rng.standard_normal(96)
    x, hidden = limits_at(-0.5 * flow + 0.3 * rng.standard_normal(96), -1.2)
    without, with_flow = (
        tobit_step(x, hidden, time, after, covariate, resamples=99) for covariate in (None, flow)
    )
    assert without.high < 0
    assert with_flow.low < 0 < with_flow.high
    assert abs(with_flow.value) < 0.25


def test_a_span_wholly_below_its_limit_is_not_estimable():
    time = np.arange(40)
    x = np.where(time < 20, 1.0 + 0.1 * (time % 7), 0.5)
    got = tobit_step(x, time >= 20, time, time >= 20)
    assert np.isnan([got.value, got.low, got.high]).all()
    assert got.notes[0].startswith("not estimable")


def test_same_seed_same_answer():
    rng = np.random.default_rng(7)
    x, hidden = limits_at(rng.standard_normal(40), -0.5)
    time = np.arange(40)
    first, again = (tobit_step(x, hidden, time, time >= 20, rng=3, resamples=49) for _ in range(2))
    assert first == again


def test_faulty_arguments_are_named():
    x, seen, time = np.ones(10) + np.arange(10), np.zeros(10, dtype=bool), np.arange(10)
    with pytest.raises(ArgumentError, match="argument time"):
        tobit_step(x, seen, time[::-1], time > 5)
    with pytest.raises(ArgumentError, match="argument covariates"):
        tobit_step(x, seen, time, time > 5, np.ones(9))
    with pytest.raises(ArgumentError, match="argument values"):
        tobit_step(-x, seen, time, time > 5)
