"""One cell at a time: number, mark, and what became of it."""

import numpy as np
import pandas as pd
import pytest

from wqstudy.parameters import catalogue
from wqstudy.readers.cells import Cells, parse, stack
from wqstudy.readers.outcomes import ACTION_OF, ACTIONS, LEFT, NONE, RIGHT, Why
from wqstudy.readers.settle import convert, settle
from wqstudy.readers.texts import read_text


def settled(text: str, code: str, stated: int | None = None) -> tuple[float, int, str, Why]:
    cells = settle(
        parse(stack([pd.Series([text], dtype="str")])),
        np.array([0]),
        [catalogue()[code]],
        np.ones(1),
        None if stated is None else np.array([stated], dtype=np.int8),
    )
    why = Why(int(cells.why[0]))
    return float(cells.value[0]), int(cells.mark[0]), ACTIONS[ACTION_OF[why]], why


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.12", 0.12),
        ("12", 12.0),
        (" 0.12 ", 0.12),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.2e3", 1200.0),
    ],
)
def test_plain_numbers_are_kept(text, number):
    assert settled(text, "TP") == (number, NONE, "kept", Why.PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "<0.02",
        "＜0.02",
        "﹤0.02",
        "< 0.02",
        "≤0.02",
        "〈0.02",
        "0.02L",
        "0.02l",
        "0.02<",
        "０．０２L",
        "ND(0.02)",
        "ND<0.02",
        "未检出(0.02)",
        "未检出（0.02）",
        "<0.02L",
        "0.02ND",
        "0.02(未检出)",
        "未检出(<0.02)",
        "N.D.(0.02)",
        "0.02(L)",
        "＜2×10⁻²",
        "<0.02*",
        "<0.02mg/L",
        "未检出(20μg/L)",
        "0.02L mg/L",
    ],
)
def test_values_below_a_limit_are_left_censored_at_it(text):
    assert settled(text, "TP") == (0.02, LEFT, "changed", Why.BELOW)


@pytest.mark.parametrize("text", [">24", "＞24", "> 24", "24>", "≥24"])
def test_values_above_a_limit_are_right_censored_at_it(text):
    assert settled(text, "TP") == (24.0, RIGHT, "changed", Why.ABOVE)


@pytest.mark.parametrize("text", ["ND", "nd", "N.D.", "未检出", " 未检出 ", "<DL", "BDL"])
def test_non_detects_without_a_limit_get_the_catalogues(text):
    assert settled(text, "NH3N") == (0.025, LEFT, "changed", Why.UNDETECTED)
    value, _, action, why = settled(text, "TL")
    assert (np.isnan(value), action, why) == (True, "dropped", Why.UNDETECTED_UNKNOWN)


@pytest.mark.parametrize("text", ["0.02L", "ND", "0", "<0.02"])
def test_censored_and_zero_cells_of_a_parameter_without_a_detection_limit(text):
    assert settled(text, "TL")[2] == ("changed" if "0.02" in text else "dropped")


@pytest.mark.parametrize("text", ["", " ", "\u3000"])
def test_blank(text):
    assert settled(text, "TP")[3] is Why.BLANK


@pytest.mark.parametrize(
    "text", ["--", "-", "－", "—", "*", "/", "null", "NULL", "NA", "n/a", "nan", "NaN", "<null"]
)
def test_marked_as_missing(text):
    assert settled(text, "TP")[2:] == ("dropped", Why.MISSING)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "0.0.2",
        "12,34",
        "1 2",
        "<",
        ">",
        "L",
        "0.05²",
        "①0.05",
        "10³",
        "inf",
        "-inf",
        "1e999",
        "0x10",
        "1_000",
        "٣",
        "0.05mg",
        "0.05 furlong",
        "2.4×104",
        "0.05-0.07",
        "0.5 0.6 mg/L",
        "2021-04-05",
        "True",
    ],
)
def test_what_is_not_a_number_is_dropped_and_never_guessed(text):
    assert settled(text, "TP")[2:] == ("dropped", Why.NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("1,234", 1234.0, Why.THOUSANDS),
        ("1,234,567.5", 1234567.5, Why.THOUSANDS),
        ("１，２３４", 1234.0, Why.THOUSANDS),
        ("０．１２", 0.12, Why.WIDTH),
        ("0．12", 0.12, Why.WIDTH),
        ("2.4×10³", 2400.0, Why.POWER),
        ("2.4x10^3", 2400.0, Why.POWER),
        ("2.4*10^-3", 0.0024, Why.POWER),
        ("0.52*", 0.52, Why.FLAGGED),
        ("*0.52", 0.52, Why.FLAGGED),
        ("0.52#", 0.52, Why.FLAGGED),
        ("0.52mg/L", 0.52, Why.UNIT),
        ("０.５２ ｍｇ／Ｌ", 0.52, Why.UNIT),
        ("520 μg/L", 0.52, Why.UNIT),
        ("1,200ug/L", 1.2, Why.UNIT),
    ],
)
def test_numbers_in_another_dress_are_changed(text, number, why):
    assert settled(text, "TP") == (number, NONE, "changed", why)


def test_a_unit_of_another_dimension_in_the_cell():
    assert settled("7 NTU", "TP")[2:] == ("dropped", Why.OTHER_UNIT)
    assert settled("12.5℃", "WT") == (12.5, NONE, "changed", Why.UNIT)
    assert settled("85%", "DOSAT") == (85.0, NONE, "changed", Why.UNIT)


