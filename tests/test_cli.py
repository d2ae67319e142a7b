"""The command line: what it prints and writes, and one clear line when the input is bad."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from wqstudy import Study, __version__, compare, datasets, words
from wqstudy.cli import main

BOM = b"\xef\xbb\xbf"
TABLE = "断面,区县,日期,总磷(mg/L),氨氮(mg/L)\n" + "".join(
    f"北桥,甲,{year}-{month:02d}-05,{0.2 if year < 2018 else 0.1}{month},未检出\n"
    for year in range(2016, 2020)
    for month in range(1, 13)
)
WINDOWS = ["--before", "2016-01-01", "2018-01-01", "--after", "2018-01-01", "2020-01-01"]


@pytest.fixture
def table(tmp_path):
    """A monitoring table as it comes: Chinese headings, two years before and two after."""
    file = tmp_path / "监测.csv"
    file.write_text(TABLE, "utf-8")
    return file


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    return small.to_folder(tmp_path_factory.mktemp("cli") / "研究")


@pytest.fixture
def broken(folder, tmp_path):
    """A copy of the study folder, to be broken."""
    return Path(shutil.copytree(folder, tmp_path / "broken"))


def spawn(*command, **variables):
    """Run a command as a process of its own, from nowhere in particular."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WQSTUDY_", "PYTHON"))}
    return subprocess.run(
        list(map(str, command)), env=kept | variables, capture_output=True, timeout=120, check=False
    )


# ---------------------------------------------------------------- as processes


SCRIPT = Path(sysconfig.get_path("scripts")) / ("wqstudy.exe" if sys.platform == "win32" else "wqstudy")


@pytest.mark.parametrize("command", [[SCRIPT], [sys.executable, "-m", "wqstudy"]])
def test_version(command):
    result = spawn(*command, "--version")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode().strip() == f"wqstudy {__version__}"


def test_help_names_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['wqstudy', '--help']\n"
        "from wqstudy.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "sys.exit(any(name in sys.modules for name in ('pandas', 'numpy', 'matplotlib')))"
    )
    result = spawn(sys.executable, "-c", code)
    assert (result.returncode, result.stderr) == (0, b"")
    for command in ("read", "compare", "study", "new"):
        assert f"\n  {command} ".encode() in result.stdout.replace(b"\r\n", b"\n")


