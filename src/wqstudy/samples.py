"""The two tables that everything else walks on: samples, and the ledger of how they were read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from wqstudy.shown import facts

SAMPLE_COLUMNS = ("station", "time", "parameter", "value", "censored")
LEDGER_COLUMNS = ("file", "sheet", "row", "column", "raw", "action", "reason", "value")
CENSORED = ("none", "left", "right")
_AGAIN = "duplicate of "
_REASONS = 8  # so many, the commonest, are shown of a reading
ACTIONS = ("changed", "dropped", "not_data")


def empty_ledger() -> pd.DataFrame:
    """A ledger without lines.

    Examples
    --------
    >>> list(empty_ledger())
    ['file', 'sheet', 'row', 'column', 'raw', 'action', 'reason', 'value']
    """
    return join_ledgers([])


def join_ledgers(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Ledgers under one another, with the ledger's own column types.

    Parameters
    ----------
    parts
        Tables that have some or all of the ledger's columns.

    Returns
    -------
    DataFrame
        `LEDGER_COLUMNS`; `row` is a nullable integer counted from 1 (headings included), `value` a float.
    """
    filled = [part.reindex(columns=list(LEDGER_COLUMNS)) for part in parts if len(part)]
    if filled:
        ledger = pd.concat(filled, ignore_index=True)
    else:
        ledger = pd.DataFrame(columns=list(LEDGER_COLUMNS))
    kinds = dict.fromkeys(LEDGER_COLUMNS, "str") | {"row": "Int64", "value": "float64"}
    return ledger.astype(kinds)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader returns: the samples, and an account of every cell they came from.

    Parameters
    ----------
    samples
        Tidy table: `station, time, parameter, value, censored`, then carried columns.
    ledger
        One line for each parameter cell that was not simply kept (`changed`, `dropped`), and for
        headings and notes (`not_data`): `file, sheet, row, column, raw, action, reason, value`.
    stations
        What the file says about stations: `station`, then `district`, `river` … where given.
    kept
        Number of parameter cells that were taken as they stand.
    aliases
        Other names in the files of stations that were renamed: `alias, station`.
    """

    samples: pd.DataFrame
    ledger: pd.DataFrame
    stations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"station": pd.Series(dtype="str")}))
    kept: int = 0
    aliases: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"alias": [], "station": []}, dtype="str")
    )

    @property
    def counts(self) -> dict[str, int]:
        """Parameter cells met, and what became of them: `cells = kept + changed + dropped`.

        Examples
        --------
        >>> import pandas as pd
        >>> Reading(pd.DataFrame(), empty_ledger(), kept=3).counts
        {'cells': 3, 'kept': 3, 'changed': 0, 'dropped': 0}
        """
        changed = int((self.ledger["action"] == "changed").sum())
        dropped = int((self.ledger["action"] == "dropped").sum())
        return {
            "cells": self.kept + changed + dropped,
            "kept": self.kept,
            "changed": changed,
            "dropped": dropped,
        }

    def __str__(self) -> str:
        n = self.counts
        stations, parameters = self.samples["station"].nunique(), self.samples["parameter"].nunique()
        return (
            f"{len(self.samples):,} samples, {stations} stations, {parameters} parameters; "
            f"{n['cells']:,} cells = {n['kept']:,} kept + {n['changed']:,} changed + {n['dropped']:,} dropped"
        )

    def reasons(self) -> pd.DataFrame:
        """How often cells were changed or dropped for what: `action, reason, number`, the commonest first.

        Duplicates of whatever row count together.

        Examples
        --------
        >>> texts = ["duplicate of row 2", "blank", "duplicate of row 7"]
        >>> ledger = pd.DataFrame({"action": "dropped", "reason": texts})
        >>> Reading(pd.DataFrame(), ledger).reasons()
            action                      reason  number
        0  dropped  duplicate of another row       2
        1  dropped                     blank       1
        """
        touched = self.ledger.loc[self.ledger["action"] != "not_data", ["action", "reason"]]
        alike = touched["reason"].str.startswith(_AGAIN)
        touched = touched.assign(reason=touched["reason"].mask(alike, _AGAIN + "another row"))
        reasons = touched.groupby(["action", "reason"], as_index=False).size()
        reasons = reasons.sort_values("size", ascending=False, kind="stable", ignore_index=True)
        return reasons.rename(columns={"size": "number"})

    def _repr_html_(self) -> str:
        reasons = self.reasons()
        common = reasons.head(_REASONS).itertuples(index=False)
        rows = {f"{action}: {reason}": f"{n:,}" for action, reason, n in common}
        rest = len(reasons) - _REASONS
        return facts(str(self), rows, [f"{rest} more reasons in the ledger"] if rest > 0 else [])
