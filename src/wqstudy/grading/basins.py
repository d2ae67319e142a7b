"""Status of rivers, basins and districts, and class of lakes with several points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.grading.classes import classify_means
from wqstudy.grading.indicators import basin_indicators
from wqstudy.grading.labels import codes_of
from wqstudy.grading.limits import INFERIOR_V, WATER_BODIES, Rounding, limits
from wqstudy.grading.means import means
from wqstudy.grading.periods import one_of
from wqstudy.grading.status import GOOD_UP_TO, status_of_class, status_of_shares, status_text
from wqstudy.grading.tidy import Sections, graded_sections, group_numbers, group_of, integers
from wqstudy.study import Study


def basin_status(
    table: pd.DataFrame,
    by: str = "basin",
    stations: Study | pd.DataFrame | None = None,
    *,
    force_shares: bool = False,
    rounding: Rounding = "assessment",
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Status of every river, basin or district in every period.

    With five sections or more by the shares of their classes, with fewer by the mean of each item over the
    sections, graded as one section. Sections without a class are left out, and `notes` count them.

    Parameters
    ----------
    table
        Graded sections, as `wqstudy.grade` returns them for months, quarters or years.
    by
        Column of the table or of the stations. Stations where it is blank are a group of their own.
    stations
        A study or its table of stations, where the table itself has no such column.
    force_shares
        By shares however few the sections are, as some bulletins do.
    rounding, standard
        As for `wqstudy.grade`; for the means over sections.
    lang
        Language of the texts.

    Returns
    -------
    DataFrame
        By group and period: `n_sections`, `share_1` … `share_6`, `share_good` (I to III), `share_inferior_v`,
        in per cent; `class` and `determining` where the mean was graded; `status`, `status_label`, `method`,
        `main_indicators` (the three items that most sections exceed; with fewer than five sections, those of
        each), `notes`.

    Raises
    ------
    ArgumentError
        If the table is not one of graded sections, or the column is not known.

    References
    ----------
    环办〔2011〕22号, 二(一)2, table 2 and 3(2).

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": list("abcde"), "period": "2021", "class": [2, 3, 3, 3, 6], "basin": "Jia",
    ... })
    >>> basin_status(table)[["group", "n_sections", "share_good", "share_inferior_v", "status", "method"]]
      group  n_sections  share_good  share_inferior_v status  method
    0   Jia           5        80.0              20.0   good  shares
    """
    one_of(rounding, ("assessment", "none"), "rounding")
    held = graded_sections(table, standard=standard)
    group, groups = group_numbers(held.keys, group_of(table, by, stations))
    counts = _counts(held, group, len(groups))
    n = counts.sum(axis=1)
    least = rules.load("assessment_2011")["shares"]["sections"]
    few = (n < least) & (n > 0) & (not force_shares)
    found = groups.assign(n_sections=n)
    with np.errstate(divide="ignore", invalid="ignore"):
        for one in range(INFERIOR_V):
            found[f"share_{one + 1}"] = 100 * counts[:, one] / n
        found["share_good"] = 100 * counts[:, :GOOD_UP_TO].sum(axis=1) / n
        found["share_inferior_v"] = 100 * counts[:, -1] / n
    mean = _Mean(held, group, len(groups), rounding, standard)
    number = np.where(few, mean.number, 0)
    found["class"] = integers(number, number == 0)
    found["determining"] = mean.determining.where(few, "").to_numpy()
    shares = found[["share_good", "share_inferior_v"]].to_numpy()
    by_share = np.where(n > 0, status_of_shares(shares[:, 0], shares[:, 1]), 0)
    place = np.where(few, status_of_class(number), by_share)
    found["status"] = status_text(place)
    found["status_label"] = status_text(place, lang)
    method = [words.text("status.by_mean", lang), words.text("status.by_shares", lang), ""]
    found["method"] = pd.array(
        np.array(method, dtype=object)[np.where(few, 0, np.where(n > 0, 1, 2))], dtype="str"
    )
    found["main_indicators"] = pd.array(
        basin_indicators(held, group, len(groups), few, rounding, standard, lang), dtype="str"
    )
    left_out = np.bincount(group, minlength=len(groups)) - n
    found["notes"] = pd.array(
        [
            words.joined(
                [
                    *([words.text("status.undetermined", lang, n=left_out[one])] if left_out[one] else []),
                    *(mean.notes(one, least, lang) if few[one] else []),
                ],
                lang,
            )
            for one in range(len(groups))
        ],
        dtype="str",
    )
    return found


