"""Every cell of generated workbooks is accounted for, whatever marks and traps they hold."""

import datetime as dt
import tempfile
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq

KEPT = [0.12, 7, "0.31", 1e-3]
CHANGED = [
    "0.025L",
    "<0.02",
    "＜0.02",
    "≤0.02",
    "ND",
    "未检出",
    "未检出(0.02)",
    ">24",
    "0.52mg/L",
    "0.52*",
    "2.4×10³",
    "０．５",
    0,
]
DROPPED = [
    None,
    "--",
    "—",
    "/",
    "*",
    "null",
    "#DIV/0!",
    "=A1+1",
    -1,
    "text",
    "0.1-0.2",
    "5℃",
    True,
    dt.date(2021, 1, 2),
]
FATE = [*((c, "kept") for c in KEPT), *((c, "changed") for c in CHANGED), *((c, "dropped") for c in DROPPED)]
CELL = st.sampled_from(FATE)
NO_TIMES = (None, "2021-02-30", "soon")
TIMES = (
    "2021年4月5日",
    "2021.4.5",
    "202104",
    20210405,
    44291,
    "2021年一季度",
    "04-05 08:00",
    "2021/4/5 8:00",
)
TIME = st.sampled_from([*((time, False) for time in NO_TIMES), *((time, True) for time in TIMES)])
TITLES = st.sampled_from([[], [["2021年监测结果表"]], [["结果"], [None, "单位：mg/L"], []]])
HEADINGS = st.sampled_from(
    [
        [["序号", "断面名称", "采样时间", "氨氮(mg/L)", "总磷", "水质类别"]],
        [["序号", "断面名称", "采样时间", "氨氮", "总磷", "水质类别"], [None, None, None, "mg/L", "mg/L"]],
        [["序号", "断面名称", "采样时间", "监测项目", None, "水质类别"], [None, None, None, "氨氮", "总磷"]],
    ]
)
ASIDE = st.sampled_from(
    [[], [None, "平均值", None, 1, 2], [None, None, "最大值", 9, 9], [None, "注：L表示未检出"]]
)


@settings(max_examples=60, deadline=None)
@given(
    titles=TITLES,
    headings=HEADINGS,
    rows=st.lists(st.tuples(TIME, CELL, CELL, ASIDE), max_size=8),
    empty=st.integers(0, 2),
)
def test_workbooks(titles, headings, rows, empty):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [*titles, *headings, [0, "始", "2021-01-01", 1, 2, "Ⅱ"]]:
        sheet.append(row)
    fates, values = ["kept", "kept"], [1, 2]
    for number, ((time, good), first, second, aside) in enumerate(rows, 1):
        sheet.append([number, f"站{number}", time, first[0], second[0], "Ⅲ"])
        fates += [fate if good else "dropped" for _, fate in (first, second)]
        values += [cell for cell, fate in (first, second) if fate == "kept" and good]
        if aside:
            sheet.append(aside)
    for _ in range(empty):
        book.create_sheet()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.xlsx")
        book.save(path)
        reading = wq.read(path, year=2021)
    counts = reading.counts
    assert {action: counts[action] for action in ("kept", "changed", "dropped")} == {
        action: fates.count(action) for action in ("kept", "changed", "dropped")
    }
    assert len(reading.samples) == counts["kept"] + counts["changed"]
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    assert not lines.duplicated(["row", "column"]).any()
    assert lines["reason"].str.len().gt(0).all()
    notes = reading.ledger[reading.ledger["action"] == "not_data"]
    assert (notes["reason"] == "the sheet is empty").sum() == empty
    asides = sum(bool(aside) for *_, aside in rows)
    assert notes["reason"].str.contains("no sample").sum() == asides
    taken = sorted(reading.samples["value"].round(9))
    assert all(float(value) in taken for value in values)
