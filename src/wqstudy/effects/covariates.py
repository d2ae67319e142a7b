"""Flow, rain, temperature: taken out of series within the same regression, the doubt of slopes carried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy.effects.likelihood import likelihood
from wqstudy.errors import ArgumentError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_DRAWS = 16  # of the slopes; pairs about the mean, so that few tell the spread


@dataclass(frozen=True, slots=True)
class Covariates:
    """Monthly covariates of districts.

    Parameters
    ----------
    names
        Of the covariates.
    x
        Shape (columns, districts, t); nan where not known.
    covariate
        Which covariate a column belongs to, shape (columns,).
    own
        Whether the values are districts' own; else each district has a slope of its own.
    units, time
        Names of the districts, and month numbers, shape (t,).
    """

    names: tuple[str, ...]
    x: FloatArray
    covariate: IntArray
    own: bool
    units: tuple[str, ...]
    time: IntArray

    @classmethod
    def of(cls, table: pd.DataFrame, by: str, units: list[str], time: IntArray) -> Covariates:
        """Covariates from a table.

        Parameters
        ----------
        table
            One row a month, or a unit and month: ``month`` (a date or period), the column `by` where units
            have values of their own, and one column a covariate.
        by, units, time
            What a unit is, their names, and month numbers, shape (t,).

        Raises
        ------
        ArgumentError
            If there is no month or covariate, a month twice, or a column that is not of numbers.

        Examples
        --------
        >>> table = pd.DataFrame({"month": ["2020-01", "2020-02"], "rain": [3.0, 5.0]})
        >>> read = Covariates.of(table, "district", ["a", "b", "c"], np.array([2020 * 12, 2020 * 12 + 1]))
        >>> read.x.shape, read.own
        ((2, 3, 2), False)
        """
        own = by in table
        names = [str(name) for name in table.columns if name not in ("month", by)]
        if "month" not in table or not names:
            raise _wrong("needs a column month and at least one covariate", f"month, {by}, and covariates")
        try:
            when = pd.PeriodIndex(pd.to_datetime(table["month"].astype(str)), freq="M")
        except ValueError as error:
            raise _wrong(f"has a month that is none ({error})", "months such as 2020-01") from error
        keys = table[by].astype(str).to_numpy() if own else np.full(len(table), "")
        number = np.asarray(when.year * 12 + when.month - 1)
        index = pd.MultiIndex.from_arrays([keys, number])
        if index.has_duplicates:
            row = int(np.argmax(index.duplicated()))
            unit, month = str(keys[row]), int(number[row])
            raise _wrong(f"has {' '.join([unit, _month(month)]).strip()} twice")
        odd = [name for name in names if not pd.api.types.is_numeric_dtype(table[name])]
        if odd:
            raise _wrong(f"has a column {odd[0]!r} that is not of numbers")
        wanted = pd.MultiIndex.from_product([units if own else [""], time])
        flat = table[names].set_axis(index).reindex(wanted).to_numpy(dtype=float)
        values = flat.reshape(-1, time.size, len(names)).transpose(2, 0, 1)
        if own:
            return cls(tuple(names), values, np.arange(len(names)), own, tuple(units), time)
        # What all districts share is free already: a covariate can only tell how they answer it differently,
        # the last one being held against.
        each = np.eye(len(units))[:-1]
        x = np.concatenate([each[:, :, None] * one for one in values])
        return cls(tuple(names), x, np.repeat(np.arange(len(names)), len(each)), own, tuple(units), time)

    def check(self, seen: npt.NDArray[np.bool_]) -> None:
        """See that every covariate is known wherever there is a value, shape (districts, t)."""
        lacking = np.argwhere(np.isnan(self.x) & seen)
        if lacking.size:
            column, unit, month = lacking[0]
            place = f"{self.units[unit]} " if self.own else ""
            raise _wrong(
                f"has no {self.names[self.covariate[column]]} for {place}{_month(self.time[month])}",
                mend="fill the gap or leave the covariate out: a month without it cannot be compared",
            )


@dataclass(frozen=True, slots=True)
class Slopes:
    """Change of the log series with a unit of each covariate; where districts have slopes, the mean.

    Parameters
    ----------
    names
        Of the covariates.
    value, sd
        Shape (covariates,).
    own
        As for `Covariates`.
    """

    names: tuple[str, ...]
    value: FloatArray
    sd: FloatArray
    own: bool


def regressed(
    y: FloatArray,
    time: IntArray,
    start: IntArray,
    covariates: Covariates,
    rng: np.random.Generator,
    trend_sd: float | None = None,
    drift_sd: float | None = None,
) -> tuple[FloatArray, Slopes]:
    """Series without what the covariates explain, in draws of the slopes.

    The slopes stand in the model of `noise`, beside seasons, months and years since the start: generalised
    least squares under each value of the noise parameters, averaged over them. Their doubt goes on as draws,
    like that of non-detects.

    Parameters
    ----------
    y, time, start, trend_sd, drift_sd
        As for `noise`.
    covariates
        Known wherever y is.
    rng
        Source of the draws.

    Returns
    -------
    ndarray, Slopes
        Series, shape (more draws, districts, t).

    Raises
    ------
    ArgumentError
        If a covariate is not known where y is, or does not vary beyond its season and what all share.
    """
    seen = ~np.isnan(y[0])
    covariates.check(seen)
    x = np.where(seen, np.nan_to_num(covariates.x), 0.0)
    size = np.array([one[seen & (one != 0)].std() if np.any(seen & (one != 0)) else 0.0 for one in x])
    scaled = x / np.where(size > 0, size, 1.0)[:, None, None]
    fit = likelihood(y, time, start, trend_sd, drift_sd)
    draws, p = y.shape[0], len(x)
    products = fit.products(np.concatenate([np.nan_to_num(y), scaled]))
    told, cross = products[:, draws:, draws:], products[:, draws:, :draws]
    # How little is left of each once all else, other covariates too, is taken out.
    inverse = np.linalg.pinv(told, hermitian=True)
    left = 1 / np.maximum(np.diagonal(inverse, axis1=1, axis2=2), 1e-300)
    own = np.diagonal(told, axis1=1, axis2=2)
    weak = (left.min(axis=0) < 1e-6 * own.min(axis=0)) | (
        own.min(axis=0) < 1e-6 * (scaled**2).sum(axis=(1, 2))
    )
    if weak.any() or np.any(np.linalg.matrix_rank(told, hermitian=True) < p):
        name = covariates.names[covariates.covariate[int(np.argmax(weak))]]
        raise _wrong(f"has a covariate ({name}) that varies with its season, the months or another alone")
    slope = (inverse @ cross).transpose(2, 0, 1)
    quad = np.diagonal(products[:, :draws, :draws], axis1=1, axis2=2) - (cross * (inverse @ cross)).sum(
        axis=1
    )
    freedom = max(fit.freedom - p, 3.0)
    variance = np.maximum(quad.T, 1e-18) / freedom
    log = -0.5 * (fit.log_det + np.linalg.slogdet(told)[1] + freedom * np.log(variance))
    weight = fit.weights(log, variance)
    root = np.linalg.cholesky(inverse)
    pairs = -(-_DRAWS // (2 * draws))
    made, taken = [], []
    for d in range(draws):
        for k in rng.choice(fit.phi.size, pairs, p=weight[d]):
            off = np.sqrt(variance[d, k]) * (root[k] @ rng.standard_normal(p))
            for beta in (slope[d, k] + off, slope[d, k] - off):
                taken.append(beta)
                made.append(y[d] - np.einsum("p,pgt->gt", beta, scaled))
    found = np.array(taken) / np.where(size > 0, size, 1.0)
    mean = np.stack(
        [found[:, covariates.covariate == i].mean(axis=1) for i in range(len(covariates.names))], 1
    )
    return np.stack(made), Slopes(
        covariates.names, mean.mean(axis=0), mean.std(axis=0, ddof=1), covariates.own
    )


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _wrong(said: str, valid: str = "", mend: str = "") -> ArgumentError:
    return ArgumentError(
        f"the table {said}",
        argument="covariates",
        valid=valid or "numbers, one row a month, or a unit and month",
        mend=mend or None,
    )
