"""What was done, beside what it did."""

from __future__ import annotations

import pandas as pd

from wqstudy.effects.statement import Evaluations
from wqstudy.errors import ArgumentError
from wqstudy.study import Study


def measures_beside(study: Study, evaluations: Evaluations) -> pd.DataFrame:
    """Every measure with its amount beside the effects in the unit that it was for.

    A list, on purpose: with a handful of districts, several measures in each, and amounts that grow with the
    size of the problem, a line through them would say nothing of what a kilometre of sewer does.

    Parameters
    ----------
    study
        The study; its measures have ``amount`` and ``unit``, such as 42 km of sewers.
    evaluations
        What `wqstudy.evaluate` says of it.

    Returns
    -------
    DataFrame
        ``<by>, measure, start, end, amount, unit, parameter, effect_percent, low, high, verdict``: one row a
        unit, measure and parameter, and the measures table's own columns ``measure_<lang>``. A treated unit
        whose measures are not listed has one row a parameter with blank measure.

    Raises
    ------
    ArgumentError
        If the study has no measures.

    Examples
    --------
    >>> from wqstudy import datasets, evaluate
    >>> demo = datasets.load("demo")
    >>> table = measures_beside(demo, evaluate(demo, parameters=["CODMn"]))
    >>> table[["district", "measure", "unit"]].iloc[0].tolist(), float(table["amount"].max())
    (['甲', '截污纳管', 'km'], 120000.0)
    """
    if study.measures is None:
        raise ArgumentError(
            "the study has no measures",
            argument="study",
            mend="give a measures table with district and start",
        )
    by = evaluations.by
    shown = [by, "parameter", "effect_percent", "low", "high", "verdict"]
    effects = evaluations.table()[shown]
    place = pd.DataFrame({by: study.unit_of(by)})
    place["_district"] = study.stations.set_index("station")["district"].reindex(place.index)
    place = place.dropna().drop_duplicates()
    measures = study.measures.rename(columns={"district": "_district"})
    done = place.merge(measures, on="_district").drop(columns="_district")
    table = effects.merge(done, on=by, how="left")
    first = [by, "measure", "start", "end", "amount", "unit"]
    labels = [str(c) for c in table if str(c).startswith("measure_")]
    order = table[by].map({name: i for i, name in enumerate(table[by].unique())})
    table = table.assign(_order=order).sort_values(["_order", "start", "measure"], kind="stable")
    return table[[*first, *labels, *shown[1:]]].reset_index(drop=True)
