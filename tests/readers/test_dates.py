"""Dates in the ways tables write them."""

import pandas as pd
import pyarrow as pa
import pytest

import wqstudy as wq
from wqstudy.errors import ReadError
from wqstudy.readers.dates import parse_times


def times(*texts: str) -> pd.Series:
    return parse_times(pa.chunked_array([list(texts)]))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-04-05", "2021-04-05"),
        ("2021-4-5", "2021-04-05"),
        ("2021/4/5", "2021-04-05"),
        ("2021/04/05", "2021-04-05"),
        ("2021.4.5", "2021-04-05"),
        ("2021年4月5日", "2021-04-05"),
        ("２０２１／４／５", "2021-04-05"),
        ("20210405", "2021-04-05"),
        ("2021-04", "2021-04-01"),
        ("2021/4", "2021-04-01"),
        ("2021年4月", "2021-04-01"),
        ("2021-04-05 08:00", "2021-04-05 08:00"),
        ("2021-04-05T08:00:30", "2021-04-05 08:00:30"),
        ("2021/4/5 8:05", "2021-04-05 08:05"),
        ("2021/4/5  8:05:06", "2021-04-05 08:05:06"),
        ("2021-04-05 08:00:00.123456", "2021-04-05 08:00:00.123456"),
        (" 2021-04-05 ", "2021-04-05"),
        ("2020-02-29", "2020-02-29"),
        ("202104", "2021-04-01"),
        ("2021年04月05日 8:00", "2021-04-05 08:00"),
        ("2021年4月5日8时", "2021-04-05 08:00"),
        ("2021年4月5日8时5分", "2021-04-05 08:05"),
        ("2021年一季度", "2021-01-01"),
        ("2021年第二季度", "2021-04-01"),
        ("2021年3季度", "2021-07-01"),
        ("2021Q4", "2021-10-01"),
        ("2021-Q4", "2021-10-01"),
        ("44291", "2021-04-05"),
        ("44291.0", "2021-04-05"),
        ("44291.3333333333", "2021-04-05 08:00"),
        ("2021 年 4 月 5 日", "2021-04-05"),
    ],
)
def test_understood(text, iso):
    # alone, and beside a text that keeps Arrow from reading the column by itself
    assert times(text)[0] == pd.Timestamp(iso)
    assert times("?", text)[1] == pd.Timestamp(iso)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021",
        "2021.10",
        "04-05",
        "4月",
        "202113",
        "190000",
        "2021年五季度",
        "19999",
        "60000",
        "5/4/2021",
        "2021-13-01",
        "2021-02-29",
        "2021-04-31",
        "2021-04-05 25:00",
        "2021-04-05 08:00 approx",
        "yesterday",
        "2021-04-05-06",
        "2021-00-01",
    ],
)
def test_not_understood_is_never_guessed(text):
    assert times(text, "2021-04-05").isna().tolist() == [True, False]


def test_offsets_give_utc():
    got = times("2021-04-05T08:00:00+08:00", "2021-04-05T00:00Z", "")
    assert str(got.dtype.tz) == "UTC"
    assert got[0] == got[1] == pd.Timestamp("2021-04-05", tz="UTC")
    assert pd.isna(got[2])


def test_offsets_in_some_rows_only():
    with pytest.raises(ValueError, match="offset"):
        times("2021-04-05T08:00+08:00", "2021-04-05 08:00")


@pytest.mark.parametrize(
    ("name", "content", "iso"),
    [
        ("t.csv", "2021年8月监测结果\n断面,TP\na,1\n", "2021-08-01"),
        ("t.csv", "2021年8月5日监测结果,,\n断面,TP\na,1\n", "2021-08-05"),
        ("TP 2021-08.csv", "断面,TP\na,1\n", "2021-08-01"),
        ("20210805.csv", "断面,TP\na,1\n", "2021-08-05"),
    ],
)
def test_a_table_without_times_takes_the_month_of_its_title_or_file(write, name, content, iso):
    reading = wq.read(write(content, name))
    assert reading.samples["time"].tolist() == [pd.Timestamp(iso)]
    assert reading.ledger["reason"].str.contains("there is no column of times").sum() == 1


def test_sheets_named_by_month_take_the_year_of_the_title(book):
    rows = [["2021年监测结果"], ["断面", "TP"], ["a", 0.1]]
    reading = wq.read(book({"7月": rows, "8月": rows}))
    assert reading.samples["time"].tolist() == [pd.Timestamp("2021-07-01"), pd.Timestamp("2021-08-01")]


@pytest.mark.parametrize("name", ["2021-2022年8月.csv", "2021年.csv", "table.csv", "202113.csv"])
def test_a_table_without_times_whose_month_nothing_says_is_refused(write, name):
    with pytest.raises(ReadError, match="no time column"):
        wq.read(write("断面,TP\na,1\n", name))
