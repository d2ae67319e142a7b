"""`wqstudy attain`: since when targets are attained, what was lost again, and deadlines."""

from __future__ import annotations

from typing import Annotated

import typer

from wqstudy.cli_common import Data, Language, Out, Parameters, listed, opened, say, write


def attain(
    path: Data,
    target: Annotated[
        str | None, typer.Option(help="Class I to V for all; by default the study's targets, else V.")
    ] = None,
    today: Annotated[
        str | None, typer.Option(help="Judge the study's deadlines on this day, such as 2021-06-30.")
    ] = None,
    parameters: Parameters = None,
    water_body: Annotated[str, typer.Option(help="auto, national, river or lake.")] = "auto",
    out: Out = None,
    lang: Language = None,
) -> None:
    """Since when sections attain their target, how sure that is, and what was lost again."""
    import pandas as pd

    from wqstudy import grading, words
    from wqstudy.errors import ArgumentError
    from wqstudy.grading.labels import class_number

    number = 0 if target is None else class_number(target)
    if target is not None and not 1 <= number <= 5:
        raise ArgumentError(f"{target!r} is no target", argument="--target", valid="I, II, III, IV, V")
    if today is not None and pd.isna(pd.to_datetime(today, errors="coerce")):
        raise ArgumentError(f"{today!r} is no day", argument="--today", valid="such as 2021-06-30")
    study, lang = opened(path, lang)
    how = {"parameters": listed(parameters), "water_body": water_body}
    if today is not None:
        table = grading.deadlines(study, study, today, **how)  # type: ignore[arg-type]
    else:
        own = study.targets is not None and number == 0
        table = grading.lasting_attainment(study, study if own else number or 5, **how)  # type: ignore[arg-type]
    if out is not None:
        say(write(table, out))
    else:
        typer.echo(words.rounded(table, lang).to_string(index=False))
