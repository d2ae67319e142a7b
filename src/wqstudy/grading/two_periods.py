"""Did the class change? Probabilities that sections improved, and shares of good sections with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import INFERIOR_V

FloatArray = npt.NDArray[np.float64]

P_COLUMNS = tuple(f"p_{number}" for number in range(1, INFERIOR_V + 1))


def class_change_probability(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Probability that the true class of each section improved, stayed or worsened.

    Parameters
    ----------
    before, after
        One period each, as `class_probability` returns them, without a location prior, which would draw both
        periods towards the same panel.

    Returns
    -------
    DataFrame
        One row a section of both: `station`, `class_before`, `class_after`, `p_improved`, `p_same`,
        `p_worsened`. Missing where a detection limit leaves a class open.

    Raises
    ------
    ArgumentError
        If a column is missing, or a station has two rows.

    Notes
    -----
    The errors of the two periods are taken as independent, and nothing is known beforehand of the change:
    where true changes are smaller than the errors both directions are stated too often (docs/methods.md).
    Halves of one year differ by season as well.

    Examples
    --------
    >>> names = [f"p_{number}" for number in range(1, 7)]
    >>> before = pd.DataFrame([["a", 4, 0, 0, 0.2, 0.8, 0, 0]], columns=["station", "class", *names])
    >>> after = pd.DataFrame([["a", 3, 0, 0, 0.9, 0.1, 0, 0]], columns=["station", "class", *names])
    >>> class_change_probability(before, after).round(2).iloc[0, 3:].to_dict()
    {'p_improved': 0.72, 'p_same': 0.26, 'p_worsened': 0.02}
    """
    tables = {"before": _one_period(before, "before"), "after": _one_period(after, "after")}
    both = tables["before"].merge(tables["after"], on="station", suffixes=("_before", "_after"))
    first, second = (both[[f"{name}_{when}" for name in P_COLUMNS]].to_numpy(np.float64) for when in tables)
    better = np.cumsum(second, axis=1) - second
    improved = (first * better).sum(axis=1)
    same = (first * second).sum(axis=1)
    found = both[["station", "class_before", "class_after"]].copy()
    found["p_improved"] = improved
    found["p_same"] = same
    found["p_worsened"] = np.clip(1 - improved - same, 0, 1)
    return found


def good_share(
    table: pd.DataFrame,
    *,
    level: float = 0.95,
    draws: int = 10_000,
    rng: np.random.Generator | int = 0,
) -> dict[str, float]:
    """Share of sections whose true class is I to III, in percent, with its interval.

    Parameters
    ----------
    table
        One period, as `class_probability` returns it; `p_good` is used.
    level
        Of the interval.

    Returns
    -------
    dict
        `n_sections`; `share_good` of the classes of the samples; `expected`, `share_low`, `share_high` of
        the true ones. Sections whose p_good is missing are left out, and counted in `n_unclear`.

    Raises
    ------
    ArgumentError
        If no section has a probability.

    Notes
    -----
    Sections are drawn good or not, independently: sections of one river err together, and then the interval
    is too narrow.

    Examples
    --------
    >>> good_share(pd.DataFrame({"class": [3, 4], "p_good": [1.0, 0.5]}))["expected"]
    75.0
    """
    for name in ("class", "p_good"):
        if name not in table:
            raise ArgumentError(f"there is no column {name!r}", argument="table", valid="class_probability's")
    p = table["p_good"].to_numpy(dtype=np.float64, na_value=np.nan)
    clear = np.isfinite(p)
    if not clear.any():
        raise ArgumentError("no section has a probability", argument="table", valid="graded sections")
    drawn = (np.random.default_rng(rng).random((draws, int(clear.sum()))) < p[clear]).mean(axis=1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    good = (table["class"][clear] <= 3).to_numpy(bool)
    return {
        "n_sections": int(clear.sum()),
        "share_good": float(100 * good.mean()),
        "expected": float(100 * p[clear].mean()),
        "share_low": float(100 * low),
        "share_high": float(100 * high),
        "n_unclear": int((~clear).sum()),
    }


def good_share_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    level: float = 0.95,
    draws: int = 10_000,
    rng: np.random.Generator | int = 0,
) -> dict[str, float]:
    """Change of the share of good sections between two periods, in percentage points, with its interval.

    Parameters
    ----------
    before, after
        One period each, as `class_probability` returns them; only sections of both count.
    level
        Of the interval.

    Returns
    -------
    dict
        `n_sections`; `delta_good` of the classes of the samples; `expected`, `delta_low`, `delta_high` of the
        true ones. Sections without a class, or whose p_good is missing, are left out.

    Raises
    ------
    ArgumentError
        If a column is missing, a station has two rows, or no section has a probability in both.

    Notes
    -----
    As for `good_share`, and the errors of the two periods are taken as independent.

    Examples
    --------
    >>> before = pd.DataFrame({"station": ["a", "b"], "class": [4, 4], "p_good": [0.0, 0.0]})
    >>> good_share_change(before, before.assign(**{"class": [3, 4], "p_good": [1.0, 0.0]}))["delta_good"]
    50.0
    """
    columns = ["station", "class", "p_good"]
    tables = [
        _one_period(table, name, columns).dropna() for table, name in ((before, "before"), (after, "after"))
    ]
    both = tables[0].merge(tables[1], on="station", suffixes=("_before", "_after"))
    if both.empty:
        raise ArgumentError(
            "no section has a probability in both periods", argument="after", valid="graded sections"
        )
    rng = np.random.default_rng(rng)
    p, good = (both[[f"{name}_before", f"{name}_after"]].to_numpy(np.float64) for name in columns[:0:-1])
    first, second = ((rng.random((draws, len(both))) < one).mean(axis=1) for one in p.T)
    low, high = np.quantile(second - first, [(1 - level) / 2, (1 + level) / 2])
    share = (good <= 3).mean(axis=0)
    return {
        "n_sections": len(both),
        "delta_good": float(100 * (share[1] - share[0])),
        "expected": float(100 * (p[:, 1] - p[:, 0]).mean()),
        "delta_low": float(100 * low),
        "delta_high": float(100 * high),
    }


