"""Files and folders, and what is said when they cannot be read."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.errors import ArgumentError, ReadError
from wqstudy.readers import text_files

GOOD = "station,time,TP\na,2021-01-01,1\n"


def test_a_folder_is_read_by_name_and_not_below(write, tmp_path):
    write("station,time,TP\nb,2021-01-01,<2\n", "b.csv")
    write("station,time,TN\na,2021-01-01,1\n", "a.CSV")
    write("notes", "readme.txt")
    write("x", ".hidden.csv")
    (tmp_path / "c.csv.gz").write_bytes(
        gzip.compress(b"station,time,parameter,value,lab\nc,2021-01-01,TP,3,L\n")
    )
    pd.DataFrame({"station": ["d"], "time": ["2021-01-01"], "TP": [4.0]}).to_parquet(tmp_path / "d.parquet")
    (tmp_path / "deeper").mkdir()
    write(GOOD, "deeper/e.csv")
    reading = wq.read(tmp_path)
    assert reading.samples["station"].tolist() == ["a", "b", "c", "d"]
    assert reading.samples["lab"].tolist()[2] == "L"
    tables, others = ["a.CSV", "b.csv", "c.csv.gz", "d.parquet"], ["deeper/", "readme.txt"]
    assert list(reading.ledger["file"].unique()) == tables + others
    assert reading.counts == {"cells": 4, "kept": 3, "changed": 1, "dropped": 0}
    assert reading.stations["station"].tolist() == ["a", "b", "c", "d"]


def test_a_file_that_lacks_the_parameter_asked_for_adds_nothing(write, tmp_path):
    write("station,time,TN\na,2021-01-01,1\n", "a.csv")
    write("station,time,parameter,value\na,2021-01-01,TN,1\n", "b.csv")
    write(GOOD, "c.csv")
    assert wq.read(tmp_path, "TP").counts["cells"] == 1


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings(write, encoding, newline, large, monkeypatch):
    if large:
        monkeypatch.setattr(text_files, "_LARGE", 0)
    text = newline.join(["断面,日期,氨氮（mg/L）", "北桥,2021/4/5,未检出", "南桥,2021/4/5,0.3", "", ""])
    reading = wq.read(write(text.encode(encoding)))
    assert reading.samples["station"].tolist() == ["北桥", "南桥"]
    assert reading.counts == {"cells": 2, "kept": 1, "changed": 1, "dropped": 0}
    told = reading.ledger["reason"].str.contains("read as GB18030").sum()
    assert told == (0 if encoding.startswith("utf") else 1)


@pytest.mark.parametrize("column", ["断面", "备注"])
def test_a_large_table_may_turn_out_not_to_be_utf8_far_below_its_head(write, column):
    rows = [f"S{n % 9},2021-01-01 {n % 24:02d}:00,{n % 7}.5,x" for n in range(200_000)]
    place = {"断面": 0, "备注": 3}[column]
    cells = rows[-1].split(",")
    cells[place] = "北桥"
    rows[-1] = ",".join(cells)
    held = ("station,time,TP,remark\n" + "\n".join(rows) + "\n").encode("gb18030")
    assert len(held) > text_files._LARGE
    samples = wq.read(write(held)).samples
    assert samples[{"断面": "station", "备注": "remark"}[column]].iloc[-1] == "北桥"
    assert "北桥" in samples.iloc[-1].tolist()


def test_a_large_file_of_nothing_is_empty(write):
    assert "the file is empty" in str(fail(write("\n" * (text_files._LARGE + 1))))


@pytest.mark.parametrize("quoted", [False, True])
def test_a_large_table_may_have_line_breaks_in_quotes(write, quoted):
    place = '"a\nb"' if quoted else "a b"
    rows = [f"{place},2021-01-{1 + n % 28:02d} {n % 24:02d}:00,{n % 7}.5" for n in range(200_000)]
    reading = wq.read(write("station,time,TP\n" + "\n".join(rows) + "\n"))
    assert reading.counts["cells"] == 200_000
    assert reading.samples["station"].unique().tolist() == ["a b"]


def test_path_may_be_text(write):
    assert wq.read(str(write(GOOD))).counts["cells"] == 1


def fail(path: Path, parameters=None) -> ReadError:
    with pytest.raises(ReadError) as caught:
        wq.read(path, parameters)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "no foreign traceback"
    return caught.value


@pytest.mark.parametrize(
    ("content", "row", "column", "words"),
    [
        ("", None, None, "the file is empty"),
        ("\n\n\n", None, None, "the file is empty"),
        ("\ufeff", None, None, "the file is empty"),
        ("station,time,TP\n", None, None, "headings and no rows"),
        (
            "name,time,TP\na,2021-01-01,1\n",
            None,
            None,
            "no station column among the headings 'name', 'time', 'TP'",
        ),
        ("station,when,TP\na,2021-01-01,1\n", None, None, "no time column"),
        ("station,time,colour\na,2021-01-01,1\n", None, None, "no parameter column"),
        (
            "station|time|TP\na|2021-01-01|1\n",
            None,
            None,
            "no station column among the headings 'station|time|TP'",
        ),
        (
            "station,time,TP (furlong)\na,2021-01-01,1\n",
            1,
            "TP (furlong)",
            "unit 'furlong' of TP is not known. Valid: mg/L, ug/L",
        ),
        ("station,time,TP (℃)\na,2021-01-01,1\n", 1, "TP (℃)", "of TP is not known"),
        (
            "station,time,TP,总磷(mg/L)\na,2021-01-01,1,2\n",
            1,
            "总磷(mg/L)",
            "two headings for TP: 'TP' and '总磷(mg/L)'",
        ),
        ("station,time,化学需氧量(CODMn)\na,2021-01-01,1\n", 1, "化学需氧量(CODMn)", "names two parameters"),
        ("station,time,TP,value\na,2021-01-01,1,2\n", 1, "value", "cannot be carried along"),
        (
            "station,time,TP\na,soon,1\na,later,1\n",
            2,
            "time",
            "time 'soon' is not understood; no row has a time that is. Valid: 2021-04-05",
        ),
        ("station,time,TP\na,,1\n", 2, "time", "time is blank"),
        ("station,time,TP\n,2021-01-01,1\n", 1, "station", "the station is blank in every row"),
        (
            "station,time,TP\na,2021-01-01T08:00Z,1\na,2021-01-01 08:00,1\n",
            1,
            "time",
            "some times have an offset",
        ),
        ("station,time,TP\na,2021-01-01,1,234\n", 2, None, "the row has 4 cells and the heading row 3"),
        ("station,time,parameter\na,2021-01-01,TP\n", 1, "parameter", "no value column"),
        (
            "station,time,parameter,value\na,2021-01-01,TP,1\na,2021-01-01,Tpp,1\n",
            3,
            "parameter",
            "parameter 'Tpp' is not in the catalogue",
        ),
        (
            "station,time,parameter,value\na,2021-01-01,,1\n",
            1,
            "parameter",
            "the parameter is blank in every row",
        ),
        (
            "station,time,parameter,value,unit\na,2021-01-01,TP,1,mg/L\na,2021-01-01,TP,1,kg\n",
            3,
            "unit",
            "unit 'kg' of TP is not known. Valid: mg/L",
        ),
        (
            "station,time,parameter,value,unit\na,2021-01-01,TP,1,NTU\n",
            2,
            "unit",
            "unit 'NTU' of TP is not known",
        ),
        (
            "station,time,parameter,value,censored\na,2021-01-01,TP,1,perhaps\n",
            2,
            "censored",
            "censoring 'perhaps' is not known. Valid: none, left, right",
        ),
        ('station,time,TP\n"a,2021-01-01,1\n' + "x" * 200_000, None, None, "it is not a CSV table"),
    ],
)
def test_tables_that_cannot_be_read(write, content, row, column, words):
    path = write(content)
    problem = fail(path)
    assert words in str(problem)
    assert str(path) in str(problem)
    assert (problem.file, problem.row, problem.column) == (path, row, column)


def test_rows_of_errors_count_from_the_heading_row(write):
    problem = fail(write("\nstation,time,parameter,value\na,2021-01-01,TP,1\na,2021-01-01,Tpp,1\n"))
    assert problem.row == 4


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (
            GOOD,
            "table.xyz",
            "files ending in '.xyz' are not read. Valid: .csv, .csv.gz, .tsv, .xlsx, .xlsm, .parquet",
        ),
        (GOOD, "table", "a file without ending is not read"),
        (b"\xff\xfe" + GOOD.encode("utf-16-le"), "table.csv", "not text in a known encoding. Valid: UTF-8"),
        (b"station,time,TP\n\xff\xff\xff,2021-01-01,1\n", "table.csv", "not text in a known encoding"),
        (b"PK\x03\x04\x00\x00", "table.csv", "not text in a known encoding"),
        (b"not gzip", "table.csv.gz", "the compressed file is damaged"),
        (gzip.compress(GOOD.encode() * 9, mtime=0)[:-12], "table.csv.gz", "the compressed file is damaged"),
        (b"PAR1 no PAR1", "table.parquet", "it is not a Parquet table"),
        (b"", "table.parquet", "the file is empty"),
        (b"", "table.csv.gz", "the file is empty"),
    ],
)
def test_files_that_cannot_be_read(write, content, name, words):
    problem = fail(write(content, name))
    assert words in str(problem)
    assert name in str(problem)


@pytest.mark.parametrize("patch", [b"\x07" * 9, b"\xff" * 9, b""])
def test_damaged_parquet_is_read_or_refused(write, tmp_path, patch):
    pd.DataFrame({"station": ["a"], "time": ["2021-01-01"], "TP": [1.0]}).to_parquet(
        tmp_path / "good.parquet"
    )
    held = (tmp_path / "good.parquet").read_bytes()
    refused = 0
    for cut in range(4, len(held) - 9, 37):
        try:
            wq.read(write(held[:cut] + patch + held[cut + 9 :], "bad.parquet"))
        except ReadError:
            refused += 1
    assert refused > 5


def test_no_such_file(tmp_path):
    assert "there is no such file or folder" in str(fail(tmp_path / "none.csv"))


def test_a_folder_without_tables(tmp_path, write):
    write("x", "readme.txt")
    assert "the folder has no tables in it. Valid: files ending in .csv" in str(fail(tmp_path))


def test_one_bad_table_of_a_folder_is_named(write, tmp_path):
    write(GOOD, "a.csv")
    bad = write("station,time,colour\na,2021-01-01,1\n", "b.csv")
    assert fail(tmp_path).file == bad


def test_offsets_in_some_files_only(write, tmp_path):
    write(GOOD, "a.csv")
    write("station,time,TP\na,2021-01-01T08:00Z,1\n", "b.csv")
    assert "some files have times with an offset" in str(fail(tmp_path))


def test_parameter_that_is_not_there(write):
    problem = fail(write(GOOD), ["TN", "氨氮"])
    assert "none of the parameters asked for is there (TN, NH3N)" in str(problem)


def test_parameter_that_the_catalogue_does_not_have(write):
    with pytest.raises(ArgumentError, match="'colour' is not in the catalogue"):
        wq.read(write(GOOD), ["colour"])


def test_parquet_without_rows(tmp_path):
    pd.DataFrame({"station": [], "time": [], "TP": []}).to_parquet(tmp_path / "t.parquet")
    assert "no rows" in str(fail(tmp_path / "t.parquet"))


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_a_csv_parted_by_something_else(write, separator):
    lines = [("断面", "日期", "氨氮"), ("北桥", "2021-01-02", "0.5"), ("南桥,东", "2021-01-02", "<0.1")]
    reading = wq.read(write("\n".join(separator.join(line) for line in lines)))
    assert reading.samples["station"].tolist() == ["北桥", "南桥,东"]
    assert reading.samples["value"].tolist() == [0.5, 0.1]
