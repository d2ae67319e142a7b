"""An announced change of concentration, held against the study and against what came anyway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.comparison import compare
from wqstudy.effects.claim_refusals import Refused
from wqstudy.effects.claim_results import ClaimCheck
from wqstudy.effects.claim_sentences import claim_sentence
from wqstudy.effects.claim_verdicts import (
    UNDECIDED,
    Background,
    as_rate,
    beyond,
    given_rate,
    judge_claim,
    national,
)
from wqstudy.effects.figures import Figure, figure, pair, percent_change, remaining
from wqstudy.errors import ArgumentError
from wqstudy.series import seed_of, unit_windows
from wqstudy.study import Study
from wqstudy.windows import Windows


def check_claim(
    study: Study | None,
    *,
    parameter: str,
    announced: str | float,
    district: str | None = None,
    before: Iterable[Any] | None = None,
    after: Iterable[Any] | None = None,
    by: str = "district",
    background: str | float | None = None,
    tolerance: float | None = None,
    level: float | None = None,
    rng: int | np.random.Generator = 0,
    lang: str | None = None,
) -> ClaimCheck:
    """Hold an announced change of concentration against the study, and against what came anyway.

    The change found is the row of `wqstudy.compare` for that unit, parameter and windows; `judge_claim` says
    what its interval allows. The second verdict, `beyond_background`, holds the announced figure itself
    against the change that came without treatment: of the study's controls in the same windows, taken
    together; of the background rate given; of the country's sections, unless the study is simulated.

    Parameters
    ----------
    study
        The study; None to hold the figure against the background alone.
    parameter
        Code or name.
    announced
        The change as published: "-23%", "下降23%", "two thirds", "1.8 → 1.2 mg/L", "-0.4 mg/L". One that
        names no direction is taken as an improvement; an amount is divided by the study's own median before.
    district
        The unit it was announced for; may be left out where the study has one only.
    before, after
        Windows ``(start, end)``, the end not included; by default the unit's own.
    by
        ``"district"``, ``"station"`` or any column of the stations table.
    background
        Change that would have come anyway, in per cent a year; in place of the national one.
    tolerance
        A claim is supported where all changes weaker than ``1 - tolerance`` of it are excluded; by default
        that of `rules/claims.toml`.
    level
        Of the intervals, by default 0.95.
    rng
        As for `wqstudy.compare`.
    lang
        Language of reason and notes; by default the study's.

    Returns
    -------
    ClaimCheck

    Raises
    ------
    ArgumentError
        If the figure is not understood, or unit, parameter or windows cannot be used.

    Examples
    --------
    >>> from wqstudy import datasets
    >>> told = check_claim(datasets.load("demo"), parameter="NH3N", district="甲", announced="+20 %")
    >>> told.verdict, told.announced_low, told.announced_high
    ('contradicted', 19.5, 20.5)
    >>> two_years = {"before": ("2018-01-01", "2019-01-01"), "after": ("2020-01-01", "2021-01-01")}
    >>> check_claim(None, parameter="NH3N", announced="-23%", **two_years).beyond_background
    'not beyond background'
    """
    lang = words.language(lang or (study.language if study is not None else "en"))
    rule = rules.load("claims")["verdict"]
    level = rule["level"] if level is None else level
    check_options(background, tolerance)
    code = catalogue.codes([parameter])[0]
    if not catalogue.parameter(code).ratio:
        raise Refused("parameter", argument="parameter", code=code)
    stated = _stated(announced)
    notes: list[str] = []
    if not stated.signed:
        notes.append(words.text("claim.note_improvement", lang))
        stated = _improvement(stated, code)
    unit = _unit(study, by, district)
    windows = _windows(study, by, unit, before, after)
    row, controls = _compared(study, by, unit, code, windows, level, rng, lang)
    change = _in_percent(stated, code, row, lang, notes)
    backgrounds = _backgrounds(study, code, windows, change, background, controls)
    if any(one.outside for one in backgrounds):
        years = rules.load("background")["national"]
        notes.append(words.text("claim.note_outside", lang, first=years["from"], last=years["to"]))
    if controls is not None:
        notes.append(words.text("claim.note_controls", lang, units=_labelled(study, by, unit, lang)))
    if row is not None and row["notes"]:
        notes.append(row["notes"])
    found = row if row is not None else {"change_percent": np.nan, "low": np.nan, "high": np.nan}
    calibrated = bool(found.get("calibrated", False))
    verdict = judge_claim(found["low"], found["high"], change, tolerance) if calibrated else UNDECIDED
    fields: dict[str, Any] = {
        "unit": unit,
        "parameter": code,
        "announced": str(announced),
        "announced_low": change.low,
        "announced_high": change.high,
        "verdict": verdict,
        "beyond_background": backgrounds[0].verdict if backgrounds else "",
        "change_percent": float(found["change_percent"]),
        "low": float(found["low"]),
        "high": float(found["high"]),
        "level": level,
        "calibrated": calibrated,
        "backgrounds": backgrounds,
        "notes": tuple(notes),
    }
    label = {
        one: study.labels(by, one).get(unit, unit) if study is not None else unit for one in words.LANGUAGES
    }
    reasons = {one: _reason(row, verdict, one) for one in words.LANGUAGES}
    for one in words.LANGUAGES:
        spoken = fields | {"reason": reasons[one]}
        fields[f"sentence_{one}"] = claim_sentence(spoken, label[one], one)
    return ClaimCheck(**fields, reason=reasons[lang])


def check_options(background: str | float | None, tolerance: float | None) -> None:
    """Refuse options that no claim can be checked with.

    Raises
    ------
    ArgumentError
        Names the option.
    """
    if tolerance is not None and not 0 <= tolerance < 1:
        raise ArgumentError(f"{tolerance!r} is not a tolerance", argument="tolerance", valid="0 to below 1")
    if background is not None:
        as_rate(background)


def _stated(announced: str | float) -> Figure:
    """The announced change: one figure, or the change from the first to the second of two."""
    left = remaining(announced)
    both = pair(announced) if isinstance(announced, str) and left is None else None
    stated = left or (percent_change(*both) if both else figure(announced))
    if stated.unit not in ("%", "mg/L", "ug/L"):
        raise Refused(
            "change",
            text=stated.text,
            argument="announced",
            valid="per cent, mg/L or ug/L, such as -23% or -0.4 mg/L",
        )
    if stated.unit == "%" and stated.signed and stated.value < -100:
        raise _less_than_nothing(stated)
    if stated.value == 0 and not both:  # no change has no direction, and is rounded from either side
        end = max(abs(stated.low), abs(stated.high))
        return Figure(stated.text, 0.0, -end, end, stated.unit, signed=True)
    return stated


def _less_than_nothing(stated: Figure) -> Refused:
    return Refused("less", text=stated.text, argument="announced", valid="a fall of at most 100 %")


def _improvement(stated: Figure, code: str) -> Figure:
    if catalogue.parameter(code).higher_is_better:
        return Figure(stated.text, stated.value, stated.low, stated.high, stated.unit, signed=True)
    if stated.unit == "%" and stated.value > 100:
        raise _less_than_nothing(stated)
    return stated.as_fall()


def _unit(study: Study | None, by: str, district: str | None) -> str:
    """The unit meant, or an error that names those there are."""
    if study is None:
        return district or ""
    there = list(dict.fromkeys(study.unit_of(by).dropna()))
    if district is None and len(there) == 1:
        return str(there[0])
    if district not in there:
        valid = ", ".join(map(str, there))
        if district is None:
            raise Refused("no_unit", argument="district", valid=valid)
        raise Refused("unit", argument="district", valid=valid, unit=district, by=by)
    return str(district)


def _windows(
    study: Study | None, by: str, unit: str, before: Iterable[Any] | None, after: Iterable[Any] | None
) -> Windows | None:
    if study is not None:
        return unit_windows(study, by, before, after)[unit]
    return None if before is None or after is None else Windows.of(before, after)


def _others(study: Study | None, by: str, unit: str) -> list[str]:
    """Units without treatment, but for the one the claim is of."""
    return [] if study is None else [name for name in study.untreated(by) if name != unit]


def _labelled(study: Study | None, by: str, unit: str, lang: str) -> str:
    labels = {} if study is None else study.labels(by, lang)
    return words.text("answer.comma", lang).join(labels[name] for name in _others(study, by, unit))


def _compared(
    study: Study | None,
    by: str,
    unit: str,
    code: str,
    windows: Windows | None,
    level: float,
    rng: int | np.random.Generator,
    lang: str,
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The comparison's row of the unit, and that of all controls taken together."""
    if study is None or windows is None:
        return None, None
    seed = seed_of(rng)
    controls = _others(study, by, unit)
    unit_of = study.unit_of(by)
    rows: list[dict[str, Any] | None] = []
    for name, members in ((unit, [unit]), ("controls", controls)):
        kept = set(unit_of.index[unit_of.isin(members)])
        part = study.samples[study.samples["station"].isin(kept) & (study.samples["parameter"] == code)]
        if part.empty:
            rows.append(None)
            continue
        # The same name and seed give the same draws for non-detects as in the comparison of all units.
        alone = Study(part, pd.DataFrame({"station": sorted(kept), "unit": name}), parameters=[code])
        try:
            table = compare(alone, windows.before, windows.after, "unit", level=level, rng=seed, lang=lang)
        except ArgumentError:
            if name == unit:
                raise
            rows.append(None)
            continue
        rows.append({str(key): value for key, value in table.iloc[0].items()})
    own, others = rows
    if own is None:
        raise Refused("samples", argument="parameter", unit=unit, code=code)
    return own, others if others is not None and np.isfinite(others["low"]) else None


