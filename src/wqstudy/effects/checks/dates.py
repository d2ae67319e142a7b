"""Before the start nothing should have happened: parallel trends, placebo dates, no bad year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wqstudy import rules, words
from wqstudy.effects.checks.base import (
    OPEN,
    Case,
    Check,
    Deviation,
    FloatArray,
    error_rate,
    interval,
    level,
    percent,
    signed,
)
from wqstudy.effects.contrasts import contrast
from wqstudy.effects.covariance import Noise, seasons
from wqstudy.effects.estimates import Design


def parallel_trends(case: Case) -> list[Check]:
    """Whether treated and controls moved alike before the start.

    The slope of the difference, season by season, in the months before the start. Its noise is serially
    correlated and drifts, but has no trends of districts' own: these are what is looked for. A slope matters
    that, carried on to the middle of the months after, would make up half of the effect.
    """
    rule = rules.load("checks")["parallel_trends"]
    design, time = case.design, case.design.time
    rows, reach = [], []
    weights = design.weights()
    for i, (own, usable) in enumerate(zip(design.treated, design.usable, strict=True)):
        rows.append(_slope(time, usable & (time < design.start[own]), rule["months"]))
        reach.append(float(np.nan_to_num(weights[i]) @ time) / 12)
    slopes = Design(design.y, time, design.start, known=_without_trends(design.noise))
    told = slopes.contrasts(np.array(rows), level())
    found = Deviation.of([told], case.sign)
    every = [*reach, float(np.mean([r for r in reach if r > 0] or [np.nan]))]
    checks = []
    for g, unit in case.places:
        margin = case.margin(g) / every[g] if every[g] > 0 else np.nan
        outcome, at, p = found.decide(g, margin)
        if at < 0:
            checks.append(case.check("parallel_trends", unit, OPEN, "few_before", months=str(rule["months"])))
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


def _slope(time: npt.NDArray[np.int64], seen: npt.NDArray[np.bool_], least: int) -> FloatArray:
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


def placebo_dates(case: Case) -> list[Check]:
    """Whether an effect is found at dates before the start, where there can be none.

    The same contrast with the start moved back by whole years, only months before the true start.
    """
    rule = rules.load("checks")["placebo_dates"]
    design, time = case.design, case.design.time
    longest = int(max(design.start[g] for g in design.treated) - time[0])
    back = range(rule["step"], longest - rule["before"] + 1, rule["step"])
    tried = []
    for months in back:
        weight = []
        for own, usable in zip(design.treated, design.usable, strict=True):
            placebo = int(design.start[own]) - months
            before = usable & (time < design.start[own])
            enough = (before & (time < placebo)).sum() >= rule["before"]
            weight.append(contrast(time, before, placebo, least=1) if enough else np.full(time.size, np.nan))
        if np.isfinite(weight).all(axis=1).any():
            tried.append((months, design.contrasts(np.array(weight), level())))
    found = Deviation.of([e for _, e in tried], case.sign) if tried else None
    checks = []
    for g, unit in case.places:
        margin = case.margin(g)
        outcome, at, p = found.decide(g, margin) if found else (OPEN, -1, np.nan)
        if at < 0:
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
                tried=str(int(np.isfinite(found.value[:, g]).sum()) if found else 0),
                p=words.probability(p),
                matters=words.percent(percent(margin)),
            )
        )
    return checks


def regression_to_mean(case: Case) -> list[Check]:
    """Whether the treated had a bad year just before the start, which would have passed by itself.

    The effect against the whole time before, minus the effect against an early baseline that leaves the last
    year before the start out.
    """
    rule = rules.load("checks")["regression_to_mean"]
    design, time = case.design, case.design.time
    whole = design.weights()
    early = []
    for own, usable in zip(design.treated, design.usable, strict=True):
        start = int(design.start[own])
        last = (time < start) & (time >= start - rule["year"])
        enough = (usable & (time < start - rule["year"])).sum() >= rule["before"]
        early.append(contrast(time, usable & ~last, start) if enough else np.full(time.size, np.nan))
    told = design.contrasts(whole - np.array(early), level())
    other = design.contrasts(np.array(early), level())
    found = Deviation.of([told], case.sign)
    checks = []
    for g, unit in case.places:
        margin = case.margin(g)
        outcome, at, p = found.decide(g, margin, side=-1)
        if at < 0:
            months = str(rule["year"] + rule["before"])
            checks.append(case.check("regression_to_mean", unit, OPEN, "few_before", months=months))
            continue
        checks.append(
            case.check(
                "regression_to_mean",
                unit,
                outcome,
                "bad_year_found",
                **interval(told, g),
                figure_unit="%",
                threshold=percent(-case.sign * margin),
                p_value=p,
                error_rate=error_rate(-1),
                effect=signed(case.effects.value[g]),
                early=signed(other.value[g]),
            )
        )
    return checks
