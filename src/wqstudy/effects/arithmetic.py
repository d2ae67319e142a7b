"""Do the announced numbers agree with one another, roundings taken into account?"""

from __future__ import annotations

from typing import Any

from wqstudy import words
from wqstudy.effects.claim_refusals import Refused
from wqstudy.effects.claim_results import ArithmeticCheck
from wqstudy.effects.claim_sentences import shown
from wqstudy.effects.claim_verdicts import CONTRADICTED, UNDECIDED
from wqstudy.effects.counts import compatible_counts
from wqstudy.effects.figures import Figure, figure
from wqstudy.errors import ArgumentError

Ends = tuple[float, float]

_SLACK = 1e-9  # relative: what binary fractions may be off


def check_arithmetic(
    *,
    before: str | float | None = None,
    change: str | float | None = None,
    after: str | float | None = None,
    part: str | float | None = None,
    share: str | float | None = None,
    whole: str | float | None = None,
    counted: bool = False,
    lang: str = "en",
) -> ArithmeticCheck:
    """Hold announced numbers against one another: before + change = after, or share × whole = part.

    Two of the three give the third; three must agree. Every number stands for all that it may have been
    rounded from, and the intervals are carried through exactly.

    Parameters
    ----------
    before, change, after
        As published; the change an amount or in per cent.
    part, share, whole
        As published; the share in per cent.
    counted
        Whether the whole is a number of cases: then the part must be a whole number.
    lang
        Language of the reason.

    Returns
    -------
    ArithmeticCheck

    Raises
    ------
    ArgumentError
        If fewer than two numbers of one of the two kinds are given, or one is not understood.

    Examples
    --------
    >>> told = check_arithmetic(change="+1449 km", after="6480 km")
    >>> told.implied["before"], told.agree
    ((5030.0, 5032.0), None)
    >>> check_arithmetic(before="995 km", change="+120 %", after="2189 km").agree
    True
    >>> check_arithmetic(share="99.87 %", whole=615, counted=True).verdict
    'contradicted'
    """
    words.language(lang)
    sums = {"before": before, "change": change, "after": after}
    products = {"part": part, "share": share, "whole": whole}
    given = {name: figure(text, name) for name, text in (sums | products).items() if text is not None}
    kinds = [kind for kind in (sums, products) if any(name in given for name in kind)]
    if len(kinds) != 1 or len(given) < 2:
        raise ArgumentError(
            f"{', '.join(given) or 'nothing'} given: there is no sum to do",
            argument="before, change, after, part, share, whole",
            valid="two or three of before, change and after, or two or three of part, share and whole",
        )
    _one_unit(given)
    held = {name: (one.low, one.high) for name, one in given.items()}
    implied = _sum(given, held) if kinds[0] is sums else _product(held)
    agree = _agree(given, held, implied)
    counts: tuple[int, ...] = ()
    if counted and "share" in given and "whole" in given:
        counts = tuple(compatible_counts(given["share"], _cases(given["whole"])).tolist())
        inside = [k for k in counts if "part" not in given or given["part"].low <= k <= given["part"].high]
        agree = False if not inside else agree
    said: dict[str, Any] = {
        f"sentence_{one}": _sentence(given, agree, implied, counts if counted else None, one)
        for one in words.LANGUAGES
    }
    key = "" if agree is False else "reason_nothing_left" if agree is None else "reason_arithmetic"
    return ArithmeticCheck(
        announced=_announced(given),
        verdict=CONTRADICTED if agree is False else UNDECIDED,
        agree=agree,
        implied=implied,
        counts=counts,
        reason=words.text(f"claim.{key}", lang) if key else "",
        **said,
    )


def _one_unit(given: dict[str, Figure]) -> None:
    """Amounts of one kind are in one unit."""
    amounts = {name: one for name, one in given.items() if name not in ("change", "share")}
    if "change" in given and given["change"].unit != "%":
        amounts["change"] = given["change"]
    if "share" in given and given["share"].unit != "%":
        raise Refused("share", text=given["share"].text, argument="share", valid='per cent, such as "36.7 %"')
    units = {one.unit for one in amounts.values()}
    if len(units) > 1:
        raise Refused(
            "amounts",
            numbers=", ".join(f"{one.text!r} ({name})" for name, one in amounts.items()),
            argument=", ".join(amounts),
            valid="one unit",
        )


