"""Rating curves: ln load on ln flow, time and season over the whole record, as LOADEST has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from wqstudy import words
from wqstudy.errors import ArgumentError
from wqstudy.loads import ar1
from wqstudy.loads.annual import periods
from wqstudy.loads.draws import LoadDraws, month_sums
from wqstudy.loads.logfit import RETRANSFORMS, LogFit, fit_log
from wqstudy.loads.records import Record, record
from wqstudy.loads.units import KG_PER_DAY
from wqstudy.series import seed_of

FloatArray = npt.NDArray[np.float64]

MODELS: dict[int, tuple[str, ...]] = {
    1: ("flow",),
    2: ("flow", "flow2"),
    3: ("flow", "time"),
    4: ("flow", "sin", "cos"),
    5: ("flow", "flow2", "time"),
    6: ("flow", "flow2", "sin", "cos"),
    7: ("flow", "time", "sin", "cos"),
    8: ("flow", "flow2", "time", "sin", "cos"),
    9: ("flow", "flow2", "time", "time2", "sin", "cos"),
}
"""Terms of each model, by LOADEST's number: centred ln flow and its square, centred decimal time and its
square, and one yearly wave."""

_BLOCK = 100  # draws made together
_MUCH_BIAS, _LEAST_EFFICIENCY, _NORMAL, _LEAST_LAG = 25.0, 0.0, 0.05, 0.3


@dataclass(frozen=True, slots=True)
class RatingCurve:
    """A fitted rating curve; what `rating_curve` returns.

    Parameters
    ----------
    record
        The samples and daily flows that it rests on.
    model
        LOADEST's number.
    fit
        The regression of ln load in kg/d.
    center_flow, center_time
        Flow in m3/s and decimal year about which the terms are centred.
    retransform
        How logs become loads.
    candidates
        ``model, aic, log_likelihood, coefficients`` of every model that was tried.
    notes
        What a careful reader must know.
    """

    record: Record
    model: int
    fit: LogFit
    center_flow: float
    center_time: float
    retransform: str
    candidates: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def flux(self) -> FloatArray:
        """Mean load of each day in kg/d. Shape (days,)."""
        return self.fit.mean(self._days(), self.retransform)

    def coefficients(self) -> pd.DataFrame:
        """One row a term, without the bias that non-detects make: `term, value, error, p_value`."""
        value, error = self.fit.adjusted, self.fit.errors
        p = 2 * stats.t.sf(np.abs(value / error), self.fit.freedom)
        terms = ["constant", *MODELS[self.model]]
        return pd.DataFrame({"term": terms, "value": value, "error": error, "p_value": p})

    def daily(self) -> pd.DataFrame:
        """One row a day: `date, conc, flux`, mg/L and kg/d."""
        return _daily(self.record, self.flux)

    def annual(self, start_month: int = 10, months: int = 12, lang: str = "en") -> pd.DataFrame:
        """Means of the days of each year, as `wqstudy.loads.Wrtds.annual` has them."""
        return _annual(self.record, self.flux, start_month, months, lang)

    def composite(self) -> pd.DataFrame:
        """Days corrected by what the samples around them say.

        The ratio of what was sampled to what the curve says is carried linearly from sample to sample, and
        held before the first and after the last. A non-detect corrects a curve that lies above its limit.

        Returns
        -------
        DataFrame
            ``date, conc, flux``.

        References
        ----------
        Aulenbach, B. T. and Hooper, R. P. (2006). The composite method. Hydrological Processes 20.
        """
        own = self.record
        sample_flux = self.fit.mean(self._x(own.sample_flow, own.sample_date), self.retransform)
        ratio = KG_PER_DAY * own.value * own.sample_flow / sample_flux
        ratio = np.where(
            own.side < 0, np.minimum(ratio, 1), np.where(own.side > 0, np.maximum(ratio, 1), ratio)
        )
        day = (own.sample_date - own.date[0]).days.to_numpy()
        days, index = np.unique(day, return_inverse=True)
        mean = np.bincount(index, ratio) / np.bincount(index)
        along = np.interp((own.date - own.date[0]).days.to_numpy(), days, mean)
        return _daily(own, along * self.flux)

    def draws(self, replicates: int = 1000, rng: int | np.random.Generator = 0) -> LoadDraws:
        """Draws of the load of each month: coefficients by their covariance, days by AR(1) residuals.

        Parameters
        ----------
        replicates
            How many.
        rng
            Seed or generator.
        """
        generator = np.random.default_rng(seed_of(rng))
        fit, x = self.fit, self._days()
        day = (self.record.sample_date - self.record.date[0]).days.to_numpy().astype(float)
        rho = ar1.lag_one(day, fit.residual / fit.sigma)
        factor = np.linalg.cholesky(fit.covariance)
        best = month_sums(self.record.date, self.flux)
        parts = []
        for start in range(0, replicates, _BLOCK):
            size = min(_BLOCK, replicates - start)
            # the variance is that of a sample, the errors of the coefficients follow it
            shrink = np.sqrt(fit.freedom / generator.chisquare(fit.freedom, size))
            spread = np.sqrt(fit.variance) * shrink
            shift = (generator.standard_normal((size, fit.beta.size + 1)) @ factor.T)[:, :-1]
            beta = fit.beta + shift * (spread / fit.sigma)[:, None]
            log_flux = beta @ x.T + spread[:, None] * ar1.noise(generator, rho, size, x.shape[0])
            parts.append(month_sums(self.record.date, np.exp(log_flux))[1])
        notes = (*self.notes, f"AR(1) of neighbouring days {rho:.2f}")
        return LoadDraws(best[0], np.vstack(parts), best[1], f"rating curve {self.model}", notes)

    def checks(self, lang: str = "en") -> pd.DataFrame:
        """What the residuals say of the curve.

        Returns
        -------
        DataFrame
            ``check, value, limit, passed, text``: bias of the load of the samples in per cent, at most 25
            either way; Nash and Sutcliffe's efficiency of their loads, above 0; p of Shapiro and Wilk's test
            of the residuals of exact rows, 0.05 or more; and their correlation from sample to sample, below
            0.3.

        References
        ----------
        Runkel, R. L. (2013). Revisions to LOADEST, April 2013. U.S. Geological Survey.
        """
        own, exact = self.record, self.record.side == 0
        seen = KG_PER_DAY * (own.value * own.sample_flow)[exact]
        said = self.fit.mean(self._x(own.sample_flow, own.sample_date), self.retransform)[exact]
        residual = self.fit.residual[exact]
        bias = float(100 * (said.sum() / seen.sum() - 1))
        efficiency = float(1 - ((said - seen) ** 2).sum() / ((seen - seen.mean()) ** 2).sum())
        normal = float(stats.shapiro(residual).pvalue)
        lag = float(np.corrcoef(residual[1:], residual[:-1])[0, 1])
        rows = [
            ("bias", bias, _MUCH_BIAS, abs(bias) <= _MUCH_BIAS),
            ("efficiency", efficiency, _LEAST_EFFICIENCY, efficiency > _LEAST_EFFICIENCY),
            ("normal", normal, _NORMAL, normal >= _NORMAL),
            ("serial", lag, _LEAST_LAG, lag < _LEAST_LAG),
        ]
        table = pd.DataFrame(rows, columns=["check", "value", "limit", "passed"])
        return table.assign(text=[words.text(f"loads.check_{name}", lang) for name in table["check"]])

    def __str__(self) -> str:
        own = self.record
        head = f"rating curve {self.model}: {own.value.size} samples, {own.n_censored} non-detects, "
        head += f"AIC {self.fit.aic:.1f}, {self.retransform}"
        return "\n".join([head, *self.notes])

    def _days(self) -> FloatArray:
        return self._x(self.record.flow, self.record.date)

    def _x(self, flow: FloatArray, date: pd.DatetimeIndex) -> FloatArray:
        return _regressors(np.log(flow / self.center_flow), _end_of_day(date), self.center_time, self.model)


def rating_curve(
    samples: pd.DataFrame,
    flow: pd.DataFrame,
    model: int | str = "aic",
    *,
    station: str | None = None,
    parameter: str | None = None,
    retransform: str = "amle",
    lang: str = "en",
) -> RatingCurve:
    """Loads by one log-linear regression over the whole record, non-detects by likelihood.

    Parameters
    ----------
    samples
        `time, value` in mg/L, and where there are any `censored, station, parameter`.
    flow
        `time, flow`: daily means in m3/s.
    model
        LOADEST's number, 1 to 9 (`wqstudy.loads.rating.MODELS`), or ``"aic"``: the one with the smallest
        criterion.
    station, parameter
        Which of them, where the tables hold more than one.
    retransform
        ``"amle"`` as LOADEST does, ``"mvue"`` (the same without non-detects), ``"duan"`` (residuals that are
        not normal) or ``"mle"``; see `wqstudy.loads.logfit.LogFit.mean`.
    lang
        Language of the notes.

    Raises
    ------
    ArgumentError
        If an argument cannot be used, or the samples determine no model asked for.

    References
    ----------
    Runkel, R. L., Crawford, C. G. and Cohn, T. A. (2004). Load Estimator (LOADEST). U.S. Geological Survey
    Techniques and Methods 4-A5. Time is that of the end of the day there, and here; its centre is that of
    noon.

    Examples
    --------
    >>> days = pd.date_range("2010-01-01", "2013-12-31")
    >>> q = 10 * np.exp(np.sin(np.arange(len(days)) / 9))
    >>> noise = np.random.default_rng(1).normal(0, 0.1, len(days))
    >>> samples = pd.DataFrame({"time": days, "value": 2 / np.sqrt(q) * np.exp(noise)}).iloc[::30]
    >>> curve = rating_curve(samples, pd.DataFrame({"time": days, "flow": q}), 1)
    >>> curve.coefficients()[["term", "value"]].round(2)
           term  value
    0  constant   6.31
    1      flow   0.50
    """
    words.language(lang)
    if retransform not in RETRANSFORMS:
        raise ArgumentError(
            f"{retransform!r} is not known", argument="retransform", valid=", ".join(RETRANSFORMS)
        )
    if model != "aic" and model not in MODELS:
        raise ArgumentError(f"{model!r} is not known", argument="model", valid="1 to 9, or 'aic'")
    own = record(samples, flow, station, parameter, lang)
    center_flow = float(np.exp(_center(np.log(own.sample_flow))))
    center_time = _center(own.sample_time)
    log_load = np.log(KG_PER_DAY * own.value * own.sample_flow)
    log_flow, time = np.log(own.sample_flow / center_flow), _end_of_day(own.sample_date)
    fits = {
        number: fit_log(_regressors(log_flow, time, center_time, number), log_load, own.side)
        for number in (MODELS if model == "aic" else [int(model)])
    }
    usable = {number: fit for number, fit in fits.items() if fit.settled and fit.freedom > 1}
    if not usable:
        raise ArgumentError(
            f"{own.value.size} samples, {own.n_censored} of them non-detects, do not determine it",
            argument="model",
            mend="use a model with fewer terms, or a ratio",
        )
    best = min(usable, key=lambda number: usable[number].aic)
    notes = list(own.notes)
    share = own.n_censored / own.value.size
    if share >= 0.5:
        notes.append(words.text("loads.much_censored", lang, share=f"{100 * share:.0f}"))
    low, high = own.sample_flow.min(), own.sample_flow.max()
    beyond = int(((own.flow < low) | (own.flow > high)).sum())
    if beyond:
        part = float((own.flow * (own.flow > high)).sum() / own.flow.sum())
        notes.append(words.text("loads.beyond", lang, n=beyond, share=words.percent(100 * part)))
    return RatingCurve(
        own,
        best,
        usable[best],
        center_flow,
        center_time,
        retransform,
        pd.DataFrame(
            [(number, fit.aic, fit.log_likelihood, fit.beta.size) for number, fit in usable.items()],
            columns=["model", "aic", "log_likelihood", "coefficients"],
        ),
        tuple(notes),
    )


def _regressors(log_flow: FloatArray, time: FloatArray, center: float, model: int) -> FloatArray:
    """Constant and the terms of a model. Shape (n, p)."""
    away, angle = time - center, 2 * np.pi * time
    terms = {
        "flow": log_flow,
        "flow2": log_flow**2,
        "time": away,
        "time2": away**2,
        "sin": np.sin(angle),
        "cos": np.cos(angle),
    }
    return np.column_stack([np.ones(time.size), *(terms[name] for name in MODELS[model])])


def _center(x: FloatArray) -> float:
    """The point about which x and its square are uncorrelated."""
    d = x - x.mean()
    square = float((d**2).sum())
    return float(x.mean()) + (float((d**3).sum()) / (2 * square) if square > 0 else 0.0)


def _end_of_day(date: pd.DatetimeIndex) -> FloatArray:
    length = np.where(date.is_leap_year, 366.0, 365.0)
    return np.asarray(date.year.to_numpy() + date.day_of_year.to_numpy() / length)


def _daily(own: Record, flux: FloatArray) -> pd.DataFrame:
    return pd.DataFrame({"date": own.date, "conc": flux / (KG_PER_DAY * own.flow), "flux": flux})


def _annual(own: Record, flux: FloatArray, start_month: int, months: int, lang: str) -> pd.DataFrame:
    values = {"flow": own.flow, "conc": flux / (KG_PER_DAY * own.flow), "flux": flux}
    return periods(own.date, own.time, values, start_month, months, lang)
