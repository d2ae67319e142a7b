"""`wqstudy grade`: classes and indices from the command line."""

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import grading, words

TABLE = """断面,采样日期,河流,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),水质类别
北桥,2021-01-05,东河,3.1,0.4,0.05,Ⅱ类
北桥,2021-02-05,东河,6.4,0.025L,0.05,Ⅳ类
南湖心,2021-01-05,某湖,3.1,0.4,0.05,Ⅲ类
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_every_sample_has_its_class(run, table, tmp_path):
    code, out, err = run("grade", table, "--out", tmp_path / "graded.csv")
    assert (code, err, out) == (0, [], [f"{tmp_path / 'graded.csv'}: 3 rows"])
    written = pd.read_csv(tmp_path / "graded.csv")
    assert list(written)[:7] == [
        "station",
        "time",
        "water_body",
        "class",
        "class_label",
        "determining",
        "n_samples",
    ]
    assert written["class"].tolist() == written["reported_class"].tolist() == [2, 4, 3]
    assert written["determining"].tolist() == ["CODMn;NH3N;TP", "CODMn", "TP"]


def test_classes_are_shown_where_no_file_is_asked_for(run, table):
    code, out, _ = run("grade", table, "--period", "month", "--lang", "zh")
    assert code == 0
    assert len(out) == 4
    assert words.heading("class_label", "zh") in out[0]
    assert "Ⅳ类" in out[-1] or "Ⅳ类" in out[-2]


def test_long_tables_are_cut_and_say_so(run, demo):
    code, out, _ = run("grade", "demo", "--period", "year")
    assert code == 0
    graded = wq.grade(demo, "year")
    assert out[-1] == words.text("answer.more", "en", n=f"{len(graded) - 20:,}")


@pytest.mark.parametrize("by", ["district", "river"])
def test_units_have_a_status(run, demo, tmp_path, by):
    code, _, _ = run("grade", "demo", "--by", by, "--out", tmp_path / "status.csv")
    assert code == 0
    written = pd.read_csv(tmp_path / "status.csv", dtype={"period": str})
    expected = grading.basin_status(wq.grade(demo, "year"), by, demo)
    assert written["status"].tolist() == expected["status"].tolist()
    assert set(written["group"]) == set(demo.unit_of(by).dropna())


@pytest.mark.parametrize(
    ("index", "column"), [("tli", "tli"), ("cwqi", "cwqi"), ("ccme", "wqi"), ("pollution", "mean_index")]
)
def test_indices(run, tmp_path, index, column):
    path = tmp_path / "index.csv"
    how = ["--parameters", "NH3N,TP"] if index in ("pollution", "cwqi") else []
    code, _, err = run("grade", "demo", "--index", index, "--by", "district", *how, "--out", path)
    assert (code, err) == (0, [])
    written = pd.read_csv(path)
    assert column in written
    assert len(written)
    assert written[column].notna().any() or index == "tli", "the demonstration has no chlorophyll"


def test_ranks_of_cities_and_of_their_changes_say_how_sure_they_are(run, tmp_path):
    path = tmp_path / "ranks.csv"
    how = ["--index", "cwqi", "--by", "district", "--parameters", "NH3N,TP", "--probability", "--out", path]
    assert run("grade", "demo", *how)[0] == 0
    ranks = pd.read_csv(path, dtype={"period": str})
    assert (ranks["rank_low"] <= ranks["rank_high"]).all()
    assert ranks.groupby("period")["p_first"].sum().tolist() == pytest.approx([1] * 7, abs=0.02)
    assert run("grade", "demo", *how, "--base", "2016")[0] == 0
    change = pd.read_csv(path)
    assert {"change_percent", "rank_low", "rank_high", "p_first"} <= set(change)
    assert len(change) == ranks["city"].nunique()


@pytest.mark.parametrize(
    ("options", "words_"),
    [
        (["--period", "week"], "'week' is not known. Valid: sample, month, quarter, year"),
        (["--by", "zone"], "the stations table has no column 'zone'"),
        (["--by", "river", "--period", "sample"], "units are graded over a period"),
        (["--index", "wqi"], "'wqi' is not known. Valid: tli, cwqi, ccme, pollution"),
        (["--base", "2016"], "only the city index has a change"),
        (["--index", "cwqi", "--base", "1950"], "'1950' is no period before the last. Valid: none"),
        (["--index", "tli", "--probability"], "only classes of sections and ranks of cities"),
        (["--water-body", "sea"], "'sea' is not known"),
        (["--rounding", "up"], "'up' is not known"),
        (["--nondetect", "drop"], "'drop' is not known"),
        (["--parameters", "TN"], "none of TN sets a class"),
    ],
)
def test_bad_options_are_one_line(fails, table, options, words_):
    assert words_ in fails("grade", table, *options)


def test_chinese_tables_say_words_once_and_name_the_unit(run):
    for more, heading in (
        (("--by", "district", "--period", "year"), "水质状况"),
        (("--by", "district", "--period", "year"), "区县"),
        (("--period", "year"), "水质类别"),
        (("--index", "cwqi", "--by", "district"), "区县"),
        (("--index", "cwqi", "--by", "district", "--probability"), "区县"),
        (("--index", "cwqi", "--by", "district", "--base", "2016"), "区县"),
        (("--index", "ccme"), "站点"),
    ):
        code, out, _ = run("grade", "demo", "--lang", "zh", *more)
        assert code == 0
        assert out[0].split().count(heading) == 1
        assert not {"city", "group", "river", "moderate", "light", "True"} & set(" ".join(out).split())
