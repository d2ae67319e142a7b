"""The answer in a few lines."""

from __future__ import annotations

import pandas as pd

from wqstudy import words
from wqstudy.study import Study


def answer(study: Study, table: pd.DataFrame, lang: str = "en") -> list[str]:
    """What a comparison says: a head line, one line a parameter, and what it does not say.

    Parameters
    ----------
    study
        The study that was compared.
    table
        What `wqstudy.compare` returned for it.
    lang
        ``en`` or ``zh``.

    Returns
    -------
    list of str
        For three parameters, five lines.
    """
    by = str(table.columns[0])
    times = study.samples["time"]
    head = words.text(
        "answer.head",
        lang,
        title=study.title,
        stations=len(study.stations),
        units=table[by].nunique(),
        start=f"{times.min():%Y-%m}",
        end=f"{times.max():%Y-%m}",
        samples=f"{len(study.samples):,}",
    )
    lines = [_parameter_line(rows, code, lang) for code, rows in table.groupby("parameter", sort=False)]
    return [head, *lines, _caution(study, table, by, lang)]


def _parameter_line(rows: pd.DataFrame, code: object, lang: str) -> str:
    name = words.parameter_name(str(code), lang)
    said = [words.verdict(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)]
    change = rows["change_percent"].dropna()
    if change.empty:
        return words.text("answer.nothing", lang, parameter=name)
    return words.text(
        "answer.fell",
        lang,
        parameter=name,
        fell=said.count("fell"),
        rose=said.count("rose"),
        unclear=said.count("unclear") + said.count("none"),
        units=len(said),
        level=f"{100 * rows['level'].iloc[0]:g}",
        least=words.percent(change.max(), signed=True),
        most=words.percent(change.min(), signed=True),
        middle=words.percent(change.median(), signed=True),
    )


def untreated(study: Study, by: str) -> list[str]:
    """Units all of whose stations are controls."""
    if "group" not in study.stations:
        return []
    unit = study.unit_of(by)
    control = (study.stations.set_index("station")["group"] == "control").reindex(unit.index)
    every = control.groupby(unit, sort=False).all()
    return [str(name) for name in every.index[every]]


def _caution(study: Study, table: pd.DataFrame, by: str, lang: str) -> str:
    rows = table.loc[table[by].isin(untreated(study, by))].dropna(subset=["change_percent"])
    if rows.empty:
        return words.text("answer.no_controls", lang)
    parts = []
    for code, change in rows.groupby("parameter", sort=False)["change_percent"]:
        ends = [words.percent(end, signed=True) for end in (change.max(), change.min())]
        span = ends[0] if ends[0] == ends[1] else words.text("answer.span", lang, first=ends[0], last=ends[1])
        name = words.parameter_name(str(code), lang)
        parts.append(words.text("answer.part", lang, parameter=name, change=span))
    return words.text("answer.controls", lang, changes=words.text("answer.comma", lang).join(parts))
