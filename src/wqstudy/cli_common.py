"""What the commands have in common: options, what a path stands for, and where answers go."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from wqstudy.study import Study

# Everything heavy is imported inside the commands, so that --help answers at once.

_DATA = "A monitoring table, a folder of tables, a study folder (with study.toml), or a data set's name."
Data = Annotated[str, typer.Argument(metavar="PATH", help=_DATA)]
By = Annotated[str, typer.Option(help="Compare by 'station' or any column of the stations table.")]
Span = Annotated[
    tuple[str, str] | None, typer.Option(metavar="START END", help="Window; END is not part of it.")
]
Parameters = Annotated[
    str | None,
    typer.Option("--parameters", "--parameter", help="Codes or names, separated by commas."),
]
Language = Annotated[str | None, typer.Option(help="en or zh; by default the study's.")]
Level = Annotated[float, typer.Option(help="Confidence level of the intervals.")]
Out = Annotated[Path | None, typer.Option(help="Write the table here (.csv, .xlsx, .parquet).")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws for non-detects.")]


def open_data(path: str, parameters: list[str] | None = None) -> Study:
    """The study that a path, or the name of the embedded one, stands for."""
    from wqstudy import datasets
    from wqstudy.folder import open_study

    if is_named(path):
        return datasets.load(path, progress=True)
    return open_study(Path(path), parameters)


def opened(path: str, lang: str | None, parameters: list[str] | None = None) -> tuple[Study, str]:
    """As `open_data`, and the language to answer in."""
    from wqstudy import words

    study = open_data(path, parameters)
    return study, words.language(lang or study.language, "--lang")


def place_of(path: str) -> Path:
    """The path, or the folder of the data set that it names where no such path exists."""
    from wqstudy import datasets

    return datasets.folder(path) if is_named(path) else Path(path)


def is_named(path: str) -> bool:
    """Whether a data set is meant, not a path."""
    from wqstudy import datasets

    return path in datasets.names() and not Path(path).exists()


def listed(parameters: str | None) -> list[str] | None:
    """Names separated by commas, Chinese ones too."""
    return None if parameters is None else [name.strip() for name in parameters.replace("，", ",").split(",")]


def write(table: pd.DataFrame, out: Path | None) -> list[str]:
    """Write a table where it is to go anywhere; what is to be said of it.

    A command writes all its files before it says anything: whoever reads what it says may stop listening.
    """
    from wqstudy.outputs import write_table

    return [] if out is None else [f"{write_table(table, out)}: {len(table):,} rows"]


def say(lines: Iterable[str]) -> None:
    """Lines on the terminal."""
    for line in lines:
        typer.echo(line)


def write_or_show(table: pd.DataFrame, out: Path | None, lang: str, most: int) -> None:
    """Write a table, or show its first rows where it is to go nowhere."""
    from wqstudy import words

    if out is not None:
        say(write(table, out))
        return
    told = words.without_codes(table.dropna(axis="columns", how="all"))
    shown = words.rounded(told.head(most), lang)
    typer.echo(shown.to_string(index=False))
    if len(table) > most:
        typer.echo(words.text("answer.more", lang, n=f"{len(table) - most:,}"))


def check_page(out: Path, lang: str | None) -> None:
    """Refuse a page that is no HTML, or in no language."""
    from wqstudy import words
    from wqstudy.errors import ArgumentError, OutputError
    from wqstudy.outputs import no_folder
    from wqstudy.report.runner import BOTH

    if lang not in (None, BOTH, *words.LANGUAGES):
        raise ArgumentError(f"{lang!r} is not a language here", argument="--lang", valid="zh, en, both")
    no_folder(out, "page.html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError("a page is written as HTML", file=out, valid="a name that ends in .html")


def say_pages(key: str, study: Study, lang: str | None, *places: Path | None) -> None:
    """Say where pages and documents were written; of both languages, in the study's."""
    from wqstudy import words

    spoken = lang if lang in words.LANGUAGES else study.language
    for place in places:
        if place is not None:
            typer.echo(words.text(key, spoken, path=place))


def run_settings(path: str) -> dict[str, Any]:
    """What a report is to know of its run. It tells progress on a terminal only: else its answer alone."""
    return {"inputs": place_of(path), "progress": show_progress if sys.stderr.isatty() else None}


def show_progress(code: str, number: int, all_of_them: int) -> None:
    """Say on stderr which parameter has its turn."""
    typer.echo(f"{code} ({number + 1}/{all_of_them}) …", err=True)
