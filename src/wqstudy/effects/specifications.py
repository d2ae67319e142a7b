"""One effect under every defensible way of computing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules
from wqstudy.effects.contrasts import contrast
from wqstudy.effects.covariance import seasons
from wqstudy.effects.estimates import Design, Effects
from wqstudy.effects.tables import (
    NONDETECTS,
    STATIONS,
    DistrictTable,
    Units,
    district_table,
    inside,
    units_of,
)
from wqstudy.effects.threads import one_thread
from wqstudy.effects.verdicts import UNDECIDED, judge_one
from wqstudy.errors import ArgumentError
from wqstudy.series import cell_rng, check_question, seed_of
from wqstudy.simulate.panels import NEVER
from wqstudy.study import Study

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CHOICES = ("nondetects", "aggregation", "adjustment", "window", "controls", "test")
"""What can be chosen, and the columns that say what was."""

WINDOWS = ("all", "near", "settled", "years")
"""All months; two years on either side; without the first half year; whole calendar years but the start's."""

DEFAULT = ("draws", "effects", "season", "all", "all", "envelope")


@dataclass(frozen=True, slots=True)
class Specifications:
    """One effect under many specifications.

    Parameters
    ----------
    parameter, unit
        Its code, and the treated unit; blank for the mean over all treated.
    rows
        The table: see `table`.
    """

    parameter: str
    unit: str
    rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row a specification, that of `wqstudy.evaluate` first.

        Returns
        -------
        DataFrame
            ``parameter, nondetects, aggregation, adjustment, window, controls, test, effect_percent, low,
            high, level, p_value, verdict, default``; ``attrs`` has ``parameter`` and ``unit``.
        """
        return self.rows

    def agreement(self) -> pd.DataFrame:
        """How far the specifications agree with that of `wqstudy.evaluate`, in all and by every choice.

        Returns
        -------
        DataFrame
            ``choice, option, n, sign_share, verdict_share, effect_percent, verdict``: first all together,
            then each option of each choice; `n` specifications that have an estimate, the shares of those
            with the default's sign and verdict, the median effect and the commonest verdict.
        """
        known = self.rows[np.isfinite(self.rows["effect_percent"])]
        first = self.rows.iloc[0]
        parts = [("", "", known)]
        parts += [(c, o, known[known[c] == o]) for c in CHOICES for o in self.rows[c].unique()]
        return pd.DataFrame(
            [
                {
                    "choice": choice,
                    "option": option,
                    "n": len(part),
                    "sign_share": float(
                        np.mean(np.sign(part["effect_percent"]) == np.sign(first["effect_percent"]))
                    )
                    if len(part)
                    else np.nan,
                    "verdict_share": float(np.mean(part["verdict"] == first["verdict"]))
                    if len(part)
                    else np.nan,
                    "effect_percent": float(part["effect_percent"].median()),
                    "verdict": part["verdict"].mode().iloc[0] if len(part) else UNDECIDED,
                }
                for choice, option, part in parts
            ]
        )


@one_thread
def specification_curve(
    study: Study,
    parameter: str,
    district: str | None = None,
    by: str = "district",
    *,
    level: float = 0.95,
    reduction: float | None = None,
    rng: int | np.random.Generator = 0,
) -> Specifications:
    """The effect under every combination of choices that could be defended.

    Non-detects drawn, at half their limit or at it; stations by their effects, medians or mean
    concentrations; with the season alone or with flow too, where there is flow; four windows; all controls
    or one less; three tests (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4). Combinations are
    not independent: their number says nothing of how sure the effect is, their spread says how much hangs on
    the choice.

    Parameters
    ----------
    study
        As for `wqstudy.evaluate`.
    parameter
        Code or name.
    district
        A treated unit; by default the mean over all treated.
    by
        What a unit is, as for `wqstudy.evaluate`.
    level, reduction, rng
        As for `wqstudy.evaluate`.

    Returns
    -------
    Specifications

    Raises
    ------
    ArgumentError
        If a column, parameter, unit or number cannot be used, or nothing can be estimated.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> curve = specification_curve(datasets.load("demo"), "CODMn", "甲")
    >>> curve.table().iloc[0][["nondetects", "aggregation", "controls", "verdict"]].tolist()
    ['draws', 'effects', 'all', 'not decidable']
    """
    code = catalogue.codes([parameter])[0]
    check_question([code], level, by, ())
    least = rules.load("effects")["verdict"]["reduction"] if reduction is None else reduction
    if not 0 < least < 1:
        raise ArgumentError(f"{least!r} is not a reduction", argument="reduction", valid="between 0 and 1")
    units = units_of(study, by, study.language)
    if district is not None and district not in units.treated:
        raise ArgumentError(
            f"{district!r} is no treated {by}", argument="district", valid=", ".join(units.treated)
        )
    rows = list(_rows(study, units, code, by, district, level, least, seed_of(rng)))
    if not rows:
        raise ArgumentError(
            f"there is nothing to hold {district or 'the treated'} against",
            argument="district" if district else "study",
            mend="see wqstudy.evaluate for the reason",
        )
    table = pd.DataFrame(rows)
    usual = (table[list(CHOICES)] == list(DEFAULT)).all(axis=1)
    table = table.assign(default=usual).sort_values(
        "default", ascending=False, kind="stable", ignore_index=True
    )
    table.attrs |= {"parameter": code, "unit": district or ""}
    return Specifications(code, district or "", table)


def _rows(
    study: Study,
    units: Units,
    code: str,
    by: str,
    district: str | None,
    level: float,
    reduction: float,
    seed: int,
) -> Iterator[dict[str, Any]]:
    unit = study.samples["station"].map(study.unit_of(by))
    own = inside(study) & (study.samples["parameter"] == code)
    samples, unit = study.samples[own], unit[own]
    hidden = bool((samples["censored"] == "left").any() or (samples["value"] <= 0).any())
    sign = -1.0 if catalogue.parameter(code).higher_is_better else 1.0
    for nondetects, aggregation in product(NONDETECTS if hidden else ["draws"], STATIONS):
        table = district_table(
            samples,
            unit,
            units,
            code,
            cell_rng(seed, by, code),
            study.language,
            nondetects=nondetects,
            stations=aggregation,
        )
        seen = ~np.isnan(table.y[0]).all(axis=1)
        kept = np.flatnonzero(seen & [name not in table.mute for name in table.units])
        names = [table.units[g] for g in kept]
        treated = [name for name in names if units.start[name] < NEVER]
        if len(kept) < 2 or not treated or (district is not None and district not in treated):
            continue
        g = treated.index(district) if district is not None else len(treated)
        flow = _flow(study, by, table, kept)
        for adjustment in ("season",) if flow is None else ("season", "flow"):
            y = table.y[:, kept]
            y = y if flow is None or adjustment == "season" else _flow_free(y, table, kept, flow)
            for choice, told in _effects(y, table.time, table.start[kept], names, level):
                yield {
                    "parameter": code,
                    **dict(zip(CHOICES, (nondetects, aggregation, adjustment, *choice), strict=True)),
                    **_row(told, g, sign, level, reduction),
                }


def _effects(
    y: FloatArray, time: npt.NDArray[np.int64], start: npt.NDArray[np.int64], names: list[str], level: float
) -> Iterator[tuple[tuple[str, str, str], Effects]]:
    """Effects of one set of series by window, controls and test; the noise is that of all districts."""
    whole = Design(y, time, start)
    never = [i for i in range(len(names)) if start[i] == NEVER]
    parts = [("all", whole)]
    for i in never if len(never) > 1 else []:
        kept = np.delete(np.arange(len(names)), i)
        parts.append((f"-{names[i]}", Design(y[:, kept], time, start[kept], known=whole.noise)))
    for (controls, design), window in product(parts, WINDOWS):
        for test, told in design.by_test(_weights(design, window), level).items():
            yield (window, controls, test), told


def _weights(design: Design, window: str) -> FloatArray:
    """Weights of the mean effect in a window, shape (treated, t)."""
    rule, time = rules.load("checks")["specification_curve"], design.time
    least = rules.load("effects")["least"]["months"]
    rows = []
    for g, usable in zip(design.treated, design.usable, strict=True):
        start = int(design.start[g])
        chosen = {
            "all": usable,
            "near": usable & (np.abs(time - start + 0.5) < rule["near"]),
            "settled": usable,
            "years": usable & (time // 12 != start // 12) & _whole_years(time),
        }[window]
        rows.append(contrast(time, chosen, start, rule["settled"] * (window == "settled"), least=least))
    return np.array(rows)


def _whole_years(time: npt.NDArray[np.int64]) -> BoolArray:
    """Months of calendar years that the record covers from January to December."""
    year = time // 12
    whole: BoolArray = (year * 12 >= time[0]) & (year * 12 + 11 <= time[-1])
    return whole


def _row(told: Effects, g: int, sign: float, level: float, reduction: float) -> dict[str, Any]:
    value, low, high = (float(100 * np.expm1(getattr(told, name)[g])) for name in ("value", "low", "high"))
    return {
        "effect_percent": value,
        "low": low,
        "high": high,
        "level": level,
        "p_value": float(told.p_value[g]),
        "verdict": judge_one(told, g, sign, level, reduction).said,
    }


def _flow(study: Study, by: str, table: DistrictTable, kept: npt.NDArray[np.int64]) -> FloatArray | None:
    """Monthly log flow beyond its season, sd 1, shape (kept, t), 0 where unknown.

    None if a unit has it in fewer than half of its months: what is unknown is not taken out.
    """
    if study.flow is None:
        return None
    flow = study.flow[study.flow["flow"] > 0]
    unit = flow["station"].map(study.unit_of(by))
    month = flow["time"].dt.year * 12 + flow["time"].dt.month - 1
    station = np.log(flow["flow"]).groupby([unit, flow["station"], month]).mean()
    station = station - station.groupby(level=[0, 1]).transform("mean")
    monthly = station.groupby(level=[0, 2]).mean()
    rows = []
    for g in kept:
        name = table.units[g]
        if name not in monthly.index.get_level_values(0):
            return None
        own = monthly[name].reindex(table.time)
        if own[~np.isnan(table.y[0, g])].notna().mean() < 0.5:
            return None
        own = own - own.groupby(table.time % 12).transform("mean")
        rows.append((own / own.std()).fillna(0.0).to_numpy())
    return np.array(rows)


def _flow_free(
    y: FloatArray, table: DistrictTable, kept: npt.NDArray[np.int64], flow: FloatArray
) -> FloatArray:
    """Series with what flow explains taken out, beside season, line and a step at the start."""
    free = y.copy()
    for i, g in enumerate(kept):
        seen = ~np.isnan(y[0, i])
        step = (table.time >= table.start[g]).astype(float)
        beside = np.column_stack([flow[i], seasons(table.time), table.time - table.time.mean(), step])[seen]
        slope = np.linalg.lstsq(beside, y[:, i, seen].mean(axis=0), rcond=None)[0][0]
        free[:, i] -= slope * flow[i]
    return free
