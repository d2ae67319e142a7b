"""One parameter's evaluations: fields of every treated unit's, and of their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.covariates import Covariates, Slopes, regressed
from wqstudy.effects.estimates import Design, Effects, spans
from wqstudy.effects.placebo import Panel
from wqstudy.effects.pooling import Pooling, permuted, pool, smallest_p
from wqstudy.effects.tables import DistrictTable, Units
from wqstudy.effects.verdicts import UNDECIDED, judge_one
from wqstudy.results.estimate import Estimate
from wqstudy.simulate.panels import NEVER

METHOD = "baci"


def one_parameter(
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
    shared = units.shared(lang)
    beside = (shared,) if shared else ()
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
            row |= {"notes": (*row["notes"], *notes, *beside), "assumptions": assumptions}
        row["p_floor"] = 1 / (units.districts(controls) + 1) if controls else np.nan
        rows.append(frame | counts | row)
    mean = result.row(len(treated), lang) if result else _blank(level) | {"notes": ()}
    floor = smallest_p(units.districts(treated), units.districts(controls)) if len(starts) == 1 else np.nan
    mean |= {
        "unit": "",
        "notes": (*mean["notes"], *table.notes.get("", ())),
        "n": sum(table.n[t] for t in treated),
        "n_censored": sum(table.hidden[t] for t in treated),
        "assumptions": (*assumptions[:1], *beside, *assumptions[1:]) if result else (),
        "p_floor": floor,
        "q_value": np.nan,
    }
    if result is not None and not shared and floor <= rules.load("effects")["verdict"]["permutation_floor"]:
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
        every, value = self.all, self.all.value[g]
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
            "low": _percent(every.low[g]),
            "high": _percent(every.high[g]),
            "p_value": float(every.p_value[g]),
            "p_permuted": np.nan,
            "mde_percent": verdict.detectable,
            "possible_percent": verdict.possible,
            "adjusted_percent": _percent(every.adjusted[g]),
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
