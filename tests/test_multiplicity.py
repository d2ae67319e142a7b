"""Adjusted p-values: another program's numbers, families, error rates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.multiplicity import q_values

P = st.lists(st.one_of(st.floats(0, 1), st.just(np.nan)), max_size=12)


@pytest.mark.parametrize(("adjust", "theirs"), [("bh", "fdr_bh"), ("by", "fdr_by")])
@given(p=P)
def test_the_same_as_statsmodels(adjust, theirs, p):
    from statsmodels.stats.multitest import multipletests

    ours = q_values(pd.DataFrame({"p_value": np.array(p, dtype=float)}), adjust)
    known = np.isfinite(np.array(p, dtype=float))
    assert np.isnan(ours[~known]).all()
    if known.any():
        expected = multipletests(np.array(p)[known], method=theirs)[1]
        # Both sort, multiply and take running minima: only the order of roundings may differ,
        # and numbers below 1e-300 have few digits left.
        np.testing.assert_allclose(ours[known], expected, rtol=1e-12, atol=1e-300)


@given(p=P, families=st.data())
def test_families_are_adjusted_by_themselves(p, families):
    names = families.draw(st.lists(st.sampled_from("ab"), min_size=len(p), max_size=len(p)))
    table = pd.DataFrame({"p_value": np.array(p, dtype=float), "parameter": names})
    q = q_values(table, family="parameter")
    for name, part in table.groupby("parameter"):
        np.testing.assert_array_equal(q[table["parameter"] == name], q_values(part))


def test_no_adjustment_is_the_p_value():
    table = pd.DataFrame({"p_value": [0.2, np.nan]})
    np.testing.assert_array_equal(q_values(table, "none"), [0.2, np.nan])


def test_false_discoveries_are_as_rare_as_said():
    """Nine nulls of ten, 4,000 tables: the mean false discovery proportion at q <= .1 is .1 * .9 at most."""
    rng = np.random.default_rng(3)
    null = np.arange(20) >= 2
    proportions = []
    for _ in range(4000):
        p = np.where(null, rng.uniform(size=20), rng.uniform(0, 0.004, size=20))
        found = q_values(pd.DataFrame({"p_value": p})) <= 0.1
        proportions.append((found & null).sum() / max(found.sum(), 1))
    # 4,000 proportions with a sd of about .14: three standard errors are .007.
    assert np.mean(proportions) == pytest.approx(0.09, abs=0.008)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"adjust": "holm"}, "'holm' is not known. Valid: bh, by, none"),
        ({"family": "zone"}, "no column 'zone'"),
    ],
)
def test_what_is_not_known(how, words):
    with pytest.raises(ArgumentError, match=words):
        q_values(pd.DataFrame({"p_value": [0.1]}), **how)
