"""How sure a class is: the probability of each class for the period's true mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from wqstudy import words
from wqstudy.grading.bodies import BodyChoice, water_bodies
from wqstudy.grading.classes import classify_means
from wqstudy.grading.evidence import UNITS, Unit
from wqstudy.grading.item_tables import need_columns
from wqstudy.grading.likelihood import likelihood
from wqstudy.grading.limits import INFERIOR_V, Rounding, items_of
from wqstudy.grading.means import Nondetect
from wqstudy.grading.periods import PERIODS, Period, Span, grouped, one_of
from wqstudy.grading.tidy import integers
from wqstudy.grading.variability import Variability
from wqstudy.samples import Reading
from wqstudy.study import Study


def class_probability(
    samples: Study | Reading | pd.DataFrame,
    period: Period | Span = "year",
    *,
    location_prior: bool = False,
    parameters: Iterable[str] | str | None = None,
    water_body: BodyChoice | Mapping[str, str] = "auto",
    rounding: Rounding = "assessment",
    nondetect: Nondetect = "half",
    unit: Unit = "day",
    days: pd.DataFrame | None = None,
    model: Mapping[str, Variability] | None = None,
    standard: str = "gb3838_2002",
    lang: str = "en",
) -> pd.DataFrame:
    """Probability of each class for the mean of all days of a period, of which few were sampled.

    The class stays that of the mean of the samples, however few; the probabilities stand beside it.

    Parameters
    ----------
    samples
        A study, a reading, or a table `station, time, parameter, value[, censored]`, in canonical units.
    period
        ``"month"``, ``"quarter"``, ``"year"``, or a span of days, such as ``("2020-05-08", "2021-04-06")``,
        whose second day is no part of it.
    location_prior
        Whether the other sections of the period say where a section is likely to lie. They must be
        comparable and 30 or more; not for one river, and not for before against after. Without it P(I-III)
        is too small where most sections are good.
    parameters, water_body, rounding, nondetect
        As for `wqstudy.grade`.
    unit
        Of what the truth is the mean: of every ``"day"``, or of one value a ``"month"``.
    days
        Table `station, time` of the days whose mean is meant, where it is not every day of the period: those,
        say, on which an automatic station worked. Days sampled belong to them.
    model
        How items vary (`variability.fit_variability`); by default the values that the package brings.

    Returns
    -------
    DataFrame
        By station and period: `station`, `period`, `water_body`, `class` (of the mean of the samples),
        `n_samples` (days or months sampled, of the item that has most), `p_1` … `p_6`, `p_undetermined`
        (what is shared by classes that a detection limit does not tell apart; these are missing), `p_class`
        (of the class itself), `p_good` (I to III), `p_inferior_v`, `notes`.

    Raises
    ------
    ArgumentError
        Names the argument, and what is valid.

    References
    ----------
    Block errors: Cressie (1993), Statistics for Spatial Data. Shrunk variances: Smyth (2004), Stat. Appl.
    Genet. Mol. Biol. 3(1). Scores on real data: docs/methods.md.

    Examples
    --------
    >>> days = pd.date_range("2021-01-05", periods=12, freq="30D")
    >>> table = pd.DataFrame({"station": "a", "time": days, "parameter": "NH3N", "value": [0.4, 0.6] * 6})
    >>> class_probability(table)[["station", "class", "p_2", "p_3", "p_good"]].round(2)
      station  class   p_2   p_3  p_good
    0       a      2  0.27  0.73     1.0
    """
    if isinstance(period, str):
        one_of(period, tuple(PERIODS), "period")
    one_of(rounding, ("assessment", "none"), "rounding")
    one_of(unit, tuple(UNITS), "unit")
    if days is not None:
        need_columns(days, ["station", "time"], "days")
    found = grouped(samples, period, items_of(parameters, standard=standard), nondetect)
    body = water_bodies(found.keys["station"], found.stations, found.table, water_body)
    _, number = classify_means(
        found.means.total, found.means.n, found.items, body == "lake", rounding=rounding, standard=standard
    )
    likely = likelihood(
        found,
        found.means.n > 0,
        number,
        body == "lake",
        location=location_prior,
        unit=unit,
        model=model,
        rounding=rounding,
        nondetect=nondetect,
        standard=standard,
        days=days,
    )
    table = found.keys.assign(water_body=body)
    table["class"] = integers(number, number == 0)
    table["n_samples"] = likely.n_samples
    for place in range(INFERIOR_V):
        table[f"p_{place + 1}"] = likely.p[:, place]
    table["p_undetermined"] = likely.undetermined
    for name, values in likely.columns().items():
        table[name] = values
    table["notes"] = pd.array([words.joined(said, lang) for said in likely.notes(lang)], dtype="str")
    return table
