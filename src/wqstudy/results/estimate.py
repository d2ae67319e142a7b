"""Estimate: one number with its doubt."""

from __future__ import annotations

from dataclasses import dataclass

from wqstudy.results.base import Result, interval, lines


@dataclass(frozen=True, slots=True)
class Estimate(Result):
    """One number with its doubt.

    Parameters
    ----------
    value
        The estimate, in `unit`; nan where nothing can be said.
    low, high
        Ends of the confidence interval of probability `level`.
    level
        Confidence level of the interval, between 0 and 1.
    p_value
        Two-sided, for "no change".
    unit
        Unit of `value`, `low` and `high`.
    method
        Name of the method, as printed in tables.
    n
        Number of values the estimate rests on.
    n_censored
        How many of the observations behind them are non-detects (or above range).
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> e = Estimate(-0.5, -0.8, -0.2, p_value=0.002, unit="log", method="step", n=72)
    >>> print(e)
    -0.5 log  (95 % interval -0.8 to -0.2, p = 0.002)
    step, n = 72
    >>> e.decided
    True
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    p_value: float = float("nan")
    unit: str = ""
    method: str = ""
    n: int = 0
    n_censored: int = 0
    notes: tuple[str, ...] = ()

    @property
    def estimable(self) -> bool:
        """Whether there is a number at all."""
        return self.value == self.value

    @property
    def decided(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        second = f"{self.method}, n = {self.n}"
        if self.n_censored:
            second += f", {self.n_censored} non-detects"
        first = "not estimable"
        if self.estimable:
            number = f"{self.value:.4g} {self.unit}".rstrip()
            first = f"{number}  ({interval(self)}, p = {self.p_value:.2g})"
        return lines(first, second, *self.notes)
