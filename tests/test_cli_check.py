"""`wqstudy check`: what failed, counts, a table, one line when the input is bad."""

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.effects.checks import CHECKS


def test_failures_counts_and_table(run, demo, tmp_path):
    out = tmp_path / "checks.csv"
    code, said, progress = run("check", "demo", "--parameters", "TP", "--out", out)
    told = wq.checks(demo, "TP")
    failed = [row.sentence_en for row in told if row.outcome == "failed"]
    assert code == 0
    assert progress == ["TP (1/1) …"]
    assert said[: len(failed)] == failed
    assert len(said) == len(failed) + len(CHECKS) + 1
    assert said[len(failed)].startswith("parallel trends before the start: ")
    assert said[-1] == f"{out}: {len(told)} rows"
    assert pd.read_csv(out)["outcome"].tolist() == told.table()["outcome"].tolist()


def test_in_chinese(run):
    _, said, _ = run("check", "demo", "--parameters", "总磷", "--lang", "zh")
    assert any(line.startswith("治理前平行趋势：通过") for line in said)


@pytest.mark.parametrize(
    ("given", "named"),
    [(("--by", "street"), "by"), (("--lang", "fr"), "--lang"), (("--parameters", "PH"), "parameters")],
)
def test_bad_input_is_one_line(fails, given, named):
    assert named in fails("check", "demo", *given)


def test_a_path_that_is_not_there(fails, tmp_path):
    assert "no such file" in fails("check", tmp_path / "none")
