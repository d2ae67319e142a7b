"""What one sheet gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, slots=True)
class Part:
    """What one sheet gave: samples, their ledger, how often stations are said to be where, cells kept.

    `extremes` are the smallest and the largest measured value above zero of each parameter; `lines` gives the
    places of samples, in ascending order, as lines of the ledger: `file, sheet, row, column, raw`.
    """

    samples: pd.DataFrame
    ledger: pd.DataFrame
    places: pd.DataFrame
    kept: int
    extremes: dict[str, tuple[float, float]] = field(default_factory=dict)
    lines: Callable[[npt.NDArray[np.intp]], pd.DataFrame] = lambda _: pd.DataFrame()
