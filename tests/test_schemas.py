"""The door of a Study: a bad cell is named by table, row and column."""

import pandas as pd
import pytest

from wqstudy import SchemaError
from wqstudy.schemas import SCHEMAS, admit

GOOD = {
    "samples": {
        "station": ["甲01", "甲01", "甲02"],
        "time": ["2020-01-05", "2020-02-05", "2020-01-05 08:30"],
        "parameter": ["TP", "NH3N", "TP"],
        "value": ["0.1", "2", "3e-2"],
        "censored": ["none", "left", "right"],
    },
    "stations": {
        "station": ["甲01", "甲02", "乙01"],
        "district": ["甲", "甲", None],
        "river": ["东河", None, "西河"],
        "water_body": ["river", "lake", None],
        "group": ["treated", None, "control"],
        "lon": ["113.5", None, "-180"],
        "lat": ["22.5", "", "90"],
    },
    "measures": {
        "district": ["甲", "甲", "乙"],
        "measure": ["清淤", "截污", "清淤"],
        "start": ["2018-03-01", "2018-05-01", "2019-01-01"],
        "end": ["2018-10-01", None, ""],
        "amount": ["42.5", None, "0"],
        "unit": ["km", "", None],
    },
    "flow": {
        "station": ["甲01", "甲01", "甲01"],
        "time": ["2020-01-05", "2020-01-06", "2020-01-07"],
        "flow": ["0", "12.5", "3"],
    },
    "targets": {
        "station": ["甲01", "甲02", "乙01"],
        "target_class": ["3", "4.0", "6"],
        "due": ["2020-12-31", "2025-12-31", "2025-12-31"],
    },
    "truth": {
        "district": ["甲", "乙", "丙"],
        "parameter": ["TP", "TP", "NH3N"],
        "start": ["2018-03-01", None, ""],
        "effect_percent": ["-40", "0", "3"],
        "peak_percent": ["-45", "0", "3"],
        "change_percent": ["-60", "-10", "3"],
    },
    "claims": {
        "claim": ["a", "b", "c"],
        "kind": ["concentration", "rate", "amount"],
        "district": ["甲", "", None],
        "parameter": ["TP", None, ""],
        "announced": ["-23%", None, ""],
        "before": [None, "37.66 %", ""],
        "after": ["", "99.97 %", "3.65 km"],
        "n_before": [None, "80", ""],
        "n_after": ["", "615", None],
        "share": [None, None, "36.7 %"],
        "whole": [None, "", "71.6 km"],
        "before_start": ["2018-01-01", None, ""],
        "before_end": ["2019-01-01", None, ""],
        "after_start": ["2020-01-01", "", None],
        "after_end": ["2021-01-01", "", None],
    },
    "aliases": {"alias": ["A1", "A2", "A3"], "station": ["甲01", "甲01", "乙01"]},
}


def table(name, **cells):
    """A good table of text with some cells replaced: column=(position, value)."""
    made = pd.DataFrame(GOOD[name], dtype="object")
    for column, (at, value) in cells.items():
        made.loc[at, column] = value
    return made


def test_every_table_has_an_example():
    assert GOOD.keys() == SCHEMAS.keys()


KINDS = dict.fromkeys(("time", "start", "end", "due"), "datetime64")
KINDS |= dict.fromkeys(("value", "lon", "lat", "amount", "flow"), "float64")
KINDS |= dict.fromkeys(("effect_percent", "peak_percent", "change_percent"), "float64")
KINDS |= {"target_class": "int64"} | dict.fromkeys(("n_before", "n_after"), "float64")
KINDS |= dict.fromkeys(("before_start", "before_end", "after_start", "after_end"), "datetime64")


@pytest.mark.parametrize("name", SCHEMAS)
def test_text_becomes_the_right_types(name):
    admitted = admit(name, table(name))
    assert list(admitted) == list(GOOD[name])
    found = {column: str(kind).split("[")[0] for column, kind in admitted.dtypes.items()}
    assert found == {column: KINDS.get(column, "str") for column in GOOD[name]}


def test_dates_as_spreadsheets_write_them():
    """A CSV file that went through a spreadsheet program has slashes and no leading zeros."""
    starts = ["2018/3/1", "2018-03-01", "2018/03/01"]
    admitted = admit("measures", table("measures").assign(start=starts))
    assert admitted["start"].tolist() == [pd.Timestamp("2018-03-01")] * 3


@pytest.mark.parametrize("name", SCHEMAS)
def test_admitted_once_is_admitted_again_unchanged(name):
    once = admit(name, table(name))
    pd.testing.assert_frame_equal(admit(name, once), once)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_given_table_is_left_as_it_was(name):
    given = table(name)
    admit(name, given)
    pd.testing.assert_frame_equal(given, table(name))


@pytest.mark.parametrize(("name", "column"), [(n, c) for n in GOOD for c in GOOD[n]])
def test_a_missing_column_is_named(name, column):
    optional = {
        "samples": {"censored"},
        "stations": {"district", "river", "water_body", "group", "lon", "lat"},
        "measures": {"end", "amount", "unit"},
        "claims": GOOD["claims"].keys() - {"claim", "kind"},
    }
    without = table(name).drop(columns=column)
    if column in optional.get(name, set()):
        assert len(admit(name, without)) == 3
        return
    with pytest.raises(SchemaError, match=f"^{name}: column '{column}' is missing") as caught:
        admit(name, without)
    assert column in caught.value.valid


