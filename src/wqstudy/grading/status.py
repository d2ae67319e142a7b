"""Status of sections, and of basins and districts from the shares of their sections' classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.labels import class_numbers
from wqstudy.grading.limits import INFERIOR_V

GOOD_UP_TO = 3
"""Classes I to III are the good ones."""


@cache
def _rule() -> dict[str, Any]:
    return rules.load("assessment_2011")["status"]  # type: ignore[no-any-return]


@cache
def statuses() -> tuple[str, ...]:
    """The five statuses, best first; a status counts by its place, 1 to 5, and 0 is none.

    Examples
    --------
    >>> statuses()
    ('excellent', 'good', 'light', 'moderate', 'heavy')
    """
    return tuple(step["status"] for step in _rule()["by_share"])


def classes_of(classes: Any, argument: str = "classes") -> npt.NDArray[np.int8]:
    """Classes as 1 to 6, 0 where there is none, from numbers or from classes as they are written.

    Raises
    ------
    ArgumentError
        If one is no class.
    """
    column = (
        classes if isinstance(classes, pd.Series) else pd.Series(np.atleast_1d(np.asarray(classes, object)))
    )
    plain = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    valid = np.isin(plain, np.arange(1, INFERIOR_V + 1))
    number = np.where(np.isnan(plain), class_numbers(column), np.where(valid, plain, 0)).astype(np.int8)
    strange = np.flatnonzero((number == 0) & column.notna().to_numpy())
    if len(strange):
        raise ArgumentError(
            f"{column.iloc[int(strange[0])]!r} is no class",
            argument=argument,
            valid="1 to 6 (6 for inferior V), or classes as they are written; blank where there is none",
        )
    return number


def status_of_class(number: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
    """Place of the status that each class has, 0 for class 0."""
    place = [0, *(statuses().index(name) + 1 for name in _rule()["by_class"]["statuses"])]
    found: npt.NDArray[np.int8] = np.array(place, np.int8)[number]
    return found


def status_of_shares(
    good: npt.NDArray[np.float64], inferior_v: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    """Place of the status of each pair of shares in per cent, 0 where there is none."""
    found = np.zeros(good.shape, np.int8)
    for place, step in enumerate(_rule()["by_share"], start=1):
        holds = (good >= step.get("good_from", -np.inf)) & (
            inferior_v < step.get("worse_than_v_below", np.inf)
        )
        found[(found == 0) & holds] = place
    return found


def status_text(place: npt.NDArray[np.integer], lang: str | None = None) -> Any:
    """Statuses by their places as a column: the keys, or the words of a language; missing for 0."""
    names = [None, *(name if lang is None else words.text(f"status.{name}", lang) for name in statuses())]
    return pd.array(np.array(names, dtype=object)[place], dtype="str")


def section_status(classes: Any, *, lang: str = "en") -> pd.DataFrame:
    """Status and national colour of sections, by their classes.

    Parameters
    ----------
    classes
        One class or many: 1 to 6 (6 for inferior V), or as they are written; blank where undetermined.
    lang
        Language of `class_label` and `status_label`.

    Returns
    -------
    DataFrame
        `class`, `class_label`, `status` (excellent, good, light, moderate, heavy), `status_label`, `colour`.

    Raises
    ------
    ArgumentError
        If one is no class.

    References
    ----------
    环办〔2011〕22号, 二(一)1. The shades of the colours are ours, their names are remembered.

    Examples
    --------
    >>> section_status([2, 6])[["class_label", "status_label", "colour"]]
      class_label      status_label   colour
    0          II         excellent  #0070C0
    1  inferior V  heavily polluted  #FF0000
    """
    number = classes_of(classes)
    place = status_of_class(number)
    colours = rules.load("assessment_2011")["colours"]
    labels = [None, *(words.text(f"class.{one}", lang) for one in range(1, INFERIOR_V + 1))]
    return pd.DataFrame(
        {
            "class": pd.arrays.IntegerArray(number.astype(np.int64), number == 0),
            "class_label": pd.array(np.array(labels, dtype=object)[number], dtype="str"),
            "status": status_text(place),
            "status_label": status_text(place, lang),
            "colour": pd.array(
                np.array([None, *(colours[name] for name in statuses())], dtype=object)[place], dtype="str"
            ),
        },
        index=classes.index if isinstance(classes, pd.Series) else None,
    )


def status_by_shares(good: float, inferior_v: float) -> str:
    """Status of a river, basin or district of five sections or more.

    Parameters
    ----------
    good, inferior_v
        Shares of classes I to III and of inferior V, in per cent.

    Raises
    ------
    ArgumentError
        If they are not shares of one whole (printed ones may add to 100.2).

    References
    ----------
    环办〔2011〕22号, table 2. A share of inferior V matters only where less than 75 % are good.

    Examples
    --------
    >>> status_by_shares(76.0, 0.0), status_by_shares(60.0, 20.0)
    ('good', 'moderate')
    """
    if not (good >= 0 and inferior_v >= 0 and good + inferior_v <= 100.2):
        raise ArgumentError(
            f"{good} % and {inferior_v} % are not shares of one whole",
            argument="good, inferior_v",
            valid="per cent, together 100 or less",
        )
    return statuses()[int(status_of_shares(np.array([good]), np.array([inferior_v]))[0]) - 1]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the classes among sections.

    Parameters
    ----------
    counts
        Sections of class I, II, III, IV, V and inferior V.
    """

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """Number of sections that have a class."""
        return sum(self.counts)

    @property
    def percent(self) -> tuple[float, ...]:
        """Share of each class in per cent; nan where there is no section."""
        return tuple(100 * count / self.n if self.n else float("nan") for count in self.counts)

    @property
    def good(self) -> float:
        """Share of good sections (优良比例, classes I to III), in per cent."""
        return 100 * sum(self.counts[:GOOD_UP_TO]) / self.n if self.n else float("nan")

    @property
    def inferior_v(self) -> float:
        """Share of inferior V, in per cent."""
        return self.percent[-1]

    @property
    def printed(self) -> tuple[float, ...]:
        """Share of each class as bulletins print it: one decimal, together 100."""
        return tuple(printed_shares([self.counts])[0].tolist())

    @property
    def status(self) -> str:
        """Status by these shares, whatever the number of sections; blank where there is none."""
        return status_by_shares(self.good, self.inferior_v) if self.n else ""


