"""From a study to verdicts: one a treated district and parameter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects import sentences
from wqstudy.effects.covariates import Covariates, Slopes, regressed
from wqstudy.effects.estimates import Design, Effects, spans
from wqstudy.effects.placebo import Panel
from wqstudy.effects.pooling import Pooling, permuted, pool, smallest_p
from wqstudy.effects.statement import Evaluation, Evaluations
from wqstudy.effects.tables import DistrictTable, Units, district_table, inside, units_of
from wqstudy.effects.threads import one_thread
from wqstudy.effects.verdicts import UNDECIDED, judge_one
from wqstudy.errors import ArgumentError
from wqstudy.multiplicity import Adjust, q_values
from wqstudy.progress import Progress, steps
from wqstudy.results.estimate import Estimate
from wqstudy.series import cell_rng, seed_of
from wqstudy.simulate.panels import NEVER
from wqstudy.study import Study

METHOD = "baci"


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
        found.append(_parameter(table, units, by, code, lang, **settings))
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


def _parameter(
    table: DistrictTable,
    units: Units,
    by: str,
    code: str,
    lang: str,
    *,
    covariates: pd.DataFrame | None,
    rng: np.random.Generator,
    level: float,
    reduction: float | None,
    trend_sd: float | None,
    drift_sd: float | None,
) -> tuple[list[dict[str, Any]], dict[str, Any], Panel | None]:
    """Fields of every treated unit's evaluation, and of their mean; and what they were estimated from."""
    index = {name: g for g, name in enumerate(table.units)}
    seen = ~np.isnan(table.y[0]).all(axis=1)
    treated = [name for name in units.treated if name not in table.mute and seen[index[name]]]
    controls = [name for name in units.controls if seen[index[name]]]
    starts = {units.start[name] for name in treated}
    design = f"{METHOD} {len(treated)}+{len(controls)}" + (", staggered" if len(starts) > 1 else "")
    frame: dict[str, Any] = {"parameter": code, "design": design, "level": level}
    enough = bool(treated) and len(treated) + len(controls) > 1
    result, slopes = None, None
    if enough:
        names = [*treated, *controls]
        kept = [index[name] for name in names]
        y, start = table.y[:, kept], table.start[kept]
        if covariates is not None:
            told = Covariates.of(covariates, by, names, table.time)
            y, slopes = regressed(y, table.time, start, told, rng, trend_sd, drift_sd)
        result = _Estimated(Design(y, table.time, start, trend_sd, drift_sd), names, code, level, reduction)
    assumptions = _assumptions(result, slopes, len(controls), trend_sd, drift_sd, lang)
    rows = []
    for name in units.treated:
        notes = list(table.notes[name])
        counts = {"unit": name, "n": table.n[name], "n_censored": table.hidden[name]}
        if result is None or name not in treated:
            reason = table.mute.get(name) or words.text(
                "note.no_samples" if not seen[index[name]] else "effect.no_controls", lang
            )
            row = _blank(level) | {"notes": (reason, *notes), "assumptions": ()}
        else:
            row = result.row(treated.index(name), lang)
            row |= {"notes": (*row["notes"], *notes), "assumptions": assumptions}
        row["p_floor"] = 1 / (len(controls) + 1) if controls else np.nan
        rows.append(frame | counts | row)
    mean = result.row(len(treated), lang) if result else _blank(level) | {"notes": ()}
    floor = smallest_p(len(treated), len(controls)) if len(starts) == 1 else np.nan
    mean |= {
        "unit": "",
        "n": sum(table.n[t] for t in treated),
        "n_censored": sum(table.hidden[t] for t in treated),
        "assumptions": assumptions if result else (),
        "p_floor": floor,
        "q_value": np.nan,
    }
    if result is not None and floor <= rules.load("effects")["verdict"]["permutation_floor"]:
        mean["p_permuted"] = result.permuted()
    return rows, frame | mean, result.panel if result else None