# A Chinese Windows console claims GBK; of plain ASCII, some libraries make UTF-8 by themselves.
@pytest.mark.parametrize("claimed", ["ascii", "gbk"])
def test_output_is_utf8_whatever_the_terminal_claims(table, claimed):
    command = [SCRIPT, "compare", table, *WINDOWS, "--parameters", "TP", "--lang", "zh"]
    result = spawn(*command, PYTHONIOENCODING=claimed, PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (0, b"")
    (line,) = result.stdout.decode("utf-8").splitlines()
    assert line.startswith("甲总磷下降")


def test_errors_are_utf8_too(tmp_path):
    result = spawn(SCRIPT, "read", tmp_path / "没有.csv", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert result.returncode == 1
    assert result.stdout == b""
    (line,) = result.stderr.decode("utf-8").splitlines()
    assert line.startswith("error: ")
    assert "没有.csv: there is no such file or folder" in line


def test_a_study_from_layout_to_page(tmp_path):
    """What the output of `new` tells to do next, done."""
    home = tmp_path / "研究"
    result = spawn(SCRIPT, "new", home)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode("utf-8").splitlines()[-1] == f"wqstudy study {home} --out report"
    (home / "samples.csv").write_bytes(
        BOM
        + "站点,时间,项目,数值\n".encode()
        + "".join(
            f"A,{y}-{m:02d}-03,TP,0.{m:02d}\n" for y in (2019, 2020, 2021, 2022) for m in range(1, 13)
        ).encode()
    )
    (home / "stations.csv").write_text("station,district\nA,甲\n", "utf-8")
    (home / "measures.csv").write_text(
        "district,measure,start,end,amount,unit\n甲,清淤,2021-01-01,,,\n", "utf-8"
    )
    result = spawn(sys.executable, "-m", "wqstudy", "study", home, "--out", tmp_path / "report")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode("utf-8").splitlines()[-1] == f"Report: {tmp_path / 'report' / 'index.html'}"
    assert (tmp_path / "report" / "index.html").is_file()


# ---------------------------------------------------------------- read


def test_read_accounts_for_every_cell(run, table, tmp_path):
    samples, ledger = tmp_path / "out" / "samples.csv", tmp_path / "ledger.xlsx"
    code, out, err = run("read", table, "--out", samples, "--ledger", ledger)
    assert (code, err) == (0, [])
    assert out == [
        "96 samples, 1 stations, 2 parameters; 96 cells = 48 kept + 48 changed + 0 dropped",
        f"{samples}: 96 rows",
        f"{ledger}: {len(pd.read_excel(ledger))} rows",
    ]
    assert samples.read_bytes().startswith(BOM)
    assert (pd.read_csv(samples)["station"] == "北桥").all()
    headings = [cell.value for cell in openpyxl.load_workbook(ledger).active[1]]
    assert headings == ["file", "sheet", "row", "column", "raw", "action", "reason", "value"]


@pytest.mark.parametrize("written", ["总磷", "TP", " tp ", "total phosphorus,TP"])
def test_read_the_parameters_asked_for(run, table, written):
    code, out, _ = run("read", table, "--parameters", written)
    assert code == 0
    assert out[0].startswith("48 samples, 1 stations, 1 parameters")


def test_parameters_separated_by_a_chinese_comma(run, table):
    code, out, _ = run("read", table, "--parameters", "总磷，氨氮")
    assert code == 0
    assert out[0].startswith("96 samples, 1 stations, 2 parameters")


# ---------------------------------------------------------------- compare


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_compare_says_a_sentence_a_row(run, folder, lang):
    code, out, err = run("compare", folder, "--lang", lang)
    assert (code, err) == (0, [])
    study = Study.from_folder(folder)
    assert out == words.sentences(compare(study, lang=lang), study.labels("district", lang), lang)
    assert len(out) == 3


@pytest.mark.parametrize(
    ("name", "read", "parameter"),
    [
        ("a.csv", pd.read_csv, "NH3N"),  # non-detects: the seed matters
        ("a.xlsx", pd.read_excel, "CODMn"),
        ("a.parquet", pd.read_parquet, "CODMn"),
    ],
)
def test_compare_writes_what_the_function_returns(run, folder, tmp_path, name, read, parameter):
    expected = compare(Study.from_folder(folder), by="group", parameters=[parameter], level=0.9, rng=4)
    file = tmp_path / "out" / name
    options = ("--by", "group", "--parameters", parameter, "--level", "0.9", "--seed", "4", "--out", file)
    code, out, err = run("compare", folder, *options)
    assert (code, err) == (0, [])
    assert out[-1] == f"{file}: {len(expected)} rows"
    written = read(file)
    assert list(written) == list(expected)
    columns = ["group", "change_percent", "low", "high", "level", "p_value"]
    # Excel keeps 15 to 17 digits.
    pd.testing.assert_frame_equal(written[columns], expected[columns], rtol=1e-14)
    assert file.read_bytes().startswith(BOM) == (name == "a.csv")


def test_compare_with_windows_on_a_table_alone(run, table):
    code, out, err = run("compare", table, *WINDOWS, "--parameters", "TP")
    assert (code, err) == (0, [])
    # 0.21, 0.22 … after half of it in every month: hand-made, without noise.
    assert len(out) == 1
    assert out[0].startswith("Total phosphorus in 甲 fell by 4")


def test_compare_tells_what_was_left_out(run, broken):
    stations = pd.read_csv(broken / "stations.csv", dtype="str")
    stations.loc[stations["station"] == "乙02", "district"] = None
    stations.to_csv(broken / "stations.csv", index=False)
    code, out, _ = run("compare", broken)
    assert code == 0
    assert out[-1] == words.text("page.left_out", "en", by="district", stations="乙02")


def test_the_demonstration_by_name(run, demo):
    code, out, _ = run("compare", "demo", "--parameters", "TP")
    assert code == 0
    assert out == words.sentences(compare(demo, parameters=["TP"]), demo.labels("district", "en"))


def test_a_path_goes_before_a_name(run, folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("compare", "demo")
    assert code == 0
    assert len(out) == 3


# ---------------------------------------------------------------- study and new


def test_study_writes_a_report_and_says_the_answer(run, folder, tmp_path):
    out_folder = tmp_path / "report"
    code, out, err = run("study", folder, "--out", out_folder, "--lang", "zh", "--seed", "2")
    assert (code, err) == (0, [])
    results = json.loads((out_folder / "results.json").read_text("utf-8"))
    assert out == [*results["answer"], f"报告：{out_folder / 'index.html'}"]
    assert (results["language"], results["seed"]) == ("zh", 2)
    assert [entry["file"] for entry in results["inputs"]] == sorted(f.name for f in folder.iterdir())


def test_inputs_of_the_demonstration_are_its_own(run, tmp_path, monkeypatch):
    from wqstudy import report

    seen = {}

    def kept(study, out, *_windows, **options):
        seen.update(options, study=study, out=out)
        return ["answer"]

    monkeypatch.setattr(report, "run", kept)
    code, out, _ = run("study", "demo", "--out", tmp_path / "r")
    assert (code, out) == (0, ["answer", f"Report: {tmp_path / 'r' / 'index.html'}"])
    assert seen["inputs"] == datasets.folder("demo")
    assert seen["study"].simulated


def test_new_in_the_folder_one_stands_in(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("new", ".", "--lang", "zh")
    assert (code, err) == (0, [])
    assert out[-1] == "wqstudy study . --out report"
    assert 'language = "zh"' in Path("study.toml").read_text("utf-8")
    assert "# 有治理措施的区县" in Path("study.toml").read_text("utf-8")
    assert f'title = "{tmp_path.name}"' in Path("study.toml").read_text("utf-8")


# ---------------------------------------------------------------- bad input: one line that names the thing


@pytest.mark.parametrize("command", [["read"], ["compare"], ["study", "--out", "r"]])
def test_no_such_file(fails, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "没有.csv: there is no such file" in fails(*command, tmp_path / "没有.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("断面,日期,总磷(mg/L)\n", "no rows"),
        ("断面,日期,总磷(furlong)\nA,2020-01-05,1\n", "'furlong'"),
    ],
)
@pytest.mark.parametrize("command", ["read", "compare"])
def test_tables_that_cannot_be_read(fails, tmp_path, command, text, what):
    file = tmp_path / "坏.csv"
    file.write_text(text, "utf-8")
    line = fails(command, file)
    assert "坏.csv" in line
    assert what in line


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--by", "street"], ["argument by", "'street'", "Valid: station, district"]),
        (["--by", "notes"], ["argument by", "'notes'"]),
        (["--parameters", "colour"], ["argument parameters", "'colour'", "NH3N"]),
        (["--parameters", "TP,"], ["argument parameters", "''"]),
        (["--parameters", "TN"], ["argument parameters", "none of the parameters asked for is there"]),
        (["--parameters", "pH"], ["argument parameters", "PH means nothing"]),
        (["--level", "95"], ["argument level", "95.0", "0.5 to below 1"]),
        (["--level", "nan"], ["argument level", "nan"]),
        (["--lang", "fr"], ["--lang", "'fr'", "en, zh"]),
        (["--before", "2016-01-01", "2018-01-01"], ["argument before, after", "one window is given"]),
        (
            ["--before", "1990-01-01", "1991-01-01", "--after", "1992-01-01", "1993-01-01"],
            ["argument before", "1990-01-01 to 1991-01-01", "Valid: a span within the data, 2016-01"],
        ),
        (
            ["--before", "2016-01-01", "2018-01-01", "--after", "2050-01-01", "2051-01-01"],
            ["argument after", "2050-01-01 to 2051-01-01"],
        ),
        (
            ["--before", "2016-01-01", "2019-01-01", "--after", "2018-01-01", "2020-01-01"],
            ["argument before, after", "2019-01-01, later than"],
        ),
        (
            ["--before", "2018-01-01", "2016-01-01", "--after", "2018-01-01", "2020-01-01"],
            ["argument before", "empty"],
        ),
        (["--before", "soon", "later", "--after", "2018-01-01", "2020-01-01"], ["argument before", "'soon'"]),
        (["--before", "", "", "--after", "2018-01-01", "2020-01-01"], ["argument before", "is not a window"]),
        (["--out", "result.txt"], ["result.txt", "'.txt'", ".csv, .xlsx, .parquet"]),
    ],
)
def test_options_that_cannot_be(fails, folder, tmp_path, monkeypatch, options, named):
    monkeypatch.chdir(tmp_path)
    line = fails("compare", folder, *options)
    for part in named:
        assert part in line
    assert not list(tmp_path.iterdir())


def test_a_table_without_windows(fails, table):
    line = fails("compare", table)
    assert "neither its windows nor when measures began" in line
    assert "To mend: " in line


def test_a_table_without_districts(fails, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("断面,日期,总磷(mg/L)\nA,2016-01-05,1\nA,2019-01-05,1\n", "utf-8")
    line = fails("compare", file, *WINDOWS)
    assert "argument by" in line
    assert "'district'" in line


@pytest.mark.parametrize("command", [["compare"], ["study", "--out", "r"]])
def test_a_study_folder_without_settings(fails, broken, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (broken / "study.toml").unlink()
    line = fails(*command, broken)
    assert f"{broken}: the folder has no study.toml" in line
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("title = [", "it is not valid TOML"),
        ("titel = 'x'", "'titel'"),
        ("time_zone = 'Mars/Base'", "'Mars/Base'"),
    ],
)
def test_broken_settings(fails, broken, text, what):
    (broken / "study.toml").write_text(text, "utf-8")
    assert what in fails("compare", broken)


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("stations.csv", "station,district\n甲01,甲\n", ["station '乙01'", "samples", "(8 such stations)"]),
        ("stations.csv", "name,district\n甲01,甲\n", ["stations", "'station' is missing"]),
        ("stations.csv", "", ["stations.csv", "cannot be read as a table"]),
        (
            "measures.csv",
            "district,measure,start\n甲,清淤,spring\n",
            ["measures.csv, row 2, column start", "'spring'"],
        ),
        (
            "measures.csv",
            "district,measure,start\n甲,清淤,2050-01-01\n",
            ["argument before, after", "within the time sampled"],
        ),
        ("samples.csv", "station,time,parameter,value\n", ["samples.csv", "no rows"]),
        ("targets.csv", "station,target_class,due\n甲01,好,2025-12-31\n", ["targets.csv, row 2", "'好'"]),
    ],
)
def test_broken_tables_of_a_study(fails, broken, name, text, named):
    (broken / name).write_text(text, "utf-8")
    line = fails("compare", broken)
    for part in named:
        assert part in line


