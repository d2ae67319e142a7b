"""Two announced rates: can they be rates of whole cases, and do they differ by more than chance?"""

from __future__ import annotations

from typing import Any

import numpy as np

from wqstudy import words
from wqstudy.effects.claim_refusals import Refused
from wqstudy.effects.claim_results import NAN, RateCheck
from wqstudy.effects.claim_sentences import claim_verdict, shown
from wqstudy.effects.claim_verdicts import CONTRADICTED, SUPPORTED, UNDECIDED
from wqstudy.effects.counts import (
    IntArray,
    compatible_counts,
    difference,
    possible_totals,
    smallest_total,
    worst_p,
)
from wqstudy.effects.figures import Figure, figure, pair
from wqstudy.errors import ArgumentError


def check_rate(
    before: str | float | None,
    after: str | float | None = None,
    *,
    n_before: int | None = None,
    n_after: int | None = None,
    level: float = 0.95,
    lang: str = "en",
) -> RateCheck:
    """Hold an announced rate against the one before, with or without the counts behind them.

    Where numbers of cases are not published, the decimals still tell which are possible: 37.66 % is no share
    of fewer than 77 cases. The rates differ where they do for every pair of counts possible, of which the
    smallest are tried (`rules/claims.toml`): with more cases the same difference is surer. Cases are taken to
    be independent, and a rate to be a share of cases, not a mean of rates.

    Parameters
    ----------
    before, after
        Rates as published, in per cent or as a share of one; or both in the first, as "37.66 % → 99.97 %".
        None where none is published.
    n_before, n_after
        Numbers of cases, where they are published.
    level
        Of the test and the interval.
    lang
        Language of reason and notes.

    Returns
    -------
    RateCheck

    Raises
    ------
    ArgumentError
        If a rate is not understood or not between 0 and 100 %, or a number of cases is no whole number.

    Examples
    --------
    >>> told = check_rate("37.66 % → 99.97 %")
    >>> told.verdict, told.least_before, told.least_after
    ('supported', 77, 2858)
    >>> check_rate("50 %", "62 %").verdict
    'not decidable'
    >>> check_rate("49.63 %", "99.87 %", n_after=615).verdict
    'contradicted'
    """
    words.language(lang)
    if not 0.5 <= level < 1:
        raise ArgumentError(f"{level!r} is not a confidence level", argument="level", valid="0.5 to below 1")
    both = pair(before, "before") if isinstance(before, str) and after is None else None
    first, second = both or (_given(before, "before"), _given(after, "after"))
    rates = [_rate(one, name) for one, name in ((first, "before"), (second, "after"))]
    totals = [_total(n, name) for n, name in ((n_before, "n_before"), (n_after, "n_after"))]
    if rates == [None, None]:
        raise Refused(
            "no_rate",
            argument="before, after",
            valid='rates such as "37.66 %" or "37.66 % → 99.97 %"',
        )
    row: dict[str, Any] = {"level": level}
    impossible: tuple[Figure, int] | None = None
    for rate, n, name in zip(rates, totals, ("before", "after"), strict=True):
        if rate is None:
            continue
        row[f"least_{name}"] = int(possible_totals(rate, 1)[0])
        if n is not None:
            counts = compatible_counts(rate, n)
            row[f"counts_{name}"] = tuple(counts.tolist())
            impossible = impossible or (None if counts.size else (rate, n))
    row |= _decided(rates, totals, impossible, level)
    announced = " → ".join(rate.text for rate in rates if rate is not None)
    row["announced"] = announced
    row |= {f"sentence_{one}": _sentence(row, impossible, one) for one in words.LANGUAGES}
    key = row.pop("reason_key")
    row["reason"] = words.text(f"claim.{key}", lang) if key else ""
    return RateCheck(**row, notes=_notes(row, rates, totals, lang))


def _decided(
    rates: list[Figure | None],
    totals: list[int | None],
    impossible: tuple[Figure, int] | None,
    level: float,
) -> dict[str, Any]:
    """Verdict, p and interval."""
    before, after = rates
    if impossible:
        return {"verdict": CONTRADICTED, "reason_key": ""}
    if before is None or after is None:
        return {"verdict": UNDECIDED, "reason_key": "reason_one_rate"}
    tried: list[IntArray] = [
        possible_totals(rate) if n is None else np.array([n])
        for rate, n in zip((before, after), totals, strict=True)
    ]
    p = min(1.0, 2 * worst_p(before, tried[0], after, tried[1]))
    # Rates whose roundings touch may be one and the same, whatever the counts.
    apart = before.high < after.low or after.high < before.low
    shown_apart = apart and p <= 1 - level
    known = None not in totals
    row: dict[str, Any] = {
        "verdict": SUPPORTED if shown_apart else UNDECIDED,
        "change_points": round(after.value - before.value, 10),
        "p_value": p,
        "smallest_n": smallest_total(before, after, level) if apart else None,
        "reason_key": "" if shown_apart else "reason_chance" if known else "reason_counts",
    }
    if known:
        ends = [
            difference(int(k1), int(tried[0][0]), int(k2), int(tried[1][0]), level)
            for k1 in compatible_counts(before, int(tried[0][0]))[[0, -1]]
            for k2 in compatible_counts(after, int(tried[1][0]))[[0, -1]]
        ]
        row |= {"low": min(low for low, _ in ends), "high": max(high for _, high in ends)}
    return row


def _sentence(row: dict[str, Any], impossible: tuple[Figure, int] | None, lang: str) -> str:
    said = words.text(
        "claim.rate", lang, announced=row["announced"], verdict=claim_verdict(row["verdict"], lang)
    )
    if row["reason_key"]:
        reason = words.text(f"claim.{row['reason_key']}", lang)
        said += words.text("claim.rate_reason", lang, reason=reason)
    if row["verdict"] == SUPPORTED:
        said += words.text("claim.rate_supported", lang, points=shown(row.get("change_points", NAN)))
    if impossible:
        said += words.text("claim.rate_impossible", lang, n=impossible[1], rate=impossible[0].text)
    return said + words.text("claim.stop", lang)


def _notes(
    row: dict[str, Any], rates: list[Figure | None], totals: list[int | None], lang: str
) -> tuple[str, ...]:
    """What follows of the numbers of cases that are not published."""
    notes = [
        words.text("claim.rate_least", lang, rate=rate.text, n=row[f"least_{name}"])
        for rate, n, name in zip(rates, totals, ("before", "after"), strict=True)
        if rate is not None and n is None
    ]
    if row.get("smallest_n"):
        notes.append(words.text("claim.rate_smallest", lang, n=row["smallest_n"]))
    return tuple(notes)


def _given(text: str | float | None, argument: str) -> Figure | None:
    return None if text is None else figure(text, argument)


def _rate(given: Figure | None, argument: str) -> Figure | None:
    """A rate in per cent."""
    if given is None:
        return None
    times = 100.0 if given.unit == "" and given.value <= 1 else 1.0
    if given.unit not in ("", "%") or given.signed or not 0 <= given.value * times <= 100:
        raise Refused("rate", text=given.text, argument=argument, valid="0 to 100 %, or a share of one")
    low, high = max(0.0, times * given.low), min(100.0, times * given.high)
    return Figure(given.text, times * given.value, low, high, "%")


def _total(n: int | None, argument: str) -> int | None:
    if n is None:
        return None
    if not n >= 1 or int(n) != n:
        raise Refused("cases", text=n, argument=argument, valid="1, 2, 3 …")
    return int(n)
