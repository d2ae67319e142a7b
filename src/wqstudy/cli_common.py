"""What the commands have in common: options, and what a path stands for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
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
