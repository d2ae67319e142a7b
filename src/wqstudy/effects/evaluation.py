"""From a study to verdicts: one a treated district and parameter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects import sentences
from wqstudy.effects.one_parameter import one_parameter
from wqstudy.effects.placebo import Panel
from wqstudy.effects.statement import Evaluation, Evaluations
from wqstudy.effects.tables import district_table, inside, units_of
from wqstudy.effects.threads import one_thread
from wqstudy.errors import ArgumentError
from wqstudy.multiplicity import Adjust, q_values
from wqstudy.progress import Progress, steps
from wqstudy.series import cell_rng, seed_of
from wqstudy.study import Study


@one_thread
def evaluate(
    study: Study,
    by: str = "district",
    *,
    parameters: Iterable[str] | None = None,
    level: float = 0.95,
    reduction: float | None = None,
    trend_sd: float | None = None,
    drift_sd: float | None = None,
    covariates: pd.DataFrame | None = None,
    adjust: Adjust = "bh",
    family: str | None = None,
    rng: int | np.random.Generator = 0,
    lang: str | None = None,
    progress: Progress = None,
) -> Evaluations:
    """Effect of treatment beyond the controls, with its doubt and a verdict, for every treated district.

    Each treated district's log series, minus what the controls say about the months in common, after its own
    start minus before, season by season: whatever all districts share is gone, staggered starts and effects
    that grow or fade do not bias it, and districts already treated are never controls. The interval is the
    union of two: one with a covariance common to all districts (serial correlation, own trend, own drift;
    what is not known of it averaged over, `trend_sd` and `drift_sd` assumed), one with AR(1) noise of the
    difference itself.
    Non-detects are completed by draws. The verdict is `wqstudy.effects.judge`'s.

    Parameters
    ----------
    study
        The study; its measures say when treatment began, its stations which are controls.
    by
        ``"district"`` or any column of the stations table whose units lie in one district each.
    parameters
        Codes or names; by default the study's.
    level
        Of the intervals.
    reduction
        The smallest reduction worth calling one, as a share; by default 0.2.
    trend_sd, drift_sd
        How far districts may drift apart by themselves: ln units a year, and a square root of a month. By
        default 0.03 and 0.02.
    covariates
        Flow, rain, temperature: one row a month, or a unit and month, with ``month``, the column `by` where
        units have values of their own, and a column each, as it goes into the regression (the logarithm of
        flow, not flow). Taken out of the series within the same regression, their slopes' doubt carried. Of
        values that units share, only what units answer differently can be told.
    adjust, family
        As for `wqstudy.compare`.
    rng
        Seed of the draws for non-detects, or a generator to draw one from.
    lang
        Language of the notes; by default the study's.
    progress
        Called with a parameter's code, its number and how many there are, before its turn; True shows a bar.

    Returns
    -------
    Evaluations

    Raises
    ------
    ArgumentError
        If a column, parameter or number cannot be used, or no unit has a start within the time sampled.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> told = evaluate(datasets.load("demo"), parameters=["NH3N"])
    >>> told.table()[["district", "design", "verdict"]].iloc[0].tolist()
    ['甲', 'baci 4+2, staggered', 'effect shown']
    """
    wanted = study.parameters if parameters is None else catalogue.codes(parameters)
    _check(wanted, level, reduction, trend_sd, drift_sd)
    seed = seed_of(rng)
    lang = words.language(lang or study.language)
    units = units_of(study, by, lang)
    if not units.treated:
        raise ArgumentError(
            f"no {by} has a start of treatment within the time sampled",
            argument="measures",
            mend="give measures with district and start",
        )
    unit = study.samples["station"].map(study.unit_of(by))
    chosen = study.samples["parameter"].isin(wanted) & inside(study)
    found: list[tuple[list[dict[str, Any]], dict[str, Any], Panel | None]] = []
    for code in steps(wanted, progress, len(wanted)):
        own = chosen & (study.samples["parameter"] == code)
        table = district_table(study.samples[own], unit[own], units, code, cell_rng(seed, by, code), lang)
        settings: dict[str, Any] = {
            "covariates": covariates,
            "rng": cell_rng(seed, by, f"{code} covariates"),
            "level": level,
            "reduction": reduction,
            "trend_sd": trend_sd,
            "drift_sd": drift_sd,
        }
        found.append(one_parameter(table, units, by, code, lang, **settings))
    order = [(i, g) for g in range(len(units.treated)) for i in range(len(wanted))]
    rows = [found[i][0][g] for i, g in order]
    q = q_values(pd.DataFrame(rows).rename(columns={"unit": by}), adjust, family)
    labels = {one: study.labels(by, one) for one in words.LANGUAGES}
    share = rules.load("effects")["verdict"]["reduction"] if reduction is None else reduction
    return Evaluations(
        by,
        tuple(_said(row | {"q_value": float(p)}, labels, share) for row, p in zip(rows, q, strict=True)),
        tuple(_said(mean, labels, share) for _, mean, _ in found),
        seed,
        units.left_out,
        units.shared(lang),
        tuple(panel for *_, panel in found if panel is not None),
        lang,
    )


def _check(
    wanted: list[str],
    level: float,
    reduction: float | None,
    trend_sd: float | None,
    drift_sd: float | None,
) -> None:
    ratios = [p.code for p in catalogue.catalogue().values() if p.ratio]
    odd = [code for code in wanted if code not in ratios]
    if odd:
        raise ArgumentError(
            f"a percentage change of {odd[0]} means nothing", argument="parameters", valid=", ".join(ratios)
        )
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    if reduction is not None and not 0 < reduction < 1:
        raise ArgumentError(
            f"{reduction!r} is not a reduction", argument="reduction", valid="a share between 0 and 1"
        )
    for name, value in (("trend_sd", trend_sd), ("drift_sd", drift_sd)):
        if value is not None and not 0 < value < 1:
            raise ArgumentError(f"{value!r} is not usable", argument=name, valid="above 0 and below 1")


def _said(row: dict[str, Any], labels: dict[str, dict[str, str]], reduction: float) -> Evaluation:
    """The evaluation with its sentences."""
    spoken: dict[str, Any] = {
        f"sentence_{lang}": sentences.sentence(
            row, labels[lang].get(row["unit"], row["unit"]), reduction, lang
        )
        for lang in words.LANGUAGES
    }
    return Evaluation(**row, **spoken)
