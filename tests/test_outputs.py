"""Writing: all or nothing, and never over what is somebody else's."""

import os
import re
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import OutputError, Study
from wqstudy.outputs import guarded, replacing_folder, unguarded, write_bytes, write_table

TABLE = pd.DataFrame({"区县": ["甲", "乙"], "change": [-43.25, 0.1]})


@pytest.mark.parametrize(
    ("name", "read"), [("a.csv", pd.read_csv), ("a.XLSX", pd.read_excel), ("a.parquet", pd.read_parquet)]
)
def test_what_is_written_is_read_back(tmp_path, name, read):
    path = tmp_path / "new" / "folder" / name
    assert write_table(TABLE, path) == path
    pd.testing.assert_frame_equal(read(path), TABLE)
    assert [f.name for f in path.parent.iterdir()] == [name]


def test_csv_begins_with_the_byte_order_mark_and_ends_lines_plainly(tmp_path):
    held = write_table(TABLE, tmp_path / "a.csv").read_bytes()
    assert held == "\ufeff区县,change\n甲,-43.25\n乙,0.1\n".encode()


def test_xlsx_opens_with_headings_in_its_first_row(tmp_path):
    sheet = openpyxl.load_workbook(write_table(TABLE, tmp_path / "a.xlsx")).active
    assert [cell.value for cell in sheet[1]] == ["区县", "change"]
    assert [cell.value for cell in sheet[2]] == ["甲", -43.25]


@pytest.mark.parametrize(("name", "said"), [("a.txt", "'.txt'"), ("a", "'a file without ending'")])
def test_unknown_endings_are_refused(tmp_path, name, said):
    with pytest.raises(OutputError, match="a table cannot be written as") as caught:
        write_table(TABLE, tmp_path / name)
    assert said in str(caught.value)
    assert caught.value.valid == ".csv, .xlsx, .parquet"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a", "a.csv"])
def test_a_folder_is_called_one(tmp_path, name):
    (tmp_path / name).mkdir()
    for write in (lambda place: write_table(TABLE, place), lambda place: write_bytes(b"x", place)):
        with pytest.raises(OutputError, match="this is a folder, and a file is wanted"):
            write(tmp_path / name)


@pytest.mark.parametrize(
    ("ending", "method"), [("csv", "to_csv"), ("xlsx", "to_excel"), ("parquet", "to_parquet")]
)
def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch, ending, method):
    path = write_table(TABLE, tmp_path / f"a.{ending}")
    old = path.read_bytes()

    def fails(_table, place, **_):
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, method, fails)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_table(TABLE.iloc[:1], path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="it cannot be written"):
        write_table(TABLE, tmp_path / "file" / "a.csv")


