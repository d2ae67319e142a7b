"""The Word document says what the page says, in real tables, with fonts for Chinese."""

import re

import docx
import pytest
from docx.oxml.ns import qn

from wqstudy.report import run
from wqstudy.report.blocks import Fold, Picture, Table
from wqstudy.report.content import document
from wqstudy.report.word import write_docx


@pytest.fixture(scope="module", params=["en", "zh"])
def folder(request, small, tmp_path_factory):
    made = tmp_path_factory.mktemp("word") / request.param
    run(small, made, lang=request.param)
    return made


@pytest.fixture(scope="module")
def written(folder):
    return docx.Document(str(write_docx(folder)))


@pytest.fixture(scope="module")
def said(folder):
    """What the page is made from."""
    import json

    return document(json.loads((folder / "results.json").read_text("utf-8")))


def blocks_of(part, kind):
    todo = [*part.head, *(block for section in part.sections for block in section.blocks)]
    while todo:
        block = todo.pop(0)
        if isinstance(block, Fold):
            todo[:0] = block.blocks
        elif isinstance(block, kind):
            yield block


def test_every_heading_is_there(written, said):
    titles = [p.text for p in written.paragraphs if p.style.name == "Heading 1"]
    assert titles == [section.title for section in said.sections]
    assert next(p.text for p in written.paragraphs if p.style.name == "Title") == said.title


def test_tables_hold_the_same_cells(written, said):
    told = list(blocks_of(said, Table))
    assert len(written.tables) == len(told) > 4
    for table, block in zip(written.tables, told, strict=True):
        assert [cell.text for cell in table.rows[0].cells] == list(block.columns)
        assert len(table.rows) == len(block.rows) + 1
        last = [cell.text for cell in table.rows[-1].cells]
        for cell, text in zip(block.rows[-1], last, strict=True):
            assert all(part in text for part in (cell.text, cell.small, cell.label))


def test_heading_rows_come_again_on_every_page(written):
    for table in written.tables:
        heads = table._tbl.findall(f".//{qn('w:tblHeader')}")
        assert len(heads) == 1
        assert heads[0].getparent().getparent() is table.rows[0]._tr


def test_figures_are_pictures_with_the_words_of_the_page(written, said):
    told = [block.alt for block in blocks_of(said, Picture)]
    held = [shape._inline.docPr.get("descr") for shape in written.inline_shapes]
    assert held == told
    assert all(re.search(r"\d", text) for text in told)
    for shape in written.inline_shapes:
        assert shape.width <= written.sections[0].page_width


@pytest.mark.parametrize("name", ["Normal", "Title", "Heading 1", "Caption", "List Bullet"])
def test_chinese_has_a_font(written, name):
    fonts = written.styles[name].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
    assert not [key for key in fonts.attrib if key.endswith("Theme")]


def test_broad_tables_lie_on_their_side_and_the_rest_stands(written):
    sides = [section.page_width > section.page_height for section in written.sections]
    assert True in sides
    assert sides[0] is sides[-1] is False


def test_names_that_mean_harm_are_text(hostile, tmp_path):
    run(hostile, tmp_path / "r", lang="both")
    made = docx.Document(str(write_docx(tmp_path / "r")))
    names = [row.cells[0].text for row in made.tables[0].rows[1:]]
    for name in hostile.unit_of("district"):
        assert any(text.startswith(name) for text in names)
