"""Data sets by name: where they are looked for, how they are downloaded, and what is made of them."""

import gc
import hashlib
import json
import runpy
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from wqstudy import datasets
from wqstudy.cli import app
from wqstudy.datasets import download, registry
from wqstudy.errors import ArgumentError, ReadError

HEAD = ["省份", "流域", "断面名称", "监测时间", "水质类别", "氨氮(mg/L)", "总磷(mg/L)", "站点情况"]


def day(*values: str, time: str = "05-08 08:00") -> bytes:
    rows = [
        ["甲省", "海河流域", f"断面{n}", time, "Ⅱ", value, f"1{value}", "正常"]
        for n, value in enumerate(values)
    ]
    return json.dumps({"thead": HEAD, "tbody": rows}).encode()


PUBLISHED = {
    "cnemc/daily_json/2020-05/2020-05-08.json": day("0.1", "0.2"),
    "cnemc/daily_json/2020-05/2020-05-09.json": day("0.3", "0.4"),
    "cnemc/daily_json/2020-06/2020-06-01.json": day("0.5", time="06-01 08:00"),
}


@pytest.fixture(autouse=True)
def apart(monkeypatch, tmp_path):
    """No data of one's own and an empty cache, but for the tests on real data."""
    monkeypatch.setenv("WQSTUDY_CACHE", str(tmp_path / "cache"))


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        self.server.asked.append(self.path)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A registry of three files, a server that has them, and no data of one's own."""
    monkeypatch.delenv("WQSTUDY_DATA", raising=False)
    files = []
    for name, content in PUBLISHED.items():
        place = tmp_path / "web" / "some" / "repo" / "abc" / "a folder" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(registry.File(name, len(content), digest, "some/repo", "abc", f"a folder/{name}"))
    monkeypatch.setattr(registry, "_registry", lambda: tuple(files))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path / "web"))) as running:
        running.asked = []
        running.files = files
        monkeypatch.setattr(download, "BASE_URL", f"http://127.0.0.1:{running.server_port}")
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_month_is_downloaded_once(server, tmp_path):
    study = datasets.load("cnemc-2020", months="2020-05")
    assert len(server.asked) == 2
    assert study.reading.counts == {"cells": 8, "kept": 8, "changed": 0, "dropped": 0}
    # The second day repeats the section's time: what was sent last counts.
    assert study.samples.query("parameter == 'NH3N'")["value"].tolist() == [0.3, 0.4]
    held = sorted(file.name for file in (tmp_path / "cache").rglob("*.json"))
    assert held == ["2020-05-08.json", "2020-05-09.json"]
    datasets.load("cnemc-2020", months=["2020-05"])
    assert len(server.asked) == 2
    assert len(datasets.read("cnemc-2020", "氨氮").samples) == 5
    assert len(server.asked) == 3


@pytest.mark.usefixtures("server")
def test_a_damaged_file_of_the_cache_is_told_and_replaced(tmp_path):
    place = tmp_path / "cache" / "cnemc/daily_json/2020-06/2020-06-01.json"
    datasets.load("cnemc-2020", months="2020-06")
    place.write_bytes(b"{}")
    states = download.verify(["cnemc-2020"])["state"].tolist()
    assert states == ["absent", "absent", "differs"]
    download.fetch("cnemc-2020")
    assert download.verify(["cnemc-2020"])["state"].tolist() == ["good"] * 3


def test_what_is_sent_must_have_its_sha256(server, tmp_path):
    web = tmp_path / "web" / "some" / "repo" / "abc" / "a folder" / "cnemc/daily_json/2020-06/2020-06-01.json"
    web.write_bytes(b"<html>log in first</html>")
    with pytest.raises(ReadError, match="is not the file expected") as caught:
        datasets.load("cnemc-2020", months="2020-06")
    assert server.files[2].sha256 in str(caught.value)
    assert not list((tmp_path / "cache").rglob("*.json"))


