"""Days gathered into years, or into a season of each year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words
from wqstudy.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]

_NEEDED = 0.99  # of the days of a period; Hirsch and De Cicco (2015)


def periods(
    date: pd.DatetimeIndex,
    time: FloatArray,
    values: Mapping[str, FloatArray],
    start_month: int,
    months: int = 12,
    lang: str = "en",
) -> pd.DataFrame:
    """Mean of daily values over each period whose first and last month the record has.

    Parameters
    ----------
    date, time
        Days in order, and their decimal years. Shape (n,).
    values
        Daily values by column; ``flux`` and ``flux_fn`` in kg/d are also given as tonnes of the period.
    start_month, months
        First month of the period, and how many it has.

    Returns
    -------
    DataFrame
        ``year, time, days``, the columns of `values`, ``load, load_fn, notes``.
    """
    if start_month not in range(1, 13):
        raise ArgumentError(f"{start_month!r} is no month", argument="start_month", valid="1 to 12")
    if months not in range(1, 13):
        raise ArgumentError(f"{months!r} is no number of months", argument="months", valid="1 to 12")
    number = date.year.to_numpy() * 12 + date.month.to_numpy() - 1
    period, place = np.divmod(number - (start_month - 1), 12)
    starts = period * 12 + start_month - 1
    inside = (place < months) & (starts >= number[0]) & (starts + months - 1 <= number[-1])
    kept, index = np.unique(starts[inside], return_inverse=True)
    first = (kept - 1970 * 12).astype("datetime64[M]")
    after = first + months
    days = (after.astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    year = (after - 1).astype("datetime64[Y]").astype(np.int64) + 1970
    table = pd.DataFrame({"year": year, "time": _mean(time[inside], index, kept.size), "days": days})
    valued = np.full(kept.size, np.inf)
    for name, column in values.items():
        there = np.isfinite(column[inside])
        held = np.bincount(index, there, kept.size)
        table[name] = np.where(held > _NEEDED * days, _mean(column[inside], index, kept.size), np.nan)
        valued = np.minimum(valued, held)
    for name in ("", "_fn"):
        if f"flux{name}" in table:
            table[f"load{name}"] = table[f"flux{name}"] * table["days"] / 1000
    table["notes"] = [
        words.text("loads.year_gaps", lang, n=int(held), all=int(length)) if held < length else ""
        for held, length in zip(valued, days, strict=True)
    ]
    return table


def _mean(column: FloatArray, index: npt.NDArray[np.intp], size: int) -> FloatArray:
    """Mean by period of the values that are there."""
    there = np.isfinite(column)
    with np.errstate(invalid="ignore"):
        made: FloatArray = np.bincount(index[there], column[there], size) / np.bincount(
            index[there], minlength=size
        )
    return made
