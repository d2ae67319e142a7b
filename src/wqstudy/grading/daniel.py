"""Trend over many periods by Daniel's test: Spearman's rank correlation against printed critical values."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules, words
from wqstudy.errors import ArgumentError
from wqstudy.grading.tidy import graded_sections
from wqstudy.parameters import parameter
from wqstudy.stats.rank_trends import RankTrends, rank_trends

_LEVELS = ("0.05", "0.01")


@cache
def critical_values() -> pd.DataFrame:
    """Printed critical values Wp by number of periods, exact ones where they were counted, and their status.

    The printed values are one-sided points: beyond the one for 0.05 lies a probability of 0.05 on one side,
    and of 0.10 on both.

    Examples
    --------
    >>> critical_values().loc[7, ["wp_0.05", "exact_one_sided_0.05"]].tolist()
    [0.714, 0.7143]
    """
    held = (files("wqstudy.rules") / "spearman_wp.csv").read_text(encoding="utf-8")
    return pd.read_csv(io.StringIO(held), index_col="N")


def spearman_daniel(
    values: npt.ArrayLike | pd.DataFrame, *, strict: bool | None = None, lang: str = "en"
) -> pd.DataFrame:
    """Whether values rise or fall over five periods or more.

    The verdict is the decree's, by the printed critical value for 0.05. Beside it stand the probabilities:
    the printed values are one-sided, so "significant" here is p < 0.10 for "it changed". Independent values
    are assumed: where years resemble their neighbours all of it is too sure.

    Parameters
    ----------
    values
        Means by period, in their order: of one series, or shape (series, periods), NaN where there is none;
        or a table of graded sections as `wqstudy.grade` returns it, of which each item is a series.
    strict
        Whether ``|rs|`` must exceed Wp (True) or may equal it, compared at three decimals. By default as in
        the rules file, which has it from memory. With strict comparison five periods need a perfect order
        for 0.05, and can never reach 0.01.
    lang
        Language of `verdict`, `p_method` and `notes`.

    Returns
    -------
    DataFrame
        A row a series: `series`, or `station` and `parameter`; `n`, `rs`, `wp_05`, `wp_01`, `beyond_05`,
        `beyond_01`, `verdict` (falling, rising, no significant trend, cannot tell), `better` (whether that
        is the better direction; missing where there is no trend, or pH), `p_one_sided`, `p_two_sided`,
        `p_method` (every order counted up to 12 periods, else Student's t), `notes`.

    Raises
    ------
    ArgumentError
        If the values are no numbers, or the table is not one of graded sections.

    References
    ----------
    环办〔2011〕22号, part three; Daniel W. W. (1978), Applied Nonparametric Statistics. The critical values
    are remembered; those for 5 to 10 periods are the exact ones, those for 12 to 16 are not.

    Examples
    --------
    >>> spearman_daniel([2.1, 1.8, 1.5, 1.6, 1.2, 0.9, 0.8])[["n", "rs", "wp_05", "verdict", "p_one_sided"]]
       n        rs  wp_05  verdict  p_one_sided
    0  7 -0.964286  0.714  falling     0.001389
    """
    rule = rules.load("assessment_2011")["trend"]
    strict = rule["strict"] if strict is None else strict
    keys, panel, periods = _panel(values)
    found = rank_trends(panel)
    table, least = critical_values(), rule["periods"]
    place = np.searchsorted(table.index.to_numpy(), found.n, side="right") - 1
    enough = (found.n >= least) & np.isfinite(found.rs)
    result = keys.assign(n=found.n, rs=found.rs)
    size = np.round(np.abs(found.rs), 3)
    for level in _LEVELS:
        wp = np.where(enough, table[f"wp_{level}"].to_numpy()[place], np.nan)
        result[f"wp_{level[2:]}"] = wp
        beyond = size > wp if strict else size >= wp
        result[f"beyond_{level[2:]}"] = pd.arrays.BooleanArray(beyond, ~enough)
    significant = enough & result["beyond_05"].fillna(value=False).to_numpy(bool)
    verdict = np.where(~enough, 0, np.where(~significant, 1, np.where(found.rs < 0, 2, 3)))
    spelt = [words.text(f"daniel.{name}", lang) for name in ("unclear", "none", "falling", "rising")]
    result["verdict"] = pd.array(np.array(spelt, dtype=object)[verdict], dtype="str")
    result["better"] = _better(keys, verdict)
    result["p_one_sided"], result["p_two_sided"] = found.p_one_sided, found.p_two_sided
    method = np.where(np.isnan(found.rs), "", np.where(found.exact, "exact", "student"))
    code, names = pd.factorize(method)
    said = [words.text(f"daniel.{name}", lang) if name else "" for name in names]
    result["p_method"] = pd.array(np.array(said, dtype=object)[code], dtype="str") if len(code) else ""
    used = table.index.to_numpy()[np.maximum(place, 0)]
    result["notes"] = pd.array(
        [_note(found, one, int(used[one]), least, panel, periods, lang) for one in range(len(panel))],
        dtype="str",
    )
    return result


def _panel(values: npt.ArrayLike | pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.float64], list[str]]:
    """Names of the series, their values by period, and the periods where they are known."""
    if not isinstance(values, pd.DataFrame):
        try:
            panel = np.atleast_2d(np.asarray(values, dtype=np.float64))
        except (TypeError, ValueError) as fault:
            raise ArgumentError(str(fault), argument="values", valid="numbers by period") from fault
        if panel.ndim != 2 or np.isinf(panel).any():
            raise ArgumentError(
                "the values are not finite numbers by period", argument="values", valid="(series, periods)"
            )
        return pd.DataFrame({"series": np.arange(len(panel))}), panel, []
    held = graded_sections(values)
    station, stations = pd.factorize(held.keys["station"], sort=True)
    when, periods = pd.factorize(held.keys.iloc[:, 1], sort=True)
    cube = np.full((len(stations), len(held.items), len(periods)), np.nan)
    cube[station, :, when] = held.value
    keys = pd.DataFrame(
        {
            "station": pd.array(np.repeat(np.asarray(stations, object), len(held.items)), dtype="str"),
            "parameter": pd.array(np.tile(np.array(held.items, object), len(stations)), dtype="str"),
        }
    )
    measured = ~np.isnan(cube).all(axis=2).ravel()
    panel = cube.reshape(len(keys), len(periods))[measured]
    return keys[measured].reset_index(drop=True), panel, [str(one) for one in periods]


def _better(keys: pd.DataFrame, verdict: npt.NDArray[np.int64]) -> Any:
    """Whether a trend is to the better; of a plain series a fall is."""
    if "parameter" not in keys:
        return pd.arrays.BooleanArray(verdict == 2, verdict < 2)
    code, names = pd.factorize(keys["parameter"])
    known = [parameter(name) for name in names]
    good = np.array([3 if one.higher_is_better else 2 if one.ratio else 0 for one in known], np.int64)[code]
    return pd.arrays.BooleanArray(verdict == good, (verdict < 2) | (good == 0))


def _note(
    found: RankTrends,
    one: int,
    used: int,
    least: int,
    panel: npt.NDArray[np.float64],
    periods: list[str],
    lang: str,
) -> str:
    """What a careful reader of one series must know."""
    n = int(found.n[one])
    said = []
    if n < least:
        return words.text("daniel.few", lang, n=n, least=least)
    if np.isnan(found.rs[one]):
        return words.text("daniel.constant", lang)
    if found.ties[one]:
        formula = words.number(float(found.rs_formula[one]))
        said.append(words.text("daniel.ties", lang, n=int(found.ties[one]), formula=formula))
    if used != n:
        said.append(words.text("daniel.between", lang, n=n, used=used))
    inside = np.flatnonzero(~np.isnan(panel[one]))
    missing = int(inside[-1] - inside[0] + 1 - n)
    if missing:
        said.append(words.text("daniel.gaps", lang, n=missing))
    if periods and len(periods[0]) > len("2021"):
        said.append(words.text("daniel.season", lang))
    return words.joined(said, lang)
