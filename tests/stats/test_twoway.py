"""Station and month effects of panels with holes."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.stats import twoway

QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def occupied(labels):
    return np.unique(labels, return_inverse=True)[1]


def panel(seed, rows, columns, share):
    """Row and column of the cells that are observed, some of them twice."""
    rng = np.random.default_rng(seed)
    seen = np.argwhere(rng.random((rows, columns)) < share)
    seen = np.concatenate([seen, [[0, 0]]])
    seen = np.concatenate([seen, seen[rng.random(len(seen)) < 0.2]])
    seen = seen[rng.permutation(len(seen))]
    return occupied(seen[:, 0]), occupied(seen[:, 1]), rng


def dummies(row, column):
    return np.column_stack([np.eye(row.max() + 1)[row], np.eye(column.max() + 1)[column]])


panels = st.tuples(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 15), st.floats(0.15, 1.0))


@QUICK
@given(panels)
def test_parts_are_what_the_rank_of_the_design_says(made):
    """Every part that is linked in itself takes one from the rank of rows and columns."""
    row, column, _ = panel(*made)
    part = twoway.connected(row, column)
    X = dummies(row, column)
    assert part.max() + 1 == X.shape[1] - np.linalg.matrix_rank(X)
    assert set(part) == set(range(part.max() + 1))
    for labels in (row, column):  # a station or month belongs to one part
        assert all(np.unique(part[labels == label]).size == 1 for label in np.unique(labels))


@QUICK
@given(panels)
def test_effects_are_those_of_least_squares_on_dummies(made):
    row, column, rng = panel(*made)
    keep = twoway.connected(row, column) == 0
    row, column = occupied(row[keep]), occupied(column[keep])
    y = rng.normal(size=row.size)
    rows = row.max() + 1
    # Row effects that sum to zero: the last is minus the sum of the others.
    coded = np.vstack([np.eye(rows - 1), -np.ones((1, rows - 1))])[row]
    fit = sm.OLS(y, np.column_stack([coded, np.eye(column.max() + 1)[column]])).fit()
    # Normal equations lose twice the digits of the condition number, which stays below 1e3 here.
    np.testing.assert_allclose(
        twoway.column_effects(y, row, column), fit.params[rows - 1 :], rtol=1e-8, atol=1e-8
    )


@QUICK
@given(panels)
def test_a_station_on_another_scale_leaves_the_shape(made):
    row, column, rng = panel(*made)
    keep = twoway.connected(row, column) == 0
    row, column = occupied(row[keep]), occupied(column[keep])
    y = rng.normal(size=row.size)
    shift = rng.normal(scale=10, size=row.max() + 1)
    moved = twoway.column_effects(y + shift[row], row, column) - twoway.column_effects(y, row, column)
    np.testing.assert_allclose(moved, shift.mean(), atol=1e-8)


def test_stations_that_come_and_go_do_no_harm():
    rng = np.random.default_rng(3)
    station, month = rng.normal(scale=3, size=6), rng.normal(size=60)
    seen = rng.random((6, 60)) < 0.7
    seen[0, 20:] = False  # the cleanest leaves, the dirtiest comes late
    seen[1, :40] = False
    station[0], station[1] = -9, 9
    seen[2] = True
    row, column = np.nonzero(seen)
    y = station[row] + month[column]
    plain_mean = np.bincount(column, weights=y) / np.bincount(column)
    effects = twoway.column_effects(y, row, column)
    # 1e-10: the values reach 10 and have 16 digits.
    np.testing.assert_allclose(effects - effects.mean(), month - month.mean(), atol=1e-10)
    assert np.abs(np.diff(plain_mean) - np.diff(month)).max() > 1  # what the plain mean would have done


def test_complete_data_give_the_column_means():
    y = np.random.default_rng(1).normal(size=(4, 9))
    row, column = (i.ravel() for i in np.indices((4, 9)))
    np.testing.assert_allclose(twoway.column_effects(y.ravel(), row, column), y.mean(axis=0), rtol=1e-12)


def test_draws_are_taken_one_by_one():
    row, column, rng = panel(12, 5, 12, 0.6)
    assert twoway.connected(row, column).max() == 0
    y = rng.normal(size=(3, row.size))
    each = [twoway.column_effects(draw, row, column) for draw in y]
    together = twoway.column_effects(y, row, column)
    assert together.shape == (3, column.max() + 1)
    np.testing.assert_allclose(together, each, rtol=1e-12)


@pytest.mark.parametrize(
    ("row", "column", "parts"),
    [
        ([0, 0, 1, 1], [0, 1, 2, 3], [0, 0, 1, 1]),
        ([0, 1, 2], [0, 1, 2], [0, 1, 2]),
        ([0, 1, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0]),  # linked through a third
    ],
)
def test_parts_of_small_panels(row, column, parts):
    assert twoway.connected(np.array(row), np.array(column)).tolist() == parts
