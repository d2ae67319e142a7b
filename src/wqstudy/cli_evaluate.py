"""`wqstudy evaluate`: what treatment did beyond the controls, and what can be said of it."""

from __future__ import annotations

from typing import Annotated

import typer

from wqstudy.cli_common import (
    By,
    Data,
    Language,
    Level,
    Out,
    Parameters,
    Seed,
    listed,
    opened,
    say,
    show_progress,
    write,
)


def evaluate(
    path: Data,
    by: By = "district",
    parameters: Parameters = None,
    level: Level = 0.95,
    reduction: Annotated[
        float | None, typer.Option(help="Smallest reduction worth calling one, as a share (0.2).")
    ] = None,
    trend_sd: Annotated[
        float | None, typer.Option(help="How districts' own trends differ, ln units a year (0.03).")
    ] = None,
    drift_sd: Annotated[
        float | None, typer.Option(help="How districts drift, ln units a root of a month (0.02).")
    ] = None,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Hold treated districts against controls: effect, interval, verdict, one sentence each."""
    from wqstudy.doubts import doubt_lines
    from wqstudy.effects.evaluation import evaluate as evaluate_study

    wanted = listed(parameters)
    study, lang = opened(path, lang, wanted)
    told = evaluate_study(
        study,
        by,
        parameters=wanted,
        level=level,
        reduction=reduction,
        trend_sd=trend_sd,
        drift_sd=drift_sd,
        rng=seed,
        lang=lang,
        progress=show_progress,
    )
    written = write(told.table(), out)
    say(getattr(row, f"sentence_{lang}") for row in (*told.rows, *told.pooled))
    say(dict.fromkeys(line for row in told.pooled for line in row.assumptions[:1]))
    say([told.shared] if told.shared else [])
    codes = dict.fromkeys(row.parameter for row in told.rows)
    say(doubt_lines(study.samples, codes, lang, study.labels("station", lang)))
    labels = study.labels(by, lang)
    say(f"{labels[unit]}: {reason}" for unit, reason in told.left_out.items())
    say(written)
