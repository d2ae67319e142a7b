"""Data sets by name."""

import pytest

from wqstudy import ArgumentError, ReadError, datasets


def test_the_demonstration(demo):
    assert demo.simulated
    assert demo.truth is not None
    assert demo.reading is not None
    assert demo.parameters == ["NH3N", "TP", "CODMn"]
    assert (datasets.folder("demo") / "study.toml").is_file()


@pytest.mark.parametrize("ask", [datasets.load, datasets.folder])
def test_unknown_names(ask):
    with pytest.raises(ArgumentError, match="there is no data set 'taihu'") as caught:
        ask("taihu")
    assert caught.value.valid == ", ".join(datasets.names()) == "demo, hongkong"


@pytest.mark.parametrize("ask", [datasets.load, datasets.folder])
@pytest.mark.parametrize("there", [True, False])
def test_data_that_are_not_here_say_how_to_get_them(monkeypatch, tmp_path, ask, there):
    if there:
        monkeypatch.setenv("WQSTUDY_DATA", str(tmp_path))
    else:
        monkeypatch.delenv("WQSTUDY_DATA", raising=False)
    with pytest.raises(ReadError, match="are not on this computer") as caught:
        ask("hongkong")
    assert "WQSTUDY_DATA" in caught.value.mend
    assert "river-historical-YYYY-en.csv" in caught.value.mend


def test_a_folder_that_is_here(monkeypatch, tmp_path):
    (tmp_path / "hongkong-rivers").mkdir()
    monkeypatch.setenv("WQSTUDY_DATA", str(tmp_path))
    assert datasets.folder("hongkong") == tmp_path / "hongkong-rivers"


@pytest.mark.real
def test_rivers_of_hong_kong():
    study = datasets.load("hongkong")
    assert not study.simulated
    assert study.parameters == ["NH3N", "TP", "CODCr"]
    assert study.samples["time"].dt.year.agg(["min", "max"]).tolist() == [1986, 2020]
    blank = study.stations.loc[study.stations["district"].isna(), "station"]
    assert sorted(blank) == ["DB4", "DB7", "ST1", "ST2", "TR20A"]
