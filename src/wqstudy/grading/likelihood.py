"""How likely each class is, from the evidence of samples: items, their worst, and what must be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.block_error import Spread, attaining, nodes
from wqstudy.grading.evidence import Evidence, Unit, evidence, spans
from wqstudy.grading.limits import Rounding
from wqstudy.grading.location import location_prior as expected_place
from wqstudy.grading.means import Nondetect
from wqstudy.grading.periods import Grouped
from wqstudy.grading.variability import OTHER, Variability, shipped
from wqstudy.grading.worst_item import all_attain, pooled_correlation

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Probabilities of the classes of each group, and what must be said of them; shapes (groups, ...).

    Parameters
    ----------
    number
        Class of each group, 0 where there is none.
    p
        Of classes I to inferior V, NaN where a detection limit leaves it open. Shape (groups, 6).
    cumulative
        Of that class or better, classes I to V; NaN likewise. Shape (groups, 5).
    n_samples
        Units sampled.
    open_items
        Items whose detection limit leaves a class open. Shape (groups, items).
    quarters
        Calendar quarters of the period that have no sample, as bits; 0 for periods without seasons.
    items
        Codes.
    borrowed
        Items whose variability is that of others.
    """

    number: npt.NDArray[np.int8]
    p: FloatArray
    cumulative: FloatArray
    n_samples: npt.NDArray[np.int64]
    open_items: BoolArray
    quarters: npt.NDArray[np.uint8]
    items: tuple[str, ...]
    borrowed: BoolArray

    @property
    def undetermined(self) -> FloatArray:
        """Probability that is shared by classes that cannot be told apart."""
        left = np.where(np.isnan(self.p).any(axis=1), 1 - np.nansum(self.p, axis=1), 0.0)
        return np.where(self.number > 0, left, np.nan)

    @property
    def of_class(self) -> FloatArray:
        """Probability of the class itself."""
        rows = np.arange(len(self.number))
        return np.where(self.number > 0, self.p[rows, np.maximum(self.number, 1) - 1], np.nan)

    def columns(self) -> dict[str, FloatArray]:
        """What `grade` shows beside a class."""
        return {
            "p_class": self.of_class,
            "p_good": self.cumulative[:, 2],
            "p_inferior_v": 1 - self.cumulative[:, 4],
        }

    def others(self) -> BoolArray:
        """Classes not distinguished from the class: with it, the likeliest that reach the level together."""
        level = rules.load("class_probability")["level"]
        p = np.nan_to_num(self.p)
        order = np.argsort(-p, axis=1)
        ranked = np.take_along_axis(p, order, axis=1)
        needed = np.cumsum(ranked, axis=1) - ranked < level - self.undetermined[:, None]
        among = np.zeros(p.shape, bool)
        np.put_along_axis(among, order, needed & (ranked > 0), axis=1)
        graded = np.flatnonzero(self.number > 0)
        among[graded, self.number[graded] - 1] = False
        return among & (self.number > 0)[:, None]

    def notes(self, lang: str) -> list[list[str]]:
        """What a careful reader of each group must know."""
        others, missing = self.others(), np.isnan(self.p) & (self.number > 0)[:, None]
        said: list[list[str]] = [[] for _ in self.number]
        for row in np.flatnonzero(others.any(axis=1)):
            said[row].append(words.text("class.not_distinguishable", lang, classes=_named(others[row], lang)))
        for row in np.flatnonzero(missing.any(axis=1)):
            codes = ", ".join(np.array(self.items)[self.open_items[row]])
            said[row].append(words.text("class.open", lang, codes=codes, classes=_named(missing[row], lang)))
        for row in np.flatnonzero(self.quarters):
            quarters = ", ".join(f"Q{one + 1}" for one in range(4) if self.quarters[row] >> one & 1)
            said[row].append(words.text("class.no_season", lang, quarters=quarters))
        for row in np.flatnonzero(self.borrowed.any(axis=1)):
            codes = ", ".join(np.array(self.items)[self.borrowed[row]])
            said[row].append(words.text("class.borrowed", lang, codes=codes))
        return said


def likelihood(
    found: Grouped,
    used: BoolArray,
    number: npt.NDArray[np.int8],
    lake: BoolArray,
    *,
    location: bool = False,
    unit: Unit = "day",
    model: Mapping[str, Variability] | None = None,
    rounding: Rounding,
    nondetect: Nondetect,
    standard: str,
    days: pd.DataFrame | None = None,
) -> Likelihood:
    """Probabilities of the classes of samples that are grouped already.

    Parameters
    ----------
    used
        Which items of which groups set the class, shape (groups, items).
    number
        Class of each group.
    days
        Table `station, time` of the days that the periods consist of; by default all.
    """
    rule = rules.load("class_probability")
    known = shipped() if model is None else {OTHER: shipped()[OTHER], **model}
    shape = len(found.keys), len(found.items)
    seen = evidence(found, used, lake, known, unit, nondetect, rounding, standard, days)
    spread = spread_of(seen, [known.get(code, known[OTHER]) for code in found.items])
    if location:
        spread = _located(seen, spread, shape, found.keys["period"], rule["min_sections"])
    inside = attaining(seen.held, spread, seen.low, seen.high)
    every = np.ones((*shape, 5))
    every[seen.group, seen.item] = inside
    untold = np.zeros((*shape, 5), bool)
    untold[seen.group, seen.item] = seen.untold
    r = _correlation(seen, rule["min_pairs"])
    cumulative = _overall(every, untold, rule["correlation"] if r is None else r, rule["tolerance"])
    cumulative[number == 0] = np.nan
    edges = np.concatenate([np.zeros((shape[0], 1)), cumulative, np.ones((shape[0], 1))], axis=1)
    p = np.where((number > 0)[:, None], np.diff(edges, axis=1), np.nan)
    n = np.zeros(shape, np.int64)
    n[seen.group, seen.item] = seen.held.n
    borrowed = used & np.array([code not in known for code in found.items], bool)
    return Likelihood(
        number,
        p,
        cumulative,
        n.max(axis=1, initial=0),
        np.asarray(untold.any(axis=2)),
        _missing_quarters(seen, found, rule["season_days"]),
        found.items,
        borrowed,
    )


