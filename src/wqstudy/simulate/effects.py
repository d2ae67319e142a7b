"""What treatment and background do to a simulated concentration, and the truth of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.study import MAIN_PARAMETERS, Study

FloatArray = npt.NDArray[np.float64]

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


def _background(parameter: str, given: Mapping[str, float]) -> float:
    """Background change of the log concentration a month."""
    if parameter in given:
        return math.log1p(given[parameter] / 100) / 12
    rule = rules.load("background")["national"]
    return math.log1p(rule[parameter] / 100) / float(12 * (rule["to"] - rule["from"]))


def _since(start: str, calendar: pd.DatetimeIndex) -> FloatArray:
    """Whole months from the month of `start` to each month of the calendar."""
    first = pd.Timestamp(start)
    whole: FloatArray = ((calendar.year - first.year) * 12 + calendar.month - first.month).to_numpy(
        dtype=float
    )
    return whole


def signal_of(
    parameter: str, effect: Effect | None, calendar: pd.DatetimeIndex, background: Mapping[str, float]
) -> tuple[FloatArray, FloatArray]:
    """Background and treatment as changes of the log concentration, one value a month each."""
    decline: FloatArray = _background(parameter, background) * np.arange(calendar.size, dtype=np.float64)
    change = np.zeros(calendar.size)
    if effect is not None:
        change = effect.log_change(parameter, _since(effect.start, calendar))
    return decline, change


def truth_of(
    made: Study, effects: Mapping[str, Effect], calendar: pd.DatetimeIndex, background: Mapping[str, float]
) -> pd.DataFrame:
    """What was put in, over the windows that the study is compared on."""
    rows = []
    for name, window in made.windows_of("district").items():
        early = (calendar >= window.before[0]) & (calendar < window.before[1])
        late = (calendar >= window.after[0]) & (calendar < window.after[1])
        effect = effects.get(name)
        for code in MAIN_PARAMETERS:
            decline, change = signal_of(code, effect, calendar, background)
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
