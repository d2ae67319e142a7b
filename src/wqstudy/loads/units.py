"""Units of load, exact: 1 mg/L in 1 m3/s is 86.4 kg a day."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from wqstudy.errors import ArgumentError

Number = TypeVar("Number", float, npt.NDArray[np.float64])

SECONDS_PER_DAY = 86_400
KG_PER_DAY = 86.4
"""kg/d of 1 mg/L (1 g/m3) in 1 m3/s."""

DAYS_PER_YEAR = 365.25

_TO_KG_PER_DAY = {
    "g/s": Fraction(432, 5),
    "kg/d": Fraction(1),
    "t/d": Fraction(1000),
    "kg/a": Fraction(1, 365),
    "t/a": Fraction(1000, 365),
}


def flux(conc: Number, flow: Number) -> Number:
    """Load in kg/d of a concentration in mg/L in a flow in m3/s.

    Examples
    --------
    >>> flux(1.0, 1.0)
    86.4
    """
    return KG_PER_DAY * conc * flow


def convert_load(value: Number, unit: str, to: str, days: int = 365) -> Number:
    """A load in another unit.

    Parameters
    ----------
    value
        The load.
    unit, to
        ``g/s``, ``kg/d``, ``t/d``, ``kg/a`` or ``t/a``.
    days
        Length of the year, 365 or 366.

    Raises
    ------
    ArgumentError
        If a unit is not known.

    Examples
    --------
    >>> convert_load(1.0, "g/s", "t/a"), convert_load(1.0, "g/s", "t/a", 366)
    (31.536, 31.6224)
    """
    for argument, name in (("unit", unit), ("to", to)):
        if name not in _TO_KG_PER_DAY:
            raise ArgumentError(
                f"{name!r} is no unit of load", argument=argument, valid=", ".join(_TO_KG_PER_DAY)
            )
    top, bottom = (
        _TO_KG_PER_DAY[name] * (Fraction(365, days) if name.endswith("/a") else 1) for name in (unit, to)
    )
    return value * float(top / bottom)


def plant_load(capacity: float, influent: float, effluent: float) -> float:
    """Load in kg/d that a treatment plant takes out: capacity times what the water loses.

    Parameters
    ----------
    capacity
        Treated water, 10^4 m3/d.
    influent, effluent
        Concentrations in mg/L.

    Raises
    ------
    ArgumentError
        If a number is negative.

    Examples
    --------
    Thirty thousand tonnes a day from 25 to 1.5 mg/L of ammonia nitrogen:

    >>> plant_load(3, 25, 1.5)
    705.0
    """
    for name, value in (("capacity", capacity), ("influent", influent), ("effluent", effluent)):
        if not value >= 0:
            raise ArgumentError(f"{value!r} cannot be", argument=name, valid="zero or more")
    return 10 * capacity * (influent - effluent)
