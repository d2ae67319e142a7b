"""The batched maximum of the likelihood against a general optimiser, and where there is no maximum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from wqstudy.loads.likelihood import FITTED, NO_SPREAD, SINGULAR, Rows, maximum


def log_likelihood(parameters, x, y, side, w):
    """As a textbook writes it, in beta and log sigma."""
    sigma = np.exp(parameters[-1])
    z = (y - x @ parameters[:-1]) / sigma
    return w @ np.select(
        [side == 0, side < 0],
        [stats.norm.logpdf(z) - np.log(sigma), stats.norm.logcdf(z)],
        stats.norm.logsf(z),
    )


def fit(x, y, side, w):
    """Nodes with weights (nodes, rows)."""
    rows = Rows.of(x, y, side)
    exact = rows.is_exact
    gram = rows.products.T @ w[:, exact].T
    return maximum(rows, gram, w[:, exact].sum(axis=1), w[:, ~exact])


def data(seed, n=60, share=0.4, right=0.1):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    y = x @ [0.5, 1.0, -0.4] + rng.normal(0, 0.7, n)
    limit = np.quantile(y, share) + rng.normal(0, 0.3, n) if share else np.full(n, -np.inf)
    top = np.quantile(y, 1 - right) if right else np.inf
    side = np.where(y < limit, -1, np.where(y > top, 1, 0))
    y = np.where(side < 0, limit, np.where(side > 0, top, y))
    return x, y, side, rng.random((5, n)) * (rng.random((5, n)) < 0.8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.0, 0.4, 0.7])
def test_the_maximum_is_that_of_a_general_optimiser(seed, share):
    """A polished optimiser agrees to 1e-6: its own gradient is a difference quotient."""
    x, y, side, w = data(seed, share=share)
    fits = fit(x, y, side, w)
    assert (fits.status == FITTED).all()
    for node in range(w.shape[0]):
        found = np.append(fits.beta[:, node], np.log(fits.sigma[node]))
        best = optimize.minimize(
            lambda p, node=node: -log_likelihood(p, x, y, side, w[node]), found + 0.1, tol=1e-12
        )
        assert log_likelihood(found, x, y, side, w[node]) >= -best.fun - 1e-10
        assert found == pytest.approx(best.x, abs=2e-5)


def test_exact_rows_are_least_squares():
    x, y, side, w = data(1, share=0.0, right=0.0)
    assert not side.any()
    fits = fit(x, y, side, w)
    for node in range(w.shape[0]):
        root = np.sqrt(w[node])
        beta = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
        sigma = np.sqrt(w[node] @ (y - x @ beta) ** 2 / w[node].sum())
        assert fits.beta[:, node] == pytest.approx(beta, rel=1e-11)
        assert fits.sigma[node] == pytest.approx(sigma, rel=1e-11)


@given(st.integers(0, 10_000), st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_a_weight_of_two_is_two_rows_and_scale_does_not_matter(seed, scale):
    x, y, side, w = data(seed)
    once = fit(x, y, side, 2 * w)
    twice = fit(np.vstack([x, x]), np.concatenate([y, y]), np.concatenate([side, side]), np.hstack([w, w]))
    scaled = fit(x, y, side, scale * w)
    for other in (twice, scaled):
        assert other.beta == pytest.approx(once.beta, rel=1e-7, abs=1e-9)
        assert other.sigma == pytest.approx(once.sigma, rel=1e-7)


def test_what_has_no_maximum_is_said():
    x, y, side, w = data(3, share=0.0, right=0.0)
    assert (fit(np.column_stack([x, x[:, 1]]), y, side, w).status == SINGULAR).all()
    flat = fit(x, x @ [1.0, 2.0, 3.0], side, w)
    assert (flat.status == NO_SPREAD).all()
    assert flat.sigma == pytest.approx(0, abs=0)
    assert flat.beta == pytest.approx(np.tile([[1.0], [2.0], [3.0]], 5), rel=1e-9)
    none = fit(x, y, np.full(y.size, -1), w)
    assert (none.status == SINGULAR).all()
    assert np.isnan(none.beta).all()


@pytest.mark.parametrize("exact", [5, 8, 15])
def test_few_exact_rows_among_many_non_detects_settle(exact):
    """The traps in which programs stall at a thousand steps, or refit with random jitter."""
    x, y, _, w = data(exact, n=200, share=0.0, right=0.0)
    side = np.full(y.size, -1)
    side[np.argsort(y)[-exact:]] = 0
    fits = fit(x, np.where(side == 0, y, np.quantile(y, 0.9)), side, np.ones_like(w))
    assert (fits.status == FITTED).all()
    found = np.append(fits.beta[:, 0], np.log(fits.sigma[0]))
    step = optimize.approx_fprime(
        found, log_likelihood, 1e-6, x, np.where(side == 0, y, np.quantile(y, 0.9)), side, np.ones(y.size)
    )
    assert step == pytest.approx(0, abs=1e-3)
