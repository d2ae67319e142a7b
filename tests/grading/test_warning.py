"""Early warning: the stated rate of false alarms, rises that are found, and gaps."""

import numpy as np
import pandas as pd
import pytest

from wqstudy.errors import ArgumentError
from wqstudy.grading import early_warning
from wqstudy.grading.ewma import ar1, baseline, heights, moving_average, threshold_at, waves

BASE = ("2015-01-01", "2019-01-01")


def first_year(n_months, phi, rate, rise=0.0, runs=6000):
    """Share of sections with an alarm in the year after the baseline."""
    month = np.arange(n_months + 12)
    values = ar1(np.random.default_rng(99), phi, (runs, len(month))) * 0.3 + np.cos(2 * np.pi * month / 12)
    values[:, n_months:] += 0.3 * rise
    season, sd, found = baseline(values[:, :n_months], month[:n_months])
    ahead = (values[:, n_months:] - season @ waves(month[n_months:]).T) / sd[:, None]
    return (moving_average(ahead, 0.3) > threshold_at(found, n_months, rate)[:, None]).any(axis=1).mean()


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("n_months", [36, 60])
def test_false_alarms_are_as_many_as_stated(n_months, phi):
    # A fifth of 0.1, and two standard errors of 6,000 runs: 0.008.
    assert first_year(n_months, phi, 0.1) == pytest.approx(0.1, abs=0.028)


@pytest.mark.parametrize(("n_months", "rate"), [(24, 0.05), (24, 0.1), (36, 0.05)])
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_where_the_stated_rate_is_missed_the_rates_of_chance_are_told(n_months, rate, phi):
    shares = heights(n_months, rate)[1]
    # Three standard errors of 6,000 runs at 0.06, and a little for the correlations in between.
    assert shares.min() - 0.011 < first_year(n_months, phi, rate) < shares.max() + 0.011


def test_a_short_baseline_says_so():
    table = months(np.random.default_rng(6), 0)
    row = early_warning(table, ("2015-01-01", "2017-01-01"), rate=0.05).iloc[0]
    assert row["rate_low"] < 0.8 * 0.05
    assert row["rate_high"] > 1.2 * 0.05
    assert row["notes"].startswith("baseline of 24 months: chance gives 0.03")
    sure = early_warning(table, BASE).iloc[0]
    assert (sure["notes"], sure["alarms_a_year"]) == ("", 0.1)
    assert 0.08 < sure["rate_low"] < sure["rate_high"] < 0.12


def test_a_rise_of_two_deviations_is_found():
    assert first_year(60, 0.0, 0.1, rise=2.0) > 0.95
    assert first_year(60, 0.6, 0.1, rise=2.0) > 0.7


def test_season_and_correlation_of_a_baseline():
    month = np.arange(600)
    values = 1 + 0.5 * np.cos(2 * np.pi * month / 12) + ar1(np.random.default_rng(1), 0.5, (20, 600))
    season, sd, phi = baseline(values, month)
    # Standard errors: mean 0.07, waves 0.04, sd 0.04, phi 0.035; here are means of 20.
    assert season.mean(axis=0) == pytest.approx([1, 0.5, 0, 0, 0], abs=0.06)
    assert sd.mean() == pytest.approx(1, abs=0.04)
    assert phi.mean() == pytest.approx(0.5, abs=0.04)


def test_the_average_starts_anew_each_year_and_keeps_over_gaps():
    found = moving_average(np.ones((1, 13)), 0.3)[0]
    assert found[:2] == pytest.approx([0.3, 0.51])
    assert found[12] == pytest.approx(0.3)
    assert moving_average(np.array([[1.0, np.nan]]), 0.3)[0].tolist() == [0.3, 0.3]


def months(rng, rise, n=72, code="TP", station="a", sign=1):
    time = pd.date_range("2015-01-01", periods=n, freq="MS") + pd.Timedelta(days=14)
    log = 0.2 * rng.normal(size=n) + np.where(time >= "2019-07", rise * sign, 0.0)
    return pd.DataFrame(
        {
            "station": station,
            "time": time,
            "parameter": code,
            "value": (8 if code == "DO" else 0.1) * np.exp(log),
        }
    )


def test_the_month_of_an_alarm():
    rng = np.random.default_rng(3)
    table = pd.concat([months(rng, 1.0), months(rng, -1.0, code="DO"), months(rng, -1.0, station="b")])
    found = early_warning(table, BASE).set_index(["station", "parameter"])
    assert found.loc[("a", "TP"), "alarm"] in ("2019-07", "2019-08")
    assert found.loc[("a", "DO"), "alarm"] in ("2019-07", "2019-08"), "of oxygen less is worse"
    assert pd.isna(found.loc[("b", "TP"), "alarm"]), "it fell"
    assert (found["n_watched"] == 24).all()
    assert (found["alarms_a_year"] == 0.1).all()


def test_baselines_of_their_own_and_too_few_months():
    rng = np.random.default_rng(4)
    table = pd.concat([months(rng, 0), months(rng, 0, station="b"), months(rng, 0, station="c")])
    spans = {"a": BASE, "b": ("2015-01-01", "2018-01-01")}
    found = early_warning(table, spans).set_index("station")
    assert found["n_baseline"].to_dict() == {"a": 48, "b": 36}
    assert found["n_watched"].to_dict() == {"a": 24, "b": 36}
    gaps = table[(table["station"] == "a") & (table["time"].dt.month > 4)]
    row = early_warning(gaps, BASE).iloc[0]
    assert row["notes"] == "too few months in the baseline"
    assert pd.isna(row["alarm"])


@pytest.mark.parametrize(
    ("span", "how", "words"),
    [
        (("2015-01-01", "2016-12-01"), {}, "is not 24 whole months or more"),
        (("2015-01-05", "2019-01-05"), {}, "whole months"),
        (BASE, {"rate": 0.9}, "0.9 is no rate"),
        ({"z": BASE}, {}, "no section has a baseline"),
    ],
)
def test_what_cannot_be_a_baseline(span, how, words):
    with pytest.raises(ArgumentError, match=words):
        early_warning(months(np.random.default_rng(5), 0), span, **how)
