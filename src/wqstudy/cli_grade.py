"""`wqstudy grade`: classes of sections, rivers and districts, and indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wqstudy.cli_common import Data, Language, Out, Parameters, listed, opened, write_or_show

if TYPE_CHECKING:
    import pandas as pd

    from wqstudy.study import Study

_INDICES = ("tli", "cwqi", "ccme", "pollution")
_SHOWN = 20  # lines that go to the terminal where no file is asked for


def grade(
    path: Data,
    period: Annotated[
        str | None,
        typer.Option(help="sample (the default for sections), month, quarter or year (for others)."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="'section', or a column of the stations table: river, district …")
    ] = "section",
    index: Annotated[str | None, typer.Option(help=f"An index instead: {', '.join(_INDICES)}.")] = None,
    parameters: Parameters = None,
    water_body: Annotated[str, typer.Option(help="auto, national, river or lake.")] = "auto",
    rounding: Annotated[str, typer.Option(help="assessment, or none: values as they are.")] = "assessment",
    nondetect: Annotated[str, typer.Option(help="half, limit or zero.")] = "half",
    probability: Annotated[
        bool, typer.Option("--probability", help="Say how sure each section's class, or each city's rank is.")
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="With --index cwqi: the change from this period to the last one.")
    ] = None,
    out: Out = None,
    lang: Language = None,
) -> None:
    """Grade sections by GB 3838-2002, single samples or periods; or rivers, districts, indices."""
    from wqstudy.errors import ArgumentError

    if index is not None and index not in _INDICES:
        raise ArgumentError(f"{index!r} is not known", argument="--index", valid=", ".join(_INDICES))
    if probability and index != "cwqi" and (index is not None or by != "section"):
        raise ArgumentError(
            "only classes of sections and ranks of cities have a probability",
            argument="--probability",
            mend="leave --by and --index, or ask for --index cwqi",
        )
    if base is not None and index != "cwqi":
        raise ArgumentError("only the city index has a change", argument="--base", mend="add --index cwqi")
    study, lang = opened(path, lang)
    by = "station" if by == "section" and index is not None else by
    period = period or ("sample" if by == "section" and index is None and not probability else "year")
    how = {"water_body": water_body, "nondetect": nondetect, "parameters": listed(parameters)}
    if index is None:
        table = _classes(study, period, by, lang, how | {"rounding": rounding}, probability=probability)
    else:
        table = _index(study, index, period, by, lang, how, probability=probability, base=base)
    if out is None:  # a reader is told what the units are, a file has the columns of the functions
        table = table.rename(columns=dict.fromkeys(("group", "city"), by))
    write_or_show(table, out, lang, _SHOWN)


def _classes(
    study: Study, period: str, by: str, lang: str, how: dict[str, Any], *, probability: bool
) -> pd.DataFrame:
    """Classes of sections, or status of the units that they make up."""
    from wqstudy import grading
    from wqstudy.errors import ArgumentError

    if by == "section":
        return grading.grade(study, period, lang=lang, probability=probability, **how)  # type: ignore[arg-type]
    if period == "sample":
        raise ArgumentError(
            "units are graded over a period", argument="--period", valid="month, quarter, year"
        )
    study.unit_of(by)
    graded = grading.grade(study, period, **how)  # type: ignore[arg-type]
    return grading.basin_status(graded, by, study, rounding=how["rounding"], lang=lang)


def _index(
    study: Study,
    index: str,
    period: str,
    by: str,
    lang: str,
    how: dict[str, Any],
    *,
    probability: bool,
    base: str | None,
) -> pd.DataFrame:
    """An index of sections, or of the units that they make up."""
    from wqstudy import grading
    from wqstudy.grading.limits import items_of

    unit = study.unit_of(by)
    if index == "ccme":
        samples = study.samples.assign(**{by: study.samples["station"].map(unit)})
        if how["parameters"] is not None:
            samples = samples[samples["parameter"].isin(items_of(how["parameters"]))]
        return grading.ccme(samples, by=by, lang=lang)
    if index == "cwqi" and probability:
        own = {name: value for name, value in how.items() if name != "parameters"}
        cities = grading.city_ranks(study, unit.to_dict(), period, items=how["parameters"], lang=lang, **own)  # type: ignore[arg-type]
        return cities if base is None else _change(cities, base, lang)
    means = grading.item_means(study, period, **how)  # type: ignore[arg-type]
    if index == "cwqi":
        means = means.assign(city=means["station"].map(unit))
        cities = grading.cwqi(means, "city", items=how["parameters"], lang=lang)
        return cities if base is None else _change(cities, base, lang)
    if index == "tli":
        return grading.tli(means, lang=lang)
    chosen = {} if how["parameters"] is None else {"items": how["parameters"]}
    return grading.mean_pollution_index(means, **chosen, lang=lang)


def _change(cities: pd.DataFrame, base: str, lang: str) -> pd.DataFrame:
    """Change of the city index from one period to the last."""
    from wqstudy import grading
    from wqstudy.errors import ArgumentError

    periods = sorted(cities["period"].unique())
    if base not in periods[:-1]:
        raise ArgumentError(
            f"{base!r} is no period before the last",
            argument="--base",
            valid=", ".join(periods[:-1]) or "none",
        )
    now, then = (cities[cities["period"] == one] for one in (periods[-1], base))
    return grading.delta_cwqi(now, then, lang=lang)
