"""Where in time the effect sits: in a few months of the year, or in the first years only."""

from __future__ import annotations

import numpy as np

from wqstudy import rules, words
from wqstudy.effects.checks.base import Case, Deviation, error_rate, interval, level, percent, signed
from wqstudy.effects.checks.rows import FAILED, OPEN, PASSED, Check
from wqstudy.effects.contrasts import contrast
from wqstudy.effects.estimates import spans


def campaign_months(case: Case) -> list[Check]:
    """Whether the improvement sits in a few calendar months, such as those of inspections.

    The effect of all months minus that of the months outside each window of neighbouring calendar months.
    """
    rule = rules.load("checks")["campaign_months"]
    design, time = case.design, case.design.time
    whole = design.weights()
    tried = []
    for first in range(12):
        inside = (time % 12 - first) % 12 < rule["window"]
        rest = np.array(
            [
                contrast(time, usable & ~inside, int(design.start[g]), least=12 - rule["window"])
                for g, usable in zip(design.treated, design.usable, strict=True)
            ]
        )
        tried.append((first, design.contrasts(whole - rest, level()), rest))
    found = Deviation.of([e for _, e, _ in tried], case.sign)
    checks = []
    for g, unit in case.places:
        margin = case.margin(g)
        outcome, at, p = found.decide(g, margin, side=-1)
        if at < 0:
            checks.append(case.check("campaign_months", unit, OPEN, "few_months"))
            continue
        first, told, _ = tried[at]
        checks.append(
            case.check(
                "campaign_months",
                unit,
                outcome,
                "months_found",
                **interval(told, g),
                figure_unit="%",
                threshold=percent(-case.sign * margin),
                p_value=p,
                error_rate=error_rate(-1),
                effect=signed(case.effects.value[g]),
                rest=signed(case.effects.value[g] - told.value[g]),
                first=str(first + 1),
                last=str((first + rule["window"] - 1) % 12 + 1),
                p=words.probability(p),
            )
        )
    return checks


def persistence(case: Case) -> list[Check]:
    """Whether the effect of the first year is still there later.

    Failed where the first span of months shows an effect and the last surely less of one, passed where the
    last span shows one by itself.
    """
    design = case.design
    first, last = (design.effects(level(), *span) for span in (spans()[0], spans()[-1]))
    fading = design.fading(level())
    sign = case.sign
    checks = []
    for g, unit in case.places:
        if not np.isfinite(last.value[g]):
            months = str(spans()[-1][0])
            checks.append(case.check("persistence", unit, OPEN, "few_after", months=months))
            continue
        shown = [max(sign * e.low[g], sign * e.high[g]) < 0 for e in (first, last)]
        weaker = min(sign * fading.low[g], sign * fading.high[g]) > 0
        outcome = FAILED if shown[0] and weaker else PASSED if shown[1] else OPEN
        checks.append(
            case.check(
                "persistence",
                unit,
                outcome,
                "course_found",
                **interval(fading, g),
                figure_unit="%",
                threshold=0.0,
                p_value=fading.p_value[g],
                error_rate=error_rate(1),
                early=signed(first.value[g]),
                late=signed(last.value[g]),
                months=str(spans()[-1][0]),
            )
        )
    return checks
