"""The page: one HTML file, made from blocks, that needs no other file and no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import jinja2
import markupsafe

from wqstudy.plots.fonts import font_for
from wqstudy.plots.look import class_colours
from wqstudy.report.blocks import Document
from wqstudy.report.content import documents, say

PAGE = "index.html"
LOCALES = {"en": "en", "zh": "zh-CN"}
NATIVE = {"en": "English", "zh": "中文"}
_FONT = "@@font@@"
_MARKS = {"fell": "▼", "rose": "▲", "unclear": "?"}
DPI = 150
"""Of the PNG files (`wqstudy.plots.style`)."""
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


def render(folder: Path) -> Path:
    """Write `index.html` from a report's `results.json` and figures; one file without outside links.

    Parameters
    ----------
    folder
        A report as `wqstudy.report.run` lays it out.

    Returns
    -------
    Path
        The page.
    """
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    path = folder / PAGE
    path.write_text(page_of(documents(results), folder), encoding="utf-8", newline="\n")
    return path


def page_of(parts: Sequence[Document], folder: Path) -> str:
    """Documents as one page: one language each, with a switch where there are two.

    Parameters
    ----------
    parts
        The same document in one language or two; the first is shown first.
    folder
        Where the figures are.

    Returns
    -------
    str
        The whole page, with style, script, figures and the Chinese letters that it needs inside.
    """
    templates = _templates()
    script = templates.get_template("page.js").render()
    page = templates.get_template("page.html.j2").render(
        parts=parts,
        say=say,
        locales=LOCALES,
        native=NATIVE,
        marks=_MARKS,
        colours=class_colours(),
        inline=partial(_inline, folder),
        script=markupsafe.Markup(script),  # noqa: S704 - our own file
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
    )
    # The font's own letters are those of the page: it goes in last.
    return page.replace(_FONT, base64.b64encode(font_for(page)).decode("ascii"), 1)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("wqstudy.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@dataclass(frozen=True, slots=True)
class _Inline:
    """A figure as a data address, and its width on a screen in CSS pixels."""

    address: str
    width: int


def _inline(folder: Path, place: str) -> _Inline:
    """A figure of the report: its SVG, or where that was too heavy, its PNG."""
    files = (folder / f"{place}{ending}" for ending in _KINDS)
    file = next(file for file in files if file.is_file())
    held = file.read_bytes()
    if file.suffix == ".svg":
        points = re.search(rb'<svg[^>]*? width="([0-9.]+)pt"', held)
        width = float(points[1]) * 96 / 72 if points else 0.0
    else:
        width = int.from_bytes(held[16:20]) * 96 / DPI  # the header says the width there
    address = f"data:{_KINDS[file.suffix]};base64,{base64.b64encode(held).decode('ascii')}"
    return _Inline(address, round(width))