def _in_percent(stated: Figure, code: str, row: dict[str, Any] | None, lang: str, notes: list[str]) -> Figure:
    """The announced change in per cent; an amount by the study's own median before."""
    if stated.unit == "%":
        return stated
    base = np.nan if row is None else row["median_before"]
    if not base > 0:
        raise Refused(
            "level",
            text=stated.text,
            argument="announced",
            mend='give both levels, such as "1.8 → 1.4 mg/L", or the change in per cent',
        )
    times = 100 * catalogue.factor(stated.unit, code) / base
    unit = catalogue.parameter(code).unit
    notes.append(words.text("claim.note_base", lang, base=words.number(base), unit=unit))
    return Figure(
        stated.text, times * stated.value, times * stated.low, times * stated.high, "%", signed=True
    )


def _backgrounds(
    study: Study | None,
    code: str,
    windows: Windows | None,
    change: Figure,
    background: str | float | None,
    controls: dict[str, Any] | None,
) -> tuple[Background, ...]:
    """Every background there is, the nearest to the place first."""
    rate = None if background is None else as_rate(background)
    found: list[Background | None] = []
    if controls is not None:
        low, high = float(controls["low"]), float(controls["high"])
        said = beyond(change, low, high) if controls["calibrated"] else UNDECIDED
        found.append(Background("controls", float(controls["change_percent"]), low, high, said))
    if rate is not None and windows is not None:
        found.append(given_rate(rate, windows, change))
    elif windows is not None and not (study is not None and study.simulated):
        found.append(national(code, windows, change))
    return tuple(one for one in found if one is not None)


def _reason(row: dict[str, Any] | None, verdict: str, lang: str) -> str:
    """Why nothing is decided."""
    if verdict != UNDECIDED:
        return ""
    if row is None:
        return words.text("claim.reason_study", lang)
    if not np.isfinite(row["low"]):
        return words.text("claim.reason_unestimable", lang)
    return words.text("claim.reason_interval" if row["calibrated"] else "claim.reason_uncalibrated", lang)
