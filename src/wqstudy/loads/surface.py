"""The surface of concentration over time and flow, and what is read from it: days, and normalised days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.loads.regression import Calibration, LocalFits, Widths, fit_grid
from wqstudy.loads.units import KG_PER_DAY

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MARGIN = 0.05  # of ln flow, beyond the lowest and highest day
_STEPS_PER_YEAR = 16
_DAYS = 366


@dataclass(frozen=True, slots=True)
class Surface:
    """What the regressions say on a grid of flows and times.

    Parameters
    ----------
    log_flow
        Natural log of flow in m3/s, equally spaced. Shape (flows,).
    time
        Decimal years, equally spaced. Shape (times,).
    log_mean, se, conc
        Mean of ln concentration, standard deviation around it, and mean concentration in mg/L. Shape
        (flows, times).
    status, widened, samples, effective
        How each regression went; see `wqstudy.loads.regression.LocalFits`. Shape (flows, times).
    """

    log_flow: FloatArray
    time: FloatArray
    log_mean: FloatArray
    se: FloatArray
    conc: FloatArray
    status: IntArray
    widened: IntArray
    samples: FloatArray
    effective: FloatArray

    @classmethod
    def of(cls, log_flow: FloatArray, time: FloatArray, fits: LocalFits) -> Surface:
        """The surface of fits whose times vary slowest."""

        def shaped(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
            return values.reshape(time.size, log_flow.size).T

        names = ("log_mean", "se", "conc", "status", "widened", "samples", "effective")
        return cls(log_flow, time, *(shaped(getattr(fits, name)) for name in names))  # type: ignore[arg-type]

    def to_frame(self) -> pd.DataFrame:
        """One row a node: `time, flow, conc, log_mean, se, status, widened, samples, effective`."""
        flow, time = np.meshgrid(np.exp(self.log_flow), self.time, indexing="ij")
        names = ("conc", "log_mean", "se", "status", "widened", "samples", "effective")
        return pd.DataFrame(
            {"time": time.ravel(), "flow": flow.ravel()} | {n: getattr(self, n).ravel() for n in names}
        )

    def places(self, log_flow: FloatArray) -> tuple[IntArray, FloatArray]:
        """Index of the flow below, and how far towards the next one."""
        return _between(self.log_flow, log_flow)

    def at(self, values: FloatArray, log_flow: FloatArray, time: FloatArray) -> FloatArray:
        """Values of shape (flows, times) between the nodes, bilinear in ln flow and time. Shape (n,)."""
        i, f = _between(self.log_flow, log_flow)
        j, g = _between(self.time, time)
        low = (1 - f) * values[i, j] + f * values[i + 1, j]
        high = (1 - f) * values[i, j + 1] + f * values[i + 1, j + 1]
        made: FloatArray = (1 - g) * low + g * high
        return made

    def normalised(
        self, log_flow: FloatArray, bins: IntArray, time: FloatArray, days: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Concentration and flux of each day, averaged over the flows that its calendar day can have.

        The surface is linear between nodes, so the mean over flows is a mean of node weights: one row of
        weights a calendar day, made once.

        Parameters
        ----------
        log_flow, bins
            ln flow of the days whose weather is averaged, and the calendar day (0 to 365) each stands for.
            A flow that stands for two days is given twice. Shape (m,).
        time, days
            Decimal year and calendar day of the days asked for. Shape (n,).

        Returns
        -------
        tuple of ndarray
            mg/L and kg/d, shape (n,); nan for a calendar day without flows.
        """
        i, f = _between(self.log_flow, log_flow)
        flows = self.log_flow.size
        number = np.bincount(bins, minlength=_DAYS).astype(float)[:, None]
        j, g = _between(self.time, time)
        made = []
        for scale in (np.ones(log_flow.size), KG_PER_DAY * np.exp(log_flow)):
            total = np.bincount(bins * flows + i, (1 - f) * scale, _DAYS * flows)
            total += np.bincount(bins * flows + i + 1, f * scale, _DAYS * flows)
            with np.errstate(invalid="ignore"):
                weight = (total.reshape(_DAYS, flows) / number)[days]
            # A node that no flow of the day touches has weight zero, and may be missing.
            low, high = self.conc.T[j], self.conc.T[j + 1]
            column = np.where(weight == 0, 0.0, weight * ((1 - g)[:, None] * low + g[:, None] * high))
            made.append(column.sum(axis=1))
        return made[0], made[1]


def fit_surface(
    rows: Calibration, day_time: FloatArray, day_log_flow: FloatArray, widths: Widths, flows: int = 14
) -> Surface:
    """The surface over a daily record: `flows` flows, and times a sixteenth of a year apart."""
    log_flow = np.linspace(day_log_flow.min() - _MARGIN, day_log_flow.max() + _MARGIN, flows)
    time = grid_times(day_time)
    return Surface.of(log_flow, time, fit_grid(rows, time, log_flow, widths))


def grid_times(day_time: FloatArray) -> FloatArray:
    """Times a sixteenth of a year apart, from the first to the last whole year around the days."""
    first, last = np.floor(day_time.min()), np.ceil(day_time.max())
    times: FloatArray = first + np.arange(round((last - first) * _STEPS_PER_YEAR) + 1) / _STEPS_PER_YEAR
    return times


def _between(nodes: FloatArray, x: FloatArray) -> tuple[IntArray, FloatArray]:
    """Index of the equally spaced node below, and the part of the way to the next."""
    along = (x - nodes[0]) / (nodes[1] - nodes[0])
    index = np.clip(np.floor(along).astype(np.int64), 0, nodes.size - 2)
    return index, along - index


def calendar_bins(day: IntArray, *, shifted: bool = False) -> tuple[IntArray, IntArray]:
    """Which days stand for which calendar day.

    Days are numbered from 0, 1 March is always 60. Flows of 28 and 29 February stand for both.

    Parameters
    ----------
    day
        Calendar day of each daily flow, 0 to 365. Shape (n,).
    shifted
        As EGRET does where no 29 February is among the flows: bins are taken by their place in the list
        of days that occur, so that those from 1 March are a day late and 31 December has those of February.

    Returns
    -------
    tuple of ndarray
        Index of daily flows, and the calendar day each stands for there. Shape (m,).
    """
    february = (day == 58) | (day == 59)
    index = np.concatenate([np.flatnonzero(~february), *2 * [np.flatnonzero(february)]])
    half = int(february.sum())
    bins = np.concatenate([day[~february], np.full(half, 58), np.full(half, 59)]).astype(np.int64)
    if shifted and not (day == 59).any():
        present = np.unique(day)
        order = np.concatenate([present, np.setdiff1d([58, 59], present)])
        place = np.full(_DAYS, -1)
        place[order] = np.arange(order.size)
        bins = place[bins]
    return index, bins
