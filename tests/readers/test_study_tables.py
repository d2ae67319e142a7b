"""A study's other tables as districts write them: workbooks, Chinese headings and words, old encodings."""

import re

import openpyxl
import pandas as pd
import pytest

from wqstudy import ReadError, SchemaError, Study

SAMPLES = "断面,日期,TP\n北桥,2021-04-05,0.1\n南闸,2021-04-05,0.2\n东湖,2021-04-05,0.3\n"
ENGLISH = {
    "stations": (
        "station,district,river,water_body,group,lon,lat,street\n"
        "北桥,甲,东河,river,treated,113.5,22.5,一街\n南闸,甲,东河,river,treated,,,\n东湖,乙,,lake,control,113,22,\n"
    ),
    "measures": (
        "district,measure,start,end,amount,unit\n"
        "甲,截污纳管,2018-03-01,2018-10-01,42,km\n甲,清淤,2018-05-01,,1200,m3\n"
    ),
    "flow": "station,time,flow\n北桥,2021-04-05,0.5\n北桥,2021-04-06,12\n",
    "targets": "station,target_class,due\n北桥,3,2020-12-31\n南闸,4,2020-12-31\n东湖,5,2025-06-01\n",
    "aliases": "alias,station\n旧桥,北桥\n",
    "claims": (
        "claim,kind,district,parameter,announced,before,after,before_start,n_after,tested_by\n"
        "一,concentration,甲,TP,下降23%,,,2018-03-01,,样品\n二,rate,甲,,,37.66 %,99.97 %,,615,台账\n"
    ),
}
CHINESE = {
    "stations": [
        ["甲乙两区断面一览表"],
        ["断面", "区县", "河道", "水体类型", "组别", "经度", "纬度", "street"],
        ["北桥", "甲", "东河", "河流", "治理", 113.5, 22.5, "一街"],
        ["南闸", None, None, "河流型", "治理组", None, None, None],
        ["东湖", "乙", None, "湖库", "对照", 113, 22, None],
    ],
    "measures": [
        ["区县", "治理措施", "开工日期", "完工日期", "工程量", "单位"],
        ["甲", "截污纳管", "2018年3月1日", "2018/10/1", "42", "km"],
        ["甲", "清淤", "2018-05", "", "1200", "m3"],
    ],
    "flow": [["站点", "日期", "流量(m³/s)"], ["北桥", "2021/4/5", "0.5"], ["北桥", "2021/4/6", "12"]],
    "targets": [
        ["断面名称", "考核目标", "达标期限"],
        ["北桥", "Ⅲ", "2020/12/31"],
        ["南闸", "IV类", "2020年12月31日"],
        ["东湖", "Ⅴ类", "2025-6"],
    ],
    "aliases": [["曾用名", "站点"], ["旧桥", "北桥"]],
    "claims": [
        ["公布成效一览"],
        [
            "成效",
            "类型",
            "区县",
            "指标",
            "公布数值",
            "治理前",
            "治理后",
            "治理前开始",
            "治理后样本数",
            "tested_by",
        ],
        ["一", "浓度", "甲", "总磷", "下降23%", None, None, "2018年3月1日", None, "样品"],
        ["二", "比率", "甲", None, None, "37.66 %", "99.97 %", None, 615, "台账"],
    ],
}
MERGED = {"stations": ["A1:H1", "B3:B4", "C3:C4"]}


def as_text(rows):
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)


def as_workbook(path, rows, merged=(), title="Sheet1"):
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    sheet = book.create_sheet(title) if path.exists() else book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.toml").write_text('parameters = ["TP"]\n', "utf-8")
    (tmp_path / "samples.csv").write_text(SAMPLES, "utf-8")
    for name, text in ENGLISH.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return tmp_path


def put(folder, name, rows, kind="xlsx"):
    (folder / f"{name}.csv").unlink()
    if kind == "xlsx":
        as_workbook(folder / f"{name}.xlsx", rows, MERGED.get(name, ()))
    else:
        (folder / f"{name}.csv").write_bytes(as_text(rows).encode(kind))


