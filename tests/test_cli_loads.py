"""`wqstudy loads`: every method, what cannot be used and why, and bad input."""

import numpy as np
import pandas as pd
import pytest

from wqstudy import Study, loads


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study of one river with two years of daily flow, and a station without."""
    rng = np.random.default_rng(1)
    days = pd.date_range("2019-01-01", "2020-12-31")
    q = np.exp(1 + np.cos(2 * np.pi * np.arange(days.size) / 365) + rng.normal(0, 0.3, days.size))
    value = np.round(0.5 * q**-0.2 * np.exp(rng.normal(0, 0.3, days.size)), 4)
    river = pd.DataFrame({"station": "北桥", "time": days, "parameter": "NH3N", "value": value}).iloc[::5]
    other = river.assign(station="南桥")
    flow = pd.DataFrame({"station": "北桥", "time": days, "flow": q})
    return Study(pd.concat([river, other]), flow=flow).to_folder(tmp_path_factory.mktemp("study") / "river")


def test_all_methods_stand_side_by_side(run, folder, tmp_path):
    code, out, err = run("loads", folder, "--method", "all", "--out", tmp_path / "loads.csv")
    assert (code, err) == (0, [])
    table = pd.read_csv(tmp_path / "loads.csv")
    assert list(dict.fromkeys(table["method"])) == list(loads.spread.METHODS)
    assert set(table["station"]) == {"北桥"}
    assert out == [f"{tmp_path / 'loads.csv'}: {len(table)} rows"]
    years = table[table["period"] == 2019].set_index("method")["load"]
    assert years.notna().all()
    assert years.max() / years.min() < 1.6
    samples = Study.from_folder(folder).samples
    flow = Study.from_folder(folder).flow
    own = loads.wrtds(samples, flow, station="北桥").annual(1).set_index("year")["load"]
    assert years["wrtds"] == pytest.approx(own[2019], rel=1e-6)


def test_what_is_shown_has_words_of_the_language(run, folder):
    code, out, _ = run("loads", folder, "--method", "E,rating", "--lang", "zh")
    assert code == 0
    assert "通量，t" in out[0]
    assert len(out) == 5
    assert all("北桥" in line for line in out[1:])


def test_spot_flows_serve_two_formulas_and_the_others_say_why_not(run, tmp_path):
    days = pd.date_range("2019-01-15", periods=12, freq="MS")
    rows = [
        {"station": "甲", "time": day, "parameter": code, "value": value}
        for day in days
        for code, value in (("TP", 0.2), ("FLOW", 3.0))
    ]
    folder = Study(pd.DataFrame(rows)).to_folder(tmp_path / "spot")
    code, _, err = run("loads", folder, "--by", "all", "--parameters", "TP", "--out", tmp_path / "a.csv")
    assert (code, err) == (0, [])
    table = pd.read_csv(tmp_path / "a.csv").set_index("method")
    assert table["load"].notna().sum() == 2
    assert table.loc["A", "load"] == pytest.approx(table.loc["C", "load"])
    refused = table[table["load"].isna()]
    assert refused["notes"].str.contains("no daily flow").all()


def test_few_samples_leave_a_reason_for_regressions():
    days = pd.date_range("2019-01-01", "2019-12-31")
    flow = pd.DataFrame({"time": days, "flow": 1 + np.arange(365) % 9})
    samples = pd.DataFrame({"time": days[::60], "value": 0.5})
    table = loads.load_table(samples, flow, ["E", "wrtds", "kalman"]).set_index("method")
    assert np.isfinite(table.loc["E", "load"])
    assert "there are 7 samples" in table.loc["wrtds", "notes"]
    fine = loads.load_table(samples, flow, "E", by="month")
    assert fine["notes"].str.contains("are needed").any()


def test_bad_input_is_one_line(fails, folder, tmp_path):
    assert "--station" in fails("loads", folder, "--station", "nowhere")
    assert "methods" in fails("loads", folder, "--method", "best")
    assert "by" in fails("loads", folder, "--by", "week", "--method", "E")
    assert "not in the catalogue" in fails("loads", folder, "--parameters", "unobtainium")
    dry = Study(pd.DataFrame([{"station": "a", "time": "2020-01-01", "parameter": "TP", "value": 1.0}]))
    assert "no flow" in fails("loads", dry.to_folder(tmp_path / "dry"))
    assert "--parameters" in fails("loads", folder, "--parameters", "TP")
