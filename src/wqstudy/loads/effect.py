"""Change of a river's load beyond that of rivers without treatment, as the statement of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from wqstudy import parameters as catalogue
from wqstudy import rules, words
from wqstudy.effects.sentences import sentence
from wqstudy.effects.statement import Evaluation
from wqstudy.effects.verdicts import judge
from wqstudy.errors import ArgumentError
from wqstudy.loads.draws import LoadDraws
from wqstudy.loads.units import convert_load
from wqstudy.results import Estimate

FloatArray = npt.NDArray[np.float64]

_LEAST_CONTROLS = 3  # that tell how rivers differ
_LEAST_MONTHS = 24  # on either side, for a trend beside the step
_METHOD = "change of load beyond controls"


def effect(
    treated: LoadDraws,
    before: tuple[str, str],
    after: tuple[str, str],
    controls: Sequence[LoadDraws],
    *,
    parameter: str,
    unit: str = "",
    level: float = 0.95,
    reduction: float | None = None,
    lang: str = "en",
) -> Evaluation:
    """Effect of treatment on a load: its change beyond that of rivers without, with verdict and sentence.

    The change of ln load of the river, less the mean of those of the controls. Its variance has what the
    draws say of the river, and what rivers differ by without treatment, s2 (1 + 1/n): the part of the spread
    between controls that their own draws do not explain, or, if larger or with fewer than three controls,
    trends of their own of the size that `rules/effects.toml` assumes.

    Parameters
    ----------
    treated
        Draws of its load: of flow-normalised load (`Bootstrap.loads_fn`) the weather is out of it already.
    before, after
        Windows ``(start, end)``, as for `LoadDraws.change`.
    controls
        The same of rivers without treatment, such as those upstream.
    parameter
        Its code.
    unit
        What the river is called in the sentence.
    level
        Of the interval.
    reduction
        The smallest reduction worth calling one, as a share; by default that of `rules/effects.toml`.
    lang
        Language of the notes.

    Returns
    -------
    Evaluation
        As `wqstudy.evaluate` gives: same rules of verdict, same sentence. An effect that is gone where the
        difference to the controls may have a trend is not decidable, and so is one with fewer than 24 months
        on a side.

    Raises
    ------
    ArgumentError
        If there is no control, a load is not above zero, or no month lies in a window.

    Examples
    --------
    >>> months = pd.date_range("2010-01-01", periods=96, freq="MS")
    >>> rng = np.random.default_rng(1)
    >>> def river(fall):
    ...     best = np.where(months < "2014-01-01", 10.0, 10.0 * fall)
    ...     noise = rng.normal(0, 0.05, (400, 2))[:, (months >= "2014-01-01").astype(int)]
    ...     return LoadDraws(months, best * np.exp(noise), best, "WRTDS, flow-normalised", ())
    >>> windows = ("2010-01-01", "2014-01-01"), ("2014-01-01", "2018-01-01")
    >>> found = effect(river(0.4), *windows, [river(1.0) for _ in range(3)], parameter="TP", unit="Jia")
    >>> found.verdict, found.sentence_en[:60]
    ('effect shown', 'Total phosphorus in the load of Jia changed by −60 % beyond ')
    """
    code = catalogue.parameter(parameter, argument="parameter").code
    if not controls:
        raise ArgumentError(
            words.text("effect.no_controls", lang),
            argument="controls",
            mend="LoadDraws.change says what changed, not why",
        )
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    rule = rules.load("effects")
    own, own_variance = _log_change(treated, before, after, "treated")
    others = np.array([_log_change(each, before, after, "controls") for each in controls])
    n, value = len(controls), own - float(others[:, 0].mean())
    years = (_centre(after) - _centre(before)) / pd.Timedelta(days=365.25)
    apart, freedom = (rule["prior"]["trend_sd"] * years) ** 2, math.inf
    sampling = float(others[:, 1].mean())
    if n >= _LEAST_CONTROLS:
        seen = float(others[:, 0].var(ddof=1)) - sampling
        apart, freedom = (seen, float(n - 1)) if seen > apart else (apart, freedom)
    error = math.sqrt(own_variance + apart * (1 + 1 / n) + sampling / n)
    low, high = (value + side * stats.t.ppf((1 + level) / 2, freedom) * error for side in (-1, 1))
    adjusted = _beside_trend(treated, controls, before, after)
    verdict = judge(value, low, high, adjusted, level, reduction)
    notes = list(dict.fromkeys(treated.notes))
    if n < _LEAST_CONTROLS:
        notes.append(words.text("loads.few_controls", lang, n=n, trend=_share(rule["prior"]["trend_sd"])))
    fields: dict[str, Any] = {
        "effect_percent": _percent(value),
        "low": _percent(low),
        "high": _percent(high),
        "level": level,
        "mde_percent": verdict.detectable,
        "possible_percent": verdict.possible,
        "adjusted_percent": _percent(adjusted),
        "verdict": verdict.said,
    }
    row = fields | {"parameter": code, "notes": notes, "fades": False}
    worth = rule["verdict"]["reduction"] if reduction is None else reduction
    said = {
        each: sentence(row, words.text("loads.of", each, unit=unit) if unit else "", worth, each)
        for each in ("en", "zh")
    }
    none = Estimate(math.nan, math.nan, math.nan, level, unit="%", method=_METHOD)
    return Evaluation(
        unit=unit,
        parameter=code,
        design=words.text("loads.beyond_controls", lang, n=n),
        p_value=float(2 * stats.t.sf(abs(value) / error, freedom)),
        p_floor=1 / (n + 1),
        p_permuted=math.nan,
        q_value=math.nan,
        shrunken_percent=math.nan,
        similar=none,
        months=(),
        fades=False,
        sentence_en=said["en"],
        sentence_zh=said["zh"],
        notes=tuple(notes),
        **fields,
    )


def against_capacity(change: Estimate, removed: float) -> Estimate:
    """What a river's load lost, in per cent of what plants were announced to take out.

    Parameters
    ----------
    change
        Of load in tonnes a year, ``LoadDraws.change(..., percent=False)``; the other way round where it rose.
    removed
        What the plants take out at full capacity, kg/d; see `wqstudy.loads.plant_load`.

    Raises
    ------
    ArgumentError
        If the change is in per cent, or the plants take out nothing.

    Examples
    --------
    A plant of 705 kg/d stands for 257 tonnes a year:

    >>> fall = Estimate(-120, -180, -60, unit="t/a", method="WRTDS, flow-normalised", n=96)
    >>> print(against_capacity(fall, 705))
    46.63 % of capacity  (95 % interval 23.32 to 69.95, p = nan)
    WRTDS, flow-normalised, n = 96
    """
    if change.unit != "t/a":
        raise ArgumentError(
            f"the change is in {change.unit!r}",
            argument="change",
            valid="t/a",
            mend="ask for it with percent=False",
        )
    if not removed > 0:
        raise ArgumentError(f"{removed!r} is no load taken out", argument="removed", valid="above zero")
    scale = -100 / convert_load(float(removed), "kg/d", "t/a")
    low, high = sorted((scale * change.low, scale * change.high))
    return replace(change, value=scale * change.value, low=low, high=high, unit="% of capacity")


def _log_change(
    load: LoadDraws, before: tuple[str, str], after: tuple[str, str], argument: str
) -> tuple[float, float]:
    """Change of ln load from one window to another, and its variance over the draws."""
    sides = [load.mean_of(window, name) for name, window in (("before", before), ("after", after))]
    if not all((side > 0).all() for side in sides):
        raise ArgumentError("a load that is not above zero has no change in per cent", argument=argument)
    change = np.log(sides[1] / sides[0])
    return float(change[0]), float(change[1:].var(ddof=1))


def _beside_trend(
    treated: LoadDraws, controls: Sequence[LoadDraws], before: tuple[str, str], after: tuple[str, str]
) -> float:
    """Step of the difference of ln loads beside a linear trend and calendar months; nan if untold."""
    months = treated.month
    for each in controls:
        months = months.intersection(each.month)
    gap = np.log(_best(treated, months)) - np.mean([np.log(_best(c, months)) for c in controls], axis=0)
    late = np.asarray(months >= pd.Timestamp(after[0]))
    early = np.asarray(months < pd.Timestamp(before[1]))
    used = early | late
    if min(early.sum(), late.sum()) < _LEAST_MONTHS:
        return math.nan
    calendar = months.month.to_numpy()[:, None] == np.arange(1, 13)
    x = np.column_stack([calendar, np.arange(months.size), late])[used].astype(float)
    return float(np.linalg.lstsq(x, gap[used], rcond=None)[0][-1])


def _best(load: LoadDraws, months: pd.DatetimeIndex) -> FloatArray:
    return load.best[load.month.get_indexer(months)]


def _centre(window: tuple[str, str]) -> pd.Timestamp:
    start, end = map(pd.Timestamp, window)
    return start + (end - start) / 2


def _percent(log: float) -> float:
    return 100 * math.expm1(log)


def _share(part: float) -> str:
    return f"{100 * part:g}"
