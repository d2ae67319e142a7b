"""Workbooks as Chinese monitoring stations and contractors write them."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest

import wqstudy as wq

TITLED = [
    ["某区2021年地表水监测结果表"],
    ["填报单位：某监测站", None, None, None, "单位：μg/L"],
    ["序号", "断面名称", "采样日期", "监测项目", None, None, "水质类别", "备注"],
    [None, None, None, "pH", "氨氮", "总磷(mg/L)"],
    [1, "北桥", pd.Timestamp(2021, 3, 1), 7.2, 310, "0.01L", "Ⅲ", None],
    [None, None, pd.Timestamp(2021, 3, 2), 7.3, "未检出", 0.12, "Ⅱ", "雨后"],
    [],
    [2, "南桥（左）", pd.Timestamp(2021, 3, 1), 7.1, 520, "0.52*", "劣Ⅴ"],
    [None, "平均值", None, 7.2, 400, 0.1],
    ["注：L表示未检出。"],
]
MERGED = ["A1:H1", "D3:F3", "A3:A4", "B3:B4", "C3:C4", "G3:G4", "H3:H4", "A5:A6", "B5:B6"]


def notes(reading: wq.Reading) -> dict[int, str]:
    lines = reading.ledger[reading.ledger["action"] == "not_data"]
    return {
        line.row: f"{line.raw}: {line.reason}" for line in lines.itertuples() if line.column != line.column
    }


@pytest.fixture
def titled(book):
    return wq.read(book({"一季度": TITLED}, {"一季度": MERGED}))


def test_titles_merged_headings_and_stations_merged_downwards(titled):
    samples = titled.samples
    assert samples["station"].tolist() == ["北桥", "北桥", "南桥(左)"] * 3
    assert samples["parameter"].tolist() == ["PH"] * 3 + ["NH3N"] * 3 + ["TP"] * 3
    assert samples["value"].tolist() == [7.2, 7.3, 7.1, 0.31, 0.025, 0.52, 0.01, 0.12, 0.52]
    assert samples["censored"].tolist() == ["none"] * 4 + ["left", "none", "left", "none", "none"]
    assert samples["reported_class"].tolist() == ["Ⅲ", "Ⅱ", "劣Ⅴ"] * 3
    assert str(samples["time"].dtype) == "datetime64[us]"
    assert titled.counts == {"cells": 9, "kept": 6, "changed": 3, "dropped": 0}


def test_what_stands_about_the_table_is_told(titled):
    assert notes(titled) == {
        1: "某区2021年地表水监测结果表: stands above the table",
        2: "填报单位：某监测站 | 单位：μg/L: stands above the table",
        7: ": blank row",
        9: "平均值 | 7.2 | 400 | 0.1: a summary row, no sample",
        10: "注：L表示未检出。: a note, no sample",
    }
    heading = titled.ledger[titled.ledger["column"] == "氨氮"].iloc[0]
    assert (heading["sheet"], heading["row"]) == ("一季度", 4)
    assert heading["reason"] == (
        "heading: NH3N in ug/L, as a line beside the table says, multiplied by 0.001 to mg/L"
    )


def test_rows_are_those_of_the_sheet(titled):
    lines = titled.ledger[titled.ledger["action"] == "changed"]
    assert lines[["row", "column", "raw"]].to_numpy().tolist() == [
        [6, "氨氮", "未检出"],
        [5, "总磷(mg/L)", "0.01L"],
        [8, "总磷(mg/L)", "0.52*"],
    ]


def test_all_sheets_are_read_hidden_ones_too_and_those_without_a_table_told(book):
    path = book(
        {
            "空表": [],
            "说明": [["本表由某公司编制"], ["联系人", "某某"]],
            "甲": [["断面", "日期", "TP"], ["a", "2021-01-01", 1]],
            "乙": [["断面", "日期", "监测项目", "结果", "单位"], ["b", "2021-01-01", "氨氮", "520", "μg/L"]],
            "空头": [["断面", "日期", "TP"]],
        }
    )
    workbook = openpyxl.load_workbook(path)
    workbook["乙"].sheet_state = "hidden"
    workbook.save(path)
    reading = wq.read(path)
    assert reading.samples["station"].tolist() == ["a", "b"]
    told = reading.ledger[reading.ledger["sheet"].isin(["空表", "说明", "空头"])]
    assert told[["sheet", "action", "reason"]].to_numpy().tolist() == [
        ["空表", "not_data", "the sheet is empty"],
        ["说明", "not_data", "no row of the sheet is a heading of a monitoring table"],
        ["空头", "not_data", "there are headings and no rows under them"],
    ]
    assert told["raw"].tolist()[1] == "本表由某公司编制"


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        ([["断面", "日期", "氨氮", "TP"], [None, None, "mg/L", "μg/L"]], ["氨氮(mg/L)", "TP(μg/L)"]),
        ([["断面", "日期", "氨氮", "TP"], ["单位", None, "（mg/L）", "ug/L"]], ["氨氮(mg/L)", "TP(ug/L)"]),
        (
            [["断面", "日期", "监测项目"], [None, None, "氨氮", "TP"], [None, None, "mg/L", "ug/L"]],
            ["氨氮(mg/L)", "TP(ug/L)"],
        ),
        (
            [["断面", "日期", "氨氮", "TP"], [None, None, "浓度(mg/L)", "监测值(ug/L)"]],
            ["氨氮(mg/L)", "TP(ug/L)"],
        ),
        ([["断面", "日期", "氨氮\n(mg/L)", "TP\n(ug/L)"]], ["氨氮\n(mg/L)", "TP\n(ug/L)"]),
    ],
)
def test_headings_of_several_rows(book, headings, told):
    reading = wq.read(book({"s": [*headings, ["a", "2021-01-01", 0.5, 60]]}))
    assert reading.samples[["parameter", "value"]].to_numpy().tolist() == [["NH3N", 0.5], ["TP", 0.06]]
    assert [c.replace("μ", "u") for c in reading.ledger["column"]] == [t.replace("μ", "u") for t in told]


def test_classes_beside_values_are_no_values(book):
    rows = [
        ["断面", "日期", "氨氮", None, "总磷", None, "水质类别"],
        [None, None, "浓度(mg/L)", "类别", "浓度(mg/L)", "类别"],
        ["a", "2021-01-01", 0.5, "Ⅱ", 0.06, "Ⅱ", "Ⅱ"],
    ]
    samples = wq.read(book({"s": rows}, {"s": ["C1:D1", "E1:F1"]})).samples
    assert samples["value"].tolist() == [0.5, 0.06]
    assert list(samples.columns[5:]) == ["氨氮 类别", "总磷 类别", "reported_class"]


def test_tables_under_one_another(book):
    rows = [
        ["一、河流"],
        ["断面", "日期", "TP(ug/L)"],
        ["a", "2021-01-01", 10],
        ["b", "2021-01-01", 20],
        ["合计", None, 30],
        [],
        ["二、湖库"],
        ["点位", "监测月份", "TN(mg/L)", "TP(mg/L)"],
        ["c", "202104", 1.2, 0.05],
    ]
    reading = wq.read(book({"s": rows}))
    assert reading.samples["station"].tolist() == ["a", "b", "c", "c"]
    assert reading.samples["value"].tolist() == [0.01, 0.02, 1.2, 0.05]
    assert notes(reading) == {
        1: "一、河流: stands above the table",
        5: "合计 | 30: a summary row, no sample",
        6: ": blank row",
        7: "二、湖库: stands above the table",
    }


def test_a_merged_value_is_one_sample(book):
    rows = [["断面", "日期", "TP"], ["a", "2021-01-01", 1], ["b", "2021-01-01", None]]
    reading = wq.read(book({"s": rows}, {"s": ["C2:C3"]}))
    assert reading.counts == {"cells": 2, "kept": 1, "changed": 0, "dropped": 1}


def test_formulas_by_their_results_or_dropped(book):
    rows = [
        ["断面", "日期", "TP"],
        ["a", "2021-01-01", "=0.1+0.2"],
        ["a", "2021-01-02", "#DIV/0!"],
        ["a", "2021-01-03", 3],
    ]
    reading = wq.read(book({"s": rows}))
    lines = reading.ledger[reading.ledger["action"] == "dropped"]
    assert lines[["row", "raw", "reason"]].to_numpy().tolist() == [
        [2, "=0.1+0.2", "a formula whose result the file does not hold"],
        [3, "#DIV/0!", "a formula that failed"],
    ]


def test_numbers_dates_and_marks_in_one_column(book):
    rows = [
        ["断面", "日期", "TP"],
        [101, 44291, 0.1],
        [101, pd.Timestamp(2021, 4, 6), "<0.02"],
        [101, "2021年4月7日", pd.Timestamp(2021, 4, 5)],
        [101, 20210408, True],
        [101, dt.date(2021, 4, 9), 1 / 3],
    ]
    reading = wq.read(book({"s": rows}))
    assert reading.samples["station"].tolist() == ["101"] * 3
    assert reading.samples["value"].tolist() == [0.1, 0.02, 1 / 3]
    assert reading.samples["time"].dt.day.tolist() == [5, 6, 9]
    assert reading.counts == {"cells": 5, "kept": 2, "changed": 1, "dropped": 2}


def test_blank_rows_and_columns_about_a_table(book):
    rows = [
        [],
        [],
        [None, None, "断面", None, "日期", "TP"],
        [],
        [None, None, "a", None, "2021-01-01", 1],
        [],
        [],
    ]
    reading = wq.read(book({"s": rows}))
    assert reading.counts == {"cells": 1, "kept": 1, "changed": 0, "dropped": 0}
    assert list(reading.samples) == ["station", "time", "parameter", "value", "censored"]


@pytest.mark.parametrize("ending", [".xlsm", ".XLSX", ".xls"])
def test_a_new_workbook_under_another_ending(book, ending):
    path = book({"s": [["断面", "日期", "TP"], ["a", "2021-01-01", 1]]}, name=f"b{'.xlsx'}")
    assert wq.read(path.rename(path.with_suffix(ending))).counts["kept"] == 1


def test_the_year_of_a_sheet_goes_before_that_of_the_file(book):
    rows = [["断面", "月份", "TP"], ["a", "4月", 1]]
    reading = wq.read(
        book({"2019年": rows, "二〇二〇": [["2020年结果"], *rows], "x": rows}, name="2021.xlsx")
    )
    assert reading.samples["time"].dt.strftime("%Y-%m").tolist() == ["2019-04", "2020-04", "2021-04"]
    assert wq.read(book({"2019年": rows}), year=2018).samples["time"].dt.year.tolist() == [2018]


@pytest.mark.parametrize(
    ("headings", "row", "time"),
    [
        (["年", "月"], [2021, 4], "2021-04-01"),
        (["年份", "月份"], ["2021年", "4月"], "2021-04-01"),
        (["年", "月", "日"], [2021, 4, 5], "2021-04-05"),
        (["监测日期", "监测时间"], [pd.Timestamp(2021, 4, 5), dt.time(8, 30)], "2021-04-05 08:30"),
        (["日期", "时间"], ["2021/4/5", "8:30"], "2021-04-05 08:30"),
        (["日期", "时间"], ["2021年4月5日", "8时"], "2021-04-05 08:00"),
        (["年", "监测时间"], [2021, "04-05 08:00"], "2021-04-05 08:00"),
        (["年", "月", "采样时间"], [2021, 4, "2021-04-05 09:00"], "2021-04-05 09:00"),
    ],
)
def test_times_in_several_columns(book, headings, row, time):
    reading = wq.read(book({"s": [["断面", *headings, "TP"], ["a", *row, 1]]}))
    assert reading.samples["time"].tolist() == [pd.Timestamp(time)]
