"""A table of claims: for each a verdict, or the reason why none can be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import words
from wqstudy.effects.arithmetic import check_arithmetic
from wqstudy.effects.claim_refusals import Refused
from wqstudy.effects.claim_results import ArithmeticCheck, ClaimCheck, RateCheck
from wqstudy.effects.claim_sentences import claim_verdict
from wqstudy.effects.claim_verdicts import CONTRADICTED, UNDECIDED
from wqstudy.effects.claims import check_claim, check_options
from wqstudy.effects.figures import pair
from wqstudy.effects.rates import check_rate
from wqstudy.errors import ArgumentError
from wqstudy.readers.study_tables import read_study_table
from wqstudy.schemas import admit
from wqstudy.series import seed_of
from wqstudy.study import Study

COLUMNS = (
    "claim",
    "kind",
    "district",
    "parameter",
    "announced",
    "verdict",
    "beyond_background",
    "change_percent",
    "low",
    "high",
    "reason",
    "sentence_en",
    "sentence_zh",
    "notes",
)
"""Columns of the table that `check_claims` returns."""

Check = ClaimCheck | RateCheck | ArithmeticCheck
Row = Mapping[str, Any]
Why = tuple[str, dict[str, Any]]
"""A phrase of the catalogue, and what fills it."""

_SPANS = ("before", "after", "before, after")  # arguments that are windows
_FIGURES = ("arithmetic", "count", "amount")  # kinds whose figures may allow a sum


def check_claims(
    study: Study | None,
    claims: pd.DataFrame | str | Path | None = None,
    *,
    background: str | float | None = None,
    tolerance: float | None = None,
    rng: int | np.random.Generator = 0,
    lang: str | None = None,
) -> pd.DataFrame:
    """Go through a table of claims: one row a claim, with its verdict or the reason why there is none.

    Concentrations go to `check_claim`, rates to `check_rate`; of all others the figures are held against one
    another by `check_arithmetic` where there are enough of them. A claim that cannot be checked is told so in
    its own row and stops nothing.

    Parameters
    ----------
    study
        The study; None where there is no record of the water: arithmetic and background still tell something.
    claims
        `claim, kind[, district, parameter, announced, before, after, n_before, n_after, share, whole,
        before_start, before_end, after_start, after_end]`, or the file that holds it; by default the study's
        own. `announced` is the change, `before` and `after` the levels, all as published; `share` is the
        share that `after` has in `whole`.
    background, tolerance, rng
        As for `check_claim`.
    lang
        Language of reasons and notes; by default the study's.

    Returns
    -------
    DataFrame
        ``claim, kind, district, parameter, announced, verdict, beyond_background, change_percent, low, high,
        reason, sentence_en, sentence_zh, notes``. The verdict is one of `wqstudy.effects.CLAIM_VERDICTS`;
        where it is "not decidable", ``reason`` says why. Changes in per cent, of concentrations only.

    Raises
    ------
    ReadError, SchemaError
        If the file cannot be read, or is no table of claims.
    ArgumentError
        If there are no claims, or an option cannot be used.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim": ["a", "b"], "kind": ["rate", "amount"]})
    >>> claims["before"], claims["after"] = ["37.66 %", None], ["99.97 %", "3.65 km"]
    >>> check_claims(None, claims)["verdict"].tolist()
    ['supported', 'not decidable']
    """
    lang = words.language(lang or (study.language if study is not None else "en"))
    check_options(background, tolerance)
    given = claims if claims is not None or study is None else study.claims
    if given is None:
        raise ArgumentError(
            "there are no claims",
            argument="claims",
            mend="give a table, or put claims.csv into the study folder",
        )
    if isinstance(given, str | Path):
        given = read_study_table(Path(given), "claims")
    table = _admitted(given)
    how = {"background": background, "tolerance": tolerance, "rng": seed_of(rng)}
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    records = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    rows = [_row(study, {k: None if pd.isna(v) else v for k, v in row.items()}, how, lang) for row in records]
    return pd.DataFrame(rows)[list(COLUMNS)]


def _admitted(table: pd.DataFrame) -> pd.DataFrame:
    """A table as a Study would have it, parameters under their code."""
    if "parameter" in table:
        known = {name: catalogue.find(str(name)) or name for name in table["parameter"].dropna().unique()}
        table = table.assign(parameter=table["parameter"].map(known))
    return admit("claims", table)


def _row(study: Study | None, claim: Row, how: dict[str, Any], lang: str) -> dict[str, Any]:
    """One claim's row."""
    checks, why = _checked(study, claim, how, lang)
    verdicts = [check.verdict for check in checks]
    verdict = CONTRADICTED if CONTRADICTED in verdicts else verdicts[0] if verdicts else UNDECIDED
    row: dict[str, Any] = {name: claim[name] for name in ("claim", "kind", "district", "parameter")}
    row |= {"announced": _announced(claim), "verdict": verdict, "beyond_background": ""}
    row |= dict.fromkeys(("change_percent", "low", "high"), np.nan)
    if checks and isinstance(checks[0], ClaimCheck):
        kept = ("beyond_background", "change_percent", "low", "high")
        row |= {name: getattr(checks[0], name) for name in kept}
    reason = (
        words.text(why[0], lang, **why[1]) if why else words.joined([check.reason for check in checks], lang)
    )
    row["reason"] = reason if verdict == UNDECIDED else ""
    for one in words.LANGUAGES:
        said = [getattr(check, f"sentence_{one}") for check in checks]
        if said and why and verdict == UNDECIDED:
            said.append(words.text("claim.open", one, reason=words.text(why[0], one, **why[1])))
        if not said and why:
            announced = row["announced"] or claim["claim"]
            head = words.text("claim.rate", one, announced=announced, verdict=claim_verdict(UNDECIDED, one))
            reason = words.text("claim.rate_reason", one, reason=words.text(why[0], one, **why[1]))
            said = [head + reason + words.text("claim.stop", one)]
        row[f"sentence_{one}"] = (" " if one == "en" else "").join(said)
    row["notes"] = words.joined([note for check in checks for note in check.notes], lang)
    return row


