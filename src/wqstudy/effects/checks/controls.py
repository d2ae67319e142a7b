"""Whether controls can be trusted: no effect of their own, none that decides alone, no spill-over."""

from __future__ import annotations

import numpy as np

from wqstudy import words
from wqstudy.effects.checks.base import Case, Deviation, error_rate, interval, level, percent, signed
from wqstudy.effects.checks.rows import FAILED, OPEN, PASSED, Check
from wqstudy.effects.estimates import Design, Effects
from wqstudy.effects.verdicts import SHOWN, WORSE
from wqstudy.simulate.panels import NEVER


def placebo_districts(case: Case) -> list[Check]:
    """Whether controls show an effect when each is held against the others as if it had been treated."""
    starts = {unit: case.units.start[unit] for unit in case.treated}
    tried = [
        (start, control, _among_controls(case, [control], start))
        for start in dict.fromkeys(starts.values())
        for control in case.controls
        if len(case.controls) > 1
    ]
    checks = []
    for g, unit in case.places:
        own = [one for one in tried if not unit or one[0] == starts[unit]]
        margin = case.margin(g)
        found = Deviation.of([e for *_, e in own], case.sign) if own else None
        # The controls' own effects, whoever is treated: the first place.
        outcome, at, p = found.decide(0, margin) if found else (OPEN, -1, np.nan)
        if found is None or at < 0:
            checks.append(case.check("placebo_districts", unit, OPEN, "few_controls"))
            continue
        larger = int((np.abs(found.value[:, 0]) >= abs(case.effects.value[g])).sum())
        checks.append(
            case.check(
                "placebo_districts",
                unit,
                outcome,
                "placebo_found",
                **interval(own[at][2], 0),
                figure_unit="%",
                threshold=percent(margin),
                p_value=p,
                error_rate=error_rate(),
                control=case.label(own[at][1]),
                tried=str(len(own)),
                larger=str(larger),
                p=words.probability(p),
                matters=words.percent(percent(margin)),
            )
        )
    return checks


def _among_controls(case: Case, taken: list[str], start: int) -> Effects:
    """Effects of some controls against the others, as if they had been treated from `start` on."""
    first = len(case.treated)
    at = np.arange(first, first + len(case.controls))
    begun = np.array([start if name in taken else NEVER for name in case.controls])
    design = Design(case.design.y[:, at], case.design.time, begun, known=case.design.noise)
    return design.contrasts(design.weights(), level())


def leave_one_out(case: Case) -> list[Check]:
    """Whether sign and verdict stay when each control in turn is left out."""
    design, first = case.design, len(case.treated)
    without = []
    for i, control in enumerate(case.controls):
        if len(case.controls) > 1:
            kept = np.delete(np.arange(len(design.start)), first + i)
            part = Design(design.y[:, kept], design.time, design.start[kept], known=design.noise)
            without.append((control, part.contrasts(part.weights(), level())))
    checks = []
    for g, unit in case.places:
        full = case.effects.value[g]
        told = [(name, e) for name, e in without if np.isfinite(e.value[g])]
        if not told or not np.isfinite(full):
            checks.append(case.check("leave_one_out", unit, OPEN, "few_controls"))
            continue
        verdict = case.verdict(case.effects, g)
        same = [
            case.verdict(e, g) == verdict and (verdict not in (SHOWN, WORSE) or e.value[g] * full > 0)
            for _, e in told
        ]
        values = np.array([e.value[g] for _, e in told])
        changed = [case.label(name) for (name, _), kept in zip(told, same, strict=True) if not kept]
        furthest = case.label(told[int(np.argmax(np.abs(values - full)))][0])
        named = changed or [furthest]
        checks.append(
            case.check(
                "leave_one_out",
                unit,
                PASSED if all(same) else FAILED,
                "left_out_same" if all(same) else "left_out_changed",
                figure=float(np.mean(same)),
                figure_unit="share",
                threshold=1.0,
                low=percent(values.min()),
                high=percent(values.max()),
                effect=signed(full),
                least=signed(values.min()),
                most=signed(values.max()),
                control={lang: words.joined([n[lang] for n in named], lang) for lang in words.LANGUAGES},
            )
        )
    return checks


def spill_over(case: Case) -> list[Check]:
    """Whether controls that share the water of the treated improved beyond those that do not.

    Such controls lie downstream of a treated station by the column `downstream` of the stations table (the
    next station downstream), or where that is missing, on a river of the same name.
    """
    checks = []
    links = {unit: _linked(case, unit) for unit in case.treated}
    known = [found for found in links.values() if found is not None]
    links[""] = set().union(*known) if len(known) == len(case.treated) else None
    first = min(case.units.start[unit] for unit in case.treated)
    for g, unit in case.places:
        linked = links[unit]
        if linked is None:
            checks.append(case.check("spill_over", unit, OPEN, "no_rivers"))
            continue
        if not linked:
            checks.append(case.check("spill_over", unit, PASSED, "no_shared", figure=0.0, figure_unit="%"))
            continue
        names = {
            lang: words.joined([case.label(n)[lang] for n in sorted(linked)], lang)
            for lang in words.LANGUAGES
        }
        if len(linked) == len(case.controls):
            checks.append(case.check("spill_over", unit, OPEN, "all_shared", control=names))
            continue
        told = _among_controls(case, sorted(linked), case.units.start.get(unit, first))
        margin = case.margin(g)
        outcome, _, p = Deviation.of([told], case.sign).decide(-1, margin, side=-1)
        if not np.isfinite(p):
            checks.append(case.check("spill_over", unit, OPEN, "all_shared", control=names))
            continue
        checks.append(
            case.check(
                "spill_over",
                unit,
                outcome,
                "shared_found",
                **interval(told, -1),
                figure_unit="%",
                threshold=percent(-case.sign * margin),
                p_value=p,
                error_rate=error_rate(-1),
                control=names,
            )
        )
    return checks


def _linked(case: Case, unit: str) -> set[str] | None:
    """Controls that share the water of a treated unit; None where the stations table does not say."""
    stations = case.study.stations.set_index("station")
    unit_of = case.study.unit_of(case.by)
    own = unit_of.index[unit_of == unit]
    others = unit_of[unit_of.isin(case.controls)]
    if "downstream" in stations and stations["downstream"].notna().any():
        below = stations["downstream"].dropna().astype("str").to_dict()
        reached: set[str] = set()
        todo = [below[s] for s in own if s in below]
        while todo:
            station = todo.pop()
            if station not in reached:
                reached.add(station)
                todo += [below[station]] if station in below else []
        return set(others[others.index.isin(reached)])
    rivers = stations.get("river")
    if rivers is None or rivers.reindex(own).isna().any() or rivers.reindex(others.index).isna().any():
        return None
    shared = rivers.reindex(others.index).isin(set(rivers.reindex(own)))
    return set(others[shared.to_numpy()])
