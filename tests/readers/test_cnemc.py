"""The feed of the national automatic stations: days and pages of the same shape, and the real ones."""

import json
import os
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.errors import ReadError
from wqstudy.schemas import admit

HEAD = [
    "省份",
    "流域",
    "断面名称",
    "监测时间",
    "水质类别",
    "pH<br/><span class='unit'>(无量纲)</span>",
    "氨氮<br/><span class='unit'>(mg/L)</span>",
    "总磷<br/><span class='unit'>(mg/L)</span>",
    "叶绿素α<br/><span class='unit'>(mg/L)</span>",
    "藻密度<br/><span class='unit'>(cells/L)</span>",
    "站点情况",
]


def cell(raw: str, shown: str) -> str:
    return f"<span data-toggle='tooltip' data-placement='right' title='原始值：{raw}'>{shown}</span>"


def section(name: str, city: str, river: str) -> str:
    return f"<span data-toggle='tooltip' title='所在地市:{city}&#10;所属河流:{river}'>{name}</span>"


FILTERED = "<span title='极值过滤'>--</span>"
GATE = [
    "甲省",
    "海河流域",
    section("北闸", "乙市", "清河"),
    "12-31 20:00",
    "劣Ⅴ",
    cell("7.678", "7.68"),
    cell("0.0493", "0.049"),
    cell("0", "0"),
    cell("0.00089", "0.001"),
    cell("1.491644E+07", "14916440"),
    "正常",
]
LAKE = [
    "丙省",
    "长江流域",
    section("湖心A&amp;B(旧名)", "丁市", "大湖"),
    "01-01 08:00",
    "Ⅱ",
    FILTERED,
    "--",
    "*",
    "*",
    "*",
    "维护",
]
DOWN = ["甲省", "海河流域", "南闸", None, "-", "--", "--", "--", "*", "*", "停站"]


def day(write, name: str, *rows: list) -> Path:
    feed = {"result": 1, "thead": HEAD, "tbody": list(rows)}
    return write(json.dumps(feed, ensure_ascii=False), name)


def test_a_day_of_the_same_shape(write):
    reading = wq.read(day(write, "2021-01-01.json", GATE, LAKE, DOWN))
    samples = reading.samples.set_index("parameter")
    assert list(samples.index) == ["PH", "NH3N", "TP", "CHLA", "ALGAE"]
    assert samples["value"].to_list() == pytest.approx([7.678, 0.0493, 0.01, 0.89, 14_916_440])
    assert samples["censored"].to_list() == ["none", "none", "left", "none", "none"]
    assert set(samples["time"]) == {pd.Timestamp("2020-12-31 20:00")}
    assert set(samples["reported_class"]) == {6}
    assert set(samples["status"]) == {"正常"}
    assert reading.counts == {"cells": 15, "kept": 4, "changed": 1, "dropped": 10}
    stations = reading.stations.set_index("station")
    assert list(stations.index) == ["北闸", "湖心A&B(旧名)", "南闸"]
    assert stations.loc["北闸", ["province", "basin", "city", "river", "water_body"]].to_list() == [
        "甲省",
        "海河流域",
        "乙市",
        "清河",
        "river",
    ]
    assert stations.loc["湖心A&B(旧名)", "water_body"] == "lake"
    assert stations.loc["南闸", ["city", "river", "water_body"]].isna().all()
    assert "district" not in stations


def test_the_ledger_tells_of_tooltips_years_and_filtered_values(write):
    ledger = wq.read(day(write, "2021-01-01.json", GATE, LAKE, DOWN)).ledger
    told = ledger[ledger["action"] == "not_data"].set_index("column")["reason"]
    assert told["氨氮(mg/L)"].startswith("heading: NH3N in mg/L; where a tooltip gives the raw value")
    assert told["叶绿素α(mg/L)"].startswith("heading: CHLA in mg/L, multiplied by 1000 to ug/L")
    assert told["监测时间"].startswith("heading: times without a year")
    lines = ledger[ledger["action"] == "dropped"]
    filtered = lines[lines["raw"] == FILTERED]
    assert filtered[["row", "reason"]].to_numpy().tolist() == [[3, "marked as missing"]]
    assert (lines.loc[lines["row"] == 4, "reason"] == "time is blank").all()


