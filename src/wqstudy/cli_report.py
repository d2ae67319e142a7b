"""`wqstudy report`: a study as one page that anyone can open, and as a Word document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wqstudy.cli_common import By, Data, Seed, Span, open_data, place_of
from wqstudy.cli_evaluate import show_progress


def report(
    path: Data,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("report.html"),
    docx: Annotated[
        bool, typer.Option("--docx", help="Write the same as a Word document beside it.")
    ] = False,
    by: By = "district",
    before: Span = None,
    after: Span = None,
    lang: Annotated[
        str | None, typer.Option(help="zh, en, or both to switch between; by default the study's.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Run a study and write its report as one page that needs no other file and no network."""
    from wqstudy import words
    from wqstudy.errors import ArgumentError, OutputError
    from wqstudy.report import report as report_study
    from wqstudy.report.runner import BOTH

    if lang not in (None, BOTH, *words.LANGUAGES):
        raise ArgumentError(f"{lang!r} is not a language here", argument="--lang", valid="zh, en, both")
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError("a page is written as HTML", file=out, valid="a name that ends in .html")
    study = open_data(path)
    document = out.with_suffix(".docx") if docx else None
    # On a terminal only: a report that goes well says its answer and nothing else.
    told: dict[str, Any] = {
        "inputs": place_of(path),
        "progress": show_progress if sys.stderr.isatty() else None,
    }
    for line in report_study(study, out, before, after, by, docx=document, lang=lang, rng=seed, **told):
        typer.echo(line)
    spoken = study.language if lang in (None, BOTH) else lang
    for written in (out, document):
        if written is not None:
            typer.echo(words.text("answer.report", spoken, path=written))
