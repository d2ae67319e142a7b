"""The limits of a standard, and whole-number thresholds that hold rounding and ties exactly."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError
from wqstudy.parameters import catalogue, codes

WaterBody = Literal["river", "lake"]
Rounding = Literal["assessment", "none"]

WATER_BODIES: tuple[WaterBody, ...] = ("river", "lake")
CLASSES = ("I", "II", "III", "IV", "V")
INFERIOR_V = len(CLASSES) + 1
"""Class of what is worse than class V; classes I to V are 1 to 5."""

DIGITS = 8
SCALE = 10**DIGITS
"""Values are counted in whole numbers of 1e-8 of their unit, so that sums and ties are exact."""

LARGEST = 9.0e9
"""Beyond it, those whole numbers no longer fit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one item.

    Parameters
    ----------
    code
        The parameter.
    at_least
        Whether more is better, as of oxygen.
    values
        Five limits, classes I to V. Of a range (pH) the upper ends.
    lower
        Of a range, the lower end; else None.
    graded
        Whether the item is among those that set the class.
    """

    code: str
    at_least: bool
    values: tuple[Decimal, ...]
    lower: Decimal | None
    graded: bool

    @property
    def decimals(self) -> int:
        """Decimals that a mean is rounded to before it is graded."""
        return catalogue()[self.code].decimals


@cache
def _table(edition: str) -> dict[tuple[str, str], Limit]:
    file = files("wqstudy.rules") / f"{edition}.csv"
    if not edition.isidentifier() or not file.is_file():
        raise ArgumentError(f"standard {edition!r} is not known", argument="standard", valid="gb3838_2002")
    table = {}
    for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))):
        if row["direction"] == "none":
            continue
        cells = [row[name] for name in CLASSES]
        ends = [cell.split("-") for cell in cells]
        limit = Limit(
            code=row["code"],
            at_least=row["direction"] == "at_least",
            values=tuple(Decimal(end[-1]) for end in ends),
            lower=Decimal(ends[0][0]) if row["direction"] == "range" else None,
            graded=row["graded"] == "1",
        )
        for body in WATER_BODIES if row["water_body"] == "all" else (row["water_body"],):
            table[limit.code, body] = limit
    return table


def limits(water_body: WaterBody = "river", *, standard: str = "gb3838_2002") -> dict[str, Limit]:
    """Limits by parameter, in the order of the standard's table.

    Parameters
    ----------
    water_body
        Total phosphorus has other limits in lakes and reservoirs, total nitrogen has limits only there.

    Raises
    ------
    ArgumentError
        If the standard or the water body is not known.

    Examples
    --------
    >>> [str(value) for value in limits("lake")["TP"].values]
    ['0.01', '0.025', '0.05', '0.1', '0.2']
    """
    if water_body not in WATER_BODIES:
        raise ArgumentError(
            f"water body {water_body!r} is not known", argument="water_body", valid="river, lake"
        )
    return {code: limit for (code, body), limit in _table(standard).items() if body == water_body}


def graded_items(*, standard: str = "gb3838_2002") -> tuple[str, ...]:
    """Codes of the items that set the class, in the order of the standard's table.

    Examples
    --------
    >>> len(graded_items()), graded_items()[:3]
    (21, ('PH', 'DO', 'CODMn'))
    """
    return tuple(code for code, limit in limits(standard=standard).items() if limit.graded)


def items_of(parameters: Iterable[str] | str | None, *, standard: str = "gb3838_2002") -> tuple[str, ...]:
    """Those of the parameters that can set a class, in the order of the standard; None means all.

    Raises
    ------
    ArgumentError
        If a parameter is not in the catalogue, or none has a class.
    """
    graded = graded_items(standard=standard)
    if parameters is None:
        return graded
    asked = codes(parameters)
    found = tuple(code for code in graded if code in asked)
    if not found:
        raise ArgumentError(
            f"none of {', '.join(asked) or 'no parameters'} sets a class",
            argument="parameters",
            valid=", ".join(graded),
        )
    return found


def scaled(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Finite values as whole numbers of 1e-8: decimals as they were written, without the binary error.

    Examples
    --------
    >>> scaled([0.1 + 0.2, 1.005]).tolist()
    [30000000, 100500000]
    """
    whole: npt.NDArray[np.int64] = np.rint(np.asarray(values, dtype=np.float64) * SCALE).astype(np.int64)
    return whole


def thresholds(
    items: Sequence[str],
    water_body: WaterBody,
    rounding: Rounding = "assessment",
    *,
    standard: str = "gb3838_2002",
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Bounds in whole numbers of 1e-8, such that ``low <= value <= high`` holds if the item attains a class.

    To round half to even and then to compare with a limit is the same as to compare the value as it is with
    the outermost value that rounds to the limit; that is a whole number, and the tie belongs to the limit if
    its last digit is even. Nothing is divided, so nothing is lost.

    Parameters
    ----------
    items
        Codes. An item without limits in such water (total nitrogen in a river) attains every class.
    rounding
        ``"assessment"`` for the decimals of the parameter catalogue, ``"none"`` to compare as it is.

    Returns
    -------
    low, high
        Each of shape (items, 5), classes I to V.
    """
    known = limits(water_body, standard=standard)
    low = np.full((len(items), len(CLASSES)), np.iinfo(np.int64).min // 2**20, np.int64)
    high = -low
    for place, code in enumerate(items):
        if code not in known:
            continue
        limit = known[code]
        for number, value in enumerate(limit.values):
            if limit.at_least:
                low[place, number] = _edge(value, limit.decimals, rounding, below=True)
            else:
                high[place, number] = _edge(value, limit.decimals, rounding, below=False)
            if limit.lower is not None:
                low[place, number] = _edge(limit.lower, limit.decimals, rounding, below=True)
    return low, high


def _edge(value: Decimal, decimals: int, rounding: Rounding, *, below: bool) -> int:
    """The outermost value, in whole numbers of 1e-8, that counts as the limit."""
    exact = int(value * SCALE)
    if rounding == "none":
        return exact
    unit = int(10 ** (DIGITS - decimals))
    if exact % unit:
        raise ArgumentError(f"limit {value} has more than {decimals} decimals", argument="standard")
    half = unit // 2 - (exact // unit) % 2  # an odd last digit loses the tie to its even neighbour
    return exact - half if below else exact + half