def test_days_are_read_together_and_stay_apart_in_the_ledger(write, tmp_path):
    (tmp_path / "2021-01").mkdir()
    (tmp_path / "2020-12").mkdir()
    day(write, "2020-12/2020-12-31.json", GATE, DOWN)
    day(write, "2021-01/2021-01-01.json", DOWN, LAKE, [*GATE[:3], "01-01 08:00", *GATE[4:]])
    reading = wq.read(tmp_path)
    assert reading.counts == {"cells": 25, "kept": 8, "changed": 2, "dropped": 15}
    lines = reading.ledger[reading.ledger["action"] == "changed"]
    assert lines[["file", "row"]].to_numpy().tolist() == [["2020-12-31.json", 2], ["2021-01-01.json", 4]]
    assert lines["raw"].tolist() == [cell("0", "0")] * 2
    assert set(reading.ledger["file"]) == {"2020-12-31.json", "2021-01-01.json"}


def test_folders_of_other_tables_are_not_descended_into(write, tmp_path):
    (tmp_path / "deeper").mkdir()
    day(write, "deeper/2021-01-01.json", GATE)
    write("station,time,TP\na,2021-01-01,1\n", "deeper/t.csv")
    with pytest.raises(ReadError, match="no tables in it"):
        wq.read(tmp_path)


OUTCOMES = {
    cell("0.12", "0.12"): "kept",
    cell("4E-05", "0.00004"): "kept",
    "0.3": "kept",
    cell("0", "0"): "changed",
    cell("<0.02", "0.02"): "changed",
    cell("-1", "-1"): "dropped",
    cell("", "--"): "dropped",
    FILTERED: "dropped",
    "<span>--</span>": "dropped",
    "&nbsp;": "dropped",
    "--": "dropped",
    "*": "dropped",
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["12-31 20:00", "01-01 08:00", None, "*", "soon"]),
            st.sampled_from(list(OUTCOMES)),
            st.sampled_from(list(OUTCOMES)),
        ),
        max_size=10,
    )
)
def test_every_cell_is_accounted_for(rows):
    rows = [("12-30 20:00", "0.3", "--"), *rows]
    body = [
        [*GATE[:2], f"断面{n}", time, "Ⅱ", "--", one, other, "*", "*", "正常"]
        for n, (time, one, other) in enumerate(rows)
    ]
    fate = [
        OUTCOMES[text] if time not in (None, "*", "soon") else "dropped"
        for time, *texts in rows
        for text in texts
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "2021-01-01.json")
        path.write_text(json.dumps({"thead": HEAD, "tbody": body}), encoding="utf-8")
        reading = wq.read(path, ["NH3N", "TP"])
    assert reading.counts == {
        "cells": 2 * len(rows),
        **{action: fate.count(action) for action in ("kept", "changed", "dropped")},
    }
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    headings = {"氨氮(mg/L)": 1, "总磷(mg/L)": 2}
    for line in lines.itertuples():
        assert rows[line.row - 2][headings[line.column]] == line.raw


@pytest.mark.parametrize(
    ("saved", "short", "meant"),
    [
        ("2020-05-08", "09-09 09:00", "2019-09-09 09:00"),
        ("2020-12-31", "01-01 00:00", "2021-01-01 00:00"),
        ("2021-01-01", "12-31 23:00", "2020-12-31 23:00"),
        ("2021-03-01", "02-29 08:00", "2020-02-29 08:00"),
        ("2021-03-01", "3-1 8:00", "2021-03-01 08:00"),
    ],
)
def test_the_year_is_the_latest_that_can_be(write, saved, short, meant):
    row = [*GATE[:3], short, *GATE[4:]]
    assert wq.read(day(write, f"{saved}.json", row)).samples["time"][0] == pd.Timestamp(meant)


def test_without_a_day_of_saving_the_year_is_not_guessed(write):
    with pytest.raises(
        ReadError, match=r"feed.json, row 3, column 监测时间: the times have no year"
    ) as caught:
        wq.read(day(write, "feed.json", DOWN, GATE))
    assert "2021-04-05.json" in str(caught.value)


