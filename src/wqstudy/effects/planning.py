"""Before sampling: what a design would find. After it: what it could have found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.estimates import Design
from wqstudy.effects.own_noise import Variability
from wqstudy.effects.threads import one_thread
from wqstudy.errors import ArgumentError
from wqstudy.series import seed_of
from wqstudy.simulate.panels import NEVER, remembering
from wqstudy.stats import averaged

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EFFECT, CHANGE = "effect", "change"
"""What a design finds: with controls the effect of treatment, without them a change, whatever brought it."""


@one_thread
def plan(
    noise: Variability,
    reduction: float,
    *,
    sections: int | Sequence[int] = 4,
    months: int | Sequence[int] = 24,
    controls: int | Sequence[int] = 0,
    treated: int = 1,
    every: int | Sequence[int] = 1,
    level: float = 0.95,
    power: float | None = None,
    runs: int | None = None,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Probability that a design finds a reduction, for every combination of what can be chosen.

    Studies without an effect are simulated from `noise` and put through the package's own test:
    `wqstudy.stats.averaged_step` without controls, `wqstudy.evaluate`'s interval and verdict with them. A
    sudden lasting change shifts estimate and interval alike, so that one set of runs answers for every
    reduction. A change that builds up or fades is found less often.

    Parameters
    ----------
    noise
        What the series do by themselves: `variability` of a study like the one planned.
    reduction
        True reduction, as a share: 0.3 for 30 %.
    sections
        Sections a district, each sampled at every visit.
    months
        Months before, and as many after.
    controls
        Districts without treatment; 0 for a plain before/after comparison.
    treated
        Treated districts, whose mean effect is asked for.
    every
        Months between visits.
    level
        Of the intervals.
    power
        Probability of finding it that is enough; by default 0.8.
    runs
        Simulated studies a design; by default 400 with controls and 2,000 without.
    rng
        Seed, or a generator to draw one from. A design's runs do not depend on the other designs.

    Returns
    -------
    DataFrame
        ``sections, side_months, controls, treated, every, finds, visits, power, power_error,
        detectable_percent, enough``: ``finds`` is ``effect`` with controls, and without them ``change``,
        which tells not what brought it about; ``visits`` of all sections in all months, ``power`` of finding
        the reduction with its Monte Carlo error, ``detectable_percent`` the reduction found with probability
        `power`. ``attrs`` has ``seed`` and ``reduction``.

    Raises
    ------
    ArgumentError
        If a number cannot be used, or a design leaves fewer than six visits on a side.

    Examples
    --------
    >>> noise = Variability(district_sd=0.3, phi=0.5, section_sd=0.4)
    >>> table = plan(noise, 0.5, sections=[1, 8], months=36, runs=200)
    >>> bool(table["power"][0] < table["power"][1])
    True
    """
    rule = rules.load("effects")
    power = rule["verdict"]["power"] if power is None else power
    _check(reduction, level, power, treated, runs)
    seed = seed_of(rng)
    rows = []
    for design in product(*(_listed(v) for v in (sections, months, controls, every))):
        _check_design(*design)
        k, side, kept, apart = design
        own = np.random.default_rng([seed, *design, treated])
        if kept:
            found = _with_controls(
                noise, k, side, kept, treated, apart, level, runs or rule["planning"]["runs"], own
            )
        else:
            found = _alone(noise, k, side, apart, level, runs or rule["planning"]["runs_alone"], own)
        share = found.share(math.log1p(-reduction))
        rows.append(
            {
                "sections": k,
                "side_months": side,
                "controls": kept,
                "treated": treated,
                "every": apart,
                "finds": EFFECT if kept else CHANGE,
                "visits": k * (kept + treated) * 2 * len(range(0, side, apart)),
                "power": share,
                "power_error": math.sqrt(share * (1 - share) / found.value.size),
                "detectable_percent": -100 * math.expm1(found.change(power)),
                "enough": share >= power,
            }
        )
    table = pd.DataFrame(rows)
    table.attrs |= {"seed": seed, "reduction": reduction}
    return table


