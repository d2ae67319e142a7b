"""Black and odorous water in towns: levels of samples, points, stretches and water bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.black_levels import Ends, labels, levels
from wqstudy.grading.item_tables import (
    BoolArray,
    FloatArray,
    intervals,
    join_notes,
    listed,
    need_columns,
    need_filled,
    noted,
)

Depth = float | Mapping[str, float] | None
UNTOLD = -1
"""Level of a value that tells none, such as "below 20" where 8 and 15 are the thresholds."""


@dataclass(frozen=True, slots=True)
class BlackOdorous:
    """What `black_odorous` finds, from the small to the large.

    Parameters
    ----------
    samples
        `station, time, parameter, value, black_level` of the items that count; level 0 not, 1 light, 2 heavy,
        missing where the value does not tell.
    points
        A row a station: the water body if there are several, `black_level`, `black_label`, `n_samples`,
        `<item>_heavy_share`, `notes`.
    stretches
        A row for each run of heavy points: the water body if there are several, `first`, `last`, `n_points`.
    bodies
        A row a water body: `black_level`, `black_label`, `n_points` (with a level), `heavy_share`, `notes`.
    """

    samples: pd.DataFrame
    points: pd.DataFrame
    stretches: pd.DataFrame
    bodies: pd.DataFrame


def black_odorous(
    samples: pd.DataFrame,
    depth: Depth = None,
    *,
    by: str | None = None,
    order: Sequence[str] | None = None,
    ends: Ends | None = None,
    lang: str = "en",
) -> BlackOdorous:
    """Whether water is black and odorous: transparency, oxygen, redox potential, ammonia nitrogen.

    A point is heavy where 60 % of the data of one item, or 30 % of the data of two items, are heavy. Three or
    more heavy points in a row make a heavy stretch, 60 % of the points a heavy water body. The guideline
    calls every other point light, since it speaks of waters known to be black; here a point is light where
    the same shares hold for data that are light or heavy, and a water body where any of its points is.

    Parameters
    ----------
    samples
        `station, time, parameter, value[, censored]` with ``SD`` (m), ``DO``, ``NH3N`` (mg/L), ``ORP`` (mV)
        and, where it was measured, ``WDEPTH`` (m). Water that is clear to the bottom has a right-censored SD.
    depth
        Depth of the water (m), of all points or of each; by default WDEPTH of the same station and time.
    by
        Column of `samples` that names the water body; by default they are all of one.
    order
        The stations along the water; without it no stretches are looked for.
    ends
        Level of a value equal to a threshold: the ``"better"`` (the default) or the ``"worse"``. The
        guideline does not say.
    lang
        Language of labels and notes.

    Returns
    -------
    BlackOdorous

    Raises
    ------
    ArgumentError
        If a column is missing, there is no item, a depth is not above zero, or `order` lacks a station.

    References
    ----------
    城市黑臭水体整治工作指南 (2015-08), its table of grades and its rules of sampling and verdict.

    Examples
    --------
    >>> samples = pd.DataFrame(
    ...     {"station": ["a"] * 3, "time": pd.date_range("2021-04-01", periods=3), "parameter": "NH3N",
    ...      "value": [16.0, 17.0, 9.0]}
    ... )
    >>> black_odorous(samples, 1.0).points[["station", "black_level", "NH3N_heavy_share"]].round(2)
      station  black_level  NH3N_heavy_share
    0       a            2              0.67
    """
    words.language(lang)
    tests, remarks = _tests(samples, depth, by, ends, lang)
    points = _points(tests, remarks, lang)
    told = tests[["station", "time", "parameter", "value"]].assign(
        black_level=tests["black_level"].astype("Int64").mask(tests["black_level"] == UNTOLD)
    )
    larger = (points, _stretches(points, order), _bodies(points, order, lang))
    if by is None:
        return BlackOdorous(told, *(table.drop(columns="body") for table in larger))
    return BlackOdorous(told, *(table.rename(columns={"body": by}) for table in larger))


def _tests(
    samples: pd.DataFrame, depth: Depth, by: str | None, ends: Ends | None, lang: str
) -> tuple[pd.DataFrame, pd.Series]:
    """The data of the four items with their levels; and what to say of each point's depth and clearness."""
    items = [entry["code"] for entry in rules.load("black_odorous_2015")["item"]]
    need_columns(samples, ["value"], "samples")
    need_filled(samples, ["station", "time", "parameter", *([by] if by else [])], "samples")
    tests = samples[samples["parameter"].isin(items) & samples["value"].notna()].reset_index(drop=True)
    if tests.empty:
        raise ArgumentError("no sample of an item", argument="samples", valid=", ".join(items))
    tests = tests.assign(body=tests[by] if by else "", depth=_depths(samples, tests, depth))
    tests["clear"] = False
    if "censored" in tests:
        tests["clear"] = (tests["parameter"] == "SD") & (tests["censored"] == "right")
    low, high = intervals(tests)
    tests["black_level"] = np.int8(0)
    for item in items:
        rows = (tests["parameter"] == item).to_numpy()
        at = {"depth": tests["depth"][rows], "clear": tests["clear"][rows]} if item == "SD" else {}
        one, other = (levels(end[rows], item, ends=ends, **at) for end in (low, high))
        tests.loc[rows, "black_level"] = np.where(one == other, one, UNTOLD)
    of_depth = tests[tests["parameter"] == "SD"]
    known = of_depth["depth"].notna().groupby(of_depth["station"], sort=True).all()
    clear = of_depth.groupby("station", sort=True)["clear"].sum()
    texts = join_notes(
        [noted("no_depth", ~known, lang), noted("clear", clear > 0, lang, n=clear.to_numpy())],
        lang,
    )
    return tests, pd.Series(texts, index=known.index, dtype="object")


