"""Main pollution indicators: published ones, and a second way to find them, row by row in exact decimals."""

import json
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import limits, main_indicators

PUBLISHED = json.loads(Path(__file__).with_name("published_classes.json").read_text(encoding="utf-8"))
METALS = ("CN", "CU", "ZN", "AS", "HG", "CD", "CR6", "PB")


def graded(values: dict[str, float], station: str = "a", **options) -> pd.DataFrame:
    rows = [
        {
            "station": station,
            "time": pd.Timestamp("2021-08-02"),
            "parameter": wq.parameters.find(code),
            "value": value,
        }
        for code, value in values.items()
    ]
    return wq.grade(pd.DataFrame(rows), "month", **options)


def measured(case: dict) -> dict[str, float]:
    """Values of a bulletin without its non-detects, which exceed nothing."""
    return {code: value for code, value in case["inputs"].items() if not str(value).endswith("L")}


@pytest.mark.parametrize("case", PUBLISHED["single_factor_official"], ids=lambda case: case["station"])
def test_published_main_indicators(case):
    """These bulletins print no multiples, and are older than the decree's order: sets are compared."""
    table = graded(measured(case))
    whole = main_indicators(table, lang="zh")["main_indicators"][0]
    names = {part.partition("(")[0] for part in whole.split("、") if part}
    if case.get("note") == "only the class-setting item is printed":
        assert names > set(case["printed_main_pollutants"])
        whole = main_indicators(table, only_determining=True, lang="zh")["main_indicators"][0]
        names = {part.partition("(")[0] for part in whole.split("、")}
    assert names == set(case["printed_main_pollutants"])


def test_at_most_three_the_worse_class_first_then_the_multiple():
    table = graded({"CODMn": 7, "NH3N": 2.5, "TP": 0.25, "BOD5": 5.9, "CODCr": 29})
    found = main_indicators(table, lang="zh")
    assert found["codes"].tolist() == ["NH3N;BOD5;CODCr"]
    assert found["main_indicators"].tolist() == ["氨氮(1.5)、五日生化需氧量(0.5)、化学需氧量(0.4)"]


def test_cyanide_and_metals_come_first():
    found = main_indicators(graded({"NH3N": 9, "HG": 0.0002, "CN": 0.3, "SE": 0.03, "TP": 0.9}))
    # Cyanide is inferior V and mercury class IV: both before the rest, the worse first. Selenium is no metal.
    assert found["codes"].tolist() == ["CN;HG;NH3N"]


def test_oxygen_and_ph_have_no_multiple():
    found = main_indicators(graded({"DO": 0.8, "PH": 4.0, "NH3N": 2.5}), lang="zh")
    assert found["main_indicators"].tolist() == ["氨氮(1.5)、pH、溶解氧"]


def test_none_where_the_status_is_good_and_missing_where_there_is_no_class():
    table = graded({"NH3N": 1.0, "TP": 0.2})
    assert main_indicators(table)["main_indicators"].tolist() == [""]
    table["class"] = pd.array([pd.NA], dtype="Int64")
    assert main_indicators(table)["main_indicators"].isna().all()


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (1.05, 1, "0.0"),
        (1.06, 1, "0.1"),
        (1.15, 1, "0.2"),
        (1.25, 1, "0.2"),
        (1.25, 2, "0.25"),
        (13.0, 1, "12.0"),
    ],
)
def test_multiples_round_half_to_even(value, decimals, expected):
    """Of ammonia, whose class III limit is 1.0: the multiple is the value less one."""
    text = main_indicators(graded({"NH3N": value}), decimals=decimals, lang="zh")["main_indicators"][0]
    assert text == f"氨氮({expected})"


def test_the_concentration_is_rounded_first_unless_told_otherwise():
    # CODMn 6.64 is graded as 6.6, which is 0.1 over 6; as it is, (6.64 - 6)/6 = 0.107 prints 0.11.
    table = graded({"CODMn": 6.64})
    assert main_indicators(table, decimals=2, lang="zh")["main_indicators"][0] == "高锰酸盐指数(0.10)"
    kept = main_indicators(table, decimals=2, rounding="none", lang="zh")["main_indicators"][0]
    assert kept == "高锰酸盐指数(0.11)"