def shares(classes: Iterable[Any]) -> Shares:
    """Shares of the classes among sections; those without a class are left out.

    Parameters
    ----------
    classes
        1 to 6 (6 for inferior V), or as they are written; blank where undetermined.

    Raises
    ------
    ArgumentError
        If one is no class.

    Examples
    --------
    >>> found = shares([1, 2, 2, 3, 4, 6])
    >>> found.good, found.inferior_v, found.n, found.status
    (66.66666666666667, 16.666666666666668, 6, 'light')
    >>> found.printed
    (16.6, 33.3, 16.7, 16.7, 0.0, 16.7)
    """
    number = classes_of(classes if isinstance(classes, pd.Series) else list(classes))
    return Shares(tuple(np.bincount(number, minlength=INFERIOR_V + 1)[1:].tolist()))


def printed_shares(counts: npt.ArrayLike, decimals: int = 1) -> npt.NDArray[np.float64]:
    """Counts as percentages that add to 100 when they are printed (largest remainder).

    Each share is cut to the decimals; what is missing to 100 goes, a last digit each, to those that lost
    most by it. Equal losses go to the later (worse) class first, so that printing flatters nobody.

    Parameters
    ----------
    counts
        Shape (groups, classes), whole numbers.
    decimals
        Decimals that are printed.

    Returns
    -------
    ndarray
        Shape (groups, classes); nan where a group counts nothing.

    Examples
    --------
    >>> printed_shares([[49, 9, 6, 19]])
    array([[59. , 10.9,  7.2, 22.9]])
    """
    count = np.asarray(counts, dtype=np.int64)
    if count.ndim != 2 or (count < 0).any():
        raise ArgumentError(
            "the counts are not a table of whole numbers",
            argument="counts",
            valid="(groups, classes), 0 or more",
        )
    n = count.sum(axis=1, keepdims=True)
    whole = 100 * 10**decimals
    low, rest = np.divmod(count * whole, np.maximum(n, 1))
    order = np.lexsort((-np.arange(count.shape[1]) + 0 * count, -rest), axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(count.shape[1]) + 0 * count, axis=1)
    low += place < whole - low.sum(axis=1, keepdims=True)
    return np.where(n > 0, low / 10.0**decimals, np.nan)
