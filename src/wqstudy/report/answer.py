"""The answer in a few lines."""

from __future__ import annotations

import pandas as pd

from wqstudy import words
from wqstudy.doubts import doubt_lines
from wqstudy.effects import VERDICTS, Evaluations
from wqstudy.effects.sentences import verdict as verdict_word
from wqstudy.study import Study


def answer(
    study: Study, table: pd.DataFrame, lang: str = "en", effects: Evaluations | None = None
) -> list[str]:
    """What a comparison says: a head line, one line a parameter, and what it does not say.

    Parameters
    ----------
    study
        The study that was compared.
    table
        What `wqstudy.compare` returned for it.
    lang
        ``en`` or ``zh``.
    effects
        What `wqstudy.evaluate` returned for it, where it was held against controls.

    Returns
    -------
    list of str
        For three parameters, five lines, and one for each that has samples whose unit is in doubt.
    """
    by = str(table.columns[0])
    times = study.samples["time"]
    head = words.text(
        "answer.head",
        lang,
        title=study.title,
        stations=study.samples["station"].nunique(),
        units=table[by].nunique(),
        start=f"{times.min():%Y-%m}",
        end=f"{times.max():%Y-%m}",
        samples=f"{len(study.samples):,}",
    )
    lines = [_parameter_line(rows, code, lang) for code, rows in table.groupby("parameter", sort=False)]
    last = _caution(study, table, by, lang) if effects is None else _effects(effects, lang)
    codes = [str(code) for code in table["parameter"].unique()]
    doubts = doubt_lines(study.samples, codes, lang, study.labels("station", lang))
    return [head, *lines, *doubts, last]


def _parameter_line(rows: pd.DataFrame, code: object, lang: str) -> str:
    name = words.parameter_name(str(code), lang)
    said = [words.verdict(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)]
    change = rows["change_percent"].dropna()
    if change.empty:
        return words.text("answer.nothing", lang, parameter=name)
    mute = words.text("answer.mute", lang, mute=said.count("none")) if "none" in said else ""
    return words.text(
        "answer.fell",
        lang,
        parameter=name,
        fell=said.count("fell"),
        rose=said.count("rose"),
        unclear=said.count("unclear"),
        mute=mute,
        units=len(said),
        level=f"{100 * rows['level'].iloc[0]:g}",
        span=_span(change, lang),
        middle=words.percent(change.median(), signed=True),
    )


def _span(change: pd.Series, lang: str) -> str:
    """From the smallest to the largest change, or the one there is."""
    ends = [words.percent(end, signed=True) for end in (change.min(), change.max())]
    return ends[0] if ends[0] == ends[1] else words.text("answer.span", lang, first=ends[0], last=ends[1])


def _caution(study: Study, table: pd.DataFrame, by: str, lang: str) -> str:
    untreated = study.untreated(by)
    rows = table.loc[table[by].isin(untreated)].dropna(subset=["change_percent"])
    if rows.empty:
        return words.text("answer.mute_controls" if untreated else "answer.no_controls", lang)
    parts = []
    for code, change in rows.groupby("parameter", sort=False)["change_percent"]:
        span = _span(change, lang)
        name = words.parameter_name(str(code), lang)
        parts.append(words.text("answer.part", lang, parameter=name, change=span))
    return words.text("answer.controls", lang, changes=words.text("answer.comma", lang).join(parts))


def _effects(effects: Evaluations, lang: str) -> str:
    """How many units have which verdict, parameter by parameter."""
    parts = []
    for code in dict.fromkeys(row.parameter for row in effects):
        said = [row.verdict for row in effects if row.parameter == code]
        counts = [
            words.text("answer.verdict_count", lang, verdict=verdict_word(v, lang), n=said.count(v))
            for v in VERDICTS
            if v in said
        ]
        parts.append(
            words.text(
                "answer.effect_part",
                lang,
                parameter=words.parameter_name(code, lang),
                counts=words.text("answer.comma", lang).join(counts),
            )
        )
    return words.text("answer.effects", lang, parts=words.joined(parts, lang))
