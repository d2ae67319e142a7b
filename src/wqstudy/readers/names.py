"""Names of stations: one spelling, and one station where a table says that it was renamed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import pandas as pd

from wqstudy import rules

_BRACKETS = str.maketrans({"（": "(", "）": ")", "【": "[", "】": "]", "\u3000": " "})
_PLACES = ("province", "city", "basin", "district")
_RENAMED = re.compile(r"([^()]+)\(([^()]+)\)")


def plain_name(name: str) -> str:
    """A station's name with half-width brackets and single blanks.

    Examples
    --------
    >>> plain_name(" 北桥（左）  1# ")
    '北桥(左) 1#'
    """
    return re.sub(r"\s+", " ", name.translate(_BRACKETS)).strip()


def renamed(names: Iterable[str]) -> dict[str, str]:
    """Station of every alias, where the names say that one was renamed.

    ``X(Y)`` is station X, formerly Y. It counts as that only where X or Y stands alone among the names, and
    Y is not a remark such as 左, 桥 or 1#.

    Examples
    --------
    >>> renamed(["新安(旧城渡)", "旧城渡", "北桥(左)", "北桥", "南湖(南塘)"])
    {'新安(旧城渡)': '新安', '旧城渡': '新安'}
    """
    names = list(dict.fromkeys(names))
    alone = {name for name in names if "(" not in name}
    parted = {name: found for name in names if (found := _parts(name))}
    former = [old for _, old in parted.values()]
    station: dict[str, str] = {}
    for name, (new, old) in parted.items():
        # A former name that two stations claim, or that is what another was renamed to, tells nothing.
        claimed = len({one for one, other in parted.values() if other == old}) > 1
        if not {new, old} & alone or claimed or new in former:
            continue
        station[name] = new
        if old in alone:
            station[old] = new
    return station


def one_name(
    samples: pd.DataFrame, places: Sequence[pd.DataFrame]
) -> tuple[pd.DataFrame, list[pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """Samples and places with renamed stations under one name, the aliases, and what the ledger says."""
    known = pd.concat(places, ignore_index=True)
    station = _never_together(_without_contradictions(renamed(known["station"]), known), samples)
    aliases = pd.DataFrame({"alias": list(station), "station": list(station.values())}, dtype="str")
    if not station:
        return samples, list(places), aliases, pd.DataFrame()
    told = pd.DataFrame(
        {
            "raw": aliases["alias"],
            "action": "not_data",
            "reason": "station renamed: counted as " + aliases["station"],
        }
    )
    samples = samples.assign(station=samples["station"].replace(station).astype("str"))
    return samples, [part.assign(station=part["station"].replace(station)) for part in places], aliases, told


def _without_contradictions(station: dict[str, str], places: pd.DataFrame) -> dict[str, str]:
    """Renamings of which no two names lie in different provinces, basins, cities or districts."""
    said = places[places["role"].isin(_PLACES)] if "role" in places else places.iloc[:0]
    if not station or said.empty:
        return station
    one = said["station"].map(station).fillna(said["station"])
    apart = said.groupby([one, said["role"]])["text"].nunique().gt(1).groupby(level=0).any()
    torn = set(apart.index[apart])
    return {alias: name for alias, name in station.items() if name not in torn}


def _never_together(station: dict[str, str], samples: pd.DataFrame) -> dict[str, str]:
    """Renamings of which no two names were sampled on one day: a station has one name at a time."""
    if not station:
        return station
    involved = samples.loc[samples["station"].isin({*station, *station.values()}), ["station", "time"]]
    one = involved["station"].map(station).fillna(involved["station"])
    names = involved["station"].groupby([one, involved["time"].dt.floor("D")]).nunique()
    together = set(names.index.get_level_values(0)[names > 1])
    return {alias: name for alias, name in station.items() if name not in together}


def _parts(name: str) -> tuple[str, str] | None:
    match = _RENAMED.fullmatch(name)
    if match is None:
        return None
    new, old = match[1].strip(), match[2].strip().removeprefix("原")
    return None if _is_remark(old) or len(new) < 2 or new == old else (new, old)


def _is_remark(text: str) -> bool:
    """Whether what stands in brackets tells the spot and not a name."""
    if len(text) < 2 or re.search(r"[\d#]", text):
        return True
    return not _remarks().sub("", text).strip()


@cache
def _remarks() -> re.Pattern[str]:
    words = sorted(rules.load("readers")["names"]["remarks"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
