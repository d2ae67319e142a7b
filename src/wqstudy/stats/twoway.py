"""Many stations into one series: station and time effects of an unbalanced panel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from scipy.sparse import csgraph

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def connected(row: IntArray, column: IntArray) -> IntArray:
    """The connected part of the panel that each observation belongs to.

    Rows (stations) and columns (months) are joined where a cell is observed; effects of parts that are
    not joined cannot be compared.

    Parameters
    ----------
    row, column
        Index of the row and column of each observation, from 0. Shape (n,).

    Returns
    -------
    ndarray of int
        Number of the part, shape (n,).

    Examples
    --------
    >>> connected(np.array([0, 0, 1]), np.array([0, 1, 2]))
    array([0, 0, 1])
    """
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    graph = sparse.coo_array(
        (np.ones(row.size), (row, rows + column)), shape=(rows + columns, rows + columns)
    )
    label = csgraph.connected_components(graph, directed=False)[1]
    part: IntArray = np.unique(label[row], return_inverse=True)[1].astype(np.int64)
    return part


def column_effects(y: FloatArray, row: IntArray, column: IntArray) -> FloatArray:
    """Least-squares column effects of ``y = row effect + column effect``, for one or many y.

    Where stations come and go, the mean over those present moves with the mixture of stations; these
    effects do not. With complete data they are the column means.

    Parameters
    ----------
    y
        Observations, shape (n,) or (draws, n).
    row, column
        Index of the row and column of each observation, from 0, all occupied, in one connected part.
        Shape (n,). A cell may be observed more than once.

    Returns
    -------
    ndarray
        Effects, shape (columns,) or (draws, columns), up to the scale that row effects sum to zero.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 5.0, 9.0])          # row 1 lies 3 above row 0 and misses column 0
    >>> row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    >>> column_effects(y, row, column).round(6)
    array([2.5, 3.5, 7.5])
    """
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    cells = np.zeros((rows, columns))
    np.add.at(cells, (row, column), 1.0)
    in_row, in_column = cells.sum(axis=1), cells.sum(axis=0)
    many = np.atleast_2d(y)
    row_sum = np.zeros((many.shape[0], rows))
    column_sum = np.zeros((many.shape[0], columns))
    np.add.at(row_sum.T, row, many.T)
    np.add.at(column_sum.T, column, many.T)
    # Columns eliminated: the normal equations are left in the rows, which are few. The rank-one term
    # fixes the free constant (row effects sum to zero) without touching the fit.
    share = cells / in_column
    left = np.diag(in_row) - share @ cells.T + np.ones((rows, rows))
    effect = linalg.solve(left, (row_sum - column_sum @ share.T).T, assume_a="pos").T
    answer: FloatArray = (column_sum - effect @ cells) / in_column
    return answer[0] if y.ndim == 1 else answer
