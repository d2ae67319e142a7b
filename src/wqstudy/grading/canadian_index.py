"""The Canadian water quality index (CCME WQI)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.item_tables import (
    FloatArray,
    intervals,
    join_notes,
    need_columns,
    need_filled,
    noted,
    water_of_rows,
)
from wqstudy.grading.limits import CLASSES, WATER_BODIES, graded_items, limits
from wqstudy.grading.pollution_index import numbers

Objective = tuple[float | None, float | None]


def ccme(
    samples: pd.DataFrame,
    objectives: int | Mapping[str, Objective] = 3,
    *,
    by: str | Sequence[str] = "station",
    oxygen_floor: float | None = None,
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Water quality index of the Canadian Council of Ministers of the Environment, 0 to 100.

    Three factors: the share of variables that ever fail their objective, the share of tests that do, and by
    how much. Values beyond a limit count where they tell on which side of the objective they are.

    Parameters
    ----------
    samples
        `station, time, parameter, value` and, where there are, `censored` and `water_body`.
    objectives
        Class 1 to 5 whose limits the 21 items of the standard shall meet; or for each parameter the least and
        the greatest value allowed, None where there is none.
    by
        Column or columns of `samples`: one index for each of their values.
    oxygen_floor
        What a least value is divided by is at least this. Without it, a value of zero fails by no finite
        amount, and there is no index.
    lang
        Language of `category` and `notes`.

    Returns
    -------
    DataFrame
        `by`, `wqi`, `category`, `f1`, `f2`, `f3`, `nse` (normalised sum of excursions), `n_variables`,
        `n_tests`, `n_failed_variables`, `n_failed_tests`, `notes`.

    Raises
    ------
    ArgumentError
        If a column is missing, a class is none, an objective allows nothing, or none is tested.

    References
    ----------
    Canadian Council of Ministers of the Environment (2001, 2017), CCME Water Quality Index 1.0: Technical
    Report, equations 1 to 6; User's Manual. The divisor 1.732 is the square root of 3 here.

    Examples
    --------
    >>> samples = pd.DataFrame(
    ...     {"station": "a", "parameter": ["TP", "NH3N"] * 4, "value": [0.1, 0.5] * 3 + [0.3, 0.5]}
    ... )
    >>> ccme(samples)[["wqi", "f1", "f2", "category"]].round(1)
        wqi    f1    f2 category
    0  70.1  50.0  12.5     fair
    """
    words.language(lang)
    keys = [by] if isinstance(by, str) else list(by)
    need_columns(samples, ["parameter", "value"], "samples")
    need_filled(samples, keys, "samples")
    tests = samples[samples["value"].notna()].reset_index(drop=True)
    least, most = _objectives(tests, objectives, standard)
    tested = np.isfinite(least) | np.isfinite(most)
    if not tested.any():
        raise ArgumentError("no sample has an objective", argument="objectives")
    tests = tests.loc[tested, [*keys, "parameter"]].assign(
        **_judged(tests[tested], least[tested], most[tested], oxygen_floor)
    )
    groups = tests.groupby([*keys, "parameter"], sort=True)
    each = groups.agg(
        n=("known", "sum"), failed=("failed", "sum"), excursion=("excursion", "sum"), open=("open", "sum")
    ).reset_index()
    least_rule = rules.load("ccme")["least"]
    each["tested"] = each["n"] > 0
    each["any_failed"] = each["failed"] > 0
    each["often"] = each["n"] >= least_rule["tests"]
    table = each.groupby(keys, sort=True).agg(
        n_variables=("tested", "sum"),
        n_tests=("n", "sum"),
        n_failed_variables=("any_failed", "sum"),
        n_failed_tests=("failed", "sum"),
        excursion=("excursion", "sum"),
        often=("often", "sum"),
        open=("open", "sum"),
    )
    return _index(table.reset_index(), keys, lang)


