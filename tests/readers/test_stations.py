"""What files say about stations."""

import pandas as pd

import wqstudy as wq


def test_what_is_said_most_often_stands(write):
    reading = wq.read(
        write(
            "station,time,TP,district,river\n"
            "a,2021-01-01,1,East,\na,2021-01-02,1,West,Xi\na,2021-01-03,1,West,\nb,2021-01-01,1,,--\n"
            "c,2021-01-01,1,East,Xi\nc,2021-01-02,1,West,Dong\n"
        )
    )
    stations = reading.stations.set_index("station")
    assert stations.loc["a"].tolist() == ["West", "Xi"]
    assert stations.loc["b"].isna().all()
    assert stations.loc["c"].tolist() == ["East", "Xi"], "of equals, the first"


def test_what_is_said_most_often_in_all_files(write, tmp_path):
    write("station,time,TP,river\na,2020-12-31,1,Xi\n", "1.csv")
    write("station,time,TP,river\na,2021-01-01,1,Dong\na,2021-01-02,1,Dong\nb,2021-01-02,1,\n", "2.csv")
    write("station,time,TP\nz,2021-01-01,1\n", "3.csv")
    stations = wq.read(tmp_path).stations
    assert stations["station"].tolist() == ["a", "b", "z"]
    assert stations["river"].tolist()[0] == "Dong"
    assert stations["river"].isna().tolist() == [False, True, True]


def test_places_that_are_not_understood_are_left_blank_and_told(write):
    reading = wq.read(
        write(
            "station,time,TP,group,water_body,lon,lat\n"
            "a,2021-01-01,1,对照,水库,113.5,91\nb,2021-01-01,1,maybe,pond,N22,22.5\n"
        )
    )
    stations = reading.stations.set_index("station")
    assert stations.loc["a", ["group", "water_body", "lon"]].tolist() == ["control", "lake", 113.5]
    assert stations.loc["b", ["group", "water_body", "lon"]].isna().all()
    assert pd.isna(stations.loc["a", "lat"])
    told = reading.ledger[reading.ledger["reason"].str.endswith("left blank")]
    assert told[["row", "column", "raw"]].to_numpy().tolist() == [
        [3, "water_body", "pond"],
        [3, "group", "maybe"],
        [3, "lon", "N22"],
        [2, "lat", "91"],
    ]
    assert set(told["action"]) == {"not_data"}
    assert reading.counts == {"cells": 2, "kept": 2, "changed": 0, "dropped": 0}


def test_coordinates_keep_their_digits(tmp_path):
    lon = 113.123456789012
    pd.DataFrame(
        {"station": ["a"], "time": pd.to_datetime(["2021-01-01"]), "TP": [1.0], "lon": [lon], "lat": [22.1]}
    ).to_parquet(tmp_path / "t.parquet")
    assert wq.read(tmp_path / "t.parquet").stations["lon"][0] == lon


RIVERS = "river,station,time,TP\nXi,head,2021-01-01,1\nDong,head,2021-01-01,1\nXi,foot,2021-01-01,3\n"


def test_a_name_of_several_stations_bears_the_river(write):
    reading = wq.read(write(RIVERS))
    assert reading.samples["station"].tolist() == ["head·Xi", "head·Dong", "foot"]
    assert reading.samples["value"].tolist() == [1, 1, 3], "none is taken for a repetition of the other"
    assert reading.stations.set_index("station")["river"].to_dict() == {
        "head·Xi": "Xi",
        "head·Dong": "Dong",
        "foot": "Xi",
    }
    told = reading.ledger[reading.ledger["reason"].str.contains("a name of several stations")]
    assert told[["row", "column", "raw"]].to_numpy().tolist() == [[2, "river", "head"]]


def test_a_river_written_otherwise_on_another_day_parts_nothing(write):
    reading = wq.read(write("river,station,time,TP\nXi,a,2021-01-01,1\nXi River,a,2021-01-02,1\n"))
    assert reading.samples["station"].tolist() == ["a", "a"]


def test_the_first_place_that_parts_them_is_taken(write):
    text = (
        "province,river,station,time,parameter,value\n"
        "A,Xi,a,2021-01-01,TP,1\nB,Xi,a,2021-01-01,TP,1\nA,,b,2021-01-01,TP,1\n"
    )
    reading = wq.read(write(text))
    assert reading.samples["station"].tolist() == ["a·A", "a·B", "b"]


def test_files_of_rivers_that_name_their_stations_alike(write, tmp_path):
    write("river,station,time,TP\nXi,1#,2021-01-01,1\nXi,2#,2021-01-01,1\n", "1.csv")
    write("river,station,time,TP\nDong,1#,2021-01-01 08:00,1\n", "2.csv")
    write("river,station,time,TN\nDong He,2#,2021-01-01,1\n", "3.csv")
    reading = wq.read(tmp_path)
    assert reading.samples["station"].tolist() == ["1#·Xi", "2#", "1#·Dong", "2#"]
    assert reading.ledger["reason"].str.contains("a name of several stations").sum() == 1
