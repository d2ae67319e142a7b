"""Colours, marks and axes that all figures share. Classes have the bulletins' colours, and a letter each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgb
from matplotlib.ticker import LogLocator

from wqstudy import rules, words
from wqstudy.effects.verdicts import NONE, SHOWN, UNDECIDED, WORSE

# Told apart by readers who do not see red and green alike (the palette "colorblind" of seaborn).
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#949494"
BAND, LINE = "#9ecae1", "#08519c"

EFFECT = {SHOWN: BLUE, WORSE: RED, NONE: GREEN, UNDECIDED: GREY}
VERDICT = {"fell": BLUE, "unclear": GREY, "rose": RED}
WINDOW = {"before": ORANGE, "after": BLUE}
NON_DETECT: dict[str, Any] = {"marker": "v", "markerfacecolor": "white", "linestyle": ""}
"""A mark for what is only a limit: hollow, and pointing to where the value lies."""
TRUTH: dict[str, Any] = {
    "marker": "D",
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "linestyle": "",
}
"""A mark for the truth of a simulated study."""

_ROMAN = ("", "I", "II", "III", "IV", "V")
_DARK = 0.6  # luminance below which letters are white


def class_colours() -> list[str]:
    """Colours of undetermined, class I … V and inferior V, in that order.

    Examples
    --------
    >>> len(class_colours())
    7
    """
    colours = rules.load("assessment_2011")["class_colours"]
    return [colours["undetermined"], *colours["by_class"]]


def class_letter(number: int, lang: str) -> str:
    """A class as it is written on its colour.

    Examples
    --------
    >>> class_letter(4, "en"), class_letter(6, "zh")
    ('IV', '劣V')
    """
    return _ROMAN[number] if number < len(_ROMAN) else words.text("plot.inferior", lang)


def ink(colour: str) -> str:
    """Black or white, whichever can be read on a colour.

    Examples
    --------
    >>> ink("#FFC000"), ink("#0070C0")
    ('black', 'white')
    """
    red, green, blue = to_rgb(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < _DARK else "black"


def log_axis(axes: Axes, along: str = "y", steps: Sequence[int] = (1, 2, 5)) -> None:
    """Concentrations or loads on an axis of ratios, ``x`` or ``y``, with plain numbers."""
    axes.set(**{f"{along}scale": "log"})
    axis: Axis = getattr(axes, f"{along}axis")
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter("")
