"""River or lake: which limits of total phosphorus hold at a section."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.errors import ArgumentError
from wqstudy.grading.limits import WATER_BODIES

BodyChoice = Literal["auto", "national", "river", "lake"]
_CHOICES = ("auto", "national", *WATER_BODIES)


@cache
def national_sections() -> dict[str, str]:
    """Water body of national sections, by name, as the national feed graded them in 2020 and 2021.

    Learnt by `data/build_sections.py` from the published classes: a section is here if its classes tell lake
    limits from river limits. Later names and regradings are not in it.
    """
    held = (files("wqstudy.rules") / "sections_water_body.csv").read_text(encoding="utf-8-sig")
    return {row["station"]: row["water_body"] for row in csv.DictReader(io.StringIO(held))}


def water_bodies(
    station: pd.Series,
    stations: pd.DataFrame | None,
    samples: pd.DataFrame,
    choice: BodyChoice | Mapping[str, str] = "auto",
) -> npt.NDArray[np.object_]:
    """Water body of each station given, ``"river"`` or ``"lake"``; never guessed from the section's own name.

    Parameters
    ----------
    station
        Names, which may recur.
    stations
        Table with `station` and, where known, `water_body` and `river`.
    samples
        Table whose own columns `water_body` or `river` are used where there is no table of stations.
    choice
        As for `wqstudy.grade`.

    Raises
    ------
    ArgumentError
        If the choice, or a water body in a mapping, is not known.
    """
    code, names = pd.factorize(station)
    if isinstance(choice, Mapping):
        strange = sorted({str(body) for body in choice.values()} - set(WATER_BODIES))
        if strange:
            raise ArgumentError(
                f"{strange[0]!r} is no water body", argument="water_body", valid="river, lake"
            )
        found = _auto(names, stations, samples) | dict(choice)
    elif choice in WATER_BODIES:
        return np.full(len(station), choice, dtype=object)
    elif choice in _CHOICES:
        found = _auto(names, stations, samples)
        if choice == "national":
            found |= national_sections()
    else:
        raise ArgumentError(
            f"{choice!r} is not known", argument="water_body", valid=", ".join(_CHOICES) + ", or a mapping"
        )
    return (
        np.array([found.get(name, "river") for name in names], dtype=object)[code]
        if len(code)
        else np.empty(0, object)
    )


def _auto(names: Any, stations: pd.DataFrame | None, samples: pd.DataFrame) -> dict[str, str]:
    """Water body of each station of which something is said."""
    told = stations
    if told is None:
        told = samples[
            [name for name in ("station", "water_body", "river") if name in samples]
        ].drop_duplicates("station")
    told = told[told["station"].isin(names)]
    found: dict[str, str] = {}
    if "river" in told:
        lake = (
            told["river"]
            .str.contains("|".join(rules.load("cnemc")["water_body"]["lake"]))
            .fillna(value=False)
        )
        found |= dict.fromkeys(told.loc[lake.astype(bool), "station"], "lake")
    if "water_body" in told:
        known = told[told["water_body"].isin(WATER_BODIES)]
        found |= dict(zip(known["station"], known["water_body"], strict=True))
    return found
