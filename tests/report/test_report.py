"""A report: complete, self-contained, the same when made again, and never half written."""

import base64
import hashlib
import html
import json
import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from wqstudy import ArgumentError, OutputError, Study, compare, evaluate, words
from wqstudy.effects.sentences import verdict as effect_word
from wqstudy.report import answer, render, run, runner

NAN = float("nan")


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    """The small study on disk."""
    return small.to_folder(tmp_path_factory.mktemp("study") / "s")


@pytest.fixture(scope="module")
def opened(folder):
    return Study.from_folder(folder)


@pytest.fixture(scope="module", params=["en", "zh"])
def made(request, opened, folder, tmp_path_factory):
    """The report in a language, and its answer."""
    lang = request.param
    out = tmp_path_factory.mktemp("report") / lang
    lines = run(opened, out, lang=lang, inputs=folder)
    return out, lang, lines


@pytest.fixture(scope="module")
def page(made):
    return (made[0] / "index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def results(made):
    def refuse(constant):
        pytest.fail(f"{constant} is not JSON")

    return json.loads((made[0] / "results.json").read_text("utf-8"), parse_constant=refuse)


def contents(folder):
    return {
        f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in folder.rglob("*")
        if f.is_file()
    }


# ---------------------------------------------------------------- files


def test_every_file_is_there_and_no_other(made):
    assert sorted(contents(made[0])) == [
        "figures/class_shares.png",
        "figures/class_shares.svg",
        "figures/class_strip.png",
        "figures/class_strip.svg",
        "figures/forest.png",
        "figures/forest.svg",
        "figures/series_TP.png",
        "figures/series_TP.svg",
        "index.html",
        "results.json",
        "tables/checks.csv",
        "tables/class_shares.csv",
        "tables/classes.csv",
        "tables/comparison.csv",
        "tables/effect_months.csv",
        "tables/effects.csv",
        "tables/ledger.csv",
        "tables/monthly_series.csv",
    ]
    assert [f.name for f in made[0].parent.iterdir()] == [made[0].name]


def test_figures_are_what_their_endings_say(made):
    for file in (made[0] / "figures").glob("*.png"):
        assert file.read_bytes().startswith(b"\x89PNG\r\n")
    for file in (made[0] / "figures").glob("*.svg"):
        root = ET.parse(file).getroot()
        assert root.tag.endswith("svg")
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        assert all(link.startswith(("#", "data:")) for link in links)


def test_tables_are_those_of_the_functions(made, opened):
    out, lang, _ = made
    written = pd.read_csv(out / "tables" / "comparison.csv", encoding="utf-8-sig", keep_default_na=False)
    table = compare(opened, lang=lang)
    assert list(written) == list(table)
    np.testing.assert_array_equal(written["change_percent"].astype(float), table["change_percent"])
    assert written["notes"].tolist() == table["notes"].tolist()
    for file in (out / "tables").iterdir():
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")


# ---------------------------------------------------------------- results.json


def test_results_say_what_was_done(results, made, opened):
    _, lang, lines = made
    assert results["schema_version"] == 1
    assert (results["language"], results["by"], results["seed"]) == (lang, "district", 0)
    assert results["simulated"] is True
    assert results["parameters"] == ["TP"]
    assert results["answer"] == lines
    assert results["data"]["samples"] == len(opened.samples)
    assert results["data"]["stations"] == 9
    assert results["windows"] == {u: w.to_dict() for u, w in opened.windows_of("district").items()}
    assert results["labels"] == opened.labels("district", lang)
    assert results["controls"] == ["戊"]
    assert results["left_out"] == []
    assert set(results["versions"]) == {"wqstudy", "python", "numpy", "pandas", "scipy", "matplotlib"}


def test_results_hold_the_comparison_in_full_precision(results, opened):
    table = compare(opened, lang=results["language"])
    assert results["comparison"] == table.to_dict("records")
    assert results["sentences"] == words.sentences(table, results["labels"], results["language"])
    assert len(results["truth"]) == len(opened.truth)
    assert results["truth"][0]["start"] == "2018-03-01"
    assert results["truth"][-1]["start"] is None


def test_results_account_for_the_cells(results, opened):
    counts = results["ledger"]["counts"]
    assert counts == opened.reading.counts
    assert counts["cells"] == counts["kept"] + counts["changed"] + counts["dropped"] == len(opened.samples)


def test_results_name_their_inputs(results, folder):
    expected = [{"file": name, "sha256": digest} for name, digest in sorted(contents(folder).items())]
    assert results["inputs"] == expected


# ---------------------------------------------------------------- the page


def test_the_page_needs_nothing_else(page):
    assert not re.search(r"https?://|//cdn", page)
    assert set(re.findall(r"\bsrc\s*=\s*[\"']?(.{5})", page)) == {"data:"}
    assert set(re.findall(r"\burl\([\"']?(.{5})", page)) == {"data:"}
    assert not re.search(r"<(link|iframe|object|embed|base)\b", page)
    assert re.findall(r"<script([^>]*)>", page) == [""]
    links = re.findall(r"\bhref\s*=\s*\"(#[^\"]+)\"", page)
    assert len(links) == len(re.findall(r"\bhref\s*=", page))
    assert {link[1:] for link in links} <= set(re.findall(r"\bid=\"([^\"]+)\"", page))


def test_the_page_runs_its_own_script_only(page):
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = html.unescape(re.search(r"Content-Security-Policy\" content=\"([^\"]+)\"", page)[1])
    assert f"script-src 'sha256-{own}'" in policy
    assert "default-src 'none'" in policy


def test_the_page_holds_its_figures(page, made):
    held = [base64.b64decode(code) for code in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)]
    names = ("forest", "class_shares", "class_strip", "series_TP")
    assert held == [(made[0] / "figures" / f"{name}.svg").read_bytes() for name in names]