@pytest.mark.parametrize(
    ("text", "why"),
    [("=A1+B1", Why.FORMULA), ("#DIV/0!", Why.FORMULA_FAULT), ("#REF!", Why.FORMULA_FAULT)],
)
def test_formulas_without_a_result(text, why):
    assert settled(text, "TP")[2:] == ("dropped", why)


def test_thousands_with_a_mark():
    assert settled(">6,800,000", "ECOLI") == (6.8e6, RIGHT, "changed", Why.ABOVE)


def test_zero_becomes_a_non_detect_where_there_is_a_limit():
    assert settled("0", "TP") == (0.01, LEFT, "changed", Why.ZERO)
    assert settled("<0", "TP") == (0.01, LEFT, "changed", Why.ZERO)
    assert settled("-0.00", "TP") == (0.01, LEFT, "changed", Why.ZERO)
    assert settled("0", "TL")[2:] == ("dropped", Why.ZERO_UNKNOWN)
    assert settled("<0", "H2S")[2:] == ("dropped", Why.ZERO_UNKNOWN)


def test_zero_that_is_real_is_kept():
    assert settled("0", "FLOW") == (0.0, NONE, "kept", Why.PLAIN)
    assert settled("0.0", "WT") == (0.0, NONE, "kept", Why.PLAIN)
    assert settled("0", "PH") == (0.0, NONE, "kept", Why.PLAIN)
    assert settled("<0", "FLOW")[2] == "dropped", "below zero is no reading even of a flow"


def test_negative_is_dropped_unless_the_parameter_may_be():
    assert settled("-0.1", "TP")[2:] == ("dropped", Why.NEGATIVE)
    assert settled("<-0.1", "TP")[2:] == ("dropped", Why.NEGATIVE)
    assert settled("-3", "FLOW")[2:] == ("dropped", Why.NEGATIVE)
    assert settled("-7.2", "PH")[2:] == ("dropped", Why.NEGATIVE)
    assert settled("-1.5", "WT") == (-1.5, NONE, "kept", Why.PLAIN)


def test_ph_outside_physical_sense_is_kept_for_others_to_judge():
    assert settled("71", "PH") == (71.0, NONE, "kept", Why.PLAIN)


def test_above_zero_says_nothing():
    assert settled(">0", "TP")[2:] == ("dropped", Why.ABOVE_NOTHING)


def test_a_stated_mark_stands_for_one_in_the_cell():
    assert settled("0.02", "TP", LEFT) == (0.02, LEFT, "kept", Why.PLAIN)
    assert settled("24", "TP", RIGHT) == (24.0, RIGHT, "kept", Why.PLAIN)
    assert settled("<0.02", "TP", LEFT) == (0.02, LEFT, "changed", Why.BELOW)
    assert settled("<0.02", "TP", NONE) == (0.02, LEFT, "changed", Why.BELOW)
    assert settled(">0.02", "TP", LEFT)[2:] == ("dropped", Why.CONTRADICTION)
    assert settled("", "TP", LEFT)[2:] == ("dropped", Why.BLANK)
    assert settled("0", "TP", LEFT) == (0.01, LEFT, "changed", Why.ZERO)


@pytest.mark.parametrize("factor", [1e-3, 1e-6, 1e-2, 1e-6 / 1e-3])
def test_conversion_gives_the_nearest_number(factor):
    tenths = np.arange(1, 2000)
    power = round(-np.log10(factor))
    assert convert(tenths.astype(float), np.full(1, factor)).tolist() == [
        float(f"{n}e-{power}") for n in tenths
    ]


def test_typed_numbers_need_no_text():
    cells = parse(
        stack([pd.Series([1, 2]), pd.Series([np.nan, np.inf]), pd.Series([3, None], dtype="Int64")])
    )
    assert cells.value[[0, 1, 4]].tolist() == [1.0, 2.0, 3.0]
    assert cells.why.tolist() == [0, 0, Why.BLANK, Why.NOT_A_NUMBER, 0, Why.BLANK]


def test_numbers_beside_text_keep_their_digits():
    cells = parse(stack([pd.Series([0.1, 1 / 3]), pd.Series(["<0.02", None], dtype="str")]))
    assert cells.value[:3].tolist() == [0.1, 1 / 3, 0.02]
    assert cells.why.tolist() == [0, 0, Why.BELOW, Why.BLANK]


def test_booleans_and_dates_are_not_numbers():
    cells = parse(stack([pd.Series([True, False]), pd.Series(pd.to_datetime(["2021-01-02", "2021-01-03"]))]))
    assert set(cells.why) == {Why.NOT_A_NUMBER}


def test_distinct_texts_give_what_each_text_gives():
    texts = ["7", "<0.02", "", "7", "ND", "x", "1,000", "0.02L", "<0.02"]
    cells = parse(stack([pd.Series(texts, dtype="str")]))
    alone = [read_text(text) for text in texts]
    np.testing.assert_array_equal(cells.value, [number for number, _, _ in alone])
    assert cells.mark.tolist() == [mark for _, mark, _ in alone]
    assert cells.why.tolist() == [why for _, _, why in alone]


def test_settling_leaves_what_it_was_given():
    given = Cells(np.array([0.0, -1.0]), np.zeros(2, np.int8), np.zeros(2, np.int8))
    settle(given, np.zeros(2, int), [catalogue()["TP"]], np.ones(2))
    assert given.value.tolist() == [0.0, -1.0]
    assert given.why.tolist() == [0, 0]
