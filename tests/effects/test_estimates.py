"""Effects beyond controls: exact without noise, covariances against plain algebra, size in simulation."""

import numpy as np
import pytest

from wqstudy.effects.contrasts import Donors, contrast
from wqstudy.effects.covariance import bases, event_years, seasons
from wqstudy.effects.estimates import Design, spans
from wqstudy.effects.likelihood import _likelihood, noise
from wqstudy.simulate import NEVER, district_panel


def panel_of(rng, treated, controls, **rest):
    made = district_panel(rng, treated, controls, **rest)
    return made.series, made.time, made.start


def noiseless(rng, start, effect, months=72):
    """Districts' own levels and seasons, a common course of any shape, and an effect of any shape."""
    time = np.arange(600, 600 + months)
    own = rng.standard_normal((len(start), 12))[:, time % 12]
    return own + 5 * rng.standard_normal(months) + effect(time, np.asarray(start)[:, None]), time


@pytest.mark.parametrize("controls", [1, 2, 4])
def test_effects_are_exact_without_noise(controls):
    """Staggered starts, a ramp, gaps: the mean of the months stated, to 1e-6 (nothing but rounding)."""
    rng = np.random.default_rng(3)
    start = np.array([626, 640, 652, *[NEVER] * controls])
    y, time = noiseless(rng, start, lambda t, s: -0.01 * np.clip(t - s + 1, 0, 20))
    y[0, 50:53], y[3, 20], y[-1, 66] = np.nan, np.nan, np.nan
    design = Design(y[None], time, start)
    for first, last in ((0, None), *spans()):
        got = design.effects(first=first, last=last)
        for i, s in enumerate(start[:3]):
            since = (time - s)[~np.isnan(y[i]) & ~np.isnan(y[3:]).all(axis=0)]
            inside = since[(since >= first) & (since < (last or 999))]
            if inside.size < 6:
                assert np.isnan(got.value[i])
                continue
            wanted = np.mean(-0.01 * np.clip(inside + 1, 0, 20))
            assert got.value[i] == pytest.approx(wanted, abs=1e-6)
        assert got.value[-1] == pytest.approx(np.nanmean(got.value[:3]), abs=1e-12)


def test_districts_already_treated_are_never_controls():
    """With one control the others help until they start; what happens to them later changes nothing."""
    rng = np.random.default_rng(4)
    start = np.array([630, 645, NEVER])
    y, time = noiseless(rng, start, lambda t, s: -0.5 * (t >= s))
    later = y + 3.0 * ((time >= 645) & (start == 645)[:, None]) * rng.random(time.size)
    for panel in (y, later):
        assert Design(panel[None], time, start).effects().value[0] == pytest.approx(-0.5, abs=1e-6)


def test_without_never_treated_the_window_ends_at_the_last_start():
    rng = np.random.default_rng(5)
    start = np.array([625, 650])
    y, time = noiseless(rng, start, lambda t, s: -0.4 * (t >= s))
    got = Design(y[None], time, start).effects()
    assert got.value[0] == pytest.approx(-0.4, abs=1e-6)
    assert np.isnan(got.value[1])


@pytest.mark.parametrize("controls", [2, 4])
def test_covariances_are_those_of_the_weights_on_every_value(controls):
    """Found as a quadratic form of the estimator itself, unit values pushed through it one by one."""
    rng = np.random.default_rng(6)
    y, time, start = panel_of(rng, 2, controls, months=48, starts=[24, 30])
    y[0, 1, 10:12] = np.nan
    y[0, -1, 40] = np.nan
    design = Design(y, time, start)
    weight = np.array(
        [contrast(time, u, int(start[g])) for g, u in zip(design.treated, design.usable, strict=True)]
    )
    seen = ~np.isnan(y[0])
    pushed = np.zeros((2, *seen.shape))
    for g, t in zip(*np.nonzero(seen), strict=True):
        unit = np.zeros_like(y[0])
        unit[g, t] = 1.0
        for i, (h, donors) in enumerate(zip(design.treated, design.donors, strict=True)):
            pushed[i, g, t] = weight[i] @ (unit[h] - donors.common(unit))
    base = bases(time)[3]
    wanted = np.einsum("gdt,ts,hds->gh", pushed, base, pushed)
    np.testing.assert_allclose(design._covariances(weight)[3], wanted, atol=1e-10)


