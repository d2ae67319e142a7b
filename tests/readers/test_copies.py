"""Samples that several sheets or files of a folder hold: read once, or kept as replicates, never lost."""

import shutil
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq

DEMO = Path(__file__).parents[2] / "data" / "demo" / "raw"
TEXT = "断面,日期,TP(mg/L),TN(mg/L)\na,2021-01-01,0.1,<0.05\na,2021-02-01,0.2,--\nb,2021-01-01,0.3,1.5\n"


@pytest.fixture
def folder(tmp_path):
    def make(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        return wq.read(tmp_path)

    return make


def balanced(reading):
    counts = reading.counts
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]
    assert counts["kept"] + counts["changed"] == len(reading.samples)
    return counts


def lost(reading):
    lines = reading.ledger[reading.ledger["reason"].str.startswith("duplicate")]
    return lines[["file", "row", "column", "raw", "reason"]].to_numpy().tolist()


def test_a_file_saved_twice_is_read_once(folder):
    once, both = folder(a=TEXT), folder(b=TEXT)
    pd.testing.assert_frame_equal(both.samples, once.samples)
    assert balanced(once) == {"cells": 6, "kept": 4, "changed": 1, "dropped": 1}
    assert balanced(both) == {"cells": 12, "kept": 4, "changed": 1, "dropped": 7}
    assert lost(both) == [
        ["b.csv", 2, "TP(mg/L)", "0.1", "duplicate of a.csv, row 2"],
        ["b.csv", 3, "TP(mg/L)", "0.2", "duplicate of a.csv, row 3"],
        ["b.csv", 4, "TP(mg/L)", "0.3", "duplicate of a.csv, row 4"],
        ["b.csv", 2, "TN(mg/L)", "<0.05", "duplicate of a.csv, row 2"],
        ["b.csv", 4, "TN(mg/L)", "1.5", "duplicate of a.csv, row 4"],
    ]
    assert not both.ledger["reason"].str.startswith("several").any()


def test_the_same_in_other_order_units_and_headings_is_the_same(folder):
    both = folder(
        a=TEXT,
        b="序号,站点,时间,总磷(μg/L)\n1,b,2021/1/1,300\n2,a,2021年2月1日,200\n3,a,2021/1/1,150\n",
    )
    assert balanced(both)["dropped"] == 1 + 2
    assert [line[:2] + line[3:] for line in lost(both)] == [
        ["b.csv", 2, "300", "duplicate of a.csv, row 4"],
        ["b.csv", 3, "200", "duplicate of a.csv, row 3"],
    ]
    told = both.ledger[both.ledger["reason"].str.startswith("several")]
    assert told[["file", "row", "raw", "action"]].to_numpy().tolist() == [
        ["a.csv", 2, "a 2021-01-01", "not_data"]
    ]
    assert told["reason"].item().endswith("all kept: a.csv, row 2; b.csv, row 4")
    assert both.samples.query("station == 'a' and parameter == 'TP' and value < 0.18")["value"].tolist() == [
        0.1,
        0.15,
    ]


@pytest.mark.parametrize(
    "line",
    ["a,2021-01-01,0.1,右", "a,2021-01-01,<0.1,左", "a,2021-01-01,0.11,左", "a,2021-01-01 08:00,0.1,左"],
)
def test_what_differs_in_anything_stays(folder, line):
    heading = "断面,日期,TP,位置\n"
    both = folder(a=f"{heading}a,2021-01-01,0.1,左\n", b=f"{heading}{line}\n")
    assert len(both.samples) == balanced(both)["cells"] == 2
    told = both.ledger["reason"].str.startswith("several").sum()
    assert told == (0 if "08:00" in line else 1)  # another time is another sample, and no replicate


def test_a_column_that_one_file_lacks_is_blank_there(folder):
    more = folder(a="断面,日期,TP\na,2021-01-01,1\n", b="断面,日期,TP,备注\na,2021-01-01,1,\n")
    assert len(more.samples) == 1
    more = folder(b="断面,日期,TP,备注\na,2021-01-01,1,浑\n")
    assert len(more.samples) == 2


def test_repeats_within_and_across_are_told_of_the_row_that_stayed(folder):
    twice = TEXT + "b,2021-01-01,0.3,1.5\n"
    three = folder(a=TEXT, b=twice, c=twice)
    assert balanced(three) == {"cells": 22, "kept": 4, "changed": 1, "dropped": 17}
    assert {line[4] for line in lost(three) if line[:2] == ["b.csv", 5]} == {"duplicate of row 4"}
    assert {line[4] for line in lost(three) if line[:2] == ["c.csv", 4]} == {"duplicate of a.csv, row 4"}
    assert not three.ledger.duplicated(["file", "row", "column", "action"]).any()


def test_replicates_that_a_copy_repeats_are_repeats(folder):
    """Two samples of one time stay two, however often their file was saved."""
    text = "断面,日期,TP\na,2021-01-01,0.1\na,2021-01-01,0.2\n"
    both = folder(a=text, b=text)
    assert both.samples["value"].tolist() == [0.1, 0.2]
    assert balanced(both)["dropped"] == 2


