"""The command `wqstudy data`: what real data sets there are, and how to get them."""

from __future__ import annotations

from typing import Annotated

import typer

from wqstudy.errors import ReadError

# Everything heavy is imported inside the commands, so that --help answers at once.

app = typer.Typer(help="Real data sets: list, describe, download, verify.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a data set.")]


@app.command(name="list")
def list_sets() -> None:
    """The data sets, and whether their files are on this computer."""
    from wqstudy.datasets.download import verify
    from wqstudy.datasets.registry import cards, registered, sources

    width = max(map(len, cards()))
    states = verify(cards(), content=False).groupby("name")["state"].agg(lambda s: int((s != "absent").sum()))
    typer.echo(f"{'demo':{width}}  part of the package")
    for name, own in cards().items():
        there, all_files = int(states.get(name, 0)), len(registered(name))
        state = (
            "here" if there == all_files else f"{there} of {all_files} files here" if there else "not here"
        )
        if there < all_files:
            state += ", can be downloaded" if sources(name) else ", cannot be downloaded as it stands"
        typer.echo(f"{name:{width}}  {own.title} ({state})")


@app.command()
def info(name: Name) -> None:
    """The data card: publisher, licence, coverage, citation, peculiarities."""
    from wqstudy.datasets import info as card

    typer.echo(str(card(name)))


@app.command()
def fetch(
    name: Name,
    month: Annotated[
        list[str] | None, typer.Option(help="Only this month, as 2020-05; may be given several times.")
    ] = None,
) -> None:
    """Download a data set into the cache and check its sha256."""
    from wqstudy.datasets.download import fetch as download
    from wqstudy.datasets.registry import registered

    place = download(name, month or None, progress=True)
    typer.echo(f"{place}: {len(registered(name, month or None))} files of {name}")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="Name of a data set; all by default.")] = None,
) -> None:
    """Compare the files on this computer with the sha256 that they must have."""
    from wqstudy.datasets.download import verify as check
    from wqstudy.datasets.registry import card, cards

    table = check([card(name).name] if name else cards())
    for line in table[table["state"] == "differs"].itertuples():
        typer.echo(f"{line.place}/{line.file}: differs")
    for one, states in table.groupby("name", sort=False)["state"]:
        counts = states.value_counts()
        typer.echo(f"{one}: " + ", ".join(f"{counts[state]} {state}" for state in counts.index))
    wrong = int((table["state"] == "differs").sum())
    if wrong:
        raise ReadError(
            f"{wrong} files are not what they must be",
            mend="delete them and run: wqstudy data fetch NAME",
        )
