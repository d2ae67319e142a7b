"""The catalogue in two languages, and how numbers are written."""

import ast
import re
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wqstudy import ArgumentError, parameters, rules, words

CATALOGUE = {
    f"{section}.{name}": phrase
    for section, phrases in rules.load("words").items()
    for name, phrase in phrases.items()
}
NAN = float("nan")


def placeholders(phrase):
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_phrase_has_both_languages(key):
    phrase = CATALOGUE[key]
    assert phrase.keys() == {"en", "zh"}
    assert all(phrase.values())
    # Where English has words, Chinese has too, or it was forgotten; but "to" between numbers is a sign.
    said = "".join(literal for literal, *_ in string.Formatter().parse(phrase["en"]))
    if any(letter.isalpha() for letter in said) and said.strip() != "to":
        assert any("\u4e00" <= letter <= "\u9fff" for letter in phrase["zh"])
    assert not any("\u2e80" <= letter <= "\uffef" for letter in phrase["en"])


@pytest.mark.parametrize("key", [k for k in CATALOGUE if not k.startswith("sentence.")])
def test_both_languages_have_the_same_placeholders(key):
    phrase = CATALOGUE[key]
    assert placeholders(phrase["en"]) == placeholders(phrase["zh"])


@pytest.mark.parametrize("key", [k for k in CATALOGUE if k.startswith("sentence.")])
def test_sentences_say_the_same_in_both_languages(key):
    phrase = CATALOGUE[key]
    assert placeholders(phrase["en"]) == placeholders(phrase["zh"]) >= {"parameter", "unit"}


def test_text_is_filled():
    assert (
        words.text("note.left_out", "en", n=3)
        == "stations without a month in common with the others, left out: 3 (renamed ones belong in aliases)"
    )
    assert (
        words.text("note.left_out", "zh", n=3)
        == "与其他站点无共同月份而未计入的站点：3个（更名站点请列入aliases）"
    )
    with pytest.raises(KeyError):
        words.text("note.left_out", "en")
    with pytest.raises(KeyError):
        words.text("note.nonsense")


def test_headings():
    assert words.heading("change_percent", "zh") == "变化，%"
    assert words.heading("change_percent") == "change, %"
    assert words.heading("river_chief", "zh") == "river_chief"


def test_every_column_of_a_comparison_has_a_heading():
    from wqstudy.comparison import COLUMNS

    assert set(COLUMNS) <= rules.load("words")["table"].keys()


# ---------------------------------------------------------------- no key unused, and none missing


SOURCE = Path(words.__file__).parent
ANY = "\0"  # stands in a pattern for what an f-string fills in


def written(node):
    """A string, or an f-string with its blanks marked; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else ANY for part in node.values)  # noqa: PD011
    return None


def leaves(rule):
    """Every key and every text of a file of rules."""
    if isinstance(rule, dict):
        yield from rule
        rule = list(rule.values())
    if isinstance(rule, list):
        for one in rule:
            yield from leaves(one)
    elif isinstance(rule, str):
        yield rule


def strings():
    """What the package's code, rules and templates say, and what of it is asked of the catalogue."""
    said, asked = set(), set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            said.add(node.arg if isinstance(node, ast.keyword) else written(node))
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                owner = getattr(getattr(node.func, "value", None), "id", "words")
                if name == "text" and owner == "words":
                    asked.add((file.name, written(node.args[0])))
    for file in (SOURCE / "rules").glob("*.toml"):
        if file.name != "words.toml":
            said |= set(leaves(rules.load(file.stem)))
    for file in SOURCE.rglob("*.j2"):
        for key, more in re.findall(
            r"""\bsay\(\s*["']([^"']+)["']\s*(~?)""", file.read_text(encoding="utf-8")
        ):
            asked.add((file.name, (key if "." in key else f"page.{key}") + ANY * bool(more)))
    asked = {(file, key) for file, key in asked if key is not None}
    return (said | {key for _, key in asked}) - {None}, asked


SAID, ASKED = strings()
NOTEBOOKS = "".join(
    file.read_text(encoding="utf-8")
    for file in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
)


def matching(pattern, names):
    rule = re.compile(".+".join(re.escape(part) for part in pattern.split(ANY)))
    return [name for name in names if rule.fullmatch(name)]


def test_every_phrase_asked_for_is_there():
    assert len(ASKED) > 100
    missing = {(file, key) for file, key in ASKED if not matching(key, CATALOGUE)}
    assert not missing


