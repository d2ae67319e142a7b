"""Levels of black and odorous water: the thresholds of single values."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.item_tables import FloatArray
from wqstudy.grading.limits import scaled

Ends = Literal["better", "worse"]
LEVELS = ("not", "light", "heavy")
"""Levels 0, 1 and 2, as words.toml calls them."""


def levels(
    values: npt.ArrayLike,
    item: str,
    depth: npt.ArrayLike | None = None,
    *,
    clear: npt.ArrayLike | None = None,
    ends: Ends | None = None,
) -> npt.NDArray[np.int8]:
    """Level of each value of one item: 0 not black, 1 light, 2 heavy.

    Parameters
    ----------
    values
        Shape (n,), in the catalogue's unit.
    item
        ``SD``, ``DO``, ``ORP`` or ``NH3N``.
    depth
        Of transparency, the depth of the water (m), one or shape (n,); NaN where unknown. In water shallower
        than 0.25 m, heavy is a transparency below 40 % of the depth.
    clear
        Of transparency, whether the bottom was seen, shape (n,): then it is not black. So it is where the
        transparency reaches the depth.
    ends
        Level of a value equal to a threshold: ``"better"`` (the default) or ``"worse"``.

    Raises
    ------
    ArgumentError
        If the item is not one of the four, or `ends` is neither.

    Examples
    --------
    >>> levels([0.30, 0.15, 0.08, 0.07], "SD", depth=[0.5, 0.5, 0.2, 0.2]).tolist()
    [0, 1, 1, 2]
    """
    rule = rules.load("black_odorous_2015")
    known = {entry["code"]: entry for entry in rule["item"]}
    ends = rule["ends"]["default"] if ends is None else ends
    if item not in known:
        raise ArgumentError(f"{item} is no item of it", argument="item", valid=", ".join(known))
    if ends not in ("better", "worse"):
        raise ArgumentError(f"{ends!r} is no rule", argument="ends", valid="better, worse")
    entry = known[item]
    sign = 1 if entry["at_least"] else -1
    value = _whole(values)
    heavy = np.full(value.shape, entry["heavy"])
    seen = np.zeros(value.shape, bool)
    if item == "SD":
        deep = np.broadcast_to(np.asarray(np.nan if depth is None else depth, float), value.shape)
        shallow = deep < rule["shallow"]["depth"]
        heavy = np.where(shallow, rule["shallow"]["share"] * deep, heavy)
        seen = np.isfinite(deep) & (value >= _whole(deep))
        seen |= False if clear is None else np.asarray(clear, bool)
    worse = np.less if ends == "better" else np.less_equal
    level = worse(sign * value, sign * _whole(np.full(value.shape, entry["light"]))).astype(np.int8)
    level += worse(sign * value, sign * _whole(heavy))
    return np.where(seen, np.int8(0), level)


def _whole(values: npt.ArrayLike) -> FloatArray:
    """Values in whole numbers of 1e-8, so that 40 % of a depth is exact; infinite ones as they are."""
    given = np.asarray(values, float)
    finite = np.isfinite(given)
    return np.where(finite, scaled(np.where(finite, given, 0.0)), given)


def labels(level: pd.api.extensions.ExtensionArray, lang: str) -> npt.NDArray[np.object_]:
    """Levels in words; "cannot tell" where there is none."""
    names = np.array([words.text(f"black.{name}", lang) for name in (*LEVELS, "unclear")], object)
    labelled: npt.NDArray[np.object_] = names[pd.Series(level).fillna(len(LEVELS)).to_numpy(dtype=int)]
    return labelled
