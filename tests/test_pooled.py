"""The pooled change: textbook numbers, coverage with neighbours that are alike, noise of known size."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from wqstudy import ArgumentError, Study, common_fluctuation, pooled_change, repeated_changes, words

SIZES = (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 5, 7, 7)  # stations a province, about as in the national record


def table(log_ratio, province, **columns):
    log_ratio = np.asarray(log_ratio, dtype=float)
    rows = {
        "parameter": "TP",
        "station": np.arange(log_ratio.size).astype(str),
        "province": province,
        "log_ratio": log_ratio,
        "below_before": False,
        "below_after": False,
        "direction": np.where(log_ratio < 0, "lower", "higher"),
    }
    return pd.DataFrame(rows | columns)


@pytest.fixture
def uneven():
    rng = np.random.default_rng(3)
    province = np.repeat(np.arange(len(SIZES)), SIZES)
    return table(rng.normal(-0.3, 0.5, province.size), province.astype(str))


# ---------------------------------------------------------------- against others


def test_stations_as_clusters_give_the_paired_t_interval(uneven):
    row = pooled_change(uneven, "station").iloc[0]
    other = DescrStatsW(uneven["log_ratio"])
    low, high = other.tconfint_mean()
    # The same formula in another program: rounding only.
    assert row["log_change"] == pytest.approx(other.mean, abs=1e-12)
    assert [row["low"], row["high"]] == pytest.approx(list(100 * np.expm1([low, high])), abs=1e-9)
    assert row["p_value"] == pytest.approx(other.ttest_mean(0)[1], abs=1e-12)


def test_clusters_give_the_interval_of_their_means(uneven):
    row = pooled_change(uneven).iloc[0]
    low, high = DescrStatsW(uneven.groupby("province")["log_ratio"].mean()).tconfint_mean()
    assert [row["low"], row["high"]] == pytest.approx(list(100 * np.expm1([low, high])), abs=1e-9)
    assert (row["stations"], row["clusters"]) == (sum(SIZES), len(SIZES))
    assert row["rank_p_value"] == stats.wilcoxon(uneven["log_ratio"]).pvalue


# ---------------------------------------------------------------- coverage


def coverage(by, runs=1000, **rest):
    rng = np.random.default_rng(20)
    province = np.repeat(np.arange(len(SIZES)), SIZES)
    inside = 0
    for _ in range(runs):
        shared = rng.normal(0, 0.4, len(SIZES))
        common = rng.normal(0, rest["common_sd"]["TP"]) if rest else 0.0
        ratio = -0.3 + common + shared[province] + rng.normal(0, 0.4, province.size)
        row = pooled_change(table(ratio, province.astype(str)), by, **rest).iloc[0]
        inside += row["low"] <= 100 * np.expm1(-0.3) <= row["high"]
    return inside / runs


# 1,000 runs: standard error 0.007, so three of them either side of 0.95.
def test_interval_over_provinces_holds_the_truth():
    assert coverage("province") == pytest.approx(0.95, abs=0.021)


def test_interval_over_stations_is_too_narrow_where_neighbours_are_alike():
    assert coverage("station") < 0.88


def test_with_a_common_deviation_added():
    """Student's factor on a known part makes the interval a little too wide, never too narrow."""
    assert 0.929 < coverage("province", common_sd={"TP": 0.3}) < 0.985


# ---------------------------------------------------------------- the row


def test_common_deviation_adds_its_square(uneven):
    plain = pooled_change(uneven).iloc[0]
    wide = pooled_change(uneven, common_sd={"TP": 0.3, "NH3N": 9.0}).iloc[0]
    assert wide["standard_error"] == pytest.approx(np.hypot(plain["standard_error"], 0.3))
    assert wide["log_change"] == plain["log_change"]
    assert wide["method"] == "cluster means+common"


def test_lower_share_is_of_the_pairs_that_say(uneven):
    hidden = uneven.assign(direction=["lower", "higher", "lower", *["unclear"] * (len(uneven) - 3)])
    hidden["below_before"] = hidden["below_after"] = hidden["direction"] == "unclear"
    row = pooled_change(hidden).iloc[0]
    assert row["lower_share"] == pytest.approx(2 / 3)
    assert row["both_below"] == len(uneven) - 3