@pytest.mark.parametrize("section", rules.load("words"))
def test_every_phrase_is_used(section):
    """A key is in the code, or a part of it beside blanks; where the whole name is a blank, the name is.

    Headings may also be those of columns that only a notebook has.
    """
    patterns = [said for said in SAID if ANY in said and len(re.findall(r"[a-z_]", said)) > 1]
    whole = {f"{section}.{ANY}", f"{ANY}.{ANY}"} & SAID or section == "table"
    unused = []
    for name in rules.load("words")[section]:
        key = f"{section}.{name}"
        partly = [one for one in patterns if one.startswith(f"{section}.") and one != f"{section}.{ANY}"]
        by_key = key in SAID or any(matching(one, [key]) for one in partly)
        by_name = name in SAID or name.isdigit() or any(matching(one, [name]) for one in patterns)
        headed = section == "table" and f'"{name}\\"' in NOTEBOOKS
        if not (by_key or (whole and by_name) or headed):
            unused.append(key)
    assert not unused


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.012345, "0.0123"),
        (-43.26, "−43.3"),
        (123456.0, "123456"),
        (0.5, "0.500"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e-9, "0.00000000100"),
        (2, "2.00"),
        (NAN, ""),
        (float("inf"), ""),
        (None, ""),
    ],
)
def test_number(value, written):
    assert words.number(value) == written


def test_missing_whole_numbers_and_facts_are_blank():
    table = pd.DataFrame(
        {"rank": pd.array([1, None], dtype="Int64"), "passes": pd.array([True, None], dtype="boolean")}
    )
    assert words.rounded(table).to_numpy().tolist() == [["1", "True"], ["", ""]]


def test_number_of_other_digits():
    assert words.number(0.012345, 2) == "0.012"
    assert words.number(123.4, 5) == "123.40"


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [
        (43.26, "43", "+43"),
        (-43.5001, "−44", "−44"),
        (3.21, "3.2", "+3.2"),
        (9.94, "9.9", "+9.9"),
        (9.96, "10", "+10"),
        (-0.4, "−0.4", "−0.4"),
        (0.04, "0.0", "0.0"),
        (-0.04, "0.0", "0.0"),  # no sign on nothing
        (0.0, "0", "0"),
        (-99.0, "−99", "−99"),
        (-99.7, "−99.7", "−99.7"),  # never rounded to a fall by everything
        (100.0, "100", "+100"),
        (250.4, "250", "+250"),
        (NAN, "", ""),
        (float("inf"), "", ""),
    ],
)
def test_percent(value, plain, signed):
    assert words.percent(value) == plain
    assert words.percent(value, signed=True) == signed


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0312, "0.031"), (0.001, "0.001"), (0.00099, "<0.001"), (0.0, "<0.001"), (1.0, "1.000"), (NAN, "")],
)
def test_probability(value, written):
    assert words.probability(value) == written


def test_rounded_makes_text_of_everything():
    table = pd.DataFrame(
        {
            "district": ["甲", None],
            "parameter": ["TP", "NH3N"],
            "n_before": [12, 3456],
            "change_percent": [-43.2617, NAN],
            "p_value": [0.00002, 0.5],
            "q_value": [0.04, NAN],
            "start": [pd.Timestamp("2018-03-01"), pd.NaT],
            "sure": [True, False],
        },
        index=[7, 8],
    )
    plain = words.rounded(table)
    assert list(plain) == list(table)
    assert plain.loc[7].tolist() == ["甲", "TP", "12", "−43", "<0.001", "0.040", "2018-03-01", "True"]
    assert plain.loc[8].tolist() == ["", "NH3N", "3456", "", "0.500", "", "", "False"]
    chinese = words.rounded(table, "zh", digits=2)
    assert list(chinese) == ["区县", "指标", "治理前样本数", "变化，%", "p值", "q值", "开始", "sure"]
    assert chinese["指标"].tolist() == ["总磷", "氨氮"]
    assert chinese["变化，%"].tolist() == ["−43", ""]


def test_every_kind_of_p_is_written_as_a_p():
    table = pd.DataFrame({"rank_p_value": [0.00002, NAN]})
    assert words.rounded(table)["rank_p_value"].tolist() == ["<0.001", ""]
    assert list(words.rounded(table, "en")) == ["p by ranks"]


