"""The tests of the package as one question: what p, and what interval, has each of many series?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wqstudy import stats
from wqstudy.results import Estimate, StepTest, Trend
from wqstudy.stats import averaged, step

FloatArray = npt.NDArray[np.float64]
Calendar = tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]
Asked = Callable[[FloatArray, Calendar], FloatArray]
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Test:
    """A test: whether it is of a trend, and its answers for series of shape (runs, n): low, high, p."""

    __test__ = False  # for pytest: not one of its own

    of_trend: bool
    ask: Asked
    batched: bool = False


def _one_by_one(single: Callable[[FloatArray, Calendar], Estimate | StepTest | Trend]) -> Asked:
    def ask(series: FloatArray, calendar: Calendar) -> FloatArray:
        found = [single(one, calendar) for one in series]
        return np.array([(_end(one, "low"), _end(one, "high"), one.p_value) for one in found])

    return ask


def _end(result: Estimate | StepTest | Trend, name: str) -> float:
    return float(getattr(result, name, _NAN))


def _averaged(series: FloatArray, calendar: Calendar, of_trend: bool) -> FloatArray:
    """Intervals of the first tenth only: they cost the most, and say the same as p."""
    time, after = calendar
    few = series[: max(1, len(series) // 10)]
    if of_trend:
        ends, p = averaged.averaged_trends(few, time), averaged.averaged_trends(series, time, level=None)
    else:
        ends = averaged.averaged_steps(few, time, after)
        p = averaged.averaged_steps(series, time, after, level=None)
    table = np.full((len(series), 3), _NAN)
    table[: len(few), 0], table[: len(few), 1], table[:, 2] = ends.low, ends.high, p.p_value
    return table


def _rank_sum(one: FloatArray, calendar: Calendar) -> StepTest:
    time, after = calendar
    season = time % 12
    return stats.seasonal_rank_sum(one[~after], season[~after], one[after], season[after])


def _seasonal_kendall(one: FloatArray, calendar: Calendar, covariance: bool) -> Trend:
    time, _ = calendar
    return stats.seasonal_kendall(one, time // 12, time % 12, covariance=covariance)


TESTS = {
    "averaged-step": Test(False, lambda y, c: _averaged(y, c, False), batched=True),
    "ar1-step": Test(False, _one_by_one(lambda y, c: step.ar1_step(y, *c))),
    "seasonal rank-sum": Test(False, _one_by_one(_rank_sum)),
    "averaged-trend": Test(True, lambda y, c: _averaged(y, c, True), batched=True),
    "seasonal Kendall": Test(True, _one_by_one(lambda y, c: _seasonal_kendall(y, c, False))),
    "seasonal Kendall with covariance": Test(True, _one_by_one(lambda y, c: _seasonal_kendall(y, c, True))),
}
"""Tests by the names that the atlas has for them."""