def test_own_targets():
    table = graded({"NH3N": 0.8, "TP": 0.3})
    assert main_indicators(table, {"a": 2}, lang="zh")["main_indicators"].tolist() == ["总磷(2.0)、氨氮(0.6)"]
    assert main_indicators(table, {"a": 4})["main_indicators"].tolist() == [""]
    assert main_indicators(table, {"b": 2})["main_indicators"].isna().all()


def test_lakes_have_their_own_limit():
    table = graded({"TP": 0.1}, water_body="lake")
    assert main_indicators(table, lang="zh")["main_indicators"].tolist() == ["总磷(1.0)"]
    assert main_indicators(graded({"TP": 0.1}))["main_indicators"].tolist() == [""]


def test_decimals_that_bulletins_do_not_print_are_an_error():
    with pytest.raises(ArgumentError, match="3 decimals"):
        main_indicators(graded({"TP": 0.1}), decimals=3)


def by_hand(row: pd.Series, target: int, decimals: int) -> list[tuple[str, str]]:
    """Code and multiple of each indicator of a section, from the decree read sentence by sentence."""
    known = limits("river")
    found = []
    for place, (code, limit) in enumerate(known.items()):
        if f"{code}_class" not in row or not row[f"{code}_class"] > target:
            continue
        value = Decimal(str(row[code])).quantize(Decimal(1).scaleb(-limit.decimals), ROUND_HALF_EVEN)
        none = limit.at_least or limit.lower is not None
        standard = limit.values[target - 1]  # noqa: PD011 - a limit is no table
        multiple = None if none else (value - standard) / standard
        order = (code not in METALS, -row[f"{code}_class"], none, 0 if none else -multiple, place)
        printed = "" if none else str(multiple.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN))
        found.append((order, (code, printed)))
    return [one for _, one in sorted(found)][:3]


tenths = st.integers(1, 400).map(lambda n: n / 100)


@settings(deadline=None, max_examples=80)
@given(
    values=st.fixed_dictionaries(
        {
            "NH3N": tenths,
            "TP": st.integers(1, 900).map(lambda n: n / 1000),
            "CODMn": st.integers(1, 300).map(lambda n: n / 10),
            "BOD5": st.integers(1, 300).map(lambda n: n / 10),
            "DO": st.integers(0, 120).map(lambda n: n / 10),
            "PB": st.integers(1, 300).map(lambda n: n / 1000),
            "CN": st.integers(1, 400).map(lambda n: n / 1000),
        }
    ),
    target=st.integers(1, 5),
    decimals=st.sampled_from([1, 2]),
)
def test_the_same_as_by_hand(values, target, decimals):
    table = graded(values)
    found = main_indicators(table, target, decimals=decimals)
    expected = by_hand(table.iloc[0], target, decimals)
    assert found["codes"][0] == ";".join(code for code, _ in expected)
    names = [wq.parameters.parameter(code).label("en") for code, _ in expected]
    text = [
        f"{name} ({printed})" if printed else name for name, (_, printed) in zip(names, expected, strict=True)
    ]
    assert found["main_indicators"][0] == ", ".join(text)


def test_many_sections_at_once_in_any_order():
    rng = np.random.default_rng(5)
    parts = [
        graded({"NH3N": a, "TP": b}, f"s{n}") for n, (a, b) in enumerate(rng.uniform(0, 3, (20, 2)).round(2))
    ]
    table = pd.concat(parts, ignore_index=True)
    whole = main_indicators(table)
    each = pd.concat([main_indicators(part) for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(whole, each)
    mixed = main_indicators(table.iloc[::-1])
    assert mixed.sort_values("station")["codes"].tolist() == whole.sort_values("station")["codes"].tolist()