def rank_doubt(
    value: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    *,
    level: float = 0.9,
    draws: int = 10_000,
    rng: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """How sure ranks are, for tables of indices or of their changes; rank 1 is the least value.

    Parameters
    ----------
    value, standard_error
        Index of each city and its standard error, shape (n,).

    Returns
    -------
    DataFrame
        `rank` (equal values share the better), `rank_low`, `rank_high` (interval of the true rank),
        `p_rank_or_better`, `p_first` (of rank 1). Row for row.

    Raises
    ------
    ArgumentError
        If the shapes differ, or a standard error is negative or missing.

    Notes
    -----
    True values are drawn as normal about those shown, independently. Like every rank with doubt it leans on
    the shown order (Goldstein and Spiegelhalter 1996, JRSS A 159).

    Examples
    --------
    >>> rank_doubt([4.0, 4.1, 9.0], [0.3, 0.3, 0.3])[["rank", "rank_low", "rank_high"]].to_numpy().tolist()
    [[1, 1, 2], [2, 1, 2], [3, 3, 3]]
    """
    shown, error = np.asarray(value, np.float64), np.asarray(standard_error, np.float64)
    if shown.shape != error.shape or not (error >= 0).all() or not np.isfinite(shown).all():
        raise ArgumentError(
            "values and standard errors do not go together",
            argument="standard_error",
            valid="one that is zero or more for each finite value",
        )
    noise = np.random.default_rng(rng).normal(size=(draws, len(shown)))
    drawn = _ranks(shown + noise * error)
    rank = _ranks(shown[None])[0]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0, method="nearest")
    columns: dict[str, Any] = {"rank": rank, "rank_low": low.astype(int), "rank_high": high.astype(int)}
    shares = {"p_rank_or_better": (drawn <= rank).mean(axis=0), "p_first": (drawn == 1).mean(axis=0)}
    return pd.DataFrame(columns | shares)


def ranks_in_doubt(
    table: pd.DataFrame,
    value: str,
    error: str,
    *,
    level: float = 0.9,
    rng: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """A table of ranks with `standard_error`, `rank_low`, `rank_high` and `p_first` after `rank`.

    Parameters
    ----------
    table
        `rank`, the columns named, and `period` where there are several: rows of one are ranked together.
    value, error
        Columns of the index and of its standard error; where one of them or the rank is missing the three
        new columns are.
    """
    columns = ["rank_low", "rank_high", "p_first"]
    found = pd.DataFrame(np.nan, index=table.index, columns=columns)
    rng = np.random.default_rng(rng)
    period = table["period"] if "period" in table else pd.Series("", index=table.index)
    ranked = table["rank"].notna() & table[error].notna()
    for _, rows in table[ranked].groupby(period[ranked], sort=False):
        doubt = rank_doubt(rows[value], rows[error], level=level, rng=rng)
        found.loc[rows.index, columns] = doubt[columns].to_numpy()
    place = list(table).index("rank") + 1
    rest = table.drop(columns=[error])
    return pd.concat(
        [
            rest.iloc[:, :place],
            table[[error]],
            found.astype({"rank_low": "Int64", "rank_high": "Int64"}),
            rest.iloc[:, place:],
        ],
        axis=1,
    )


def _ranks(values: FloatArray) -> npt.NDArray[np.int64]:
    """Rank within each row, 1 the least; equal values share the better."""
    return np.asarray(rankdata(values, method="min", axis=1)).astype(np.int64)


def _one_period(
    table: pd.DataFrame, argument: str, columns: Sequence[str] = ("station", "class", *P_COLUMNS)
) -> pd.DataFrame:
    """The columns needed, one row a station."""
    missing = [name for name in columns if name not in table]
    if missing:
        raise ArgumentError(
            f"there is no column {missing[0]!r}", argument=argument, valid="what class_probability returns"
        )
    twice = table["station"].duplicated()
    if twice.any():
        raise ArgumentError(
            f"station {table['station'][twice].iloc[0]!r} has two rows", argument=argument, valid="one period"
        )
    return table[list(columns)]
