"""Tables in JSON, in the shapes in which programs write them."""

import json

import pandas as pd
import pytest

import wqstudy as wq
from wqstudy.errors import ReadError

TABLE = pd.DataFrame(
    {
        "断面名称": ["北桥", "南桥"],
        "监测时间": ["2021-01-01", "2021-01-02"],
        "总磷(mg/L)": [0.1, None],
        "氨氮(mg/L)": ["0.025L", "0.5"],
    }
)


@pytest.mark.parametrize("orient", ["records", "columns", "split"])
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapes_of_tables(write, orient, inside, encoding):
    text = TABLE.to_json(orient=orient, force_ascii=False)
    if inside:
        text = json.dumps({"code": 200, "message": "ok", "data": json.loads(text)}, ensure_ascii=False)
    reading = wq.read(write(text.encode(encoding), "table.json"))
    assert reading.samples["value"].tolist() == [0.1, 0.025, 0.5]
    assert reading.counts == {"cells": 4, "kept": 2, "changed": 1, "dropped": 1}
    assert reading.ledger["reason"].str.contains("read as GB18030").sum() == (encoding != "utf-8")


def test_records_need_not_have_all_fields(write):
    text = (
        '[{"station": "a", "time": "2021-01-01", "TP": 1}, {"time": "2021-01-02", "station": "a", "TN": 2}]'
    )
    reading = wq.read(write(text, "table.json"))
    assert reading.samples[["parameter", "value"]].to_numpy().tolist() == [["TP", 1.0], ["TN", 2.0]]


@pytest.mark.parametrize("text", ["3", "[]", "[1]", "{}", '{"a": 1}', '{"a": [{"b": 1}], "c": [{"b": 1}]}'])
def test_json_without_a_table_says_what_is_read(write, text):
    with pytest.raises(ReadError, match=r"holds no table that is known here\. Valid: an object with"):
        wq.read(write(text, "table.json"))