def _checked(
    study: Study | None, claim: Row, how: dict[str, Any], lang: str
) -> tuple[list[Check], Why | None]:
    """What could be checked of a claim, and why nothing more, where the check does not say so itself."""
    kind = claim["kind"]
    try:
        if kind == "concentration":
            return _concentration(study, claim, how, lang)
        if kind == "rate":
            totals = {"n_before": claim["n_before"], "n_after": claim["n_after"]}
            return [check_rate(*_rates(claim), **totals, lang=lang)], None
        sums = _arithmetic(claim, lang) if kind in _FIGURES else []
    except Refused as problem:
        return [], (problem.key, problem.fill)
    except ArgumentError as problem:
        if kind == "concentration" and problem.argument in _SPANS:
            return [], ("claim.refused_windows", {})
        return [], ("claim.reason_refused", {"problem": str(problem).rstrip(".")})
    return list(sums), (f"claim.reason_{kind}", {})


def _concentration(
    study: Study | None, claim: Row, how: dict[str, Any], lang: str
) -> tuple[list[Check], Why | None]:
    announced = claim["announced"]
    if announced is None and claim["before"] is not None and claim["after"] is not None:
        announced = f"{claim['before']} → {claim['after']}"
    if announced is None or claim["parameter"] is None:
        return [], ("claim.reason_figure" if announced is None else "claim.reason_parameter", {})
    told = check_claim(
        study,
        parameter=claim["parameter"],
        announced=announced,
        district=claim["district"],
        before=_span(claim, "before"),
        after=_span(claim, "after"),
        lang=lang,
        **how,
    )
    return [told], None


def _rates(claim: Row) -> tuple[str | None, str | None]:
    """The rates before and after; what was announced alone holds both, or the one after."""
    announced = claim["announced"]
    if announced is None or claim["before"] is not None or claim["after"] is not None:
        return claim["before"], claim["after"]
    return (announced, None) if pair(announced) else (None, announced)


def _arithmetic(claim: Row, lang: str) -> list[ArithmeticCheck]:
    """The sums that a claim's figures allow."""
    sums = {"before": claim["before"], "change": claim["announced"], "after": claim["after"]}
    products = {"part": claim["after"], "share": claim["share"], "whole": claim["whole"]}
    wanted: list[dict[str, Any]] = []
    if sum(one is not None for one in sums.values()) > 1:
        wanted.append(sums)
    if claim["share"] is not None and sum(one is not None for one in products.values()) > 1:
        wanted.append(products | {"counted": claim["kind"] == "count"})
    check: Callable[..., ArithmeticCheck] = check_arithmetic
    return [check(**figures, lang=lang) for figures in wanted]


def _span(claim: Row, side: str) -> tuple[Any, Any] | None:
    start, end = claim[f"{side}_start"], claim[f"{side}_end"]
    return None if start is None and end is None else (start, end)


def _announced(claim: Row) -> str:
    """What was announced, in a line."""
    levels = " → ".join(str(claim[side]) for side in ("before", "after") if claim[side] is not None)
    return ", ".join(part for part in (levels, claim["announced"]) if part)
