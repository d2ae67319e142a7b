"""`wqstudy loads`: how much pollution passed, by one method or by all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wqstudy.cli_common import Data, Language, Level, Out, Parameters, Seed, listed, opened, write_or_show

if TYPE_CHECKING:
    import pandas as pd

    from wqstudy.study import Study

_SHOWN = 40  # lines that go to the terminal where no file is asked for


def loads(
    path: Data,
    method: Annotated[
        str, typer.Option(help="all, or names separated by commas: A … E, beale, rating, wrtds …")
    ] = "all",
    by: Annotated[str, typer.Option(help="year, month or all.")] = "year",
    start_month: Annotated[int, typer.Option(help="First month of a year.")] = 1,
    station: Annotated[str | None, typer.Option(help="One station; by default all that have a flow.")] = None,
    parameters: Parameters = None,
    nondetect: Annotated[
        str, typer.Option(help="zero, half, limit or likelihood: for formulas, not for regressions.")
    ] = "zero",
    level: Level = 0.95,
    out: Out = None,
    lang: Language = None,
    seed: Seed = 0,
) -> None:
    """Load of each year or month in tonnes, by averaging formulas, ratios, rating curves and WRTDS."""
    study, lang = opened(path, lang)
    how = {
        "by": by,
        "start_month": start_month,
        "nondetect": nondetect,
        "level": level,
        "rng": seed,
        "lang": lang,
    }
    wanted = "all" if method == "all" else listed(method)
    table = _loads(study, station, listed(parameters), wanted, how)
    write_or_show(table, out, lang, _SHOWN)


def _loads(
    study: Study,
    station: str | None,
    parameters: list[str] | None,
    methods: list[str] | str | None,
    how: dict[str, Any],
) -> pd.DataFrame:
    """Loads of every station that has a flow, and every parameter sampled there."""
    import pandas as pd

    from wqstudy import parameters as catalogue
    from wqstudy.errors import ArgumentError
    from wqstudy.loads import load_table

    codes = study.parameters if parameters is None else catalogue.codes(parameters)
    codes = [code for code in codes if code != "FLOW"]
    samples = study.samples
    source = samples[samples["parameter"] == "FLOW"] if study.flow is None else study.flow
    known = sorted(source["station"].unique())
    if not known:
        raise ArgumentError(
            "the study has no flow: a load is concentration times flow",
            argument="PATH",
            mend="add a table of daily flow (station, time, flow in m3/s), or flow among the samples",
        )
    if station is not None and station not in known:
        raise ArgumentError(
            f"there is no flow of station {station!r}", argument="--station", valid=", ".join(known[:10])
        )
    tables = []
    for name in known if station is None else [station]:
        here = samples[samples["station"] == name]
        for code in codes:
            own = here[here["parameter"].isin([code] if study.flow is not None else [code, "FLOW"])]
            if not (own["parameter"] == code).any():
                continue
            table = load_table(own, study.flow, methods or "all", station=name, parameter=code, **how)
            table.insert(0, "station", name)
            table.insert(1, "parameter", code)
            tables.append(table)
    if not tables:
        raise ArgumentError(
            "no station that has a flow has samples of these parameters",
            argument="--parameters",
            valid=", ".join(sorted(samples.loc[samples["station"].isin(known), "parameter"].unique())),
        )
    return pd.concat(tables, ignore_index=True)