def test_a_foreign_folder_is_not_replaced(fails, folder, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    line = fails("study", folder, "--out", tmp_path)
    assert f"{tmp_path}: the folder is not empty and has no results.json" in line
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.docx"]
    assert "not empty" in fails("new", tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.docx"]


def test_places_that_cannot_be_written_to(fails, folder, tmp_path):
    (tmp_path / "file").write_text("x")
    below = tmp_path / "file" / "below"
    assert f"{below}.csv: it cannot be written" in fails("compare", folder, "--out", f"{below}.csv")
    assert f"{below}: it cannot be written" in fails("new", below)
    assert "this is a file, and a folder is wanted" in fails("study", folder, "--out", tmp_path / "file")


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="rights do not bind here: Windows, or the user is root",
)
def test_a_folder_without_rights(fails, folder, tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "it cannot be written" in fails("compare", folder, "--out", tmp_path / "a.csv")
        assert "it cannot be written" in fails("new", tmp_path / "new")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "words_",
    [
        ["compare"],
        ["compare", "demo", "--level", "x"],
        ["compare", "demo", "--seed", "-1"],
        ["sing"],
        ["study", "demo"],
    ],
)
def test_misuse_says_how_to_use_it(run, words_):
    code, out, err = run(*words_)
    assert (code, out) == (2, [])
    assert err[0].startswith("Usage: ")
    assert "wqstudy" in err[0]
    assert err[-1].startswith("Error: ")
    assert not any("Traceback" in line for line in err)


def test_our_own_faults_are_said_to_be_ours(run, folder, monkeypatch):
    from wqstudy import comparison

    def fault(*_, **__):
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(comparison, "compare", fault)
    code, _, (line,) = run("compare", folder)
    assert code == 1
    assert line.startswith("error: ZeroDivisionError: float division by zero. This is a fault of wqstudy")
    monkeypatch.setenv("WQSTUDY_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["wqstudy", "compare", str(folder)])
    with pytest.raises(ZeroDivisionError):
        main()


@pytest.mark.parametrize(
    "words_",
    [
        ("read", "demo", "--out", "a.csv", "--ledger", "b.csv"),
        ("compare", "demo", "--parameter", "TP", "--out", "a.csv"),
        ("trend", "demo", "--parameter", "TP", "--out", "a.csv"),
        ("evaluate", "demo", "--parameter", "TP", "--out", "a.csv"),
        ("grade", "demo", "--period", "year", "--out", "a.csv"),
        ("attain", "demo", "--out", "a.csv"),
        ("loads", "demo", "--method", "interpolation", "--out", "a.csv"),
        ("plan", "demo", "--parameter", "TP", "--controls", "0", "--out", "a.csv"),
        ("claims", "claims.csv", "--out", "a.csv"),
        ("check", "small", "--out", "a.csv"),
    ],
    ids=lambda words_: words_[0],
)
def test_every_file_is_written_before_a_word_is_said(run, small, tmp_path, monkeypatch, words_):
    """Whoever reads what is said may stop listening after its first line."""
    monkeypatch.chdir(tmp_path)
    Path("claims.csv").write_text("claim,kind,announced\na,rate,37.66 % → 99.97 %\n", "utf-8")
    small.to_folder("small")
    there = []
    monkeypatch.setattr(
        "typer.echo", lambda *_, err=False, **__: None if err else there.append(sorted(Path().glob("?.csv")))
    )
    assert run(*words_)[0] == 0
    asked = sorted(Path(one) for one in words_ if one in ("a.csv", "b.csv"))
    assert there
    assert there[0] == asked
