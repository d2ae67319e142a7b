"""`wqstudy bulletin` at the command line."""

import docx
import pytest


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    return small.to_folder(tmp_path_factory.mktemp("study") / "s")


def test_a_month_in_the_language_of_the_study(run, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("bulletin", folder, "--month", "2018-03")
    assert (code, err) == (0, [])
    assert out[0].startswith("9 of 9 sections have a class: ")
    assert out[-1] == "Bulletin: bulletin-2018-03.html"
    assert [file.name for file in tmp_path.iterdir()] == ["bulletin-2018-03.html"]


def test_both_languages_and_a_word_document(run, folder, tmp_path):
    places = tmp_path / "b.html", tmp_path / "b.docx"
    more = ("--lang", "both", "--by", "river", "--out", places[0], "--docx", places[1])
    code, out, _ = run("bulletin", folder, "--month", "2018年3月", *more)
    assert code == 0
    assert out[-2:] == [f"Bulletin: {place}" for place in places]
    assert places[0].read_text("utf-8").count('class="part compact"') == 2
    titles = [p.text for p in docx.Document(str(places[1])).paragraphs if p.style.name == "Heading 1"]
    assert {"City index", "水质指数排名"} <= set(titles)


def test_chinese(run, folder, tmp_path):
    code, out, _ = run("bulletin", folder, "--month", "2018-03", "--lang", "zh", "--out", tmp_path / "b.html")
    assert code == 0
    assert out[-1] == f"月报：{tmp_path / 'b.html'}"


@pytest.mark.parametrize(
    ("month", "words_", "said"),
    [
        (
            "March",
            (),
            "argument month: 'March' is no month. Valid: such as 2021-08; months sampled, 2016-01 to",
        ),
        (
            "1999-01",
            (),
            "argument month: 1999-01 has no sample of an item that sets a class. Valid: months sam",
        ),
        ("2018-03", ("--by", "city"), "argument by: the stations table has no column 'city'. Valid: station"),
        ("2018-03", ("--lang", "fr"), "argument --lang: 'fr' is not a language here. Valid: zh, en, both."),
        ("2018-03", ("--out", "b.pdf"), "b.pdf: a page is written as HTML. Valid: a name that ends in .html"),
        ("2018-03", ("--docx", "b.doc"), "b.doc: a Word document is written"),
    ],
)
def test_faults_are_one_line(fails, folder, tmp_path, month, words_, said):
    more = () if "--out" in words_ else ("--out", tmp_path / "b.html")
    assert said in fails("bulletin", folder, "--month", month, *more, *words_)
    assert not list(tmp_path.iterdir())
