"""The parameter catalogue: codes, names in Chinese and English, units, limits of detection."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from wqstudy import rules
from wqstudy.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One measured quantity.

    Parameters
    ----------
    code
        The key used in every table, such as ``NH3N``.
    name
        Long name in snake case, such as ``ammonia_nitrogen``.
    zh, en
        Names in Chinese and English.
    aliases
        Other spellings met in files.
    unit
        Canonical unit: `samples.value` is always in it.
    decimals
        Decimals kept when a mean is graded.
    ratio
        Whether a percentage change means something.
    higher_is_better
        Whether more of it is better water, as of oxygen.
    detection_limit, detection_source
        Usual limit in `unit` and the laboratory method it belongs to.
    zero_is_real
        Whether zero is a reading (a dry river) and not a concentration too low to be measured.
    """

    code: str
    name: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    unit: str
    decimals: int
    ratio: bool = True
    higher_is_better: bool = False
    detection_limit: float | None = None
    detection_source: str | None = None
    zero_is_real: bool = False

    def label(self, lang: str = "en") -> str:
        """Name in the language asked for.

        Examples
        --------
        >>> parameter("TP").label("zh")
        '总磷'
        """
        return self.zh if lang == "zh" else self.en


@lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """Spelling without its accidents: width, case, blanks, dashes, brackets, micro signs, subscripts.

    Examples
    --------
    >>> fold("ＮＨ3－N ") == fold("nh₃-n") == fold("NH3_N")
    True
    """
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("µ", "u")
    return re.sub(r"[\s\-‐‑–—_·.,:()（）\[\]【】]+", "", text).casefold()


@cache
def catalogue() -> dict[str, Parameter]:
    """Every known parameter by its code, in catalogue order.

    Examples
    --------
    >>> catalogue()["CODMn"].en
    'permanganate index'
    """
    return {
        entry["code"]: Parameter(**{**entry, "aliases": tuple(entry["aliases"])})
        for entry in rules.load("parameters")["parameter"]
    }


@cache
def _spellings() -> dict[str, str]:
    """Code of every folded spelling. Codes win over names, names over aliases."""
    table: dict[str, str] = {}
    everything = catalogue().values()
    for spellings in (
        [(p.code, (p.code,)) for p in everything],
        [(p.code, (p.name, p.zh, p.en)) for p in everything],
        [(p.code, p.aliases) for p in everything],
    ):
        for code, names in spellings:
            for name in names:
                table.setdefault(fold(name), code)
    return table


def find(name: str) -> str | None:
    """Code of a parameter from any known spelling, or None.

    Examples
    --------
    >>> find("氨氮"), find("NH3-N"), find("CODMN"), find("COD"), find("colour")
    ('NH3N', 'NH3N', 'CODMn', 'CODCr', None)
    """
    return _spellings().get(fold(name))


def parameter(name: str, *, argument: str | None = None) -> Parameter:
    """The catalogue entry of a parameter, from its code or any known spelling.

    Raises
    ------
    ArgumentError
        If the name is not in the catalogue; near spellings are named.

    Examples
    --------
    >>> parameter("total phosphorus").code
    'TP'
    """
    code = find(name)
    if code is None:
        near = difflib.get_close_matches(name, [*catalogue(), *_spellings()], n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else None
        raise ArgumentError(
            f"parameter {name!r} is not in the catalogue",
            argument=argument,
            valid=", ".join(catalogue()),
            mend=hint,
        )
    return catalogue()[code]


def codes(names: Iterable[str] | str, *, argument: str = "parameters") -> list[str]:
    """Codes of several parameters, in the order given, each once.

    Examples
    --------
    >>> codes(["总磷", "NH3-N", "TP"])
    ['TP', 'NH3N']
    """
    names = [names] if isinstance(names, str) else names
    return list(dict.fromkeys(parameter(name, argument=argument).code for name in names))


def _fold_unit(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("µ", "u")
    return re.sub(r"[\s·.]+", "", text).replace("−", "-").casefold()


@cache
def _units() -> dict[str, tuple[str, str, float]]:
    """Dimension, canonical spelling and factor to the base unit, by folded spelling."""
    return {
        _fold_unit(spelling): (dimension, unit, entry["factor"])
        for dimension, units in rules.load("units").items()
        for unit, entry in units.items()
        for spelling in (unit, *entry["spellings"])
    }


def unit_name(text: str) -> str | None:
    """Canonical spelling of a unit, or None if it is not known.

    Examples
    --------
    >>> unit_name("μg/L"), unit_name("mg·L⁻¹"), unit_name("furlong")
    ('ug/L', 'mg/L', None)
    """
    found = _units().get(_fold_unit(text))
    return None if found is None else found[1]


def factor(unit: str, code: str) -> float:
    """What a value in `unit` must be multiplied by to be in the parameter's canonical unit.

    Raises
    ------
    ArgumentError
        If the unit is unknown or of another dimension than the parameter.

    Examples
    --------
    >>> factor("ug/L", "TP")
    0.001
    """
    known = parameter(code)
    dimension, _, base = _units()[_fold_unit(known.unit)]
    valid = ", ".join(u for d, u, _ in dict.fromkeys(_units().values()) if d == dimension and u) or "no unit"
    found = _units().get(_fold_unit(unit))
    if found is None or found[0] != dimension:
        what = "is not known" if found is None else f"does not measure {known.en}"
        raise ArgumentError(
            f"unit {unit!r} of {known.code} {what}",
            argument="unit",
            valid=valid,
            mend="write the unit of the values in the heading, such as 'TP (mg/L)'",
        )
    return found[2] / base
