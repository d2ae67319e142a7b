"""The demonstration's raw tables: what districts may hand in, read back to the samples it was made of."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from wqstudy import Study, compare, read

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
KEY = ["station", "time", "parameter"]
JIA, YI, BING, DING = "甲区监测结果.xlsx", "乙区监测结果.csv", "丙区监测结果.csv", "丁区监测数据.csv"
EARLY, LATE, JI = "戊区2016-2018.csv", "戊区2019-2022.csv", "己区监测结果.xlsx"


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_demo", ROOT / "data" / "build_demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def raw():
    return read(DEMO / "raw")


@pytest.fixture(scope="module")
def clean():
    return read(DEMO / "samples.csv").samples


@pytest.fixture(scope="module")
def built(builder, tmp_path_factory):
    return builder.build(tmp_path_factory.mktemp("built") / "demo")


def contents(folder):
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def lines(reading, reason, action):
    """Number of the ledger's lines by file."""
    ledger = reading.ledger
    found = ledger[(ledger["action"] == action) & ledger["reason"].str.fullmatch(reason)]
    return found.groupby("file").size().to_dict()


# ---------------------------------------------------------------- the bytes


def test_what_is_committed_is_what_the_builder_writes(built):
    got, held = contents(built), contents(DEMO)
    assert got.keys() == held.keys()
    assert [name for name in held if got[name] != held[name]] == []


def test_a_second_run_over_the_first_changes_no_byte(builder, built):
    before = contents(built)
    builder.build(built)
    assert contents(built) == before


def test_the_page_names_every_raw_file(builder):
    page = (DEMO / "README.md").read_text("utf-8")
    named = re.findall(r"^\* `([^`]+)`:", page, re.MULTILINE)
    assert named == list(builder.FILES)
    assert sorted(named) == sorted(f.name for f in (DEMO / "raw").iterdir())


def test_the_wheel_takes_the_whole_folder():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"] == {"data/demo": "wqstudy/_demo"}
    assert "/data" in build["targets"]["sdist"]["include"]


# ---------------------------------------------------------------- the samples


def test_raw_tables_give_exactly_the_clean_samples(raw, clean):
    # No tolerance: what is read from printed digits is the nearest double to them, and so is a whole number
    # of micrograms divided by 1000, since IEEE division rounds correctly.
    got = raw.samples.sort_values(KEY, ignore_index=True)
    pd.testing.assert_frame_equal(got, clean.sort_values(KEY, ignore_index=True), check_exact=True)
    assert not got.duplicated(KEY).any()


def test_the_study_is_read_from_the_raw_tables_and_answers_alike(clean):
    study = Study.from_folder(DEMO)
    assert study.reading.counts["changed"] > 0
    tidy = Study(clean, study.stations, study.measures, parameters=study.parameters)
    pd.testing.assert_frame_equal(compare(study), compare(tidy), check_exact=True)


def test_every_cell_is_accounted_for(raw, clean):
    """Cells counted from how the files are made: six a line of a form, pasted lines, a column in vain."""
    counts = raw.counts
    stations, months = clean["station"].nunique(), clean["time"].dt.to_period("M").nunique()
    form = stations * months * clean["parameter"].nunique()
    pasted = 6 * (8 + 2 * 10)  # June 2018 of the eight stations of 丁, ten lines of each table of 己
    unmeasured = 8 * 48  # 化学需氧量 of eight stations in four years
    assert counts["cells"] == form + pasted + unmeasured
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]
    assert counts["kept"] + counts["changed"] == len(clean)
    left = (clean["censored"] == "left").sum()
    assert counts["changed"] == left + sum(lines(raw, "full-width .*", "changed").values())


@pytest.mark.parametrize(
    ("reason", "action", "files"),
    [
        ("blank", "dropped", {YI, JI}),
        ("marked as missing", "dropped", {JIA, BING, DING, EARLY, LATE}),
        ("duplicate of row \\d+", "dropped", {DING, JI}),
        ("full-width characters read as half-width", "changed", {YI}),
        ("below a limit: left-censored at it", "changed", {JIA, YI, BING, DING, EARLY, LATE, JI}),
        ("heading: (NH3N|TP) in ug/L, multiplied by 0.001 to mg/L", "not_data", {BING}),
        ("heading: .*, as a line beside the table says", "not_data", {YI}),
        ("heading: values, in the units of column '单位'", "not_data", {DING}),
        ("encoding: not UTF-8, read as GB18030", "not_data", {YI, LATE}),
        ("time: put together from these columns", "not_data", {JI}),
        ("stands above the table", "not_data", {JIA, YI, JI}),
        ("a summary row, no sample", "not_data", {JIA}),
        ("a note, no sample", "not_data", {JIA, YI}),
        ("the sheet is empty", "not_data", {JIA}),
        ("no row of the sheet is a heading of a monitoring table", "not_data", {JIA}),
        ("blank row", "not_data", {JI}),
    ],
)
def test_each_kind_of_mess_is_told(raw, reason, action, files):
    assert lines(raw, reason, action).keys() == files


def test_non_detects_are_those_of_the_study(raw, clean):
    told = raw.ledger[raw.ledger["reason"] == "below a limit: left-censored at it"]
    assert len(told) == (clean["censored"] == "left").sum()
    written = told.groupby("file")["raw"].agg(lambda texts: sorted(set(texts)))
    assert written[JIA] == ["0.01L", "0.025L"]
    assert written[YI] == ["<0.01", "<0.025"]
    assert written[BING] == ["10L", "25L"]
    assert "未检出(0.025)" in written[DING]
    assert "ND(0.025)" in written[JI]


def test_a_renamed_station_is_one_station(raw, clean):
    told = dict(zip(raw.aliases["alias"], raw.aliases["station"], strict=True))
    assert told == {"戊03(石桥渡)": "戊03", "石桥渡": "戊03"}
    assert (raw.samples["station"] == "戊03").sum() == (clean["station"] == "戊03").sum()
    assert not raw.samples["station"].str.contains(r"\s|[(（]").any()