def test_languages_there_are():
    assert words.language("zh") == "zh"
    with pytest.raises(ArgumentError, match="'fr' is not a language here") as caught:
        words.language("fr", "--lang")
    assert (caught.value.argument, caught.value.valid) == ("--lang", "en, zh")


def test_texts_are_joined_as_the_language_joins():
    assert words.joined(["a", "b", "c"]) == "a; b; c"
    assert words.joined(["甲", "乙"], "zh") == "甲；乙"
    assert words.joined([]) == ""


def test_changes_and_shares_are_rounded_as_percentages():
    table = pd.DataFrame(
        {"low": [-99.97, 3.21], "censored_share": [0.123, NAN], "improved_share": [1.0, 0.5]}
    )
    assert words.rounded(table).to_numpy().tolist() == [["−100.0", "12 %", "100 %"], ["+3.2", "", "50 %"]]


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-60, -20, "fell"),
        (20, 60, "rose"),
        (-20, 5, "unclear"),
        (0, 5, "unclear"),
        (-5, 0, "unclear"),
        (NAN, NAN, "none"),
        (np.float64(-60), np.float64(-0.01), "fell"),
    ],
)
def test_verdict(low, high, said):
    assert words.verdict(low, high) == said


def row(change, low, high, notes="", level=0.95, parameter="TP"):
    return {
        "parameter": parameter,
        "change_percent": change,
        "low": low,
        "high": high,
        "level": level,
        "notes": notes,
    }


@pytest.mark.parametrize(
    ("cells", "lang", "sentence"),
    [
        (
            row(-43.2, -55.1, -28.4),
            "en",
            "Total phosphorus in Jia fell by 43 % (95 % interval 28 to 55 %).",
        ),
        (row(-43.2, -55.1, -28.4), "zh", "Jia总磷下降43%（95%区间28%～55%）。"),
        (
            row(120.0, 8.25, 340.0, level=0.9, parameter="CODMn"),
            "en",
            "Permanganate index in Jia rose by 120 % (90 % interval 8.2 to 340 %).",
        ),
        (
            row(120.0, 8.25, 340.0, level=0.999, parameter="CODMn"),
            "zh",
            "Jia高锰酸盐指数上升120%（99.9%区间8.2%～340%）。",
        ),
        (
            row(-4.2, -30.0, 32.0, parameter="NH3N"),
            "en",
            (
                "Ammonia nitrogen in Jia: cannot tell whether it changed; estimate −4.2 % "
                "(95 % interval −30 to +32 %)."
            ),
        ),
        (
            row(-4.2, -30.0, 32.0, parameter="NH3N"),
            "zh",
            "Jia氨氮：无法判断是否变化，估计−4.2%（95%区间−30%～+32%）。",
        ),
        (row(NAN, NAN, NAN, "too short"), "en", "Total phosphorus in Jia: not estimable (too short)."),
        (row(NAN, NAN, NAN, "太短"), "zh", "Jia总磷：不可估计（太短）。"),
    ],
)
def test_sentences(cells, lang, sentence):
    assert words.sentence(cells, "Jia", lang) == sentence


def test_a_sentence_beyond_the_calibrated_ground_says_so():
    cells = row(-43.2, -55.1, -28.4, "few months") | {"calibrated": False}
    assert words.sentence(cells, "Jia") == (
        "Total phosphorus in Jia fell by 43 % (95 % interval 28 to 55 %). "
        "Beyond where the test is calibrated: few months."
    )
    assert words.sentence(cells, "甲", "zh") == (
        "甲总磷下降43%（95%区间28%～55%）。超出检验的校准范围：few months。"
    )
    nothing = row(NAN, NAN, NAN, "too short") | {"calibrated": False}
    assert words.sentence(nothing, "Jia") == "Total phosphorus in Jia: not estimable (too short)."


def test_sentences_of_a_table_use_the_labels_where_there_are_any():
    table = pd.DataFrame([{"river": unit} | row(-43.2, -55.1, -28.4) for unit in ("东河", "西河")])
    assert words.sentences(table, {"东河": "East River"}) == [
        "Total phosphorus in East River fell by 43 % (95 % interval 28 to 55 %).",
        "Total phosphorus in 西河 fell by 43 % (95 % interval 28 to 55 %).",
    ]


def test_parameter_names():
    for entry in parameters.catalogue().values():
        assert words.parameter_name(entry.code, "zh") == entry.zh
        assert words.parameter_name(entry.code) == entry.en
