"""`wqstudy grade`: classes of sections, rivers and districts, and indices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wqstudy.cli_common import Data, Language, Parameters, listed, open_data

if TYPE_CHECKING:
    import pandas as pd

    from wqstudy.study import Study

_INDICES = ("tli", "cwqi", "ccme", "pollution")
_SHOWN = 20  # lines that go to the terminal where no file is asked for


def grade(
    path: Data,
    period: Annotated[str, typer.Option(help="sample, month, quarter or year.")] = "sample",
    by: Annotated[
        str, typer.Option(help="'section', or a column of the stations table: river, district …")
    ] = "section",
    index: Annotated[str | None, typer.Option(help=f"An index instead: {', '.join(_INDICES)}.")] = None,
    parameters: Parameters = None,
    water_body: Annotated[str, typer.Option(help="auto, national, river or lake.")] = "auto",
    rounding: Annotated[
        str, typer.Option(help="assessment, or none to grade values as they are.")
    ] = "assessment",
    nondetect: Annotated[str, typer.Option(help="half, limit or zero.")] = "half",
    out: Annotated[Path | None, typer.Option(help="Write the table here (.csv, .xlsx, .parquet).")] = None,
    lang: Language = None,
) -> None:
    """Grade sections by GB 3838-2002, single samples or periods; or rivers, districts, indices."""
    from wqstudy import words
    from wqstudy.errors import ArgumentError
    from wqstudy.outputs import write_table

    if index is not None and index not in _INDICES:
        raise ArgumentError(f"{index!r} is not known", argument="--index", valid=", ".join(_INDICES))
    study = open_data(path)
    lang = words.language(lang or study.language, "--lang")
    how = {
        "water_body": water_body,
        "rounding": rounding,
        "nondetect": nondetect,
        "parameters": listed(parameters),
    }
    table = (
        _graded(study, period, by, lang, how)
        if index is None
        else _index(study, index, period, by, lang, how)
    )
    if out is not None:
        typer.echo(f"{write_table(table, out)}: {len(table):,} rows")
        return
    shown = words.rounded(table.dropna(axis="columns", how="all").head(_SHOWN), lang)
    typer.echo(shown.to_string(index=False))
    if len(table) > _SHOWN:
        typer.echo(words.text("answer.more", lang, n=f"{len(table) - _SHOWN:,}"))


def _graded(study: Study, period: str, by: str, lang: str, how: dict[str, Any]) -> pd.DataFrame:
    """Classes of sections, or of the units that they make up."""
    from wqstudy import grading

    table = grading.grade(study, period, lang=lang, **how)  # type: ignore[arg-type]
    if by == "section":
        return table
    unit = study.unit_of(by)
    return grading.basin_status(table.assign(**{by: table["station"].map(unit)}), by=by, lang=lang)


def _index(study: Study, index: str, period: str, by: str, lang: str, how: dict[str, Any]) -> pd.DataFrame:
    """An index of sections, or of the units that they make up."""
    raise NotImplementedError
