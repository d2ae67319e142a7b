"""Weighted normal regression with non-detects at many nodes at once: maximum likelihood by Newton's method.

Every node is a regression of the same rows under its own weights. Nodes lie on the last axis, so that the
small linear algebra runs over all of them together and nothing needs to be compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from wqstudy.loads.products import product

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FITTED, SINGULAR, NO_SPREAD, UNSETTLED = 0, 1, 2, 3
"""What became of a node: fitted; its rows do not determine the coefficients; they lie on the surface
exactly, so that the spread is zero; Newton's method did not settle."""

_PIVOT = 1e-11  # of a scaled pivot, below which a column is a combination of the others
_DECREMENT = 1e-11  # per unit of weight: the step that is then kept is right to about so much of sigma
_STEPS, _DAMPED = 120, 30
_LEAST_SCALE = 0.2  # a step never takes 1/sigma below this part of itself


@dataclass(frozen=True, slots=True)
class Fits:
    """Coefficients of every node.

    Parameters
    ----------
    beta
        Shape (p, nodes); nan where `status` is `SINGULAR` or `UNSETTLED`.
    sigma
        Standard deviation without correction for degrees of freedom. Shape (nodes,).
    status
        One of `FITTED`, `SINGULAR`, `NO_SPREAD`, `UNSETTLED`. Shape (nodes,).
    """

    beta: FloatArray
    sigma: FloatArray
    status: IntArray


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a regression, exact ones and non-detects apart.

    Parameters
    ----------
    exact
        ``(-x, y)`` of exact rows. Shape (rows, p + 1).
    hidden
        ``(-x, y)`` of rows below y, and ``(x, -y)`` of rows above it. Shape (hidden rows, p + 1).
    is_exact
        Which of all rows are exact. Shape (all rows,).
    products, hidden_products
        Products of columns, the lower triangle row by row. Shape (rows, (p + 1)(p + 2) / 2).
    """

    exact: FloatArray
    hidden: FloatArray
    is_exact: BoolArray
    products: FloatArray
    hidden_products: FloatArray

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray, side: IntArray) -> Rows:
        """Rows from regressors (rows, p), values or limits, and 0 exact, -1 below, +1 above."""
        both = np.column_stack([-x, y])
        exact = side == 0
        hidden = both[~exact] * np.where(side[~exact] > 0, -1.0, 1.0)[:, None]
        return cls(both[exact], hidden, exact, _products(both[exact]), _products(hidden))


def _products(rows: FloatArray) -> FloatArray:
    row, column = np.tril_indices(rows.shape[1])
    made: FloatArray = rows[:, row] * rows[:, column]
    return made


def maximum(rows: Rows, gram: FloatArray, weight: FloatArray, hidden: FloatArray) -> Fits:
    """Maximum likelihood of every node.

    In delta = beta / sigma and h = 1 / sigma the log-likelihood is concave: an exact row gives
    ln h - z^2 / 2 and one below its limit ln Phi(z), with z = h y - x' delta. Exact rows enter by their
    weighted products alone, which are made once; a step visits non-detects only.

    Parameters
    ----------
    rows
        The rows.
    gram
        Weighted sums of `rows.products`. Shape ((p + 1)(p + 2) / 2, nodes).
    weight
        Sum of the weights of exact rows. Shape (nodes,).
    hidden
        Weights of the non-detects. Shape (nodes, hidden rows).

    References
    ----------
    Olsen, R. J. (1978). Note on the uniqueness of the maximum likelihood estimator for the Tobit model.
    Econometrica 46. Whether a maximum exists is settled by the exact rows: their products must have full
    rank, the value included.
    """
    p = rows.exact.shape[1] - 1
    packed, n = _unpack(p + 1), gram.shape[1]
    pivots = _pivots(gram, packed)
    singular = ~(pivots[:p].min(axis=0) > _PIVOT)
    flat = ~singular & ~(pivots[p] > _PIVOT)
    beta, sigma = np.full((p, n), np.nan), np.full(n, np.nan)
    seen = hidden.any(axis=1) if hidden.shape[1] else np.zeros(n, bool)
    plain = ~singular & ~seen
    beta[:, plain], sigma[plain] = _least_squares(gram[:, plain], weight[plain], packed)
    status = np.where(singular, SINGULAR, np.where(flat, NO_SPREAD, FITTED))
    sigma[flat & plain] = 0.0
    status[flat & seen] = SINGULAR  # the likelihood may rise without end
    left = np.flatnonzero(seen & ~singular & ~flat)
    if left.size:
        found, settled = _newton(rows, gram[:, left], weight[left], hidden[left], packed)
        beta[:, left], sigma[left] = found[:p] / found[p], 1 / found[p]
        status[left[~settled]] = UNSETTLED
        beta[:, left[~settled]] = sigma[left[~settled]] = np.nan
    return Fits(beta, sigma, status.astype(np.int64))


def _newton(
    rows: Rows, gram: FloatArray, weight: FloatArray, hidden: FloatArray, packed: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Delta and h of nodes that have non-detects, and whether they settled."""
    p, (_, n) = rows.exact.shape[1] - 1, gram.shape
    total = weight + hidden.sum(axis=1)
    beta, sigma = _least_squares(gram + product(rows.hidden_products.T, hidden.T), total, packed)
    theta = np.vstack([beta / sigma, 1 / sigma])
    settled = np.zeros(n, bool)
    left = np.arange(n)
    corner = packed[p, p]
    g, w, h, bound = gram, weight, hidden, total * _DECREMENT
    at = np.flatnonzero(h)
    each = h.ravel()[at]
    mills, bend = np.zeros_like(h), np.zeros_like(h)
    for step in range(_STEPS):
        now = theta[:, left]
        reach = product(now.T, rows.hidden.T).ravel()[at]
        ratio = _mills(reach)
        mills.ravel()[at] = pull = each * ratio
        reach += ratio
        reach *= pull
        bend.ravel()[at] = reach
        slope = product(rows.hidden.T, mills.T) - np.einsum("ijn,jn->in", g[packed], now)
        slope[p] += w / now[p]
        curve = g + product(rows.hidden_products.T, bend.T)
        curve[corner] += w / now[p] ** 2
        move = _solve(_cholesky(curve, packed), slope)
        decrement = np.einsum("in,in->n", slope, move)
        size = np.ones(left.size) if step < _DAMPED else 1 / (1 + np.sqrt(np.maximum(decrement, 0)))
        with np.errstate(divide="ignore", invalid="ignore"):
            room = (_LEAST_SCALE - 1) * now[p] / move[p]
        size = np.where(move[p] < 0, np.minimum(size, room), size)
        theta[:, left] = now + size * move
        done = ~(decrement > bound)
        if done.any():
            settled[left[done]] = np.isfinite(decrement[done])
            if done.all():
                break
            keep = ~done
            left, g, w, h, bound = left[keep], g[:, keep], w[keep], h[keep], bound[keep]
            at = np.flatnonzero(h)
            each = h.ravel()[at]
            mills, bend = np.zeros_like(h), np.zeros_like(h)
    return theta, settled


