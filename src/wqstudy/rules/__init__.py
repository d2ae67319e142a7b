"""Rules as data: limits, units, thresholds and words, each with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Content of a TOML rule file of this folder, read once.

    Examples
    --------
    >>> load("units")["turbidity"]["NTU"]["factor"]
    1.0
    """
    return tomllib.loads((files("wqstudy.rules") / f"{name}.toml").read_text(encoding="utf-8"))