def test_a_sheet_copied_in_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "2021"
    for row in (
        ["断面", "日期", "TP", "编码"],
        ["a", "2021-01-01", 0.1, 7],
        ["b", "2021-01-01", "0.02L", None],
    ):
        sheet.append(row)
    book.copy_worksheet(sheet).title = "2021 (2)"
    book.save(tmp_path / "a.xlsx")
    reading = wq.read(tmp_path / "a.xlsx")
    assert balanced(reading) == {"cells": 4, "kept": 1, "changed": 1, "dropped": 2}
    (tmp_path / "b.csv").write_text("断面,日期,TP,编码\na,2021-01-01,0.1,7\n", "utf-8")
    reading = wq.read(tmp_path)
    assert balanced(reading)["dropped"] == 3
    assert [line[4] for line in lost(reading)] == [
        "duplicate of a.xlsx, sheet 2021, row 2",
        "duplicate of a.xlsx, sheet 2021, row 3",
        "duplicate of a.xlsx, sheet 2021, row 2",
    ]
    (tmp_path / "0.csv").write_text("断面,日期,TP\na,2021-01-01,0.3\n", "utf-8")
    told = wq.read(tmp_path).ledger.query("reason.str.startswith('several')")
    assert told[["file", "row"]].to_numpy().tolist() == [["0.csv", 2]]
    assert told["sheet"].isna().all()  # the sheet is of the second place
    assert told["reason"].item().endswith("all kept: 0.csv, row 2; a.xlsx, sheet 2021, row 2")


ROW = st.tuples(
    st.sampled_from(["北桥", "南闸"]),
    st.sampled_from(["2021-01-01", "2021-01-02 08:00", "bad"]),
    st.sampled_from(["0.1", "0.10", "<0.1", "0.2", "--", ""]),
    st.sampled_from(["1", "ND"]),
    st.sampled_from(["", "左"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.lists(ROW, min_size=1, max_size=8))
def test_files_of_a_folder_are_read_as_one_table_of_their_rows(first, second):
    """The rule between files is that within a table: the same samples are left, and as many cells dropped."""
    heading = "断面,日期,TP,TN,位置"
    with tempfile.TemporaryDirectory() as place:
        folder, whole = Path(place, "folder"), Path(place, "whole.csv")
        folder.mkdir()
        good = [("西湖", "2021-01-03", "0.5", "2", "")]  # a table must hold some time that is one
        lines = [[",".join(row) for row in [*good, *rows]] for rows in (first, second)]
        for name, own in zip(("a.csv", "b.csv"), lines, strict=True):
            (folder / name).write_text("\n".join([heading, *own]), "utf-8")
        whole.write_text("\n".join([heading, *lines[0], *lines[1]]), "utf-8")
        apart, together = wq.read(folder), wq.read(whole)
    assert balanced(apart) == balanced(together)
    columns = ["station", "time", "parameter", "value", "censored"]
    left = [
        sorted(
            (*row, where if isinstance(where, str) else "")
            for *row, where in reading.samples.reindex(columns=[*columns, "位置"]).itertuples(index=False)
        )
        for reading in (apart, together)
    ]
    assert left[0] == left[1]


def test_years_that_share_only_a_station_are_not_compared(folder):
    both = folder(a=TEXT, b=TEXT.replace("2021", "2022"))
    assert len(both.samples) == 10
    assert lost(both) == []


def test_days_of_the_feed_saved_twice_under_two_headings(tmp_path):
    head = ["省份", "流域", "断面名称", "监测时间", "水质类别", "水温(℃)", "氨氮(mg/L)"]
    page = "<table><tr>{}</tr><tr>{}</tr></table>"
    row = ["甲省", "某流域", "北桥", "2021-04-05 08:00", "Ⅱ", "15.1", "0.3"]
    cells = ("".join(f"<td>{cell}</td>" for cell in line) for line in (head, row))
    text = page.format(*cells)
    for name in ("2021-04-05.html", "2021-04-06.html"):
        (tmp_path / name).write_text(text, "utf-8")
    reading = wq.read(tmp_path)
    assert balanced(reading)["cells"] == 4
    assert len(reading.samples) == 2


def test_the_demonstration_with_a_file_saved_twice(tmp_path):
    shutil.copytree(DEMO, tmp_path / "raw")
    for name in ("丁区监测数据.csv", "甲区监测结果.xlsx"):
        shutil.copy(DEMO / name, tmp_path / "raw" / name.replace("区", "区 - 副本"))
    once, twice = wq.read(DEMO), wq.read(tmp_path / "raw")
    key = ["station", "time", "parameter"]
    sort = [reading.samples.sort_values(key, ignore_index=True) for reading in (once, twice)]
    pd.testing.assert_frame_equal(*sort, check_exact=True)
    balanced(twice)
    copied = once.samples["station"].str[0].isin(["丁", "甲"]).sum()
    assert (
        len(lost(twice)) - len(lost(once)) == copied + 48
    )  # what 丁 repeats in itself is told there as well
