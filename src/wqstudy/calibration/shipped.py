"""The shipped atlas: how often each test was wrong where it was simulated, and what that says of a record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from wqstudy.errors import ArgumentError

HOLDS = 0.07
"""Share of true nulls that a test of 5 % may reject under AR(1) noise for its ground to count as held."""

DRIFTS = 0.13
"""The same where the level drifts like a random walk over the whole record: above it a result says so."""

DRIFT = "AR .5 + random walk"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the atlas says of a test on a record.

    Parameters
    ----------
    months, non_detects
        Of the designs that stand for the record: the longest that is no longer, the least share of
        non-detects that is no smaller. 0 months where the record is shorter than all.
    size
        The largest share of true nulls rejected at 5 % under AR(1) noise of 0 to .8; nan where no design is.
    holds
        Whether that is `HOLDS` or less.
    drift
        Share rejected under the noise `DRIFT` at as many months; nan where no design is.
    """

    months: int
    non_detects: float
    size: float
    holds: bool
    drift: float = float("nan")

    @property
    def drifts(self) -> bool:
        """Whether a slow drift over such records is taken for a change more often than `DRIFTS`."""
        return self.drift > DRIFTS

    @property
    def fails(self) -> bool:
        """Whether such records were simulated and the test did not hold; not where none was."""
        return self.size == self.size and not self.holds


@cache
def atlas() -> pd.DataFrame:
    """The atlas as it was simulated: one row a test and design.

    Returns
    -------
    DataFrame
        `test, noise, months, split, season, missing, non_detects`, then `runs, size, size_error, coverage,
        width, power, seed, version, made_by` (`wqstudy.calibration.runner.made_by`). The table is the
        caller's to read, not to change.

    Examples
    --------
    >>> sorted(set(atlas()["months"]))
    [24, 36, 48, 60, 120, 240]
    """
    with (files("wqstudy.rules") / "atlas.csv").open(encoding="utf-8-sig") as file:
        return pd.read_csv(file)


@cache
def recorded_atlas() -> pd.DataFrame:
    """The same for noise of real records: surrogates of them, in which nothing changes.

    Returns
    -------
    DataFrame
        `test, source, parameter, step, months, records, runs, size, size_error, seed, version, made_by`
        (`wqstudy.calibration.recorded`). The table is the caller's to read, not to change.

    Examples
    --------
    >>> sorted(set(recorded_atlas()["source"]))
    ['cnemc-2020', 'hongkong']
    """
    with (files("wqstudy.rules") / "atlas_recorded.csv").open(encoding="utf-8-sig") as file:
        return pd.read_csv(file)


def ground(test: str, months: int, non_detects: float = 0.0) -> Ground:
    """What the atlas says of a test on a record of so many months.

    Parameters
    ----------
    test
        A name of the atlas, such as ``"averaged-step"``.
    months
        Months with data.
    non_detects
        Share of non-detects, 0 to 1.

    Raises
    ------
    ArgumentError
        If the atlas does not have the test.

    Examples
    --------
    >>> ground("averaged-step", 84).months, ground("averaged-step", 84).holds
    (60, True)
    >>> ground("averaged-step", 12).holds
    False
    """
    table = atlas()
    known = table[(table["test"] == test) & table["noise"].str.startswith("AR(1) 0")]
    if known.empty:
        raise ArgumentError(
            f"the atlas has no test {test!r}", argument="test", valid=", ".join(table["test"].unique())
        )
    known = known[(known["months"] <= months) & (known["non_detects"] >= non_detects)]
    if known.empty:
        return Ground(0, non_detects, float("nan"), holds=False)
    share = known["non_detects"].min()
    known = known[known["non_detects"] == share]
    longest = known["months"].max()
    size = float(known.loc[known["months"] == longest, "size"].max())
    slow = table[(table["test"] == test) & (table["noise"] == DRIFT) & (table["months"] == longest)]
    return Ground(int(longest), float(share), size, size <= HOLDS, float(slow["size"].max()))