class _Estimated:
    """All that is estimated of one parameter; for the verdict signs are turned where more is better."""

    def __init__(
        self, design: Design, names: list[str], code: str, level: float, reduction: float | None
    ) -> None:
        self.design, self.level, self.reduction = design, level, reduction
        self.panel = Panel(code, tuple(names), design, level)
        self.sign = -1.0 if catalogue.parameter(code).higher_is_better else 1.0
        self.all = design.effects(level)
        self.spans = [design.effects(level, *span) for span in spans()]
        self.fading = design.fading(level)
        self.pooling: Pooling | None = None
        self.told = np.flatnonzero(np.isfinite(self.all.value[:-1]))
        if self.told.size:
            covariance = self.all.covariance[np.ix_(self.told, self.told)]
            self.pooling = pool(self.all.value[self.told], covariance, level)

    def permuted(self) -> float:
        """P-value by exchange of labels; starts are alike."""
        design = self.design
        after = design.time >= design.start[design.treated[0]]
        if not design.seen.all():
            return np.nan
        y = design.y.mean(axis=0)
        return permuted(y[:, after].mean(axis=1) - y[:, ~after].mean(axis=1), design.start < NEVER)

    def row(self, g: int, lang: str) -> dict[str, Any]:
        """Fields of one district's evaluation, or of the mean."""
        every = self.all
        value, adjusted = every.value[g], every.adjusted[g]
        ends = [every.low[g], every.high[g]]
        verdict = judge_one(every, g, self.sign, self.level, self.reduction)
        mean = g == len(every.value) - 1
        shrunken, similar = np.nan, (np.nan,) * 3
        if self.pooling is not None and not mean and g in self.told:
            shrunken = self.pooling.value[int(np.searchsorted(self.told, g))]
        if self.pooling is not None and mean:
            similar = (self.pooling.similar, self.pooling.similar_low, self.pooling.similar_high)
        first = self.sign * self.spans[0].high[g] < 0 if self.sign > 0 else self.spans[0].low[g] > 0
        weaker = self.fading.low[g] > 0 if self.sign > 0 else self.fading.high[g] < 0
        notes = () if np.isfinite(value) else (words.text("effect.too_few", lang),)
        return {
            "effect_percent": _percent(value),
            "low": _percent(ends[0]),
            "high": _percent(ends[1]),
            "p_value": float(every.p_value[g]),
            "p_permuted": np.nan,
            "mde_percent": verdict.detectable,
            "possible_percent": verdict.possible,
            "adjusted_percent": _percent(adjusted),
            "shrunken_percent": _percent(shrunken),
            "similar": _estimate(*similar, np.nan, self.level),
            "months": tuple(
                (_span(*span), _estimate_of(effects, g, self.level))
                for span, effects in zip(spans(), self.spans, strict=True)
            ),
            "fades": bool(first and weaker),
            "verdict": verdict.said,
            "notes": notes,
        }


def _span(first: int, last: int | None) -> str:
    return f"{first}+" if last is None else f"{first}-{last - 1}"


def _percent(log: float) -> float:
    return float(100 * np.expm1(log))


def _estimate(value: float, low: float, high: float, p: float, level: float) -> Estimate:
    return Estimate(_percent(value), _percent(low), _percent(high), level, float(p), "%", METHOD)


def _estimate_of(effects: Effects, g: int, level: float) -> Estimate:
    return _estimate(effects.value[g], effects.low[g], effects.high[g], effects.p_value[g], level)


def _blank(level: float) -> dict[str, Any]:
    """Fields where nothing can be said."""
    names = ("effect_percent", "low", "high", "p_value", "p_permuted", "mde_percent", "possible_percent")
    none = _estimate(np.nan, np.nan, np.nan, np.nan, level)
    return dict.fromkeys((*names, "adjusted_percent", "shrunken_percent"), np.nan) | {
        "similar": none,
        "months": tuple((_span(*span), none) for span in spans()),
        "fades": False,
        "verdict": UNDECIDED,
    }


def _assumptions(
    result: _Estimated | None,
    slopes: Slopes | None,
    controls: int,
    trend_sd: float | None,
    drift_sd: float | None,
    lang: str,
) -> tuple[str, ...]:
    """What the interval rests on, in words."""
    if result is None:
        return ()
    prior = rules.load("effects")["prior"]
    trend, drift = trend_sd or prior["trend_sd"], drift_sd or prior["drift_sd"]
    noise = result.design.noise
    said = [
        words.text("effect.rests", lang, trend=f"{100 * trend:g}", drift=f"{100 * drift:g}"),
        words.text(
            "effect.found",
            lang,
            phi=f"{noise.mean('phi'):.1f}",
            trend=f"{100 * noise.mean('trend'):.1f}",
            drift=f"{100 * noise.mean('drift'):.1f}",
        ),
    ]
    if slopes is not None and slopes.own:
        parts = (
            f"{n} {v:+.2g} ± {e:.1g}" for n, v, e in zip(slopes.names, slopes.value, slopes.sd, strict=True)
        )
        said.append(words.text("effect.covariates", lang, slopes=", ".join(parts).replace("-", "−")))
    elif slopes is not None:
        said.append(words.text("effect.covariates_common", lang, names=", ".join(slopes.names)))
    if controls == 1:
        said.append(words.text("effect.one_control", lang, trend=f"{100 * trend:g}"))
    if controls == 0:
        said.append(words.text("effect.not_yet_only", lang))
    return tuple(said)


def _said(row: dict[str, Any], labels: dict[str, dict[str, str]], reduction: float) -> Evaluation:
    """The evaluation with its sentences."""
    spoken: dict[str, Any] = {
        f"sentence_{lang}": sentences.sentence(
            row, labels[lang].get(row["unit"], row["unit"]), reduction, lang
        )
        for lang in words.LANGUAGES
    }
    return Evaluation(**row, **spoken)
