"""What a heading says."""

import pytest

from wqstudy.errors import ArgumentError
from wqstudy.parameters import catalogue
from wqstudy.readers.headings import parameter_and_unit, role_columns


@pytest.mark.parametrize(
    ("heading", "code", "unit"),
    [
        ("氨氮", "NH3N", None),
        ("氨氮(mg/L)", "NH3N", "mg/L"),
        ("氨氮（mg/L）", "NH3N", "mg/L"),
        ("氨氮 (毫克/升)", "NH3N", "mg/L"),
        ("氨氮/(mg/L)", "NH3N", "mg/L"),
        ("氨氮\n(mg/L)", "NH3N", "mg/L"),
        ("氨氮(NH3-N)(mg/L)", "NH3N", "mg/L"),
        ("氨氮（以N计）", "NH3N", None),
        ("NH3-N (μg/L)", "NH3N", "ug/L"),
        ("NH3-N (µg/L)", "NH3N", "ug/L"),
        ("NH3-N_mg/L", "NH3N", "mg/L"),
        ("NH3-N, mg/L", "NH3N", "mg/L"),
        ("NH₃-N [mg·L⁻¹]", "NH3N", "mg/L"),
        ("总磷(以P计)(mg/L)", "TP", "mg/L"),
        ("TP mg/L", "TP", "mg/L"),
        ("Total Phosphorus (mg/L as P)", "TP", "mg/L"),
        ("CODMn", "CODMn", None),
        ("COD(Mn)(mg/L)", "CODMn", "mg/L"),
        ("高锰酸盐指数（CODMn）", "CODMn", None),
        ("化学需氧量(COD)(mg/L)", "CODCr", "mg/L"),
        ("水温(℃)", "WT", "degC"),
        ("pH(无量纲)", "PH", ""),
        ("pH值", "PH", None),
        ("溶解氧(mg/L)", "DO", "mg/L"),
        ("溶解氧(%)", "DOSAT", "%"),
        ("Dissolved Oxygen (%saturation)", "DOSAT", "%"),
        ("电导率(μS/cm)", "EC", "uS/cm"),
        ("粪大肠菌群(个/L)", "FC", "count/L"),
        ("Anionic Surfactants (as Manoxol OT) (mg/L)", "LAS", "mg/L"),
        ("Silica (as SiO₂) (mg/L)", "SIO2", "mg/L"),
        ("Flow (m³/s)", "FLOW", "m3/s"),
        ("TP (furlong)", "TP", "furlong"),
        ("NO3-N (as NO3)", "NO3N", "as NO3"),
    ],
)
def test_parameter_headings(heading, code, unit):
    assert parameter_and_unit(heading) == (code, unit)


@pytest.mark.parametrize(
    "heading",
    [
        "",
        "备注",
        "TN/TP",
        "氨氮类别",
        "水质类别",
        "TP flag",
        "laboratory",
        "(mg/L)",
        "Sample No",
        "浮游动物(ind/L)",
    ],
)
def test_other_headings_are_not_parameters(heading):
    assert parameter_and_unit(heading) is None


def test_every_name_of_the_catalogue_is_a_heading():
    for p in catalogue().values():
        for name in (p.code, p.zh, f"{p.zh}({p.unit})", f"{p.en} ({p.unit})", p.en):
            found = parameter_and_unit(name)
            assert found is not None, name
            assert found[0] == p.code, name
            assert found[1] in (None, p.unit), name


def test_heading_that_names_two_parameters():
    with pytest.raises(ArgumentError, match="two parameters, CODCr and CODMn"):
        parameter_and_unit("化学需氧量(CODMn)")


@pytest.mark.parametrize(
    ("headings", "roles"),
    [
        (["Station", "Date", "TP"], {"station": 0, "time": 1}),
        (["断面编码", "断面名称", "监测时间"], {"station": 1, "time": 2}),
        (["date", "station", "time"], {"station": 1, "time": 2}),
        (
            ["区县", "河道", "水体类型", "点位", "采样日期", "经度", "纬度"],
            {"district": 0, "river": 1, "water_body": 2, "station": 3, "time": 4, "lon": 5, "lat": 6},
        ),
        (
            ["监测点位", "采样时间", "监测项目", "监测值", "单位"],
            {"station": 0, "time": 1, "parameter": 2, "value": 3, "unit": 4},
        ),
        (["ＳＴＡＴＩＯＮ", "Sampling_Date"], {"station": 0, "time": 1}),
    ],
)
def test_roles(headings, roles):
    assert role_columns(headings) == roles
