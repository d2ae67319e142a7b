"""What makes every page legible: words for the figures of notebooks, and a font with the site's Chinese."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from wqstudy.plots.fonts import font_for

FONT = "chinese.woff"


def describe(_app: Sphinx, doctree: nodes.document) -> None:
    """Give a figure without a description the title of the page and the heading that it stands under."""
    page = next(iter(doctree.findall(nodes.title)), None)
    for image in doctree.findall(nodes.image):
        if image.get("alt"):
            continue
        section = image.parent
        while section is not None and not isinstance(section, nodes.section):
            section = section.parent
        heading = None if section is None else section.next_node(nodes.title)
        said = dict.fromkeys(title.astext() for title in (page, heading) if title is not None)
        image["alt"] = "Figure: " + "; ".join(said)


def carry_font(app: Sphinx, failed: Exception | None) -> None:
    """Cut the font down to the characters that the pages have, so that no reader sees boxes."""
    if failed is None and app.builder.format == "html":
        out = Path(app.outdir)
        said = "".join(file.read_text(encoding="utf-8") for file in sorted(out.rglob("*.html")))
        letters = "".join(sorted(set(re.findall(r"[^\x00-\x7f]", said))))
        (out / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # a template of the theme, no page
        (out / "_static" / FONT).write_bytes(font_for(letters))


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx when."""
    app.connect("doctree-read", describe)
    app.connect("build-finished", carry_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
