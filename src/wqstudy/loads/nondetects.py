"""Values that stand in for non-detects where a formula needs a number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.errors import ArgumentError
from wqstudy.loads.likelihood import FITTED, Rows, maximum
from wqstudy.loads.records import LIFT

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RULES = ("zero", "half", "limit", "likelihood")


def filled(value: FloatArray, side: IntArray, flow: FloatArray, rule: str) -> FloatArray:
    """Values with non-detects replaced by a rule; values above range stay at their limit.

    Parameters
    ----------
    value, side, flow
        Value or limit, 0 observed, -1 below, +1 above, and flow in m3/s. Shape (n,).
    rule
        ``"zero"``, as Chinese practice counts them in totals; ``"half"`` of the limit, as it does in
        concentrations; ``"limit"``; or ``"likelihood"``: what a log-normal concentration that depends on
        flow is on average below its limit.

    Raises
    ------
    ArgumentError
        If the rule is not known, or too little was detected for a likelihood.

    References
    ----------
    SL 219-2013, 12.2.5; HJ/T 92-2002.

    Examples
    --------
    >>> filled(np.array([0.2, 1.0]), np.array([-1, 0]), np.ones(2), "half")
    array([0.1, 1. ])
    """
    if rule not in RULES:
        raise ArgumentError(f"{rule!r} is not known", argument="nondetect", valid=", ".join(RULES))
    below = side < 0
    if rule != "likelihood":
        return np.where(below, {"zero": 0.0, "half": 0.5, "limit": 1.0}[rule] * value, value)
    if not below.any():
        return value
    # a river that runs dry: as where regressions are made, a thousandth of the mean is added to every flow
    log_flow = np.log(flow + LIFT * flow.mean()) if (flow <= 0).any() else np.log(flow)
    spread = np.ptp(log_flow[side == 0]) if (side == 0).any() else 0.0
    x = np.ones((value.size, 1))
    if (side == 0).sum() > 3 and spread > 0:
        x = np.column_stack([x, log_flow - log_flow.mean()])
    rows = Rows.of(x, np.log(value), side)
    weight = np.ones((1, int((side != 0).sum())))
    fits = maximum(rows, rows.products.sum(axis=0)[:, None], np.array([float((side == 0).sum())]), weight)
    if fits.status[0] != FITTED:
        raise ArgumentError(
            "too little was detected to estimate what lies below the limits",
            argument="nondetect",
            valid="zero, half, limit",
        )
    sigma = fits.sigma[0]
    z = (np.log(value) - x @ fits.beta[:, 0]) / sigma
    mean = np.exp(x @ fits.beta[:, 0] + sigma**2 / 2 + special.log_ndtr(z - sigma) - special.log_ndtr(z))
    return np.where(below, mean, value)