def _objectives(
    tests: pd.DataFrame, objectives: int | Mapping[str, Objective], standard: str
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest value allowed of each sample: infinite where there is none."""
    code = tests["parameter"].to_numpy()
    least, most = np.full(len(tests), -np.inf), np.full(len(tests), np.inf)
    if isinstance(objectives, Mapping):
        for name, (low, high) in objectives.items():
            if (low is None and high is None) or not (low or 0.0) <= (np.inf if high is None else high):
                raise ArgumentError(f"{name}: {low} to {high} allows nothing", argument="objectives")
            rows = code == name
            least[rows] = -np.inf if low is None else low
            most[rows] = np.inf if high is None else high
        return least, most
    if objectives not in range(1, len(CLASSES) + 1):
        raise ArgumentError(f"{objectives} is no class", argument="objectives", valid=f"1 to {len(CLASSES)}")
    water = water_of_rows(tests, "samples")
    for body in WATER_BODIES:
        known = limits(body, standard=standard)
        for item in graded_items(standard=standard):
            rows = (code == item) & (water == body)
            limit = known[item]
            value = numbers(limit)[objectives - 1]
            if limit.at_least:
                least[rows] = value
            else:
                most[rows] = value
                least[rows] = -np.inf if limit.lower is None else float(limit.lower)
    return least, most


def _judged(
    tests: pd.DataFrame, least: FloatArray, most: FloatArray, floor: float | None
) -> dict[str, np.ndarray]:
    """For each test whether it can be told, whether it fails, and by how much."""
    low, high = intervals(tests)
    too_low = (high < least) | ((low < high) & (high == least))  # "below the limit" does not reach the limit
    too_high = (low > most) | ((low < high) & (low == most))
    known = too_low | too_high | ((low >= least) & (high <= most))
    failed = too_low | too_high
    divisor = high if floor is None else np.maximum(high, floor)
    with np.errstate(divide="ignore", invalid="ignore"):
        excursion = np.where(too_low, least / divisor - 1, np.where(too_high, low / most - 1, 0.0))
    return {"known": known, "failed": failed, "excursion": np.maximum(excursion, 0.0), "open": ~known}


def _index(table: pd.DataFrame, keys: list[str], lang: str) -> pd.DataFrame:
    """The three factors, the index and its category."""
    rule = rules.load("ccme")
    n_tests = table["n_tests"].to_numpy(dtype=float)
    n_tests[n_tests == 0] = np.nan
    nse = table["excursion"].to_numpy() / n_tests
    nse[np.isinf(nse)] = np.nan
    f1 = (100 * table["n_failed_variables"] / table["n_variables"].where(table["n_variables"] > 0)).to_numpy()
    f2 = 100 * table["n_failed_tests"].to_numpy() / n_tests
    f3 = 100 * nse / (nse + 1)
    wqi = 100 - np.sqrt((f1**2 + f2**2 + f3**2) / 3)
    least, often, still_open = rule["least"], table["often"].to_numpy(), table["open"].to_numpy()
    n = len(table)
    notes = join_notes(
        [
            noted(
                "few_tests",
                often < least["variables"],
                lang,
                n=often,
                least=[least["tests"]] * n,
                wanted=[least["variables"]] * n,
            ),
            noted("no_oxygen", np.isinf(table["excursion"].to_numpy()), lang),
            noted("undecided", still_open > 0, lang, n=still_open),
        ],
        lang,
    )
    counts = ["n_variables", "n_tests", "n_failed_variables", "n_failed_tests"]
    return table[keys].assign(
        wqi=wqi,
        category=categories(wqi, lang),
        f1=f1,
        f2=f2,
        f3=f3,
        nse=nse,
        **{name: table[name] for name in counts},
        notes=notes,
    )


def categories(wqi: FloatArray, lang: str = "en") -> npt.NDArray[np.object_]:
    """The category of each index in words, by its nearest whole number; missing where there is no index.

    Examples
    --------
    >>> categories(np.array([94.4, 94.6])).tolist()
    ['good', 'excellent']
    """
    rule = rules.load("ccme")["category"]
    names = np.array([*(words.text(f"ccme.{name}", lang) for name in rule["names"]), None], object)
    place = np.searchsorted(rule["bounds"], np.floor(wqi + 0.5), side="right")
    found: npt.NDArray[np.object_] = names[np.where(np.isfinite(wqi), place, -1)]
    return found
