"""Which days' flows a day is normalised over."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wqstudy import loads
from wqstudy.errors import ArgumentError
from wqstudy.loads.weather import Weather

DAYS = pd.date_range("2000-03-05", "2012-11-20")


@given(st.integers(0, 6), st.integers(1, 12), st.none() | st.dates(DAYS[1].date(), DAYS[-1].date()))
@settings(max_examples=60, deadline=None)
def test_every_day_has_one_window_and_lies_in_its_flows(side, month, cut):
    weather = Weather(side, None if cut is None else pd.Timestamp(cut), month)
    windows = weather.windows(DAYS)
    assert (np.sum([days for days, _ in windows], axis=0) == 1).all()
    for days, flows in windows:
        assert (flows[days]).all()
        if cut is None:
            # so many years of each calendar day, whole years wherever the window was moved to
            assert abs(flows.sum() - 365.25 * (2 * side + 1)) <= 366
        else:
            late = pd.Timestamp(cut) <= DAYS
            assert np.unique(late[flows]).size == 1


def test_windows_stop_at_the_ends_of_the_record():
    first, *_, last = Weather(2, None, 10).windows(pd.date_range("2000-10-01", "2010-09-30"))
    day = pd.date_range("2000-10-01", "2010-09-30")
    assert (day[first[1]][[0, -1]] == pd.DatetimeIndex(["2000-10-01", "2005-09-30"])).all()
    assert (day[last[1]][[0, -1]] == pd.DatetimeIndex(["2005-10-01", "2010-09-30"])).all()


def test_a_dam_changes_the_flow_and_not_the_river(made_record):
    """From 2011 on it carries a third of the water: over its own flows, a third of the load."""
    samples, flow, _ = made_record(31, years=6, every=6)
    late = flow["time"] >= "2011-01-01"
    dammed = flow.assign(flow=flow["flow"] * np.where(late, 1 / 3, 1.0))
    cut = loads.wrtds(samples, dammed, flow_break="2011-01-01")
    ratio = cut.flux_fn[late].mean() / cut.flux_fn[~late].mean()
    whole = loads.wrtds(samples, dammed)
    assert ratio < 0.6 * whole.flux_fn[late].mean() / whole.flux_fn[~late].mean()
    assert cut.flux == pytest.approx(whole.flux, rel=1e-12)
    table = whole.pairs(2009, 2012, start_month=1, flow_break="2011-01-01").set_index("quantity")
    assert table.loc["flux", "from_flow"] < -0.3 * table.loc["flux", "first"]
    assert table.loc["flux", "change"] == pytest.approx(
        table.loc["flux", ["from_quality", "from_flow"]].sum()
    )
    groups = cut.groups((2008, 2010), (2011, 2013), start_month=1).set_index("quantity")
    assert groups.loc["flux", "from_flow"] < -0.3 * groups.loc["flux", "first"]


def test_a_season_in_the_middle_of_a_year_is_that_of_the_year(made_record):
    samples, flow, _ = made_record(32, years=6, every=6)
    fit = loads.wrtds(samples, flow)
    season = fit.annual(5, 3).set_index("year")
    table = fit.pairs(2009, 2012, start_month=5, months=3).set_index("quantity")
    assert table.loc["conc", "first"] == pytest.approx(season.loc[2009, "conc_fn"], rel=0.03)
    assert table.loc["conc", "last"] == pytest.approx(season.loc[2012, "conc_fn"], rel=0.03)


def test_refits_without_samples_beside_a_wall_are_counted_out(made_record):
    samples, flow, _ = made_record(33, years=6, every=6)
    fit = loads.wrtds(samples, flow, wall="2009-10-01", min_samples=80, min_uncensored=40)
    boot = fit.bootstrap(12, block=400, rng=3)
    assert 0 < boot.loads_fn.tonnes.shape[0] < 12
    assert any("replicates without a fit left out" in note for note in boot.loads_fn.notes)


def test_errors_are_named(made_record):
    samples, flow, _ = made_record(34)
    for options, message in (
        ({"flow_break": "1999-01-01"}, "flow_break"),
        ({"flow_side": 9}, "flow_side"),
        ({"flow_month": 13}, "flow_month"),
    ):
        with pytest.raises(ArgumentError, match=message):
            loads.wrtds(samples, flow, **options)