def test_likelihood_is_that_of_plain_restricted_likelihood():
    """Gaps, own seasons, free months, event years: against one big matrix of everything, up to a constant."""
    rng = np.random.default_rng(7)
    y, time, start = panel_of(rng, 2, 2, months=36, starts=18)
    y[0, 0, 5], y[0, 3, 20:22] = np.nan, np.nan
    seen = ~np.isnan(y[0])
    fit = _likelihood(tuple(time.tolist()), seen.tobytes(), tuple(start.tolist()), 0.1, 0.1)
    log, variance = fit.of(np.nan_to_num(y))
    month = seasons(time)
    columns = [np.kron(np.ones((4, 1)), np.eye(36))]
    for g in range(4):
        own = np.zeros((4, 36, 12))
        own[g] = month
        columns.append(own.reshape(144, 12))
        years = np.zeros((4, 36, event_years(time, seen[g], int(start[g])).shape[1]))
        years[g] = event_years(time, seen[g], int(start[g]))
        columns.append(years.reshape(144, -1))
    x = np.concatenate(columns, axis=1)[seen.ravel()]
    left, size, _ = np.linalg.svd(x, full_matrices=True)
    free = left[:, (size > 1e-9).sum() :]  # what no regressor explains
    values = free.T @ y[0].ravel()[seen.ravel()]
    wanted = []
    chosen = [0, 37, 120, 249]
    for k in chosen:
        v = free.T @ np.kron(np.eye(4), fit.v[k])[np.ix_(seen.ravel(), seen.ravel())] @ free
        quad = values @ np.linalg.solve(v, values)
        wanted.append(-0.5 * (np.linalg.slogdet(v)[1] + values.size * np.log(quad)))
        assert variance[0, k] == pytest.approx(quad / values.size, rel=1e-5)
    assert fit.freedom == values.size
    got = log[0, chosen]
    np.testing.assert_allclose(got - got[0], np.array(wanted) - wanted[0], atol=1e-3)


def test_noise_is_found_again():
    """Averages over 20 panels; wide bounds, since a correlation is known to .1 from one panel."""
    rng = np.random.default_rng(8)
    slow, fast = [], []
    for phi, found in ((0.85, slow), (0.3, fast)):
        for _ in range(20):
            y, time, start = panel_of(rng, 4, 4, phi=phi, trend=0.0)
            found.append(noise(y, time, start).mean("phi"))
    assert 0.5 < np.mean(slow) < 0.9
    assert np.mean(fast) < 0.4 < np.mean(slow)


def test_common_months_are_found_whichever_controls_are_there():
    rng = np.random.default_rng(9)
    time = np.arange(48)
    common = rng.standard_normal(48)
    y = common + rng.standard_normal((5, 12))[:, time % 12]
    mask = rng.random((5, 48)) < 0.8
    mask[0] = True
    left = Donors.of(time, mask).common(y) - common
    np.testing.assert_allclose(left - (left.reshape(4, 12).mean(axis=0))[time % 12], 0, atol=1e-9)


def test_scale_and_shift_go_through():
    rng = np.random.default_rng(10)
    y, time, start = panel_of(rng, 3, 3, effect=-0.5)
    plain = Design(y, time, start).effects()
    moved = Design(y + rng.standard_normal(84) + 4.0, time, start).effects()
    np.testing.assert_allclose(plain.low, moved.low, atol=1e-6)
    earlier = Design(y, time + 1200, np.where(start < NEVER, start + 1200, NEVER)).effects()
    np.testing.assert_allclose(plain.high, earlier.high, atol=1e-9)


def test_false_alarms_are_rare_and_effects_are_found():
    """40 null panels of 4 + 4, 160 intervals: at 5 % 8 would miss; more than 16 is beyond chance."""
    rng = np.random.default_rng(11)
    missed, found = 0, 0
    for _ in range(40):
        y, time, start = panel_of(rng, 4, 4)
        got = Design(y, time, start).effects()
        missed += int(((got.low > 0) | (got.high < 0))[:-1].sum())
        y += -0.7 * (time >= start[:, None])
        found += int(Design(y, time, start).effects().high[-1] < 0)
    assert missed <= 16
    assert found >= 37
