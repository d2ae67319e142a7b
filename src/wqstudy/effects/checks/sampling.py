"""What may change the numbers without the water: other stations, other methods from the start on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.checks.base import Sampled
from wqstudy.effects.checks.rows import FAILED, OPEN, PASSED, Check

_DECIMALS = 6  # values with more have been calculated, and say nothing of how they were written
_MOST = 0.95  # of values have no more digits than this quantile: a last digit of zero is not written


def station_set(sampled: Sampled) -> list[Check]:
    """Whether stations began or ended when treatment did."""
    rule = rules.load("checks")["station_set"]
    checks = []
    for unit in sampled.units.treated:
        start = _start(sampled, unit)
        near = pd.DateOffset(months=rule["near"])
        times = sampled.samples.loc[(sampled.unit == unit).to_numpy()].groupby("station")["time"]
        first, last = times.min(), times.max()
        began = (first >= start - near) & (first < start + near)
        ended = (last >= start - near) & (last < start + near)
        if not (first < start - near).any() or not (last >= start + near).any():
            checks.append(sampled.check("station_set", unit, OPEN, "one_side"))
            continue
        share = float((began | ended).mean())
        checks.append(
            sampled.check(
                "station_set",
                unit,
                FAILED if share >= rule["share"] else PASSED,
                "stations_found",
                figure=share,
                figure_unit="share",
                threshold=rule["share"],
                n=str(len(first)),
                began=str(int(began.sum())),
                ended=str(int(ended.sum())),
                near=str(rule["near"]),
            )
        )
    return checks


def method_change(sampled: Sampled) -> list[Check]:
    """Whether detection limit, number of digits or the column `method` changed when treatment began.

    The months just before are held against those just after.
    """
    rule = rules.load("checks")["method_change"]
    span = pd.DateOffset(months=rule["months"])
    checks = []
    for unit in sampled.units.treated:
        start = _start(sampled, unit)
        own = sampled.samples.loc[(sampled.unit == unit).to_numpy()]
        before = own[(own["time"] >= start - span) & (own["time"] < start)]
        after = own[(own["time"] >= start) & (own["time"] < start + span)]
        if min(len(before), len(after)) < rule["samples"]:
            n = str(rule["samples"])
            checks.append(sampled.check("method_change", unit, OPEN, "few_samples", n=n))
            continue
        changes = [
            change
            for change in (_limit(sampled, before, after), _digits(before, after), _method(before, after))
            if change
        ]
        said = {lang: words.joined([c[lang] for c in changes], lang) for lang in words.LANGUAGES}
        checks.append(
            sampled.check(
                "method_change",
                unit,
                FAILED if changes else PASSED,
                "method_found" if changes else "method_same",
                figure=float(len(changes)),
                figure_unit="changes",
                threshold=1.0,
                months=str(rule["months"]),
                changes=said,
            )
        )
    return checks


def _start(sampled: Sampled, unit: str) -> pd.Timestamp:
    number = sampled.units.start[unit]
    return pd.Timestamp(year=number // 12, month=number % 12 + 1, day=1)


def _change(kind: str, before: str, after: str) -> dict[str, str]:
    return {lang: words.text(f"check.{kind}", lang, before=before, after=after) for lang in words.LANGUAGES}


def _limit(sampled: Sampled, before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str] | None:
    """The commonest detection limit, where it is another."""
    rule = rules.load("checks")["method_change"]
    limits = [part.loc[part["censored"] == "left", "value"] for part in (before, after)]
    if min(len(values) for values in limits) < rule["limits"]:
        return None
    was, became = (float(values.mode().iloc[0]) for values in limits)
    if max(was, became) <= rule["ratio"] * min(was, became):
        return None
    unit = catalogue.parameter(sampled.code).unit
    return _change("limit", f"{was:g} {unit}", f"{became:g} {unit}")


def _digits(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str] | None:
    """Decimals and significant digits, where both became more or both fewer.

    Decimals alone change with the level where a laboratory keeps to significant digits, and those where it
    keeps to decimals.
    """
    found = []
    for part in (before, after):
        value = part.loc[(part["censored"] == "none") & (part["value"] > 0), "value"].to_numpy()
        if not value.size:
            return None
        places = np.full(value.size, _DECIMALS)
        for k in range(_DECIMALS - 1, -1, -1):
            places[np.isclose(value, np.round(value, k), rtol=1e-9, atol=1e-12)] = k
        figures = np.floor(np.log10(value)).astype(int) + 1 + places
        found.append((np.quantile(places, _MOST), np.quantile(figures, _MOST)))
    (decimals, figures), (decimals_after, figures_after) = found
    if max(decimals, decimals_after) >= _DECIMALS and min(decimals, decimals_after) >= _DECIMALS:
        return None
    if (decimals_after - decimals) * (figures_after - figures) <= 0:
        return None
    return _change("digits", f"{decimals:.0f}", f"{decimals_after:.0f}")


def _method(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str] | None:
    """The commonest entry of the column `method`, where it is another."""
    if "method" not in before:
        return None
    named = [part["method"].dropna().astype("str") for part in (before, after)]
    if not all(len(values) for values in named):
        return None
    was, became = (str(values.mode().iloc[0]) for values in named)
    return None if was == became else _change("method", was, became)
