"""Every estimator, and every rule for non-detects, on one record: the spread is part of the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads import formulas
from wqstudy.loads.draws import LoadDraws, month_sums
from wqstudy.loads.nondetects import RULES
from wqstudy.loads.period import beale, period_load
from wqstudy.loads.rating import rating_curve
from wqstudy.loads.wrtds import wrtds

FloatArray = npt.NDArray[np.float64]

METHODS = (*formulas.METHODS, "beale_flow", "rating", "composite", "wrtds", "kalman")
"""Names of `load_table`, in its order."""

_LIKELIHOOD = ("rating", "composite", "wrtds", "kalman")
_COLUMNS = ["period", "method", "n_samples", "n_censored", "load", "load_low", "load_high", "level", "notes"]


def load_table(
    samples: pd.DataFrame,
    flow: pd.DataFrame | None = None,
    methods: Iterable[str] | str = "all",
    *,
    by: str = "year",
    start_month: int = 1,
    station: str | None = None,
    parameter: str | None = None,
    nondetect: str = "zero",
    level: float = 0.95,
    replicates: int = 500,
    rng: int | np.random.Generator = 0,
    lang: str = "en",
    **windows: Any,
) -> pd.DataFrame:
    """Load of each period by several methods.

    Parameters
    ----------
    samples, flow, by, start_month, station, parameter, nondetect, level, rng, lang
        As for `wqstudy.loads.period_load`; regressions take non-detects by likelihood whatever the rule.
    methods
        ``"all"``, or some of `METHODS`: the averaging formulas, interpolation and Beale's ratio, whole and by
        flow; a rating curve and its composite; WRTDS, and WRTDS with residuals carried along.
    replicates
        Of the intervals of formulas and of the rating curve. WRTDS has its own
        (`wqstudy.loads.Wrtds.bootstrap`), which is not made here.
    windows
        Arguments of `wqstudy.loads.wrtds`.

    Returns
    -------
    DataFrame
        ``period, method, n_samples, n_censored, load, load_low, load_high, level, notes``: samples behind
        the number, tonnes and the interval of sampling error where the method has one. A method that cannot
        be used has one row without a period, with the reason.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", "2019-12-31")
    >>> flow = pd.DataFrame({"time": days, "flow": 2.0})
    >>> samples = pd.DataFrame({"time": days[::30], "value": 0.5})
    >>> load_table(samples, flow, ["B", "wrtds"])[["period", "method", "load"]]
      period method    load
    0   2019      B  31.536
    1         wrtds     NaN
    """
    wanted = METHODS if methods == "all" else (methods,) if isinstance(methods, str) else tuple(methods)
    unknown = [name for name in wanted if name not in METHODS]
    if unknown:
        raise ArgumentError(f"{unknown[0]!r} is not known", argument="methods", valid=", ".join(METHODS))
    shared = {"station": station, "parameter": parameter, "lang": lang}
    span = {"by": by, "start_month": start_month, "level": level}
    tables = []
    for name in wanted:
        try:
            if name in _LIKELIHOOD:
                made = _regression(samples, flow, name, shared, span, replicates, rng, windows)
            elif name == "beale_flow":
                _needs_days(name, flow)
                made = beale(samples, flow, "flow", nondetect=nondetect, **shared, **span)  # type: ignore[arg-type]
            else:
                made = period_load(
                    samples,
                    flow,
                    name,
                    nondetect=nondetect,
                    replicates=replicates,
                    rng=rng,
                    **shared,  # type: ignore[arg-type]
                    **span,  # type: ignore[arg-type]
                )
        except ArgumentError as problem:
            if problem.argument not in _OF_THE_RECORD:
                raise
            made = pd.DataFrame({"period": [""], "notes": [str(problem)]})
        tables.append(made.assign(method=name).reindex(columns=_COLUMNS))
    kinds = dict.fromkeys(("n_samples", "n_censored"), "Int64")
    kinds |= dict.fromkeys(("load", "load_low", "load_high", "level"), "float64")
    return pd.concat([made.astype(kinds) for made in tables], ignore_index=True)


def nondetect_spread(
    samples: pd.DataFrame, flow: pd.DataFrame | None = None, method: str = "E", **how: Any
) -> pd.DataFrame:
    """The load of each period under every rule for non-detects, side by side.

    Parameters
    ----------
    samples, flow, method
        As for `period_load`.
    how
        Its other arguments, but `nondetect`.

    Returns
    -------
    DataFrame
        ``period, n_samples, n_censored``, then tonnes by rule: ``zero, half, limit, likelihood``; the last
        is nan where too little was detected.

    Examples
    --------
    >>> days = pd.date_range("2019-01-01", "2019-12-31")
    >>> flow = pd.DataFrame({"time": days, "flow": 2.0})
    >>> samples = pd.DataFrame({"time": days[::30], "value": [0.5, 1, 1.5] * 4 + [0.2]})
    >>> samples["censored"] = ["none"] * 12 + ["left"]
    >>> nondetect_spread(samples, flow, "B").round(1)
      period  n_samples  n_censored  zero  half  limit  likelihood
    0   2019         13           1  58.2  58.7   59.2        59.0
    """
    tables = {}
    for rule in RULES:
        try:
            tables[rule] = period_load(samples, flow, method, nondetect=rule, **{**how, "replicates": 0})
        except ArgumentError as problem:
            if problem.argument != "nondetect":
                raise
    first = next(iter(tables.values()))[["period", "n_samples", "n_censored"]]
    loads = {rule: tables[rule]["load"] if rule in tables else np.nan for rule in RULES}
    return first.assign(**loads)


_OF_THE_RECORD = ("method", "flow", "model", "min_samples", "min_uncensored", "samples", "nondetect")
"""Arguments whose faults lie in the record, and so concern one method only."""


def _needs_days(name: str, flow: pd.DataFrame | None) -> None:
    if flow is None:
        raise ArgumentError(
            f"{name} needs the flow of every day, and there is no daily flow",
            argument="method",
            mend="give daily flow, or use A or C",
        )


def _regression(
    samples: pd.DataFrame,
    flow: pd.DataFrame | None,
    name: str,
    shared: dict[str, Any],
    span: dict[str, Any],
    replicates: int,
    rng: int | np.random.Generator,
    windows: dict[str, Any],
) -> pd.DataFrame:
    """Periods of a rating curve or of WRTDS."""
    _needs_days(name, flow)
    daily: Any = flow
    if name in ("rating", "composite"):
        curve = rating_curve(samples, daily, **shared)
        own, notes, interval = curve.record, curve.notes, name == "rating" and replicates > 0
        draws = curve.draws(replicates, rng) if interval else None
        flux = (curve.daily() if name == "rating" else curve.composite())["flux"].to_numpy()
    else:
        fit = wrtds(samples, daily, **shared, **windows)
        own, notes, interval, draws = fit.record, fit.notes, False, None
        flux = fit.flux if name == "wrtds" else fit.kalman()["flux"].to_numpy()
    if draws is None:
        month, tonnes = month_sums(own.date, flux)
        draws = LoadDraws(month, tonnes[None], tonnes, name)
    table = draws.table(**span)
    if not interval:
        table[["load_low", "load_high"]] = np.nan
    return table.assign(
        n_samples=own.value.size, n_censored=own.n_censored, notes=words.joined(notes, shared["lang"])
    )