def test_every_figure_is_described_with_numbers(page, results):
    described = [
        html.unescape(text) for text in re.findall(r'<img src="[^"]+" width="[0-9]+" alt="([^"]+)"', page)
    ]
    assert len(described) == len(results["figures"])
    forest, shares, strip, series = described
    assert results["answer"][1] in forest
    row = results["comparison"][0]
    assert words.number(row["median_before"]) in series
    good = {row["period"]: row["share_good"] for row in results["classes"]["shares"][:2]}
    assert words.percent(good["before"]) in shares
    assert words.percent(good["after"]) in shares
    assert words.percent(results["classes"]["by_year"][-1]["share_good"]) in strip


def test_the_page_says_that_it_is_simulated(page, made):
    assert {
        "en": "No place, district or measure here is real.",
        "zh": "其中的地点、区县和治理措施均非真实。",
    }[made[1]] in page
    assert f'<html lang="{ {"en": "en", "zh": "zh-CN"}[made[1]] }">' in page


def test_the_page_says_the_answer_and_its_limits(page, made, results):
    lang = made[1]
    for line in results["answer"][1:] + results["sentences"]:
        assert f"<li>{line[:1].upper()}{line[1:]}</li>" in page
    for key in ("page.limit_design", "page.data", "page.windows", "page.truth"):
        assert words.text(key, lang) in page
    assert words.text("page.limit_many", lang, rows=3) in page
    for name in results["labels"].values():
        assert f'<th scope="row">{name}' in page


def test_the_page_counts_the_cells(page, made, results):
    counts = {name: f"{number:,}" for name, number in results["ledger"]["counts"].items()}
    assert words.text("page.ledger_counts", made[1], **counts) in page
    assert words.text("page.ledger_none", made[1]) not in page


def test_the_page_counts_how_many_intervals_hold_the_truth(page, made, opened):
    both = compare(opened).merge(opened.truth, on=["district", "parameter"], suffixes=("", "_true"))
    inside = (
        (both["low"] <= both["change_percent_true"]) & (both["change_percent_true"] <= both["high"])
    ).sum()
    assert words.text("page.truth_text", made[1], inside=inside, all=len(both)) in page


def test_the_page_names_its_inputs(page, results):
    for entry in results["inputs"]:
        assert entry["sha256"] in page


def test_nothing_is_left_unfilled(page):
    text = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|base64,[A-Za-z0-9+/=]+", "", page, flags=re.DOTALL
    )
    assert not re.search(r"\{\{|\}\}|\{%|@@|\bnan\b|\bNone\b|\bNaT\b|Undefined", text)
    assert set(re.findall(r"\{[a-z_]+\}", text)) <= {"{shown}", "{all}", "{column}"}  # the script's


def test_render_makes_the_page_from_the_files_alone(made, page):
    assert render(made[0]).read_text("utf-8") == page


# ---------------------------------------------------------------- made again


def test_made_again_it_is_the_same_to_the_byte(small, tmp_path):
    """Even where it is kept within the study's folder: it is not its own input."""
    study = small.to_folder(tmp_path / "s")
    out = study / "report"
    lines = run(small, out, inputs=study)
    first = contents(out)
    assert first.keys() >= {"results.json", "index.html", "figures/forest.png", "figures/forest.svg"}
    inputs = json.loads((out / "results.json").read_text("utf-8"))["inputs"]
    assert [entry["file"] for entry in inputs] == sorted(f.name for f in study.iterdir() if f.is_file())
    assert run(small, out, inputs=study) == lines
    assert contents(out) == first
    assert [f.name for f in study.iterdir() if f.is_dir()] == ["report"]


