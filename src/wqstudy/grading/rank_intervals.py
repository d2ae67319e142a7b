"""How sure the ranks of cities are: errors of their indices, from the samples that the indices rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.grading.averages import item_means
from wqstudy.grading.block_error import nodes
from wqstudy.grading.bodies import BodyChoice
from wqstudy.grading.city_index import Weight, cwqi
from wqstudy.grading.evidence import Unit, evidence
from wqstudy.grading.likelihood import spread_of
from wqstudy.grading.limits import LARGEST, items_of
from wqstudy.grading.means import Nondetect
from wqstudy.grading.periods import PERIODS, Period, grouped, one_of
from wqstudy.grading.two_periods import ranks_in_doubt
from wqstudy.grading.variability import OTHER, shipped
from wqstudy.samples import Reading
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]


def city_ranks(
    samples: Study | Reading | pd.DataFrame,
    city: str | Mapping[str, str] = "city",
    period: Period = "year",
    *,
    items: Iterable[str] | str | None = None,
    weight: Weight = "sections",
    water_body: BodyChoice | Mapping[str, str] = "auto",
    nondetect: Nondetect = "half",
    oxygen_floor: float | None = None,
    unit: Unit = "day",
    level: float = 0.9,
    draws: int = 500,
    rng: np.random.Generator | int = 0,
    lang: str = "en",
) -> pd.DataFrame:
    """City index and rank as `cwqi` gives them, and how sure the ranks are.

    The means of sections are drawn as the samples leave them open, as for `class_probability`, and the index
    is made anew of each draw.

    Parameters
    ----------
    samples
        A study, a reading, or a table `station, time, parameter, value[, censored]`, in canonical units.
    city
        The column of the stations table that names the city, or the city of each station.
    period
        ``"month"``, ``"quarter"`` or ``"year"``.
    items, weight, oxygen_floor
        As for `cwqi`; by default the items sampled.
    water_body, nondetect, unit
        As for `class_probability`.
    level
        Of the intervals of ranks.
    draws
        Of the means.

    Returns
    -------
    DataFrame
        What `cwqi` returns, with `standard_error` (of the index; half of what holds the middle 68 % of the
        draws), `rank_low`, `rank_high`, `p_first` (the least index of all) after `rank`. Missing where there
        is no rank.

    Raises
    ------
    ArgumentError
        Names the argument, and what is valid.

    Notes
    -----
    Sections err independently of one another, items of a section together; a wet year that moves all cities
    at once is not in it.

    Examples
    --------
    >>> days = pd.date_range("2021-01-05", periods=12, freq="30D")
    >>> table = pd.DataFrame(
    ...     {"station": np.repeat(["a", "b", "c"], 12), "time": np.tile(days, 3), "parameter": "NH3N"}
    ... ).assign(value=[0.4, 0.6] * 6 + [0.5, 0.6] * 6 + [1.9, 2.1] * 6)
    >>> found = city_ranks(table, {"a": "Jia", "b": "Yi", "c": "Bing"}, items="NH3N")
    >>> found[["city", "rank", "rank_low", "rank_high"]]
       city  rank  rank_low  rank_high
    0   Jia     1         1          2
    1    Yi     2         1          2
    2  Bing     3         3          3
    """
    one_of(period, tuple(PERIODS), "period")
    if draws < 2:
        raise ArgumentError(f"{draws} draws", argument="draws", valid="2 or more")
    means = item_means(
        samples, period, parameters=items_of(items), water_body=water_body, nondetect=nondetect
    )
    codes = [code for code in items_of(items) if code in means]
    named = _named(samples, city)
    how = {"items": codes, "weight": weight, "oxygen_floor": oxygen_floor}
    table = cwqi(means, named, **how, lang=lang)  # type: ignore[arg-type]
    rng = np.random.default_rng(rng)
    drawn = drawn_means(samples, period, codes, draws, rng, nondetect=nondetect, unit=unit)
    many = pd.concat([means] * draws, ignore_index=True)
    many[codes] = drawn.reshape(-1, len(codes))
    many["period"] = many["period"] + " " + np.repeat(np.arange(draws), len(means)).astype(str)
    index = cwqi(many, named, **how)[["city", "period", "cwqi"]]  # type: ignore[arg-type]
    index["period"] = index["period"].str.split(" ").str[0]
    low, high = (index.groupby(["city", "period"])["cwqi"].quantile(q) for q in (0.16, 0.84))
    error = ((high - low) / 2).rename("standard_error").reset_index()
    table = table.merge(error, how="left", on=["city", "period"])
    return ranks_in_doubt(table, "cwqi", "standard_error", level=level, rng=rng)


def drawn_means(
    samples: Study | Reading | pd.DataFrame,
    period: Period,
    items: list[str],
    draws: int,
    rng: np.random.Generator,
    *,
    nondetect: Nondetect,
    unit: Unit,
) -> FloatArray:
    """Means of all days of each section, period and item as samples leave them open.

    Returns
    -------
    numpy.ndarray
        In canonical units, shape (draws, sections and periods, items); NaN where there is no sample. Means of
        pH lie within what pH can be.
    """
    found = grouped(samples, period, items, nondetect)
    used = found.means.n > 0
    seen = evidence(
        found, used, np.zeros(len(found.keys), bool), shipped(), unit, nondetect, "assessment", "gb3838_2002"
    )
    models = [shipped().get(code, shipped()[OTHER]) for code in found.items]
    centre, error = nodes(seen.held, spread_of(seen, models))
    cell = np.arange(len(centre))
    node = rng.integers(0, centre.shape[1], (draws, len(centre)))
    # Items of a section are bad together: a common part, against the sign where less is worse.
    r = rules.load("class_probability")["correlation"]
    worse = np.array([-1.0 if code == "DO" else 1.0 for code in found.items])[seen.item]
    common = rng.normal(size=(draws, len(found.keys)))[:, seen.group] * worse
    z = np.sqrt(r) * common + np.sqrt(1 - r) * rng.normal(size=(draws, len(centre)))
    # Values that differ a thousand millionfold leave open means that no number holds.
    rest = np.exp(np.minimum(centre[cell, node] + np.sqrt(error[cell, node]) * z, np.log(LARGEST)))
    done = seen.held.n / seen.held.size
    whole = np.full((draws, *used.shape), np.nan)
    whole[:, seen.group, seen.item] = done * seen.held.mean + (1 - done) * rest
    if "PH" in found.items:
        place = found.items.index("PH")
        # A day at pH 1 leaves open a mean of more ions than water holds.
        least, most = rules.load("class_probability")["ph"]
        whole[..., place] = -np.log10(np.clip(whole[..., place], 10.0**-most, 10.0**-least))
    return whole


def _named(samples: Study | Reading | pd.DataFrame, city: str | Mapping[str, str]) -> Mapping[str, str]:
    """City of each station."""
    if not isinstance(city, str):
        return city
    if isinstance(samples, Study):
        return {str(station): unit for station, unit in samples.unit_of(city).dropna().items()}
    table = samples.stations if isinstance(samples, Reading) else samples
    if table is None or city not in table:
        raise ArgumentError(
            f"no column {city!r} names cities", argument="city", valid="a column, or a mapping"
        )
    return dict(zip(table["station"], table[city], strict=True))
