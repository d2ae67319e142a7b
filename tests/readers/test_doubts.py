"""Repeats, renamed stations and units in doubt: told, never mended silently."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import wqstudy as wq
from wqstudy.cli import app
from wqstudy.folder import open_study
from wqstudy.readers.names import renamed


def test_the_same_again_is_dropped_and_what_differs_is_kept(write):
    reading = wq.read(
        write(
            "序号,断面,日期,TP,TN\n1,a,2021-01-01,1,<2\n2,a,2021-01-01,1,<2\n3,a,2021-01-01,3,<2\n"
            "4,a,2021-01-02,1,2\n"
        )
    )
    assert reading.samples[["parameter", "value"]].to_numpy().tolist() == [
        ["TP", 1.0],
        ["TP", 3.0],
        ["TP", 1.0],
        ["TN", 2.0],
        ["TN", 2.0],
    ]
    lost = reading.ledger[reading.ledger["action"] == "dropped"]
    assert lost[["row", "column", "raw", "reason"]].to_numpy().tolist() == [
        [3, "TP", "1", "duplicate of row 2"],
        [3, "TN", "<2", "duplicate of row 2"],
        [4, "TN", "<2", "duplicate of row 2"],
    ]
    note = reading.ledger[reading.ledger["reason"].str.startswith("several")].iloc[0]
    assert (note["row"], note["action"]) == (2, "not_data")
    assert note["reason"].endswith("all kept: rows 2, 4")


def test_another_sample_number_is_another_sample(write):
    reading = wq.read(write("断面,日期,样品编号,TP\na,2021-01-01,1,1\na,2021-01-01,2,1\n"))
    assert reading.counts["kept"] == 2


@pytest.mark.parametrize(
    ("names", "station"),
    [
        (["新安(旧城渡)", "旧城渡"], {"新安(旧城渡)": "新安", "旧城渡": "新安"}),
        (["新安(旧城渡)", "新安"], {"新安(旧城渡)": "新安"}),
        (["新安(原旧城渡)", "新安", "旧城渡"], {"新安(原旧城渡)": "新安", "旧城渡": "新安"}),
        (["新安(旧城渡)", "别处"], {}),
        (["北桥(左)", "北桥(右)", "北桥"], {}),
        (["北桥(1#)", "北桥"], {}),
        (["北桥(左岸)", "北桥"], {}),
        (["北桥(国控)", "北桥"], {}),
        (["南闸(闸上)", "南闸"], {}),
        (["甲地(旧城渡)", "乙地(旧城渡)", "旧城渡"], {}),
    ],
)
def test_renamed(names, station):
    assert renamed(names) == station


def test_a_renamed_station_is_one_in_a_whole_folder(write, tmp_path):
    write("断面,日期,区县,TP\n旧城渡,2020-01-01,甲,1\n", "2020.csv")
    write("断面,日期,区县,TP\n新安（旧城渡）,2021-01-01,甲,1\n北桥 （左）,2021-01-01,乙,1\n", "2021.csv")
    reading = wq.read(tmp_path)
    assert reading.samples["station"].tolist() == ["新安", "新安", "北桥 (左)"]
    assert reading.stations["station"].tolist() == ["新安", "北桥 (左)"]
    assert reading.aliases.to_dict("list") == {
        "alias": ["新安(旧城渡)", "旧城渡"],
        "station": ["新安", "新安"],
    }
    told = reading.ledger[reading.ledger["reason"].str.contains("renamed")]
    assert told["reason"].unique().tolist() == ["station renamed: counted as 新安"]
    study = open_study(tmp_path)
    assert study.aliases is not None
    assert study.aliases["alias"].tolist() == ["新安(旧城渡)", "旧城渡"]


def slipped(factor: float, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(20210405)
    value = 0.2 * np.exp(rng.normal(0, 0.5, 40))
    value[20 : 20 + n] *= factor
    time = pd.date_range("2020-01-05", periods=40, freq="7D")
    return pd.DataFrame({"station": "a", "time": time, "NH3N": value, "CODMn": value + 3})


@pytest.mark.parametrize(("factor", "n", "flagged"), [(1000, 6, 6), (1e-3, 6, 6), (1000, 2, 0), (30, 6, 0)])
def test_a_unit_that_slipped_is_flagged_and_not_mended(tmp_path, factor, n, flagged):
    table = slipped(factor, n)
    table.to_parquet(tmp_path / "t.parquet")
    reading = wq.read(tmp_path / "t.parquet")
    samples = reading.samples[reading.samples["parameter"] == "NH3N"]
    np.testing.assert_array_equal(samples["value"], table["NH3N"])
    told = reading.ledger[reading.ledger["reason"].str.startswith("unit?")]
    if not flagged:
        assert "flag" not in samples
        assert told.empty
        return
    assert np.flatnonzero(samples["flag"] == "unit?").tolist() == list(range(20, 20 + n))
    assert told["raw"].tolist()[0] == "a"
    assert "6 samples of NH3N from 2020-05-24 to 2020-06-28" in told["reason"].iloc[0]


def test_a_unit_that_slipped_between_files(write, tmp_path):
    for year, value in (("2020", 0.2), ("2021", 210.0)):
        rows = "".join(f"a,{year}-0{month}-01,{value + month / 50}\n" for month in range(1, 7))
        write("断面,日期,氨氮\n" + rows, f"{year}.csv")
    assert (wq.read(tmp_path).samples["flag"] == "unit?").sum() == 6


def test_the_command_line_reads_leniently_and_in_a_year(write, tmp_path):
    write("断面,日期,TP\na,04-05 08:00,1\n", "a.csv")
    write("nonsense", "b.xlsx")
    run = CliRunner().invoke(
        app, ["read", str(tmp_path), "--lenient", "--year", "2021", "--out", str(tmp_path / "out.csv")]
    )
    assert run.exit_code == 0, run.output
    assert "1 samples" in run.output
    assert "2021-04-05 08:00" in (tmp_path / "out.csv").read_text("utf-8-sig")


def test_a_large_text_table_keeps_what_the_file_says(tmp_path):
    n = 120_000
    table = pd.DataFrame(
        {
            "断面": np.repeat(["a", "b", "c"], n // 3),
            "日期": np.tile(pd.date_range("2000-01-01", periods=n // 3, freq="h").astype(str), 3),
            "氨氮(ug/L)": np.tile(["100.50", "200.00", "0.00"], n // 3),
            "TP": np.tile(["0.10", "<0.02", "0.30mg/L"], n // 3),
            "pH": "7.10",
            "TN": np.tile(["1", "-1.00", "2"], n // 3),
            "备注": "007",
        }
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    assert (tmp_path / "t.csv").stat().st_size > 4 << 20
    reading = wq.read(tmp_path / "t.csv")
    assert reading.counts == {"cells": 4 * n, "kept": 8 * n // 3, "changed": n, "dropped": n // 3}
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    assert lines.groupby("column")["raw"].unique().map(sorted).to_dict() == {
        "氨氮(ug/L)": ["0.00"],
        "TP": ["0.30mg/L", "<0.02"],
        "TN": ["-1.00"],
    }
    samples = reading.samples
    assert samples["备注"].unique().tolist() == ["007"]
    assert samples.groupby("parameter")["value"].unique().map(sorted).to_dict() == {
        "NH3N": [0.025, 0.1005, 0.2],
        "TP": [0.02, 0.1, 0.3],
        "PH": [7.1],
        "TN": [1.0, 2.0],
    }
    small = table.iloc[:: n // 60]
    small.to_csv(tmp_path / "s.csv", index=False)
    few = wq.read(tmp_path / "s.csv").samples
    pd.testing.assert_frame_equal(
        few.sort_values(["parameter", "station", "time"], ignore_index=True),
        samples.merge(few[["station", "time", "parameter"]], on=["station", "time", "parameter"])[
            list(few)
        ].sort_values(["parameter", "station", "time"], ignore_index=True),
    )


@pytest.mark.parametrize(
    ("second", "one"),
    [
        ("2021-02-01,辽宁省,2", True),  # the old name stopped, the new one goes on
        ("2021-01-01,辽宁省,2", False),  # both names on one day: two sections
        ("2021-02-01,海南省,2", False),  # in different provinces
    ],
)
def test_a_name_that_lives_beside_the_other_is_another_station(write, second, one):
    file = write(f"断面名称,日期,省份,总磷(mg/L)\n兴安,2021-01-01,辽宁省,1\n盘锦兴安(兴安),{second}\n")
    reading = wq.read(file)
    assert len(set(reading.samples["station"])) == (1 if one else 2)
    assert (len(reading.aliases) > 0) == one
    assert len(reading.samples) == 2
