"""Tidy tables: one row a value."""

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.outputs import write_table

TIDY = """\
站点,监测时间,监测项目,监测值,单位,实验室
北桥,2021-04-05,氨氮,0.31,mg/L,A
北桥,2021-04-05,总磷,120,μg/L,A
北桥,2021-04-05,TP,<20,ug/L,B
南桥,2021-04-06,CODMn,3.2,,B
南桥,2021-04-06,氨氮,未检出,mg/L,
,2021-04-06,氨氮,1,mg/L,
南桥,2021-04-07,,1,mg/L,
"""


def test_samples_and_units(write):
    samples = wq.read(write(TIDY)).samples
    assert samples["parameter"].tolist() == ["NH3N", "TP", "TP", "CODMn", "NH3N"]
    assert samples["value"].tolist() == [0.31, 0.12, 0.02, 3.2, 0.025]
    assert samples["censored"].tolist() == ["none", "none", "left", "none", "left"]
    assert list(samples) == ["station", "time", "parameter", "value", "censored", "实验室"]


def test_ledger(write):
    reading = wq.read(write(TIDY))
    assert reading.counts == {"cells": 7, "kept": 3, "changed": 2, "dropped": 2}
    ledger = reading.ledger
    assert ledger.loc[ledger["action"] == "dropped", "reason"].tolist() == [
        "station is blank",
        "parameter is blank",
    ]
    assert ledger.loc[ledger["action"] == "dropped", "row"].tolist() == [7, 8]
    assert set(ledger.loc[ledger["action"] != "not_data", "column"]) == {"监测值"}
    notes = ledger[ledger["action"] == "not_data"]
    replicates = notes[notes["row"] == 3]
    assert replicates["reason"].tolist() == ["several samples of one station and time, all kept: rows 3, 4"]
    notes = notes.drop(replicates.index)
    assert set(notes["row"]) == {1}
    assert notes["reason"].tolist() == [
        "heading: values, in the units of column '单位'",
        "TP in ug/L: multiplied by 0.001 to mg/L",
        "CODMn where no unit is given: taken in mg/L",
    ]


def test_parameters_asked_for_hide_the_others_even_unknown_ones(write):
    path = write(
        "station,time,parameter,value\na,2021-01-01,TP,1\na,2021-01-01,colour,x\na,2021-01-01,TN,2\n"
    )
    reading = wq.read(path, ["TP"])
    assert reading.counts == {"cells": 1, "kept": 1, "changed": 0, "dropped": 0}
    note = reading.ledger[reading.ledger["raw"] == "colour"].iloc[0]
    assert (note["row"], note["action"]) == (3, "not_data")
    assert "not in the catalogue" in note["reason"]


def test_stated_censoring_needs_no_ledger_line(write):
    reading = wq.read(
        write(
            "station,time,parameter,value,censored\n"
            "a,2021-01-01,TP,0.01,left\na,2021-01-02,TP,9,right\na,2021-01-03,TP,1,none\na,2021-01-04,TP,2,\n"
            "a,2021-01-05,TP,0.02,<\na,2021-01-06,TP,>3,left\n"
        )
    )
    assert reading.samples["censored"].tolist() == ["left", "right", "none", "none", "left"]
    assert reading.counts == {"cells": 6, "kept": 5, "changed": 0, "dropped": 1}
    assert "contradicts" in reading.ledger.iloc[-1]["reason"]


@pytest.fixture
def samples():
    rng = np.random.default_rng(20210405)
    n = 500
    return pd.DataFrame(
        {
            "station": rng.choice(["北桥", "a,b", 'say "x"', "007", "NA"], n),
            "time": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**15, n), unit="us"),
            "parameter": rng.choice(["NH3N", "TP", "WT", "FLOW"], n),
            "value": np.exp(rng.normal(0, 20, n)),
            "censored": rng.choice(["none", "left", "right"], n),
            "sample_no": rng.choice(["1", "02"], n),
        }
    ).astype(
        {
            "station": "str",
            "parameter": "str",
            "censored": "str",
            "sample_no": "str",
            "time": "datetime64[us]",
        }
    )


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_what_was_written_is_read_back_exactly(samples, tmp_path, ending):
    reading = wq.read(write_table(samples, tmp_path / f"samples{ending}"))
    pd.testing.assert_frame_equal(reading.samples, samples, check_exact=True)
    assert reading.counts == {"cells": 500, "kept": 500, "changed": 0, "dropped": 0}
    assert set(reading.ledger["action"]) == {"not_data"}


def test_dates_alone_are_read_back_exactly(samples, tmp_path):
    samples["time"] = samples["time"].dt.normalize()
    reading = wq.read(write_table(samples, tmp_path / "samples.csv"))
    pd.testing.assert_frame_equal(reading.samples, samples, check_exact=True)


def test_carried_columns_of_parquet_keep_their_types(samples, tmp_path):
    samples["depth"] = np.float32(0.5)
    samples["flag"] = pd.Categorical(["ok"] * len(samples))
    samples["seen"] = samples["time"]
    samples["count"] = pd.array([1, None] * 250, dtype="Int64")
    reading = wq.read(write_table(samples, tmp_path / "samples.parquet"))
    pd.testing.assert_frame_equal(reading.samples, samples, check_exact=True)


def test_wide_and_tidy_agree(write):
    wide = wq.read(
        write("station,time,TP (ug/L),氨氮\na,2021-01-01,<20,1\nb,2021-01-02,,0\nb,2021-01-03,40,ND\n")
    )
    tidy = wq.read(
        write(
            "station,time,parameter,value,unit\n"
            "a,2021-01-01,TP,<20,ug/L\nb,2021-01-02,TP,,ug/L\nb,2021-01-03,TP,40,ug/L\n"
            "a,2021-01-01,氨氮,1,\nb,2021-01-02,氨氮,0,\nb,2021-01-03,氨氮,ND,\n",
            "tidy.csv",
        )
    )
    pd.testing.assert_frame_equal(wide.samples, tidy.samples)
    assert wide.counts == tidy.counts