class _Found:
    """Estimates of studies without an effect, and what they would say if there were one."""

    def __init__(self, value: FloatArray, high: FloatArray, adjusted: FloatArray | None = None) -> None:
        self.value, self.high, self.adjusted = value, high, adjusted
        self.kept = rules.load("effects")["verdict"]["kept"]

    def share(self, change: float) -> float:
        """Share of the studies that would show a change of so many logs, negative to the better."""
        shown = self.high + change < 0
        if self.adjusted is not None:
            value, adjusted = self.value + change, self.adjusted + change
            shown &= (adjusted * value > 0) & (np.abs(adjusted) >= self.kept * np.abs(value))
        return float(shown.mean())

    def change(self, power: float) -> float:
        """The smallest change, in logs, that would be shown so often; minus infinity where none would."""
        near, far = 0.0, -8.0
        if self.share(far) < power:
            return -math.inf
        for _ in range(30):
            middle = (near + far) / 2
            near, far = (near, middle) if self.share(middle) >= power else (middle, far)
        return far


def _alone(
    noise: Variability,
    sections: int,
    side: int,
    every: int,
    level: float,
    runs: int,
    rng: np.random.Generator,
) -> _Found:
    """One district, before against after."""
    time = np.concatenate([np.arange(0, side, every), side + np.arange(0, side, every)])
    y = _series(noise, (runs, 1), 2 * side, sections, rng)[:, 0, time]
    y += noise.common_sd * remembering(rng, noise.common_phi, (runs, 2 * side))[:, time]
    told = averaged.averaged_steps(y, time, time >= side, level=level)
    return _Found(told.value, told.high)


def _with_controls(
    noise: Variability,
    sections: int,
    side: int,
    controls: int,
    treated: int,
    every: int,
    level: float,
    runs: int,
    rng: np.random.Generator,
) -> _Found:
    """Treated districts held against controls; the last estimate is their mean."""
    time = np.concatenate([np.arange(0, side, every), side + np.arange(0, side, every)])
    districts = treated + controls
    y = _series(noise, (runs, districts), 2 * side, sections, rng)
    y += noise.trend_sd * rng.standard_normal((runs, districts, 1)) * np.arange(2 * side) / 12
    start = np.where(np.arange(districts) < treated, side, NEVER)
    return _Found(*Design(y[:, :, time], time, start).one_by_one(level))


def _series(
    noise: Variability, shape: tuple[int, int], months: int, sections: int, rng: np.random.Generator
) -> FloatArray:
    """Monthly log series of districts, shape (runs, districts, months)."""
    own = noise.district_sd * remembering(rng, noise.phi, (*shape, months))
    mean: FloatArray = own + noise.section_sd / math.sqrt(sections) * rng.standard_normal((*shape, months))
    return mean


def _listed(value: int | Sequence[int]) -> list[int]:
    return [int(value)] if isinstance(value, int | np.integer) else [int(v) for v in value]


def _check(reduction: float, level: float, power: float, treated: int, runs: int | None) -> None:
    for name, value, low in (("reduction", reduction, 0.0), ("power", power, 0.0)):
        if not low < value < 1:
            raise ArgumentError(f"{value!r} is not usable", argument=name, valid="a share between 0 and 1")
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    if treated < 1:
        raise ArgumentError(f"{treated!r} treated districts", argument="treated", valid="1 or more")
    if runs is not None and runs < 50:
        raise ArgumentError(f"{runs!r} runs tell nothing", argument="runs", valid="50 or more")


def _check_design(sections: int, months: int, controls: int, every: int) -> None:
    for name, value, least in (("sections", sections, 1), ("controls", controls, 0), ("every", every, 1)):
        if value < least:
            raise ArgumentError(f"{value!r} is not usable", argument=name, valid=f"{least} or more")
    needed = rules.load("effects")["least"]["months"]
    if len(range(0, months, every)) < needed:
        raise ArgumentError(
            f"{months} months with a visit every {every} leave fewer than {needed} visits on each side",
            argument="months",
            valid=f"{needed * every} or more",
        )


