"""The bulletin as a page and as a Word document: the same tables, both languages, names as text."""

import re

import docx
import pandas as pd
import pytest

from wqstudy import Study, words
from wqstudy.grading import monthly_bulletin
from wqstudy.report import bulletin

MONTH = "2018-03"


@pytest.fixture(scope="module")
def targeted(small):
    names = small.stations["station"]
    targets = pd.DataFrame({"station": names, "target_class": 3, "due": "2018-03-31"})
    return Study(small.samples, small.stations, small.measures, targets=targets, title="Water & <b>air</b>")


@pytest.fixture(scope="module")
def written(targeted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bulletin")
    lines = bulletin(targeted, MONTH, folder / "b.html", docx=folder / "b.docx", lang="both")
    return (folder / "b.html").read_text("utf-8"), docx.Document(str(folder / "b.docx")), lines


def headings(lang):
    names = ("classes", "changes", "inferior", "deadlines", "ranking", "sections")
    return [words.text("page.answer", lang), *(words.text(f"bulletin.{name}", lang) for name in names)]


def test_both_languages_have_every_section(written):
    page, made, _ = written
    for lang in words.LANGUAGES:
        for title in headings(lang):
            assert f">{title}</h2>" in page
    told = [p.text for p in made.paragraphs if p.style.name == "Heading 1"]
    assert told == headings("en") + headings("zh")
    assert page.count('class="part compact"') == 2


def test_the_page_needs_nothing_else(written):
    page = written[0]
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "Water &amp; &lt;b&gt;air&lt;/b&gt;: 2018-03" in page


def test_tables_of_the_word_document_are_tables(written, targeted):
    """Classes, change, deadlines, ranking, sections; inferior V where there is any; in both languages."""
    held = monthly_bulletin(targeted, MONTH)
    every = [held.shares, held.changes, held.inferior_v, held.deadlines, held.ranking, held.sections]
    rows = [len(table) + 1 for table in every if len(table)]
    tables = written[1].tables
    assert [len(table.rows) for table in tables] == rows * 2
    last = tables[len(rows) - 1]
    assert [row.cells[0].text for row in last.rows[1:]] == held.sections["station"].tolist()
    classes = [words.text(f"class.{one}") for one in held.sections["class"]]
    assert [row.cells[2].text for row in last.rows[1:]] == classes


def test_what_it_says_at_its_head(written, targeted):
    held = monthly_bulletin(targeted, MONTH)
    now, lines = held.shares.iloc[0], written[2]
    assert lines[0].startswith(f"{now['n_sections']} of 9 sections have a class: ")
    assert f"{now['share_good']:.1f} %" in lines[0]
    assert lines[1].startswith("Against the month before (2018-02), ")
    assert lines[2].startswith("Against the same month last year (2017-03), ")
    for line, row in zip(lines[1:3], held.changes.to_dict("records"), strict=True):
        assert row["by_shares"] in line
        assert ("do not tell it" in line) == (row["delta_low"] <= 0 <= row["delta_high"])
    counts = held.deadlines["state"].value_counts()
    assert all(f"{words.text(f'bulletin.{state}')} {n}" in lines[3] for state, n in counts.items())


def test_a_section_without_a_sample_is_named(targeted, tmp_path):
    lost = targeted.stations["station"].iloc[0]
    month = targeted.samples["time"].dt.strftime("%Y-%m")
    samples = targeted.samples[(month != MONTH) | (targeted.samples["station"] != lost)]
    study = Study(samples, targeted.stations, language="zh")
    lines = bulletin(study, MONTH, tmp_path / "b.html")
    assert lines[-1] == f"本月无样本的断面：1个（{lost}）。"
    page = (tmp_path / "b.html").read_text("utf-8")
    assert re.search(rf">\s*{lost}</th>.{{0,200}}本月无样本", page, re.DOTALL)


def test_shared_ranks_are_marked(tmp_path):
    rows = [(s, day, "NH3N", 0.4) for s in "ab" for day in ("2020-08-03", "2021-08-03")]
    samples = pd.DataFrame(rows, columns=["station", "time", "parameter", "value"])
    bulletin(Study(samples), "2021-08", tmp_path / "b.html", "station", docx=tmp_path / "b.docx")
    ranking = docx.Document(str(tmp_path / "b.docx")).tables[2]
    assert [row.cells[3].text for row in ranking.rows[1:]] == ["1 =", "1 ="]
    assert [row.cells[4].text for row in ranking.rows[1:]] == ["1–2", "1–2"]


def test_a_month_that_has_no_other(tmp_path):
    samples = pd.DataFrame({"station": ["a"], "time": ["2021-08-03"], "parameter": "NH3N", "value": 9.0})
    lines = bulletin(Study(samples), "2021-08", tmp_path / "b.html", "station", docx=tmp_path / "b.docx")
    assert lines[1] == "Against the month before (2021-07): no section has a class in both."
    page = (tmp_path / "b.html").read_text("utf-8")
    assert not re.search(r">\s*(nan|None|NaT|&lt;NA&gt;)", page)
    texts = [cell.text for table in docx.Document(str(tmp_path / "b.docx")).tables for cell in table._cells]
    assert not {"nan", "<NA>", "None"} & set(texts)


def test_what_detection_limits_leave_open_is_said_to_be_open(tmp_path):
    """A limit of 0.5 mg/L of total phosphorus lies above the limits of classes I to V."""
    rows = [(s, day, "TP", 0.5, "left") for s in "abcde" for day in ("2020-08-03", "2021-08-03")]
    samples = pd.DataFrame(rows, columns=["station", "time", "parameter", "value", "censored"])
    lines = bulletin(Study(samples), "2021-08", tmp_path / "b.html", "station")
    assert "by the means of all days" not in lines[0]
    assert "changed by 0.0 points (–): no clear change" in lines[2]
    assert lines[2].endswith("but the samples do not tell it from no change.")


def test_names_that_mean_harm_are_text(hostile, tmp_path):
    bulletin(hostile, "2019-03", tmp_path / "b.html", docx=tmp_path / "b.docx", lang="both")
    page = (tmp_path / "b.html").read_text("utf-8")
    assert "<script>window.harm" not in page
    assert "<img src=x" not in page
    made = docx.Document(str(tmp_path / "b.docx"))
    shown = {row.cells[0].text for table in made.tables for row in table.rows}
    assert set(hostile.stations["station"]) <= shown
