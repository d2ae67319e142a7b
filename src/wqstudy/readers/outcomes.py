"""What a cell may become, and the words that the ledger has for it."""

from __future__ import annotations

from enum import IntEnum, auto

import numpy as np

from wqstudy.samples import CENSORED

NONE, LEFT, RIGHT = (CENSORED.index(word) for word in ("none", "left", "right"))


class Why(IntEnum):
    """Why a cell became what it became. `PLAIN` is the only kept one."""

    PLAIN = 0
    WIDTH = auto()
    THOUSANDS = auto()
    POWER = auto()
    FLAGGED = auto()
    UNIT = auto()
    BELOW = auto()
    ABOVE = auto()
    UNDETECTED = auto()
    ZERO = auto()
    BLANK = auto()
    MISSING = auto()
    NOT_A_NUMBER = auto()
    UNDETECTED_UNKNOWN = auto()
    ZERO_UNKNOWN = auto()
    NEGATIVE = auto()
    ABOVE_NOTHING = auto()
    CONTRADICTION = auto()
    FORMULA = auto()
    FORMULA_FAULT = auto()
    OTHER_UNIT = auto()
    UNKNOWN_UNIT = auto()
    SECOND_COLUMN = auto()


_limit = "the detection limit {p.detection_limit:g} {p.unit} of {p.detection_source} put in, left-censored"
_no_limit = "the catalogue has no detection limit of {p.code}"
OUTCOMES = {
    Why.PLAIN: ("kept", ""),
    Why.WIDTH: ("changed", "full-width characters read as half-width"),
    Why.THOUSANDS: ("changed", "thousands separators taken out"),
    Why.POWER: ("changed", "power of ten multiplied out"),
    Why.FLAGGED: ("changed", "a flag beside the number taken off, the number kept"),
    Why.UNIT: ("changed", "the unit in the cell goes before that of the heading"),
    Why.BELOW: ("changed", "below a limit: left-censored at it"),
    Why.ABOVE: ("changed", "above a limit: right-censored at it"),
    Why.UNDETECTED: ("changed", f"not detected, no limit given: {_limit}"),
    Why.ZERO: ("changed", f"a concentration of zero cannot be measured: {_limit}"),
    Why.BLANK: ("dropped", "blank"),
    Why.MISSING: ("dropped", "marked as missing"),
    Why.NOT_A_NUMBER: ("dropped", "not a number"),
    Why.UNDETECTED_UNKNOWN: ("dropped", f"not detected, no limit given, and {_no_limit}"),
    Why.ZERO_UNKNOWN: ("dropped", f"zero cannot be measured, and {_no_limit}"),
    Why.NEGATIVE: ("dropped", "negative, which {p.en} cannot be"),
    Why.ABOVE_NOTHING: ("dropped", "more than zero says nothing"),
    Why.CONTRADICTION: ("dropped", "the mark in the cell contradicts the column 'censored'"),
    Why.FORMULA: ("dropped", "a formula whose result the file does not hold"),
    Why.FORMULA_FAULT: ("dropped", "a formula that failed"),
    Why.OTHER_UNIT: ("dropped", "the unit in the cell does not measure {p.en}"),
    Why.UNKNOWN_UNIT: ("dropped", "the unit is not one of {p.code}"),
    Why.SECOND_COLUMN: ("dropped", "a second column of {p.code}: the first is read"),
}
ACTIONS = ("kept", "changed", "dropped")
KEPT, CHANGED, DROPPED = range(3)
ACTION_OF = np.array([ACTIONS.index(OUTCOMES[why][0]) for why in Why], dtype=np.int8)

FIRST_DROPPED = min(why for why in Why if OUTCOMES[why][0] == "dropped")
"""All outcomes from this one on are dropped cells, those before it are not."""
