"""`wqstudy plan`: what a design of sampling would find, from the noise of a study like it."""

from __future__ import annotations

from typing import Annotated

import typer

from wqstudy.cli_common import By, Data, Language, Out, Seed, opened, say, write

_LIST = "Numbers to try, separated by commas."


def plan(
    path: Data,
    parameter: Annotated[str, typer.Option(help="Code or name of one parameter.")] = "NH3N",
    reduction: Annotated[float, typer.Option(help="True reduction to be found, as a share.")] = 0.3,
    sections: Annotated[str, typer.Option(help=f"Sections a district. {_LIST}")] = "2,4,8",
    months: Annotated[str, typer.Option(help=f"Months before, and as many after. {_LIST}")] = "24,36",
    controls: Annotated[str, typer.Option(help=f"Districts without treatment. {_LIST}")] = "0,2,4",
    every: Annotated[str, typer.Option(help=f"Months between visits. {_LIST}")] = "1",
    power: Annotated[float, typer.Option(help="Probability of finding it that is enough.")] = 0.8,
    by: By = "district",
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Say which designs would find a reduction: sections, months, controls, visits."""
    from wqstudy import words
    from wqstudy.effects.own_noise import variability
    from wqstudy.effects.planning import plan as plan_sampling
    from wqstudy.effects.planning import plan_sentence

    study, lang = opened(path, lang, [parameter])
    noise = variability(study, parameter, by, rng=seed)
    table = plan_sampling(
        noise,
        reduction,
        sections=_numbers(sections, "--sections"),
        months=_numbers(months, "--months"),
        controls=_numbers(controls, "--controls"),
        every=_numbers(every, "--every"),
        power=power,
        rng=seed,
    )
    written = write(table, out)
    finds = [words.text(f"plan.short_{found}", lang) for found in table["finds"]]
    shown = table.drop(columns=["treated"]).assign(finds=finds)
    typer.echo(words.rounded(shown, lang).to_string(index=False))
    typer.echo(plan_sentence(table, lang))
    if noise.left_out:
        labels = study.labels(by, lang)
        units = [labels[unit] for unit in noise.left_out]
        typer.echo(words.text("plan.left_out", lang, units=words.text("answer.comma", lang).join(units)))
    say(written)


def _numbers(written: str, argument: str) -> list[int]:
    """Whole numbers separated by commas."""
    from wqstudy.errors import ArgumentError

    parts = [part.strip() for part in written.replace("，", ",").split(",")]
    for part in parts:
        if not part.isdecimal():
            raise ArgumentError(f"{part!r} is not a whole number", argument=argument, valid="such as 2,4,8")
    return [int(part) for part in parts]
