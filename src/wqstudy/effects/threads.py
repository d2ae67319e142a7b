"""Small matrices, many of them: one BLAS thread is fastest."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """The function with BLAS held to one thread while it runs.

    OpenBLAS shares out even products of 100 x 100 among all cores, whose threads then wait for one another:
    an evaluation of fifteen years takes sixteen times as long so.

    Examples
    --------
    >>> one_thread(lambda x: x + 1)(1)
    2
    """

    @wraps(function)
    def held(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(1, "blas"):
            return function(*args, **kwargs)

    return held
