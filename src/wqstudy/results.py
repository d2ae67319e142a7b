"""Estimate: the frozen result of one inference."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
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

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.estimable:
            first = "not estimable"
        else:
            first = (
                f"{self.value:.4g} {self.unit}".rstrip()
                + f"  ({100 * self.level:g} %"
                + f" interval {self.low:.4g} to {self.high:.4g}, p = {self.p_value:.2g})"
            )
        second = f"{self.method}, n = {self.n}"
        if self.n_censored:
            second += f", {self.n_censored} non-detects"
        return "\n".join([first, second, *self.notes])

    def _repr_html_(self) -> str:
        lines = [html.escape(line) for line in str(self).splitlines()]
        return f"<p><b>{lines[0]}</b><br>{'<br>'.join(lines[1:])}</p>"
