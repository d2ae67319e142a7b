"""Wide tables: one row a sample, one column a parameter."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq

WIDE = """\
断面名称,采样时间,区县,河道,水体类型,经度,纬度,氨氮(mg/L),TP (μg/L),CODMn,method,备注
北桥,2021-04-05,东区,清河,河流,113.5,22.5,0.31,<20,3.1,HJ 535,
北桥,2021/5/6 08:00,东区,清河,河流,113.5,22.5,未检出,"1,200",--,HJ 535,
南湖,2021-04-05,西区,南湖,湖库,113.6,22.4,0.5L,0,abc,HJ 536,
"""


@pytest.fixture
def reading(write):
    return wq.read(write(WIDE, "监测.csv"))


def test_samples(reading):
    expected = pd.DataFrame(
        [
            ("北桥", "2021-04-05", "NH3N", 0.31, "none", "HJ 535"),
            ("北桥", "2021-05-06 08:00", "NH3N", 0.025, "left", "HJ 535"),
            ("南湖", "2021-04-05", "NH3N", 0.5, "left", "HJ 536"),
            ("北桥", "2021-04-05", "TP", 0.02, "left", "HJ 535"),
            ("北桥", "2021-05-06 08:00", "TP", 1.2, "none", "HJ 535"),
            ("南湖", "2021-04-05", "TP", 0.01, "left", "HJ 536"),
            ("北桥", "2021-04-05", "CODMn", 3.1, "none", "HJ 535"),
        ],
        columns=["station", "time", "parameter", "value", "censored", "method"],
    )
    expected["time"] = pd.to_datetime(expected["time"], format="ISO8601").astype("datetime64[us]")
    pd.testing.assert_frame_equal(reading.samples, expected)


def test_columns_have_plain_types(reading):
    assert [str(kind) for kind in reading.samples.dtypes] == [
        "str",
        "datetime64[us]",
        "str",
        "float64",
        "str",
        "str",
    ]
    assert [str(kind) for kind in reading.ledger.dtypes] == ["str", "str", "Int64", *["str"] * 4, "float64"]


def test_ledger(reading):
    ledger = reading.ledger
    assert set(ledger["file"]) == {"监测.csv"}
    assert ledger["sheet"].isna().all()
    headings = ledger[ledger["action"] == "not_data"]
    assert headings["row"].tolist() == [1, 1, 1]
    assert headings["column"].tolist() == headings["raw"].tolist() == ["氨氮(mg/L)", "TP (μg/L)", "CODMn"]
    assert headings["reason"].tolist() == [
        "heading: NH3N in mg/L",
        "heading: TP in ug/L, multiplied by 0.001 to mg/L",
        "heading: CODMn without a unit, taken as mg/L",
    ]
    lines = ledger[ledger["action"] != "not_data"].drop(columns=["file", "sheet"])
    put_in = "put in, left-censored"
    undetected = f"not detected, no limit given: the detection limit 0.025 mg/L of HJ 535-2009 {put_in}"
    zero = (
        f"a concentration of zero cannot be measured: the detection limit 0.01 mg/L of GB 11893-89 {put_in}"
    )
    below, thousands = "below a limit: left-censored at it", "thousands separators taken out"
    assert lines.astype(object).where(lines.notna(), None).to_numpy().tolist() == [
        [3, "氨氮(mg/L)", "未检出", "changed", undetected, 0.025],
        [4, "氨氮(mg/L)", "0.5L", "changed", below, 0.5],
        [2, "TP (μg/L)", "<20", "changed", below, 0.02],
        [3, "TP (μg/L)", "1,200", "changed", thousands, 1.2],
        [4, "TP (μg/L)", "0", "changed", zero, 0.01],
        [3, "CODMn", "--", "dropped", "marked as missing", None],
        [4, "CODMn", "abc", "dropped", "not a number", None],
    ]


def test_counts(reading):
    assert reading.counts == {"cells": 9, "kept": 2, "changed": 5, "dropped": 2}


def test_stations(reading):
    pd.testing.assert_frame_equal(
        reading.stations,
        pd.DataFrame(
            {
                "station": ["北桥", "南湖"],
                "district": ["东区", "西区"],
                "river": ["清河", "南湖"],
                "water_body": ["river", "lake"],
                "lon": [113.5, 113.6],
                "lat": [22.5, 22.4],
            }
        ),
    )


def test_only_the_parameters_asked_for(write):
    path = write(WIDE + "南湖,坏,西区,南湖,湖库,,,1,2,3,,\n")
    reading = wq.read(path, parameters=["总磷"])
    assert set(reading.samples["parameter"]) == {"TP"}
    assert reading.counts == {"cells": 4, "kept": 0, "changed": 3, "dropped": 1}
    assert set(reading.ledger["column"]) == {"TP (μg/L)"}
    assert "CODMn" not in reading.samples
    assert wq.read(path, "TP").counts == reading.counts


def test_a_unit_of_a_parameter_not_asked_for_does_not_matter(write):
    reading = wq.read(write("station,time,TP,TN (furlong)\na,2021-01-01,1,2\n"), "TP")
    assert list(reading.samples["parameter"]) == ["TP"]


def test_rows_without_station_or_time_lose_their_cells(write):
    reading = wq.read(
        write("station,time,TP,TN\na,2021-01-01,1,2\n,2021-01-02,3,<4\nb,,5,\n --,soon,7,8\nb,soon,9,10\n")
    )
    assert len(reading.samples) == 2
    lost = reading.ledger[reading.ledger["action"] == "dropped"].set_index(["column", "row"])["reason"]
    assert lost["TP"].to_dict() == {
        3: "station is blank",
        4: "time is blank",
        5: "station is blank",
        6: "time 'soon' is not understood",
    }
    assert lost["TN"].to_dict() == lost["TP"].to_dict()
    assert reading.counts == {"cells": 10, "kept": 2, "changed": 0, "dropped": 8}


def test_rows_are_those_of_the_spreadsheet(write):
    # a cell with a line break is one row; an empty line is a row
    reading = wq.read(write('station,time,TP,note\na,2021-01-01,1,"two\nlines"\n\na,2021-01-02,<2,\n'))
    changed = reading.ledger[reading.ledger["action"] == "changed"]
    assert changed["row"].tolist() == [4]
    assert reading.ledger.loc[reading.ledger["row"] == 3, "reason"].tolist() == ["blank row"]
    assert reading.samples["note"].tolist()[0] == "two\nlines"


def test_headings_may_begin_later_and_rows_may_be_short(write):
    reading = wq.read(write("\n\nstation,time,TP,TN\na,2021-01-01,1\na,2021-01-02,<1,3,,\n"))
    assert reading.counts == {"cells": 4, "kept": 2, "changed": 1, "dropped": 1}
    assert reading.ledger["row"].tolist() == [3, 3, 5, 4]


def test_carried_columns(write):
    reading = wq.read(
        write("station,time,TP,,empty,备注,备注,断面编码\na,2021-01-01,1,x,,p,q,007\nb,2021-01-01,2,,,r,,8\n")
    )
    carried = reading.samples.iloc[:, 5:]
    assert list(carried) == ["column_4", "备注", "备注.7", "断面编码"]
    assert carried["断面编码"].tolist() == ["007", "8"], "text stays text"
    assert carried["column_4"].isna().tolist() == [False, True]


def test_temperature_below_zero_and_odd_ph_are_kept(write):
    reading = wq.read(write("station,time,水温(℃),pH\na,2021-01-01,-1.5,71\n"))
    assert reading.counts["kept"] == 2
    assert reading.samples["value"].tolist() == [-1.5, 71.0]


def test_zero_flow_is_a_flow(write):
    reading = wq.read(write("station,time,流量(L/s)\na,2021-01-01,0\na,2021-01-02,1500\na,2021-01-03,-2\n"))
    assert reading.samples["value"].tolist() == [0.0, 1.5]
    assert reading.ledger.iloc[-1]["reason"] == "negative, which spot flow cannot be"


def test_all_cells_dropped(write):
    reading = wq.read(write("station,time,TP\na,2021-01-01,\n"))
    assert len(reading.samples) == 0
    assert [str(kind) for kind in reading.samples.dtypes] == [
        "str",
        "datetime64[us]",
        "str",
        "float64",
        "str",
    ]
    assert reading.stations["station"].tolist() == ["a"]


def test_parquet_with_typed_columns(tmp_path):
    frame = pd.DataFrame(
        {
            "station": pd.Categorical(["a", "a", "b"]),
            "time": pd.to_datetime(["2021-01-01", "2021-01-02", None]),
            "TP (ug/L)": [12.5, np.nan, 3.0],
            "TN": [1, 0, 2],
            "CODMn": ["3", "<0.5", None],
            "depth": [0.5, 1.5, 2.5],
            "checked": [True, False, True],
        }
    )
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    reading = wq.read(path)
    assert reading.samples["parameter"].tolist() == ["TP", "TN", "TN", "CODMn", "CODMn"]
    assert reading.samples["value"].tolist() == [0.0125, 1.0, 0.05, 3.0, 0.5]
    assert reading.samples["depth"].dtype == "float64"
    assert reading.samples["checked"].dtype == "bool"
    assert reading.counts == {"cells": 9, "kept": 3, "changed": 2, "dropped": 4}
    dropped = reading.ledger[reading.ledger["action"] == "dropped"]
    assert dropped["row"].tolist() == [3, 4, 4, 4]
    assert dropped["reason"].tolist() == ["blank", *["time is blank"] * 3]


def test_parquet_with_an_index(tmp_path):
    frame = pd.DataFrame({"station": ["a"], "time": pd.to_datetime(["2021-01-01"]), "TP": [1.0]})
    frame.set_index(["station", "time"]).to_parquet(tmp_path / "t.parquet")
    assert wq.read(tmp_path / "t.parquet").counts["kept"] == 1


@pytest.mark.parametrize("station", [[101, 7], [101.0, 7.0], [None, 7]])
def test_numbers_as_station_names(tmp_path, station):
    frame = pd.DataFrame({"station": station, "time": ["2021-01-01", "2021-01-02"], "TP": [1.0, 2.0]})
    frame.to_parquet(tmp_path / "t.parquet")
    assert wq.read(tmp_path / "t.parquet").samples["station"].tolist()[-1] == "7"


def test_dates_of_parquet_stay_as_they_are(tmp_path):
    zoned = pd.to_datetime(["2021-01-01 08:00"]).tz_localize("Asia/Shanghai")
    pd.DataFrame({"station": ["a"], "time": zoned, "TP": [1.0]}).to_parquet(tmp_path / "t.parquet")
    assert wq.read(tmp_path / "t.parquet").samples["time"][0] == zoned[0]