def _sum(given: dict[str, Figure], held: dict[str, Ends]) -> dict[str, Ends]:
    """What before, change and after imply of one another."""
    relative = "change" in given and given["change"].unit == "%"
    implied: dict[str, Ends] = {}
    if relative:
        c = tuple(1 + end / 100 for end in held["change"])
        if "before" in held:
            implied["after"] = (held["before"][0] * c[0], held["before"][1] * c[1])
        if "after" in held and c[0] > 0:
            implied["before"] = (held["after"][0] / c[1], held["after"][1] / c[0])
            implied["change_amount"] = (
                held["after"][0] * (1 - 1 / c[0]),
                held["after"][1] * (1 - 1 / c[1]),
            )
    elif "change" in held:
        c = held["change"]
        if "before" in held:
            implied["after"] = (held["before"][0] + c[0], held["before"][1] + c[1])
        if "after" in held:
            implied["before"] = (held["after"][0] - c[1], held["after"][1] - c[0])
    if "before" in held and "after" in held:
        (b0, b1), (a0, a1) = held["before"], held["after"]
        if not relative:
            implied["change"] = (a0 - b1, a1 - b0)
        if b0 > 0:
            implied["change_percent"] = (100 * (a0 / b1 - 1), 100 * (a1 / b0 - 1))
    return {name: _clean(ends) for name, ends in implied.items()}


def _product(held: dict[str, Ends]) -> dict[str, Ends]:
    """What part, share and whole imply of one another."""
    implied: dict[str, Ends] = {}
    if "share" in held and "whole" in held:
        implied["part"] = (
            held["share"][0] / 100 * held["whole"][0],
            held["share"][1] / 100 * held["whole"][1],
        )
    if "part" in held and "share" in held and held["share"][0] > 0:
        implied["whole"] = (
            100 * held["part"][0] / held["share"][1],
            100 * held["part"][1] / held["share"][0],
        )
    if "part" in held and "whole" in held and held["whole"][0] > 0:
        implied["share"] = (
            100 * held["part"][0] / held["whole"][1],
            100 * held["part"][1] / held["whole"][0],
        )
    return {name: _clean(ends) for name, ends in implied.items()}


def _agree(given: dict[str, Figure], held: dict[str, Ends], implied: dict[str, Ends]) -> bool | None:
    """Whether three numbers can all be right: each is monotone in the others, so one comparison tells."""
    if len(given) < 3:
        return None
    name = "after" if "after" in given else "part"
    low, high = implied[name]
    slack = _SLACK * max(abs(low), abs(high))
    return held[name][0] <= high + slack and low - slack <= held[name][1]


def _clean(ends: Ends) -> Ends:
    low, high = (float(f"{end:.12g}") for end in ends)
    return low, high


def _cases(whole: Figure) -> int:
    if whole.value < 1 or whole.value != int(whole.value):
        raise Refused("cases", text=whole.text, argument="whole", valid="1, 2, 3 …")
    return int(whole.value)


def _announced(given: dict[str, Figure]) -> str:
    return ", ".join(one.text for one in given.values())


def _sentence(
    given: dict[str, Figure],
    agree: bool | None,
    implied: dict[str, Ends],
    counts: tuple[int, ...] | None,
    lang: str,
) -> str:
    found: list[str] = []
    if counts is not None and "share" in given and "whole" in given:
        fill: dict[str, Any] = {"rate": given["share"].text, "n": given["whole"].text}
        key = "some_counts" if counts else "no_count"
        listed = "–".join(str(k) for k in dict.fromkeys((counts[0], counts[-1]))) if counts else ""
        found.append(words.text(f"claim.{key}", lang, **fill, **({"counts": listed} if counts else {})))
    if agree is not None and counts != ():
        found.append(words.text("claim.agree" if agree else "claim.disagree", lang))
    if agree is None:
        found += [
            words.text(
                "claim.implied",
                lang,
                name=words.text(f"claim.name_{name}", lang),
                low=shown(ends[0]),
                high=shown(ends[1]),
            )
            for name, ends in implied.items()
            if name not in given
        ]
    said: Any = words.joined(found, lang)
    announced = _announced(given)
    return words.text("claim.arithmetic", lang, announced=announced, found=said) + words.text(
        "claim.stop", lang
    )
