"""Before the start nothing should have happened: parallel trends, placebo dates, no bad year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wqstudy import rules, words
from wqstudy.effects.checks.base import (
    Case,
    Deviation,
    FloatArray,
    error_rate,
    interval,
    level,
    percent,
    signed,
)
from wqstudy.effects.checks.rows import OPEN, Check
from wqstudy.effects.contrasts import contrast
from wqstudy.effects.covariance import Noise, seasons
from wqstudy.effects.estimates import Design, Effects

IntArray = npt.NDArray[np.int64]


def parallel_trends(case: Case) -> list[Check]:
    """Whether treated and controls moved alike before the start.

    The slope of the difference, season by season, in the months before the start. Its noise is serially
    correlated and drifts, but has no trends of districts' own: these are what is looked for. A slope matters
    that, carried on to the middle of the months after, would make up half of the effect.
    """
    rule = rules.load("checks")["parallel_trends"]
    time = case.design.time
    before = _before(case, np.full(len(case.treated), time[0] + 12))
    # Steps a year are free in the treated, so that a trend does not pass for noise.
    before.noise = _without_trends(before.noise)
    slopes = np.array([_slope(time, usable, rule["months"]) for usable in before.usable])
    line = np.tile(time - time.mean(), (len(slopes), 1))
    told = before.contrasts(slopes, level(), beside=line)
    found = Deviation.of([told], case.sign)
    reach = np.nan_to_num(case.design.weights()) @ time / 12
    every = [*reach, float(np.mean(reach[reach > 0])) if (reach > 0).any() else 0.0]
    checks = []
    for g, unit in case.places:
        margin = case.margin(g) / every[g] if every[g] > 0 else np.nan
        outcome, at, p = found.decide(g, margin)
        if at < 0:
            least = str(rule["months"])
            checks.append(case.check("parallel_trends", unit, OPEN, "few_before", months=least))
            continue
        checks.append(
            case.check(
                "parallel_trends",
                unit,
                outcome,
                "trend_found",
                **interval(told, g),
                figure_unit="%/a",
                threshold=percent(margin),
                p_value=p,
                error_rate=error_rate(),
                matters=words.percent(percent(margin)),
            )
        )
    return checks


def _before(case: Case, start: IntArray) -> Design:
    """The design with other starts, shape (treated,), and without what came after the true ones."""
    design, many = case.design, len(case.treated)
    y = design.y.copy()
    y[:, :many][:, design.time >= design.start[:many, None]] = np.nan
    return Design(y, design.time, np.concatenate([start, design.start[many:]]))


def _slope(time: IntArray, seen: npt.NDArray[np.bool_], least: int) -> FloatArray:
    """Weights of the slope a year beside the season, over the months seen; nan where they are too few."""
    if seen.sum() < least:
        return np.full(time.size, np.nan)
    month, year = seasons(time)[seen], time[seen] / 12
    left = year - month @ np.linalg.lstsq(month, year, rcond=None)[0]
    weight = np.zeros(time.size)
    weight[seen] = left / (left @ left)
    return weight


def _without_trends(noise: Noise) -> Noise:
    """What is known of the noise if districts have no trends of their own."""
    kept = noise.trend == 0
    weight = np.maximum(noise.weight[:, kept], 1e-300)
    return replace(
        noise,
        weight=weight / weight.sum(axis=1, keepdims=True),
        variance=noise.variance[:, kept],
        phi=noise.phi[kept],
        trend=noise.trend[kept],
        drift=noise.drift[kept],
    )


def _moved(case: Case, months: int, least: int) -> Effects:
    """Effects from so many months before each start until the start; nan with fewer than `least` before."""
    many = len(case.treated)
    before = _before(case, case.design.start[:many] - months)
    weight = before.weights()
    for row, usable, start in zip(weight, before.usable, before.start, strict=False):
        if (usable & (before.time < start)).sum() < least:
            row[:] = np.nan
    return before.contrasts(weight, level())


def placebo_dates(case: Case) -> list[Check]:
    """Whether an effect is found at dates before the start, where there can be none.

    The same evaluation with the start moved back by whole years, only months before the true start.
    """
    rule = rules.load("checks")["placebo_dates"]
    many = len(case.treated)
    longest = int(case.design.start[:many].max() - case.design.time[0])
    back = range(rule["step"], longest - rule["before"] + 1, rule["step"])
    tried = [(months, _moved(case, months, rule["before"])) for months in back]
    found = Deviation.of([e for _, e in tried], case.sign) if tried else None
    checks = []
    for g, unit in case.places:
        margin = case.margin(g)
        outcome, at, p = found.decide(g, margin) if found else (OPEN, -1, np.nan)
        if found is None or at < 0:
            least = str(rule["before"] + rule["step"])
            checks.append(case.check("placebo_dates", unit, OPEN, "few_before", months=least))
            continue
        months, told = tried[at]
        checks.append(
            case.check(
                "placebo_dates",
                unit,
                outcome,
                "date_found",
                **interval(told, g),
                figure_unit="%",
                threshold=percent(margin),
                p_value=p,
                error_rate=error_rate(),
                months=str(months),
                tried=str(int(np.isfinite(found.value[:, g]).sum())),
                p=words.probability(p),
                matters=words.percent(percent(margin)),
            )
        )
    return checks


def regression_to_mean(case: Case) -> list[Check]:
    """Whether the treated had a bad year just before the start, which would have passed by itself.

    The last year before the start against the time before that, relative to the controls. It matters where
    it moves the mean before the start by half of the effect; beside it stands the effect against an early
    baseline that leaves this year out.
    """
    rule = rules.load("checks")["regression_to_mean"]
    design, time = case.design, case.design.time
    told = _moved(case, rule["year"], rule["before"])
    found = Deviation.of([told], case.sign)
    early, share = [], []
    for i, usable in enumerate(design.usable):
        start = int(design.start[i])
        last = (time < start) & (time >= start - rule["year"])
        early.append(contrast(time, usable & ~last, start))
        share.append((usable & last).sum() / max((usable & (time < start)).sum(), 1))
    other = design.contrasts(np.array(early), level())
    every = [*share, float(np.mean(share))]
    checks = []
    for g, unit in case.places:
        margin = case.margin(g) / max(every[g], 1e-9)
        outcome, at, p = found.decide(g, margin, side=1)
        if at < 0:
            least = str(rule["year"] + rule["before"])
            checks.append(case.check("regression_to_mean", unit, OPEN, "few_before", months=least))
            continue
        checks.append(
            case.check(
                "regression_to_mean",
                unit,
                outcome,
                "bad_year_found",
                **interval(told, g),
                figure_unit="%",
                threshold=percent(case.sign * margin),
                p_value=p,
                error_rate=error_rate(1),
                effect=signed(case.effects.value[g]),
                early=signed(other.value[g]),
            )
        )
    return checks
