"""Tables whose columns are months or stations: each value at its place, each cell in the account."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ReadError

SAMPLES = [
    ("北桥", "2021-01-01", "NH3N", 0.5, "none"),
    ("北桥", "2021-02-01", "NH3N", 0.02, "left"),
    ("南桥", "2021-01-01", "NH3N", 1.2, "none"),
    ("南桥", "2021-02-01", "NH3N", 0.3, "none"),
]
"""What the tables below say, as far as they say as much."""


def told(reading):
    frame = reading.samples[["station", "time", "parameter", "value", "censored"]].copy()
    frame["time"] = frame["time"].dt.strftime("%Y-%m-%d")
    return sorted(map(tuple, frame.to_numpy().tolist()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "断面,监测项目,2021年1月,2021年2月\n北桥,氨氮,0.50,0.02L\n南桥,氨氮,1.2,0.3\n"),
        ("2021.csv", "断面,指标,单位,1月,2月\n北桥,氨氮,mg/L,0.50,0.02L\n南桥,氨氮,mg/L,1.2,0.3\n"),
        ("t.csv", "断面,指标,2021-01,2021/02\n北桥,氨氮(ug/L),500,20L\n南桥,氨氮(ug/L),1200,300\n"),
        ("2021年氨氮.csv", "断面,1月份,02月\n北桥,0.50,0.02L\n南桥,1.2,0.3\n"),
        ("t.csv", "2021年各断面氨氮监测结果（单位：ug/L）,,\n断面,1月,2月\n北桥,500,20L\n南桥,1200,300\n"),
        ("2021.csv", "断面,氨氮(mg/L),,总磷\n,1月,2月,1月\n北桥,0.50,0.02L,\n南桥,1.2,0.3,\n"),
        ("NH3N.csv", "station,Jan 2021,Feb 2021\n北桥,0.50,0.02L\n南桥,1.2,0.3\n"),
        ("氨氮.csv", "河流,断面,2020年,2021年,\n,,12月,1月,2月\n清河,北桥,,0.50,0.02L\n清河,南桥,,1.2,0.3\n"),
        ("t.csv", "断面,年份,指标,1月,2月\n北桥,2021,氨氮,0.50,0.02L\n南桥,2021,氨氮,1.2,0.3\n"),
        ("2021.csv", "断面,指标,1月,2月,均值\n北桥,氨氮,0.5,0.02L,9\n\n南桥,氨氮,1.2,0.3,\n平均,,9,9,\n注："),
        ("t.csv", "2021年氨氮（ug/L）\n月份,北桥,南桥,平均\n1月,500,1200,9\n2月,20L,300,9\n平均,9,9,9\n注："),
        ("氨氮.csv", "采样日期,北桥,南桥\n2021-01-01,0.5,1.2\n2021/2/1,<0.02,0.3\n"),
        ("NH3-N.csv", "year,month,北桥,南桥\n2021,1,0.5,1.2\n2021,2,<0.02,0.3\n"),
    ],
)  # fmt: skip
def test_ways_of_writing_them(write, name, text):
    reading = wq.read(write(text, name))
    assert told(reading) == sorted(SAMPLES)
    counts = reading.counts
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]


def test_a_workbook_with_merged_headings_and_dates_in_them(book):
    months = [pd.Timestamp(2021, 1, 1), pd.Timestamp(2021, 2, 1)]
    sheets = {
        "氨氮": [["断面", *months], ["北桥", 0.5, "0.02L"], ["南桥", 1.2, 0.3]],
        "其他": [["断面", "总磷", None], [None, *months], ["北桥", 0.1, 0.2]],
    }
    reading = wq.read(book(sheets, {"其他": ["A1:A2", "B1:C1"]}))
    phosphorus = [("北桥", f"2021-0{m}-01", "TP", v, "none") for m, v in ((1, 0.1), (2, 0.2))]
    assert told(reading) == sorted(SAMPLES + phosphorus)


def test_a_workbook_with_a_sheet_a_station_or_a_parameter(book):
    sheets = {
        "北桥": [["采样日期", "氨氮(μg/L)"], ["2021-01-01", 500], ["2021-02-01", "20L"]],
        "南桥断面": [["2021年"], ["指标", "1月", "2月"], ["总磷", 0.1, 0.2]],
        "氨氮": [["日期", "南桥"], ["2021-01-01", 1.2], ["2021-02-01", 0.3]],
    }
    reading = wq.read(book(sheets))
    phosphorus = [("南桥断面", f"2021-0{m}-01", "TP", v, "none") for m, v in ((1, 0.1), (2, 0.2))]
    assert told(reading) == sorted(SAMPLES + phosphorus)
    put_in = reading.ledger["reason"].str.startswith("station: there is no column of stations")
    assert reading.ledger.loc[put_in, "raw"].tolist() == ["北桥", "南桥断面"]


@pytest.mark.parametrize("name", ["Sheet1", "监测数据", "2021年", "8月", "氨氮", "北"])
def test_a_sheet_that_is_named_after_no_station(book, name):
    with pytest.raises(ReadError, match="no station column"):
        wq.read(book({name: [["采样日期", "氨氮", "总磷"], ["2021-01-01", 0.5, 0.1]]}))


def test_the_ledger_names_the_cell_of_the_file(write):
    text = "2021年\n断面,指标,1月,2月,3月\n北桥,氨氮,0.5,,<0.1\n平均值,,1,1,1\n南桥,氨氮,坏,1,1\n"
    ledger = wq.read(write(text)).ledger
    cells = ledger.loc[ledger["action"] != "not_data", ["row", "column", "raw", "action"]]
    assert cells.to_numpy().tolist() == [
        [3, "2月", "", "dropped"],
        [3, "3月", "<0.1", "changed"],
        [5, "1月", "坏", "dropped"],
    ]
    aside = ledger[ledger["reason"] == "a summary row, no sample"]
    assert aside["row"].tolist() == [4]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("2021.csv", "断面,1月,2月\n北桥,0.5,0.2\n", "nothing says which parameter they hold"),
        ("2021年总磷总氮.csv", "断面,1月,2月\n北桥,0.5,0.2\n", "its title names TP and TN"),
        ("氨氮.csv", "断面,1月,2月\n北桥,0.5,0.2\n", "names no year.*year=2021"),
        ("2021.csv", "断面,指标,1月,2月\n北桥,怪,0.5,0.2\n", "not in the catalogue"),
        ("2021.csv", "日期,北桥,南桥\n2021-01-01,0.5,0.2\n", "no station column"),
        ("总磷总氮.csv", "日期,北桥,南桥\n2021-01-01,0.5,0.2\n", "no station column"),
    ],
)
def test_what_cannot_be_told_is_an_error_that_says_how_to_mend_it(write, name, text, says):
    with pytest.raises(ReadError, match=says):
        wq.read(write(text, name))
    lenient = wq.read(write(text, name), strict=False)
    assert lenient.samples.empty
    assert len(lenient.ledger)


def test_parameters_asked_for(write):
    text = "断面,指标,2021年1月,2021年2月\n北桥,氨氮,0.5,0.2\n北桥,总磷,0.1,0.2\n"
    reading = wq.read(write(text), parameters="TP")
    assert reading.samples["value"].tolist() == [0.1, 0.2]
    assert reading.counts["cells"] == 2


CELLS = st.sampled_from(["0.5", "1.25", "0.02L", "<0.1", "", "-", "坏", "0", "-1", " 0.3 "])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["北桥", "南桥", "西桥"]), st.sampled_from(["氨氮", "总磷"]), *[CELLS] * 3),
        min_size=1,
        max_size=6,
    )
)
def test_the_same_as_one_row_a_value(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("months")
    months = ["2021年3月", "2021年4月", "2021年5月"]
    across, under = folder / "across.csv", folder / "under.csv"
    across.write_text("\n".join(",".join(r) for r in [("断面", "指标", *months), *rows]), "utf-8")
    lines = [(r[0], r[1], month, cell) for r in rows for month, cell in zip(months, r[2:], strict=True)]
    under.write_text("\n".join(",".join(r) for r in [("断面", "指标", "月份", "数值"), *lines]), "utf-8")
    one, other = wq.read(across), wq.read(under)
    pd.testing.assert_frame_equal(one.samples, other.samples)
    assert one.counts == other.counts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_stations_across_are_the_same_as_one_row_a_value(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("stations")
    across, under = folder / "氨氮.csv", folder / "under.csv"
    times = [f"2021-0{month}-01" for month in range(1, len(rows) + 1)]
    lines = ["日期,北桥,南桥", *(",".join((t, *row)) for t, row in zip(times, rows, strict=True))]
    if not any(text.strip(" <")[:1].isdigit() for text in rows[0]):  # what cannot be told for a table
        lines.insert(1, "2020-12-01,1,1")
    across.write_text("\n".join(lines), "utf-8")
    cells = [line.split(",") for line in lines[1:]]
    tidy = [
        f"{name},{t},氨氮,{cell}"
        for t, *row in cells
        for name, cell in zip(["北桥", "南桥"], row, strict=True)
    ]
    under.write_text("\n".join(["断面,日期,指标,数值", *tidy]), "utf-8")
    one, other = wq.read(across), wq.read(under)
    pd.testing.assert_frame_equal(one.samples, other.samples)
    blank = sum(not any(row) for _, *row in cells)  # a time with nothing beside it is set aside as a row
    assert one.counts["dropped"] == other.counts["dropped"] - 2 * blank
    assert one.counts["changed"] == other.counts["changed"]