@pytest.mark.parametrize(
    ("name", "column", "value", "what"),
    [
        ("samples", "station", "", "must not be empty"),
        ("samples", "station", None, "must not be blank"),
        ("samples", "time", "Tuesday", "'Tuesday' is not a date"),
        ("samples", "time", None, "must not be blank"),
        ("samples", "parameter", "colour", "'colour' must be a code"),
        ("samples", "value", "0.1L", "'0.1L' is not a number"),
        ("samples", "value", None, "must not be blank"),
        ("samples", "value", float("inf"), "must be a finite number"),
        ("samples", "censored", "yes", "'yes' must be one of none, left, right"),
        ("stations", "station", "", "must not be empty"),
        ("stations", "water_body", "sea", "'sea' must be river or lake"),
        ("stations", "group", "both", "'both' must be treated or control"),
        ("stations", "lon", "181", "181.0 must be within -180 and 180"),
        ("stations", "lat", "north", "'north' is not a number"),
        ("stations", "lat", -90.5, "-90.5 must be within -90 and 90"),
        ("measures", "district", None, "must not be blank"),
        ("measures", "measure", " ", "must not be empty"),
        ("measures", "start", "spring", "'spring' is not a date"),
        ("measures", "start", "", "must not be blank"),
        ("measures", "end", "2018-13-01", "'2018-13-01' is not a date"),
        ("measures", "amount", "much", "'much' is not a number"),
        ("flow", "time", "2020-02-30", "'2020-02-30' is not a date"),
        ("flow", "flow", "-1", "-1.0 must not be negative"),
        ("flow", "flow", "dry", "'dry' is not a number"),
        ("targets", "target_class", "Ⅲ", "'Ⅲ' is not a whole number"),
        ("targets", "target_class", "3.5", "'3.5' is not a whole number"),
        ("targets", "target_class", 3.5, "3.5 is not a whole number"),
        ("targets", "target_class", float("inf"), "inf is not a whole number"),
        ("targets", "target_class", "7", "7 must be 1 to 6"),
        ("targets", "target_class", "", "must not be blank"),
        ("targets", "due", "soon", "'soon' is not a date"),
        ("truth", "parameter", "X", "'X' must be a code"),
        ("truth", "change_percent", None, "must not be blank"),
        ("aliases", "station", None, "must not be blank"),
    ],
)
def test_a_bad_cell_is_named(name, column, value, what):
    with pytest.raises(SchemaError) as caught:
        admit(name, table(name, **{column: (1, value)}))
    error = caught.value
    # The second data row is row 3 of a spreadsheet with a heading.
    assert (error.file, error.row, error.column) == (name, 3, column)
    assert str(error).startswith(f"{name}, row 3, column {column}: ")
    assert what in str(error)
    assert "np." not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(("name", "column"), [("stations", "station"), ("aliases", "alias")])
def test_keys_are_given_once(name, column):
    again = GOOD[name][column][0]
    with pytest.raises(SchemaError, match="must be given once") as caught:
        admit(name, table(name, **{column: (2, again)}))
    assert (caught.value.file, caught.value.column) == (name, column)
    assert repr(again) in str(caught.value)


def test_equal_faults_are_counted():
    given = table("samples", parameter=(0, "colour"), censored=(2, "perhaps"))
    given.loc[2, "parameter"] = "colour"
    with pytest.raises(
        SchemaError, match=r"'colour' must be a code of the parameter catalogue \(2 such cells\)"
    ):
        admit("samples", given)


def test_the_file_is_named_where_there_is_one():
    given = table("targets", due=(0, "soon"))
    given.attrs["file"] = "targets.csv"
    given.index += 3  # three blank rows above
    with pytest.raises(SchemaError, match=r"^targets\.csv, row 5, column due: "):
        admit("targets", given)


@pytest.mark.parametrize(
    "times",
    [
        ["2020-01-05T08:00+08:00", "2020-02-05T08:00+08:00", "2020-01-05T08:30+08:00"],
        ["2020-01-05T08:00+08:00", "2020-02-05", "2020-01-05"],
    ],
)
def test_offsets_in_text_are_refused(times):
    with pytest.raises(SchemaError, match="samples, column time: the dates have an offset from UTC"):
        admit("samples", table("samples").assign(time=times))


def test_blanks_are_stripped_and_empty_places_are_missing():
    given = table("stations", district=(0, " 甲 "), river=(0, "  "))
    admitted = admit("stations", given)
    assert admitted["district"].tolist()[:2] == ["甲", "甲"]
    assert admitted["river"].isna().tolist() == [True, True, False]


def test_carried_columns_come_last_and_stay():
    given = table("samples")
    given.insert(0, "laboratory", ["A", None, "B"])
    admitted = admit("samples", given)
    assert list(admitted) == [*SCHEMAS["samples"].columns, "laboratory"]
    assert admitted["laboratory"].tolist()[::2] == ["A", "B"]


def test_rows_count_from_the_top_whatever_the_index():
    given = table("samples", value=(1, "?")).set_axis([70, 80, 90])
    with pytest.raises(SchemaError) as caught:
        admit("samples", given)
    assert caught.value.row == 3
