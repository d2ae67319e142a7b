"""What every result has: a printed form of one screen, and its fields as a dictionary."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Any, Protocol


class Result:
    """A frozen result of an inference, for the dataclasses of this folder."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON or a table row."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    def _repr_html_(self) -> str:
        said = [html.escape(line) for line in str(self).splitlines()]
        return f"<p><b>{said[0]}</b><br>{'<br>'.join(said[1:])}</p>"


class WithInterval(Protocol):
    """Something that has an interval."""

    @property
    def low(self) -> float:
        """Lower end."""

    @property
    def high(self) -> float:
        """Upper end."""

    @property
    def level(self) -> float:
        """Confidence level."""


def interval(result: WithInterval) -> str:
    """The interval as it is printed."""
    return f"{100 * result.level:g} % interval {result.low:.4g} to {result.high:.4g}"


def lines(*said: str) -> str:
    """Those lines that say anything, under one another."""
    return "\n".join(line for line in said if line)
