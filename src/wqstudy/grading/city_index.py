"""Water quality index of cities, its ranking, and its change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.item_tables import (
    BoolArray,
    FloatArray,
    item_values,
    join_notes,
    listed,
    need_columns,
    need_filled,
    not_negative,
    noted,
    water_of_rows,
)
from wqstudy.grading.limits import CLASSES, WATER_BODIES, graded_items, items_of
from wqstudy.grading.pollution_index import oxygen_notes, ratios, target_limits
from wqstudy.grading.two_periods import ranks_in_doubt

Weight = Literal["sections", "equal"]
_WEIGHTS = ("sections", "equal")


def cwqi(
    table: pd.DataFrame,
    city: str | Mapping[str, str] = "city",
    *,
    items: Iterable[str] | str | None = None,
    weight: Weight = "sections",
    oxygen_floor: float | None = None,
    lang: str = "en",
) -> pd.DataFrame:
    """City water quality index (CWQI): the less, the better.

    Each item is averaged over the city's river sections, and apart from them over its lake points (pH as
    hydrogen ions), set against the limit of class III, and summed over the items. Upstream inflow that fails
    its target is not taken out.

    Parameters
    ----------
    table
        A row a section and period, as `wqstudy.grade` returns it: `station`, the mean of each item under its
        code, `water_body` where there are lakes, `period` where there are several, `class` if `delta_cwqi`
        shall leave out cities by it.
    city
        The column that names the city, or the city of each station.
    items
        Which items are summed; by default the 21 of the standard.
    weight
        How rivers and lakes make a city: ``"sections"`` weighs them by their numbers of sections and points
        (from memory of the rule), ``"equal"`` does not.
    oxygen_floor
        Mean oxygen below it (mg/L) counts as it. Without a floor, oxygen of zero leaves the city without an
        index: the rule divides by it.
    lang
        Language of `notes`.

    Returns
    -------
    DataFrame
        By period and rank: `city`, `period`, `cwqi_river`, `cwqi_lake`, `cwqi`, `rank` (equal to the fourth
        decimal, equal rank), `n_river`, `n_lake` (sections and points), `n_items` (in rivers and lakes
        both), `missing` (of the 21, joined by ``;``), `worst_class`, `notes`. A city that lacks an item
        asked for has a sum, and no rank.

    Raises
    ------
    ArgumentError
        If a column is missing, a station has no city, or a value is negative or no number.

    References
    ----------
    环办监测〔2017〕51号, 城市地表水环境质量排名技术规定(试行).

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"city": ["Jia", "Jia", "Yi"], "NH3N": [0.4, 0.8, 1.5], "TP": [0.1, 0.1, 0.3]}
    ... )
    >>> cwqi(table, items=["NH3N", "TP"])[["city", "cwqi", "rank", "n_items"]]
      city  cwqi  rank  n_items
    0  Jia   1.1     1        2
    1   Yi   3.0     2        2
    """
    words.language(lang)
    if weight not in _WEIGHTS:
        raise ArgumentError(f"{weight!r} is no weight", argument="weight", valid=", ".join(_WEIGHTS))
    rule = rules.load("cwqi_2017")
    chosen = items_of(items, standard=rule["standard"])
    keys = _keys(table, city)
    values = not_negative(item_values(table, chosen), chosen)
    waters, partly = _means(keys.assign(water_body=water_of_rows(table)), values, chosen)
    mean = waters[list(chosen)].to_numpy()
    target = target_limits(waters, chosen, rule["index"]["class"], standard=rule["standard"])
    index, raised = ratios(mean, chosen, target, oxygen_floor)
    mute = (np.isnan(index) & np.isfinite(mean)).any(axis=1)
    there = np.isfinite(index)
    waters["total"] = np.where(mute | ~there.any(axis=1), np.nan, np.where(there, index, 0.0).sum(axis=1))
    waters["notes"] = join_notes(
        [
            noted("some_sections", partly.any(axis=1), lang, items=listed(partly, chosen)),
            *oxygen_notes(mean, index, raised, oxygen_floor, lang),
        ],
        lang,
    )
    waters[[f"has_{code}" for code in chosen]] = np.isfinite(mean)
    result = _cities(waters, [str(name) for name in keys], chosen, weight, lang)
    if "class" in table:
        result["worst_class"] = _worst(keys.assign(number=table["class"].to_numpy()), result)
    return result


def _keys(table: pd.DataFrame, city: str | Mapping[str, str]) -> pd.DataFrame:
    """City and period of each row."""
    if isinstance(city, str):
        need_columns(table, [city])
        names = table[city]
    else:
        need_columns(table, ["station"])
        names = table["station"].map(dict(city))
    if names.isna().any():
        row = int(np.flatnonzero(names.isna())[0])
        raise ArgumentError(f"row {row} of the table has no city", argument="city", mend="name its city")
    keys = pd.DataFrame({"city": names.to_numpy()})
    if "period" not in table:
        return keys
    need_filled(table, ["period"])
    return keys.assign(period=table["period"].to_numpy())


def _means(keys: pd.DataFrame, values: FloatArray, items: tuple[str, ...]) -> tuple[pd.DataFrame, BoolArray]:
    """A row a city, period and kind of water: mean of each item over its sections, and their number.

    Beside it, which items only some of the sections have.
    """
    # Sections in a fixed order, so that the last digit of a sum does not hang on the order of rows.
    group = keys.groupby(list(keys), sort=True).ngroup().to_numpy()
    order = np.lexsort([*values.T, group])
    cells = pd.DataFrame(values[order], columns=list(items))
    if "PH" in items:
        cells["PH"] = 10.0 ** -cells["PH"]  # the mean of pH is that of hydrogen ions
    groups = cells.groupby([keys[name].to_numpy()[order] for name in keys], sort=True)
    mean, count, n = groups.mean(), groups.count().to_numpy(), groups.size()
    if "PH" in items:
        mean["PH"] = -np.log10(mean["PH"])
    partly: BoolArray = (count > 0) & (count < n.to_numpy()[:, None])
    mean.index = mean.index.set_names(list(keys))
    return mean.assign(n=n).reset_index(), partly


def _cities(
    waters: pd.DataFrame, keys: list[str], items: tuple[str, ...], weight: Weight, lang: str
) -> pd.DataFrame:
    """Rivers and lakes of each city put together, and ranked."""
    rule = rules.load("cwqi_2017")
    every = graded_items(standard=rule["standard"])
    wide = pd.DataFrame(waters.set_index([*keys, "water_body"])[["total", "n"]].unstack("water_body"))
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["total", "n"], WATER_BODIES]))
    total = wide["total"].to_numpy()
    n = wide["n"].fillna(0).to_numpy().astype(int)
    share = n if weight == "sections" else (n > 0).astype(int)
    with np.errstate(invalid="ignore"):
        index = np.where(n > 0, total * share, 0.0).sum(axis=1) / share.sum(axis=1)
    whole = waters.groupby(keys, sort=True)
    has = whole[[f"has_{code}" for code in items]].all().to_numpy()
    lacking = np.ones((len(wide), len(every)), bool)
    lacking[:, [every.index(code) for code in items]] = ~has
    n_items = has.sum(axis=1)
    result = wide.index.to_frame(index=False).assign(
        cwqi_river=total[:, 0],
        cwqi_lake=total[:, 1],
        cwqi=index,
        rank=pd.array([pd.NA] * len(wide), dtype="Int64"),
        n_river=n[:, 0],
        n_lake=n[:, 1],
        n_items=n_items,
        missing=listed(lacking, every, ";"),
        worst_class=pd.array([pd.NA] * len(wide), dtype="Int64"),
        notes=join_notes(
            [
                noted("without", ~has.all(axis=1), lang, items=listed(~has, items)),
                noted(
                    "not_comparable",
                    n_items < len(every),
                    lang,
                    n=n_items,
                    all=[len(every)] * len(wide),
                ),
                whole["notes"].agg(lambda texts: words.joined(filter(None, texts), lang)).tolist(),
            ],
            lang,
        ),
    )
    ranked = result[pd.Series(has.all(axis=1))]
    result["rank"] = _rank(ranked, "cwqi", rule["rank"]["decimals"]).reindex(result.index)
    order = [name for name in ("period", "rank", "cwqi", "city") if name in result]
    return result.sort_values(order, kind="stable", na_position="last").reset_index(drop=True)


def _worst(classes: pd.DataFrame, result: pd.DataFrame) -> pd.Series:
    """Worst class among a city's sections; missing where a section has none."""
    keys = [name for name in classes if name != "number"]
    number = classes.assign(number=pd.to_numeric(classes["number"]).astype("Int64")).groupby(keys)["number"]
    worst = number.max().where(number.count() == number.size())
    return result[keys].merge(worst.rename("worst").reset_index(), how="left", on=keys)["worst"]