def test_another_seed_unit_and_input_are_told(small, folder, tmp_path):
    plt.close("all")
    run(small, tmp_path / "r", by="group", rng=5, inputs=folder / "samples.csv")
    assert plt.get_fignums() == []  # figures are closed
    results = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
    assert (results["seed"], results["by"]) == (5, "group")
    assert results["truth"] == []  # it is known by district
    assert results["ledger"] is None  # not read from a file
    digest = hashlib.sha256((folder / "samples.csv").read_bytes()).hexdigest()
    assert results["inputs"] == [{"file": "samples.csv", "sha256": digest}]
    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert words.text("page.ledger_none") in page
    assert words.text("page.seed", seed=5) in page
    assert words.text("page.truth") not in page
    assert not (tmp_path / "r" / "tables" / "ledger.csv").exists()


def test_windows_given_are_told_and_the_truth_is_not_claimed_for_them(small, tmp_path):
    run(small, tmp_path / "r", ("2016-01-01", "2018-01-01"), ("2019-01-01", "2021-01-01"))
    results = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
    window = {"before": ["2016-01-01", "2018-01-01"], "after": ["2019-01-01", "2021-01-01"]}
    assert results["windows"] == dict.fromkeys(("甲", "乙", "戊"), window)
    assert results["truth"] == []
    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert "[2019-01-01, 2021-01-01)" in page


# ---------------------------------------------------------------- faults


