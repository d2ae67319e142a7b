"""`wqstudy claims`."""

import pandas as pd
import pytest

from wqstudy import simulate


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "claims.csv"
    file.write_text(
        "成效,类型,区县,指标,公布数值,治理前,治理后\n一,比率,,,,37.66 %,99.97 %\n二,浓度,甲,总磷,下降23%,,\n",
        "utf-8",
    )
    return file


def test_a_table_alone(run, table):
    code, lines, _ = run("claims", table)
    assert code == 0
    assert len(lines) == 2
    assert lines[0].startswith("一: 37.66 % → 99.97 %: supported")
    assert "no record of the water" in lines[1]


def test_against_a_study(run, table, tmp_path):
    study = simulate.study(7, ["甲", "戊"], stations=3, months=60)
    folder = study.to_folder(tmp_path / "study")
    out = tmp_path / "out.csv"
    code, lines, _ = run("claims", folder, "--claims", table, "--out", out, "--lang", "zh")
    assert code == 0
    assert "甲总磷：公布下降23%" in lines[1]
    assert lines[2].endswith("2 rows")
    assert pd.read_csv(out)["verdict"].tolist()[0] == "supported"


def test_bad_input_is_one_line(fails, table, tmp_path):
    folder = simulate.study(7, ["甲", "戊"], stations=3, months=60).to_folder(tmp_path / "study")
    assert "there are no claims" in fails("claims", folder)
    assert "cannot be read" in fails("claims", tmp_path / "nowhere.csv")
    assert "'fr' is not a language" in fails("claims", table, "--lang", "fr")
    assert "argument tolerance: 3.0 is not a tolerance" in fails("claims", table, "--tolerance", "3")
    assert "argument background: 'fast' is not a figure" in fails("claims", table, "--background", "fast")
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n", "utf-8")
    assert "column 'claim' is missing" in fails("claims", tmp_path / "odd.csv")
    (tmp_path / "kind.csv").write_text("claim,kind\na,hope\n", "utf-8")
    assert "must be one of concentration, rate" in fails("claims", tmp_path / "kind.csv")
    assert "a table cannot be written" in fails("claims", table, "--out", tmp_path / "out.pdf")