def _rank(rows: pd.DataFrame, column: str, decimals: int) -> pd.Series:
    """Ranks from 1, within each period; values that are printed alike share one."""
    values = rows[column].round(decimals)
    ranked = (
        values.groupby(rows["period"]).rank(method="min") if "period" in rows else values.rank(method="min")
    )
    return ranked.astype("Int64")


def delta_cwqi(
    now: pd.DataFrame, base: pd.DataFrame, *, left_out_class: int | None = 2, lang: str = "en"
) -> pd.DataFrame:
    """Change of the city index between two periods, in per cent: negative is better.

    Parameters
    ----------
    now, base
        What `cwqi` or `city_ranks` returns, one row a city: choose one period of each.
    left_out_class
        Cities all of whose sections are of this class or better in both periods are not ranked, as the rule
        has it for class II (which asks, besides, that the sections meet their own targets: that is not looked
        at). None ranks every city.
    lang
        Language of `notes`.

    Returns
    -------
    DataFrame
        By rank: `city`, `cwqi_base`, `cwqi`, `change_percent`, `rank` (the best change first), `notes`. No
        change where the two indices do not have the same items. Where both tables have a standard error, as
        those of `city_ranks` have: `standard_error` (of the change, in points), `rank_low`, `rank_high` and
        `p_first` after `rank`, the errors of the two periods taken as independent.

    Raises
    ------
    ArgumentError
        If a table has a city twice or lacks a column.

    References
    ----------
    环办监测〔2017〕51号.

    Examples
    --------
    >>> base = pd.DataFrame({"city": ["Jia", "Yi"], "cwqi": [4.0, 5.0], "missing": ""})
    >>> delta_cwqi(base.assign(cwqi=[3.0, 6.0]), base)[["city", "change_percent", "rank"]]
      city  change_percent  rank
    0  Jia           -25.0     1
    1   Yi            20.0     2
    """
    words.language(lang)
    rule = rules.load("cwqi_2017")
    columns = ["city", "cwqi", "missing"]
    for name, table in (("now", now), ("base", base)):
        need_columns(table, columns, name)
        twice = table["city"][table["city"].duplicated()]
        if len(twice):
            raise ArgumentError(
                f"city {twice.iloc[0]} is there twice", argument=name, mend="choose one period"
            )
    parts = [t.reindex(columns=[*columns, "worst_class", "standard_error"]) for t in (now, base)]
    both = parts[0].merge(parts[1], how="outer", on="city", suffixes=("", "_base"))
    alone = both["missing"].isna() | both["missing_base"].isna()
    other = ~alone & (both["missing"] != both["missing_base"])
    good = np.zeros(len(both), bool)
    if left_out_class is not None:
        if left_out_class not in range(1, len(CLASSES) + 1):
            raise ArgumentError(f"class {left_out_class}", argument="left_out_class", valid="1 to 5, or None")
        worst = both[["worst_class", "worst_class_base"]].astype("float64").max(axis=1, skipna=False)
        good = (worst <= left_out_class).to_numpy()
    change = 100 * (both["cwqi"] - both["cwqi_base"]) / both["cwqi_base"]
    both["change_percent"] = change.where(~(alone | other))
    every = len(graded_items(standard=rule["standard"]))
    lacking = both["missing"].fillna(both["missing_base"]).str.count(r"\w+")
    both["notes"] = join_notes(
        [
            noted("part_change", lacking > 0, lang, n=(every - lacking).to_numpy(), all=[every] * len(both)),
            noted("no_base", alone.to_numpy(), lang),
            noted("other_items", other.to_numpy(), lang),
            noted("left_out", good, lang, number=[CLASSES[(left_out_class or 1) - 1]] * len(both)),
        ],
        lang,
    )
    ranks = _rank(both[both["change_percent"].notna() & ~good], "change_percent", rule["rank"]["decimals"])
    both["rank"] = ranks.reindex(both.index)
    kept = both[["city", "cwqi_base", "cwqi", "change_percent", "rank", "notes"]]
    if all("standard_error" in table for table in (now, base)):
        share = both["cwqi"] / both["cwqi_base"]
        error = np.hypot(both["standard_error"], share * both["standard_error_base"])
        error = (100 * error / both["cwqi_base"]).where(both["change_percent"].notna())
        kept = ranks_in_doubt(kept.assign(standard_error=error), "change_percent", "standard_error")
    return kept.sort_values(["rank", "city"], na_position="last").reset_index(drop=True)
