"""Samples whose unit is in doubt are named by every result that rests on them, and by no other."""

from copy import copy

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.grading import monthly_bulletin
from wqstudy.report.answer import answer

NOTE = "samples whose unit is in doubt: 12 (甲01 12)"


def changed(study, samples):
    """The study with other samples."""
    other = copy(study)
    other.samples = samples
    return other


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    """The small study on disk, a year of a treated station a thousandfold too large."""
    samples = small.samples.copy()
    slipped = (samples["station"] == "甲01") & (samples["parameter"] == "TP")
    samples.loc[np.flatnonzero(slipped)[:12], "value"] *= 1000
    return changed(small, samples).to_folder(tmp_path_factory.mktemp("slip") / "s")


@pytest.fixture(scope="module")
def slip(folder):
    return wq.Study.from_folder(folder)


def test_the_rows_that_rest_on_them_say_so(slip):
    for table in (wq.compare(slip), wq.trend(slip)):
        notes = table.set_index("district")["notes"]
        assert NOTE in notes["甲"]
        assert not notes.drop("甲").str.contains("doubt").any()
    assert (
        "单位存疑的样本：12个（甲01 12个）"
        in wq.compare(slip, lang="zh").set_index("district").loc["甲", "notes"]
    )


def test_a_window_that_lies_elsewhere_does_not_rest_on_them(slip):
    table = wq.compare(slip, ("2017-06-01", "2018-12-01"), ("2019-06-01", "2020-12-01"))
    assert not table["notes"].str.contains("doubt").any()


def test_effects_rest_on_their_own_samples_and_on_the_controls(slip, small):
    told = wq.evaluate(slip)
    notes = told.table().set_index("district")["notes"]
    assert NOTE in notes["甲"]
    assert [any(NOTE in note for note in row.notes) for row in told.pooled] == [True]
    assert "doubt" not in notes["乙"]
    flag = (small.samples["station"] == "戊01") & (small.samples["parameter"] == "TP")
    control = changed(small, small.samples.assign(flag=pd.array(np.where(flag, "unit?", None), "str")))
    notes = wq.evaluate(control).table()["notes"]
    assert notes.str.contains(f"{flag.sum()} (戊01 {flag.sum()})", regex=False).all()


def test_classes_and_the_bulletin_say_so(slip):
    classes = wq.grade(slip, "month")
    told = classes["notes"].str.contains("TP: samples whose unit is in doubt: ")
    assert classes.loc[told, "station"].unique().tolist() == ["甲01"]
    assert told.sum() == 12
    first = classes.loc[told, "period"].iloc[0]
    assert monthly_bulletin(slip, first).in_doubt == {"甲01": 1}
    assert monthly_bulletin(slip, "2020-06").in_doubt == {}


def test_pages_and_commands_say_so(slip, folder, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = f"total phosphorus: {NOTE}"
    assert line in answer(slip, wq.compare(slip))
    for command in ("compare", "trend", "evaluate"):
        assert line in run(command, folder)[1]
    assert "总磷：单位存疑的样本：12个（甲01 12个）" in run("evaluate", folder, "--lang", "zh")[1]
    assert line in run("report", folder, "--out", "r.html")[1]
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count(NOTE) >= 2  # in the answer, and in the row of the comparison
    month = wq.grade(slip, "month").query("notes.str.contains('doubt')")["period"].iloc[0]
    out = run("bulletin", folder, "--month", month, "--out", "b.html")[1]
    assert (
        "This month and those that it is held against have samples whose unit is in doubt: 1 (甲01 1)." in out
    )
