"""Names from data as labels in figures."""

from __future__ import annotations

from functools import cache

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from wqstudy.plots.fonts import style

_LONGEST = 24


def drawable(text: str) -> str:
    r"""A text as one short line that the figures' fonts can show and that is no formula.

    Letters that no font here has become ``?``; a dollar sign is a dollar sign.

    Examples
    --------
    >>> drawable("北桥" + chr(10) + "$x$ " + chr(0x1F9FF)), len(drawable("x" * 99))
    ('北桥 \\$x\\$ ?', 24)
    """
    line = " ".join(text.split())
    known = _letters()
    line = "".join(letter if letter in known else "?" for letter in line)
    if len(line) > _LONGEST:
        line = line[: _LONGEST - 1] + "…"
    return line.replace("$", r"\$")


@cache
def _letters() -> frozenset[str]:
    """Every letter that one of the figures' fonts has."""
    with style():
        families = list(mpl.rcParams["font.family"])
    files = {font_manager.findfont(family) for family in families}
    return frozenset(chr(code) for file in files for code in FT2Font(file).get_charmap())
