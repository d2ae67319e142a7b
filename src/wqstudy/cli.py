"""The command line: one command a question, one clear line when the input is bad."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wqstudy import __version__
from wqstudy.cli_attain import attain
from wqstudy.cli_bulletin import bulletin
from wqstudy.cli_calibrate import calibrate
from wqstudy.cli_check import check
from wqstudy.cli_claims import claims
from wqstudy.cli_common import (
    By,
    Data,
    Language,
    Level,
    Out,
    Parameters,
    Seed,
    Span,
    is_named,
    listed,
    opened,
    run_settings,
    say,
    write,
)
from wqstudy.cli_data import app as data_app
from wqstudy.cli_evaluate import evaluate
from wqstudy.cli_grade import grade
from wqstudy.cli_loads import loads
from wqstudy.cli_plan import plan
from wqstudy.cli_report import report
from wqstudy.errors import WqstudyError

if TYPE_CHECKING:
    import pandas as pd

    from wqstudy.study import Study

# Everything heavy is imported inside the commands, so that --help answers at once.

app = typer.Typer(
    name="wqstudy",
    help="Did the water clean-up work? From monitoring tables to a statement that can be rerun.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(data_app, name="data")
app.command()(grade)
app.command()(calibrate)
app.command()(attain)
app.command()(loads)
app.command()(evaluate)
app.command()(claims)
app.command()(check)
app.command()(plan)
app.command()(report)
app.command()(bulletin)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wqstudy {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Did the water clean-up work? From monitoring tables to a statement that can be rerun."""


@app.command()
def read(
    path: Data,
    out: Annotated[Path | None, typer.Option(help="Write the samples here (.csv, .xlsx, .parquet).")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Write the account of every cell here.")] = None,
    parameters: Parameters = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Read what can be read; the ledger tells the rest.")
    ] = False,
    year: Annotated[int | None, typer.Option(help="Year of times that name none.")] = None,
    lang: Language = None,
) -> None:
    """Read a monitoring table and account for every cell."""
    from wqstudy import datasets
    from wqstudy.account_words import reasons
    from wqstudy.folder import read_samples
    from wqstudy.words import language

    told = language(lang or "en", "--lang")
    wanted = listed(parameters)
    how: dict[str, Any] = {"strict": not lenient, "year": year}
    named = is_named(path)
    reading = datasets.read(path, wanted) if named else read_samples(Path(path), wanted, **how)
    written = [*write(reading.samples, out), *write(reasons(reading.ledger, told), ledger)]
    say([str(reading), *written])


@app.command()
def compare(
    path: Data,
    by: By = "district",
    before: Span = None,
    after: Span = None,
    parameters: Parameters = None,
    level: Level = 0.95,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Compare before with after, one sentence a unit and parameter."""
    from wqstudy.comparison import compare as compare_study

    wanted = listed(parameters)
    study, lang = opened(path, lang, wanted)
    table = compare_study(study, before, after, by, parameters=wanted, level=level, rng=seed, lang=lang)
    _say(study, table, by, lang, out)


@app.command()
def trend(
    path: Data,
    by: By = "district",
    start: Annotated[str | None, typer.Option(help="First day; by default all that was sampled.")] = None,
    end: Annotated[str | None, typer.Option(help="The day after the last.")] = None,
    parameters: Parameters = None,
    level: Level = 0.95,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Estimate the change a year, one sentence a unit and parameter."""
    from wqstudy.trends import trend as trends_of

    wanted = listed(parameters)
    study, lang = opened(path, lang, wanted)
    table = trends_of(study, by, start, end, parameters=wanted, level=level, rng=seed, lang=lang)
    _say(study, table, by, lang, out)


def _say(study: Study, table: pd.DataFrame, by: str, lang: str, out: Path | None) -> None:
    """A table by unit and parameter: a sentence a row, the stations left out, and the file."""
    from wqstudy import words
    from wqstudy.doubts import doubt_lines

    written = write(table, out)
    say(words.sentences(table, study.labels(by, lang), lang))
    say(doubt_lines(study.samples, table["parameter"].unique(), lang, study.labels("station", lang)))
    left_out = table.attrs["left_out"]
    if left_out:
        stations = ", ".join(left_out)
        typer.echo(words.text("page.left_out", lang, by=words.heading(by, lang), stations=stations))
    say(written)


@app.command()
def study(
    path: Data,
    out: Annotated[Path, typer.Option(help="Folder of the report.")],
    by: By = "district",
    before: Span = None,
    after: Span = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Run a study from end to end: results.json, tables, figures and a page."""
    from wqstudy import words
    from wqstudy.report import run

    asked, lang = opened(path, lang)
    say(run(asked, out, before, after, by, lang=lang, rng=seed, **run_settings(path)))
    typer.echo(words.text("answer.report", lang, path=out / "index.html"))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")], lang: Language = None
) -> None:
    """Lay out an empty study: settings, and tables with their headings."""
    from wqstudy import words
    from wqstudy.folder import new_folder

    lang = words.language(lang or "en", "--lang")
    made = new_folder(folder, lang)
    typer.echo(words.text("answer.fill", lang, folder=made))
    typer.echo(f"wqstudy study {made} --out report")


def main() -> None:
    """Run the command line; errors are one message on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except WqstudyError as problem:
        _fail(str(problem))
    except Exception as problem:
        if os.environ.get("WQSTUDY_DEBUG"):
            raise
        _fail(
            f"{type(problem).__name__}: {problem}. This is a fault of wqstudy, not of your data; "
            "set WQSTUDY_DEBUG=1 to see where it happened."
        )


def _fail(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
    sys.exit(1)
