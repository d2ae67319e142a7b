"""Sections graded by sample and period: published classes, means, what a mean rests on."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ArgumentError
from wqstudy.grading import national_sections
from wqstudy.grading.labels import class_number

PUBLISHED = json.loads(Path(__file__).with_name("published_classes.json").read_text(encoding="utf-8"))


def station_of(case: dict) -> str:
    return case["station"]


def samples(values: dict[str, float | str], station: str = "a", time: str = "2021-08-02") -> pd.DataFrame:
    """One sample, its values written as in a bulletin."""
    written = {code: str(value) for code, value in values.items()}
    return pd.DataFrame(
        {
            "station": station,
            "time": pd.Timestamp(time),
            "parameter": [wq.parameters.find(code) for code in written],
            "value": [float(text.removesuffix("L")) for text in written.values()],
            "censored": ["left" if text.endswith("L") else "none" for text in written.values()],
        }
    )


def series(code: str, values: list[float], *, freq: str = "MS", start: str = "2021-01-01") -> pd.DataFrame:
    times = pd.date_range(start, periods=len(values), freq=freq)
    return pd.DataFrame({"station": "a", "time": times, "parameter": code, "value": values})


@pytest.mark.parametrize("case", PUBLISHED["single_factor_official"], ids=station_of)
def test_published_classes_of_sections(case):
    graded = wq.grade(samples(case["inputs"]), water_body=case["water_body"], nondetect="limit")
    assert graded["class"].tolist() == [class_number(case["expected_class"])]


@pytest.mark.parametrize(
    "case", PUBLISHED["below_detection_discriminating"], ids=lambda case: case["station"]
)
def test_the_rule_for_non_detects_is_an_option(case):
    table = samples(case["inputs"])
    limit, half = (wq.grade(table, nondetect=rule)["class"][0] for rule in ("limit", "half"))
    assert limit == class_number(case["printed_class"]) == class_number(case["class_if_full_DL"])
    assert half == class_number(case["class_if_half_DL"])
    assert wq.grade(table, nondetect="zero")["class"][0] <= half


@pytest.mark.parametrize("case", PUBLISHED["per_factor_official"], ids=station_of)
def test_published_classes_of_items(case):
    graded = wq.grade(samples(case["inputs"]))
    for name, expected in case["expected"].items():
        assert graded[f"{wq.parameters.find(name)}_class"][0] == class_number(expected)


@pytest.mark.parametrize(("factor", "value", "expected"), PUBLISHED["boundary"]["cases"])
def test_boundaries_of_another_program(factor, value, expected):
    assert wq.grade(samples({factor.removesuffix("_river"): value}))["class"].tolist() == [expected]


def test_the_worst_item_sets_the_class():
    for case in PUBLISHED["boundary"]["combined"]:
        graded = wq.grade(samples(case["inputs"]))
        assert graded["class"].tolist() == [case["expected_class"]]
    assert graded["determining"].tolist() == ["CODMn"]
    assert graded["class_label"].tolist() == ["inferior V"]
    assert wq.grade(samples(case["inputs"]), lang="zh")["class_label"].tolist() == ["劣Ⅴ类"]


@pytest.mark.parametrize(("text", "decimals", "expected"), PUBLISHED["rounding"]["cases"])
def test_published_cases_of_rounding_agree_with_exact_decimals(text, decimals, expected):
    """The thresholds are tested against `Decimal`; that `Decimal` rounds by the standard, here."""
    from decimal import ROUND_HALF_EVEN, Decimal

    assert Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN) == Decimal(expected)


def test_means_come_first_then_rounding_then_the_class():
    # The mean 1.005 is a tie of 1.00 and 1.01: the even one, which is class III. Floats would miss it.
    table = series("NH3N", [1.0, 1.01], freq="D")
    graded = wq.grade(table, "month")
    assert graded["class"].tolist() == [3]
    assert graded["NH3N"][0] == pytest.approx(1.005, abs=1e-12)
    assert wq.grade(table, "month", rounding="none")["class"].tolist() == [4]
    # Classes 1 and 6 average to nothing: the mean of the concentrations does.
    assert wq.grade(series("NH3N", [0.1, 2.1], freq="D"), "month")["class"].tolist() == [4]


def test_means_of_ph_are_those_of_hydrogen_ions():
    case = PUBLISHED["ph_mean"]
    graded = wq.grade(series("PH", case["values"], freq="D"), "month")
    assert graded["PH"].round(2).tolist() == [float(case["expected"])]
    assert graded["class"].tolist() == [1]
    assert graded["n_samples"].tolist() == [6]


@settings(deadline=None)
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.integers(0, 40),
            st.sampled_from(["NH3N", "TP", "DO", "PH"]),
            st.decimals(0, 12, places=3),
            st.booleans(),
        ),
        min_size=1,
        max_size=40,
    ),
    period=st.sampled_from(["sample", "month", "quarter", "year"]),
    random=st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(values, period, random):
    table = pd.DataFrame(values, columns=["station", "day", "parameter", "value", "below"])
    table["time"] = pd.Timestamp("2020-12-20") + pd.to_timedelta(table["day"] * 9, unit="D")
    table["value"] = table["value"].astype(float)
    table["censored"] = np.where(table["below"], "left", "none")
    order = list(range(len(table)))
    random.shuffle(order)
    first = wq.grade(table, period)
    pd.testing.assert_frame_equal(first, wq.grade(table.iloc[order], period), rtol=1e-12)
    assert first["class"].dropna().between(1, 6).all()


def test_units_do_not_matter(tmp_path):
    classes = []
    for unit, times in (("mg/L", 1), ("ug/L", 1000)):
        path = tmp_path / f"{unit[0]}.csv"
        rows = [f"a,2021-01-{day:02d},{0.0155 * day * times:.10g}" for day in range(1, 29)]
        path.write_text("\n".join([f"station,time,TP ({unit})", *rows]), encoding="utf-8")
        classes.append(wq.grade(wq.read(path))["class"].tolist())
    assert classes[0] == classes[1]
    assert len(set(classes[0])) > 2


def test_a_year_needs_eight_months_and_a_quarter_two_samples():
    year = wq.grade(series("TP", [0.1] * 8), "year")
    assert year[["period", "class"]].to_numpy().tolist() == [["2021", 2]]
    few = wq.grade(series("TP", [0.1] * 7), "year")
    assert few["class"].isna().all()
    assert few["class_label"].tolist() == ["undetermined"]
    assert few["notes"].tolist() == ["TP: 7 of 12 months, not graded"]
    assert wq.grade(series("TP", [0.1] * 7), "year", complete=False)["class"].tolist() == [2]
    quarter = wq.grade(series("TP", [0.1] * 4), "quarter")
    assert quarter["period"].tolist() == ["2021Q1", "2021Q2"]
    assert quarter["class"].isna().tolist() == [False, True]
    # Twenty samples of one month are not a year.
    assert wq.grade(series("TP", [0.1] * 20, freq="D"), "year")["class"].isna().all()


def test_an_item_with_too_little_does_not_set_the_class_of_the_others():
    table = pd.concat([series("TP", [0.1] * 12), series("NH3N", [9.0] * 3)])
    graded = wq.grade(table, "year")
    assert graded["class"].tolist() == [2]
    assert graded["NH3N_class"].isna().all()
    assert graded["notes"].tolist() == ["NH3N: 3 of 12 months, not graded"]


def test_water_bodies_are_what_the_tables_say_never_the_name():
    table = pd.concat([samples({"TP": 0.05}, name) for name in ("湖心", "b", "c", "d")])
    rivers = {"湖心": "某河", "b": "某湖", "c": "某水库", "d": "某湖"}
    table = table.assign(river=table["station"].map(rivers), water_body=[None, None, None, "river"])
    graded = wq.grade(table).set_index("station")
    assert graded["water_body"].to_dict() == {"湖心": "river", "b": "lake", "c": "lake", "d": "river"}
    assert graded["class"].to_dict() == {"湖心": 2, "b": 3, "c": 3, "d": 2}
    assert set(wq.grade(table, water_body="river")["class"]) == {2}
    assert wq.grade(table, water_body={"湖心": "lake"}).set_index("station")["class"]["湖心"] == 3
    known = next(name for name, body in national_sections().items() if body == "lake")
    assert wq.grade(samples({"TP": 0.05}, known), water_body="national")["class"].tolist() == [3]
    assert wq.grade(samples({"TP": 0.05}, known))["class"].tolist() == [2]


def test_a_value_above_a_limit_is_told():
    table = samples({"NH3N": 2.5}).assign(censored="right")
    graded = wq.grade(table)
    assert graded["notes"].tolist() == [
        "NH3N: a value above a limit counts as the limit, the class may be worse"
    ]


def test_items_without_a_class_and_empty_tables():
    table = pd.concat([samples({"TN": 9, "WT": 20}), samples({"TP": 0.1}, "b")])
    assert wq.grade(table)["station"].tolist() == ["b"]
    assert wq.grade(table.iloc[:0])["class"].tolist() == []
    assert wq.grade(table, parameters=["TP", "TN"])["determining"].tolist() == ["TP"]


def test_studies_and_readings_are_graded_too(demo):
    graded = wq.grade(demo, "year")
    years = demo.samples["time"].dt.year
    assert len(graded) == len(
        pd.DataFrame({"station": demo.samples["station"], "year": years}).drop_duplicates()
    )
    assert graded["class"].notna().mean() > 0.9
    assert set(graded["water_body"]) <= {"river", "lake"}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"period": "week"}, "'week' is not known. Valid: sample, month, quarter, year"),
        ({"rounding": "up"}, "'up' is not known"),
        ({"nondetect": "quarter"}, "'quarter' is not known"),
        ({"water_body": "sea"}, "'sea' is not known"),
        ({"water_body": {"a": "sea"}}, "'sea' is no water body"),
        ({"parameters": "TN"}, "none of TN sets a class"),
    ],
)
def test_arguments_that_are_not_known(how, words):
    with pytest.raises(ArgumentError, match=words):
        wq.grade(samples({"TP": 0.1}), **how)


def test_tables_that_cannot_be_graded():
    table = samples({"TP": 0.1})
    with pytest.raises(ArgumentError, match="the table has no column 'time'"):
        wq.grade(table.drop(columns="time"))
    with pytest.raises(ArgumentError, match="value -1 of TP at 'a' cannot be graded"):
        wq.grade(table.assign(value=-1.0))
    with pytest.raises(ArgumentError, match="censoring 'below' is not known"):
        wq.grade(table.assign(censored="below"))


def agreement(name: str, **how: object) -> tuple[int, float]:
    """Rows of the feed with a published class and a graded item, and the share graded alike."""
    study = wq.datasets.load(name)
    normal = study.samples[study.samples["status"] == "正常"]
    graded = wq.grade(wq.Study(normal, study.stations), rounding="none", **how)
    graded = graded.dropna(subset=["class", "reported_class"])
    return len(graded), float((graded["class"] == graded["reported_class"]).mean())


# The bars are those that were set before the classes were looked at.
@pytest.mark.real("cnemc")
@pytest.mark.parametrize(
    ("name", "rows", "least"), [("cnemc-2020", 23_000, 0.98), ("cnemc-2025-11", 8_000, 0.97)]
)
def test_the_feed_graded_its_own_values_as_we_do(name, rows, least):
    n, share = agreement(name)
    assert n > rows
    assert share >= least


@pytest.mark.real("cnemc")
def test_the_shipped_table_of_sections_holds_years_later():
    study = wq.datasets.load("cnemc-2025-11")
    known = study.samples["station"].isin(list(national_sections())) & (study.samples["status"] == "正常")
    graded = wq.grade(wq.Study(study.samples[known], study.stations), rounding="none", water_body="national")
    graded = graded.dropna(subset=["class", "reported_class"])
    assert len(graded) > 5_000
    assert (graded["class"] == graded["reported_class"]).mean() >= 0.99
