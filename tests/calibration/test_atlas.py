"""The atlas: what is shipped can be run again, says what it should, and is what the package looks up."""

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, stats

from wqstudy import compare, trend
from wqstudy.calibration import Design, atlas, designs, ground, made_by, run, run_all, shipped
from wqstudy.calibration.asked import TESTS, Test
from wqstudy.calibration.noises import NOISES
from wqstudy.calibration.runner import KEYS, SEED
from wqstudy.errors import ArgumentError

BATCHED = ("averaged-step", "averaged-trend")


def test_every_design_is_in_the_atlas_once():
    table = atlas()
    assert not table.duplicated(list(KEYS)).any()
    held = set(table[list(KEYS[1:])].itertuples(index=False, name=None))
    assert held == {tuple(getattr(one, key) for key in KEYS[1:]) for one in designs()}
    assert (table["seed"] == SEED).all()
    assert table["made_by"].is_unique


def test_enough_runs():
    table = atlas()
    plain = table[table["non_detects"] == 0]
    assert (plain.loc[plain["test"].isin(BATCHED), "runs"] >= 10_000).all()
    assert (plain["runs"] >= 4_000).all()
    assert (table["runs"] >= 500).all()


@pytest.mark.parametrize("name", list(NOISES))
def test_noises_have_the_covariance_they_say(name):
    noise = NOISES[name]
    n, runs = 40, 40_000
    drawn = noise.draw(n, runs, np.random.default_rng(1))
    known = noise.covariance(n)
    np.linalg.cholesky(known)
    # 40,000 normal pairs of variance v: a standard error of at most v sqrt(2/40,000); heavy tails have more.
    error = np.sqrt(2 / runs) * np.sqrt(np.outer(np.diag(known), np.diag(known)))
    far = np.abs(np.cov(drawn, rowvar=False) - known) / error
    assert np.quantile(far, 0.99) < (12 if "t3" in name else 4)
    if "random walk" not in name:
        assert known[0, 0] == pytest.approx(1)
        np.testing.assert_allclose(known, linalg.toeplitz(known[0]))


def test_autoregressive_covariance_obeys_its_own_equation():
    rho = NOISES["AR(3) .4 .2 .2"].covariance(30)[0]
    later = np.arange(3, 30)
    np.testing.assert_allclose(rho[later], 0.4 * rho[later - 1] + 0.2 * rho[later - 2] + 0.2 * rho[later - 3])
    assert NOISES["AR(2) .5 .3"].covariance(3)[0][1] == pytest.approx(0.5 / (1 - 0.3))


def chosen() -> list[Design]:
    """Some designs, others each month of the calendar would be too slow: drawn once, by seed."""
    plain = [one for one in designs() if not one.non_detects and one.months <= 120]
    return [plain[k] for k in np.random.default_rng(20260101).choice(len(plain), 6, replace=False)]


@pytest.mark.parametrize("design", chosen(), ids=repr)
def test_the_atlas_can_be_run_again(design):
    """With another seed and fewer runs: within four standard errors of both simulations."""
    again = run(design, runs=1000, seed=7).set_index("test")
    table = atlas()
    same = np.logical_and.reduce([table[key] == getattr(design, key) for key in KEYS[1:]])
    known = table[same].set_index("test")
    assert set(again.index) == set(known.index)
    for column in ("size", "power"):
        p = (known[column] * known["runs"] + again[column] * again["runs"]) / (known["runs"] + again["runs"])
        n = again["runs"] / (2 if column == "power" else 1)
        error = np.sqrt((p * (1 - p)).clip(lower=0.002) * (1 / known["runs"] + 1 / n))
        assert ((again[column] - known[column]).abs() <= 4 * error).all()


def shipped_rows() -> pd.DataFrame:
    """Rows of every test whose hash is made anew here: all short records, some of the long, of each kind."""
    table = atlas()
    long = table[table["months"] > 60]
    some = long.iloc[np.random.default_rng(20260102).choice(len(long), 60, replace=False)]
    return pd.concat([table[table["months"] <= 60], some])


def test_the_shipped_rows_are_what_this_code_makes():
    """A changed prior, noise or stream changes the hash: then `wqstudy calibrate` has to be run again."""
    rows = shipped_rows()
    assert len(rows) > 300
    for row in rows.itertuples(index=False):
        design = Design(*(getattr(row, key) for key in KEYS[1:]))
        assert made_by(design, row.test, seed=row.seed) == row.made_by, row


def test_the_hash_tells_designs_runs_and_answers_apart(monkeypatch):
    design = Design("AR(1) 0.4", 36)
    known = made_by(design, "averaged-step")
    assert known == made_by(design, "averaged-step")
    assert known != made_by(design, "averaged-step", runs=9_000)
    assert known != made_by(design, "averaged-step", seed=1)
    assert known != made_by(Design("AR(1) 0.4", 36, season=2.0), "averaged-step")
    other = TESTS["averaged-step"].ask
    moved = Test(False, lambda series, calendar: other(series, calendar) * (1 + 1e-4), batched=True)
    monkeypatch.setitem(TESTS, "averaged-step", moved)
    assert known != made_by(design, "averaged-step")


