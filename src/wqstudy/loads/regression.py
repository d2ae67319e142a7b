"""Regressions weighted by nearness in time, flow and season: windows, their widening, the fits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wqstudy.loads.likelihood import Rows, maximum
from wqstudy.loads.products import product

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_GROWTH = 1.1
_SHARE, _HALF = 0.75, 0.5
_MAX_LEVELS = 80  # 1.1 ** 80 is a factor of two thousand
_TOO_FEW = 4
"""What became of a node whose windows never held enough samples, beside the states of `likelihood`."""

_CHUNK = 2048  # nodes that are worked on together: their weights stay in the cache
_BATCH = 2048  # nodes whose likelihood is maximised together


@dataclass(frozen=True, slots=True)
class Widths:
    """Half-widths of the windows, and how many samples they must hold.

    Parameters
    ----------
    year, flow, season
        Half-widths in years, in units of ln flow, and in years around the time of year.
    min_samples, min_uncensored
        A window is widened by a tenth until it holds so many samples, and so many that are no non-detects.
    edge_adjust
        Whether the window in time is widened near the ends of the record, so that it stays as long.
    """

    year: float = 7.0
    flow: float = 2.0
    season: float = 0.5
    min_samples: int = 100
    min_uncensored: int = 50
    edge_adjust: bool = True

    def within(self, n: int) -> Widths:
        """Windows that ask for no more than three quarters of n samples, half of them no non-detects."""
        least = int(np.ceil(min(self.min_samples, _SHARE * n)))
        exact = int(np.ceil(min(self.min_uncensored, _HALF * least)))
        return replace(self, min_samples=least, min_uncensored=exact)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The samples of one record as a regression sees them.

    Parameters
    ----------
    time
        Decimal years. Shape (n,).
    log_flow
        Natural log of flow in m3/s. Shape (n,).
    log_value
        Natural log of value or limit. Shape (n,).
    side
        0 observed, -1 non-detect, +1 above range. Shape (n,).
    low, high
        Ends of the record, decimal years, for the windows near them.
    multiplicity
        How often a row counts; None means once. Shape (n,).
    """

    time: FloatArray
    log_flow: FloatArray
    log_value: FloatArray
    side: IntArray
    low: float
    high: float
    multiplicity: FloatArray | None = None

    @property
    def count(self) -> FloatArray:
        """How often each row counts. Shape (n,)."""
        return np.ones(self.time.size) if self.multiplicity is None else self.multiplicity

    def keep(self, chosen: BoolArray) -> Calibration:
        """Some of the rows, under the same ends of the record."""
        multiplicity = None if self.multiplicity is None else self.multiplicity[chosen]
        return Calibration(
            self.time[chosen],
            self.log_flow[chosen],
            self.log_value[chosen],
            self.side[chosen],
            self.low,
            self.high,
            multiplicity,
        )


@dataclass(frozen=True, slots=True)
class LocalFits:
    """What the regressions say at their own nodes. All of shape (nodes,).

    Parameters
    ----------
    log_mean, se
        Mean of ln concentration and standard deviation around it.
    status
        See `wqstudy.loads.likelihood`, and 4 where the windows never held enough samples.
    widened
        How many times the windows were widened by a tenth.
    samples, effective
        Samples in the windows, and (sum of w)^2 / (sum of w^2).
    """

    log_mean: FloatArray
    se: FloatArray
    status: IntArray
    widened: IntArray
    samples: FloatArray
    effective: FloatArray

    @property
    def conc(self) -> FloatArray:
        """Mean concentration, that of a log-normal distribution: exp(mean + se^2 / 2)."""
        mean: FloatArray = np.exp(self.log_mean + self.se**2 / 2)
        return mean


