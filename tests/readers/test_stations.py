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
    write("station,time,TP,river\na,2021-01-01,1,Xi\n", "1.csv")
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
