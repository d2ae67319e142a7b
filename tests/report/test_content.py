"""What the report says: classes, attainment, checks, two languages, and labels of figures."""

import json

import numpy as np
import pandas as pd
import pytest

from wqstudy import Study, grade, words
from wqstudy.plots.labels import drawable
from wqstudy.report import run
from wqstudy.report.blocks import Bullets, Cell, Table, tabled
from wqstudy.report.classes import classes_of
from wqstudy.report.content import document, documents


@pytest.fixture(scope="module")
def both(small, tmp_path_factory):
    made = tmp_path_factory.mktemp("both") / "r"
    lines = run(small, made, lang="both")
    return made, lines


@pytest.fixture(scope="module")
def results(both):
    return json.loads((both[0] / "results.json").read_text("utf-8"))


# ---------------------------------------------------------------- languages


def test_both_languages_say_what_each_says_alone(both, results, small, tmp_path):
    for part in documents(results):
        run(small, tmp_path / part.lang, lang=part.lang)
        alone = document(json.loads((tmp_path / part.lang / "results.json").read_text("utf-8")))
        assert part.head == alone.head
        assert part.sections == alone.sections
        for name, place in part.figures.items():
            one = (both[0] / f"{place}.svg").read_bytes()
            assert one == (tmp_path / part.lang / "figures" / f"{name}.svg").read_bytes()


def test_the_language_of_the_study_comes_first(both, results, small):
    assert [part.lang for part in documents(results)] == ["en", "zh"]
    assert both[1] == results["answer"]
    chinese = Study(small.samples, small.stations, small.measures, language="zh", parameters=["TP"])
    assert chinese.language == "zh"


def test_sections_are_the_same_in_both(results):
    english, chinese = documents(results)
    assert [s.key for s in english.sections] == [s.key for s in chinese.sections]
    assert [len(s.blocks) for s in english.sections] == [len(s.blocks) for s in chinese.sections]


# ---------------------------------------------------------------- classes and attainment


def test_shares_are_counted_from_the_graded_months(small):
    windows = small.windows_of("district")
    held = classes_of(small, "district", windows, "en")
    months = grade(small, "month")
    unit = months["station"].map(small.unit_of("district"))
    for row in held.shares.to_dict("records"):
        start, end = getattr(windows[row["district"]], row["period"])
        day = pd.to_datetime(months["period"])
        part = months[(unit == row["district"]) & (day >= start) & (day < end)]["class"].dropna()
        assert row["n_months"] == len(part)
        for number in range(1, 7):
            assert row[f"share_{number}"] == pytest.approx(100 * (part == number).mean())
        assert row["share_good"] == pytest.approx(100 * (part <= 3).mean())
    assert held.shares["district"].tolist() == [name for name in windows for _ in range(2)]
    assert held.shares["period"].tolist() == ["before", "after"] * len(windows)


def test_what_sets_no_class_has_no_classes(make_study):
    study = make_study({"A": "甲"}, lambda _s, _m: 0.0, code="TN", starts={"甲": "2018-07-01"})
    assert classes_of(study, "district", study.windows_of("district"), "en") is None


def test_attainment_is_told_where_there_are_targets(small, tmp_path):
    names = small.stations["station"]
    targets = pd.DataFrame({"station": names, "target_class": 3, "due": "2016-12-31"})
    study = Study(small.samples, small.stations, small.measures, targets=targets, parameters=["TP"])
    run(study, tmp_path / "r")
    held = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
    section = next(s for s in document(held).sections if s.key == "attainment")
    rates, lasting = section.blocks
    years = grade(small, "year")
    after = years["period"].astype(int) >= 2016
    assert len(lasting.rows) == len(names)
    n = sum(int(row[list(rates.columns).index("sections that attain")].text) for row in rates.rows)
    assert n == int((years["class"][after] <= 3).sum())
    written = pd.read_csv(tmp_path / "r" / "tables" / "attainment.csv", encoding="utf-8-sig")
    assert written["n_attaining"].sum() == n


# ---------------------------------------------------------------- checks and claims


def test_checks_and_claims_are_shown_where_there_are_any(results):
    none = results | {"checks": [], "claims": []}
    assert not {"checks", "claims"} & {section.key for section in document(none).sections}
    row = {
        "district": "甲",
        "parameter": "TP",
        "check": "persistence",
        "sentence_en": "Held.",
        "sentence_zh": "成立。",
    }
    other = row | {"check": "spill_over", "sentence_en": "It fell.", "sentence_zh": "不成立。"}
    mean = row | {"district": "", "outcome": "cannot tell"}
    claim = {
        "claim": "c1",
        "parameter": None,
        "announced": "-23%",
        "verdict": "not decidable",
        "reason": "<no data>",
    }
    told = {"sentence_en": "It stands.", "sentence_zh": "成立。"}
    more = results | {
        "checks": [row | {"outcome": "passed"}, other | {"outcome": "failed"}, mean],
        "claims": [claim | told],
    }
    sections = {section.key: section for section in document(more).sections}
    table = next(block for block in sections["checks"].blocks if isinstance(block, Table))
    assert table.columns[2:] == ["still there later", "spill-over to the controls"]
    assert [cell.text for cell in table.rows[0]] == ["Jia", "total phosphorus", "✓", "×"]
    assert [cell.text for cell in table.rows[1]][2:] == ["?", ""]
    assert table.rows[0][3].small == "failed"
    failed = next(block for block in sections["checks"].blocks if isinstance(block, Bullets))
    assert failed.lines == ["It fell."]
    assert sections["checks"].blocks[-1].blocks[0].lines == ["Held.", "Held."]
    shown = next(block for block in sections["claims"].blocks if isinstance(block, Table))
    assert [cell.text for cell in shown.rows[0]] == ["c1", "-23%", "not decidable", "<no data>"]
    assert sections["claims"].blocks[-1].blocks[0].lines == ["It stands."]
    chinese = next(s for s in documents(more)[1].sections if s.key == "checks")
    assert chinese.blocks[-1].blocks[0].lines == ["成立。", "成立。"]


# ---------------------------------------------------------------- tables and labels


def test_a_table_is_sorted_by_the_numbers_behind():
    frame = pd.DataFrame({"station": ["a", "b"], "p_value": [0.0004, np.nan], "notes": ["x", None]})
    table = tabled(frame, "T", "en", labels={"a": "A"}, tones={"p_value": ["fell", ""]})
    assert table.numbers == [False, True, False]
    assert table.rows[0] == (Cell("A"), Cell("<0.001", tone="fell", key=0.0004), Cell("x"))
    assert table.rows[1][1:] == (Cell(""), Cell(""))


def test_glance_has_a_row_for_every_unit(results):
    part = document(results)
    glance = part.sections[0].blocks[1]
    assert [row[0].text for row in glance.rows] == ["Jia", "Yi", "Wu"]
    assert glance.rows[-1][0].label == words.text("page.control_mark")
    row = results["comparison"][0]
    assert glance.rows[0][1].key == row["change_percent"]
    assert words.percent(row["low"], signed=True) in glance.rows[0][1].small


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("北桥", "北桥"),
        ("a\n b", "a b"),
        ("$x^{2$", r"\$x^{2\$"),
        ("🧪站", "?站"),
        ("x" * 30, "x" * 23 + "…"),
    ],
)
def test_labels_can_be_drawn(name, label):
    assert drawable(name) == label