@pytest.mark.parametrize("kind", ["xlsx", "gb18030", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("name", CHINESE)
def test_chinese_tables_are_the_english_ones(folder, name, kind):
    expected = getattr(Study.from_folder(folder), name)
    rows = CHINESE[name]
    if name == "stations" and kind != "xlsx":  # text has no merged cells
        rows = [*rows[:3], ["南闸", "甲", "东河", *rows[3][3:]], rows[4]]
    put(folder, name, rows, kind)
    pd.testing.assert_frame_equal(getattr(Study.from_folder(folder), name), expected, check_exact=True)


def test_dates_and_numbers_of_a_workbook(folder):
    start, end = pd.Timestamp("2018-03-01"), pd.Timestamp("2018-10-01 08:30")
    rows = [CHINESE["measures"][0], ["甲", "清淤", start.to_pydatetime(), end.to_pydatetime(), 120000, "m3"]]
    put(folder, "measures", rows)
    got = Study.from_folder(folder).measures.iloc[0]
    assert (got["start"], got["end"], got["amount"]) == (start, end, 120000.0)


def test_a_number_merged_over_two_rows_is_given_once(folder):
    rows = [
        CHINESE["measures"][0],
        ["甲", "截污", "2018-03-01", None, 42, "km"],
        [None, "清淤", "2018-05-01"],
    ]
    (folder / "measures.csv").unlink()
    as_workbook(folder / "measures.xlsx", rows, ["A2:A3", "E2:E3", "F2:F3"])
    got = Study.from_folder(folder).measures
    assert got["district"].tolist() == ["甲", "甲"]
    assert got["amount"].fillna(-1).tolist() == [42.0, -1.0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3", 3),
        ("Ⅲ", 3),
        ("III", 3),
        ("Ⅲ类", 3),
        ("三类", 3),
        ("３", 3),
        (" Ⅱ类 ", 2),
        ("I", 1),
        ("劣Ⅴ类", 6),
        ("劣于Ⅴ类", 6),
        ("劣于五类", 6),
    ],
)
def test_classes_as_they_are_written(folder, written, meant):
    (folder / "targets.csv").write_text(f"断面,水质目标,截止日期\n北桥,{written},2020-12-31\n", "utf-8")
    assert Study.from_folder(folder).targets["target_class"].tolist() == [meant]


def test_a_column_under_its_own_name_goes_before_words_for_it(folder):
    (folder / "stations.csv").write_text(
        "断面,station,区县,district\n1,北桥,x,甲\n2,南闸,x,甲\n3,东湖,x,乙\n", "utf-8"
    )
    stations = Study.from_folder(folder).stations
    assert stations["district"].tolist() == ["甲", "甲", "乙"]
    assert stations["区县"].tolist() == ["x"] * 3


def test_province_and_city_of_a_stations_table(folder):
    (folder / "stations.csv").write_text(
        "站点,所在区县,省份,流域\n北桥,甲,某省,珠江\n南闸,甲,,\n东湖,乙,,\n", "utf-8"
    )
    stations = Study.from_folder(folder).stations
    assert stations.loc[0, ["district", "province", "basin"]].tolist() == ["甲", "某省", "珠江"]


@pytest.mark.parametrize(
    ("name", "at", "value", "told"),
    [
        (
            "stations",
            (3, 3),
            "海",
            "stations.xlsx, sheet Sheet1, row 4, column 水体类型: '海' must be river or lake",
        ),
        ("stations", (4, 6), "北", "stations.xlsx, sheet Sheet1, row 5, column 纬度: '北' is not a number"),
        (
            "measures",
            (2, 2),
            "春天",
            "measures.xlsx, sheet Sheet1, row 3, column 开工日期: '春天' is not a date",
        ),
        (
            "measures",
            (1, 0),
            None,
            "measures.xlsx, sheet Sheet1, row 2, column 区县: the cell must not be blank",
        ),
        (
            "flow",
            (2, 2),
            "-3",
            "flow.xlsx, sheet Sheet1, row 3, column 流量(m³/s): -3.0 must not be negative",
        ),
        (
            "targets",
            (3, 1),
            "好",
            "targets.xlsx, sheet Sheet1, row 4, column 考核目标: '好' is not a whole number",
        ),
        ("targets", (0, 1), "备注", "targets.xlsx, sheet Sheet1: column 'target_class' is missing"),
    ],
)
def test_faults_are_named_as_written(folder, name, at, value, told):
    rows = [list(row) for row in CHINESE[name]]
    rows[at[0]][at[1]] = value
    put(folder, name, rows)
    with pytest.raises(SchemaError, match=re.escape(told)) as caught:
        Study.from_folder(folder)
    if "missing" in told:
        assert "found: 断面名称, 备注, 达标期限" in caught.value.mend


def test_what_a_target_may_be_is_said(folder):
    (folder / "targets.csv").write_text("断面,水质目标,截止日期\n北桥,好,2020-12-31\n", "utf-8")
    with pytest.raises(SchemaError) as caught:
        Study.from_folder(folder)
    assert caught.value.valid == (
        "1 to 6, 6 being inferior V; or as classes are written: Ⅲ, III, Ⅲ类, 三类, 劣Ⅴ"
    )


@pytest.mark.parametrize("kind", ["xlsx", "gb18030", "utf-8"])
@pytest.mark.parametrize("written", ["2018", 2018, 2018.0, "2018年", " 2018 ", "2018 年"])
@pytest.mark.parametrize(("name", "at"), [("measures", (1, 2)), ("measures", (2, 3)), ("targets", (2, 2))])
def test_a_year_alone_is_refused_however_it_is_written(folder, name, at, written, kind):
    rows = [list(row) for row in CHINESE[name]]
    rows[at[0]][at[1]] = written
    put(folder, name, rows, kind)
    heading = CHINESE[name][0][at[1]]
    with pytest.raises(
        SchemaError, match=rf"row {at[0] + 1}, column {heading}: .* is a year alone"
    ) as caught:
        Study.from_folder(folder)
    assert "2021-04, 2021年4月 for the first of a month" in caught.value.valid


@pytest.mark.parametrize("kind", ["xlsx", "utf-8"])
def test_every_date_that_the_message_calls_valid_is(folder, kind):
    for written in ("2021-04-05", "2021/4/5", "2021年4月5日", "2021-04-05 08:00", "2021-04", "2021年4月"):
        rows = [CHINESE["measures"][0], ["甲", "清淤", written, None, "1200", "m3"]]
        if (folder / "measures.xlsx").exists():
            (folder / "measures.xlsx").rename(folder / "measures.csv")
        put(folder, "measures", rows, kind)
        start = Study.from_folder(folder).measures["start"].iloc[0]
        assert (start.year, start.month) == (2021, 4)


@pytest.mark.parametrize(("end", "fits"), [("2018-02-28", False), ("2018-03-01", True), ("", True)])
def test_a_measure_does_not_end_before_it_starts(folder, end, fits):
    rows = [CHINESE["measures"][0], ["甲", "截污", "2018-03-01 08:00", end, "42", "km"]]
    put(folder, "measures", rows, "utf-8")
    if fits:
        assert len(Study.from_folder(folder).measures) == 1
        return
    told = "measures.csv, row 2, column 完工日期: the end 2018-02-28 lies before the start 2018-03-01"
    with pytest.raises(SchemaError, match=re.escape(told)):
        Study.from_folder(folder)


def test_faults_below_a_title_in_text(folder):
    rows = [*CHINESE["stations"][:3], [], ["南闸", "甲", "东河", "海"]]
    put(folder, "stations", rows, "gb18030")
    with pytest.raises(SchemaError, match=r"^stations\.csv, row 5, column 水体类型: '海' must be"):
        Study.from_folder(folder)


def test_flow_in_another_unit_is_refused(folder):
    put(folder, "flow", [["站点", "日期", "流量（L/s）"], ["北桥", "2021/4/5", "500"]], "utf-8")
    with pytest.raises(
        ReadError, match=r"flow\.csv, column 流量（L/s）: flow is given in 'L/s'.*Valid: m3/s"
    ):
        Study.from_folder(folder)


def test_one_sheet_holds_the_table(folder):
    put(folder, "measures", CHINESE["measures"])
    file = folder / "measures.xlsx"
    as_workbook(file, [["填报说明"], ["每项措施一行"]], title="填报说明")
    as_workbook(file, [], title="Sheet3")
    assert len(Study.from_folder(folder).measures) == 2
    as_workbook(file, CHINESE["measures"], title="2019")
    with pytest.raises(ReadError, match="2 sheets may be the table of measures: Sheet1, 2019"):
        Study.from_folder(folder)


def test_blank_columns_and_rows_of_a_workbook_are_none(folder):
    rows = [[*CHINESE["aliases"][0], None, None], [None] * 4, [*CHINESE["aliases"][1], None, " "]]
    put(folder, "aliases", rows)
    assert Study.from_folder(folder).aliases.to_dict("list") == {"alias": ["旧桥"], "station": ["北桥"]}


@pytest.mark.parametrize(
    ("held", "told"), [(b"", "the file is empty"), (b"PK\x03\x04", "damaged"), (b"x,y", "ending")]
)
def test_workbooks_that_are_none(folder, held, told):
    (folder / "flow.csv").unlink()
    (folder / "flow.xlsx").write_bytes(held)
    with pytest.raises(ReadError, match=told) as caught:
        Study.from_folder(folder)
    assert str(caught.value).startswith(str(folder / "flow.xlsx"))


def test_samples_may_be_a_workbook(folder):
    (folder / "samples.csv").unlink()
    as_workbook(folder / "samples.xlsx", [line.split(",") for line in SAMPLES.splitlines()])
    assert len(Study.from_folder(folder).samples) == 3
