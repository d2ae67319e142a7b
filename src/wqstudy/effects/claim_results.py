"""What checks of claims return: a verdict, what it rests on, and its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from wqstudy.effects.claim_verdicts import Background
from wqstudy.results.base import Result, lines

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Result):
    """What every check of a claim says in words; see `ClaimCheck`."""

    sentence_en: str = ""
    sentence_zh: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return lines(self.sentence_en, *self.notes)


@dataclass(frozen=True, slots=True)
class ClaimCheck(Finding):
    """An announced change of concentration, held against the study and against the background.

    Parameters
    ----------
    unit, parameter
        Whose concentration of what.
    announced
        As it was published.
    announced_low, announced_high
        What it may stand for, in per cent.
    verdict
        One of `wqstudy.effects.CLAIM_VERDICTS`.
    beyond_background
        Whether the announced figure is stronger than the change that came anyway: one of
        `wqstudy.effects.BACKGROUND_VERDICTS`. By controls where there are any, else by the background rate.
    change_percent, low, high, level
        The change found, with its interval; nan without data.
    calibrated
        Whether the test is known to hold its size on such a record; without that nothing is decided.
    backgrounds
        Every background it was held against.
    sentence_en, sentence_zh
        The finding as it can be quoted.
    reason
        Why there is no verdict; blank where there is one.
    notes
        What a careful reader must know.
    """

    unit: str
    parameter: str
    announced: str
    announced_low: float
    announced_high: float
    verdict: str
    beyond_background: str
    change_percent: float = NAN
    low: float = NAN
    high: float = NAN
    level: float = 0.95
    calibrated: bool = False
    backgrounds: tuple[Background, ...] = ()


@dataclass(frozen=True, slots=True)
class RateCheck(Finding):
    """Two announced rates, and whether they differ by more than chance.

    Parameters
    ----------
    announced
        As published.
    verdict
        *Supported* where the two rates differ beyond chance whatever the counts behind them,
        *contradicted* where no whole number of the cases gives a rate, else *not decidable*.
    change_points
        The second less the first, in points.
    low, high, level
        Interval of that difference where both numbers of cases are known, the wider of all counts possible;
        else nan.
    p_value
        Two-sided and exact, the largest over all counts possible; nan where there are none.
    counts_before, counts_after
        Counts possible where the number of cases is known.
    least_before, least_after
        The smallest number of cases of which the rate can be a share.
    smallest_n
        The number of cases, the same before and after, from about which on the two differ; None if none.
    sentence_en, sentence_zh, reason, notes
        As in `ClaimCheck`.
    """

    announced: str
    verdict: str
    change_points: float = NAN
    low: float = NAN
    high: float = NAN
    level: float = 0.95
    p_value: float = NAN
    counts_before: tuple[int, ...] = ()
    counts_after: tuple[int, ...] = ()
    least_before: int | None = None
    least_after: int | None = None
    smallest_n: int | None = None


@dataclass(frozen=True, slots=True)
class ArithmeticCheck(Finding):
    """Announced numbers held against one another.

    Parameters
    ----------
    announced
        As published.
    agree
        Whether they can all be right, roundings taken into account; None where nothing is left over to check.
    implied
        What follows for each number from the others: ends of its interval, by name.
    counts
        Whole numbers that the share and the whole allow, where cases are counted.
    verdict
        *Contradicted* where the numbers cannot all be right, else *not decidable*: numbers that agree say
        nothing of the water.
    sentence_en, sentence_zh, reason, notes
        As in `ClaimCheck`.
    """

    announced: str
    verdict: str
    agree: bool | None
    implied: dict[str, tuple[float, float]]
    counts: tuple[int, ...] = ()
