"""Simulated studies with known truth: the embedded demonstration, and others of its kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import signal

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.study import MAIN_PARAMETERS, Study

FloatArray = npt.NDArray[np.float64]

DEMO_SEED = 20160101
SHAPES = ("lasting", "transient")
_TRUTHS = ("effect_percent", "peak_percent", "change_percent")


@dataclass(frozen=True, slots=True)
class Effect:
    """What treatment does in one simulated district.

    Parameters
    ----------
    start
        First day of the treatment's effect.
    percent
        Change of the geometric mean at full strength, by parameter; parameters left out do not change.
    shape
        ``"lasting"`` or ``"transient"`` (rebounds).
    measure, end, amount, unit
        What is written into the measures table.

    Examples
    --------
    >>> e = Effect("2018-01-01", {"TP": -50.0})
    >>> e.log_change("TP", np.array([0.0, 2.0, 5.0, 40.0])).round(3)
    array([-0.116, -0.347, -0.693, -0.693])
    """

    start: str
    percent: Mapping[str, float]
    shape: str = "lasting"
    measure: str = "treatment"
    end: str | None = None
    amount: float | None = None
    unit: str | None = None

    def log_change(self, parameter: str, months: FloatArray) -> FloatArray:
        """Change of the log concentration, given whole months since the start (negative before it)."""
        rule = rules.load("simulation")["shape"][self.shape]
        full = np.log1p(self.percent.get(parameter, 0.0) / 100)
        strength = np.clip((months + 1) / rule["ramp"], 0.0, 1.0)
        if "halving" in rule:
            strength = strength * 0.5 ** (np.maximum(months - rule["hold"], 0.0) / rule["halving"])
        grown: FloatArray = full * strength
        return grown


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
        If an effect names a district or shape that is not there, or there are too few months.

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
    rng = np.random.default_rng(seed)
    place = _stations(names, effects, known, stations or rule["stations"])
    calendar = pd.date_range(start or rule["start"], periods=months or rule["months"], freq="MS")
    visits = _visits(place, calendar, rng)
    weather = _weather(calendar, rng)
    samples = _samples(place, calendar, visits, weather, effects, level or {}, background or {}, rng)
    made = Study(
        samples,
        place,
        _measures(effects, known),
        _flow(place, calendar, weather, rng),
        title="Simulated study 模拟研究",
        source=f"wqstudy.simulate.study(seed={seed})",
        language=language,
        simulated=True,
    )
    made.truth = _truth(made, effects, calendar, background or {}) if effects else None
    return made


def _check(names: Sequence[str], effects: Mapping[str, Effect], months: int) -> None:
    if months < 12:
        raise ArgumentError(f"{months!r} months are too few", argument="months", valid="12 or more")
    strange = [name for name in effects if name not in names]
    if strange:
        raise ArgumentError(
            f"an effect is given for district {strange[0]!r}", argument="effects", valid=", ".join(names)
        )
    for effect in effects.values():
        if effect.shape not in SHAPES:
            raise ArgumentError(
                f"{effect.shape!r} is not a shape", argument="effects", valid=", ".join(SHAPES)
            )


def _effect(entry: Mapping[str, Any]) -> Effect:
    return Effect(**{k: entry[k] for k in ("start", "percent", "shape", "measure", "end", "amount", "unit")})


def _stations(
    names: Sequence[str], effects: Mapping[str, Effect], known: Mapping[str, Any], each: int
) -> pd.DataFrame:
    """Sections of every district: two rivers, and in every second district a lake."""
    rows = []
    for d, name in enumerate(names):
        english = known.get(name, {}).get("name_en", name)
        for s in range(each):
            lake = d % 2 == 0 and s == each - 1
            kind = (
                ("湖", "Lake")
                if lake
                else ("东河", "East River")
                if s < each // 2
                else ("西河", "West River")
            )
            rows.append(
                {
                    "station": f"{name}{s + 1:02d}",
                    "district": name,
                    "river": name + kind[0],
                    "water_body": "lake" if lake else "river",
                    "group": "treated" if name in effects else "control",
                    "district_en": english,
                    "river_en": f"{english} {kind[1]}",
                }
            )
    return pd.DataFrame(rows)


def _measures(effects: Mapping[str, Effect], known: Mapping[str, Any]) -> pd.DataFrame | None:
    rows = [
        {
            "district": name,
            "measure": e.measure,
            "start": e.start,
            "end": e.end,
            "amount": e.amount,
            "unit": e.unit,
            "measure_en": known.get(name, {}).get("measure_en", e.measure),
        }
        for name, e in effects.items()
    ]
    return pd.DataFrame(rows) if rows else None


def _visits(
    place: pd.DataFrame, calendar: pd.DatetimeIndex, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Day of the month of each visit, shape (stations, months); -1 where there was none.

    A district samples within one week of the month, each section on its day. Some sections begin later.
    """
    rule = rules.load("simulation")
    district = pd.factorize(place["district"])[0]
    week = rng.integers(1, 18, size=(district.max() + 1, calendar.size))
    day = week[district] + rng.integers(0, 6, size=(len(place), 1))
    gap = rng.random(day.shape) < rule["gap_share"]
    late = rng.random(len(place)) < rule["late_share"]
    begins = np.where(late, rng.integers(12, max(13, calendar.size // 3), size=len(place)), 0)
    closed = rng.integers(calendar.size // 4, calendar.size - 4)
    absent = gap | (np.arange(calendar.size) < begins[:, None])
    absent[district == rng.integers(0, district.max() + 1), closed : closed + 2] = True
    return np.where(absent, -1, day).astype(np.int64)


def _ar1(rng: np.random.Generator, phi: float, shape: tuple[int, ...]) -> FloatArray:
    """Stationary AR(1) of unit variance along the last axis."""
    noise = rng.standard_normal(shape)
    noise[..., 1:] *= np.sqrt(1 - phi**2)
    series: FloatArray = signal.lfilter([1.0], [1.0, -phi], noise, axis=-1)
    return series


def _heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Student's t of unit variance."""
    freedom = rules.load("simulation")["white_freedom"]
    return rng.standard_t(freedom, shape) / math.sqrt(freedom / (freedom - 2))


def _weather(calendar: pd.DatetimeIndex, rng: np.random.Generator) -> FloatArray:
    """Anomaly of log flow, shared by all districts, one value a day, unit variance."""
    days = int(((calendar[-1] + pd.DateOffset(months=1)) - calendar[0]).days)
    return _ar1(rng, rules.load("simulation")["weather_phi"], (days,))


def _yearly(month: FloatArray, peak: float) -> FloatArray:
    wave: FloatArray = np.cos(2 * np.pi * (month - peak) / 12)
    return wave


def _background(parameter: str, given: Mapping[str, float]) -> float:
    """Background change of the log concentration a month."""
    if parameter in given:
        return math.log1p(given[parameter] / 100) / 12
    rule = rules.load("simulation")["background"]
    return math.log1p(rule[parameter] / 100) / float(12 * rule["years"])


def _since(start: str, calendar: pd.DatetimeIndex) -> FloatArray:
    """Whole months from the month of `start` to each month of the calendar."""
    first = pd.Timestamp(start)
    whole: FloatArray = ((calendar.year - first.year) * 12 + calendar.month - first.month).to_numpy(
        dtype=float
    )
    return whole


def _signal(
    parameter: str, effect: Effect | None, calendar: pd.DatetimeIndex, background: Mapping[str, float]
) -> tuple[FloatArray, FloatArray]:
    """Background and treatment as changes of the log concentration, one value a month each."""
    decline: FloatArray = _background(parameter, background) * np.arange(calendar.size, dtype=np.float64)
    change = np.zeros(calendar.size)
    if effect is not None:
        change = effect.log_change(parameter, _since(effect.start, calendar))
    return decline, change


def _samples(
    place: pd.DataFrame,
    calendar: pd.DatetimeIndex,
    visits: npt.NDArray[np.int64],
    weather: FloatArray,
    effects: Mapping[str, Effect],
    level: Mapping[str, float],
    background: Mapping[str, float],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Every visit's values of the three pollutants, oxygen, pH and temperature, tidy."""
    district, names = pd.factorize(place["district"])
    month = calendar.month.to_numpy(dtype=float)
    first = (calendar - calendar[0]).days.to_numpy()
    day = first + np.maximum(visits, 1) - 1
    felt = weather[day]
    shape = (len(place), calendar.size)
    values: dict[str, tuple[FloatArray, float, int]] = {}
    stress = np.zeros(shape)
    for code in MAIN_PARAMETERS:
        p = rules.load("simulation")["parameter"][code]
        parts = [_signal(code, effects.get(name), calendar, background) for name in names]
        log = (
            np.log(level.get(code, p["level"]))
            + p["sd_district"] * rng.standard_normal(len(names))[district][:, None]
            + p["sd_station"] * rng.standard_normal(len(place))[:, None]
            + p["season"] * _yearly(month, p["peak"])
            + np.array([decline + change for decline, change in parts])[district]
            + p["flow"] * felt
            + p["sd_common"] * _ar1(rng, p["phi_common"], (len(names), calendar.size))[district]
            + p["sd_own"] * _ar1(rng, p["phi_own"], shape)
            + p["sd_white"] * _heavy(rng, shape)
        )
        values[code] = (np.exp(log), p["limit"], p["decimals"])
        stress += 0.03 * (log - np.log(p["level"]))
    warm = 18 - 9 * _yearly(month, 1) + rng.standard_normal(calendar.size) + 0.8 * rng.standard_normal(shape)
    saturated = 14.6 * np.exp(-0.0207 * warm)
    oxygen = saturated * np.exp(-0.12 - stress + 0.14 * rng.standard_normal(shape))
    values["DO"] = (oxygen, 0.0, 1)
    values["PH"] = (7.6 + 0.1 * felt + 0.2 * rng.standard_normal(shape), 0.0, 1)
    values["WT"] = (np.maximum(warm, 0.1), 0.0, 1)
    taken = visits > 0
    station = np.broadcast_to(place["station"].to_numpy()[:, None], shape)[taken]
    when = (calendar[0] + pd.to_timedelta(day[taken], unit="D")).to_numpy()
    tables = []
    for code, (value, limit, decimals) in values.items():
        kept = np.round(value[taken], decimals)
        below = kept < limit
        tables.append(
            pd.DataFrame(
                {
                    "station": station,
                    "time": when,
                    "parameter": code,
                    "value": np.where(below, limit, kept),
                    "censored": np.where(below, "left", "none"),
                }
            )
        )
    return pd.concat(tables).sort_values(["station", "time"], kind="stable", ignore_index=True)


def _flow(
    place: pd.DataFrame, calendar: pd.DatetimeIndex, weather: FloatArray, rng: np.random.Generator
) -> pd.DataFrame:
    """Daily flow of the first section of every district."""
    rule = rules.load("simulation")
    gauged = place.drop_duplicates("district")["station"].to_numpy()
    days = pd.date_range(calendar[0], periods=weather.size, freq="D")
    season = rule["flow_season"] * _yearly(
        days.month.to_numpy(dtype=float) + days.day.to_numpy() / 31 - 0.5, 7
    )
    size = np.exp(1.5 + 0.6 * rng.standard_normal(gauged.size))
    own = 0.2 * _ar1(rng, 0.9, (gauged.size, days.size))
    flow = size[:, None] * np.exp(season + rule["flow_sd"] * weather + own)
    return pd.DataFrame(
        {
            "station": np.repeat(gauged, days.size),
            "time": np.tile(days.to_numpy(), gauged.size),
            "flow": np.round(flow.ravel(), 2),
        }
    )


def _truth(
    made: Study, effects: Mapping[str, Effect], calendar: pd.DatetimeIndex, background: Mapping[str, float]
) -> pd.DataFrame:
    """What was put in, over the windows that the study is compared on."""
    rows = []
    for name, window in made.windows_of("district").items():
        early = (calendar >= window.before[0]) & (calendar < window.before[1])
        late = (calendar >= window.after[0]) & (calendar < window.after[1])
        effect = effects.get(name)
        for code in MAIN_PARAMETERS:
            decline, change = _signal(code, effect, calendar, background)
            both = decline + change
            peak = change[np.argmax(np.abs(change))]
            logs = change[late].mean(), peak, both[late].mean() - both[early].mean()
            percents = 100 * np.expm1(logs)
            rows.append(
                {
                    "district": name,
                    "parameter": code,
                    "start": pd.NaT if effect is None else pd.Timestamp(effect.start),
                    **dict(zip(_TRUTHS, percents.round(3), strict=True)),
                }
            )
    return pd.DataFrame(rows)
