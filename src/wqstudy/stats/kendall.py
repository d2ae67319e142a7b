"""Mann-Kendall test for trend of one series."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from wqstudy.results import Trend
from wqstudy.stats import inputs, ranks

FloatArray = npt.NDArray[np.float64]

METHOD = "Mann-Kendall"

EXACT_UP_TO = 200
"""The longest series for which the exact distribution is counted (its table grows as n cubed)."""

NOTE_SHORT = "with fewer than 5 values no order of them is significant at 5 %"
NOTE_NOT_EXACT = f"exact p needs values and times without ties, at most {EXACT_UP_TO}: normal approximation"
_ROOT_HALF = math.sqrt(0.5)


def mann_kendall(x: npt.ArrayLike, t: npt.ArrayLike | None = None, *, exact: bool = False) -> Trend:
    """Mann-Kendall test for monotone trend (Mann 1945; Kendall 1970).

    The variance of S allows for ties in values and times, ``z = (S - sign S)/sqrt(var S)``, and p is twice
    the normal tail beyond z. Values are taken as independent: serial correlation makes p too small.

    Parameters
    ----------
    x
        Values, shape (n,). nan is left out.
    t
        Their times, shape (n,), in any order; equal times are ties and no pair to compare. Left out, `x`
        is in the order of time.
    exact
        Take p from the exact distribution of S among all orders of n values instead, as tables do. Only
        without ties; `notes` say where it was not possible. z stays as it is.

    Returns
    -------
    Trend
        Without a slope: `sen_slope` gives that too. `tau` is tau-b. p is nan below 3 values, and 1 where
        all are equal.

    Raises
    ------
    ArgumentError
        If `x` is not one-dimensional, or `t` not of its shape or not finite.

    References
    ----------
    Mann H.B. 1945, Econometrica 13, 245-259; Kendall M.G. 1970, Rank Correlation Methods, 4th ed., ch. 4.

    Examples
    --------
    >>> print(mann_kendall([4.7, 3.9, 4.1, 3.2, 3.3, 2.4, 2.5, 1.9]))
    S = -22, z = -2.598, p = 0.0094, tau = -0.786
    Mann-Kendall, n = 8
    >>> mann_kendall([4.7, 3.9, 4.1, 3.2, 3.3, 2.4, 2.5, 1.9], exact=True).p_value
    0.0055
    """
    values = inputs.series(x)
    if t is None:
        n, s, var_s, tied_x = ranks.kendall_of(values)
        tied_t = 0.0
    else:
        present, times = inputs.ordered(values, t)
        n = present.size
        s, var_s, tied_x, tied_t = ranks.kendall_sums(present, times, np.empty(n))
    return verdict(s, var_s, n, tied_x, tied_t, exact=exact, missing=values.size - n)


def verdict(
    s: float,
    var_s: float,
    n: int,
    tied_x: float,
    tied_t: float,
    *,
    exact: bool = False,
    missing: int = 0,
    method: str = METHOD,
) -> Trend:
    """What S, its variance and the numbers of tied pairs of one series say.

    Parameters
    ----------
    s, var_s, tied_x, tied_t
        As `ranks.kendall_sums` returns them.
    n, missing
        Number of values, and how many were left out.
    exact, method
        As for `mann_kendall`.

    Returns
    -------
    Trend

    Examples
    --------
    >>> verdict(0.0, 0.0, 5, 10.0, 0.0).notes
    ('all values are equal',)
    """
    notes: tuple[str, ...] = (inputs.left_out(missing),) if missing else ()
    pairs = n * (n - 1) / 2
    if n < inputs.FEWEST or tied_t == pairs:
        nan = math.nan
        why = inputs.NOTE_FEW if n < inputs.FEWEST else inputs.NOTE_TIMES
        return Trend(nan, nan, nan, nan, n=n, method=method, notes=(*notes, why))
    if tied_x == pairs:
        return Trend(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, n=n, method=method, notes=(*notes, inputs.NOTE_EQUAL))
    if n < 5:
        notes = (*notes, NOTE_SHORT)
    z, p = z_and_p(s, var_s)
    if exact:
        if tied_x or tied_t or n > EXACT_UP_TO:
            notes = (*notes, NOTE_NOT_EXACT)
        else:
            p = exact_p(int(s), n)
    tau_a = s / pairs
    tau_b = s / math.sqrt((pairs - tied_x) * (pairs - tied_t))
    return Trend(s, var_s, z, p, tau_b, tau_a, tau_b, n=n, method=method, notes=notes)


def z_and_p(s: float, var_s: float) -> tuple[float, float]:
    """Standard normal deviate of S with continuity correction, and its two-sided p.

    Parameters
    ----------
    s, var_s
        Statistic and its variance, not 0.

    Returns
    -------
    z, p_value

    Examples
    --------
    >>> z_and_p(-22.0, 196 / 3)
    (-2.598, 0.0094)
    """
    z = 0.0 if s == 0 else math.copysign(max(abs(s) - 1.0, 0.0), s) / math.sqrt(var_s)
    # erfc keeps the relative precision of p in the far tail, where 1 - cdf has none.
    return z, math.erfc(abs(z) * _ROOT_HALF)


def exact_p(s: int, n: int) -> float:
    """Two-sided p of S among all orders of n different values.

    Parameters
    ----------
    s
        Kendall's S.
    n
        Number of values.

    Returns
    -------
    float
        Twice the share of the n! orders whose S is at least as far from 0 on its side, at most 1.

    Examples
    --------
    >>> exact_p(6, 4)  # one order of 24, and its mirror image
    0.0833
    """
    falling = (n * (n - 1) // 2 - abs(s)) // 2
    return min(1.0, 2.0 * float(_inversions(n)[: falling + 1].sum()))


@lru_cache(maxsize=64)
def _inversions(n: int) -> FloatArray:
    """Probability of 0, 1, 2 ... inversions in a random order of n values, by recursion on n."""
    law = np.ones(1)
    for m in range(2, n + 1):
        law = np.convolve(law, np.full(m, 1 / m))
    return law
