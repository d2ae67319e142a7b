"""Products of matrices in blocks.

BLAS shares out a large product among threads that wait for one another; where other work runs beside it, as
in a bootstrap on all cores, most of the time is that wait. Blocks below its threshold stay on one thread.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Real = TypeVar("Real", bound=np.floating)

_BLOCK = 2**18  # multiplications; OpenBLAS takes one thread up to so many


def product(left: npt.NDArray[Real], right: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """Left @ right.

    Examples
    --------
    >>> product(np.ones((2, 3)), np.ones((3, 1)))
    array([[3.],
           [3.]])
    """
    rows, inner = left.shape
    columns = right.shape[1]
    made = np.empty((rows, columns), left.dtype)
    if rows > columns:
        step = max(1, _BLOCK // max(1, inner * columns))
        for start in range(0, rows, step):
            np.matmul(left[start : start + step], right, out=made[start : start + step])
    else:
        step = max(1, _BLOCK // max(1, inner * rows))
        for start in range(0, columns, step):
            np.matmul(left, right[:, start : start + step], out=made[:, start : start + step])
    return made
