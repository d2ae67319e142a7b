"""The Word document: the same blocks as the page, with real tables, for those who edit and print."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wqstudy.report.blocks import Block, Bullets, Cell, Document, Fold, Picture, Table, Terms, Text
from wqstudy.report.content import documents

WORD = "report.docx"
_LATIN, _CHINESE = "Calibri", "Microsoft YaHei"
_INK, _SOFT, _WATER, _MIST, _LINE = "17242E", "51606D", "0A5C80", "EAF2F5", "C3CFD6"
_TONES = {"fell": "07668F", "rose": "A83C05"}
_MARKS = {"fell": "▼ ", "rose": "▲ ", "unclear": "? "}
_BROAD = 9
"""A table of more columns stands on a page turned sideways."""
_NARROW, _WIDE = 8, 26
"""Least and most letters that a column's width is reckoned for."""
_LATIN_END = 0x2E7F
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML cannot hold."""


def write_docx(folder: Path) -> Path:
    """Write `report.docx` from a report's `results.json` and its figures as PNG.

    Parameters
    ----------
    folder
        A report as `wqstudy.report.run` lays it out.

    Returns
    -------
    Path
        The document.
    """
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    path = folder / WORD
    word_of(documents(results), folder).save(str(path))
    return path


def word_of(parts: Sequence[Document], folder: Path) -> Any:
    """Documents as one Word document, one after the other: a `docx.document.Document` to save.

    Parameters
    ----------
    parts
        The same document in one language or two.
    folder
        Where the figures are.
    """
    import docx  # noqa: PLC0415 - slow to load, and seldom needed

    made: Any = docx.Document()
    _styled(made, small=parts[0].compact)
    made.core_properties.title = _legal(parts[0].title)
    made.core_properties.author = "wqstudy"
    made.core_properties.language = "zh-CN" if parts[0].lang == "zh" else "en"
    writer = _Writer(made, folder, small=parts[0].compact)
    for number, part in enumerate(parts):
        if number:
            made.add_page_break()
        writer.write(part)
    return made


class _Writer:
    """Writes blocks into a document; wide tables turn the page."""

    def __init__(self, made: Any, folder: Path, *, small: bool) -> None:
        self.made, self.folder, self.small = made, folder, small
        self.figures: Mapping[str, str] = {}
        _turn(made.sections[0], sideways=False)
        if small:
            _spread(made.sections[0])

    def write(self, part: Document) -> None:
        self.figures = part.figures
        self.made.add_heading(_legal(part.title), level=0)
        for block in part.head:
            self.block(block)
        for section in part.sections:
            self.made.add_heading(section.title, level=1)
            for block in section.blocks:
                self.block(block)

    def block(self, block: Block) -> None:
        match block:
            case Text():
                style = {"question": "Subtitle", "banner": "Intense Quote"}.get(block.tone, "Normal")
                self.made.add_paragraph(_legal(block.text), style=style)
            case Bullets():
                for line in block.lines:
                    self.made.add_paragraph(_legal(line), style="List Bullet")
            case Terms(tone="facts") if self.small:
                pass  # the lines below say the same
            case Terms():
                for name, value in block.pairs:
                    line = self.made.add_paragraph()
                    line.add_run(f"{_legal(name)}  ").bold = True
                    line.add_run(_legal(value))
                    line.paragraph_format.space_after = 0
            case Picture():
                self.picture(block)
            case Fold():
                self.fold(block)
            case Table():
                self.table(block)

    def fold(self, block: Fold) -> None:
        """What a page folds away, under a heading of its own, on a page that is wide enough."""
        broad = any(_is_broad(inner) for inner in block.blocks)
        if broad:
            self.turn(sideways=True)
        self.made.add_heading(_legal(block.title), level=2)
        for inner in block.blocks:
            if isinstance(inner, Table):
                self.grid(inner, titled=inner.title == block.title)
            else:
                self.block(inner)
        if broad:
            self.turn(sideways=False)

    def turn(self, *, sideways: bool) -> None:
        from docx.enum.section import WD_SECTION  # noqa: PLC0415

        _turn(self.made.add_section(WD_SECTION.NEW_PAGE), sideways=sideways)

    def picture(self, block: Picture) -> None:
        """A figure no wider and no taller than the page, with its words for those who do not see it."""
        from docx.shared import Length  # noqa: PLC0415

        section = self.made.sections[-1]
        wide = section.page_width - section.left_margin - section.right_margin
        tall = int(0.85 * (section.page_height - section.top_margin - section.bottom_margin))
        shape = self.made.add_picture(str(self.folder / f"{self.figures[block.name]}.png"))
        share = min(wide / shape.width, tall / shape.height) * (0.5 if self.small else 1)
        shape.width, shape.height = Length(int(shape.width * share)), Length(int(shape.height * share))
        shape._inline.docPr.set("descr", _legal(block.alt))  # noqa: SLF001 - python-docx has no other way
        self.made.paragraphs[-1].paragraph_format.keep_with_next = True
        self.made.add_paragraph(_legal(block.caption), style="Caption")

    def table(self, block: Table) -> None:
        if _is_broad(block):
            self.turn(sideways=True)
        self.grid(block)
        if _is_broad(block):
            self.turn(sideways=False)

    def grid(self, block: Table, *, titled: bool = False) -> None:
        """A table; `titled` where a heading has already said what it shows."""
        from docx.shared import Length, Pt  # noqa: PLC0415

        if not titled:
            caption = self.made.add_paragraph(_legal(block.title), style="Caption")
            caption.paragraph_format.keep_with_next = True
        section = self.made.sections[-1]
        room = section.page_width - section.left_margin - section.right_margin
        widths = [Length(int(room * share)) for share in _shares(block)]
        table = self.made.add_table(rows=0, cols=len(block.columns), style="Table Grid")
        table.autofit = False
        _lined(table._tbl.tblPr)  # noqa: SLF001
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        size = Pt(7 if self.small else 7.5 if _is_broad(block) else 8.5)
        heading = [Cell(name) for name in block.columns]
        for place, cells in enumerate((heading, *block.rows)):
            row = table.add_row()
            _rule(row._tr, head=not place)  # noqa: SLF001
            for cell, held, number, width in zip(row.cells, cells, block.numbers, widths, strict=True):
                cell.width = width
                _fill(cell, held, number=number, head=not place, size=size, beside=self.small)
        if not self.small:
            self.made.add_paragraph()


def _is_broad(block: Block) -> bool:
    return isinstance(block, Table) and len(block.columns) > _BROAD


def _shares(block: Table) -> list[float]:
    """Share of the room for each column: by the longest word of its heading and its usual cells."""
    wants = []
    for place, name in enumerate(block.columns):
        cells = [row[place] for row in block.rows]
        longest = max((width(text) for cell in cells for text in (cell.text, cell.small)), default=0)
        word = max((len(part) for part in name.split()), default=0)  # a Chinese heading breaks anywhere
        wants.append(min(max(longest, word, _NARROW), _WIDE))
    return [want / sum(wants) for want in wants]


def width(text: str) -> int:
    """Letters' widths, a Chinese one as two."""
    return sum(2 if ord(letter) > _LATIN_END else 1 for letter in text)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _fill(cell: Any, held: Cell, *, number: bool, head: bool, size: Any, beside: bool) -> None:
    """One cell of a table: text, what stands small below it or beside it, label."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    line = cell.paragraphs[0]
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0.5 if beside else 1.5)
    if number:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    first = line.add_run(_MARKS.get(held.tone, "") + _legal(held.text))
    first.font.size = size
    first.bold = head or held.tone in _TONES
    if held.tone in _TONES:
        first.font.color.rgb = RGBColor.from_string(_TONES[held.tone])
    for text in filter(None, (held.small, held.label)):
        run = line.add_run(("  " if beside else "\n") + _legal(text))
        run.font.size = Pt(6.5 if beside else 7)
        run.font.color.rgb = RGBColor.from_string(_SOFT)
    if head:
        _shade(cell._tc)  # noqa: SLF001


def _rule(row: Any, *, head: bool) -> None:
    """Rows do not break over pages; the heading row comes again on each."""
    from docx.oxml import OxmlElement  # noqa: PLC0415

    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _lined(properties: Any) -> None:
    """Thin lines between the rows, and none between the columns."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        drawn = side in ("top", "bottom", "insideH")
        for name, value in (("val", "single" if drawn else "nil"), ("sz", "4"), ("color", _LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties.find(qn("w:tblLayout")).addprevious(borders)  # Word asks for this order


def _shade(cell: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", _MIST)):
        shade.set(qn(name), value)
    cell.get_or_add_tcPr().append(shade)


def _turn(section: Any, *, sideways: bool) -> None:
    """A4, upright or sideways."""
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Mm  # noqa: PLC0415

    short, long = Mm(210), Mm(297)
    section.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if sideways else (short, long)
    section.left_margin = section.right_margin = Mm(15 if sideways else 20)
    section.top_margin = section.bottom_margin = Mm(15 if sideways else 18)


def _spread(section: Any) -> None:
    """Narrow margins, for what is to stand on few sheets."""
    from docx.shared import Mm  # noqa: PLC0415

    section.left_margin = section.right_margin = Mm(14)
    section.top_margin = section.bottom_margin = Mm(12)


def _styled(made: Any, *, small: bool) -> None:
    """One pair of fonts everywhere, calm colours; `small` for few sheets."""
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    sizes = {"Normal": 10.5, "Title": 22, "Heading 1": 15, "Heading 2": 12, "Subtitle": 12, "Caption": 9}
    inks = {"Title": _INK, "Heading 1": _WATER, "Heading 2": _WATER, "Subtitle": _SOFT, "Caption": _SOFT}
    for name in (*sizes, "List Bullet", "Intense Quote"):
        style = made.styles[name]
        style.font.name = _LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), _CHINESE)
        style.font.italic = False
        if name in sizes:
            style.font.size = Pt(sizes[name] * (0.75 if small else 1))
        style.font.color.rgb = RGBColor.from_string(inks.get(name, _INK))
        if small:
            style.font.size = style.font.size or Pt(8)
            style.paragraph_format.space_before = Pt(5 if name.startswith("Heading") else 0)
            style.paragraph_format.space_after = Pt(2)
            style.paragraph_format.line_spacing = 1.0
    banner = made.styles["Intense Quote"].paragraph_format
    banner.left_indent = banner.right_indent = Pt(0)
