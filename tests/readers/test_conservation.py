"""Every cell is accounted for, whatever the table."""

import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import wqstudy as wq
from wqstudy.readers.names import plain_name

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
# Texts that say the same, besides those that are the same.
ALIKE = {"0.02L": "<0.02", " 5 ": "5", "未检出": "ND", "0": "ND", "<0": "ND"}


def usable(station: str, time: str) -> bool:
    return station not in ("", "--") and time.startswith("2021") and time != "2021-02-30"


def fates(rows: list[tuple[str, ...]], cells: list[list[tuple[str, str, int]]]) -> list[str]:
    """What becomes of the cells of rows: by each cell's text, parameter and column of outcomes."""
    stations = {row[0] for row in rows if row[0] and row[1]}
    seen, fate = set(), []
    for row, held in zip(rows, cells, strict=True):
        station, time = row[:2]
        filled = [text.strip() for text in row if text.strip()]
        valueless = not any(text.strip() for text, _, _ in held)
        if (
            (not station or not time)
            and valueless
            and (
                (len(filled) < 2 and filled[:1] != [station]) or (station not in stations and len(filled) < 2)
            )
        ):
            continue  # a blank row or a note: no cells
        for text, parameter, which in held:
            outcome = OUTCOMES[text][which] if usable(station, time) and parameter else "dropped"
            if outcome != "dropped":
                said = (station, time, parameter, ALIKE.get(text, text))
                outcome = "dropped" if said in seen else outcome
                seen.add(said)
            fate.append(outcome)
    return fate


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
    check(reading, fates(rows, [[(row[2], "TP", 0), (row[3], "TL", 1)] for row in rows]))
    lines = reading.ledger[reading.ledger["action"] != "not_data"]
    for line in lines.itertuples():
        assert rows[line.row - 2][["TP (ug/L)", "铊"].index(line.column) + 2] == line.raw


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.tuples(STATION, TIME, st.sampled_from(["TP", "总磷", "铊", "", "TL"]), CELL),
        max_size=20,
    )
)
def test_tidy(rows):
    rows = [(*GOOD, "TP", "1"), *rows]
    codes = {"总磷": "TP", "铊": "TL"}
    reading = read(["station", "time", "parameter", "value"], rows)
    cells = [[(cell, codes.get(name, name), name in ("铊", "TL"))] for _, _, name, cell in rows]
    check(reading, fates(rows, cells))


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
        unique_by=lambda row: row[1],
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
    assert got["station"].tolist() == [plain_name("s" + row[3]) for row in rows]
