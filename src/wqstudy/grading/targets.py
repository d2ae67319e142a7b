"""Attainment: sections against their own target classes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.errors import ArgumentError
from wqstudy.grading.labels import codes_of
from wqstudy.grading.status import classes_of
from wqstudy.grading.tidy import Sections, graded_sections, group_numbers, group_of, integers
from wqstudy.study import Study

Targets = int | Mapping[str, int] | pd.DataFrame


def attainment(
    table: pd.DataFrame, targets: Study | Targets, *, standard: str = "gb3838_2002"
) -> pd.DataFrame:
    """Whether each section attains its own target class, and which items exceed it.

    Parameters
    ----------
    table
        Graded sections, as `wqstudy.grade` returns them.
    targets
        One class for all, a mapping from station to class, or a table `station, target_class[, due]` (that
        of a study). A target with a date is in force from the period that the date lies in, until a later
        one of its station; before the first date there is none. One without a date has always been in force.

    Returns
    -------
    DataFrame
        `station`, `period` (or `time`), `class`, `target_class`, `attains` (missing where the class or the
        target is), `exceeding` (codes of the items worse than the target, joined by ``;``).

    Raises
    ------
    ArgumentError
        If the table is not one of graded sections, or a target is no class.

    References
    ----------
    环办〔2011〕22号 leaves attainment to the functional zoning; bulletins count class against target.

    Examples
    --------
    >>> table = pd.DataFrame({"station": ["a", "b"], "period": "2021-08", "class": [3, 4]})
    >>> attainment(table, {"a": 3, "b": 3})[["station", "target_class", "attains"]]
      station  target_class  attains
    0       a             3     True
    1       b             3    False
    """
    held = graded_sections(table, standard=standard)
    target = target_classes(held, targets)
    unclear = (held.number == 0) | (target == 0)
    found = held.keys.copy()
    found["class"] = integers(held.number, held.number == 0)
    found["target_class"] = integers(target, target == 0)
    found["attains"] = pd.arrays.BooleanArray(held.number <= target, unclear)
    found["exceeding"] = codes_of(exceeding(held, target), held.items)
    return found


def attainment_rate(
    table: pd.DataFrame,
    targets: Study | Targets,
    by: str,
    stations: Study | pd.DataFrame | None = None,
    *,
    standard: str = "gb3838_2002",
) -> pd.DataFrame:
    """Share of sections that attain their own targets, by group and period.

    Parameters
    ----------
    table, targets
        As for `attainment`.
    by
        Column of the table or of the stations.
    stations
        A study or its table of stations, where the table itself has no such column.

    Returns
    -------
    DataFrame
        `group`, `period` (or `time`), `n_sections` (that have class and target), `n_attaining`,
        `attaining_percent` (missing where there is none), `n_unclear` (sections without class or target).

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": ["a", "b"], "period": "2021-08", "class": [3, 4], "basin": "Jia",
    ... })
    >>> attainment_rate(table, 3, "basin")
      group   period  n_sections  n_attaining  attaining_percent  n_unclear
    0   Jia  2021-08           2            1               50.0          0
    """
    found = attainment(table, targets, standard=standard)
    code, groups = group_numbers(found.iloc[:, :2], group_of(table, by, stations))
    unclear = found["attains"].isna().to_numpy()
    attains = found["attains"].fillna(value=False).to_numpy(bool)
    every = np.bincount(code, minlength=len(groups))
    n = np.bincount(code[~unclear], minlength=len(groups))
    attaining = np.bincount(code[attains], minlength=len(groups))
    return groups.assign(
        n_sections=n,
        n_attaining=attaining,
        attaining_percent=np.where(n > 0, 100 * attaining / np.maximum(n, 1), np.nan),
        n_unclear=every - n,
    )


def target_classes(held: Sections, targets: Study | Targets) -> npt.NDArray[np.int8]:
    """Target class in force for each row, 0 where there is none.

    Raises
    ------
    ArgumentError
        If a target is no class, or a station has two for one date.
    """
    if isinstance(targets, Study):
        if targets.targets is None:
            raise ArgumentError("the study has no targets", argument="targets", mend="add targets.csv to it")
        targets = targets.targets
    if isinstance(targets, Mapping):
        targets = pd.DataFrame({"station": list(targets), "target_class": list(targets.values())})
    if not isinstance(targets, pd.DataFrame):
        return np.broadcast_to(classes_of(targets, "targets"), len(held.keys)).copy()
    missing = [name for name in ("station", "target_class") if name not in targets]
    if missing:
        raise ArgumentError(
            f"the targets have no column {missing[0]!r}",
            argument="targets",
            valid="station, target_class, due",
        )
    due = pd.to_datetime(targets["due"]) if "due" in targets else pd.Series(pd.NaT, index=targets.index)
    known = pd.DataFrame(
        {
            "station": targets["station"].astype("str").array,
            "when": due.astype("datetime64[ns]").fillna(pd.Timestamp.min).to_numpy(),
            "target": classes_of(targets["target_class"], "targets"),
        }
    ).drop_duplicates()
    twice = known.duplicated(["station", "when"])
    if twice.any():
        raise ArgumentError(
            f"station {known['station'][twice].iloc[0]!r} has two targets for one date",
            argument="targets",
            valid="one class a station and date",
        )
    rows = pd.DataFrame(
        {
            "station": held.keys["station"].astype("str").array,
            "when": ends(held.keys.iloc[:, 1]),
            "row": np.arange(len(held.keys)),
        }
    )
    joined = pd.merge_asof(rows.sort_values("when"), known.sort_values("when"), on="when", by="station")
    return joined.sort_values("row")["target"].fillna(0).to_numpy(np.int8)


def ends(period: pd.Series) -> npt.NDArray[np.datetime64]:
    """Last moment of each period (2021-08, 2021Q3, 2021), or the time itself."""
    if pd.api.types.is_datetime64_any_dtype(period):
        return period.astype("datetime64[ns]").to_numpy()
    code, spelt = pd.factorize(period.astype("str"))
    try:
        last = [pd.Period(one).end_time for one in spelt]
    except ValueError as fault:
        raise ArgumentError(
            str(fault), argument="table", valid="periods such as 2021-08, 2021Q3, 2021"
        ) from fault
    return np.array(last, dtype="datetime64[ns]")[code]


def exceeding(held: Sections, target: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Which items are worse than the target class; none where there is no target. Shape (n, items)."""
    worse: npt.NDArray[np.bool_] = (held.item_class > target[:, None]) & (target > 0)[:, None]
    return worse
