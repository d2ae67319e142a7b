"""An evaluation as a sentence that can be quoted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wqstudy import words
from wqstudy.effects.verdicts import NONE, SHOWN, UNDECIDED, WORSE

_KEYS = {SHOWN: "shown", WORSE: "worse", NONE: "none", UNDECIDED: "undecided"}


def verdict(said: str, lang: str = "en") -> str:
    """A verdict in a language.

    Examples
    --------
    >>> verdict("effect shown", "zh")
    '治理效果成立'
    """
    return words.text(f"effect.verdict_{_KEYS[said]}", lang)


def sentence(row: Mapping[str, Any], unit: str, reduction: float, lang: str = "en") -> str:
    """One evaluation in words.

    Parameters
    ----------
    row
        Fields of a `wqstudy.effects.Evaluation`.
    unit
        The unit as it is to be called; blank for the mean over the treated.
    reduction
        The smallest reduction worth calling one, as a share.
    lang
        ``en`` or ``zh``.
    """
    name = words.parameter_name(row["parameter"], lang)
    place = unit or words.text("effect.all_treated", lang)
    head = {"parameter": name[:1].upper() + name[1:], "unit": place}
    if not math.isfinite(row["effect_percent"]):
        reason = words.joined(row["notes"], lang) or words.text("effect.too_few", lang)
        return words.text("effect.mute", lang, **head, reason=reason)
    said = words.text(
        f"effect.{_KEYS[row['verdict']]}",
        lang,
        **head,
        signed=words.percent(row["effect_percent"], signed=True),
        low=words.percent(row["low"], signed=True),
        high=words.percent(row["high"], signed=True),
        level=f"{100 * row['level']:g}",
        verdict=verdict(row["verdict"], lang),
        reduction=words.percent(100 * reduction),
        mde=words.percent(row["mde_percent"]),
        possible=words.percent(row["possible_percent"]),
        adjusted=words.percent(row["adjusted_percent"], signed=True),
    )
    if not row["fades"]:
        return said
    early, late = row["months"][0][1], row["months"][-1][1]
    return said + words.text(
        "effect.fades",
        lang,
        early=words.percent(early.value, signed=True),
        late=words.percent(late.value, signed=True),
    )
