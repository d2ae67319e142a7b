"""`wqstudy attain` and `wqstudy grade --probability`."""

import pandas as pd
import pytest


@pytest.fixture
def table(tmp_path):
    time = pd.date_range("2019-01-10", periods=36, freq="30D")
    rows = pd.DataFrame({"station": "a", "time": time, "NH3N (mg/L)": [2.6] * 12 + [0.4] * 24})
    file = tmp_path / "table.csv"
    rows.to_csv(file, index=False)
    return file


def test_since_when(run, table):
    code, lines, _ = run("attain", table, "--lang", "en")
    assert code == 0
    assert "months in a row" in lines[0]
    assert "2020-01" in lines[1]
    code, lines, _ = run("attain", table, "--target", "Ⅰ类", "--lang", "zh")
    assert code == 0
    assert "连续达标月数" in lines[0]
    lines = run("attain", table, "--lang", "zh")[1]
    assert lines[1].split() == ["a", "5", "35", "23", "2020-01", "是", ">0.99"]


def test_deadlines_in_words(run, small, tmp_path):
    folder = small.to_folder(tmp_path / "s")
    (folder / "targets.csv").write_text("station,target_class,due\n甲01,6,2020-12-31\n", encoding="utf-8")
    lines = run("attain", folder, "--today", "2021-01-01", "--lang", "zh")[1]
    assert lines[0].split()[-1] == "状态"
    assert lines[1].split()[-1] == "已达标"


def test_a_table_in_a_file(run, table, tmp_path):
    code, lines, _ = run("attain", table, "--out", tmp_path / "out.csv")
    assert code == 0
    assert "1 rows" in lines[0]
    assert pd.read_csv(tmp_path / "out.csv")["lasting"].tolist() == [True]


def test_how_sure_a_class_is(run, table):
    code, lines, _ = run("grade", table, "--probability", "--lang", "en")
    assert code == 0
    assert "P(I–III)" in lines[0]


def test_bad_input_is_one_line(fails, table):
    assert "'VI' is no target" in fails("attain", table, "--target", "VI")
    assert "'soon' is no day" in fails("attain", table, "--today", "soon")
    assert "no targets with dates" in fails("attain", table, "--today", "2021-01-01")
    assert "only classes of sections" in fails("grade", table, "--probability", "--by", "river")
    assert "'sample' is not known" in fails("grade", table, "--probability", "--period", "sample")
