"""What the package says, in English and Chinese, and how it writes numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters, rules
from wqstudy.errors import ArgumentError

LANGUAGES = ("en", "zh")
_PERCENT = (
    "change_percent",
    "percent_per_year",
    "sen_percent",
    "hl_percent",
    "low",
    "high",
    "ar1_low",
    "ar1_high",
    "truth_percent",
    "effect_percent",
    "peak_percent",
    "adjusted_percent",
    "shrunken_percent",
    "similar_percent",
    "similar_low",
    "similar_high",
)
_SPAN = re.compile(r"months_\d+(-\d+)?\+?")
"""Columns of effects by months since the start."""
_CODED = {"state": "bulletin", "water_body": "water"}
"""Columns of codes, and where the catalogue says them in words."""


def language(lang: str, argument: str = "lang") -> str:
    """The language itself, or an error if there are no words in it.

    Raises
    ------
    ArgumentError
        If it is none of `LANGUAGES`.

    Examples
    --------
    >>> language("zh")
    'zh'
    """
    if lang not in LANGUAGES:
        raise ArgumentError(f"{lang!r} is not a language here", argument=argument, valid=", ".join(LANGUAGES))
    return lang


def joined(texts: Iterable[str], lang: str = "en") -> str:
    """Texts as one, parted as the language parts them.

    Examples
    --------
    >>> joined(["one", "two"])
    'one; two'
    """
    return text("answer.semicolon", lang).join(texts)


def text(key: str, lang: str = "en", **fill: Any) -> str:
    """A phrase of the catalogue.

    Parameters
    ----------
    key
        Section and name, such as ``"verdict.fell"``.
    lang
        ``en`` or ``zh``.
    fill
        Values of the phrase's placeholders.

    Examples
    --------
    >>> text("verdict.unclear", "zh")
    '无法判断'
    """
    section, name = key.split(".")
    return str(rules.load("words")[section][name][lang]).format(**fill)


def heading(column: str, lang: str = "en") -> str:
    """Heading of a result table's column; a column the catalogue does not have is its own heading."""
    known = rules.load("words")["table"]
    return str(known[column][lang]) if column in known else column


def number(value: float, digits: int = 3) -> str:
    """A number rounded to significant digits, without exponent; blank where there is none.

    Examples
    --------
    >>> number(0.012345), number(-43.26), number(123456.0), number(float("nan"))
    ('0.0123', '−43.3', '123456', '')
    """
    if value is None or not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    written = f"{value:.{decimals}f}"
    return written.replace("-", "−") if float(written) else "0"


def probability(value: float) -> str:
    """A p-value as it is printed.

    Examples
    --------
    >>> probability(0.0312), probability(1e-9)
    ('0.031', '<0.001')
    """
    if not math.isfinite(value):
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def percent(value: float, *, signed: bool = False) -> str:
    """A percentage in whole numbers, or with one decimal below ten and next to a hundred.

    Examples
    --------
    >>> percent(43.26), percent(3.21), percent(5.0, signed=True), percent(-0.4), percent(-99.7)
    ('43', '3.2', '+5.0', '−0.4', '−99.7')
    """
    if not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    size = abs(value)
    written = f"{size:.1f}" if size < 9.95 or 99 < size < 100 else f"{size:.0f}"
    sign = "" if float(written) == 0 else "−" if value < 0 else "+" if signed else ""
    return sign + written


def chance(value: float) -> str:
    """A probability of a class or the like, as it is printed.

    Examples
    --------
    >>> chance(0.734), chance(0.003), chance(0.998), chance(float("nan"))
    ('0.73', '<0.01', '>0.99', '')
    """
    if not math.isfinite(value):
        return ""
    return "<0.01" if value < 0.01 else ">0.99" if value > 0.99 else f"{value:.2f}"


