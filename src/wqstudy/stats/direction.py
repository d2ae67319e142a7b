"""How sure the direction of a trend is."""

from __future__ import annotations

import math

from wqstudy.results import Direction, Trend

LIKELIHOOD = (
    (0.99, "virtually certain"),
    (0.95, "extremely likely"),
    (0.90, "very likely"),
    (0.67, "likely"),
    (0.33, "as likely as not"),
    (0.10, "unlikely"),
    (0.05, "very unlikely"),
    (0.01, "extremely unlikely"),
    (0.0, "exceptionally unlikely"),
)
"""Least probability of each word, after Mastrandrea et al. 2010, Guidance Note for the IPCC, table 1."""


def trend_direction(trend: Trend) -> Direction:
    """Confidence that a trend falls, whether or not it is significant.

    The confidence in the direction that S has is ``1 - p/2``. A trend that is not significant still has a
    direction that is more or less likely (McBride; Snelder, Fraser, Larned et al.).

    Parameters
    ----------
    trend
        Result of a Kendall test.

    Returns
    -------
    Direction
        `likelihood` are the words for "it falls": a trend that surely rises is "exceptionally unlikely".

    References
    ----------
    McBride G.B. 2019, Environ. Monit. Assess. 191, 75; Snelder T. et al. 2022, Guidance for the analysis of
    temporal trends in environmental data.

    Examples
    --------
    >>> trend_direction(Trend(s=-10.0, var_s=65.3, z=-1.113, p_value=0.2655)).likelihood
    'likely'
    """
    if not trend.estimable:
        return Direction("cannot tell", math.nan, math.nan, "cannot tell")
    confidence = 1 - trend.p_value / 2
    falling = confidence if trend.s < 0 else trend.p_value / 2
    direction = "neither" if trend.s == 0 else ("falling" if trend.s < 0 else "rising")
    words = next(word for least, word in LIKELIHOOD if falling >= least)
    return Direction(direction, confidence, falling, words)
