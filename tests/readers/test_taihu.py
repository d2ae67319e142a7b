"""The workbook of Lake Taihu: a sheet of the same shape, and the real one."""

import os
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from wqstudy.errors import ReadError
from wqstudy.readers import FORMATS, taihu
from wqstudy.samples import ACTIONS

HEADINGS = [
    "台站代码",
    "年份",
    "月份",
    "观测站代码",
    "透明度(m)",
    "水深(m)",
    "亚硝酸盐氮(μg/L)",
    "氨态氮(mg/L)",
    "化学需氧量(mg/L)",
    "备注",
]


@pytest.fixture
def workbook(tmp_path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    sheet.append(["THL", 2007, 1, "THL00", 0.4, 3.1, 54.42, 3.2647, 5.5, "绿色数字表示离群值"])
    sheet.append(["THL", 2008, 12, "THL01", 0, "/", 2.5, 0.1, 4, None])
    sheet["G2"].font = Font(color="FF00B050")
    sheet["H3"].font = Font(color="FFFF0000")
    sheet["I3"].font = Font(color="FF123456")
    book.save(tmp_path / "taihu.xlsx")
    return tmp_path / "taihu.xlsx"


def read(path: Path, wanted=None):
    (sheet,) = taihu.load(path)
    form = next(form for form in FORMATS if form.recognises(sheet))
    assert form.name == "taihu"
    return form.read(sheet, wanted)


def test_same_shape(workbook):
    part = read(workbook)
    samples = part.samples.set_index(["station", "parameter"])
    assert samples.loc[("THL00", "NO2N"), "value"] == pytest.approx(0.05442)
    assert samples.loc[("THL01", "SD"), ["value", "censored"]].to_list() == [0, "none"]
    assert samples.loc[("THL00", "CODMn"), "value"] == 5.5
    assert "CODCr" not in part.samples["parameter"].to_numpy()
    assert set(part.samples["time"].astype(str)) == {"2007-01-01", "2008-12-01"}
    assert samples["flag"].dropna().to_dict() == {("THL00", "NO2N"): "green", ("THL01", "NH3N"): "red"}
    assert set(samples["remark"].dropna()) == {"绿色数字表示离群值"}
    lines = part.ledger[part.ledger["action"] != "not_data"]
    assert part.kept == 9
    assert lines[["row", "column", "raw", "reason"]].to_numpy().tolist() == [
        [3, "水深(m)", "/", "marked as missing"]
    ]
    places = part.places[part.places["role"] != ""]
    assert set(places.loc[places["role"] == "water_body", "text"]) == {"lake"}


def test_the_ledger_tells_the_doubt_and_the_colours(workbook):
    ledger = read(workbook).ledger
    told = ledger.loc[ledger["column"] == "化学需氧量(mg/L)", "reason"].item()
    assert "taken as the permanganate index" in told
    assert "does not name the method" in told
    assert ledger["reason"].str.contains("1 numbers in green, 离群值").sum() == 1
    assert ledger["reason"].str.contains("1 numbers in red, 异常值").sum() == 1


def test_only_the_parameters_asked_for(workbook):
    part = read(workbook, ["NH3N"])
    assert part.samples["parameter"].tolist() == ["NH3N", "NH3N"]
    assert part.samples["flag"].fillna("").tolist() == ["", "red"]


def test_what_is_no_workbook(tmp_path):
    (tmp_path / "a.xlsx").write_text("x")
    with pytest.raises(ReadError, match="cannot be opened"):
        taihu.load(tmp_path / "a.xlsx")


@pytest.mark.real("lake-taihu")
def test_real_workbook():
    part = read(Path(os.environ["WQSTUDY_DATA"], "lake-taihu", "taihu_physicochem_2007_2015.xlsx"))
    samples = part.samples
    lines = part.ledger[part.ledger["action"].isin(ACTIONS[:2])]
    assert part.kept + len(lines) == 864 * 16
    for code in ("NH3N", "TP", "TN", "CODMn", "DO", "PH"):
        one = samples[samples["parameter"] == code]
        assert len(one) == 8 * 108
        assert (one.groupby("station")["time"].nunique() == 108).all()
    assert samples["time"].dt.year.between(2007, 2015).all()
    assert samples["flag"].value_counts().to_dict() == {"green": 407, "red": 212}
    assert samples.loc[samples["parameter"] == "NO2N", "value"].median() < 0.05