def lake_class(
    table: pd.DataFrame,
    by: str = "lake",
    stations: Study | pd.DataFrame | None = None,
    *,
    rounding: Rounding = "assessment",
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Class of a lake or reservoir with several points: means over time, then over the points, then graded.

    Parameters
    ----------
    table
        Points graded by month, quarter or year, as `wqstudy.grade` returns them: their means over time.
    by
        Column of the table or of the stations that names the lake, or the zone of a large one.
    stations, rounding, standard, lang
        As for `basin_status`.

    Returns
    -------
    DataFrame
        By group and period: `n_points`, `class`, `class_label`, `determining`, `status`, `status_label`, the
        mean and class of each item, `notes`.

    References
    ----------
    环办〔2011〕22号, 二(二)1. Reservoirs of the river type are assessed as rivers: say so by `water_body`.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": ["north", "south"], "period": "2021", "class": [4, 5], "water_body": "lake",
    ...     "TP": [0.06, 0.15], "TP_class": [4, 5], "lake": "Tai",
    ... })
    >>> lake_class(table)[["group", "n_points", "class", "TP"]]
      group  n_points  class     TP
    0   Tai         2      5  0.105
    """
    one_of(rounding, ("assessment", "none"), "rounding")
    held = graded_sections(table, standard=standard)
    group, found = group_numbers(held.keys, group_of(table, by, stations))
    mean = _Mean(held, group, len(found), rounding, standard)
    found["n_points"] = _counts(held, group, len(found)).sum(axis=1)
    found["class"] = integers(mean.number, mean.number == 0)
    labels = [
        words.text("class.undetermined", lang),
        *(words.text(f"class.{one}", lang) for one in range(1, 7)),
    ]
    found["class_label"] = pd.array(np.array(labels, dtype=object)[mean.number], dtype="str")
    found["determining"] = mean.determining.to_numpy()
    place = status_of_class(mean.number)
    found["status"] = status_text(place)
    found["status_label"] = status_text(place, lang)
    for item, code in enumerate(held.items):
        found[code] = mean.value[:, item]
        found[f"{code}_class"] = integers(mean.item_class[:, item], mean.item_class[:, item] == 0)
    found["notes"] = pd.array(
        [words.joined(mean.notes(one, 0, lang), lang) for one in range(len(found))], dtype="str"
    )
    return found


def _counts(held: Sections, group: npt.NDArray[np.int64], n_groups: int) -> npt.NDArray[np.int64]:
    """Sections of each class, shape (groups, 6)."""
    cell = group * (INFERIOR_V + 1) + held.number
    every = np.bincount(cell, minlength=n_groups * (INFERIOR_V + 1)).reshape(n_groups, INFERIOR_V + 1)
    counts: npt.NDArray[np.int64] = every[:, 1:].astype(np.int64)
    return counts


class _Mean:
    """The sections of each group as one: means of their means, and the class of these."""

    def __init__(
        self, held: Sections, group: npt.NDArray[np.int64], n_groups: int, rounding: Rounding, standard: str
    ) -> None:
        row, item = np.nonzero((held.item_class > 0) & (held.number > 0)[:, None])
        nothing = np.zeros(len(row), np.int8)
        found = means(
            group[row],
            item,
            held.value[row, item],
            nothing,
            nothing,
            (n_groups, len(held.items)),
            "limit",
            held.items.index("PH") if "PH" in held.items else None,
        )
        graded = held.number > 0
        n = np.bincount(group[graded], minlength=n_groups)
        lakes = np.bincount(group[graded & held.lake], minlength=n_groups)
        self.items = held.items
        self.value = found.mean
        river, lake = (limits(body, standard=standard) for body in WATER_BODIES)
        differ = [river.get(code) != lake[code] for code in held.items]
        self.mixed = (lakes > 0) & (lakes < n) & (found.counts[:, differ] > 0).any(axis=1)
        self.partly = (found.counts > 0) & (found.counts < n[:, None])
        item_class, number = classify_means(
            found.total, found.n, held.items, lakes > 0, rounding=rounding, standard=standard
        )
        self.item_class = np.where(self.mixed[:, None], 0, item_class)
        self.number = np.where(self.mixed, 0, number)
        sets = (self.item_class == self.number[:, None]) & (self.number > 1)[:, None]
        self.determining = codes_of(sets, held.items)

    def notes(self, group: int, least: int, lang: str) -> list[str]:
        """What a careful reader of one group must know."""
        if not self.items:
            return [words.text("status.no_items", lang, n=least)]
        if self.mixed[group]:
            return [words.text("status.mixed", lang)]
        codes = [code for code, one in zip(self.items, self.partly[group], strict=True) if one]
        return [words.text("status.partly", lang, codes=", ".join(codes))] if codes else []
