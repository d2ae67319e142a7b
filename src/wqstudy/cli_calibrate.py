"""`wqstudy calibrate`: run the atlas of error rates anew, or some of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def calibrate(
    out: Annotated[Path, typer.Option(help="Table (.csv) to fill; what it holds already is not run again.")],
    only: Annotated[
        list[str] | None,
        typer.Option(help="Word of the designs to run, such as months=36; again for more."),
    ] = None,
    runs: Annotated[int, typer.Option(min=10, help="Series a design.")] = 4000,
    seed: Annotated[int | None, typer.Option(min=0, help="By default that of the shipped atlas.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Designs run at once.")] = 2,
    recorded: Annotated[
        Path | None,
        typer.Option(help="Second table (.csv): the noise of real records. Needs their data sets."),
    ] = None,
) -> None:
    """Simulate how often the tests raise a false alarm; can be stopped, and taken up again."""
    from wqstudy.calibration.recorded import run_recorded
    from wqstudy.calibration.runner import SEED, run_all

    stream = SEED if seed is None else seed
    table = run_all(out, only or (), runs=runs, seed=stream, processes=processes, told=typer.echo)
    typer.echo(f"{out}: {len(table):,} rows")
    if recorded is not None:
        table = run_recorded(recorded, runs=runs, seed=stream, told=typer.echo)
        typer.echo(f"{recorded}: {len(table):,} rows")
