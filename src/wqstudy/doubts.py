"""Samples whose unit is in doubt, as readers flag them: said with whatever rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import words

UNIT = "unit?"
"""What the column `flag` says of a sample that looks a thousandfold too large or too small."""


def in_doubt(samples: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether the unit of each sample is in doubt.

    Examples
    --------
    >>> in_doubt(pd.DataFrame({"flag": ["unit?", "red;unit?", "red", None]})).tolist()
    [True, True, False, False]
    """
    if "flag" not in samples:
        return np.zeros(len(samples), bool)
    flag = samples["flag"].astype("str")
    return flag.str.contains(UNIT, regex=False, na=False).to_numpy(bool)


def stations_in_doubt(samples: pd.DataFrame) -> dict[str, int]:
    """How many samples of each station are in doubt, by name of the station.

    Examples
    --------
    >>> stations_in_doubt(pd.DataFrame({"station": ["b", "b", "a"], "flag": ["unit?", "unit?", None]}))
    {'b': 2}
    """
    counts = samples.loc[in_doubt(samples), "station"].value_counts().sort_index()
    return {str(name): int(n) for name, n in counts.items()}


def doubt_notes(
    samples: pd.DataFrame, lang: str = "en", labels: Mapping[str, str] | None = None
) -> list[str]:
    """One note that names the stations with samples in doubt, or none.

    Parameters
    ----------
    samples
        What a result rests on: `station`, and `flag` where there is one.
    lang
        ``en`` or ``zh``.
    labels
        How stations are written.

    Examples
    --------
    >>> doubt_notes(pd.DataFrame({"station": ["b", "b", "a"], "flag": ["unit?", "unit?", None]}))
    ['samples whose unit is in doubt: 2 (b 2)']
    """
    found = stations_in_doubt(samples)
    return [doubt_note(found, lang, labels)] if found else []


def doubt_note(found: Mapping[str, int], lang: str, labels: Mapping[str, str] | None = None) -> str:
    """The note on numbers of samples by station.

    Examples
    --------
    >>> doubt_note({"b": 2, "a": 1}, "zh")
    '单位存疑的样本：3个（b 2个、a 1个）'
    """
    told = [
        words.text("note.station_samples", lang, station=(labels or {}).get(name, name), n=n)
        for name, n in found.items()
    ]
    stations = words.text("answer.comma", lang).join(told)
    return words.text("note.unit_in_doubt", lang, n=sum(found.values()), stations=stations)


def doubt_lines(
    samples: pd.DataFrame, codes: Iterable[str], lang: str = "en", labels: Mapping[str, str] | None = None
) -> list[str]:
    """A line for each of the parameters that has samples in doubt.

    Examples
    --------
    >>> doubt_lines(pd.DataFrame({"station": ["b"], "parameter": ["TP"], "flag": ["unit?"]}), ["TP", "DO"])
    ['total phosphorus: samples whose unit is in doubt: 1 (b 1)']
    """
    found = samples[in_doubt(samples)]
    return [
        words.text("answer.noted", lang, parameter=words.parameter_name(code, lang), note=note)
        for code in codes
        for note in doubt_notes(found[found["parameter"] == code], lang, labels)
    ]
