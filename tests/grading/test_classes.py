"""Classes of numbers: limits, ties, rounding."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import classify, graded_items, limits
from wqstudy.grading.limits import SCALE, items_of, scaled, thresholds

BODIES = ("river", "lake")
QUICK = settings(deadline=None)


def slow_class(text: str, code: str, body: str) -> int:
    """The class by the letter of the rules: round half to even in decimals, then compare."""
    limit = limits(body)[code]
    value = Decimal(text).quantize(Decimal(1).scaleb(-limit.decimals), ROUND_HALF_EVEN)
    for number, bound in enumerate(limit.values, 1):
        good = value >= bound if limit.at_least else value <= bound
        if good and (limit.lower is None or value >= limit.lower):
            return number
    return 6


def one(value: float, code: str, body: str = "river", **how: object) -> int:
    return int(classify([[value]], [code], body, **how)[1][0])


def test_the_limits_are_those_of_the_standard():
    assert len(graded_items()) == 21
    assert not {"WT", "TN", "FC"} & set(graded_items())
    assert [str(v) for v in limits("river")["NH3N"].values] == ["0.15", "0.5", "1.0", "1.5", "2.0"]
    assert [str(v) for v in limits("river")["TP"].values] == ["0.02", "0.1", "0.2", "0.3", "0.4"]
    assert "TN" not in limits("river")
    assert not limits("lake")["TN"].graded


@pytest.mark.parametrize("code", graded_items())
@pytest.mark.parametrize("body", BODIES)
def test_equal_to_a_limit_is_the_better_class_and_a_hair_beyond_is_not(code, body):
    limit = limits(body)[code]
    unit = Decimal(1).scaleb(-limit.decimals)
    for value in limit.values:
        number = one(float(value), code, body)
        assert number == slow_class(str(value), code, body)
        assert number == 1 + next(k for k, other in enumerate(limit.values) if other == value)
        beyond = value - unit if limit.at_least else value + unit
        assert one(float(beyond), code, body) > number
        hair = value - Decimal(1) / SCALE if limit.at_least else value + Decimal(1) / SCALE
        assert one(float(hair), code, body, rounding="none") > number
        assert one(float(hair), code, body) == number, "it is rounded to the limit"


@pytest.mark.parametrize("code", graded_items())
@QUICK
@given(data=st.data())
def test_whole_number_thresholds_are_rounding_and_comparing(code, data):
    body = data.draw(st.sampled_from(BODIES))
    limit = limits(body)[code]
    near = data.draw(st.sampled_from(limit.values if limit.lower is None else (limit.lower, limit.values[0])))
    # Steps of a twentieth of the last digit kept: ties are among them.
    step = data.draw(st.integers(-60, 60)) * Decimal(1).scaleb(-limit.decimals - 1) / 2
    value = max(Decimal(0), near + step)
    assert one(float(value), code, body) == slow_class(str(value), code, body)


@QUICK
@given(
    code=st.sampled_from(graded_items()),
    body=st.sampled_from(BODIES),
    values=st.tuples(st.floats(0, 100), st.floats(0, 100)),
    rounding=st.sampled_from(["assessment", "none"]),
)
def test_more_pollution_never_has_a_better_class(code, body, values, rounding):
    less, more = sorted(values)
    limit = limits(body)[code]
    if limit.lower is not None:
        less, more = sorted(values, key=lambda v: abs(v - 7.5))
        less, more = 7.5 + abs(less - 7.5), 7.5 + abs(more - 7.5)
    first, second = one(less, code, body, rounding=rounding), one(more, code, body, rounding=rounding)
    assert first >= second if limit.at_least else first <= second


@QUICK
@given(
    st.lists(st.lists(st.one_of(st.just(np.nan), st.floats(0, 30)), min_size=3, max_size=3), min_size=1),
    st.randoms(use_true_random=False),
)
def test_a_row_is_its_worst_item_and_rows_do_not_know_one_another(rows, random):
    items = ["DO", "NH3N", "TP"]
    item_class, row_class = classify(rows, items)
    assert row_class.tolist() == item_class.max(axis=1).tolist()
    order = list(range(len(rows)))
    random.shuffle(order)
    assert classify([rows[k] for k in order], items)[1].tolist() == [row_class[k] for k in order]


def test_ph_is_within_six_to_nine_or_worse_than_all():
    assert [one(v, "PH") for v in (5.4, 5.5, 6, 7, 9.4, 9.5, 9.6)] == [6, 1, 1, 1, 1, 6, 6]
    assert [one(v, "PH", rounding="none") for v in (5.99, 6, 9, 9.01)] == [6, 1, 1, 6]


def test_each_row_has_its_own_water_body():
    values = [[0.05]] * 2
    assert classify(values, ["TP"], ["river", "lake"])[1].tolist() == [2, 3]


def test_decimals_are_as_written():
    assert scaled([0.1 + 0.2, 28.175, 1e-5]).tolist() == [30_000_000, 2_817_500_000, 1000]
    for body in BODIES:
        low, high = thresholds(graded_items(), body)
        assert (low <= high).all()


@pytest.mark.parametrize(
    ("values", "items", "body", "words"),
    [
        ([[-1.0]], ["TP"], "river", "value -1.0 of TP in row 0 cannot be graded"),
        ([[1e12]], ["TP"], "river", "cannot be graded"),
        ([1.0], ["TP"], "river", r"values have the shape \(1,\)"),
        ([[1.0]], ["TP"], "sea", "a water body is not known"),
        ([[1.0]], ["TP"], ["river", "lake"], "not one for each row"),
    ],
)
def test_what_cannot_be_graded_is_said(values, items, body, words):
    with pytest.raises(ArgumentError, match=words):
        classify(values, items, body)


def test_parameters_without_classes_are_refused():
    assert items_of(["TN", "TP"]) == ("TP",)
    with pytest.raises(ArgumentError, match="none of TN, WT sets a class"):
        items_of(["TN", "WT"])
    with pytest.raises(ArgumentError, match="standard 'gb9999' is not known"):
        limits(standard="gb9999")
