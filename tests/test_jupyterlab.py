"""What JupyterLab shows: short, escaped, in the study's language, the same at every run."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import wqstudy as wq
from wqstudy import Reading, evaluate, simulate
from wqstudy.progress import steps
from wqstudy.samples import LEDGER_COLUMNS, join_ledgers


class Well(HTMLParser):
    """Fails where a tag is not closed in its turn."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = []

    def handle_starttag(self, tag, _attrs):
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read_html(thing):
    """The text of what is shown; well-formed, without an address of memory and of one screen."""
    page = thing._repr_html_()
    parser = Well()
    parser.feed(page)
    assert not parser.open
    assert not re.search(r"0x[0-9a-f]{6}|\d\d:\d\d", page)
    said = " ".join(parser.text)
    assert len(said) < 5000
    assert page == thing._repr_html_()
    return said


def test_a_study_in_its_language(demo):
    said = read_html(demo)
    assert demo.title in said
    assert f"{len(demo.samples):,}, of which" in said
    demo.language = "zh"
    try:
        chinese = read_html(demo)
    finally:
        demo.language = "en"
    for word in ("模拟数据", "氨氮、总磷、高锰酸盐指数", "6个站点", "治理措施", "逐日流量", "2016-01-"):
        assert word in chinese
    assert "samples" not in chinese


def test_a_study_with_hardly_anything_and_marks_of_html():
    samples = pd.DataFrame({"station": ["a<b"], "time": ["2020-01-01"], "parameter": ["TP"], "value": [0.1]})
    study = wq.Study(samples, title="<script>x</script> & co")
    assert "<script>" not in study._repr_html_()
    assert "<script>x</script> & co" in read_html(study)
    empty = wq.Study(samples.iloc[:0], title="none")
    assert "none" in read_html(empty)


def test_a_reading_names_the_commonest_reasons():
    ledger = join_ledgers(
        [
            pd.DataFrame(
                [dict.fromkeys(LEDGER_COLUMNS) | {"action": "dropped", "reason": f"<r{n}>"}] * (12 - n)
            )
            for n in range(10)
        ]
    )
    samples = pd.DataFrame({"station": ["a"], "parameter": ["TP"]})
    reading = Reading(samples, ledger, kept=5)
    said = read_html(reading)
    assert str(reading) in said
    assert "dropped: <r0>" in said
    assert "<r9>" not in said
    assert "2 more reasons in the ledger" in said
    assert "more reasons" not in read_html(Reading(samples, ledger.iloc[:3]))


@pytest.mark.parametrize(("lang", "word"), [("en", "beyond the controls"), ("zh", "相对对照")])
def test_evaluations_speak_the_language_asked_for(small, lang, word):
    told = evaluate(small, lang=lang)
    said = read_html(told)
    assert word in said
    assert getattr(told.rows[0], f"sentence_{lang}") in said
    assert getattr(told.pooled[0], f"sentence_{lang}") in said


def test_an_estimate_is_escaped():
    said = read_html(wq.Estimate(-0.5, -0.8, -0.2, unit="<log>", method="a & b"))
    assert "-0.5 <log>" in said
    assert "a & b" in said


# ---------------------------------------------------------------- progress


def test_nothing_is_shown_unless_asked(capfd):
    assert list(steps("ab", None, 2)) == list(steps("ab", False, 2)) == ["a", "b"]
    assert capfd.readouterr() == ("", "")


def test_a_bar_goes_to_stderr_and_counts(capfd):
    seen = list(steps(["NH3N", "TP"], True, 2))
    out, _ = capfd.readouterr()
    assert seen == ["NH3N", "TP"]
    assert out == ""


def test_a_bar_on_a_terminal(monkeypatch, capfd):
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes this for a terminal
    monkeypatch.setenv("TERM", "xterm")
    list(steps(["NH3N", "TP"], True, 2))
    err = capfd.readouterr().err
    assert "TP" in err
    assert "2/2" in err


def test_work_tells_how_far_it_has_come(small):
    told = []
    evaluate(small, progress=lambda *call: told.append(call))
    assert told == [("TP", 0, 1)]
    for long_work in (wq.compare, wq.trend):
        told.clear()
        long_work(small, progress=lambda *call: told.append(call))
        assert told == [("甲", 0, 3), ("乙", 1, 3), ("戊", 2, 3)]


# ---------------------------------------------------------------- versions


def test_versions_are_text_and_a_dictionary():
    told = wq.show_versions()
    assert told["wqstudy"] == wq.__version__
    assert told["numpy"] == np.__version__
    lines = str(told).splitlines()
    assert len(lines) == len(told)
    assert all(line.split(maxsplit=1)[0] for line in lines)
    assert repr(told) == str(told)
    assert not any("/" in value for name, value in told.items() if name != "platform")


def test_simulated_studies_show_themselves_alike():
    assert read_html(simulate.study(3)) == read_html(simulate.study(3))