def fit_grid(rows: Calibration, time: FloatArray, log_flow: FloatArray, widths: Widths) -> LocalFits:
    """Regressions at every crossing of some times with some flows.

    The weight of a row is a factor of time and season times one of flow, so that both are made once a
    level of widening, and counts and sums are products of matrices.

    Returns
    -------
    LocalFits
        Times vary slowest: node ``i * log_flow.size + j`` has time i and flow j.
    """
    sums = _Sums(rows, time.size * log_flow.size)
    flows, count = log_flow.size, rows.count
    seen = (count * (rows.side == 0)).astype(np.float32)
    far = np.abs(time[:, None] - rows.time)
    apart = np.abs(log_flow[:, None] - rows.log_flow)
    phase = np.abs(far - np.round(far))
    half = edge_width(time, rows, widths)
    season, scaled = widths.season, 1.0
    near_season = tricube(phase, season)
    open_nodes = np.ones((time.size, flows), bool)
    for level in range(_MAX_LEVELS):
        active = np.flatnonzero(open_nodes.any(axis=1))
        if not active.size:
            break
        near = tricube(far[active], scaled * half[active, None])
        near *= near_season[active]
        close = tricube(apart, scaled * widths.flow)
        there, beside = (near > 0).astype(np.float32), (close > 0).astype(np.float32)
        held = product(there * count.astype(np.float32), beside.T)
        enough = (held >= widths.min_samples) & (product(there * seen, beside.T) >= widths.min_uncensored)
        enough &= open_nodes[active]
        for flow in np.flatnonzero(enough.any(axis=0)):
            chosen = np.flatnonzero(enough[:, flow])
            sums.add_products(
                active[chosen] * flows + flow, near[chosen], close[flow], held[chosen, flow], level
            )
        open_nodes[active] &= ~enough
        scaled *= _GROWTH
        if widths.season <= 0.5 and season < 0.5:
            season = min(season * _GROWTH, 0.5)
            near_season = tricube(phase, season)
    return sums.fits(np.repeat(time, flows), np.tile(log_flow, time.size))


def fit_points(
    rows: Calibration,
    time: FloatArray,
    log_flow: FloatArray,
    widths: Widths,
    without: IntArray | None = None,
) -> LocalFits:
    """Regressions at single points of time and flow.

    Parameters
    ----------
    without
        Row that each point leaves out, counts included, as cross-validation does.
    """
    sums = _Sums(rows, time.size)
    half = edge_width(time, rows, widths)
    for start in range(0, time.size, _CHUNK):
        here = np.arange(start, min(start + _CHUNK, time.size))
        _add_points(sums, rows, here, (time, log_flow, half), widths, without)
    return sums.fits(time, log_flow)


def _add_points(
    sums: _Sums,
    rows: Calibration,
    here: IntArray,
    at: tuple[FloatArray, FloatArray, FloatArray],
    widths: Widths,
    without: IntArray | None,
) -> None:
    time, log_flow, half = (values[here] for values in at)
    far = np.abs(time[:, None] - rows.time)
    apart = np.abs(log_flow[:, None] - rows.log_flow)
    phase = np.abs(far - np.round(far))
    count = np.broadcast_to(rows.count, far.shape)
    if without is not None:
        count = count.copy()
        count[np.arange(here.size), without[here]] = 0
    seen = rows.side == 0
    season, scaled = widths.season, 1.0
    left = np.arange(here.size)
    for level in range(_MAX_LEVELS):
        if not left.size:
            break
        weight = tricube(far[left], scaled * half[left, None])
        weight *= tricube(apart[left], scaled * widths.flow)
        weight *= tricube(phase[left], season)
        inside = count[left] * (weight > 0)
        held = inside.sum(axis=1)
        enough = (held >= widths.min_samples) & (inside @ seen >= widths.min_uncensored)
        if enough.any():
            own = weight[enough]
            if without is not None:
                own[np.arange(own.shape[0]), without[here[left[enough]]]] = 0
            sums.add(here[left[enough]], own, held[enough], level)
        left = left[~enough]
        scaled *= _GROWTH
        if widths.season <= 0.5:
            season = min(season * _GROWTH, 0.5)


