"""Noise of real records: what a surrogate keeps and loses; whether the shipped table can be made again."""

import numpy as np
import pytest

from wqstudy import datasets
from wqstudy.calibration import Recorded, kinds, recorded_atlas, run_kind, run_recorded
from wqstudy.calibration.recorded import made_by, null, residuals, surrogate
from wqstudy.errors import ReadError


def ar1(rng, phi, n):
    series = np.empty(n)
    series[0] = rng.standard_normal()
    for t in range(1, n):
        series[t] = phi * series[t - 1] + np.sqrt(1 - phi**2) * rng.standard_normal()
    return series


def lag_one(series):
    return np.corrcoef(series[1:], series[:-1])[0, 1]


def test_a_surrogate_keeps_values_and_memory_and_forgets_when():
    rng = np.random.default_rng(1)
    series = np.exp(0.5 * ar1(rng, 0.7, 400))  # skewed, so that the values are no normal's
    others = np.stack([surrogate(series, rng) for _ in range(200)])
    assert np.allclose(np.sort(others, axis=1), np.sort(series))
    # A mean over 200: five standard errors of about sqrt((1 - .7^2) / 400 / 200), and a little for the ranks.
    assert np.mean([lag_one(one) for one in others]) == pytest.approx(lag_one(series), abs=0.03)
    step = series - series.mean() + 3 * (np.arange(400) >= 200)
    moved = np.stack([surrogate(step, rng) for _ in range(200)])
    change = moved[:, 200:].mean(axis=1) - moved[:, :200].mean(axis=1)
    assert abs(change.mean()) < 4 * change.std() / np.sqrt(200)


def test_every_kind_is_in_the_table():
    table = recorded_atlas()
    keys = ["source", "parameter", "step", "months"]
    held = set(table[keys].itertuples(index=False, name=None))
    assert held == {(k.source, k.parameter, k.step, k.months) for k in kinds()}
    assert not table.duplicated(["test", *keys]).any()
    assert (table["runs"] >= 4_000).all()
    assert (table.loc[table["test"].str.startswith("averaged"), "runs"] >= 10_000).all()


def test_the_defaults_come_nearer_to_their_promise_than_ar1_does():
    size = recorded_atlas().pivot(index=["source", "parameter", "months"], columns="test", values="size")
    assert (size["averaged-step"] < size["ar1-step"]).all()
    assert (size["averaged-trend"] < size["seasonal Kendall"]).all()


def test_without_data_it_says_what_is_left_out(monkeypatch, tmp_path):
    def nowhere(name):
        raise ReadError(f"{name} is not on this computer")

    monkeypatch.setattr(datasets, "load", nowhere)
    said = []
    table = run_recorded(tmp_path / "recorded.csv", runs=10, seed=3, told=said.append)
    assert table.empty
    assert len(said) == 2
    assert said[0].startswith("hongkong left out: ")
    assert not (tmp_path / "recorded.csv").exists()


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(0, marks=pytest.mark.real("hongkong-rivers")),
        pytest.param(8, marks=pytest.mark.real("cnemc")),
    ],
)
def test_the_table_can_be_made_again(place):
    """With another seed and fewer series, within four standard errors; and its hashes with its own seed."""
    kind = kinds()[place]
    table = recorded_atlas()
    known = table[
        (table["source"] == kind.source)
        & (table["parameter"] == kind.parameter)
        & (table["months"] == kind.months)
    ]
    again = run_kind(kind, runs=300, seed=11)
    assert list(again["test"]) == list(known["test"])
    assert (again["records"] == known["records"].to_numpy()).all()
    p = known["size"].to_numpy()
    error = np.sqrt(np.maximum(p * (1 - p), 0.01) * (1 / 300 + 1 / known["runs"].to_numpy()))
    assert (np.abs(again["size"].to_numpy() - p) < 4 * error).all()
    own = zip(known["test"], known["seed"], known["runs"], known["made_by"], strict=True)
    for test, seed, length, made in own:
        assert made_by(kind, test, int(length), int(seed)) == made


@pytest.mark.real("hongkong-rivers")
def test_records_are_without_season_and_trend():
    kind = Recorded("hongkong", "TP", "month", 36)
    rest = residuals(kind)
    assert len(rest) > 50
    for one in rest:
        line = np.linspace(-1, 1, one.size)
        assert abs(one.mean()) < 1e-9
        assert abs(line @ one) < 1e-7
    series = null(kind, 20, seed=5)
    assert series.shape == (20, 36)
    assert np.isfinite(series).all()
