"""What cannot be checked of a claim, so that a table of claims can say it in either language."""

from __future__ import annotations

from typing import Any

from wqstudy import words
from wqstudy.errors import ArgumentError


class Refused(ArgumentError):
    """A figure, or what it is held against, cannot be used.

    Parameters
    ----------
    key
        The phrase of the catalogue that says so, after ``claim.refused_``.
    argument, valid, mend
        As for every error.
    fill
        What fills the phrase.

    Examples
    --------
    >>> told = Refused("rate", argument="before", text="140 %")
    >>> print(told)
    argument before: '140 %' is not a rate.
    >>> told.said("zh")
    '“140 %”不是比率'
    """

    def __init__(
        self, key: str, *, argument: str, valid: str | None = None, mend: str | None = None, **fill: Any
    ) -> None:
        self.key, self.fill = f"claim.refused_{key}", fill
        super().__init__(self.said("en"), argument=argument, valid=valid, mend=mend)

    def said(self, lang: str) -> str:
        """The reason in a language."""
        return words.text(self.key, lang, **self.fill)
