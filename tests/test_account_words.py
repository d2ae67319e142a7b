"""The ledger in Chinese: every text has words; that readers write no others is seen where they are tested."""

import re
import string

import pandas as pd
import pytest
from typer.testing import CliRunner

from wqstudy import account_words, rules
from wqstudy.cli import app
from wqstudy.errors import ArgumentError

ENTRIES = [
    (kind, entry["en"], entry["zh"]) for kind in ("reasons", "then") for entry in rules.load("ledger")[kind]
]
FILL = {
    "then": "",
    "unit": "mg/L",
    "row": "7",
    "code": "TP",
    "parameter": "ammonia nitrogen",
    "role": "river",
}


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(("kind", "en", "zh"), ENTRIES, ids=[entry[1][:40] for entry in ENTRIES])
def test_every_text_is_found_again_and_keeps_what_it_names(kind, en, zh):
    assert places(zh) <= places(en)
    assert re.search("[\u4e00-\u9fff]", zh)
    if kind == "reasons":
        text = en.format(**{name: FILL.get(name, "x1") for name in places(en)})
        filled = FILL | {"parameter": "氨氮", "role": "河流"}
        assert account_words.reason(text, "zh") == zh.format(**{n: filled.get(n, "x1") for n in places(zh)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("heading: TP without a unit, taken as mg/L", "表头：TP未注单位，按mg/L读取"),
        ("heading: values, in the units of column '单位'", "表头：数值，单位见'单位'列"),
        ("heading: NH3N in ug/L, as a line beside the table says, multiplied by 0.001 to mg/L",
         "表头：NH3N，单位ug/L（见表旁说明），乘以0.001换算为mg/L"),
        ("duplicate of a, b.xlsx, sheet 8月, row 12", "与a, b.xlsx工作表8月第12行重复"),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_texts_that_are_put_together(text, said):
    assert account_words.reason(text, "zh") == said
    assert account_words.reason(text) == text


def test_another_language_is_refused():
    with pytest.raises(ArgumentError, match="fr"):
        account_words.reason("blank", "fr")


def test_the_command_writes_the_account_in_chinese(tmp_path):
    (tmp_path / "t.csv").write_text("断面,日期,氨氮\n北桥,2021-01-02,<0.1\n北桥,2021-02-02,坏\n", "utf-8")
    out = tmp_path / "ledger.csv"
    ran = CliRunner().invoke(app, ["read", str(tmp_path / "t.csv"), "--ledger", str(out), "--lang", "zh"])
    assert ran.exit_code == 0, ran.output
    reasons = pd.read_csv(out)["reason"].tolist()
    assert reasons == ["表头：NH3N未注单位，按mg/L读取", "低于检出限：以该限值作左删失", "不是数值"]