@pytest.mark.usefixtures("server")
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # pooch leaves a 404's answer open
@pytest.mark.parametrize("gone", [True, False])
def test_without_a_connection_it_says_what_to_do(monkeypatch, tmp_path, gone):
    if gone:  # the server is there and has no such file
        (tmp_path / "web").rename(tmp_path / "moved")
    else:
        monkeypatch.setattr(download, "BASE_URL", "http://127.0.0.1:1")
    with pytest.raises(ReadError, match="could not be downloaded") as caught:
        datasets.load("cnemc-2020", months="2020-06")
    told = str(caught.value)
    assert "/some/repo/abc/a%20folder/cnemc/daily_json/2020-06/2020-06-01.json" in told
    assert str(tmp_path / "cache" / "cnemc" / "daily_json" / "2020-06" / "2020-06-01.json") in told
    assert "WQSTUDY_DATA" in told
    assert caught.value.__suppress_context__
    del caught
    gc.collect()


def test_a_folder_of_ones_own_goes_first(server, monkeypatch, tmp_path):
    own = tmp_path / "own" / "cnemc" / "daily_json" / "2020-05"
    own.mkdir(parents=True)
    (own / "2020-05-08.json").write_bytes(day("9"))
    monkeypatch.setenv("WQSTUDY_DATA", str(tmp_path / "own"))
    assert datasets.load("cnemc-2020", months="2020-05").samples["value"].tolist() == [9, 19]
    assert datasets.folder("cnemc-2020").parent == tmp_path / "cache" / "cnemc"  # it has June as well
    assert len(server.asked) == 3