def test_one_name_in_two_provinces_is_two_stations(write):
    other = ["丙省", *GATE[1:]]
    known = ["天津市", "海河流域", "三岔口", *GATE[3:]]
    reading = wq.read(day(write, "2021-01-01.json", GATE, other, known))
    assert set(reading.samples["station"]) == {"北闸·甲省", "北闸·丙省", "三岔口·天津市"}
    assert reading.ledger["reason"].str.startswith("2 names that sections of several provinces").sum() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "the JSON holds no table"),
        ('{"thead": [], "tbody": []}', "the JSON holds no table"),
        ("{", "not valid JSON"),
        ("", "the file is empty"),
        ('{"thead": ["断面名称", "监测时间", "总磷"], "tbody": [["a", "b"]]}', "row 2: the row is 2 cells"),
        ('{"thead": ["断面名称", "监测时间", "总磷"], "tbody": [7]}', "row 2: the row is 7"),
        ('{"thead": ["断面名称", "监测时间", "总磷"], "tbody": []}', "headings and no rows"),
    ],
)
def test_json_that_is_no_feed(write, text, words):
    with pytest.raises(ReadError, match=words):
        wq.read(write(text, "2021-01-01.json"))


PLAIN = (
    "省份,流域,断面名称,监测时间,水质类别,氨氮(mg/L),叶绿素α(mg/L),站点情况\n"
    "甲省,海河流域,北闸,04-01 08:00,Ⅱ,0.099,0.002,正常\n"
    "甲省,海河流域,北闸,*,-,--,*,维护\n"
)


def test_the_feed_saved_as_a_table(write):
    reading = wq.read(write(PLAIN, "feed_2021-04-01_05.csv"))
    assert reading.samples["value"].to_list() == pytest.approx([0.099, 2.0])
    assert reading.samples["time"].dt.year.tolist() == [2021, 2021]
    assert reading.counts == {"cells": 4, "kept": 2, "changed": 0, "dropped": 2}
    told = reading.ledger.set_index("column")["reason"]
    assert told["氨氮(mg/L)"].iloc[0] == "heading: NH3N in mg/L"


def test_english_headings_with_the_time_of_the_snapshot(write):
    reading = wq.read(
        write(
            "snap,province,basin,section,time,class,temp,pH,NH3N,chla,algae,status\n"
            "20251106T191202,甲省,海河流域,北闸,11-06 20:00,Ⅳ,12.6,8,0.12,0.004,*,正常\n"
            "20260101T000500,甲省,海河流域,北闸,12-31 20:00,,12.6,8,0.12,*,9,正常\n"
        )
    )
    assert sorted({str(time) for time in reading.samples["time"]}) == [
        "2025-11-06 20:00:00",
        "2025-12-31 20:00:00",
    ]
    one = reading.samples.set_index(["parameter", "time"])
    assert one.loc[("CHLA", "2025-11-06 20:00"), "value"] == pytest.approx(4)
    assert reading.samples["reported_class"].dropna().unique().tolist() == [4]


PAGE = """<!DOCTYPE html><html><head><title>实时数据</title></head><body>
<table id="other"><tr><td>菜单</td></tr></table>
<table id="gridHd"><tr>{head}</tr></table><ul><li><table><tbody><tr>{row}</tr></tbody></table></li>
<li><table class="b"><tbody><tr>{down}</tr></tbody></table></li></ul><p>页脚</body></html>"""


def test_a_saved_page(write):
    def tip(markup: str) -> str:  # as the page's script leaves the tooltips
        return markup.replace("title='", 'title="" data-original-title=\'').replace("&#10;", "\n")

    head = "".join(f"<td class='p'>{heading.replace('<br/>', '<br>')}</td>" for heading in HEAD)
    row = "".join(f"<td><span>{tip(text)}</span></td>" for text in GATE)
    down = "".join(f"<td>{text or '&nbsp;'}</td>" for text in DOWN)
    page = PAGE.format(head=head, row=row, down=down)
    reading = wq.read(write(page, "20210101T080000_main.html"))
    same = wq.read(day(write, "2021-01-01.json", GATE, DOWN))
    pd.testing.assert_frame_equal(reading.samples, same.samples)
    pd.testing.assert_frame_equal(reading.stations, same.stations)
    assert reading.counts == same.counts