def test_a_foreign_folder_is_left_alone(small, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match=r"the folder is not empty and has no results\.json"):
        run(small, tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("part", ["render", "save_figures", "write_table"])
def test_a_failure_midway_leaves_the_old_report(small, tmp_path, monkeypatch, part):
    out = tmp_path / "r"
    for name in ("results.json", "index.html", "figures/forest.svg"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(f"old {name}")
    before = contents(out)

    def fails(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, part, fails)
    with pytest.raises(OSError, match="No space left on device"):
        run(small, out, rng=1)
    assert contents(out) == before
    assert [f.name for f in tmp_path.iterdir()] == ["r"]


def test_a_failure_midway_leaves_nothing_where_there_was_nothing(small, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, "save_figures", fails)
    with pytest.raises(OSError, match="No space left on device"):
        run(small, tmp_path / "new" / "r")
    assert not list((tmp_path / "new").iterdir())


def test_a_study_that_cannot_be_compared_leaves_nothing(small, tmp_path):
    with pytest.raises(ArgumentError, match="no column 'street'"):
        run(small, tmp_path / "r", by="street")
    assert not list(tmp_path.iterdir())


def test_text_of_the_study_is_escaped(make_study, tmp_path):
    study = make_study(
        {"<b>A</b>": "<script>甲</script>"},
        lambda _s, m: 0.1 * np.sin(m),
        months=60,
        starts={"<script>甲</script>": "2018-07-01"},
        title="<script>alert(1)</script>",
        source="a & b",
    )
    run(study, tmp_path / "r")
    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "a &amp; b" in page
    assert "banner" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)  # not simulated


def test_cells_that_cannot_be_estimated(make_study, tmp_path):
    """Null in JSON, a reason on the page, no figure of nothing."""
    study = make_study(
        {"A": "甲", "B": "乙", "C": None},
        lambda s, m: 0.3 * np.sin(m * m) - 1.0 * (m >= 30) * (s == "A"),
        months=60,
        seen=lambda s, m: s != "B" or m < 33,
        starts={"甲": "2018-07-01"},
    )
    run(study, tmp_path / "r")
    results = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
    by_unit = {row["district"]: row for row in results["comparison"]}
    assert by_unit["甲"]["low"] is not None
    assert {by_unit["乙"][k] for k in ("low", "high", "change_percent", "p_value", "q_value")} == {None}
    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    assert "not estimable (30 months before and 3 after, 6 are needed in each)" in page
    assert words.text("page.left_out", by="district", stations="C") in page
    assert results["left_out"] == ["C"]


# ---------------------------------------------------------------- the answer in lines


def table_of(*rows):
    columns = ["district", "parameter", "change_percent", "low", "high", "level"]
    return pd.DataFrame([(*row, 0.95) for row in rows], columns=columns)


@pytest.fixture
def three(make_study):
    """Three districts, the last a control."""
    made = make_study({"A": "甲", "B": "乙", "C": "丙"}, lambda _s, _m: 0.0, months=24)
    stations = made.stations.assign(group=["treated", "treated", "control"])
    return Study(made.samples, stations, title="T")


def test_answer_counts_and_spans(three):
    table = table_of(
        ("甲", "TP", -60.0, -70.0, -45.0),
        ("乙", "TP", -10.4, -30.0, 15.0),
        ("丙", "TP", -3.0, -20.0, 17.0),
        ("甲", "NH3N", 30.0, 10.0, 55.0),
        ("乙", "NH3N", NAN, NAN, NAN),
        ("丙", "NH3N", 0.5, -20.0, 26.0),
        ("甲", "CODMn", NAN, NAN, NAN),
    )
    head, phosphorus, ammonia, permanganate, caution = answer(three, table)
    assert head == "T: 2016-01 to 2017-12, units 3, stations 3, samples 72"
    assert phosphorus == (
        "total phosphorus: fell in 1 of 3 (95 % interval below zero), rose in 0, cannot tell in 2; "
        "change −60 to −3.0 %, middle −10 %"
    )
    assert ammonia == (
        "ammonia nitrogen: fell in 0 of 3 (95 % interval below zero), rose in 1, cannot tell in 1, "
        "not estimable in 1; change +0.5 to +30 %, middle +15 %"
    )
    assert permanganate == "permanganate index: nothing can be estimated"
    assert caution == (
        "A fall is not yet an effect: in the units without treatment the change was "
        "total phosphorus −3.0 %, ammonia nitrogen +0.5 %"
    )


def test_answer_in_chinese(three):
    table = table_of(("甲", "TP", -59.0, -70.0, -45.0), ("丙", "TP", -3.0, -20.0, 17.0))
    assert answer(three, table, "zh") == [
        "T：2016-01至2017-12，单元2个，站点3个，样本72个",
        "总磷：2个单元中1个下降（95%区间在零以下），0个上升，1个无法判断；变化−59%～−3.0%，中位−31%",
        "下降不等于治理见效：未治理单元的变化为总磷−3.0%",
    ]


def test_the_last_line_counts_verdicts_where_there_are_controls(results, opened):
    told = evaluate(opened)
    assert results["answer"][-1] == answer(opened, compare(opened), results["language"], told)[-1]
    for row in told:
        assert effect_word(row.verdict, results["language"]) in results["answer"][-1]


def test_the_page_shows_the_effects(page, results, opened):
    told = evaluate(opened)
    lang = results["language"]
    assert words.text("page.effects", lang) in page
    for row in told:
        assert html.escape(getattr(row, f"sentence_{lang}")) in page
    assert html.escape(results["effects"]["assumptions"][0]) in page
    assert [row["verdict"] for row in results["effects"]["table"]] == [row.verdict for row in told]


def test_reasons_of_claims_are_in_the_language_of_their_half(small, tmp_path):
    """A study in English, its report in both languages: each half says why nothing is decided."""
    claims = pd.DataFrame({"claim": ["a"], "kind": ["amount"], "after": ["3 km"]})
    study = Study(small.samples, small.stations, small.measures, claims=claims, simulated=True)
    reasons = {one: words.text("claim.reason_amount", one) for one in words.LANGUAGES}
    run(study, tmp_path / "both", lang="both")
    results = json.loads((tmp_path / "both" / "results.json").read_text("utf-8"))
    assert [row["reason"] for row in results["claims"]] == [reasons["en"]]
    assert [row["reason"] for row in results["also"]["zh"]["claims"]] == [reasons["zh"]]
    run(study, tmp_path / "zh", lang="zh")
    results = json.loads((tmp_path / "zh" / "results.json").read_text("utf-8"))
    assert [row["reason"] for row in results["claims"]] == [reasons["zh"]]


def test_given_windows_are_compared_without_effects(opened, tmp_path):
    lines = run(opened, tmp_path / "r", ("2016-01-01", "2017-01-01"), ("2018-01-01", "2019-01-01"))
    assert lines[-1].startswith("A fall is not yet an effect: in the units without treatment")
    assert json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))["effects"] is None


@pytest.mark.parametrize("groups", [None, ["treated"] * 3, ["treated", "treated", None]])
def test_answer_without_controls_says_so(three, groups):
    stations = three.stations.drop(columns="group") if groups is None else three.stations.assign(group=groups)
    lines = answer(Study(three.samples, stations), table_of(("甲", "TP", -60.0, -70.0, -45.0)))
    assert lines[-1] == words.text("answer.no_controls")


def test_units_that_are_control_in_part_are_no_controls(three):
    stations = three.stations.assign(river=["甲", "丙", "丙"])
    assert Study(three.samples, stations).untreated("river") == []
    assert three.untreated("district") == ["丙"]
    assert three.untreated("station") == ["C"]


def test_answer_where_the_controls_say_nothing(three):
    lines = answer(three, table_of(("甲", "TP", -60.0, -70.0, -45.0), ("丙", "TP", NAN, NAN, NAN)))
    assert lines[-1] == words.text("answer.mute_controls")
