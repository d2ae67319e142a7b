"""Tables under one another, each with its own lines above it; headings of several rows; impossible years."""

import pytest

import wqstudy as wq
from wqstudy.errors import ReadError


def told(reading):
    samples = reading.samples
    return list(
        zip(
            samples["station"],
            samples["time"].dt.strftime("%Y-%m"),
            samples["parameter"],
            samples["value"],
            strict=True,
        )
    )


def months(*values):
    return [["断面", "1月", "2月"], ["A桥", *values]]


def test_each_table_has_the_year_the_parameter_and_the_unit_of_its_own_title(book):
    rows = [
        ["2019年氨氮"],
        *months(0.1, 0.2),
        [],
        ["2020年总磷 单位：μg/L"],
        *months(300, 400),
        ["注：2018年停测"],
    ]
    reading = wq.read(book({"数据": rows}))
    assert told(reading) == [
        ("A桥", "2019-01", "NH3N", 0.1),
        ("A桥", "2019-02", "NH3N", 0.2),
        ("A桥", "2020-01", "TP", 0.3),
        ("A桥", "2020-02", "TP", 0.4),
    ]
    above = reading.ledger[reading.ledger["reason"] == "stands above the table"]
    assert above[["row", "raw"]].to_numpy().tolist() == [[1, "2019年氨氮"], [5, "2020年总磷 单位：μg/L"]]


def test_what_a_title_does_not_say_the_first_says(book):
    rows = [["氨氮（单位：μg/L）"], ["2019年"], *months(100, 200), ["2020年"], *months(300, 400)]
    reading = wq.read(book({"数据": rows}))
    assert [(time, value) for _, time, _, value in told(reading)] == [
        ("2019-01", 0.1),
        ("2019-02", 0.2),
        ("2020-01", 0.3),
        ("2020-02", 0.4),
    ]


def test_a_remark_under_a_table_is_no_title_of_the_next(book):
    rows = [["2019年氨氮"], *months(0.1, 0.2), ["注：2018年停测"], *months(0.3, 0.4)]
    reading = wq.read(book({"数据": rows}))
    assert {time[:4] for _, time, _, _ in told(reading)} == {"2019"}
    assert "a note, no sample" in reading.ledger["reason"].tolist()


def test_months_in_titles_date_their_tables(book):
    rows = [["2021年8月"], ["断面", "氨氮"], ["A", 0.1], ["2021年9月"], ["断面", "氨氮"], ["A", 0.2]]
    assert told(wq.read(book({"数据": rows}))) == [
        ("A", "2021-08", "NH3N", 0.1),
        ("A", "2021-09", "NH3N", 0.2),
    ]


def test_blocks_of_stations_across(book):
    rows = [["日期", "A桥", "B桥"], ["2021-01-05", 1, 2]]
    reading = wq.read(book({"数据": [["氨氮"], *rows, [], ["总磷(ug/L)"], *rows]}))
    assert [(station, parameter, value) for station, _, parameter, value in told(reading)] == [
        ("A桥", "NH3N", 1.0),
        ("B桥", "NH3N", 2.0),
        ("A桥", "TP", 0.001),
        ("B桥", "TP", 0.002),
    ]


@pytest.mark.parametrize("beside", ["区县", "备注"])
def test_years_over_months_beside_columns_merged_over_both_rows(book, beside):
    rows = [[beside, "断面", "2019年", None, "2020年", None], [None, None, "1月", "2月", "1月", "2月"]]
    rows.append(["东", "A桥", 0.1, 0.2, 0.3, 0.4])
    reading = wq.read(book({"氨氮": rows}, {"氨氮": ["A1:A2", "B1:B2", "C1:D1", "E1:F1"]}))
    assert [time for _, time, _, _ in told(reading)] == ["2019-01", "2019-02", "2020-01", "2020-02"]


def test_value_and_class_under_one_parameter(book):
    rows = [
        ["断面", "采样时间", "氨氮", None, "总磷", None],
        [None, None, "监测值", "类别", "监测值", "类别"],
    ]
    rows.append(["A", "2020-01-01", 0.1, "Ⅰ", 0.2, "Ⅲ"])
    reading = wq.read(book({"x": rows}, {"x": ["A1:A2", "B1:B2", "C1:D1", "E1:F1"]}))
    assert told(reading) == [("A", "2020-01", "NH3N", 0.1), ("A", "2020-01", "TP", 0.2)]
    assert reading.samples["总磷 类别"].tolist() == ["Ⅲ", "Ⅲ"]


def test_units_without_a_blank(write):
    reading = wq.read(
        write("断面,日期,总磷mg/L,溶解氧mg/L,水温℃,电导率μS/cm,TPμg/l\nA,2021-01-01,.1,8,20,300,1\n"),
        strict=False,
    )
    assert [parameter for _, _, parameter, _ in told(reading)] == ["TP", "DO", "WT", "EC"]


def test_two_columns_of_one_month(write):
    with pytest.raises(ReadError, match=r"column 2021年2月: two columns for 2021-02"):
        wq.read(write("断面,指标,2021年1月,2021年2月,2021年2月\nA,氨氮,.1,.2,.3\n"))


@pytest.mark.parametrize("time", ["1019-01-01", "2199/5/6", "0021-01-01"])
def test_years_that_can_only_be_mistyped(write, time):
    reading = wq.read(write(f"断面,日期,氨氮\nA,2021-01-01,1\nA,{time},2\n"))
    assert told(reading) == [("A", "2021-01", "NH3N", 1.0)]
    assert reading.ledger["reason"].iloc[-1] == f"time {time!r} is before 1900 or after 2100"
    with pytest.raises(ReadError, match="before 1900 or after 2100; no row has a time that is"):
        wq.read(write(f"断面,日期,氨氮\nA,{time},2\n"))


def test_a_blank_year_beside_months(write):
    reading = wq.read(write("断面,年份,指标,1月,2月\nA,,氨氮,.1,.2\nB,2021,氨氮,.3,.4\n"))
    assert told(reading) == [("B", "2021-01", "NH3N", 0.3), ("B", "2021-02", "NH3N", 0.4)]
    assert reading.ledger["reason"].tolist()[-2:] == ["time is blank", "time is blank"]
