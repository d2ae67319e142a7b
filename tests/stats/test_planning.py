"""What a design can find: against other programs, published examples and simulation."""

import numpy as np
import pytest
from scipy import signal, stats
from statsmodels.stats.power import TTestIndPower

from wqstudy.stats.planning import (
    detectable_change,
    mean_difference_error,
    power_of_t,
    significant_change,
)


@pytest.mark.parametrize(
    ("effect", "n", "power"),
    # Cohen (1988), table 2.4.1: size of each group for a power of .80 at 5 %, two-sided.
    [(0.2, 393, 0.80), (0.5, 64, 0.80), (0.8, 26, 0.80)],
)
def test_published_sample_sizes(effect, n, power):
    """The table gives the smallest whole n, so that the power is .80 to two decimals."""
    assert power_of_t(effect, (2 / n) ** 0.5, 2 * n - 2) == pytest.approx(power, abs=0.01)
    assert power_of_t(effect, (2 / (n - 2)) ** 0.5, 2 * n - 6) < power


@pytest.mark.parametrize("effect", [0.1, 0.4, 0.9])
@pytest.mark.parametrize("n", [6, 20, 80])
def test_power_is_that_of_statsmodels(effect, n):
    """One-sided there at half the level: it counts rejections on the wrong side otherwise."""
    other = TTestIndPower().power(effect, n, 0.025, alternative="larger")
    assert power_of_t(effect, (2 / n) ** 0.5, 2 * n - 2) == pytest.approx(other, abs=1e-8)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_detectable_change_has_the_power_asked_for(power):
    change = detectable_change(0.2, 30, power=power)
    assert power_of_t(change, 0.2, 30) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(
    ("before", "after", "phi", "every"), [(30, 30, 0.6, 1), (20, 40, 0.8, 1), (12, 12, 0.7, 3)]
)
def test_error_of_a_difference_under_ar1_noise_is_the_simulated_one(before, after, phi, every):
    """20,000 runs: the standard deviation is known to 0.5 %, three of them allowed."""
    n = before + after
    fresh = np.random.default_rng(1).standard_normal((20_000, n * every))
    fresh[:, 1:] *= (1 - phi**2) ** 0.5
    y = 2.0 * signal.lfilter([1.0], [1.0, -phi], fresh)[:, ::every]
    told = (y[:, before:].mean(axis=1) - y[:, :before].mean(axis=1)).std()
    assert mean_difference_error(before, after, 2.0, phi, every) == pytest.approx(told, rel=0.016)


@pytest.mark.parametrize(
    ("before", "after", "effect", "phi"),
    [
        (n, m, effect, phi)
        for n, m in ((12, 12), (24, 24), (24, 48), (60, 60), (36, 12))
        for effect, phi in ((0.4, 0.0), (0.4, 0.5))
    ],
)
def test_predicted_power_is_the_simulated_one(before, after, effect, phi):
    """Ten designs; the error known up to its size, as the t distribution has it. Within three points."""
    rng = np.random.default_rng(7)
    n, runs = before + after, 4_000
    # The t distribution is exact where the correlation is known: whitened values carry the variance.
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    root = np.linalg.cholesky(0.5**2 * phi ** lag.astype(float))
    x = np.column_stack([np.ones(n), np.arange(n) >= before])
    white_x, white_y = np.linalg.solve(root, x), rng.standard_normal((runs, n))
    white_y = white_y + white_x[:, 1] * -effect
    coefficients = np.linalg.lstsq(white_x, white_y.T, rcond=None)[0]
    variance = ((white_y.T - white_x @ coefficients) ** 2).sum(axis=0) / (n - 2)
    unit = np.linalg.inv(white_x.T @ white_x)[1, 1] ** 0.5
    found = coefficients[1] + stats.t.ppf(0.975, n - 2) * unit * np.sqrt(variance) < 0
    assert power_of_t(effect, unit, n - 2) == pytest.approx(found.mean(), abs=0.03)


def test_significant_change_by_hand():
    """Tech Notes 7: t for one side times the root of MSE / n before plus MSE / n after."""
    by_hand = stats.t.ppf(0.95, 98) * (0.04 / 40 + 0.09 / 60) ** 0.5
    assert significant_change(40, 60, 0.04, 0.09) == pytest.approx(by_hand, rel=1e-12)
    wider = significant_change(40, 60, 0.04, 0.09, lag_one=0.5)
    assert wider == pytest.approx(by_hand * 3**0.5, rel=1e-12)
    assert significant_change(40, 60, 0.04, 0.09, sides=2) > by_hand
