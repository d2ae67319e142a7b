"""Effects of all treated districts at once, each with its interval, and their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy import rules
from wqstudy.effects.contrasts import Donors, contrast, season_free, trend_contrast
from wqstudy.effects.covariance import Noise, bases, seasons
from wqstudy.effects.likelihood import noise
from wqstudy.effects.mixtures import half_widths, quantiles, two_sided
from wqstudy.simulate.panels import NEVER
from wqstudy.stats.step import lag_one

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TESTS = ("envelope", "districts", "difference")
"""The union of two intervals; that of the noise common to all districts; that of AR(1) differences."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects over one span of months, in logs: one a treated district, and their mean last.

    Parameters
    ----------
    value, low, high, p_value
        Estimate, ends of the interval, two-sided p. Shape (treated + 1,); nan where nothing can be said.
    adjusted
        The same effects where each difference may also have a linear trend.
    covariance
        Of the districts' estimates, controls shared, mean over the noise parameters. Shape (treated,
        treated).
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    adjusted: FloatArray
    covariance: FloatArray


class Design:
    """Which districts are held against which, and what is known of their noise.

    Parameters
    ----------
    y
        Log series, shape (draws, districts, t); nan where there is none, alike in all draws.
    time
        Month numbers, increasing, shape (t,).
    start
        Month number of each district's start, `NEVER` for controls. Shape (districts,).
    trend_sd, drift_sd
        Priors of the noise, by default those of `rules/effects.toml`.
    known
        The noise, where another panel of the same districts has told it.
    """

    def __init__(
        self,
        y: FloatArray,
        time: IntArray,
        start: IntArray,
        trend_sd: float | None = None,
        drift_sd: float | None = None,
        known: Noise | None = None,
    ) -> None:
        self.y, self.time, self.start = y, time, start
        self.seen: BoolArray = ~np.isnan(y[0])
        self.treated = np.flatnonzero(start < NEVER)
        never = start == NEVER
        self.shared = int(never.sum()) >= rules.load("effects")["least"]["never_treated"]
        self.noise: Noise = known or noise(y, time, start, trend_sd, drift_sd)
        self.bases = bases(time)
        filled = np.nan_to_num(y)
        self.helps: BoolArray = self.seen & (never[:, None] if self.shared else time < start[:, None])
        masks = []
        for g in self.treated:
            mask = self.helps.copy()
            mask[g] = False
            masks.append(mask)
        shared = [Donors.of(time, masks[0])] * len(masks) if self.shared and masks else []
        self.donors = shared or [Donors.of(time, mask) for mask in masks]
        self.difference = np.stack(
            [filled[:, g] - d.common(filled) for g, d in zip(self.treated, self.donors, strict=True)], axis=1
        )
        self.usable = np.array(
            [self.seen[g] & d.seen for g, d in zip(self.treated, self.donors, strict=True)]
        )

    def effects(self, level: float = 0.95, first: int = 0, last: int | None = None) -> Effects:
        """Mean effect over a span of months since each start, `last` not included."""
        return self.contrasts(self.weights(first, last), level)

    def fading(self, level: float = 0.95) -> Effects:
        """Effect of the last span of months minus that of the first."""
        late, early = (self.weights(*span) for span in (spans()[-1], spans()[0]))
        return self.contrasts(late - early, level)

    def contrasts(self, weight: FloatArray, level: float = 0.95, beside: FloatArray | None = None) -> Effects:
        """What any weights on the months of the differences say, shape (treated, t).

        `beside`, of the same shape, is what differences may follow beside their season; by default a step.
        """
        return self.by_test(weight, level, beside)[TESTS[0]]

    def one_by_one(self, level: float = 0.95) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The mean effect of every draw by itself, as if each were a panel of its own.

        For simulations: what `effects` says of each panel, for many at once.

        Returns
        -------
        value, high, adjusted
            Estimate, upper end of its interval, and estimate beside a linear trend. Shape (draws,).
        """
        weight = self.weights()
        share = np.full(len(weight), 1 / len(weight))
        value = np.einsum("gt,dgt,g->d", weight, self.difference, share)
        pooled = np.einsum("g,bgh,h->b", share, self._covariances(weight), share)
        spread = self.noise.variance * self.noise.scaled(pooled[:, None])[:, 0]
        half = half_widths(self.noise.weight, np.sqrt(np.maximum(spread, 0)), self.noise.freedom, level)
        mean = (self.difference - self.difference.mean(axis=2, keepdims=True)).mean(axis=1)
        started = (self.time >= self.start[self.treated][:, None]).mean(axis=0)
        seen = np.ones(self.time.size, dtype=bool)
        serial = np.array([_ar1(one[None], self.time, seen, started, share @ weight) for one in mean], object)
        scale = np.array([one[0] for one in serial[:, 0]])
        freedom = serial[:, 1].astype(float)
        half = np.maximum(half, special.stdtrit(freedom, (1 + level) / 2) * scale)
        beside = np.array([trend_contrast(self.time, seen, int(self.start[g])) for g in self.treated])
        adjusted = np.einsum("gt,dgt,g->d", beside, self.difference, share)
        return value, value + half, adjusted

    def weights(self, first: int = 0, last: int | None = None) -> FloatArray:
        """Weights of the mean effect over a span, shape (treated, t); nan where it cannot be told."""
        least = rules.load("effects")["least"]["months"]
        return np.array(
            [
                contrast(self.time, usable, int(self.start[g]), first, last, least)
                for g, usable in zip(self.treated, self.usable, strict=True)
            ]
        )

    def by_test(
        self, weight: FloatArray, level: float = 0.95, beside: FloatArray | None = None
    ) -> dict[str, Effects]:
        """The same by each of `TESTS`: with the envelope of both intervals, and with either alone."""
        told = np.array(
            [bool(np.isfinite(w).all()) and d.tells(w) for w, d in zip(weight, self.donors, strict=True)]
        )
        weight = np.where(told[:, None], weight, 0.0)
        value = np.einsum("gt,dgt->dg", weight, self.difference)
        parts = self._covariances(weight)
        # The mean of those that can be told is one estimate more, with all their covariances.
        share = told / max(told.sum(), 1)
        every = np.concatenate([value, value @ share[:, None]], axis=1)
        own = np.diagonal(parts, axis1=1, axis2=2)
        pooled = np.einsum("g,bgh,h->b", share, parts, share)
        variance = self.noise.scaled(np.column_stack([own, pooled]))
        serial, freedom = self._serial(weight, told, share, beside)
        at = np.array([(1 - level) / 2, (1 + level) / 2])
        by_noise = self._by_noise(every, variance, at)
        draws = every.shape[0]
        equal = np.full(draws, 1 / draws)
        by_serial = quantiles(equal, every, serial, freedom, at), two_sided(equal, every, serial, freedom)
        known = np.append(told, told.any())
        blank = np.where(known, 0.0, np.nan)
        mean = (self.noise.weight * self.noise.variance).mean(axis=0)
        covariance = np.einsum("k,kgh->gh", mean, self.noise.scaled(parts))
        if draws > 1:
            covariance = covariance + (1 + 1 / draws) * np.atleast_2d(np.cov(value.T))
        adjusted = self._adjusted(told, share) + blank
        chosen = ((by_noise, by_serial), (by_noise,), (by_serial,))
        answers = {}
        for name, tests in zip(TESTS, chosen, strict=True):
            low = np.minimum.reduce([ends for ends, _ in tests])
            high = np.maximum.reduce([ends for ends, _ in tests])
            answers[name] = Effects(
                every.mean(axis=0) + blank,
                low[0] + blank,
                high[1] + blank,
                np.maximum.reduce([p for _, p in tests]) + blank,
                adjusted,
                covariance,
            )
        return answers

    def _by_noise(
        self, value: FloatArray, variance: FloatArray, at: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Quantiles and p over all values of the noise parameters and all draws."""
        draws, k = self.noise.weight.shape
        weight = (self.noise.weight / draws).ravel()
        scale = np.sqrt(np.maximum(self.noise.variance[:, :, None] * variance, 0)).reshape(draws * k, -1)
        centre = np.repeat(value, k, axis=0)
        freedom = self.noise.freedom
        return quantiles(weight, centre, scale, freedom, at), two_sided(weight, centre, scale, freedom)

    def _covariances(self, weight: FloatArray) -> FloatArray:
        """Covariance of the estimates under each matrix of `bases`, shape (bases, treated, treated)."""
        reach = np.array([d.inverse @ w for w, d in zip(weight, self.donors, strict=True)])
        rows, kind = np.unique(self.helps, axis=0, return_inverse=True)
        kind = kind.ravel()
        mine = kind[self.treated]
        count = np.bincount(kind, minlength=len(rows))
        itself = np.eye(len(weight))
        parts: FloatArray = np.einsum("gt,bts,gs->bg", weight, self.bases, weight, optimize=True)
        total = parts[:, :, None] * itself
        for k, row in enumerate(rows):
            if not row.any():
                continue
            # A donor's weights are the reach without its season; districts alike in their months weigh alike.
            of_donor = reach @ season_free(row, self.donors[0].month)
            spread = of_donor @ self.bases
            own = (mine == k).astype(float)
            # No district is its own donor.
            times = count[k] - own[:, None] - own + own[:, None] * itself
            total += times * (spread @ of_donor.T)
            if own.any():
                across = weight @ spread.transpose(0, 2, 1) * (own[:, None] * (1 - itself))
                total -= across + across.transpose(0, 2, 1)
        return total

    def _serial(
        self, weight: FloatArray, told: BoolArray, share: FloatArray, beside: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """Standard errors (draws, treated + 1) and their freedom by AR(1) noise of the differences.

        What all treated districts share, such as a drought of their basin, no comparison between
        districts sees: it is in the differences, and widens this interval.
        """
        if beside is None:
            beside = (self.time >= self.start[self.treated][:, None]).astype(float)
        scales, freedoms = [], []
        for i in range(len(self.treated)):
            one = _ar1(self.difference[:, i], self.time, self.usable[i], beside[i], weight[i])
            scales.append(one[0])
            freedoms.append(one[1])
        usable = self.usable & told[:, None]
        count = usable.sum(axis=0)
        level = (self.difference * usable).sum(axis=2) / np.maximum(usable.sum(axis=1), 1)
        mean = ((self.difference - level[:, :, None]) * usable).sum(axis=1) / np.maximum(count, 1)
        followed = (beside * usable).sum(axis=0) / np.maximum(count, 1)
        pooled = _ar1(mean, self.time, count > 0, followed, share @ weight)
        return np.column_stack([*scales, pooled[0]]), np.array([*freedoms, pooled[1]])

    def _adjusted(self, told: BoolArray, share: FloatArray) -> FloatArray:
        """Steps beside a linear trend of the difference, and their mean."""
        weight = np.array(
            [
                trend_contrast(self.time, usable, int(self.start[g])) if known else np.zeros(self.time.size)
                for g, usable, known in zip(self.treated, self.usable, told, strict=True)
            ]
        )
        steps = np.einsum("gt,dgt->g", weight, self.difference) / len(self.difference)
        return np.append(steps, steps @ share)


def _ar1(
    y: FloatArray, time: IntArray, seen: BoolArray, step: FloatArray, weight: FloatArray
) -> tuple[FloatArray, float]:
    """Standard error of ``weight @ y`` and its freedom, as `wqstudy.stats.step.ar1_step` has them."""
    if not weight.any():
        return np.ones(y.shape[0]), 1.0
    month = seasons(time[seen])
    basis = np.linalg.svd(np.column_stack([month, step[seen]]), full_matrices=False)
    hat = basis[0][:, basis[1] > 1e-9]
    series, when, w = y[:, seen], time[seen], weight[seen]
    left = series - (series @ hat) @ hat.T
    phi = float(lag_one(left, when)[0].mean())
    correlation = phi ** (np.abs(when[:, None] - when) / lag_one(left, when)[1])
    expected = max(when.size - float(np.sum(hat * (correlation @ hat))), 1.0)
    scale = np.sqrt((left**2).sum(axis=1) / expected * (w @ correlation @ w))
    return scale, max(when.size * (1 - phi) / (1 + phi) - 2, 1.0)


def spans() -> Sequence[tuple[int, int | None]]:
    """Spans of months since the start in which the effect is told apart.

    Examples
    --------
    >>> spans()
    [(0, 12), (12, 24), (24, None)]
    """
    first = rules.load("effects")["months"]["from"]
    return list(zip(first, [*first[1:], None], strict=True))
