"""Whether the treatment of black and odorous water has had its first effect (初见成效)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.black_levels import Ends, levels
from wqstudy.grading.item_tables import join_notes, listed, need_columns, need_filled, noted
from wqstudy.grading.urban_black import Depth


@dataclass(frozen=True, slots=True)
class BlackOdorousEffect:
    """What `black_odorous_effect` finds.

    Parameters
    ----------
    points
        A row a point: `station`, mean of `SD`, `DO`, `ORP`, `NH3N` (of transparency without the samples that
        are clear to the bottom; non-detects as their limit), `months` with samples, `days` (median between
        samples), `passes` (all four items better than light; missing where an item or months are),
        `notes`.
    passes
        Whether every point passes; None where that cannot be told.
    verdict
        First effect, no effect yet, or cannot tell: in words.
    notes
        What a careful reader must know.
    """

    points: pd.DataFrame
    passes: bool | None
    verdict: str
    notes: str


def black_odorous_effect(
    samples: pd.DataFrame,
    completed: str | pd.Timestamp,
    *,
    satisfied: float | None = None,
    answers: int | None = None,
    depth: Depth = None,
    ends: Ends | None = None,
    lang: str = "en",
) -> BlackOdorousEffect:
    """Evaluation after treatment: means of six months at every point, and a survey of the residents.

    The numbers of months, days and answers and the share of satisfied residents are from memory of the
    guideline; they lie in ``rules/black_odorous_2015.toml``. Water that passes is "cannot tell" without the
    survey.

    Parameters
    ----------
    samples
        As `black_odorous` takes them, of one water body; those before `completed` are not looked at.
    completed
        Day from which the works were done.
    satisfied
        Share of the residents asked that are satisfied, 0 to 1.
    answers
        Valid answers of the survey, where known.
    depth, ends, lang
        As in `black_odorous`. Of a point's measured depths the mean counts.

    Returns
    -------
    BlackOdorousEffect

    Raises
    ------
    ArgumentError
        If a column is missing, nothing was sampled after `completed`, or a share is not within 0 and 1.

    References
    ----------
    城市黑臭水体整治工作指南 (2015-08), evaluation of the effect.

    Examples
    --------
    >>> times = pd.date_range("2021-01-05", "2021-06-29", freq="7D")
    >>> each = [("SD", 0.6), ("DO", 5.1), ("ORP", 150.0), ("NH3N", 1.8)]
    >>> samples = pd.concat(
    ...     [pd.DataFrame({"station": "a", "time": times, "parameter": p, "value": v}) for p, v in each]
    ... )
    >>> effect = black_odorous_effect(samples, "2021-01-01", satisfied=0.93, depth=1.5)
    >>> effect.verdict, effect.points[["station", "months", "passes"]].to_numpy().tolist()
    ('first effect', [['a', 6, True]])
    """
    words.language(lang)
    need_columns(samples, ["value"], "samples")
    need_filled(samples, ["station", "time", "parameter"], "samples")
    if satisfied is not None and not 0 <= satisfied <= 1:
        raise ArgumentError(f"share {satisfied:g}", argument="satisfied", valid="0 to 1")
    items = [entry["code"] for entry in rules.load("black_odorous_2015")["item"]]
    late = samples[(samples["time"] >= pd.Timestamp(completed)) & samples["value"].notna()]
    late = late.reset_index(drop=True)
    tests = late[late["parameter"].isin(items)]
    if tests.empty:
        raise ArgumentError(
            f"no sample of an item since {pd.Timestamp(completed):%Y-%m-%d}", argument="completed"
        )
    points = _points(tests, late, items, depth, ends, lang)
    return _whole(points, satisfied, answers, lang)


def _points(
    tests: pd.DataFrame, late: pd.DataFrame, items: list[str], depth: Depth, ends: Ends | None, lang: str
) -> pd.DataFrame:
    """Means of each point, held against the thresholds of light."""
    rule = rules.load("black_odorous_2015")["effect"]
    mark = tests["censored"] if "censored" in tests else pd.Series("none", tests.index)
    bottom = (tests["parameter"] == "SD") & (mark == "right")
    stations = pd.Index(sorted(tests["station"].unique()), name="station")
    order = tests[~bottom].sort_values(["station", "parameter", "value"])
    mean = order.pivot_table("value", "station", "parameter").reindex(index=stations, columns=items)
    clear = bottom.groupby(tests["station"]).sum().reindex(stations).to_numpy(dtype=int)
    deep = _depth(late, stations, depth)
    level = np.column_stack(
        [levels(mean[code], code, ends=ends, **({"depth": deep} if code == "SD" else {})) for code in items]
    )
    there = mean.notna().to_numpy(copy=True)
    all_clear = (clear > 0) & ~there[:, items.index("SD")]
    there[:, items.index("SD")] |= all_clear
    better = there & ((level == 0) | (all_clear[:, None] & (np.array(items) == "SD")))
    dates = tests[["station", "time"]].assign(time=tests["time"].dt.normalize()).drop_duplicates()
    dates = dates.sort_values(["station", "time"])
    months = dates["time"].dt.to_period("M").groupby(dates["station"]).nunique().reindex(stations).to_numpy()
    gaps = dates.groupby("station")["time"].diff().dt.days
    days = gaps.groupby(dates["station"]).median().reindex(stations).to_numpy(dtype=float)
    fails = there & ~better
    passes = pd.array(better.all(axis=1), dtype="boolean")
    passes[~fails.any(axis=1) & (~there.all(axis=1) | (months < rule["months"]))] = pd.NA
    n = len(stations)
    notes = join_notes(
        [
            noted("fails", fails.any(axis=1), lang, items=listed(fails, items)),
            noted("without", ~there.all(axis=1), lang, items=listed(~there, items)),
            noted("short", months < rule["months"], lang, n=months, least=[rule["months"]] * n),
            noted(
                "sparse", days > rule["days"], lang, days=[f"{d:g}" for d in days], most=[rule["days"]] * n
            ),
            noted("no_depth", there[:, items.index("SD")] & np.isnan(deep), lang),
            noted("clear", clear > 0, lang, n=clear),
        ],
        lang,
    )
    return mean.reset_index().assign(months=months, days=days, passes=passes, notes=notes)


def _depth(late: pd.DataFrame, stations: pd.Index, depth: Depth) -> npt.NDArray[np.float64]:
    """Depth of the water at each point; NaN where it is not known."""
    if depth is None:
        measured = late[late["parameter"] == "WDEPTH"].groupby("station")["value"].mean()
        return np.asarray(measured.reindex(stations), np.float64)
    if isinstance(depth, int | float):
        return np.full(len(stations), float(depth))
    return np.asarray(pd.Series(dict(depth)).reindex(stations), np.float64)


def _whole(
    points: pd.DataFrame, satisfied: float | None, answers: int | None, lang: str
) -> BlackOdorousEffect:
    """The verdict on the water body: every point passes, and the residents are satisfied."""
    rule = rules.load("black_odorous_2015")["effect"]
    n_open = int(points["passes"].isna().sum())
    fails = bool(points["passes"].eq(False).any())
    passes = False if fails else None if n_open else True
    few = answers is not None and answers < rule["answers"]
    unhappy = satisfied is not None and 100 * satisfied < rule["satisfied"]
    said = "unclear"
    if fails or (unhappy and not few):
        said = "no_effect"
    elif passes and satisfied is not None and not few:
        said = "effect"
    share = words.number(100 * (satisfied or 0.0))
    notes = join_notes(
        [
            noted("open_points", [n_open > 0], lang, n=[n_open]),
            noted("few_answers", [few], lang, n=[answers], least=[rule["answers"]]),
            noted("no_survey", [satisfied is None and bool(passes)], lang),
            noted("unsatisfied", [unhappy], lang, share=[share], least=[rule["satisfied"]]),
        ],
        lang,
    )
    return BlackOdorousEffect(points, passes, words.text(f"black.{said}", lang), notes[0])