def spread_of(seen: Evidence, models: list[Variability]) -> Spread:
    """How each cell varies, without anything said on where it lies."""
    table = np.array([[one.variance, one.df, one.misfit] for one in models]).reshape(-1, 3)[seen.item]
    nowhere = np.zeros(len(seen.item))
    return Spread(table[:, 0], table[:, 1], table[:, 2], nowhere, np.full(len(seen.item), np.inf))


def _located(
    seen: Evidence, spread: Spread, shape: tuple[int, int], period: pd.Series, at_least: int
) -> Spread:
    """The same, with what the other sections of the period say."""
    centre, error = np.full(shape, np.nan), np.full(shape, np.nan)
    at = seen.group, seen.item
    centre[at], error[at] = (one.mean(axis=1) for one in nodes(seen.held, spread))
    place, scatter = np.zeros(shape), np.full(shape, np.inf)
    code, _ = pd.factorize(period)
    for one in range(int(code.max(initial=-1)) + 1):
        rows = code == one
        place[rows], scatter[rows] = expected_place(centre[rows], error[rows], at_least)
    if np.isinf(scatter).all():
        most = int(np.bincount(code).max(initial=0))
        raise ArgumentError(
            f"a location prior needs {at_least} comparable sections in a period, here are at most {most}",
            argument="location_prior",
            valid="False, or more sections",
        )
    return Spread(spread.variance, spread.df, spread.misfit, place[at], scatter[at])


def _correlation(seen: Evidence, at_least: int) -> float | None:
    """Correlation of items at a section, if the samples tell it."""
    cell = np.repeat(np.arange(len(seen.group)), seen.held.n)
    days, row = np.unique(seen.day, return_inverse=True)
    wide = np.full((len(days), int(seen.item.max(initial=-1)) + 1), np.nan)
    sd = np.sqrt(seen.held.log_square / np.maximum(seen.held.n - 1, 1))[cell]
    moved = np.divide(
        seen.deviation, sd, out=np.full(len(sd), np.nan), where=(sd > 0) & (seen.deviation != 0)
    )
    wide[row, seen.item[cell]] = moved
    owner = np.zeros(len(days), np.int64)
    owner[row] = seen.group[cell]
    return pooled_correlation(wide, owner, at_least)


def _overall(every: FloatArray, untold: BoolArray, correlation: float, tolerance: float) -> FloatArray:
    """Probability that all items attain each class, NaN where detection limits leave it open.

    Parameters
    ----------
    every, untold
        Probability of each item and class, and whether a detection limit hides it: (groups, items, 5).
    """
    least, most = every.copy(), every.copy()
    for place in range(5):  # the better class is a floor of what is hidden, the worse class its ceiling
        before = least[..., place - 1] if place else np.zeros(every.shape[:2])
        least[..., place] = np.where(untold[..., place], before, least[..., place])
        after = most[..., 5 - place] if place else np.ones(every.shape[:2])
        most[..., 4 - place] = np.where(untold[..., 4 - place], after, most[..., 4 - place])
    low = np.maximum.accumulate(all_attain(least.swapaxes(1, 2), correlation), axis=1)
    if not untold.any():
        return low
    high = np.maximum.accumulate(all_attain(most.swapaxes(1, 2), correlation), axis=1)
    return np.where(high - low > tolerance, np.nan, low)


def _missing_quarters(seen: Evidence, found: Grouped, least_days: int) -> npt.NDArray[np.uint8]:
    """Calendar quarters that a long period has and an item's samples have not, as bits."""
    start, end = spans(found.keys)
    whole, of = np.unique(np.stack([start, end], axis=1), axis=0, return_inverse=True)
    asked = np.array([_quarters(*one) if one[1] - one[0] >= least_days else 0 for one in whole], np.uint8)
    missing = np.zeros(len(found.keys), np.uint8)
    np.bitwise_or.at(missing, seen.group, ~seen.quarters)
    return missing & asked[of]


def _quarters(start: int, end: int) -> int:
    """Calendar quarters of which a period holds half or more, as bits."""
    month = np.arange(start, end).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    days = np.bincount(month // 3, minlength=4)
    return int(sum(1 << one for one in range(4) if days[one] >= 45))


def _named(chosen: BoolArray, lang: str) -> str:
    return ", ".join(words.text(f"class.{one + 1}", lang) for one in np.flatnonzero(chosen))
