"""One look for every figure, with a font that has Chinese."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from functools import cache

import matplotlib as mpl
import pylopdf_fonts_zh_cn
import seaborn as sns
from fontTools import subset
from matplotlib import font_manager

_INSTALLED = (
    "Microsoft YaHei",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "SimHei",
)
"""Sans-serif fonts with simplified Chinese that Windows, macOS and Linux bring, best first."""


_LATIN = 0x20FF
"""Above this lie signs such as − ▼ Ⅲ, Chinese characters and their punctuation."""


@cache
def chinese_font() -> str:
    """Name of a font with Chinese: the computer's own where there is one, else Noto Sans SC.

    Examples
    --------
    >>> chinese_font() != ""
    True
    """
    known = set(font_manager.get_font_names())
    for name in _INSTALLED:
        if name in known:
            return name
    carried = str(pylopdf_fonts_zh_cn.sans_path())
    font_manager.fontManager.addfont(carried)
    return str(font_manager.FontProperties(fname=carried).get_name())


def font_for(text: str) -> bytes:
    """A web font (WOFF) with just the Chinese characters and signs of a text: a page never shows boxes.

    Parameters
    ----------
    text
        Everything that the page says.

    Returns
    -------
    bytes
        Noto Sans SC cut down to those characters (SIL Open Font Licence 1.1).

    Examples
    --------
    >>> font_for("水质 class")[:4]
    b'wOFF'
    """
    options = subset.Options(flavor="woff", notdef_outline=True, hinting=False, layout_features=[])
    with subset.load_font(str(pylopdf_fonts_zh_cn.sans_path()), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(letter) for letter in set(text) if ord(letter) > _LATIN])
        cutter.subset(font)
        font["head"].modified = font["head"].created
        font.recalcTimestamp = False
        made = io.BytesIO()
        font.flavor = "woff"
        font.save(made)
    return made.getvalue()


def style() -> AbstractContextManager[None]:
    """The settings that every figure is drawn with, for use in a ``with`` block.

    Latin letters come from DejaVu Sans, which matplotlib carries; what it lacks from `chinese_font`.
    Ids inside SVG files are fixed, so that the same figure is the same file.
    """
    look = sns.axes_style("whitegrid") | sns.plotting_context("notebook", font_scale=0.85)
    ours = {
        "font.family": ["DejaVu Sans", chinese_font()],
        "axes.unicode_minus": True,
        "axes.edgecolor": "0.6",
        "grid.color": "0.9",
        "figure.dpi": 100,
        "savefig.dpi": 150,
        "savefig.bbox": "tight",
        "svg.hashsalt": "wqstudy",
    }
    context: AbstractContextManager[None] = mpl.rc_context(look | ours)
    return context