def _mills(z: FloatArray) -> FloatArray:
    """phi(z) / Phi(z), to the last digits in either tail."""
    return np.sqrt(2 / np.pi) / special.erfcx(z * -np.sqrt(0.5))  # type: ignore[no-any-return]


def _unpack(size: int) -> IntArray:
    """Place in the packed lower triangle of every cell of a symmetric matrix. Shape (size, size)."""
    places = np.zeros((size, size), np.int64)
    row, column = np.tril_indices(size)
    places[row, column] = places[column, row] = np.arange(row.size)
    return places


def _cholesky(gram: FloatArray, packed: IntArray) -> FloatArray:
    """Lower factor of every node. Shape (size, size, nodes); nan where a pivot is not positive."""
    size = packed.shape[0]
    lower = np.zeros((size, size, gram.shape[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(size):
            pivot = gram[packed[j, j]] - np.einsum("kn,kn->n", lower[j, :j], lower[j, :j])
            lower[j, j] = np.sqrt(pivot)
            for i in range(j + 1, size):
                inner = np.einsum("kn,kn->n", lower[i, :j], lower[j, :j])
                lower[i, j] = (gram[packed[i, j]] - inner) / lower[j, j]
    return lower


def _solve(lower: FloatArray, right: FloatArray) -> FloatArray:
    """Solution of L L' x = right of every node."""
    return _backward(lower, _forward(lower, right))


def _forward(lower: FloatArray, right: FloatArray) -> FloatArray:
    x = np.empty_like(right)
    for i in range(right.shape[0]):
        x[i] = (right[i] - np.einsum("kn,kn->n", lower[i, :i], x[:i])) / lower[i, i]
    return x


def _backward(lower: FloatArray, right: FloatArray) -> FloatArray:
    x = np.empty_like(right)
    for i in reversed(range(right.shape[0])):
        x[i] = (right[i] - np.einsum("kn,kn->n", lower[i + 1 :, i], x[i + 1 :])) / lower[i, i]
    return x


def _pivots(gram: FloatArray, packed: IntArray) -> FloatArray:
    """What is left of each column's square after the columns before it, as a share. Shape (size, nodes)."""
    diagonal = gram[np.diagonal(packed)]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / np.sqrt(diagonal)
        row, column = np.tril_indices(packed.shape[0])
        lower = _cholesky(gram * scale[row] * scale[column], packed)
    left: FloatArray = np.einsum("iin->in", lower) ** 2
    return left


def _least_squares(gram: FloatArray, weight: FloatArray, packed: IntArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and standard deviation of every node from the sums of products of (-x, y)."""
    p = packed.shape[0] - 1
    lower = _cholesky(gram, packed)
    return _backward(lower[:p, :p], -lower[p, :p]), lower[p, p] / np.sqrt(weight)