def test_a_folder_of_that_name_is_not_replaced(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match="this is a folder"):
        write_table(TABLE, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.csv"]


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="rights do not bind here: Windows, or the user is root",
)
def test_a_folder_without_rights_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="it cannot be written"):
            write_table(TABLE, tmp_path / "a.csv")
        with (
            pytest.raises(OutputError, match="it cannot be written"),
            replacing_folder(tmp_path / "new", mark=None),
        ):
            pytest.fail("the block must not run")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_rights_are_those_of_plainly_written_files(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("x")
    (tmp_path / "plain folder").mkdir()
    with replacing_folder(tmp_path / "made", mark=None) as beside:
        (beside / "x").write_text("x")
    assert write_table(TABLE, tmp_path / "a.csv").stat().st_mode == plain.stat().st_mode
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain folder").stat().st_mode


# ---------------------------------------------------------------- folders


def fill(folder, mark, text):
    with replacing_folder(folder, mark, ("marked.txt", "one", "two")) as beside:
        (beside / "marked.txt").write_text(text)
        (beside / text).write_text("")


def listed(folder):
    return sorted(f.name for f in folder.iterdir())


def test_a_new_folder_is_made(tmp_path):
    fill(tmp_path / "up" / "here", "marked.txt", "one")
    assert listed(tmp_path / "up") == ["here"]
    assert listed(tmp_path / "up" / "here") == ["marked.txt", "one"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "here").mkdir()
    fill(tmp_path / "here", None, "one")
    assert listed(tmp_path) == ["here"]
    assert listed(tmp_path / "here") == ["marked.txt", "one"]


def test_the_folder_one_stands_in_is_filled(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    fill(type(here)("."), None, "one")
    assert listed(type(here)(".")) == ["marked.txt", "one"]
    assert listed(tmp_path) == ["here"]


def test_an_earlier_result_is_replaced_whole(tmp_path):
    fill(tmp_path / "here", "marked.txt", "one")
    fill(tmp_path / "here", "marked.txt", "two")
    assert listed(tmp_path) == ["here"]
    assert listed(tmp_path / "here") == ["marked.txt", "two"]
    assert (tmp_path / "here" / "marked.txt").read_text() == "two"


def test_a_marked_folder_with_anything_else_in_it_is_left_alone(tmp_path):
    fill(tmp_path / "here", "marked.txt", "one")
    (tmp_path / "here" / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match=r"the folder also holds 'thesis\.docx', which would be lost"):
        fill(tmp_path / "here", "marked.txt", "two")
    assert listed(tmp_path / "here") == ["marked.txt", "one", "thesis.docx"]


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini"])
def test_what_a_file_manager_leaves_is_nobodys(tmp_path, name):
    """A report that was looked at in Finder or Explorer can be made again."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / name).write_text("x")
    fill(tmp_path / "here", None, "one")
    (tmp_path / "here" / name).write_text("x")
    fill(tmp_path / "here", "marked.txt", "two")
    assert listed(tmp_path / "here") == ["marked.txt", "two"]


@pytest.mark.parametrize("mark", ["marked.txt", None])
def test_a_foreign_folder_is_left_alone(tmp_path, mark):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match="the folder is not empty") as caught:
        fill(tmp_path, mark, "one")
    assert str(tmp_path) in str(caught.value)
    assert ("has no marked.txt" in str(caught.value)) == (mark is not None)
    assert listed(tmp_path) == ["thesis.docx"]


def test_without_a_mark_even_an_earlier_result_stays(tmp_path):
    fill(tmp_path / "here", None, "one")
    with pytest.raises(OutputError, match="the folder is not empty: it is not replaced"):
        fill(tmp_path / "here", None, "two")
    assert listed(tmp_path / "here") == ["marked.txt", "one"]


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="this is a file, and a folder is wanted"):
        fill(tmp_path / "file", None, "one")


@pytest.mark.parametrize("earlier", [True, False])
def test_a_failure_in_the_block_leaves_what_was_there(tmp_path, earlier):
    if earlier:
        fill(tmp_path / "here", "marked.txt", "one")

    def fails():
        with replacing_folder(tmp_path / "here", "marked.txt", ("marked.txt", "one")) as beside:
            (beside / "marked.txt").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert listed(tmp_path) == (["here"] if earlier else [])
    if earlier:
        assert (tmp_path / "here" / "marked.txt").read_text() == "one"


def failing_moves(patch, first, problem, *, once):
    """Moves of files and folders fail at the given one, and if not once, at all later ones."""
    count = 0
    rename = Path.rename

    def move(entry, target):
        nonlocal count
        count += 1
        if count == first or (count > first and not once):
            raise problem
        return rename(entry, target)

    patch.setattr(Path, "rename", move)


@pytest.mark.parametrize("first", [1, 2, 3, 4])  # two files out, two files in
@pytest.mark.parametrize("problem", [OSError(16, "Device or resource busy"), KeyboardInterrupt()])
def test_a_failure_in_any_move_brings_the_old_ones_back(tmp_path, monkeypatch, first, problem):
    here = tmp_path / "here"
    fill(here, "marked.txt", "one")
    with monkeypatch.context() as patch:
        failing_moves(patch, first, problem, once=True)
        with pytest.raises((OutputError, KeyboardInterrupt)):
            fill(here, "marked.txt", "two")
    assert listed(tmp_path) == ["here"]
    assert listed(here) == ["marked.txt", "one"]
    assert (here / "marked.txt").read_text() == "one"


def test_what_cannot_be_brought_back_is_not_deleted(tmp_path, monkeypatch):
    here = tmp_path / "here"
    fill(here, "marked.txt", "one")
    with monkeypatch.context() as patch:
        failing_moves(patch, 3, OSError(16, "Device or resource busy"), once=False)
        with pytest.raises(OutputError, match="Device or resource busy"):
            fill(here, "marked.txt", "two")
    (kept,) = [folder for folder in tmp_path.iterdir() if folder != here]
    assert listed(kept) == ["marked.txt", "one"]


# ---------------------------------------------------------------- formulas

FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "＝1+1", "\t=1", "'=1", "''-x", "--"]
HARMLESS = ["-3", "+2.5e-3", "-.5", "甲", "'quoted'", "a=b", "", "0.02L"]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_has_no_formulas_and_is_read_back_as_it_was(tmp_path, text):
    table = pd.DataFrame({"station": [text, "甲"], "kind": pd.Categorical([text, "x"]), "value": [-1.5, 2.0]})
    held = pd.read_csv(write_table(table, tmp_path / "a.csv"), encoding="utf-8-sig")
    assert held["station"].tolist() == ["'" + text, "甲"]
    assert held["kind"].tolist() == ["'" + text, "x"]
    assert held["value"].tolist() == [-1.5, 2.0]  # numbers stay numbers
    pd.testing.assert_frame_equal(unguarded(guarded(table)), table)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_is_written_as_it_is(text):
    table = pd.DataFrame({"name": [text]})
    assert guarded(table)["name"].tolist() == unguarded(table)["name"].tolist() == [text]


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("'=+-@\t\r\n＝甲1."), max_size=6)))
def test_no_text_is_lost(texts):
    table = pd.DataFrame({"name": pd.Series(texts, dtype="str")})
    assert unguarded(guarded(table))["name"].tolist() == texts
    for text in guarded(table)["name"]:
        assert text[:1] not in "=@\t\r\n＝" or text == ""
        assert text[:1] not in "+-" or not text or re.fullmatch(r"[+-](\d+\.?\d*|\.\d+)", text)


def test_headings_are_no_formulas_either(tmp_path):
    write_table(pd.DataFrame({"=1+1": [1]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == "'=1+1\n1\n"


def test_a_workbook_holds_texts_as_texts(tmp_path):
    table = pd.DataFrame({"station": FORMULAS, "value": range(len(FORMULAS))})
    path = write_table(table, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(path).active
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert {cell.data_type for cell in sheet["B"][1:]} == {"n"}
    assert pd.read_excel(path)["station"].tolist() == FORMULAS


def test_a_character_that_no_workbook_holds_is_said(tmp_path):
    with pytest.raises(OutputError, match="a character that a workbook cannot hold"):
        write_table(pd.DataFrame({"name": ["bell\x07"]}), tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_table_too_long_for_a_workbook_is_refused(tmp_path):
    with pytest.raises(OutputError, match="no room for 1,048,576 rows"):
        write_table(pd.DataFrame(index=range(1_048_576), columns=[]), tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_names_that_mean_harm_come_back_from_a_study_folder(hostile, tmp_path):
    """A line's end within a name is a blank, as in every table that is read."""
    again = Study.from_folder(hostile.to_folder(tmp_path / "s"))
    for name in ("samples", "stations", "targets"):
        held = getattr(again, name)["station"].unique().tolist()
        assert held == [" ".join(one.split()) for one in getattr(hostile, name)["station"].unique()]
    assert again.measures["measure"].tolist() == hostile.measures["measure"].tolist()