class _Sums:
    """Weighted sums of every node, filled level by level, and the fits that they give."""

    def __init__(self, rows: Calibration, nodes: int) -> None:
        self.centre = (rows.time.mean(), rows.log_flow.mean(), rows.log_value.mean())
        x = self.regressors(rows.time, rows.log_flow)
        self.rows = Rows.of(x, rows.log_value - self.centre[2], rows.side)
        self.count = rows.count
        exact = self.rows.is_exact
        self.exact_count, self.hidden_count = self.count[exact], self.count[~exact]
        ones = np.ones((exact.sum(), 1))
        self.features = np.hstack([self.rows.products, ones]) * self.exact_count[:, None]
        self.all_exact = bool(exact.all())
        self.gram = np.zeros((self.features.shape[1], nodes))
        self.hidden = np.zeros((nodes, int((~exact).sum())))
        self.squares, self.held = np.zeros(nodes), np.zeros(nodes)
        self.widened = np.full(nodes, -1)

    def regressors(self, time: FloatArray, log_flow: FloatArray) -> FloatArray:
        """Constant, time, ln flow and one yearly wave, centred as the rows are. Shape (n, 5)."""
        angle = 2 * np.pi * time
        return np.column_stack(
            [
                np.ones(time.size),
                time - self.centre[0],
                log_flow - self.centre[1],
                np.sin(angle),
                np.cos(angle),
            ]
        )

    def add(self, nodes: IntArray, weight: FloatArray, held: FloatArray, level: int) -> None:
        """Nodes with weights of shape (nodes, rows), samples held and level."""
        exact = self.rows.is_exact
        own = weight if self.all_exact else weight[:, exact]
        self.gram[:, nodes] = product(self.features.T, own.T)
        self.hidden[nodes] = weight[:, ~exact] * self.hidden_count
        self._note(nodes, (weight**2) @ self.count, held, level)

    def add_products(
        self, nodes: IntArray, near: FloatArray, close: FloatArray, held: FloatArray, level: int
    ) -> None:
        """Nodes of one flow, whose weights are those of time (nodes, rows) times those of flow (rows,)."""
        exact = self.rows.is_exact
        there = np.flatnonzero((close > 0) & exact)
        features = self.features[np.cumsum(exact)[there] - 1] * close[there, None]
        self.gram[:, nodes] = product(features.T, near[:, there].T)
        self.hidden[nodes] = near[:, ~exact] * (close[~exact] * self.hidden_count)
        self._note(nodes, (near**2) @ (close**2 * self.count), held, level)

    def _note(self, nodes: IntArray, squares: FloatArray, held: FloatArray, level: int) -> None:
        self.squares[nodes], self.held[nodes], self.widened[nodes] = squares, held, level

    def fits(self, time: FloatArray, log_flow: FloatArray) -> LocalFits:
        """The maxima, and what they say at the nodes."""
        parts = [
            maximum(self.rows, self.gram[:-1, at], self.gram[-1, at], self.hidden[at])
            for at in (slice(start, start + _BATCH) for start in range(0, time.size, _BATCH))
        ]
        beta = np.hstack([part.beta for part in parts])
        sigma = np.concatenate([part.sigma for part in parts])
        status = np.concatenate([part.status for part in parts])
        status[self.widened < 0] = _TOO_FEW
        log_mean = np.einsum("np,pn->n", self.regressors(time, log_flow), beta) + self.centre[2]
        total = self.gram[-1] + self.hidden.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            effective = total**2 / self.squares
        return LocalFits(log_mean, sigma, status, self.widened, self.held, effective)


def tricube(distance: FloatArray, half: FloatArray | float) -> FloatArray:
    """(1 - (distance / half)^3)^3 within the half-width, 0 beyond it.

    Examples
    --------
    >>> tricube(np.array([0.0, 0.5, 1.0, 2.0]), 1.0)
    array([1.        , 0.66992188, 0.        , 0.        ])
    """
    u = distance / half
    weight = u * u
    weight *= u
    np.subtract(1.0, weight, out=weight)
    np.maximum(weight, 0.0, out=weight)
    u = weight * weight
    u *= weight
    return u


def edge_width(time: FloatArray, rows: Calibration, widths: Widths) -> FloatArray:
    """Half-width in time at each node: near an end of the record the window reaches as far back."""
    inward = np.minimum(time - rows.low, rows.high - time)
    if not widths.edge_adjust:
        return np.full(time.size, widths.year)
    return np.where(inward > widths.year, widths.year, 2 * widths.year - inward)
