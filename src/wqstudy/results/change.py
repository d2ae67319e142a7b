"""What tests for steps and change points return."""

from __future__ import annotations

from dataclasses import dataclass

from wqstudy.results.base import Result, interval, lines


@dataclass(frozen=True, slots=True)
class StepTest(Result):
    """A test of "no change" between two samples, with the change itself: after minus before.

    Parameters
    ----------
    value, low, high
        The change and the ends of its confidence interval of probability `level`, in the unit of the
        values; nan where nothing can be said, infinite where an end is open.
    z
        Standard normal score of the test, positive where values rose.
    p_value
        Two-sided.
    n
        Number of values (of pairs, where values are paired).
    level
        Confidence level of the interval, between 0 and 1.
    statistic
        What the test counts; the function says what.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> StepTest(-0.5, -0.8, -0.2, z=-2.4, p_value=0.0164, n=24).decided
    True
    """

    value: float
    low: float
    high: float
    z: float
    p_value: float
    n: int
    level: float = 0.95
    statistic: float = float("nan")
    method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        first = "cannot tell"
        if self.p_value == self.p_value:
            first = f"{self.value:.4g}  ({interval(self)}, p = {self.p_value:.2g})"
        return lines(first, f"{self.method}, n = {self.n}", *self.notes)


@dataclass(frozen=True, slots=True)
class ChangePoint(Result):
    """A test for one sudden change somewhere in a series.

    Parameters
    ----------
    statistic
        What the test takes the maximum of; the function says what.
    p_value
        For values that are independent of one another.
    index
        Number of values before the change, which is the position, from 0, of the first value after it; 0
        where nothing changes.
    low, high
        Ends of the interval of `index` of probability `level`.
    n
        Number of values.
    level
        Of the interval.
    p_serial
        p for values of which each remembers the one before, with correlation `phi`.
    phi
        Correlation of neighbours, the change taken out.
    seed
        What the random numbers were made from; None where a generator was handed in.
    method
        Name of the method.
    notes
        What a careful reader must know, one short text each.

    Examples
    --------
    >>> ChangePoint(367.0, 0.0035, 25, 21, 29, 50, p_serial=0.01).to_dict()["index"]
    25
    """

    statistic: float
    p_value: float
    index: int
    low: float
    high: float
    n: int
    level: float = 0.95
    p_serial: float = float("nan")
    phi: float = float("nan")
    seed: int | None = None
    method: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = "cannot tell"
        if self.p_value == self.p_value:
            first = f"after {self.index} values  ({interval(self)}), p = {self.p_value:.2g}"
            if self.p_serial == self.p_serial:
                first += f", {self.p_serial:.2g} if each value remembers the last (phi = {self.phi:.2f})"
        return lines(first, f"{self.method}, n = {self.n}", *self.notes)