def test_a_page_without_the_table(write):
    with pytest.raises(ReadError, match="no table with a heading for the station"):
        wq.read(write("<table><tr><td>1</td></tr></table>", "2021-01-01.html"))


def real_folder() -> Path:
    return Path(os.environ["WQSTUDY_DATA"], "cnemc")


@pytest.fixture(scope="module")
def days():
    return wq.read(real_folder() / "daily_json")


@pytest.mark.real("cnemc/daily_json")
def test_every_cell_of_the_real_days_is_accounted_for(days):
    counts = days.counts
    assert days.ledger["file"].nunique() == 330
    assert counts["cells"] == 35_946 * 11
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]
    assert len(days.samples) == counts["kept"] + counts["changed"]
    lines = days.ledger[days.ledger["action"] != "not_data"]
    assert not lines.duplicated(["file", "row", "column"]).any()
    assert not (lines["reason"] == "not a number").any()


@pytest.mark.real("cnemc/daily_json")
def test_real_ledger_rows_are_the_files_rows(days):
    lines = days.ledger[(days.ledger["action"] == "changed") & (days.ledger["column"] == "总磷(mg/L)")]
    for line in lines.iloc[:: len(lines) // 7].itertuples():
        feed = json.loads((real_folder() / "daily_json" / line.file[:7] / line.file).read_text("utf-8"))
        assert feed["tbody"][line.row - 2][12] == line.raw


@pytest.mark.real("cnemc/daily_json")
def test_counts_of_the_days_that_hold_the_hundred_sections(tmp_path):
    """8 and 9 May 2020 hold the whole network, the other 328 days about 98 sections."""
    for file in sorted((real_folder() / "daily_json").glob("*/*.json")):
        if file.stem not in ("2020-05-08", "2020-05-09"):
            (tmp_path / file.name).symlink_to(file)
    samples = wq.read(tmp_path).samples
    counts = samples["parameter"].value_counts()
    assert counts[["NH3N", "TP", "CODMn"]].tolist() == [22_078, 17_176, 22_501]
    classed = samples.dropna(subset="reported_class")
    assert len(classed.drop_duplicates(["station", "time"])) == 20_863
    assert (samples["time"] >= "2020-05-09").all()


@pytest.mark.real("cnemc/daily_json")
def test_real_counts_of_all_days(days):
    once = days.samples.drop_duplicates(["station", "time", "parameter", "value"])
    counts = once["parameter"].value_counts()
    assert counts[["NH3N", "TP", "CODMn"]].tolist() == [25_358, 20_652, 26_113]
    assert len(days.stations) == 1_902
    assert days.samples["time"].between("2019-09-01", "2021-04-06").all()
    known = days.stations.dropna(subset="river")
    assert known["water_body"].notna().all()
    assert days.stations["water_body"].value_counts().to_dict() == {"river": 88, "lake": 12}
    admit("stations", days.stations)


@pytest.mark.real("cnemc")
def test_real_four_hourly_table():
    """42,557 rows have a class; 190 of them have no time, and 4,240 others repeat a section's time."""
    reading = wq.read(real_folder() / "four_hourly_2021-04-01_05.csv.gz", ["水温", "pH", "NH3N"])
    assert reading.counts["cells"] == 46_183 * 3
    assert len(reading.stations) == 1_698
    assert reading.stations["province"].notna().all()
    assert reading.samples["time"].between("2021-02-01", "2021-04-06").all()


@pytest.mark.real("cnemc")
def test_real_snapshots():
    reading = wq.read(real_folder() / "snapshots_2025-11.csv.gz")
    assert reading.counts["cells"] == 8_732 * 11
    assert len(reading.stations) == 1_781
    assert set(reading.samples["time"].dt.strftime("%Y-%m")) == {"2025-11"}
    classed = reading.samples.dropna(subset="reported_class")
    assert len(classed.drop_duplicates(["station", "time"])) == 8_187