def test_one_cluster_says_nothing_and_why():
    row = pooled_change(table([-1.0, -0.5], ["A", "A"])).iloc[0]
    assert np.isnan([row["change_percent"], row["low"], row["p_value"]]).all()
    assert row["method"] == "none"
    assert row["notes"] == words.text("note.few_clusters", n=1)


def test_stations_without_a_cluster_are_told():
    row = pooled_change(table([-1.0, -0.5, 0.2], ["A", "B", None])).iloc[0]
    assert row["stations"] == 2
    assert row["notes"] == words.text("note.no_cluster", n=1, by="province")


def test_no_change_at_all_has_no_spread():
    row = pooled_change(table([0.0, 0.0], ["A", "B"])).iloc[0]
    assert (row["change_percent"], row["p_value"]) == (0, 1)
    assert np.isnan(row["rank_p_value"])


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"by": "basin"}, "by"),
        ({"by": "parameter"}, "by"),
        ({"level": 95}, "level"),
        ({"common_sd": {"TP": -1}}, "common_sd"),
        ({"common_sd": {"TP": np.nan}}, "common_sd"),
    ],
)
def test_what_cannot_be_used_is_named(uneven, change, argument):
    with pytest.raises(ArgumentError) as caught:
        pooled_change(uneven, **change)
    assert caught.value.argument == argument


# ---------------------------------------------------------------- chance in a daily record


def record(common, own_sd=0.0, stations=12, seed=0):
    """A daily record whose common level is given by day; two stations a province."""
    days = pd.date_range("2020-01-01", periods=len(common), freq="D")
    own = np.random.default_rng(seed).normal(0, own_sd, (len(common), stations)) if own_sd else 0.0
    log = np.asarray(common)[:, None] + np.linspace(-1, 1, stations) + own
    names = [f"S{n:02d}" for n in range(stations)]
    samples = pd.DataFrame(np.exp(log), index=days, columns=names).rename_axis("time").reset_index()
    samples = samples.melt("time", var_name="station").assign(parameter="TP")
    return Study(
        samples, pd.DataFrame({"station": names, "province": [str(n // 2) for n in range(stations)]})
    )


def test_common_movement_is_found_exactly_without_other_noise():
    """A level that holds for 28 days each: sets a block apart differ by just the blocks' difference."""
    level = np.array([0.0, 0.5, -0.2, 0.1, 0.9])
    changes = repeated_changes(record(np.repeat(level, 28)), [28], step=28)
    np.testing.assert_allclose(changes["log_change"], np.diff(level), atol=1e-12)
    summary = common_fluctuation(changes).iloc[0]
    assert summary["sets"] == 4
    assert summary["common_sd"] == pytest.approx(np.sqrt(np.mean(np.diff(level) ** 2)), abs=1e-12)
    assert summary["station_sd"] == pytest.approx(0, abs=1e-12)


def test_noise_of_the_stations_alone_is_not_taken_for_common():
    """Own white noise of sd 0.5: the median of four has 0.298 of its variance (order statistics)."""
    changes = repeated_changes(record(np.zeros(800), own_sd=0.5), [26], step=13)
    summary = common_fluctuation(changes).iloc[0]
    expected = 0.5 * np.sqrt(2 * 0.2982)
    # 59 sets of 12 stations: the sd is known to about 3 per cent; four of these are allowed.
    assert summary["station_sd"] == pytest.approx(expected, rel=0.12)
    assert summary["pooled_rms"] == pytest.approx(expected / np.sqrt(12), rel=0.4)
    assert summary["common_sd"] < summary["pooled_rms"] * 0.75


def test_sets_with_a_missing_day_are_left_out():
    study = record(np.zeros(60))
    gap = study.samples["time"] == "2020-01-02"
    changes = repeated_changes(Study(study.samples[~gap], study.stations), [14], step=7)
    assert pd.Timestamp("2020-01-01") not in set(changes["start"])
    assert pd.Timestamp("2020-01-08") in set(changes["start"])


def test_limits_given_hide_what_moves_below_them():
    study = record(np.repeat([0.0, -3.0], 28))
    seen = repeated_changes(study, [28], step=28)
    hidden = repeated_changes(study, [28], step=28, limits={"TP": 10.0})
    assert seen["log_change"].item() == pytest.approx(-3.0)
    assert hidden["log_change"].item() == 0


def test_a_record_too_short_is_refused():
    with pytest.raises(ArgumentError, match="no two sets of days"):
        repeated_changes(record(np.zeros(20)), [28])
