"""Many tests at once: how many of the findings may be false."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from wqstudy.errors import ArgumentError

Adjust = Literal["bh", "by", "none"]


def q_values(
    table: pd.DataFrame, adjust: Adjust = "bh", family: str | None = None
) -> npt.NDArray[np.float64]:
    """The share of false discoveries to expect if all rows with so small a p are believed.

    Parameters
    ----------
    table
        Has `p_value`; rows without one are no tests.
    adjust
        ``"bh"`` (Benjamini and Hochberg 1995), right for tests that are independent or alike in direction, as
        those of neighbouring districts are; ``"by"`` (Benjamini and Yekutieli 2001), whatever the dependence;
        ``"none"`` for the p-values themselves.
    family
        Column whose values are questions of their own: ``"parameter"`` adjusts within each parameter, the
        unit's column within each unit. By default all rows are one family.

    Returns
    -------
    ndarray
        One q a row, nan where there is no p.

    Raises
    ------
    ArgumentError
        If the adjustment or the column is not known.

    Examples
    --------
    >>> table = pd.DataFrame({"parameter": ["TP", "TP", "TN"], "p_value": [0.01, 0.04, 0.04]})
    >>> q_values(table).round(3).tolist(), q_values(table, family="parameter").round(3).tolist()
    ([0.03, 0.04, 0.04], [0.02, 0.04, 0.04])
    """
    if adjust not in get_args(Adjust):
        raise ArgumentError(f"{adjust!r} is not known", argument="adjust", valid=", ".join(get_args(Adjust)))
    if family is not None and family not in table:
        raise ArgumentError(
            f"there is no column {family!r}", argument="family", valid=", ".join(map(str, table.columns))
        )
    p = table["p_value"].to_numpy(dtype=float)
    if adjust == "none":
        return p.copy()
    q = np.full(p.size, np.nan)
    codes = np.zeros(p.size, np.intp) if family is None else pd.factorize(table[family])[0]
    for code in range(codes.max(initial=-1) + 1):
        own = np.flatnonzero((codes == code) & np.isfinite(p))
        if own.size:
            q[own] = stats.false_discovery_control(p[own], method=adjust)
    return q
