"""`wqstudy check`: what could make an effect appear where there is none."""

from __future__ import annotations

import typer

from wqstudy.cli_common import (
    By,
    Data,
    Language,
    Out,
    Parameters,
    Seed,
    listed,
    opened,
    say,
    show_progress,
    write,
)


def check(
    path: Data,
    by: By = "district",
    parameters: Parameters = None,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Look for what could make an effect appear where there is none: what failed, then counts by check."""
    from wqstudy import words
    from wqstudy.effects.checks import checks

    wanted = listed(parameters)
    study, lang = opened(path, lang, wanted)
    told = checks(study, wanted, by, rng=seed, progress=show_progress)
    written = write(told.table(), out)
    say(getattr(row, f"sentence_{lang}") for row in told if row.outcome == "failed")
    counts = told.counts().groupby("check", sort=False).sum(numeric_only=True)
    for name, numbers in zip(counts.index, counts.to_numpy().astype(int), strict=True):
        passed, failed, unknown = map(str, numbers)
        heading = words.text(f"check.{name}", lang)
        typer.echo(
            words.text("check.summary", lang, check=heading, passed=passed, failed=failed, open=unknown)
        )
    say(written)