def rounded(table: pd.DataFrame, lang: str | None = None, digits: int = 3) -> pd.DataFrame:
    """A result table as it is printed: every number rounded, so that reruns compare to the letter.

    Parameters
    ----------
    table
        Any result table of the package.
    lang
        Language of headings, parameter names and other codes, in Chinese also of True and False; None keeps
        column names and codes.
    digits
        Significant digits of plain numbers; p- and q-values have three decimals, other probabilities two,
        changes and shares are written as `percent` does.

    Returns
    -------
    DataFrame
        The same table as text.

    Examples
    --------
    >>> rounded(pd.DataFrame({"change_percent": [-43.2617], "p_value": [0.00002]}))
      change_percent p_value
    0            −43  <0.001
    """
    shown = {}
    for name, values in table.items():
        column = str(name)
        if column.endswith(("p_value", "q_value", "p_floor")):
            shown[column] = [probability(v) for v in values]
        elif column.startswith("p_"):
            shown[column] = [chance(v) for v in values]
        elif column in _PERCENT or _SPAN.fullmatch(column):
            shown[column] = [percent(v, signed=True) for v in values]
        elif column.endswith("_share"):
            shown[column] = [f"{percent(100 * v)} %" if math.isfinite(v) else "" for v in values]
        elif lang and column in _CODED:
            shown[column] = ["" if pd.isna(v) else text(f"{_CODED[column]}.{v}", lang) for v in values]
        elif lang == "zh" and pd.api.types.infer_dtype(values) == "boolean":
            shown[column] = ["" if pd.isna(v) else text(f"page.{'yes' if v else 'no'}", lang) for v in values]
        elif pd.api.types.is_bool_dtype(values) or pd.api.types.is_integer_dtype(values):
            shown[column] = ["" if pd.isna(v) else str(v) for v in values]
        elif pd.api.types.is_float_dtype(values):
            shown[column] = [number(v, digits) for v in values]
        elif pd.api.types.is_datetime64_any_dtype(values):
            shown[column] = ["" if pd.isna(v) else f"{v:%Y-%m-%d}" for v in values]
        elif column == "parameter" and lang:
            shown[column] = [parameter_name(v, lang) if isinstance(v, str) and v else "" for v in values]
        else:
            shown[column] = ["" if pd.isna(v) else str(v) for v in values]
    printed = pd.DataFrame(shown, index=table.index)
    return printed.rename(columns=lambda c: heading(c, lang)) if lang else printed


def without_codes(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the codes that a column beside them says in words.

    Examples
    --------
    >>> list(without_codes(pd.DataFrame({"class": [3], "class_label": ["III"], "notes": [""]})))
    ['class_label', 'notes']
    """
    return table.drop(columns=[name for name in table if f"{name}_label" in table])


def parameter_name(code: str, lang: str = "en") -> str:
    """Name of a parameter in a language."""
    return parameters.parameter(code).label(lang)


def verdict(low: float, high: float) -> str:
    """What an interval of change allows to say: ``fell``, ``rose``, ``unclear`` or ``none``.

    Examples
    --------
    >>> verdict(-60, -20), verdict(-20, 5), verdict(float("nan"), float("nan"))
    ('fell', 'unclear', 'none')
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return "none"
    return "fell" if high < 0 else "rose" if low > 0 else "unclear"


def sentence(row: Mapping[str, Any], unit: str, lang: str = "en") -> str:
    """One row of a comparison, or of trends, as a sentence; a second one where it is not calibrated.

    Parameters
    ----------
    row
        Row of the table of `wqstudy.compare` or `wqstudy.trend`.
    unit
        The unit as it is to be called.
    lang
        ``en`` or ``zh``.

    Examples
    --------
    >>> row = dict(parameter="TP", change_percent=-43.2, low=-55.1, high=-28.4, level=0.95, notes="")
    >>> sentence(row, "Jia")
    'Total phosphorus in Jia fell by 43 % (95 % interval 28 to 55 %).'
    >>> sentence(row, "甲", "zh")
    '甲总磷下降43%（95%区间28%～55%）。'
    >>> row = dict(parameter="TP", percent_per_year=-4.0, low=-6.0, high=-2.0, level=0.95, notes="")
    >>> sentence(row, "Jia")
    'Total phosphorus in Jia falls by 4.0 % a year (95 % interval 2.0 to 6.0 %).'
    """
    section, column = "sentence", "change_percent"
    if "percent_per_year" in row:
        section, column = "trend", "percent_per_year"
    said = verdict(row["low"], row["high"])
    near, far = sorted((abs(row["low"]), abs(row["high"])))
    name = parameter_name(row["parameter"], lang)
    beyond = said != "none" and not row.get("calibrated", True)
    warning = text("note.beyond", lang, notes=row["notes"]) if beyond else ""
    first = text(
        f"{section}.{said}",
        lang,
        parameter=name[:1].upper() + name[1:],
        unit=unit,
        value=percent(abs(row[column])),
        signed=percent(row[column], signed=True),
        near=percent(near),
        far=percent(far),
        low=percent(row["low"], signed=True),
        high=percent(row["high"], signed=True),
        level=f"{100 * row['level']:g}",
        notes=row["notes"],
    )
    return first + warning


def sentences(table: pd.DataFrame, labels: Mapping[str, str], lang: str = "en") -> list[str]:
    """Every row of a comparison, or of a table of trends, as a sentence.

    Parameters
    ----------
    table
        What `wqstudy.compare` or `wqstudy.trend` returns.
    labels
        How units are written; a unit without a label is written as it is.
    lang
        ``en`` or ``zh``.
    """
    by = str(table.columns[0])
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    return [sentence(row, labels.get(row[by], str(row[by])), lang) for row in rows]
