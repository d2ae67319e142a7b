"""Every cell is accounted for, whatever the table."""

import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq

# What becomes of a text in a usable row: of TP, which has a detection limit; of thallium, which has none.
OUTCOMES = {
    **dict.fromkeys(["0.12", "1", "7", "1e-3", " 5 "], ("kept", "kept")),
    **dict.fromkeys(["<2", "<0.02", "0.02L", ">9", "1,234", "０．５"], ("changed", "changed")),
    **dict.fromkeys(["ND", "未检出", "0", "<0"], ("changed", "dropped")),
    **dict.fromkeys(["", "--", "null", "-1", "text", 'a "b"\n,c'], ("dropped", "dropped")),
}
CELL = st.sampled_from(list(OUTCOMES))
STATION = st.sampled_from(["a", "北桥", "x,y", "", "--"])
TIME = st.sampled_from(["2021-01-02", "2021/3/4 5:06", "2021-05", "", "soon", "2021-02-30"])
ACTIONS = ("kept", "changed", "dropped")
GOOD = ("a", "2021-01-02")


def usable(station: str, time: str) -> bool:
    return station not in ("", "--") and time.startswith("2021") and time != "2021-02-30"


def read(headings: list[str], rows: list[tuple[str, ...]]) -> wq.Reading:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([headings, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_text(text.getvalue(), encoding="utf-8")
        return wq.read(path)


def check(reading: wq.Reading, actions: list[str]) -> None:
    counts = reading.counts
    assert {action: actions.count(action) for action in ACTIONS} == {
        action: counts[action] for action in ACTIONS
    }
    assert counts["cells"] == len(actions)
    assert len(reading.samples) == counts["kept"] + counts["changed"]
    assert reading.samples.notna().all(axis=None)
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    assert not lines.duplicated(["row", "column"]).any()
    assert lines["reason"].str.len().gt(0).all()
    assert lines["value"].notna().equals(lines["action"] == "changed")


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(STATION, TIME, CELL, CELL), max_size=12))
def test_wide(rows):
    rows = [(*GOOD, "1", "<2"), *rows]
    reading = read(["station", "time", "TP (ug/L)", "铊"], rows)
    fate = [
        OUTCOMES[cell][which] if usable(station, time) else "dropped"
        for station, time, *cells in rows
        for which, cell in enumerate(cells)
    ]
    check(reading, fate)
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    for line in lines.itertuples():
        assert rows[line.row - 2][["TP (ug/L)", "铊"].index(line.column) + 2] == line.raw


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            STATION,
            TIME,
            st.sampled_from(["TP", "总磷", "铊", "", "TL"]),
            CELL,
            st.sampled_from(["ug/L", "", "mg/L"]),
        ),
        max_size=20,
    )
)
def test_tidy(rows):
    rows = [(*GOOD, "TP", "1", "mg/L"), *rows]
    reading = read(["station", "time", "parameter", "value", "unit"], rows)
    fate = [
        OUTCOMES[cell][name in ("铊", "TL")] if usable(station, time) and name else "dropped"
        for station, time, name, cell, _ in rows
    ]
    check(reading, fate)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(min_value=1e-300, max_value=1e300),
            st.datetimes(min_value=pd.Timestamp("1900-01-01"), max_value=pd.Timestamp("2100-01-01")),
            st.sampled_from(["none", "left", "right"]),
            st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_tidy_text_says_the_same_numbers_dates_and_names(rows):
    table = [("s" + name, time.isoformat(" "), "TP", repr(value), mark) for value, time, mark, name in rows]
    reading = read(["station", "time", "parameter", "value", "censored"], table)
    got = reading.samples
    assert reading.counts["kept"] == len(rows)
    assert got["value"].tolist() == [row[0] for row in rows]
    assert got["time"].dt.to_pydatetime().tolist() == [row[1] for row in rows]
    assert got["censored"].tolist() == [row[2] for row in rows]
    assert got["station"].tolist() == ["s" + row[3] for row in rows]