def detectable(table: pd.DataFrame, power: float | None = None) -> pd.DataFrame:
    """What a finished comparison could have found, and the largest improvement that it does not exclude.

    Parameters
    ----------
    table
        What `wqstudy.compare` returns. (`wqstudy.evaluate` gives both with every verdict.)
    power
        Probability of finding it; by default 0.8.

    Returns
    -------
    DataFrame
        ``<by>, parameter, change_percent, low, high, mde_percent, possible_percent``: the smallest true
        improvement whose interval would have excluded zero with that probability, given the width that the
        interval came to have; and the largest improvement inside the interval. Positive for improvements.

    Notes
    -----
    From the interval's width, not from the estimate: "power at the observed effect" says nothing that p does
    not say (Hoenig and Heisey 2001, The American Statistician 55).

    Examples
    --------
    >>> row = {"district": "Jia", "parameter": "TP", "change_percent": 0.0, "low": -33.0, "high": 49.0}
    >>> told = detectable(pd.DataFrame([row | {"level": 0.95}]))
    >>> told[["mde_percent", "possible_percent"]].round(0).iloc[0].tolist()
    [44.0, 33.0]
    """
    power = rules.load("effects")["verdict"]["power"] if power is None else power
    if not 0 < power < 1:
        raise ArgumentError(f"{power!r} is not usable", argument="power", valid="a share between 0 and 1")
    low, high = (np.log1p(table[end].to_numpy(float) / 100) for end in ("low", "high"))
    half = (high - low) / 2
    reach = half * (1 + special.ndtri(power) / special.ndtri((1 + table["level"].to_numpy(float)) / 2))
    more = np.array([catalogue.parameter(code).higher_is_better for code in table["parameter"]], bool)
    found = np.where(more, np.expm1(reach), -np.expm1(-reach))
    possible = np.where(more, np.expm1(high), -np.expm1(low))
    names = [str(table.columns[0]), "parameter", "change_percent", "low", "high"]
    kept = table[names]
    return kept.assign(mde_percent=100 * found, possible_percent=100 * np.maximum(possible, 0.0))


def plan_sentence(table: pd.DataFrame, lang: str = "en") -> str:
    """The least costly design of a plan that is enough, in words; or that none is.

    Designs with controls and without answer two questions, and have a sentence each.

    Examples
    --------
    >>> table = plan(Variability(0.1, 0.2, 0.1), 0.5, runs=100)
    >>> plan_sentence(table)
    'A reduction of 50 % is found with probability 1.00 by 4 sections ... no controls: as a change, ...'
    """
    parts = [table[table["finds"] == finds] for finds in (EFFECT, CHANGE)]
    said = (_best(part, table.attrs["reduction"], lang) for part in parts if len(part))
    return (" " if lang == "en" else "").join(said)


def _best(table: pd.DataFrame, reduction: float, lang: str) -> str:
    """The sentence of the designs that find one and the same."""
    finds = table["finds"].iloc[0]
    asked: dict[str, Any] = {"reduction": f"{100 * reduction:g}", "finds": words.text(f"plan.{finds}", lang)}
    enough = table[table["enough"]]
    if enough.empty:
        return words.text(f"plan.none_{finds}", lang, power=f"{table['power'].max():.2f}", **asked)
    row = enough.sort_values(["visits", "power"], ascending=[True, False]).iloc[0]
    controls = words.text(
        "plan.controls" if row["controls"] else "plan.alone", lang, controls=row["controls"]
    )
    return words.text(
        "plan.enough",
        lang,
        power=f"{row['power']:.2f}",
        sections=row["sections"],
        months=row["side_months"],
        visit=words.text("plan.monthly" if row["every"] == 1 else "plan.apart", lang, every=row["every"]),
        controls=controls,
        **asked,
    )