def test_the_same_seed_gives_the_same_row():
    design = Design("AR(1) 0.4", 36)
    pd.testing.assert_frame_equal(run(design, runs=60), run(design, runs=60))


def test_the_defaults_hold_their_size_where_they_must():
    """At most 7 % under AR(1) from 36 months on; two standard errors are the simulation's own."""
    table = atlas()
    own = table[
        table["test"].isin(BATCHED) & table["noise"].str.startswith("AR(1) 0") & (table["months"] >= 36)
    ]
    assert len(own) > 60
    assert (own["size"] <= 0.07 + 2 * own["size_error"]).all()


def test_what_others_do_on_the_same_cells_is_told():
    """Rank tests that take months as independent fail under AR(1): the atlas must not hide it."""
    table = atlas().set_index(["test", "noise", "months", "split", "season", "missing", "non_detects"])
    size = table["size"].xs(("AR(1) 0.8", 120, "1:1", 0.0, 0.0, 0.0), level=[1, 2, 3, 4, 5, 6])
    assert size["seasonal Kendall"] > 0.3
    assert size["seasonal rank-sum"] > 0.3
    assert size["seasonal Kendall with covariance"] < size["seasonal Kendall"]


def test_power_falls_as_noise_remembers_and_never_below_size():
    table = atlas()
    own = table[(table["test"] == "averaged-step") & (table["season"] == 0) & (table["missing"] == 0)]
    assert (own["power"] >= own["size"] - 3 * own["size_error"]).all()


def test_a_season_costs_nothing():
    """Calendar months are in the model: a strong season may change what chance changes, no more."""
    table = atlas()
    own = table[table["test"].isin(BATCHED) & (table["split"] == "1:1") & (table["missing"] == 0)]
    own = own[own["non_detects"] == 0].set_index(["test", "noise", "months", "season"])
    strong = own.xs(2.0, level="season")
    plain = own.xs(0.0, level="season").loc[strong.index]
    error = np.hypot(strong["size_error"], plain["size_error"])
    # Ten designs: the largest of twenty differences exceeds 3.5 errors in a hundredth of cases.
    assert ((strong["size"] - plain["size"]).abs() <= 3.5 * error).all()


@pytest.mark.parametrize(
    ("months", "non_detects", "expected"),
    [
        (12, 0.0, (0, 0.0)),
        (36, 0.0, (36, 0.0)),
        (84, 0.0, (60, 0.0)),
        (50, 0.0, (48, 0.0)),
        (84, 0.1, (60, 0.2)),
        (500, 0.3, (120, 0.5)),
    ],
)
def test_the_ground_of_a_record(months, non_detects, expected):
    found = ground("averaged-step", months, non_detects)
    assert (found.months, found.non_detects) == expected
    assert found.holds == (months >= 36)


@pytest.mark.parametrize(("share", "warned"), [(0.2, True), (0.1, False)])
def test_a_result_says_where_drift_is_taken_for_change(monkeypatch, demo, share, warned):
    table = atlas().copy()
    table.loc[table["noise"] == shipped.DRIFT, "size"] = share
    monkeypatch.setattr(shipped, "atlas", lambda: table)
    assert ground("averaged-step", 84).drifts == warned
    for rows in (compare(demo, parameters=["TP"]), trend(demo, parameters=["TP"])):
        said = rows["notes"].str.contains("a slow drift over a record of this length")
        assert said.all() if warned else not said.any()


def test_ground_that_is_not_there():
    assert not ground("averaged-step", 120, 0.7).holds
    with pytest.raises(ArgumentError, match="the atlas has no test 't-test'"):
        ground("t-test", 60)


def test_pieces_are_taken_up_again(tmp_path):
    out, said = tmp_path / "atlas.csv", []
    how = {"runs": 20, "processes": 1, "told": said.append}
    first = run_all(out, ["'AR(1) 0.0', months=24,"], **how)
    assert len(said) == 1
    both = run_all(out, ["months=24, split='1:1'"], **how)
    assert len(said) == 5, "what was there already is not run again"
    assert len(first) < len(both) == len(pd.read_csv(out))
    with pytest.raises(ArgumentError, match="no design has 'weeks' in it"):
        run_all(out, ["weeks"])


def test_the_command_runs_some_of_it(run_command, tmp_path):
    out = tmp_path / "some.csv"
    only = "'AR(1) 0.2', months=24,"
    code, said, err = run_command(
        "calibrate", "--out", out, "--only", only, "--runs", "20", "--processes", "1"
    )
    assert (code, err) == (0, [])
    assert said[0].startswith("Design(noise='AR(1) 0.2', months=24")
    assert said[-1] == f"{out}: {len(pd.read_csv(out))} rows"


@pytest.fixture
def run_command(request):
    """The command line in this process: `run` is the atlas's own here."""
    return request.getfixturevalue("run")


def test_binomial_error_is_the_one_printed():
    row = atlas().iloc[0]
    size, runs = row["size"], row["runs"]
    expected = stats.binom.std(runs, max(size, 1e-9)) / runs
    assert row["size_error"] == pytest.approx(max(expected, np.sqrt(0.05 / runs / runs)), abs=2e-4)
