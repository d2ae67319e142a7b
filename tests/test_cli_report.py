"""`wqstudy report` at the command line."""

import re

import docx
import pytest


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    return small.to_folder(tmp_path_factory.mktemp("study") / "s")


def test_one_page_in_the_language_of_the_study(run, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("report", folder)
    assert (code, err) == (0, [])
    assert out[-1] == "Report: report.html"
    assert [f.name for f in tmp_path.iterdir()] == ["report.html"]
    page = (tmp_path / "report.html").read_text("utf-8")
    assert '<html lang="en">' in page
    assert "data-language=" in page
    assert page.count('class="part"') == 1
    assert len(re.findall(r"[0-9a-f]{64}", page)) == len([f for f in folder.iterdir() if f.is_file()])


def test_both_languages_and_a_word_document(run, folder, tmp_path):
    code, out, _ = run("report", folder, "--lang", "both", "--docx", "--out", tmp_path / "r.html")
    assert code == 0
    assert out[-2:] == [f"Report: {tmp_path / 'r.html'}", f"Report: {tmp_path / 'r.docx'}"]
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count('class="part"') == 2
    titles = [
        p.text for p in docx.Document(str(tmp_path / "r.docx")).paragraphs if p.style.name == "Heading 1"
    ]
    assert {"Answer", "结论"} <= set(titles)


def test_chinese(run, folder, tmp_path):
    code, out, _ = run("report", folder, "--lang", "zh", "--out", tmp_path / "r.html")
    assert code == 0
    assert out[-1] == f"报告：{tmp_path / 'r.html'}"


@pytest.mark.parametrize(
    ("words_", "said"),
    [
        (("--lang", "fr"), "'fr' is not a language here. Valid: zh, en, both."),
        (("--out", "r.pdf"), "a page is written as HTML"),
    ],
)
def test_faults_are_one_line(fails, folder, words_, said):
    assert said in fails("report", folder, *words_)