def _depths(samples: pd.DataFrame, tests: pd.DataFrame, depth: Depth) -> FloatArray:
    """Depth of the water at each test; NaN where it is not known."""
    if depth is None:
        measured = samples[samples["parameter"] == "WDEPTH"].groupby(["station", "time"])["value"].mean()
        key = pd.MultiIndex.from_frame(tests[["station", "time"]])
        return np.asarray(measured.reindex(key), np.float64)
    given = [depth] if isinstance(depth, int | float) else list(depth.values())
    if not all(each > 0 for each in given):
        raise ArgumentError("a depth is not above zero", argument="depth", valid="metres")
    if isinstance(depth, Mapping):
        return np.asarray(tests["station"].map(dict(depth)), np.float64)
    return np.full(len(tests), float(depth))


def _points(tests: pd.DataFrame, remarks: pd.Series, lang: str) -> pd.DataFrame:
    """The level of each point, by the shares of its data."""
    rule = rules.load("black_odorous_2015")
    items = [entry["code"] for entry in rule["item"]]
    least = rule["point"]["samples"]
    told = tests[tests["black_level"] != UNTOLD]
    stations = (
        tests[["body", "station"]].drop_duplicates().sort_values(["body", "station"], ignore_index=True)
    )
    twice = stations["station"][stations["station"].duplicated()]
    if len(twice):
        raise ArgumentError(f"station {twice.iloc[0]} is in two water bodies", argument="by")
    place = pd.MultiIndex.from_product([stations["station"], items])

    def count(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
        number = rows.groupby(["station", "parameter"]).size().reindex(place, fill_value=0)
        return np.asarray(number, np.int64).reshape(-1, len(items))

    n, n_light, n_heavy = (count(told[told["black_level"] >= level]) for level in range(3))
    used = n >= least
    heavy, light = (_by_shares(part, n, used, rule["point"]) for part in (n_heavy, n_light))
    level = pd.array(np.where(heavy, 2, np.where(light, 1, 0)), dtype="Int64")
    level[~used.any(axis=1)] = pd.NA
    untold = tests.groupby("station")["black_level"].agg(lambda each: (each == UNTOLD).sum())
    n_untold = untold.reindex(stations["station"]).to_numpy()
    few = (n > 0) & ~used
    notes = join_notes(
        [
            noted("few_samples", few.any(axis=1), lang, least=[least] * len(n), items=listed(few, items)),
            noted("without", (n == 0).any(axis=1), lang, items=listed(n == 0, items)),
            noted("undecided_level", n_untold > 0, lang, n=n_untold),
            remarks.reindex(stations["station"]).fillna("").tolist(),
        ],
        lang,
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, n_heavy / n, np.nan)
    return stations.assign(
        black_level=level,
        black_label=labels(level, lang),
        n_samples=tests.groupby("station")["time"].nunique().reindex(stations["station"]).to_numpy(),
        **{f"{code}_heavy_share": share[:, column] for column, code in enumerate(items)},
        notes=notes,
    )


def _by_shares(
    part: npt.NDArray[np.int64], n: npt.NDArray[np.int64], used: BoolArray, rule: dict[str, Any]
) -> BoolArray:
    """Whether one item's data, or two items' data, reach their shares; counted, so that 3 of 5 is 60 %."""
    one = used & (100 * part >= rule["one_item"] * n)
    two = used & (100 * part >= rule["two_items"] * n)
    verdict: BoolArray = one.any(axis=1) | (two.sum(axis=1) >= 2)
    return verdict


def _stretches(points: pd.DataFrame, order: Sequence[str] | None) -> pd.DataFrame:
    """Runs of heavy points along the water that are long enough."""
    least = rules.load("black_odorous_2015")["stretch"]["points"]
    columns = ["body", "first", "last", "n_points"]
    if order is None:
        return pd.DataFrame(columns=columns)
    lacking = sorted(set(points["station"]) - set(order))
    if lacking:
        raise ArgumentError(
            f"station {lacking[0]} is not in the order", argument="order", mend="name every station, in order"
        )
    place = points["station"].map({station: number for number, station in enumerate(order)})
    along = points.assign(place=place).sort_values(["body", "place"])
    heavy = along["black_level"].eq(2).fillna(False).to_numpy(bool)
    # A run ends where the water body does, at a point that is not heavy, and at one without samples.
    goes_on = (along["body"].shift() == along["body"]) & (along["place"].diff() == 1)
    run = np.cumsum(~(goes_on.to_numpy(bool) & heavy & np.append(False, heavy[:-1])))
    runs = along[heavy].groupby(run[heavy])
    found = runs.agg(body=("body", "first"), first=("station", "first"), last=("station", "last"))
    found["n_points"] = runs.size()
    long: pd.DataFrame = found[found["n_points"] >= least]
    return long.reset_index(drop=True)


def _bodies(points: pd.DataFrame, order: Sequence[str] | None, lang: str) -> pd.DataFrame:
    """The level of each water body, by the share of its points that are heavy."""
    rule = rules.load("black_odorous_2015")["body"]
    groups = points.groupby("body", sort=True)["black_level"]
    n, every = groups.count().to_numpy(), groups.size().to_numpy()
    n_heavy = groups.agg(lambda level: level.eq(2).sum()).to_numpy(dtype=int)
    black = groups.agg(lambda level: level.ge(1).sum()).to_numpy(dtype=int)
    level = pd.array(np.where(100 * n_heavy >= rule["heavy"] * n, 2, np.minimum(black, 1)), dtype="Int64")
    level[n < rule["points"]] = pd.NA
    notes = join_notes(
        [
            noted("few_points", n < rule["points"], lang, n=n, least=[rule["points"]] * len(n)),
            noted("open_points", every > n, lang, n=every - n),
            noted("no_order", np.full(len(n), order is None), lang),
        ],
        lang,
    )
    return pd.DataFrame(
        {
            "body": groups.size().index,
            "black_level": level,
            "black_label": labels(level, lang),
            "n_points": n,
            "heavy_share": n_heavy / np.where(n > 0, n, np.nan),
            "notes": notes,
        }
    )