def test_what_is_not_published_as_it_stands(monkeypatch):
    monkeypatch.delenv("WQSTUDY_DATA", raising=False)
    with pytest.raises(ReadError, match="cannot be downloaded as it stands") as caught:
        datasets.load("arkansas-ammonia")
    assert "usgs-loads/arkansas_ammonia_sample.csv" in str(caught.value)
    assert 'install.packages("EGRET")' in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: datasets.load("nowhere"), "there is no data set 'nowhere'. Valid: demo, hongkong"),
        (lambda: datasets.folder("nowhere"), "there is no data set 'nowhere'"),
        (lambda: datasets.info("demo"), "there is no real data set 'demo'"),
        (lambda: datasets.load("demo", months="2020-05"), "is read as a whole"),
        (lambda: datasets.load("hongkong", floored="nondetect"), "nondetect is for cnemc-2021-04"),
        (lambda: datasets.load("cnemc-2025-11", floored="maybe"), "'maybe' is not known"),
        (
            lambda: datasets.load("cnemc-2020", months="2019-01"),
            "no month '2019-01'.*Valid: 2020-05, 2020-06",
        ),
    ],
)
def test_what_is_not_known_is_refused(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


def test_every_card_has_files_and_facts():
    for name in datasets.names()[1:]:
        own = datasets.info(name)
        assert registry.registered(name)
        assert all(len(file.sha256) == 64 and file.size > 0 for file in registry.registered(name))
        assert own.publisher
        assert own.licence
        assert own.citation
        assert own.quirks
        assert bool(own.obtain) != bool(registry.sources(name))
        assert name in str(own)


def test_the_page_of_cards_says_what_the_cards_say():
    root = Path(__file__).parents[1]
    made = runpy.run_path(str(root / "data" / "build_cards.py"))["page"]()
    assert (root / "docs" / "data.md").read_text("utf-8") == made, "run: python data/build_cards.py"


@pytest.fixture
def own(monkeypatch, tmp_path):
    """Write a file of one's own folder of data."""
    monkeypatch.setenv("WQSTUDY_DATA", str(tmp_path / "own"))

    def put(name: str, text: str) -> None:
        place = tmp_path / "own" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    return put


def test_samples_and_flow_as_egret_has_them(own):
    own(
        "usgs-loads/arkansas_ammonia_sample.csv",
        "Date,Q,ConcLow,ConcHigh,Uncen\n1990-09-18,1730.0,,0.05,0.0\n1990-11-13,5250.0,0.06,0.06,1.0\n",
    )
    own("usgs-loads/arkansas_daily_flow.csv", "Date,Q\n1989-10-01,1000.0\n1989-10-02,0.0\n")
    study = datasets.load("arkansas-ammonia")
    assert study.samples[["parameter", "value", "censored"]].to_numpy().tolist() == [
        ["NH3N", 0.05, "left"],
        ["NH3N", 0.06, "none"],
    ]
    assert study.flow["flow"].tolist() == pytest.approx([28.316846592, 0])
    assert study.reading.counts == {"cells": 2, "kept": 1, "changed": 1, "dropped": 0}
    assert study.stations[["station", "water_body"]].to_numpy().tolist() == [["Arkansas River", "river"]]
    assert datasets.read("arkansas-ammonia", "TP").counts["cells"] == 0


def test_values_between_two_limits_are_not_read(own):
    own("usgs-loads/arkansas_ammonia_sample.csv", "Date,ConcLow,ConcHigh,Uncen\n1990-09-18,0.01,0.05,0\n")
    own("usgs-loads/arkansas_daily_flow.csv", "Date,Q\n1989-10-01,1000.0\n")
    with pytest.raises(ReadError, match="row 2, column ConcLow: a value lies between two limits"):
        datasets.load("arkansas-ammonia")


def test_samples_with_a_status(own):
    for site in ("MOGU02900", "ORIZ02900", "RONC02800"):
        own(
            f"brazil-tp/PT/{site}.csv",
            f'"date","Q","PT","CODIGO_ESTACAO","status"\n"2001-02-06",2,0.1,"{site}",1\n'
            f'"2001-03-06",2,0.01,"{site}",2\n"2001-04-06",2,0.2,"{site}",0\n',
        )
        own(f"brazil-tp/Q/{site}.csv", f'"date","Q","CODIGO_ESTACAO"\n"2001-01-01",5.5,"{site}"\n')
    own(
        "brazil-tp/siteInfo.csv",
        "site.id,lat,lon\nRONC02800,-20.25,-48.43\nMOGU02900,-20.15,-48.63\nORIZ02900,-21.41,-47.87\n",
    )
    study = datasets.load("brazil-tp")
    assert study.samples["value"].tolist() == [0.1, 0.01] * 3
    assert study.samples["censored"].tolist() == ["none", "left"] * 3
    assert study.reading.counts == {"cells": 9, "kept": 3, "changed": 3, "dropped": 3}
    assert study.reading.ledger["raw"].str.contains("status 0").sum() == 3
    assert study.stations["lat"].tolist() == [-20.15, -21.41, -20.25]
    assert study.flow["flow"].tolist() == [5.5] * 3


@pytest.mark.parametrize(
    ("floored", "values", "marks"),
    [("keep", [0.02, 0.03], ["none", "none"]), ("nondetect", [0.025, 0.03], ["left", "none"])],
)
def test_values_at_a_limit(own, monkeypatch, floored, values, marks):
    file = registry.registered("cnemc-2025-11")[0]
    plain = registry.File("cnemc/snapshots_2025-11.csv", 1, file.sha256, "a/b", "c", "")
    card = registry.card("cnemc-2025-11")
    monkeypatch.setattr(registry, "_registry", lambda: (plain,))
    changed = {key: getattr(card, key) for key in card.__slots__} | {"files": (plain.file,)}
    monkeypatch.setitem(registry.cards(), "cnemc-2025-11", registry.Card(**changed))
    own(
        plain.file,
        "snap,province,basin,section,time,class,NH3N,CODMn,status\n"
        "20251106T233901,甲省,海河流域,北闸,11-06 20:00,Ⅱ,0.02,0.02,正常\n"
        "20251106T233901,甲省,海河流域,南闸,11-06 20:00,Ⅱ,0.03,1.5,正常\n",
    )
    samples = datasets.load("cnemc-2025-11", floored=floored).samples.set_index("parameter")
    assert samples.loc["NH3N", "value"].tolist() == values
    assert samples.loc["NH3N", "censored"].tolist() == marks
    assert samples.loc["CODMn", "censored"].tolist() == ["none", "none"]


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.usefixtures("server")
def test_commands(tmp_path):
    assert "not here, can be downloaded" in run("data", "list")
    assert f"{tmp_path / 'cache'}: 1 files of cnemc-2020" in run(
        "data", "fetch", "cnemc-2020", "--month", "2020-06"
    )
    assert "1 of 3 files here" in run("data", "list")
    assert "cnemc-2020: 2 absent, 1 good" in run("data", "verify", "cnemc-2020")
    assert "publisher: China National Environmental Monitoring Centre" in run("data", "info", "cnemc-2020")
    (tmp_path / "cache" / "cnemc/daily_json/2020-06/2020-06-01.json").write_bytes(b"")
    with pytest.raises(ReadError, match="1 files are not what they must be"):
        run("data", "verify")
    assert "10 samples, 2 stations" in run("read", "cnemc-2020")


REAL = [
    ("taihu", 864, {"none": 864}, None),
    ("arkansas-ammonia", 254, {"none": 139, "left": 115}, 8_401),
    ("choptank-nitrate", 606, {"none": 605, "left": 1}, 11_688),
    ("brazil-tp", 184, {"none": 174, "left": 10}, 3 * 5_113),
]
FOLDER = {"taihu": "lake-taihu", "brazil-tp": "brazil-tp"}


@pytest.mark.parametrize(
    ("name", "samples", "marks", "days"),
    [
        pytest.param(*case, marks=pytest.mark.real(FOLDER.get(case[0], "usgs-loads")), id=case[0])
        for case in REAL
    ],
)
def test_real_counts(name, samples, marks, days):
    study = datasets.load(name)
    one = study.samples[study.samples["parameter"] == study.parameters[0]]
    assert len(one) == samples
    assert one["censored"].value_counts().to_dict() == marks
    assert (study.flow is None) == (days is None)
    if days:
        assert len(study.flow) == days
        assert not study.flow.duplicated(["station", "time"]).any()


@pytest.mark.real("brazil-tp")
def test_real_rivers_of_brazil():
    reading = datasets.read("brazil-tp")
    rows = reading.counts["cells"]
    dropped = reading.ledger[reading.ledger["action"] == "dropped"].groupby("file").size()
    assert rows == 84 + 78 + 29
    assert dropped.tolist() == [2, 2, 3]
    flow = datasets.load("brazil-tp").flow.pivot_table(index="time", columns="station", values="flow")
    ratio = flow.div(flow["ORIZ02900"], axis=0)
    assert np.allclose(ratio, ratio.iloc[0])  # one series, scaled: the card says so


@pytest.mark.real("usgs-loads")
def test_real_flow_of_the_arkansas_is_in_cubic_metres():
    assert 1_000 < datasets.load("arkansas-ammonia").flow["flow"].mean() < 2_000


@pytest.mark.real("lake-taihu")
def test_real_lake():
    study = datasets.load("taihu")
    assert set(study.stations["water_body"]) == {"lake"}
    assert set(study.stations["river"]) == {"太湖"}
    assert 3 < study.samples.query("parameter == 'CODMn'")["value"].median() < 6


@pytest.mark.real("cnemc")
def test_real_floors():
    kept = datasets.load("cnemc-2025-11").samples
    taken = datasets.load("cnemc-2025-11", floored="nondetect").samples
    assert (kept["censored"] == "none").all()
    counts = taken[taken["censored"] == "left"]["parameter"].value_counts().to_dict()
    assert counts == {"NH3N": 3_513, "TP": 222}


@pytest.mark.real("cnemc/daily_json")
def test_real_feed_by_the_month():
    study = datasets.load("cnemc-2020", months=["2020-06", "2020-07"])
    assert set(study.samples["time"].dt.strftime("%Y-%m")) <= {"2020-05", "2020-06", "2020-07"}
    assert not study.samples.duplicated(["station", "time", "parameter"]).any()
    assert study.unit_of("province").notna().all()


@pytest.mark.real
def test_real_hongkong_has_its_windows():
    study = datasets.load("hongkong")
    assert study.parameters == ["NH3N", "TP", "CODCr"]
    assert study.windows.before[1] == pd.Timestamp("1991-01-01")
    assert len(study.stations) == 87
