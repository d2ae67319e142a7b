"""Blocks drawn anew: where they may lie, how long they should be, and whether the intervals hold."""

import numpy as np
import pytest

from wqstudy.errors import ArgumentError
from wqstudy.stats import block_bootstrap, block_length
from wqstudy.stats.bootstrap import block_indices, year_indices
from wqstudy.stats.changepoint import noise


def test_moving_blocks_are_runs_of_their_length():
    drawn = block_indices(50, 400, 7, 1, "moving")
    assert drawn.shape == (400, 50)
    assert (drawn.min(), drawn.max()) == (0, 49)
    inside = np.arange(49) % 7 != 6
    assert (np.diff(drawn, axis=1)[:, inside] == 1).all()


def test_stationary_blocks_have_geometric_lengths_and_no_ends():
    drawn = block_indices(50, 4000, 5, 1, "stationary")
    ring = (np.diff(drawn, axis=1) % 50) == 1
    # A block goes on with 4/5, or begins anew at the next value by chance: 1/5 x 1/50.
    assert ring.mean() == pytest.approx(0.8 + 0.2 / 50, abs=0.005)
    counts = np.bincount(drawn.ravel(), minlength=50) / drawn.size
    assert counts == pytest.approx(np.full(50, 0.02), abs=0.002)


def test_years_stay_whole():
    year = np.repeat([2001, 2002, 2003], [12, 11, 12])
    for drawn in year_indices(year, 200, 3):
        label = year[drawn]
        runs = np.split(drawn, np.flatnonzero(np.diff(drawn) != 1) + 1)
        assert np.isin(label, [2001, 2002, 2003]).all()
        assert all(r[0] in (0, 12, 23) and r[-1] in (11, 22, 34) for r in runs)


@pytest.mark.parametrize(("kind", "factor"), [("stationary", 2.0), ("moving", 4 / 3)])
@pytest.mark.parametrize("phi", [0.3, 0.6, 0.8])
def test_length_is_near_the_best_of_an_ar1(kind, factor, phi):
    """Politis and White (2004, eq. 9, 14): best length from phi itself. The plug-in errs by a third and more
    one way or the other, and by a fifth on the median, towards short blocks."""
    n = 2000
    bend, spectrum = 2 * phi / (1 - phi) ** 2, (1 + phi) / (1 - phi)
    best = (2 * bend**2 / (factor * spectrum**2) * n) ** (1 / 3)
    found = [block_length(x, kind) for x in noise(np.random.default_rng(4), 100, n, phi)]
    assert 0.7 * best < np.median(found) < 1.15 * best


def test_lengths_of_the_two_kinds_have_a_fixed_ratio():
    x = noise(np.random.default_rng(5), 1, 300, 0.5)[0]
    assert block_length(x, "moving") / block_length(x) == pytest.approx(1.5 ** (1 / 3))


def test_length_of_the_extremes():
    assert block_length(np.ones(50)) == 1.0
    assert block_length(np.arange(100.0)) <= 30
    white = [block_length(x) for x in noise(np.random.default_rng(6), 100, 500, 0.0)]
    assert np.median(white) < 3


@pytest.mark.parametrize("kind", ["stationary", "moving"])
def test_coverage_of_a_mean_of_values_that_remember(kind):
    """AR(1), phi .5, 200 values: percentile intervals of blocks hold .88 to .93, those of single values .75.

    300 series: standard error .02."""
    rng = np.random.default_rng(7)
    held = single = 0
    for x in noise(rng, 300, 200, 0.5):
        got = block_bootstrap(x, np.mean, kind=kind, rng=rng, resamples=199)
        alone = block_bootstrap(x, np.mean, kind="moving", length=1, rng=rng, resamples=199)
        held += got.low <= 0 <= got.high
        single += alone.low <= 0 <= alone.high
    assert held / 300 > 0.84
    assert single < held


def test_whole_years_keep_the_season():
    """The mean of a pure season has no doubt if years are drawn whole."""
    season = np.tile(np.arange(12.0), 8)
    year = np.repeat(np.arange(8), 12)
    got = block_bootstrap(season, np.mean, kind="year", year=year)
    assert (got.low, got.value, got.high) == (5.5, 5.5, 5.5)
    assert got.notes == ("whole years", "seed 0")


def test_columns_stay_together():
    x = noise(np.random.default_rng(8), 1, 60, 0.3)[0]
    table = np.column_stack([x, 2 * x])
    got = block_bootstrap(table, lambda t: float(np.abs(t[:, 1] - 2 * t[:, 0]).max()), rng=1, resamples=50)
    assert got.high == 0.0


def test_faulty_arguments_are_named():
    x = np.arange(20.0)
    with pytest.raises(ArgumentError, match="argument kind"):
        block_bootstrap(x, np.mean, kind="block")
    with pytest.raises(ArgumentError, match="argument year"):
        block_bootstrap(x, np.mean, kind="year")
    with pytest.raises(ArgumentError, match="argument x"):
        block_length([1.0, 2.0])
    with pytest.raises(ArgumentError, match="argument kind"):
        block_length(x, "year")
