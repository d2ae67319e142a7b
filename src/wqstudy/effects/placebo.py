"""Placebos in space and time, and the differences behind an effect: material for pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.effects.contrasts import Donors
from wqstudy.effects.estimates import Design
from wqstudy.simulate.panels import NEVER

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_APART, _MARGIN = 6, 12  # months between false dates, and from them to either end
_SMOOTH = 6  # months to either side that a smooth course is the mean of


@dataclass(frozen=True, slots=True)
class Panel:
    """What one parameter's effects were estimated from.

    Parameters
    ----------
    parameter
        Its code.
    units
        Names of the districts, treated ones first.
    design
        Their series and noise.
    level
        Of the intervals.
    """

    parameter: str
    units: tuple[str, ...]
    design: Design
    level: float

    def differences(self, by: str) -> pd.DataFrame:
        """Rows of `wqstudy.effects.Evaluations.differences`."""
        design = self.design
        time, first = design.time, int(design.start.min())
        parts = []
        for i, g in enumerate(design.treated.tolist()):
            start = int(design.start[g])
            parts.append((g, "treated", start, design.difference[:, i].mean(axis=0), design.usable[i]))
        for g, others in self._controls():
            donors = Donors.of(time, others)
            y = np.nan_to_num(design.y)
            gap = (y[:, g] - donors.common(y)).mean(axis=0)
            parts.append((g, "control", first, gap, design.seen[g] & donors.seen))
        frames = []
        for g, role, start, gap, usable in parts:
            level = _before(gap, time, usable & (time < start))
            change = np.where(usable, gap - level, np.nan)
            # A treated district's course must not be smoothed across its start.
            late = time >= start if role == "treated" else np.zeros(time.size, dtype=bool)
            year = _smooth(change, time, late)
            frame: dict[str, object] = {
                by: self.units[g],
                "parameter": self.parameter,
                "role": role,
                "month": _dates(time),
            }
            frame |= {"start": _dates(np.array([start]))[0], "difference_percent": 100 * np.expm1(change)}
            frame["year_percent"] = 100 * np.expm1(year)
            frames.append(pd.DataFrame(frame))
        return pd.concat(frames, ignore_index=True)

    def placebo(self, by: str) -> pd.DataFrame:
        """Rows of `wqstudy.effects.Evaluations.placebo`."""
        design = self.design
        made: list[tuple[str, str, int, FloatArray]] = []
        own = design.effects(self.level)
        for i, g in enumerate(design.treated.tolist()):
            ends = np.array([own.value[i], own.low[i], own.high[i]])
            made.append((self.units[g], "treated", int(design.start[g]), ends))
        controls = np.flatnonzero(design.start == NEVER)
        for start in np.unique(design.start[design.treated]):
            for g in controls.tolist() if controls.size > 1 else ():
                others = controls[controls != g]
                made.append((self.units[g], "in space", int(start), self._effect(g, others, int(start))))
        for g in design.treated.tolist():
            end = int(design.start[g])
            for start in range(int(design.time[0]) + _MARGIN, end - _MARGIN + 1, _APART):
                if controls.size:
                    ends = self._effect(g, controls, start, design.time < end)
                    made.append((self.units[g], "in time", start, ends))
        ends = 100 * np.expm1(np.array([line[3] for line in made]))
        frame: dict[str, object] = {
            by: [line[0] for line in made],
            "parameter": self.parameter,
            "kind": [line[1] for line in made],
            "start": _dates(np.array([line[2] for line in made])),
        }
        return pd.DataFrame(frame | dict(zip(("effect_percent", "low", "high"), ends.T, strict=True)))

    def _controls(self) -> Iterator[tuple[int, BoolArray]]:
        """Controls that have others, and months in which those are there."""
        controls = np.flatnonzero(self.design.start == NEVER)
        for g in controls if controls.size > 1 else ():
            others = self.design.seen & np.isin(np.arange(len(self.units)), controls)[:, None]
            others[g] = False
            yield int(g), others

    def _effect(self, g: int, others: IntArray, start: int, kept: BoolArray | None = None) -> FloatArray:
        """Estimate and interval of one district as if treated at a start, noise as found before."""
        design = self.design
        kept = np.ones(design.time.size, dtype=bool) if kept is None else kept
        chosen = np.append(g, others)
        false = np.full(chosen.size, NEVER)
        false[0] = start
        found = Design(design.y[:, chosen][:, :, kept], design.time[kept], false, known=design.noise).effects(
            self.level
        )
        return np.array([found.value[0], found.low[0], found.high[0]])


def _before(gap: FloatArray, time: IntArray, before: BoolArray) -> FloatArray:
    """Mean of each calendar month before the start, by month; nan where there is none."""
    count = np.bincount(time[before] % 12, minlength=12)
    total = np.bincount(time[before] % 12, gap[before], 12)
    mean: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)[time % 12]
    return mean


def _smooth(change: FloatArray, time: IntArray, late: BoolArray) -> FloatArray:
    """Mean of the months seen within half a year on the same side of the start; nan with fewer than six."""
    near = (np.abs(time[:, None] - time) <= _SMOOTH) & (late[:, None] == late) & ~np.isnan(change)
    count = near.sum(axis=1)
    mean: FloatArray = np.where(count >= _SMOOTH, near @ np.nan_to_num(change) / np.maximum(count, 1), np.nan)
    return mean


def _dates(months: IntArray) -> pd.DatetimeIndex:
    """First days of months by their numbers."""
    return pd.DatetimeIndex([f"{m // 12}-{m % 12 + 1:02d}-01" for m in months.tolist()])
