"""`wqstudy bulletin`: a month's classes, changes, deadlines and ranks on one or two sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wqstudy.cli_common import Data, Seed, check_page, open_data, say, say_pages


def bulletin(
    path: Data,
    month: Annotated[str, typer.Option(help="The month, such as 2021-08.")],
    out: Annotated[
        Path | None, typer.Option(help="The page to write; by default bulletin-2021-08.html and the like.")
    ] = None,
    docx: Annotated[Path | None, typer.Option(help="Write the same as a Word document here.")] = None,
    by: Annotated[
        str, typer.Option(help="Rank by 'station' or any column of the stations table.")
    ] = "district",
    lang: Annotated[
        str | None, typer.Option(help="zh, en, or both to switch between; by default the study's.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Write the bulletin of a month: classes, changes, inferior V, deadlines, ranks, with their doubt."""
    from wqstudy.errors import OutputError
    from wqstudy.report import bulletin as write_bulletin

    out = out or Path(f"bulletin-{month.strip()}.html")
    check_page(out, lang)
    if docx is not None and docx.suffix.lower() != ".docx":
        raise OutputError("a Word document is written", file=docx, valid="a name that ends in .docx")
    study = open_data(path)
    say(write_bulletin(study, month, out, by, docx=docx, lang=lang, rng=seed))
    say_pages("bulletin.written", study, lang, out, docx)
