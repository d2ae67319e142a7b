"""`wqstudy report`: a study as one page that anyone can open, and as a Word document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wqstudy.cli_common import By, Data, Seed, Span, check_page, open_data, run_settings, say, say_pages


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
    from wqstudy.report import report as report_study

    check_page(out, lang)
    study = open_data(path)
    document = out.with_suffix(".docx") if docx else None
    told = run_settings(path)
    say(report_study(study, out, before, after, by, docx=document, lang=lang, rng=seed, **told))
    say_pages("answer.report", study, lang, out, document)
