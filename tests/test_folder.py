"""A study as a folder: what is written is what is read, and nothing is lost on the way."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import OutputError, ReadError, SchemaError, Study, simulate
from wqstudy import folder as folders
from wqstudy.folder import new_folder, open_study, read_samples
from wqstudy.outputs import write_table
from wqstudy.study import Windows

TABLES = ("samples", "stations", "measures", "flow", "targets", "aliases", "claims", "truth")
SETTINGS = ("title", "source", "language", "time_zone", "simulated", "parameters", "windows")


@pytest.fixture(scope="module")
def full():
    """A study that has every table and setting, with names that a careless writer would spoil."""
    made = simulate.study(3, ["甲", "乙"], stations=3, months=42)
    stations = made.stations.iloc[::-1].assign(街道=["一街", None, "“二街”,\n后半", "=1+1", "三街", " 四街"])
    return Study(
        made.samples.assign(备注=["清,浑", 'a "b"', None] * (len(made.samples) // 3)),
        stations,
        made.measures,
        made.flow,
        pd.DataFrame({"station": ["甲01"], "target_class": [3], "due": ["2022-12-31"]}),
        aliases=pd.DataFrame({"alias": ["甲站一号", "Jia 1"], "station": ["甲01", "甲01"]}),
        claims=pd.DataFrame(
            {"claim": ["一", "二"], "kind": "concentration", "announced": ["下降23%", "-0.4 mg/L"]}
        ),
        windows=Windows.of(("2016-01-01", "2018-03-01"), ("2019-09-01", "2022-01-01")),
        parameters=["TP", "NH3N"],
        title='三河\n"试点" \\ 研究',
        source="某市监测站",
        language="zh",
        time_zone="Asia/Hong_Kong",
        simulated=True,
        truth=made.truth,
    )


@pytest.fixture(scope="module")
def written(full, tmp_path_factory):
    return full.to_folder(tmp_path_factory.mktemp("written") / "三河")


@pytest.fixture
def folder(written, tmp_path):
    return Path(shutil.copytree(written, tmp_path / written.name))


def contents(folder):
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in folder.rglob("*")
        if f.is_file()
    }


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("table", TABLES)
def test_tables_come_back_value_by_value(full, folder, table):
    got, given = getattr(Study.from_folder(folder), table), getattr(full, table)
    pd.testing.assert_frame_equal(got, given, check_exact=True)


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_come_back(full, folder, setting):
    assert getattr(Study.from_folder(folder), setting) == getattr(full, setting)


def test_twice_there_and_back_is_once(folder, tmp_path):
    again = Study.from_folder(folder).to_folder(tmp_path / "again")
    assert contents(again) == contents(folder)


def test_a_study_with_samples_alone(tmp_path):
    samples = pd.DataFrame({"station": ["A"], "time": ["2020-01-05"], "parameter": ["TP"], "value": [0.1]})
    got = Study.from_folder(Study(samples).to_folder(tmp_path / "s"))
    assert sorted(f.name for f in (tmp_path / "s").iterdir()) == ["samples.csv", "stations.csv", "study.toml"]
    assert got.samples["value"].tolist() == [0.1]
    assert (got.measures, got.flow, got.targets, got.aliases, got.truth, got.windows) == (None,) * 6
    assert got.reading.counts["cells"] == 1


def test_every_csv_shows_chinese_in_excel(folder):
    files = list(folder.glob("*.csv"))
    assert len(files) == len(TABLES)
    assert all(f.read_bytes().startswith(b"\xef\xbb\xbf") for f in files)


@pytest.mark.parametrize("ending", [".parquet", ".csv.gz"])
def test_tables_in_other_formats(full, folder, ending):
    for name in ("samples", "stations", "measures"):
        old = folder / f"{name}.csv"
        if ending == ".parquet":
            write_table(getattr(full, name), folder / f"{name}.parquet")
        else:
            pd.read_csv(old, dtype="str").to_csv(folder / f"{name}.csv.gz", index=False)
        old.unlink()
    got = Study.from_folder(folder)
    for name in ("samples", "stations", "measures"):
        pd.testing.assert_frame_equal(getattr(got, name), getattr(full, name))


def test_stations_in_an_old_encoding(full, folder):
    full.stations.to_csv(folder / "stations.csv", index=False, encoding="gb18030")
    assert Study.from_folder(folder).stations["district"].tolist() == full.stations["district"].tolist()


def test_samples_may_be_raw_tables(folder):
    (folder / "samples.csv").unlink()
    (folder / "raw").mkdir()
    (folder / "raw" / "2020.csv").write_text("断面,日期,总磷(μg/L)\n甲01,2020-01-05,120\n", "utf-8")
    study = Study.from_folder(folder)
    assert study.samples["value"].tolist() == [0.12]


def test_what_the_samples_say_of_stations_fills_the_table(tmp_path):
    (tmp_path / "study.toml").write_text("", "utf-8")
    (tmp_path / "samples.csv").write_text(
        "站点,河流,日期,TP (mg/L)\nB,西河,2020-01-05,1\nA,东河,2020-01-05,1\n", "utf-8"
    )
    (tmp_path / "stations.csv").write_text("station,district,river\nA,甲,\nB,甲,南河\nC,乙,\n", "utf-8")
    stations = Study.from_folder(tmp_path).stations
    assert stations["station"].tolist() == ["A", "B", "C"]
    assert stations["river"].tolist()[:2] == ["东河", "南河"]
    assert stations["district"].tolist() == ["甲", "甲", "乙"]


def test_aliases_reach_samples_read_from_files(tmp_path):
    (tmp_path / "study.toml").write_text("", "utf-8")
    (tmp_path / "samples.csv").write_text(
        "station,time,TP (mg/L)\n老站,2020-01-05,1\nA,2020-02-05,1\n", "utf-8"
    )
    (tmp_path / "stations.csv").write_text("station,district\nA,甲\n", "utf-8")
    (tmp_path / "aliases.csv").write_text("alias,station\n老站,A\n", "utf-8")
    assert Study.from_folder(tmp_path).samples["station"].tolist() == ["A", "A"]


def test_the_studys_time_zone_is_that_of_its_settings(tmp_path):
    (tmp_path / "study.toml").write_text('time_zone = "Europe/London"\n', "utf-8")
    (tmp_path / "samples.csv").write_text(
        "station,time,parameter,value\nA,2020-01-05T20:00:00Z,TP,1\nA,2020-07-05T20:00:00Z,TP,1\n", "utf-8"
    )
    times = Study.from_folder(tmp_path).samples["time"].tolist()
    assert times == [pd.Timestamp("2020-01-05 20:00"), pd.Timestamp("2020-07-05 21:00")]


# ---------------------------------------------------------------- faults in the folder


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("titel = 'x'", "setting 'titel' is not known"),
        ("title = [", "it is not valid TOML"),
        ("schema_version = 2", "schema_version is 2"),
        ("title = 5", "setting 'title' is 5"),
        ('simulated = "no"', "setting 'simulated' is 'no'"),
        ("parameters = 'TP'", "setting 'parameters' is 'TP'"),
        ("parameters = ['TP', 3]", "setting 'parameters' is"),
        ("language = 'cn'", r"study\.toml: language: 'cn' is not a language here"),
        ("parameters = ['TP', 'colour']", r"study\.toml: parameters: parameter 'colour' is not in the"),
        ("time_zone = 'Moon'", r"study\.toml: time_zone: 'Moon' is not a time zone"),
        ("windows = 5", "the windows are not complete"),
        ("[windows]\nbefore = ['2016-01-01', '2018-01-01']", "the windows are not complete"),
        ("[windows]\nafter = ['2016-01-01', '2018-01-01']", "the windows are not complete"),
        ("[windows]\nbefore = ['2016-01-01']\nafter = ['2019-01-01', '2020-01-01']", "is not a window"),
        ("[windows]\nbefore = 5\nafter = 6", "5 is not a window"),
        (
            "[windows]\nbefore = ['2016-01-01', '2019-06-01']\nafter = ['2019-01-01', '2020-01-01']",
            "later than the after window",
        ),
    ],
)
def test_bad_settings_name_the_file_and_the_fault(folder, text, what):
    (folder / "study.toml").write_text(text, "utf-8")
    with pytest.raises(ReadError, match=what) as caught:
        Study.from_folder(folder)
    assert str(caught.value).startswith(str(folder / "study.toml"))
    assert "\n" not in str(caught.value)


def test_settings_that_are_not_text(folder):
    (folder / "study.toml").write_bytes("title = '三河'".encode("gb18030"))
    with pytest.raises(ReadError, match="it is not valid TOML"):
        Study.from_folder(folder)


def test_settings_with_a_byte_order_mark(folder):
    (folder / "study.toml").write_bytes("title = '三河'".encode("utf-8-sig"))
    assert Study.from_folder(folder).title == "三河"


@pytest.mark.parametrize("opened", [Study.from_folder, open_study])
def test_a_study_folder_without_its_settings(folder, opened):
    (folder / "study.toml").unlink()
    with pytest.raises(ReadError, match=r"the folder has no study\.toml") as caught:
        opened(folder)
    assert caught.value.mend == "make one with: wqstudy new DIR"


def test_no_samples(folder):
    (folder / "samples.csv").unlink()
    with pytest.raises(ReadError, match="there is no table of samples") as caught:
        Study.from_folder(folder)
    assert "samples.parquet" in caught.value.valid


def test_two_tables_of_one_name(full, folder):
    write_table(full.measures, folder / "measures.parquet")
    with pytest.raises(ReadError, match=r"2 tables of that name: measures\.csv, measures\.parquet"):
        Study.from_folder(folder)


@pytest.mark.parametrize(
    ("table", "column", "value", "what"),
    [
        ("stations", "water_body", "sea", "'sea' must be river or lake"),
        ("measures", "start", "spring", "'spring' is not a date"),
        ("flow", "flow", "-3", "-3.0 must not be negative"),
        ("targets", "target_class", "9", "9 must be 1 to 6"),
        ("aliases", "alias", "", "the cell must not be blank"),
        ("truth", "parameter", "colour", "'colour' must be a code"),
    ],
)
def test_bad_cells_are_named_by_table_row_and_column(folder, table, column, value, what):
    cells = pd.read_csv(folder / f"{table}.csv", dtype="str")
    cells.loc[0, column] = value
    cells.to_csv(folder / f"{table}.csv", index=False)
    with pytest.raises(SchemaError, match=f"^{table}\\.csv, row 2, column {column}: {what}"):
        Study.from_folder(folder)


def test_blank_lines_are_no_rows_and_rows_are_those_of_the_file(folder):
    (folder / "targets.csv").write_text(
        "station,target_class,due\n\n甲01,3,2025-12-31\n,,\n甲02,好,2025-12-31\n", "utf-8"
    )
    with pytest.raises(SchemaError, match=r"^targets\.csv, row 5, column target_class: '好' is not a whole"):
        Study.from_folder(folder)
    (folder / "targets.csv").write_text("station,target_class,due\n\n甲01,3,2025-12-31\n,,\n\n", "utf-8")
    assert len(Study.from_folder(folder).targets) == 1
    (folder / "targets.csv").write_text("station,target_class,due\n\n甲01,9,2025-12-31\n", "utf-8")
    with pytest.raises(SchemaError, match=r"^targets\.csv, row 3, column target_class: 9 must be 1 to 6"):
        Study.from_folder(folder)


def test_samples_of_a_station_that_nobody_knows(folder):
    stations = pd.read_csv(folder / "stations.csv", dtype="str")
    stations[stations["station"] != "乙02"].to_csv(folder / "stations.csv", index=False)
    with pytest.raises(SchemaError, match="station '乙02' is not in the stations table"):
        Study.from_folder(folder)


def test_stations_given_twice(folder):
    stations = pd.read_csv(folder / "stations.csv", dtype="str")
    pd.concat([stations, stations.iloc[[1]]]).to_csv(folder / "stations.csv", index=False)
    with pytest.raises(SchemaError, match="must be given once"):
        Study.from_folder(folder)


@pytest.mark.parametrize(
    ("name", "held"), [("stations.csv", b""), ("stations.csv", b"\xff\xff\xff"), ("flow.parquet", b"x")]
)
def test_tables_that_are_none(folder, name, held):
    (folder / name).with_suffix(".csv").unlink()
    (folder / name).write_bytes(held)
    with pytest.raises(ReadError, match="it cannot be read as a table") as caught:
        Study.from_folder(folder)
    assert str(caught.value).startswith(str(folder / name))
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- writing over what is there


def test_an_existing_study_is_replaced(full, folder, make_study):
    other = make_study({"A": "甲"}, lambda _s, _m: 0.0, months=3, title="other")
    other.to_folder(folder)
    assert Study.from_folder(folder).title == "other"
    assert sorted(f.name for f in folder.iterdir()) == ["samples.csv", "stations.csv", "study.toml"]
    assert [f.name for f in folder.parent.iterdir()] == [folder.name]
    full.to_folder(folder)
    assert Study.from_folder(folder).title == full.title


def test_a_foreign_folder_is_left_alone(full, tmp_path):
    (tmp_path / "samples.csv").write_text("mine", "utf-8")
    with pytest.raises(OutputError, match=r"the folder is not empty and has no study.toml"):
        full.to_folder(tmp_path)
    assert (tmp_path / "samples.csv").read_text("utf-8") == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["raw", "thesis.docx", ".git", "stations.xlsx"])
def test_what_a_study_does_not_write_is_not_lost(full, folder, name):
    """A study folder may hold the only copy of the raw tables: it is not replaced by one without."""
    if "." in name[1:]:
        (folder / name).write_text("years of work")
    else:
        (folder / name).mkdir()
        (folder / name / "2020.csv").write_text("x")
    before = contents(folder)
    with pytest.raises(OutputError, match=f"the folder also holds '{name}', which would be lost"):
        full.to_folder(folder)
    assert contents(folder) == before


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), RuntimeError("anything")])
def test_a_failure_in_the_middle_leaves_the_old_one(folder, make_study, monkeypatch, problem):
    before = contents(folder)
    written = []

    def fails(table, path):
        if len(written) == 2:
            raise problem
        written.append(path.name)
        return write_table(table, path)

    monkeypatch.setattr(folders, "write_table", fails)
    other = make_study({"A": "甲"}, lambda _s, _m: 0.0, months=40, starts={"甲": "2018-01-01"})
    with pytest.raises(type(problem)):
        other.to_folder(folder)
    assert written == ["samples.csv", "stations.csv"]
    assert contents(folder) == before
    assert [f.name for f in folder.parent.iterdir()] == [folder.name]


# ---------------------------------------------------------------- a new study, and a table alone


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_folder_is_a_study_to_be_filled(tmp_path, language):
    made = new_folder(tmp_path / "我的研究", language)
    assert sorted(contents(made)) == [
        "measures.csv",
        "samples.csv",
        "stations.csv",
        "study.toml",
        "templates/aliases.csv",
        "templates/claims.csv",
        "templates/flow.csv",
        "templates/targets.csv",
    ]
    with (made / "samples.csv").open("a", encoding="utf-8") as samples:
        samples.write("A,2020-01-05,TP,0.1,\nA,2021-01-05,TP,0.1,\n")
    with (made / "stations.csv").open("a", encoding="utf-8") as stations:
        stations.write("A,甲,,river,treated,,\n")
    with (made / "measures.csv").open("a", encoding="utf-8") as measures:
        measures.write("甲,清淤,2020-06-01,,,\n")
    study = Study.from_folder(made)
    assert (study.title, study.language) == ("我的研究", language)
    assert study.windows_of("district")["甲"].after[0] == pd.Timestamp("2020-06-01")


def test_a_new_folder_is_not_laid_over_anything(folder):
    before = contents(folder)
    with pytest.raises(OutputError, match="the folder is not empty"):
        new_folder(folder)
    assert contents(folder) == before


def test_a_table_alone_is_a_study(tmp_path):
    file = tmp_path / "三河 2020.csv"
    file.write_text("断面,区县,日期,氨氮(mg/L)\n北桥,甲,2020-01-05,0.5\n北桥,甲,2020-02-05,未检出\n", "utf-8")
    study = open_study(file)
    assert study.title == "三河 2020"
    assert study.stations["district"].tolist() == ["甲"]
    assert study.samples["censored"].tolist() == ["none", "left"]


def test_a_folder_of_tables_is_a_study(tmp_path):
    for year in (2019, 2020):
        (tmp_path / f"{year}.csv").write_text(f"断面,日期,氨氮(mg/L)\n北桥,{year}-01-05,0.5\n", "utf-8")
    assert len(open_study(tmp_path).samples) == 2


def test_what_lies_in_a_folder_and_is_not_read_is_told(tmp_path):
    table = "断面,日期,氨氮\n北桥,2021-01-02,0.5\n"
    (tmp_path / "a.csv").write_text(table, "utf-8")
    (tmp_path / "2019" / "old").mkdir(parents=True)
    for place in ("2019/b.csv", "2019/old/c.xlsx", "说明.docx", "~$a.xlsx", ".hidden"):
        (tmp_path / place).write_text(table, "utf-8")
    reading = wq.read(tmp_path)
    told = reading.ledger[reading.ledger["row"].isna()]
    assert dict(zip(told["file"], told["reason"], strict=True)) == {
        "2019/": "2 tables in a folder below, not read: put them beside the others",
        "说明.docx": "not a table that is read",
    }


def test_samples_beside_raw_must_not_hold_more(tmp_path):
    (tmp_path / "study.toml").write_text("schema_version = 1\n", "utf-8")
    (tmp_path / "raw").mkdir()
    rows = ["station,time,parameter,value", "a,2021-01-02,TP,0.1", "a,2021-02-02,TP,0.2"]
    (tmp_path / "raw" / "jan.csv").write_text("\n".join(rows[:2]), "utf-8")
    (tmp_path / "samples.csv").write_text("\n".join(rows[:1]), "utf-8")  # as `wqstudy new` lays it out
    assert len(read_samples(tmp_path).samples) == 1
    (tmp_path / "samples.csv").write_text("\n".join(rows), "utf-8")
    with pytest.raises(ReadError, match=r"1 samples that the tables in raw do not.*move it into raw"):
        Study.from_folder(tmp_path)
    (tmp_path / "raw" / "feb.csv").write_text("\n".join([rows[0], rows[2]]), "utf-8")
    assert len(Study.from_folder(tmp_path).samples) == 2


@pytest.mark.parametrize("name", ["~$氨氮.xlsx", ".~lock.氨氮.xlsx#", ".DS_Store"])
def test_what_is_not_read_is_no_input(tmp_path, name):
    (tmp_path / "study.toml").write_text("", "utf-8")
    raw = tmp_path / "raw"
    raw.mkdir()
    for folder in (raw, tmp_path):
        (folder / name).write_bytes(b"locked")
    (raw / "jan.csv").write_text("断面,日期,TP\nA,2020-01-05,0.1\n", "utf-8")
    assert folders.files_of(tmp_path) == [raw / "jan.csv", tmp_path / "study.toml"]
    assert folders.files_of(raw) == [raw / "jan.csv"]
    assert len(Study.from_folder(tmp_path).samples) == 1
