"""Axes of ratios: changes in per cent lie at their logarithms, a halving as far out as a doubling."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axis import Axis

from wqstudy import words


def logs(percent: np.ndarray) -> np.ndarray:
    """Per cent as natural logs; a wide interval may end at -100 % when rounded, and is drawn all the same.

    Examples
    --------
    >>> logs(np.array([-50.0, 0.0, 100.0])).round(2).tolist()
    [-0.69, 0.0, 0.69]
    """
    found: np.ndarray = np.log1p(np.maximum(percent, -99.9999) / 100)
    return found


def inside(changes: np.ndarray, low: float, high: float) -> np.ndarray:
    """Those changes that lie between two logs."""
    at = logs(changes)
    return changes[(at >= low) & (at <= high)]


def apart(changes: Iterable[int], space: float) -> np.ndarray:
    """No change, and of the others, the most wanted first, what is at least `space` away from all kept.

    Examples
    --------
    >>> apart([100, 5, -50], space=0.1).tolist()
    [-50, 0, 100]
    """
    kept = [0]
    for change in changes:
        if all(abs(np.log1p(change / 100) - np.log1p(other / 100)) >= space for other in kept):
            kept.append(int(change))
    return np.array(sorted(kept))


def set_ticks(axis: Axis, changes: np.ndarray) -> None:
    """Changes on their axis, in whole numbers with their sign."""
    axis.set_ticks(logs(changes), [words.percent(t, signed=True).split(".")[0] for t in changes.tolist()])
