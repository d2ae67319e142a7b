"""Measures with their amounts beside the effects."""

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import ArgumentError, Study
from wqstudy.effects import measures_beside


@pytest.fixture(scope="module")
def told(small):
    return wq.evaluate(small, parameters=["TP"])


def test_every_measure_stands_beside_every_effect(small, told):
    more = pd.DataFrame({"district": ["甲"], "measure": ["清淤"], "start": ["2018-09-01"], "amount": [5e4]})
    study = Study(small.samples, small.stations, pd.concat([small.measures, more.assign(unit="m3")]))
    table = measures_beside(study, told)
    assert table[["district", "measure", "amount", "unit"]].to_numpy().tolist() == [
        ["甲", "截污纳管", 42.0, "km"],
        ["甲", "清淤", 50000.0, "m3"],
        ["乙", "封排污口", 17.0, "个"],
    ]
    effects = told.table().set_index("district")
    assert table["effect_percent"].tolist() == effects.loc[table["district"], "effect_percent"].tolist()
    assert table["verdict"].tolist() == effects.loc[table["district"], "verdict"].tolist()


def test_units_within_a_district_have_its_measures(small):
    table = measures_beside(small, wq.evaluate(small, "river", parameters=["TP"]))
    assert table.loc[table["river"].str.startswith("甲"), "measure"].unique().tolist() == ["截污纳管"]


def test_without_measures_it_says_so(small, told):
    with pytest.raises(ArgumentError, match="no measures"):
        measures_beside(Study(small.samples, small.stations), told)
