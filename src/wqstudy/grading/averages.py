"""Means of any parameters by station and period: for indices of what sets no class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.means import Nondetect
from wqstudy.grading.periods import Period, grouped
from wqstudy.parameters import catalogue, codes
from wqstudy.samples import Reading
from wqstudy.study import Study


def item_means(
    samples: Study | Reading | pd.DataFrame,
    period: Period = "year",
    *,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
    nondetect: Nondetect = "half",
) -> pd.DataFrame:
    """Mean of each parameter in each period, also of what sets no class: chlorophyll a, transparency, TN.

    However few samples there are: `n_samples` says how many.

    Parameters
    ----------
    samples
        A study, a reading, or a table `station, time, parameter, value[, censored]`, in canonical units.
    period
        ``"sample"``, ``"month"``, ``"quarter"`` or ``"year"``.
    parameters
        Which; by default all there are, in the order of the catalogue.
    water_body
        As for `wqstudy.grade`.
    nondetect
        What a non-detect counts as: ``"half"`` its limit, the ``"limit"``, or ``"zero"``. A value above a
        limit counts as the limit.

    Returns
    -------
    DataFrame
        By station and period: `station`, `time` or `period`, `water_body`, `n_samples` (of the parameter
        that has most), the mean of each parameter under its code. pH is averaged as hydrogen ions.

    Raises
    ------
    ArgumentError
        If a column is missing, or an argument is not one of its choices.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "station": "a", "time": pd.to_datetime(["2021-05-02", "2021-08-20"]), "parameter": "CHLA",
    ...     "value": [12.0, 20.0], "censored": ["none", "left"],
    ... })
    >>> item_means(table)
      station period water_body  n_samples  CHLA
    0       a   2021      river          2  11.0
    """
    asked = list(catalogue()) if parameters is None else codes(parameters)
    found = grouped(samples, period, asked, nondetect)
    keys = found.keys.assign(
        water_body=water_bodies(found.keys["station"], found.stations, found.table, water_body),
        n_samples=found.means.counts.max(axis=1, initial=0),
    )
    return pd.concat([keys, pd.DataFrame(found.means.mean, columns=list(found.items))], axis=1)
