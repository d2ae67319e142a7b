"""`wqstudy evaluate`: sentences, a table, progress on stderr, one line when the input is bad."""

import pandas as pd
import pytest

import wqstudy as wq


@pytest.fixture
def two(demo):
    return wq.evaluate(demo, parameters=["TP"])


def test_sentences_and_table(run, two, tmp_path):
    out = tmp_path / "effects.csv"
    code, said, progress = run("evaluate", "demo", "--parameters", "TP", "--out", out)
    assert code == 0
    assert progress == ["TP (1/1) …"]
    assert said[:5] == [row.sentence_en for row in (*two.rows, *two.pooled)]
    assert "assumed" in said[5]
    assert said[6] == f"{out}: 4 rows"
    written = pd.read_csv(out)
    assert list(written) == list(two.table())
    assert written["verdict"].tolist() == two.table()["verdict"].tolist()
    assert written["effect_percent"].tolist() == pytest.approx(two.table()["effect_percent"].tolist())


def test_in_chinese(run, two):
    _, said, _ = run("evaluate", "demo", "--parameters", "总磷", "--lang", "zh")
    assert said[0] == two.rows[0].sentence_zh


def test_priors_can_be_set(run):
    _, said, _ = run("evaluate", "demo", "--parameters", "TP", "--trend-sd", "0.1", "--reduction", "0.4")
    assert "10 % a year" in said[-1]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (("--level", "2"), "level"),
        (("--reduction", "20"), "reduction"),
        (("--trend-sd", "0"), "trend_sd"),
        (("--by", "street"), "by"),
        (("--lang", "fr"), "--lang"),
    ],
)
def test_bad_input_is_one_line(fails, given, named):
    assert named in fails("evaluate", "demo", "--parameters", "TP", *given)


def test_a_table_without_measures_says_what_is_missing(fails, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("断面,区县,采样日期,总磷(mg/L)\n北桥,甲,2021-01-05,0.1\n", encoding="utf-8")
    assert "measures" in fails("evaluate", path)
