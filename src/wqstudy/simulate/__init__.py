"""Simulated studies with known truth: the embedded demonstration, and others of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.simulate.effects import SHAPES, Effect, truth_of
from wqstudy.simulate.field import flow_of, measures_of, samples_of, stations_of, visits_to, weather_of
from wqstudy.simulate.panels import NEVER, DistrictPanel, district_panel
from wqstudy.study import MAIN_PARAMETERS, Study

__all__ = ["DEMO_SEED", "NEVER", "DistrictPanel", "Effect", "district_panel", "panel_study", "study"]

DEMO_SEED = 20160101


def study(
    seed: int = DEMO_SEED,
    districts: Sequence[str] | None = None,
    effects: Mapping[str, Effect] | None = None,
    *,
    stations: int | None = None,
    start: str | None = None,
    months: int | None = None,
    level: Mapping[str, float] | None = None,
    background: Mapping[str, float] | None = None,
    language: str = "en",
) -> Study:
    """A simulated study of several districts, which carries the truth it was made from.

    Log concentration = level of district and section + season + national background decline + effect of
    treatment + sensitivity to shared weather + AR(1) error of the district + AR(1) and white errors of
    the section. Sections are visited once a month, with gaps; values below a limit are non-detects.

    Parameters
    ----------
    seed
        The same seed gives the same study.
    districts
        Names; by default six fictional ones.
    effects
        Effect of treatment by district; districts without one are controls. By default those of the
        demonstration, for the districts it names.
    stations
        Sections a district, the last of every second district a lake; default 8.
    start, months
        First month and number of months, 12 or more; default 2016-01 and 84.
    level
        Median concentration in mg/L by parameter, where it shall differ from the default.
    background
        Change in per cent a year by parameter, where it shall differ from the published decline.
    language
        Language of the study's texts.

    Returns
    -------
    Study
        Its `truth` has ``district, parameter, start, effect_percent, peak_percent, change_percent``:
        the effect of treatment alone on the geometric mean over the after window, the same at its peak,
        and the change from the before to the after window by treatment and background together.

    Raises
    ------
    ArgumentError
        If a district, parameter or shape is not there, a change impossible, or the months too few.

    Examples
    --------
    >>> demo = study()
    >>> demo.truth.query("district == '乙' and parameter == 'TP'")["effect_percent"].item()
    0.0
    """
    rule = rules.load("simulation")
    known = {d["name"]: d for d in rule["district"]}
    names = list(districts) if districts is not None else list(known)
    if effects is None:
        effects = {name: _effect(known[name]) for name in names if "start" in known.get(name, {})}
    _check(names, effects, months or rule["months"])
    _check_parameters(level or {}, "level")
    _check_parameters(background or {}, "background")
    rng = np.random.default_rng(seed)
    place = stations_of(names, effects, known, stations or rule["stations"])
    calendar = pd.date_range(start or rule["start"], periods=months or rule["months"], freq="MS")
    visits = visits_to(place, calendar, rng)
    weather = weather_of(calendar, rng)
    samples = samples_of(place, calendar, visits, weather, effects, level or {}, background or {}, rng)
    made = Study(
        samples,
        place,
        measures_of(effects, known),
        flow_of(place, calendar, weather, rng),
        title="Simulated study 模拟研究",
        source=f"wqstudy.simulate.study(seed={seed})",
        language=language,
        simulated=True,
    )
    made.truth = truth_of(made, effects, calendar, background or {}) if effects else None
    return made


def panel_study(
    panel: DistrictPanel, code: str = "NH3N", start: str = "2010-01", rng: int | np.random.Generator = 0
) -> Study:
    """The study that a panel of log values makes: one sample a station and month, about the panel's mean.

    Parameters
    ----------
    panel
        Log values; districts become ``T1, T2, ...`` where they are treated and ``C1, C2, ...`` else.
    code
        Parameter that the values are of; their mean is that of the simulation.
    start
        First month.
    rng
        Of the days on which samples are taken.

    Examples
    --------
    >>> made = panel_study(district_panel(np.random.default_rng(1), 1, 2, months=36, starts=18))
    >>> made.own_starts("district")
    {'T1': Timestamp('2011-07-01 00:00:00'), 'C1': None, 'C2': None}
    """
    rng = np.random.default_rng(rng)
    treated = panel.start < NEVER
    names = np.array([f"T{g + 1}" if own else f"C{g + 1 - treated.sum()}" for g, own in enumerate(treated)])
    calendar = pd.date_range(start, periods=panel.time.size, freq="MS")
    district, station, month = np.nonzero(~np.isnan(panel.y))
    place = np.char.add(np.char.add(names[district], "-"), (station + 1).astype(str))
    log = panel.y[district, station, month]
    samples = pd.DataFrame(
        {
            "station": place,
            "time": calendar[month] + pd.to_timedelta(rng.integers(0, 28, size=month.size), unit="D"),
            "parameter": code,
            "value": np.exp(log - log.mean() + np.log(rules.load("simulation")["parameter"][code]["level"])),
        }
    )
    first = np.sort(np.unique(place, return_index=True)[1])
    stations = pd.DataFrame({"station": place[first], "district": names[district[first]]})
    stations["group"] = np.where(treated[district[first]], "treated", "control")
    measures = pd.DataFrame({"district": names[treated], "measure": "treatment"})
    measures["start"] = calendar[panel.start[treated]]
    return Study(samples, stations, measures, simulated=True, source="wqstudy.simulate.district_panel")


def _check(names: Sequence[str], effects: Mapping[str, Effect], months: int) -> None:
    if months < 12:
        raise ArgumentError(f"{months!r} months are too few", argument="months", valid="12 or more")
    strange = [name for name in effects if name not in names]
    if strange:
        raise ArgumentError(
            f"an effect is given for district {strange[0]!r}", argument="effects", valid=", ".join(names)
        )
    for effect in effects.values():
        _check_parameters(effect.percent, "effects")
        low = [percent for percent in effect.percent.values() if not percent > -100]
        if low:
            raise ArgumentError(
                f"a change of {low[0]:g} % leaves nothing", argument="effects", valid="more than -100"
            )
        if effect.shape not in SHAPES:
            raise ArgumentError(
                f"{effect.shape!r} is not a shape", argument="effects", valid=", ".join(SHAPES)
            )


def _check_parameters(given: Mapping[str, float], argument: str) -> None:
    strange = [code for code in given if code not in MAIN_PARAMETERS]
    if strange:
        raise ArgumentError(
            f"{strange[0]!r} is not simulated", argument=argument, valid=", ".join(MAIN_PARAMETERS)
        )


def _effect(entry: Mapping[str, Any]) -> Effect:
    return Effect(**{k: entry[k] for k in ("start", "percent", "shape", "measure", "end", "amount", "unit")})
