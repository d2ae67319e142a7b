"""Lasting attainment: since when, how many months in a row, how sure, lost again, and against deadlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.grading.bodies import BodyChoice
from wqstudy.grading.limits import INFERIOR_V
from wqstudy.grading.probability import class_probability
from wqstudy.grading.sections import grade
from wqstudy.grading.status import classes_of
from wqstudy.grading.targets import Targets, target_classes
from wqstudy.grading.tidy import graded_sections, integers
from wqstudy.study import Study

BoolArray = npt.NDArray[np.bool_]


def lasting_attainment(
    samples: Study | pd.DataFrame,
    targets: Study | Targets = INFERIOR_V - 1,
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
) -> pd.DataFrame:
    """Since when each section attains its target month by month, and how sure that is.

    Parameters
    ----------
    samples
        A study or a table of samples.
    targets
        As for `attainment`; by default class V: no inferior V (稳定消除劣Ⅴ类).
    parameters, water_body
        As for `wqstudy.grade`.

    Returns
    -------
    DataFrame
        By section: `station`, `target_class` (of its last month), `n_months` (graded against a target),
        `months_in_a_row` (that attain, up to the last), `first_month` (of these; missing where the last does
        not attain), `lasting` (12 in a row or more), `rebound` (the first month that did not attain after the
        last row of 12, where one followed; missing otherwise), `p_attains` (probability that the mean of the
        twelve months up to the section's last attains; missing where a detection limit leaves it open).

    Notes
    -----
    Months without a sample break no row and do not count. Twelve in a row hold every season once
    (`rules/attainment.toml`); no national rule sets the number.

    Examples
    --------
    >>> months = pd.date_range("2020-01-15", periods=24, freq="30D")
    >>> value = [2.6] * 6 + [0.9] * 18
    >>> table = pd.DataFrame({"station": "a", "time": months, "parameter": "NH3N", "value": value})
    >>> lasting_attainment(table).iloc[0, 2:6].to_dict()
    {'n_months': 24, 'months_in_a_row': 18, 'first_month': '2020-07', 'lasting': True}
    """
    least = rules.load("attainment")["least_months"]
    monthly = grade(samples, "month", parameters=parameters, water_body=water_body)
    held = graded_sections(monthly)
    target = target_classes(held, targets)
    clear = (held.number > 0) & (target > 0)
    keys = held.keys[clear].reset_index(drop=True)
    attains, target = held.number[clear] <= target[clear], target[clear]
    station, names = pd.factorize(keys["station"])
    if not len(names):
        raise ArgumentError("no section has a class and a target", argument="targets", valid="1 to 5")
    end = np.append(np.flatnonzero(np.diff(station)), len(station) - 1)
    row = _in_a_row(station, attains)
    period = keys["period"].to_numpy()
    lost = _lost(station, attains, row, least)
    found = pd.DataFrame({"station": pd.Series(names, dtype="str")})
    found["target_class"] = integers(target[end], target[end] == 0)
    found["n_months"] = np.bincount(station)
    found["months_in_a_row"] = row[end]
    begun = [period[one - row[one] + 1] if row[one] else None for one in end]
    found["first_month"] = pd.Series(begun, dtype="str")
    found["lasting"] = row[end] >= least
    found["rebound"] = pd.Series([period[one] if one >= 0 else None for one in lost], dtype="str")
    last = dict(zip(names, (pd.Period(one, freq="M") for one in period[end]), strict=True))
    wanted = dict(zip(names, target[end].astype(int), strict=True))
    found["p_attains"] = _sure(samples, last, wanted, parameters, water_body)
    return found


def deadlines(
    samples: Study | pd.DataFrame,
    targets: Study | pd.DataFrame,
    today: str | pd.Timestamp,
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
) -> pd.DataFrame:
    """Targets against their dates: met or missed where due, on track or at risk where not.

    Parameters
    ----------
    samples
        A study or a table of samples; what is later than `today` is not looked at.
    targets
        A study with targets, or a table `station, target_class, due`.
    today
        The day on which it is judged.

    Returns
    -------
    DataFrame
        By target, in their order: `station`, `target_class`, `due`, `class` (of the mean of the twelve months
        up to the due date, or up to today), `p_attains`, `state`: ``met`` or ``missed`` by that
        class where the date is past; ``on_track`` where `p_attains` is 0.8 or more, else ``at_risk``;
        ``unknown`` without samples.

    Raises
    ------
    ArgumentError
        If there are no targets, or one has no date.

    Examples
    --------
    >>> months = pd.date_range("2020-01-15", periods=24, freq="30D")
    >>> table = pd.DataFrame({"station": "a", "time": months, "parameter": "NH3N", "value": 0.6})
    >>> due = pd.DataFrame({"station": "a", "target_class": [2, 3], "due": ["2020-12-31", "2022-12-31"]})
    >>> deadlines(table, due, "2021-12-01")["state"].tolist()
    ['missed', 'on_track']
    """
    table = targets.targets if isinstance(targets, Study) else targets
    if table is None or not {"station", "target_class", "due"} <= set(table):
        raise ArgumentError(
            "there are no targets with dates", argument="targets", valid="station, target_class, due"
        )
    due = pd.to_datetime(table["due"]).reset_index(drop=True)
    if due.isna().any():
        raise ArgumentError("a target has no date", argument="targets", valid="a date in every row of due")
    now = pd.Timestamp(today).normalize()
    found = pd.DataFrame({"station": table["station"].astype("str").to_numpy(), "due": due})
    found.insert(1, "target_class", classes_of(table["target_class"], "targets"))
    found["class"] = integers(np.zeros(len(found)), np.ones(len(found)))
    found["p_attains"] = np.nan
    last_day = due.where(due < now, now)
    for day in pd.unique(last_day):
        rows = np.flatnonzero(last_day == day)
        end = pd.Timestamp(day) + pd.Timedelta(days=1)
        span = (end - pd.DateOffset(years=1), end)
        judged = class_probability(samples, span, parameters=parameters, water_body=water_body)
        judged = judged.set_index("station").reindex(found["station"].iloc[rows])
        found.loc[rows, "class"] = judged["class"].to_numpy()
        found.loc[rows, "p_attains"] = _attaining(judged, found["target_class"].to_numpy()[rows])
    on_track = rules.load("attainment")["on_track"]
    attains = (found["class"] <= found["target_class"]).fillna(value=False).to_numpy(bool)
    found["state"] = np.select(
        [found["class"].isna().to_numpy(), due < now, found["p_attains"].to_numpy() >= on_track],
        ["unknown", np.where(attains, "met", "missed"), "on_track"],
        "at_risk",
    )
    return found


def _in_a_row(station: npt.NDArray[np.int64], attains: BoolArray) -> npt.NDArray[np.int64]:
    """Months in a row that attain, up to each one."""
    place = np.arange(len(station))
    starts = np.append(True, np.diff(station) != 0)
    last_break = np.where(~attains, place, np.where(starts, place - 1, -1))
    return np.asarray(place - np.maximum.accumulate(last_break))


def _lost(
    station: npt.NDArray[np.int64], attains: BoolArray, row: npt.NDArray[np.int64], least: int
) -> npt.NDArray[np.int64]:
    """Of each section the month that ended its last long row of attaining months, or -1."""
    before = np.append(0, row[:-1])
    same = np.append(False, np.diff(station) == 0)
    found = np.full(int(station.max()) + 1, -1)
    ended = np.flatnonzero(~attains & same & (before >= least))
    np.maximum.at(found, station[ended], ended)
    return found


def _sure(
    samples: Study | pd.DataFrame,
    last: Mapping[str, pd.Period],
    target: Mapping[str, int],
    parameters: Iterable[str] | str | None,
    water_body: BodyChoice | Mapping[str, str],
) -> npt.NDArray[np.float64]:
    """Probability that the twelve months up to each section's last attain."""
    found = pd.Series(np.nan, index=list(last))
    for end in sorted(set(last.values())):
        own = [name for name, one in last.items() if one == end]
        span = ((end - 11).start_time, (end + 1).start_time)
        judged = class_probability(samples, span, parameters=parameters, water_body=water_body)
        judged = judged.set_index("station").reindex(own)
        found[own] = _attaining(judged, np.array([target[name] for name in own]))
    return np.asarray(found, np.float64)


def _attaining(judged: pd.DataFrame, target: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """Probability of the target class or a better one, NaN where it is open."""
    p = judged[[f"p_{number}" for number in range(1, INFERIOR_V + 1)]].to_numpy(np.float64)
    worse = np.arange(1, INFERIOR_V + 1) > target[:, None]
    # From the worse side: classes better than the target may be open among themselves.
    return np.asarray(1 - np.where(worse, p, 0.0).sum(axis=1))
