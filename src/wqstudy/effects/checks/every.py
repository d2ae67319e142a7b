"""All checks of a study, one row a unit, parameter and check."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.checks.base import Case, Sampled, level
from wqstudy.effects.checks.controls import leave_one_out, placebo_districts, spill_over
from wqstudy.effects.checks.course import campaign_months, persistence
from wqstudy.effects.checks.dates import parallel_trends, placebo_dates, regression_to_mean
from wqstudy.effects.checks.rows import OPEN, Check, Checks
from wqstudy.effects.checks.sampling import method_change, station_set
from wqstudy.effects.estimates import Design
from wqstudy.effects.tables import Units, district_table, inside, units_of
from wqstudy.effects.threads import one_thread
from wqstudy.errors import ArgumentError
from wqstudy.series import cell_rng, check_question, seed_of
from wqstudy.study import Study

_ESTIMATED: dict[str, Callable[[Case], list[Check]]] = {
    "parallel_trends": parallel_trends,
    "placebo_dates": placebo_dates,
    "placebo_districts": placebo_districts,
    "leave_one_out": leave_one_out,
    "regression_to_mean": regression_to_mean,
    "spill_over": spill_over,
    "campaign_months": campaign_months,
    "persistence": persistence,
}
_SAMPLED: dict[str, Callable[[Sampled], list[Check]]] = {
    "station_set": station_set,
    "method_change": method_change,
}
CHECKS = (*_ESTIMATED, *_SAMPLED)
"""Names of the checks, in the order of the table."""


@one_thread
def checks(
    study: Study,
    parameter: str | Iterable[str] | None = None,
    by: str = "district",
    *,
    reduction: float | None = None,
    rng: int | np.random.Generator = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Checks:
    """What could make an effect appear where there is none: each looked for, one by one.

    Every check stands on the same series, controls and noise as `wqstudy.evaluate`. Those that are tests fail
    where the deviation is beyond chance, pass where a deviation that would make up half of the effect is
    excluded, and else cannot tell; where several dates, controls or months are tried, p is multiplied by
    their number (Bonferroni).

    Parameters
    ----------
    study
        The study; its measures say when treatment began, its stations which are controls.
    parameter
        Code or name, or several; by default the study's.
    by
        As for `wqstudy.evaluate`.
    reduction
        The smallest reduction worth calling one, as a share; by default 0.2.
    rng
        Seed of the draws for non-detects, or a generator to draw one from.
    progress
        As for `wqstudy.evaluate`.

    Returns
    -------
    Checks
        ``checks.table()`` has one row a treated unit (blank: their mean), parameter and check.

    Raises
    ------
    ArgumentError
        If a column, parameter or number cannot be used, or no unit has a start within the time sampled.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> told = checks(datasets.load("demo"), "CODMn").table()
    >>> told.query("district == '甲' and check == 'station_set'")["outcome"].item()
    'passed'
    """
    asked = [parameter] if isinstance(parameter, str) else parameter
    wanted = study.parameters if asked is None else catalogue.codes(asked)
    check_question(wanted, level(), by, ())
    least = rules.load("effects")["verdict"]["reduction"] if reduction is None else reduction
    if not 0 < least < 1:
        raise ArgumentError(f"{least!r} is not a reduction", argument="reduction", valid="between 0 and 1")
    seed = seed_of(rng)
    units = units_of(study, by, study.language)
    if not units.treated:
        raise ArgumentError(
            f"no {by} has a start of treatment within the time sampled",
            argument="measures",
            mend="give measures with district and start",
        )
    rows: list[Check] = []
    for number, code in enumerate(wanted):
        if progress is not None:
            progress(code, number, len(wanted))
        rows += _of_parameter(*_case(study, by, units, code, seed, least))
    return Checks(by, tuple(rows))


def _case(
    study: Study, by: str, units: Units, code: str, seed: int, reduction: float
) -> tuple[Sampled, Case | None]:
    """One parameter as the checks see it; the second is None where nothing can be held against anything."""
    unit = study.samples["station"].map(study.unit_of(by))
    own = inside(study) & (study.samples["parameter"] == code)
    labels = {lang: study.labels(by, lang) for lang in words.LANGUAGES}
    sampled = Sampled(study, by, code, study.samples[own], unit[own], units, labels)
    rng = cell_rng(seed, by, code)
    table = district_table(sampled.samples, sampled.unit, units, code, rng, study.language)
    place = {name: g for g, name in enumerate(table.units)}
    seen = ~np.isnan(table.y[0]).all(axis=1)
    treated = [name for name in units.treated if name not in table.mute and seen[place[name]]]
    controls = [name for name in units.controls if seen[place[name]]]
    if not treated or len(treated) + len(controls) < 2:
        return sampled, None
    kept = [place[name] for name in (*treated, *controls)]
    design = Design(table.y[:, kept], table.time, table.start[kept])
    same = (study, by, code, sampled.samples, sampled.unit, units, labels)
    return sampled, Case(*same, treated, controls, design, design.effects(level()), reduction)


def _of_parameter(sampled: Sampled, case: Case | None) -> list[Check]:
    """Every check of one parameter; units without an estimate cannot be told, but their sampling can."""
    found: list[Check] = []
    for name, check in _ESTIMATED.items():
        rows = [] if case is None else check(case)
        told = {row.unit for row in rows}
        mute = [unit for unit in (*sampled.units.treated, "") if unit not in told]
        found += [*rows, *(sampled.check(name, unit, OPEN, "no_estimate") for unit in mute)]
    for looked in _SAMPLED.values():
        found += looked(sampled)
    order = {unit: i for i, unit in enumerate((*sampled.units.treated, ""))}
    return sorted(found, key=lambda row: order[row.unit])
