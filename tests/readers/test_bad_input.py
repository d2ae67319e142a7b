"""What is said when tables cannot be read, or not wholly: every message names the place and the way out."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.errors import ArgumentError, ReadError

HEAD = ["断面", "日期", "TP"]
ROW = ["a", "2021-01-01", 1]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def workbook(*rows: list, sheets: int = 1) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number in range(sheets):
        sheet = made.create_sheet(f"s{number + 1}")
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def package(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return held.getvalue()


GOOD = workbook(HEAD, ROW)
SIDE = [
    ["断面", "日期", "TP", None, "断面", "日期", "TP"],
    ["a", "2021-01-01", 1, None, "b", "2021-01-01", 2],
]
NOT_A_WORKBOOK = "it is not a workbook, though it bears the ending of one"
PAGE = b"<html><table><tr><td>x</td></tr></table></html>"
WEB_PAGE = "it is a web page that bears the ending of a workbook"

# name, content, what the message says
REFUSED = [
    ("empty.xlsx", b"", "the file is empty"),
    ("cut.xlsx", GOOD[: len(GOOD) // 2], "the workbook is damaged"),
    ("patched.xlsx", GOOD[:200] + b"\xff" * 400 + GOOD[600:], "the workbook is damaged"),
    ("other.xlsx", package(**{"readme.txt": "x"}), "the workbook is damaged"),
    (
        "text.xlsx",
        "断面,日期,TP\na,2021-01-01,1\n".encode(),
        f"{NOT_A_WORKBOOK}. To mend: open it in Excel or WPS",
    ),
    ("page.xlsx", PAGE, WEB_PAGE),
    ("page.xls", PAGE, f"{WEB_PAGE}. Valid: .xlsx. To mend: open it in Excel or WPS and save it as .xlsx"),
    ("page2.xls", b"\xef\xbb\xbf\r\n<!DOCTYPE html><html></html>", WEB_PAGE),
    ("xml.xls", b"<?xml version='1.0'?><Workbook/>", WEB_PAGE),
    (
        "old.xls",
        OLE,
        "it is an old workbook (.xls), which is not read. Valid: .xlsx. To mend: open it in Excel",
    ),
    ("renamed.xlsx", OLE, "it is an old workbook (.xls), which is not read"),
    (
        "secret.xlsx",
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "the workbook is protected with a password",
    ),
    ("secret.xls", OLE + "EncryptedPackage".encode("utf-16-le"), "save it without one"),
    ("text.xls", b"station\ttime\tTP\n", NOT_A_WORKBOOK),
    ("blank.xlsx", workbook(), "sheet s1: the sheet is empty. Valid: headings"),
    ("blanks.xlsx", workbook(sheets=3), "the sheet is empty"),
    ("words.xlsx", workbook(["说明"], ["某公司编制"]), "no station column among the headings '说明'"),
    ("headings.xlsx", workbook(HEAD), "there are headings and no rows under them"),
    ("totals.xlsx", workbook(HEAD, ["合计", None, 3]), "there are headings and no samples under them"),
    (
        "side.xlsx",
        workbook(*SIDE),
        "two tables stand side by side, from column A ('断面') and from column E",
    ),
    (
        "side.csv",
        "断面,日期,TP,断面,日期,TP\na,2021-01-01,1,b,2021-01-01,2\n",
        "row 1, column 断面: two tables stand side by side, from column A ('断面') and from column D",
    ),
    ("twice.xlsx", workbook([*HEAD, "总磷"], [*ROW, 2]), "sheet s1, row 1, column 总磷: two headings for TP"),
    ("unit.xlsx", workbook([*HEAD, "TN(升)"], [*ROW, 2]), "unit '升' of TN is not known. Valid: mg/L, ug/L"),
    (
        "unit2.xlsx",
        workbook(["断面", "日期", "TP"], [None, None, "℃"], ROW),
        "unit 'degC' of TP is not known",
    ),
    (
        "noyear.xlsx",
        workbook(HEAD, ["a", "04-05 08:00", 1]),
        "names no year, and neither the file nor the sheet",
    ),
    (
        "noyear.csv",
        "断面,日期,TP\na,2021-01-01,1\na,4月5日,1\n",
        "row 3, column 日期: time '4月5日' names no year",
    ),
    ("month.xlsx", workbook(["断面", "月份", "TP"], ["a", 4, 1]), "read(path, year=2021)"),
    (
        "nodate.xlsx",
        workbook(HEAD, ["a", "2021-02-30", 1]),
        "time '2021-02-30' is not understood; no row has",
    ),
    (
        "nostation.xlsx",
        workbook(["日期", "TP"], ["2021-01-01", 1]),
        "no station column among the headings '日期', 'TP'",
    ),
    ("notime.xlsx", workbook(["断面", "TP"], ["a", 1]), "no time column among the headings"),
    ("noparameter.xlsx", workbook(["断面", "日期", "颜色"], ["a", "2021-01-01", 1]), "no parameter column"),
    (
        "tidy.xlsx",
        workbook(["断面", "日期", "项目", "结果"], ["a", "2021-01-01", "总林", 1]),
        "sheet s1, row 2, column 项目: parameter '总林' is not in the catalogue",
    ),
    (
        "tidyunit.xlsx",
        workbook(["断面", "日期", "项目", "结果", "单位"], ["a", "2021-01-01", "TP", 1, "斤"]),
        "sheet s1, row 2, column 单位: unit '斤' of TP is not known",
    ),
    ("wrong.csv", "断面,日期,TP\na,2021-01-01,1\n".encode("utf-16"), "not text in a known encoding"),
    ("wrong.tsv", "断面\t日期\tTP\na\t2021-01-01\t1\n".encode("utf-16"), "not text in a known encoding"),
    ("book.csv", GOOD, "not text in a known encoding"),
    ("page.csv", PAGE, "it is a web page and not a CSV table"),
    ("page.tsv", PAGE, "it is a web page and not a TSV table"),
    ("commas.tsv", "断面,日期,TP\na,2021-01-01,1\n", "no station column among the headings '断面,日期,TP'"),
    ("long.tsv", "断面\t日期\tTP\na\t2021-01-01\t1\t2\n", "row 2: the row has 4 cells and the heading row 3"),
    ("table.ods", b"x", "files ending in '.ods' are not read. Valid: .csv, .csv.gz, .tsv, .xlsx"),
]

# name, content, what the ledger says of what was lost, what is read all the same: the samples, the cells
SPOILT = [
    (
        "feb.csv",
        "断面,日期,TP\na,2021-02-30,1\na,2021-03-01,1\n",
        "time '2021-02-30' is not understood",
        1,
        2,
    ),
    ("unit.csv", "断面,日期,TP\na,2021-03-01,1 furlong\na,2021-03-02,1\n", "not a number", 1, 2),
    ("dimension.csv", "断面,日期,TP\na,2021-03-01,12℃\na,2021-03-02,1\n", "does not measure", 1, 2),
    ("negative.csv", "断面,日期,TP\na,2021-03-01,-1\na,2021-03-02,1\n", "negative", 1, 2),
    ("range.csv", "断面,日期,TP\na,2021-03-01,0.1~0.2\na,2021-03-02,1\n", "not a number", 1, 2),
    ("twice.csv", "断面,日期,TP\na,2021-03-01,1\na,2021-03-01,1\n", "duplicate of row 2", 1, 2),
    ("formula.xlsx", workbook(HEAD, ["a", "2021-01-01", "=1+1"], ROW), "a formula whose result", 1, 2),
    ("date.xlsx", workbook(HEAD, ["a", "2021-01-02", pd.Timestamp("2021-04-05")], ROW), "not a number", 1, 2),
    ("nostation.csv", "断面,日期,TP\n,2021-03-01,1\na,2021-03-02,1\n", "station is blank", 1, 2),
]

# the same with strict=False, where strict raises
LENIENT = [
    ("twice.csv", "断面,日期,TP,总磷\na,2021-01-01,1,2\n", "a second column of TP", 1, 2),
    ("unit.csv", "断面,日期,TP,TN(升)\na,2021-01-01,1,2\n", "the unit is not one of TN", 1, 2),
    (
        "tidy.csv",
        "断面,日期,项目,结果\na,2021-01-01,总林,1\na,2021-01-01,TP,1\n",
        "not in the catalogue",
        1,
        2,
    ),
    (
        "tidyunit.csv",
        "断面,日期,项目,结果,单位\na,2021-01-01,TN,1,斤\na,2021-01-01,TP,1,mg/L\n",
        "the unit is not one of TN",
        1,
        2,
    ),
    (
        "censored.csv",
        "断面,日期,项目,结果,censored\na,2021-01-01,TN,1,perhaps\na,2021-01-01,TP,1,left\n",
        "the censoring stated is not known",
        1,
        2,
    ),
    ("noyear.csv", "断面,日期,TP\na,04-05,1\na,2021-01-01,1\n", "time '04-05' is not understood", 1, 2),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(write, name, content, words):
    path = write(content, name)
    with pytest.raises(ReadError) as caught:
        wq.read(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "no foreign traceback"


@pytest.mark.parametrize(("name", "content"), [c[:2] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_refused_files_of_a_folder_do_not_spoil_the_others_when_lenient(write, tmp_path, name, content):
    write(content, name)
    write("station,time,TP\na,2021-01-01,1\n", "good.csv")
    if name.endswith(".ods"):
        return
    reading = wq.read(tmp_path, strict=False)
    assert reading.counts["kept"] >= 1
    counts = reading.counts
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"]
    assert len(reading.samples) == counts["kept"] + counts["changed"]
    lost = reading.ledger[reading.ledger["file"] == name]
    assert len(lost)


@pytest.mark.parametrize(("name", "content", "words", "samples", "cells"), SPOILT, ids=[c[2] for c in SPOILT])
def test_spoilt_cells_are_dropped_and_told(write, name, content, words, samples, cells):
    _lost(wq.read(write(content, name)), words, samples, cells)


@pytest.mark.parametrize(
    ("name", "content", "words", "samples", "cells"), LENIENT, ids=[c[2] for c in LENIENT]
)
def test_faults_of_structure_when_lenient(write, name, content, words, samples, cells):
    path = write(content, name)
    with pytest.raises(ReadError):
        wq.read(path)
    _lost(wq.read(path, strict=False), words, samples, cells)


def _lost(reading: wq.Reading, words: str, samples: int, cells: int) -> None:
    lost = reading.ledger[reading.ledger["action"] == "dropped"]
    assert lost["reason"].str.contains(words, regex=False).any()
    assert len(reading.samples) == samples
    assert reading.counts["cells"] == cells


def test_one_bad_sheet_of_a_workbook_when_lenient(book):
    path = book({"bad": [["断面", "颜色", "TP"], ["a", "red", 1]], "good": [HEAD, ROW]})
    with pytest.raises(ReadError, match="sheet bad: no time column"):
        wq.read(path)
    reading = wq.read(path, strict=False)
    assert reading.counts["kept"] == 1
    line = reading.ledger[reading.ledger["sheet"] == "bad"].iloc[0]
    assert (line["action"], line["file"]) == ("not_data", "book.xlsx")
    assert "no time column" in line["reason"]


def test_nothing_readable_at_all_when_lenient(write):
    reading = wq.read(write(b"x", "a.xlsx"), strict=False)
    assert len(reading.samples) == 0
    assert reading.ledger["reason"].str.contains(NOT_A_WORKBOOK).all()
    assert list(reading.samples) == ["station", "time", "parameter", "value", "censored"]


def test_a_year_that_cannot_be(write):
    with pytest.raises(ArgumentError, match="21 is no year"):
        wq.read(write("断面,日期,TP\na,04-05,1\n"), year=21)
