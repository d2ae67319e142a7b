"""Effects as weights on months: after minus before, treated minus controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqstudy.effects.covariance import seasons

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def contrast(
    time: IntArray, seen: BoolArray, start: int, first: int = 0, last: int | None = None, least: int = 1
) -> FloatArray:
    """Weights of a mean over months since the start minus the mean before it, season by season.

    All months of the span have the same weight, so that the answer is the mean effect of these months
    whatever its course. A month counts where the same calendar month was seen before the start.

    Parameters
    ----------
    time, seen
        Month numbers, and whether there is a value. Shape (t,).
    start
        Month number of the start.
    first, last
        Span in months since the start, `last` not included.
    least
        Months needed in the span and before the start.

    Returns
    -------
    ndarray
        Shape (t,), sums to zero in every calendar month; nan where months are too few.

    Examples
    --------
    >>> contrast(np.arange(36), np.ones(36, dtype=bool), 24)[[0, 12, 24]].round(3)
    array([-0.042, -0.042,  0.083])
    """
    since = time - start
    before = seen & (since < 0)
    known = np.bincount(time[before] % 12, minlength=12)
    after = seen & (since >= first) & (known[time % 12] > 0)
    if last is not None:
        after &= since < last
    wanted = np.bincount(time[after] % 12, minlength=12)
    if after.sum() < least or known[wanted > 0].sum() < least:
        return np.full(time.size, np.nan)
    weight = np.where(after, 1.0 / after.sum(), 0.0)
    per_month = wanted / np.maximum(known, 1) / after.sum()
    return np.where(before, -per_month[time % 12], weight)


def trend_contrast(time: IntArray, seen: BoolArray, start: int) -> FloatArray:
    """Weights of the step where the difference may also have a linear trend; nan where it cannot be told.

    Examples
    --------
    >>> time = np.arange(48)
    >>> w = trend_contrast(time, np.ones(48, dtype=bool), 24)
    >>> bool(abs(w @ time) < 1e-9), round(float(w @ (time >= 24)), 9)
    (True, 1.0)
    """
    basis = np.column_stack([seasons(time), time - time.mean()])[seen]
    step = (time >= start).astype(float)[seen]
    left = step - basis @ np.linalg.lstsq(basis, step, rcond=None)[0]
    size = float(left @ left)
    if size < 1e-6:
        return np.full(time.size, np.nan)
    weight = np.zeros(time.size)
    weight[seen] = left / size
    return weight


@dataclass(frozen=True, slots=True)
class Donors:
    """Controls of one treated district, or of all: what they say about the months in common.

    Parameters
    ----------
    mask
        Months in which each district is a control, shape (districts, t).
    inverse
        Of the normal equations of month effects, each control's own season taken out. Shape (t, t).
    month
        One column a calendar month, shape (t, seasons).
    normal
        The normal equations themselves.
    """

    mask: BoolArray
    inverse: FloatArray
    month: FloatArray
    normal: FloatArray

    @classmethod
    def of(cls, time: IntArray, mask: BoolArray) -> Donors:
        """Controls by the months in which they are such.

        Examples
        --------
        >>> y = np.arange(24.0) + np.array([[0.0], [5.0]])
        >>> common = Donors.of(np.arange(24), np.ones((2, 24), dtype=bool)).common(y)
        >>> (common[12:] - common[:12]).round(6).tolist() == [12.0] * 12
        True
        """
        month = seasons(time)
        rows, count = np.unique(mask, axis=0, return_counts=True)
        free = np.stack([season_free(row, month) for row in rows])
        normal = np.einsum("r,rts->ts", count, free)
        inverse = np.linalg.pinv(normal, rcond=1e-9, hermitian=True).astype(np.float64)
        return cls(mask, inverse, month, normal)

    @property
    def seen(self) -> BoolArray:
        """Months in which any of them is there."""
        return np.asarray(self.mask.any(axis=0))

    def common(self, y: FloatArray) -> FloatArray:
        """Month effects of series (..., districts, t), up to a season; only controls are looked at."""
        kept = np.where(self.mask, y, 0.0)
        total = (kept @ self.month) / np.maximum(self.mask @ self.month, 1)
        left = np.where(self.mask, kept - total @ self.month.T, 0.0)
        answer: FloatArray = left.sum(axis=-2) @ self.inverse
        return answer

    def tells(self, weight: FloatArray) -> bool:
        """Whether the controls know all that the weights ask for."""
        return bool(np.allclose(self.normal @ (self.inverse @ weight), weight, atol=1e-6))


def season_free(mask: BoolArray, month: FloatArray) -> FloatArray:
    """The projection that takes the season out of the months seen."""
    inside = month * mask[:, None]
    count = np.maximum(inside.sum(axis=0), 1)
    free: FloatArray = np.diag(mask.astype(float)) - (inside / count) @ inside.T
    return free
