"""`wqstudy claims`: what can be said of announced figures, one sentence a claim."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wqstudy.cli_common import Language, Out, Seed, is_named, open_data, say, write


def claims(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="A study folder with its claims, a data set's name, or a table of claims alone.",
        ),
    ],
    table: Annotated[
        Path | None, typer.Option("--claims", help="Hold the claims of this table against the study.")
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(help="Change that would have come anyway, % a year; in place of the national."),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Supported: changes weaker than 1 - this of it are excluded (0.25).")
    ] = None,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Check announced figures against the study, the background and one another."""
    from wqstudy import words
    from wqstudy.effects.claim_table import check_claims

    alone = table is None and not is_named(path) and not Path(path).is_dir()
    study = None if alone else open_data(path)
    given = Path(path) if alone else table
    lang = words.language(lang or (study.language if study is not None else "en"), "--lang")
    how: dict[str, Any] = {"background": background, "tolerance": tolerance}
    told = check_claims(study, given, **how, rng=seed, lang=lang)
    written = write(told, out)
    say(f"{name}: {said}" for name, said in zip(told["claim"], told[f"sentence_{lang}"], strict=True))
    say(written)
