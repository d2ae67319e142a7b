"""A simulated district: its sections, visits, weather, samples and flow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import signal

from wqstudy import rules
from wqstudy.simulate.effects import Effect, FloatArray, signal_of
from wqstudy.study import MAIN_PARAMETERS


def stations_of(
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


def measures_of(effects: Mapping[str, Effect], known: Mapping[str, Any]) -> pd.DataFrame | None:
    """The measures table: one line a treated district."""
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


def visits_to(
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


def weather_of(calendar: pd.DatetimeIndex, rng: np.random.Generator) -> FloatArray:
    """Anomaly of log flow, shared by all districts, one value a day, unit variance."""
    days = int(((calendar[-1] + pd.DateOffset(months=1)) - calendar[0]).days)
    return _ar1(rng, rules.load("simulation")["weather_phi"], (days,))


def _yearly(month: FloatArray, peak: float) -> FloatArray:
    wave: FloatArray = np.cos(2 * np.pi * (month - peak) / 12)
    return wave


def samples_of(
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
        parts = [signal_of(code, effects.get(name), calendar, background) for name in names]
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


def flow_of(
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
