"""WRTDS: the reference's numbers, known truths, and records on which nothing can be said."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from wqstudy import datasets, loads
from wqstudy.errors import ArgumentError
from wqstudy.loads.records import record
from wqstudy.loads.regression import Widths, fit_grid, fit_points

# The reference stops its own iteration at a relative change of 1e-9 of the log-likelihood, so that single
# nodes of it are off by a few 1e-9; most are exact to rounding.
LARGEST, TYPICAL = 1e-6, 1e-10
reference = [pytest.mark.oracle, pytest.mark.real("usgs-loads")]


def errors(found, expected):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    assert np.isfinite(found).all()
    return np.abs(found / expected - 1)


def agree(found, expected, what):
    error = errors(found, expected)
    said = f"{what}: median {np.median(error):.1e}, largest {error.max():.1e}"
    assert np.median(error) <= TYPICAL, said
    assert error.max() <= LARGEST, said


class TestReference:
    pytestmark = reference

    def test_surface(self, choptank_fit, oracles):
        meta = json.loads((oracles / "loads/egret_surfaces_meta.json").read_text())
        table = pd.read_csv(oracles / "loads/egret_surfaces.csv")
        surface = choptank_fit.surface
        assert surface.log_flow == pytest.approx(meta["LogQ"], rel=1e-12)
        assert surface.time.tolist() == meta["Year"]
        for own, theirs in (("se", "SE"), ("conc", "ConcHat")):
            expected = table.pivot(index="iLogQ", columns="iYear", values=theirs)
            agree(getattr(surface, own), expected, theirs)
        # ln concentration crosses zero, where a relative error means nothing
        expected = table.pivot(index="iLogQ", columns="iYear", values="yHat")
        assert np.abs(surface.log_mean - expected.to_numpy()).max() <= 1e-8

    def test_days(self, choptank_fit, oracles):
        expected = pd.read_csv(oracles / "loads/egret_daily_output.csv")
        daily = choptank_fit.daily()
        assert list(daily) == ["date", "conc", "flux", "conc_fn", "flux_fn"]
        assert (daily["date"].dt.strftime("%Y-%m-%d") == expected["Date"]).all()
        names = {"conc": "ConcDay", "flux": "FluxDay", "conc_fn": "FNConc", "flux_fn": "FNFlux"}
        for own, theirs in names.items():
            agree(daily[own], expected[theirs], theirs)

    @pytest.mark.parametrize(
        ("name", "start", "months"), [("wateryear", 10, 12), ("calendaryear", 1, 12), ("djf", 12, 3)]
    )
    def test_years(self, choptank_fit, oracles, name, start, months):
        expected = pd.read_csv(oracles / f"loads/egret_setupYears_{name}.csv")
        annual = choptank_fit.annual(start, months)
        names = {"time": "DecYear", "flow": "Q", "conc": "Conc", "flux": "Flux"}
        for own, theirs in (names | {"conc_fn": "FNConc", "flux_fn": "FNFlux"}).items():
            agree(annual[own], expected[theirs], theirs)
        assert (annual["notes"] == "").all()

    def test_cross_validation(self, choptank_fit, oracles):
        expected = pd.read_csv(oracles / "loads/egret_sample_cv_output.csv")
        found = choptank_fit.cross_validate()
        agree(found["se"], expected["SE"], "SE")
        agree(found["conc"], expected["ConcHat"], "ConcHat")

    def test_bias_of_the_load_of_sampled_days(self, choptank_fit, oracles):
        (expected,) = json.loads((oracles / "loads/egret_summary.json").read_text())["fluxBiasStat"]
        found = choptank_fit.flux_bias()
        assert found == pytest.approx((expected["bias1"], expected["bias2"]), rel=LARGEST)

    def test_points(self, choptank, oracles):
        expected = pd.read_csv(oracles / "loads/egret_runSurvReg_points.csv")
        own = record(*choptank)
        rows = own.calibration(own.sample_time[0], own.sample_time[-1])
        found = fit_points(rows, expected["DY"].to_numpy(), expected["LQ"].to_numpy(), Widths())
        agree(found.conc, expected["X3"], "conc")

    def test_a_window_of_ten_years(self, choptank, oracles):
        fit = loads.wrtds(*choptank, window_year=10, compat="egret")
        expected = pd.read_csv(oracles / "loads/egret_windowY10_daily_output.csv")
        agree(fit.daily()["conc"], expected["ConcDay"], "ConcDay")
        agree(fit.daily()["flux_fn"], expected["FNFlux"], "FNFlux")


def by_hand(rows, time, log_flow, widths):
    """One regression as the description says it: windows widened one by one, a general optimiser."""
    d = min(time - rows.low, rows.high - time)
    hy, hq, hs = widths.year if d > widths.year else 2 * widths.year - d, widths.flow, widths.season

    def tri(u):
        return np.where(np.abs(u) < 1, (1 - np.abs(u) ** 3) ** 3, 0.0)

    while True:
        far = np.abs(time - rows.time)
        phase = np.minimum(far % 1, 1 - far % 1)
        w = tri(far / hy) * tri((log_flow - rows.log_flow) / hq) * tri(phase / hs)
        seen = (w > 0) & (rows.side == 0)
        if (w > 0).sum() >= widths.min_samples and seen.sum() >= widths.min_uncensored:
            break
        hy, hq, hs = 1.1 * hy, 1.1 * hq, min(1.1 * hs, 0.5)
    angle = 2 * np.pi * rows.time
    x = np.column_stack(
        [np.ones(w.size), rows.time - time, rows.log_flow - log_flow, np.sin(angle), np.cos(angle)]
    )

    def minus(p):
        z = (rows.log_value - x @ p[:-1]) / np.exp(p[-1])
        each = np.where(rows.side == 0, stats.norm.logpdf(z) - p[-1], stats.norm.logcdf(z))
        return -(w @ each)

    best = np.append(np.linalg.lstsq(x, rows.log_value, rcond=None)[0], 0.0)
    for _ in range(3):
        best = optimize.minimize(minus, best, method="BFGS", options={"gtol": 1e-9}).x
    at = np.array([1, 0, 0, np.sin(2 * np.pi * time), np.cos(2 * np.pi * time)])
    return at @ best[:-1], np.exp(best[-1])


@pytest.mark.parametrize(("time", "log_flow"), [(1990.0, 5.0), (1995.4, 7.0), (2003.5, 8.2), (2012.9, 6.1)])
@pytest.mark.real("usgs-loads")
def test_ammonia_with_many_non_detects_is_the_maximum_found_by_hand(time, log_flow):
    """115 of 254 samples are non-detects. BFGS on difference quotients stops near 1e-6."""
    study = datasets.load("arkansas-ammonia")
    rows = record(study.samples, study.flow).calibration()
    fits = fit_points(rows, np.array([time]), np.array([log_flow]), Widths())
    mean, sigma = by_hand(rows, time, log_flow, Widths())
    assert fits.log_mean[0] == pytest.approx(mean, abs=2e-5)
    assert fits.se[0] == pytest.approx(sigma, abs=2e-5)


# ---------------------------------------------------------------- known truth


def test_days_follow_the_truth(made_record):
    samples, flow, truth = made_record(1)
    fit = loads.wrtds(samples, flow)
    # 200 samples with a spread of 0.3, spread over six coefficients: about 5 %
    assert np.median(np.abs(fit.conc / truth - 1)) < 0.07
    assert fit.flux == pytest.approx(86.4 * fit.conc * flow["flow"].to_numpy())


def test_non_detects_move_the_load_less_than_substitution_does(made_record):
    samples, flow, truth = made_record(2, limit=1.2)
    share = (samples["censored"] == "left").mean()
    assert 0.2 < share < 0.7
    whole = float((86.4 * truth * flow["flow"]).sum())
    likelihood = loads.wrtds(samples, flow, min_uncensored=40).flux.sum()
    as_values = loads.wrtds(samples.drop(columns="censored"), flow).flux.sum()
    assert abs(likelihood / whole - 1) < 0.05
    assert abs(likelihood / whole - 1) < abs(as_values / whole - 1)


def test_direct_agrees_with_a_fine_grid(made_record):
    samples, flow, _ = made_record(3, years=3, every=5)
    fine = loads.wrtds(samples, flow, flows=150)
    direct = loads.wrtds(samples, flow, mode="direct")
    coarse = loads.wrtds(samples, flow)
    far = np.abs(fine.days.log_mean - direct.days.log_mean).mean()
    assert far < np.abs(coarse.days.log_mean - direct.days.log_mean).mean()
    assert direct.flux_fn.sum() == pytest.approx(fine.flux_fn.sum(), rel=2e-3)


def test_normalisation_keeps_the_mean_of_a_steady_river():
    """Concentration that does not depend on time or season: normalised days average the same flows."""
    days = pd.date_range("2009-01-01", "2012-12-31")
    rng = np.random.default_rng(4)
    q = np.exp(rng.normal(1, 0.5, len(days)))
    value = 2 * q**-0.3 * np.exp(rng.normal(0, 1e-3, len(days)))
    samples = pd.DataFrame({"time": days, "value": value}).iloc[::4]
    fit = loads.wrtds(samples, pd.DataFrame({"time": days, "flow": q}))
    assert fit.flux_fn.mean() == pytest.approx(fit.flux.mean(), rel=0.01)
    bins = pd.Series(86.4 * 2 * q**0.7).groupby(fit.record.day).mean()
    steady = fit.record.day[(fit.record.day != 58) & (fit.record.day != 59)]
    mask = np.isin(fit.record.day, steady)
    assert fit.flux_fn[mask] == pytest.approx(bins.loc[fit.record.day[mask]].to_numpy(), rel=0.01)


def test_a_wall_keeps_the_two_sides_apart(made_record):
    samples, flow, _ = made_record(5, years=8, every=6)
    wall = pd.Timestamp("2012-01-01")
    late = samples["time"] >= wall
    higher = samples.assign(value=samples["value"] * np.where(late, 5, 1))
    fit = loads.wrtds(higher, flow, wall=wall)
    plain = loads.wrtds(samples, flow, wall=wall)
    before = fit.record.date < wall
    assert fit.conc[before] == pytest.approx(plain.conc[before], rel=1e-12)
    assert fit.conc[~before] == pytest.approx(5 * plain.conc[~before], rel=1e-9)
    smooth = loads.wrtds(higher, flow)
    last = np.flatnonzero(before)[-1]
    assert fit.conc_fn[last + 1] / fit.conc_fn[last] > 3 > smooth.conc_fn[last + 1] / smooth.conc_fn[last]


def test_a_window_of_flows_follows_a_river_that_dries(made_record):
    samples, flow, _ = made_record(6, years=8, every=6)
    year = flow["time"].dt.year - 2008
    drier = flow.assign(flow=flow["flow"] * np.exp(-0.15 * year))
    samples = samples[samples["time"] >= "2008-10-01"]
    fixed = loads.wrtds(samples, drier)
    moving = loads.wrtds(samples, drier, flow_side=1)
    whole = loads.wrtds(samples, drier, flow_side=4)
    assert whole.flux_fn == pytest.approx(fixed.flux_fn, rel=1e-12)
    first, last = moving.flux_fn[:365].mean(), moving.flux_fn[-365:].mean()
    assert last / first < 0.8 * fixed.flux_fn[-365:].mean() / fixed.flux_fn[:365].mean()
    with pytest.raises(ArgumentError, match="flow_side"):
        loads.wrtds(samples, drier, flow_side=9)


def test_the_shift_of_days_is_kept_only_for_the_reference(made_record):
    samples, flow, _ = made_record(7, years=3, every=6, start="2009-01-01")
    flow = flow[flow["time"] < "2012-01-01"]
    samples = samples[samples["time"] < "2012-01-01"]
    own, theirs = loads.wrtds(samples, flow), loads.wrtds(samples, flow, compat="egret")
    january = own.record.day < 58
    assert own.flux_fn[january] == pytest.approx(theirs.flux_fn[january], rel=1e-12)
    days = own.record.day
    march, second = np.flatnonzero(days == 60)[0], np.flatnonzero(days == 61)[0]
    # 1 March is averaged over the flows of 2 March: so is 2 March, of the right day, but for its time
    assert theirs.conc_fn[march] != pytest.approx(own.conc_fn[march], rel=1e-6)
    assert theirs.conc_fn[march] == pytest.approx(own.conc_fn[second], rel=0.01)
    leap = loads.wrtds(*made_record(7)[:2])
    assert leap.flux_fn == pytest.approx(loads.wrtds(*made_record(7)[:2], compat="egret").flux_fn, rel=1e-12)


# ---------------------------------------------------------------- grid and points are one


def test_grid_and_points_are_the_same_regressions(made_record):
    samples, flow, _ = made_record(8, limit=1.0)
    own = record(samples, flow)
    rows = own.calibration()
    time, log_flow = np.linspace(2008.3, 2013.5, 9), np.linspace(0.5, 3.5, 5)
    widths = Widths(year=1, flow=1, season=0.2, min_samples=60, min_uncensored=30)
    grid = fit_grid(rows, time, log_flow, widths)
    points = fit_points(rows, np.repeat(time, 5), np.tile(log_flow, 9), widths)
    for name in ("log_mean", "se", "effective"):
        assert getattr(grid, name) == pytest.approx(getattr(points, name), rel=1e-9)
    for name in ("status", "widened", "samples"):
        assert (getattr(grid, name) == getattr(points, name)).all()
    assert grid.widened.max() > 3


def test_multiplicity_is_a_row_given_again(made_record):
    samples, flow, _ = made_record(9, limit=1.0)
    own = record(samples, flow)
    rows = own.calibration()
    times = np.random.default_rng(1).integers(0, 3, rows.time.size)
    again = np.repeat(np.arange(rows.time.size), times)
    fields = ("time", "log_flow", "log_value", "side")
    repeated = type(rows)(*(getattr(rows, f)[again] for f in fields), rows.low, rows.high)
    counted = type(rows)(*(getattr(rows, f) for f in fields), rows.low, rows.high, times.astype(float))
    time, log_flow = np.linspace(2008.3, 2013.5, 7), np.linspace(0.5, 3.5, 4)
    one, other = (fit_grid(r, time, log_flow, Widths()) for r in (repeated, counted))
    assert one.log_mean == pytest.approx(other.log_mean, rel=1e-9)
    assert (one.widened == other.widened).all()
    assert (one.samples == other.samples).all()


# ---------------------------------------------------------------- bad and poor records


def test_too_few_samples_say_so(made_record):
    samples, flow, _ = made_record(10)
    with pytest.raises(ArgumentError, match="there are 80 samples, and every window must hold 100"):
        loads.wrtds(samples.iloc[:80], flow)
    fit = loads.wrtds(samples.iloc[:80], flow, min_samples=60, min_uncensored=30)
    assert np.isfinite(fit.conc).all()
    hidden = samples.assign(censored="left")
    with pytest.raises(ArgumentError, match="there are 0 samples that are no non-detects"):
        loads.wrtds(hidden, flow)
    with pytest.raises(ArgumentError, match="before the wall"):
        loads.wrtds(samples, flow, wall="2008-06-01")


def test_flow_of_zero_and_gaps_are_told(made_record):
    samples, flow, _ = made_record(11)
    dry = flow.assign(flow=flow["flow"].mask(flow.index % 100 == 0, 0.0))
    dry.loc[500:503, "flow"] = np.nan
    dry = dry.drop(index=range(800, 830))
    fit = loads.wrtds(samples, dry)
    days = fit.daily()
    assert len(days) == len(flow) - 34
    assert np.isfinite(days.drop(columns="date")).all(axis=None)
    said = " | ".join(fit.notes)
    assert "4 days with a blank flow left out" in said
    assert "34 days of the record have no flow" in said
    assert "days without flow:" in said
    assert len(fit.record.left_out) == 3
    annual = fit.annual(1)
    poor = annual.set_index("year").loc[2010]
    assert np.isnan(poor["flux"])
    assert poor["notes"] == "335 of 365 days have a value"
    assert np.isfinite(annual.set_index("year").loc[2012, "flux"])


def test_zeros_become_non_detects(made_record):
    samples, flow, _ = made_record(12)
    samples = samples.assign(value=samples["value"].mask(samples.index % 10 == 0, 0.0))
    fit = loads.wrtds(samples.assign(parameter="NH3N"), flow)
    assert fit.record.n_censored == (samples["value"] == 0).sum()
    assert any("values of zero" in note for note in fit.notes)


def test_constant_flow_is_refused_and_constant_values_are_flagged(made_record):
    samples, flow, _ = made_record(13)
    with pytest.raises(ArgumentError, match="do not determine"):
        loads.wrtds(samples, flow.assign(flow=3.0))
    fit = loads.wrtds(samples.assign(value=2.0), flow)
    assert fit.conc == pytest.approx(2.0)
    assert any("spread zero" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window_year": 0}, "window_year"),
        ({"window_flow": np.nan}, "window_flow"),
        ({"min_samples": -1}, "min_samples"),
        ({"mode": "best"}, "mode"),
        ({"compat": "loadest"}, "compat"),
        ({"station": "x"}, "station"),
        ({"parameter": "TP"}, "parameter"),
        ({"wall": "1999-01-01"}, "wall"),
        ({"lang": "fr"}, "lang"),
    ],
)
def test_arguments_are_named(made_record, change, message):
    samples, flow, _ = made_record(14)
    with pytest.raises(ArgumentError, match=message):
        loads.wrtds(samples, flow, **change)


def test_two_stations_must_be_told_apart(made_record):
    samples, flow, _ = made_record(15)
    both = pd.concat([samples.assign(station="a"), samples.assign(station="b")])
    with pytest.raises(ArgumentError, match="name one station"):
        loads.wrtds(both, flow)
    fit = loads.wrtds(both, flow, station="b")
    assert fit.record.station == "b"
    assert fit.conc == pytest.approx(loads.wrtds(samples, flow).conc, rel=1e-12)
    with pytest.raises(ArgumentError, match="no flow of station 'a'"):
        loads.wrtds(both, flow.assign(station="b"), station="a")
    with pytest.raises(ArgumentError, match="has two flows"):
        loads.wrtds(samples, pd.concat([flow, flow.iloc[:1]]))


def test_order_of_rows_does_not_matter(made_record):
    samples, flow, _ = made_record(16)
    fit = loads.wrtds(samples, flow)
    mixed = loads.wrtds(samples.sample(frac=1, random_state=1), flow.sample(frac=1, random_state=2))
    assert mixed.conc == pytest.approx(fit.conc, rel=1e-12)
    assert str(fit).startswith("WRTDS, grid: 199 samples, 0 non-detects")
