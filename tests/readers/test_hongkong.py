"""Hong Kong's river tables: a table of the same shape, and the real ones."""

import os
from pathlib import Path

import pytest

import wqstudy as wq
from wqstudy.schemas import admit

SAME_SHAPE = (
    '\ufeff"Water Control Zone","River","Station","Dates","Sample No",'
    '"Ammonia-Nitrogen (mg/L)","Copper (μg/L)","E. coli (counts/100mL)","Flow (m³/s)","pH"\n'
    '"Bay","Long River","LR1","1986-04-29","1","0.31","<1","null","0","7.1"\n'
    '"Bay","Long River","LR1","1986-04-29","2","<0.02","4","320000","null",""\n'
    '"","","NZ1","1986-05-19","1","<null",">9","0","0.05","6.9"\n'
)


def test_same_shape(write):
    reading = wq.read(write(SAME_SHAPE))
    assert list(reading.samples) == ["station", "time", "parameter", "value", "censored", "sample_no"]
    assert reading.counts == {"cells": 15, "kept": 8, "changed": 3, "dropped": 4}
    assert reading.stations.astype(object).where(reading.stations.notna(), None).to_numpy().tolist() == [
        ["LR1", "Bay", "Long River", "river"],
        ["NZ1", None, None, "river"],
    ]
    ecoli = reading.samples.query("parameter == 'ECOLI'")
    assert ecoli["value"].tolist() == [3.2e6, 0.0]
    copper = reading.samples.query("parameter == 'CU'")
    assert copper["value"].tolist() == [0.001, 0.004, 0.009]
    assert copper["censored"].tolist() == ["left", "none", "right"]
    assert copper["sample_no"].tolist() == ["1", "2", "1"]
    assert reading.samples.query("parameter == 'FLOW'")["value"].tolist() == [0.0, 0.05]


@pytest.fixture(scope="module")
def real():
    return wq.read(Path(os.environ["WQSTUDY_DATA"], "hongkong-rivers"))


@pytest.mark.real
def test_every_cell_of_the_real_tables_is_accounted_for(real):
    counts = real.counts
    assert counts["cells"] == 31_865 * 51
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]
    assert len(real.samples) == counts["kept"] + counts["changed"]
    assert not real.samples.drop(columns="flag").isna().any(axis=None)
    assert real.samples["flag"].notna().sum() == 30, "flows of 1989 and an early arsenic"
    notes = real.ledger[real.ledger["action"] == "not_data"]
    assert notes["reason"].str.startswith("unit?").sum() == 5
    assert len(notes) == 35 * 51 + 5
    assert real.ledger["file"].nunique() == 35


@pytest.mark.real
@pytest.mark.parametrize(
    ("code", "values", "non_detects"),
    [("NH3N", 31_858, 477), ("TP", 31_852, 2_146), ("CODCr", 31_853, None), ("FLOW", 20_863, None)],
)
def test_real_counts(real, code, values, non_detects):
    one = real.samples[real.samples["parameter"] == code]
    assert len(one) == values
    if non_detects is not None:
        assert (one["censored"] == "left").sum() == non_detects


@pytest.mark.real
def test_real_zero_flows_are_kept(real):
    flow = real.samples[real.samples["parameter"] == "FLOW"]
    assert ((flow["value"] == 0) & (flow["censored"] == "none")).sum() == 330


@pytest.mark.real
def test_real_stations(real):
    stations = real.stations
    assert len(stations) == stations["station"].nunique() == real.samples["station"].nunique() == 87
    assert stations["river"].nunique() == 34
    assert stations["district"].nunique() == 8
    assert set(stations["water_body"]) == {"river"}
    lost = stations[stations["district"].isna()]
    assert sorted(lost["station"]) == ["DB4", "DB7", "ST1", "ST2", "TR20A"]
    assert lost["river"].isna().all()


@pytest.mark.real
def test_real_dates_and_units(real):
    assert real.samples["time"].min().year == 1986
    assert real.samples["time"].max().year == 2020
    told = (
        real.ledger[real.ledger["action"] == "not_data"]
        .drop_duplicates("column")
        .set_index("column")["reason"]
    )
    assert told["Lead (μg/L)"] == "heading: PB in ug/L, multiplied by 0.001 to mg/L"
    assert told["Dissolved Oxygen (%saturation)"] == "heading: DOSAT in %"


@pytest.mark.real
def test_real_samples_pass_the_door_of_a_study(real):
    some = real.samples[real.samples["parameter"].isin(["TP", "FLOW"])]
    admit("samples", some)
    admit("stations", real.stations)


@pytest.mark.real
def test_only_the_parameters_asked_for():
    file = Path(os.environ["WQSTUDY_DATA"], "hongkong-rivers", "river-historical-2020-en.csv")
    reading = wq.read(file, ["总磷", "NH3-N"])
    assert set(reading.samples["parameter"]) == {"TP", "NH3N"}
    assert reading.counts["cells"] == 2 * (len(file.read_text("utf-8-sig").splitlines()) - 1)
