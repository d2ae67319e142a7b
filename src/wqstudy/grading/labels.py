"""Classes as they are written, read as numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.parameters import fold


@cache
def _numbers() -> dict[str, int]:
    words = rules.load("readers")["words"]["target_class"]
    return {fold(text): int(number) for number, texts in words.items() for text in texts}


def class_number(text: str) -> int:
    """A class as it is written, as 1 to 5, 6 for inferior V; 0 if it is none.

    Examples
    --------
    >>> class_number("Ⅲ类"), class_number("劣Ⅴ"), class_number("IV"), class_number("--")
    (3, 6, 4, 0)
    """
    return _numbers().get(fold(text), 0)


def class_numbers(classes: pd.Series) -> npt.NDArray[np.int8]:
    """Classes of a column, numbers or as they are written; 0 where there is none."""
    code, found = pd.factorize(classes)
    numbers = [class_number(str(one).removesuffix(".0")) for one in found]
    return np.array([*numbers, 0], dtype=np.int8)[code]


def codes_of(chosen: npt.NDArray[np.bool_], items: tuple[str, ...]) -> pd.Series:
    """Codes of the items chosen in each row, joined by ``;``; each combination is spelt once."""
    bits = chosen @ (1 << np.arange(len(items), dtype=np.int64)) if items else np.zeros(len(chosen), np.int64)
    code, found = pd.factorize(bits)
    spelt = [";".join(name for place, name in enumerate(items) if int(one) >> place & 1) for one in found]
    return pd.Series(np.array([*spelt, ""], dtype=object)[code], dtype="str")
