"""Words for two periods: the decree's tables, both rules side by side, and what makes them silent."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wqstudy.errors import ArgumentError
from wqstudy.grading import basin_status, change_words
from wqstudy.grading.status import statuses


def basin(
    good: float, inferior: float, status: str = "light", n: int = 20, group: str = "Jia"
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": [group],
            "n_sections": n,
            "status": [status],
            "share_good": good,
            "share_inferior_v": inferior,
        }
    )


def sections(*numbers: int | None) -> pd.DataFrame:
    stations = [f"s{number}" for number in range(len(numbers))]
    return pd.DataFrame({"station": stations, "period": "2021", "class": pd.array(numbers, dtype="Int64")})


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0, "无明显变化"), (10, "无明显变化"), (10.1, "有所好转"), (20, "有所好转"), (20.1, "明显好转"),
        (-10, "无明显变化"), (-10.1, "有所变差"), (-20, "有所变差"), (-20.1, "明显变差"),
    ],
)  # fmt: skip
def test_words_by_shares(difference, expected):
    found = change_words(basin(50, 30), basin(50 + difference, 30), lang="zh")
    assert found["by_shares"].tolist() == [expected]
    # Half of it by the good ones, half by inferior V, is the same.
    found = change_words(basin(50, 30), basin(50 + difference / 2, 30 - difference / 2), lang="zh")
    assert found["by_shares"].tolist() == [expected]


def test_printed_shares_at_the_limit_are_not_beyond_it():
    pairs = [(tenths / 10, tenths / 10 + 10) for tenths in range(1, 900)]
    pairs = [(low, float(f"{high:.1f}")) for low, high in pairs]
    assert any(high - low > 10 for low, high in pairs)  # in binary
    for low, high in pairs[::20] + [pair for pair in pairs if pair[1] - pair[0] > 10][:5]:
        assert change_words(basin(low, 0), basin(high, 0))["by_shares"].tolist() == ["no clear change"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (3, 3, "无明显变化"), (1, 2, "无明显变化"), (4, 3, "有所好转"), (3, 4, "有所变差"),
        (5, 3, "明显好转"), (2, 4, "明显变差"), (6, 1, "明显好转"), (1, 6, "明显变差"),
    ],
)  # fmt: skip
def test_words_of_sections_by_status(before, after, expected):
    found = change_words(sections(before), sections(after), lang="zh")
    assert found["by_class"].tolist() == [expected]
    assert found["by_shares"].isna().all()
    assert found["agree"].isna().all()
    assert found["notes"].tolist() == [""]


def test_both_rules_stand_side_by_side():
    found = change_words(basin(74, 0, "light"), basin(76, 0, "good"))
    assert found[["by_class", "by_shares", "agree"]].to_numpy().tolist() == [
        ["somewhat better", "no clear change", False]
    ]
    assert change_words(basin(60, 0), basin(60, 0))["agree"].tolist() == [True]


def test_shares_count_only_where_both_periods_were_assessed_by_them():
    five = pd.DataFrame(
        {"station": list("abcde"), "period": "2020", "class": [2, 2, 3, 4, 6], "basin": "Jia"}
    )
    means = {"NH3N": [0.1, 4.0], "NH3N_class": [1, 6]}
    two = pd.DataFrame({"station": list("ab"), "period": "2021", "class": [1, 6], "basin": "Jia", **means})
    for lang in ("en", "zh"):
        before, after = basin_status(five, lang=lang), basin_status(two, lang=lang)
        found = change_words(before, after, lang=lang)
        assert found["by_shares"].isna().tolist() == [True]
        assert change_words(before, after, lang="en")["notes"].tolist() == [
            "not by shares in both periods; 5 sections, then 2"
        ]
    # 60 % good and 20 % inferior V is moderate; a mean of 2.05 is inferior V.
    assert found[["status_before", "status_after"]].to_numpy().tolist() == [["中度污染", "重度污染"]]
    assert found["by_class"].tolist() == ["有所变差"]


def test_what_is_in_one_period_only_is_told():
    found = change_words(
        pd.concat([basin(50, 0), basin(50, 0, group="Yi")]),
        pd.concat([basin(50, 0, group="Bing"), basin(50, 0)]),
    )
    assert found["group"].tolist() == ["Bing", "Jia", "Yi"]
    assert found["notes"].tolist() == ["in the second period only", "", "in the first period only"]
    assert found["by_class"].isna().tolist() == [True, False, True]


def test_no_status_is_no_word():
    found = change_words(sections(None, 3), sections(3, 3), lang="zh")
    assert found["by_class"].isna().tolist() == [True, False]
    assert found["notes"].tolist() == ["某一时段无水质状况", ""]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (sections(3), basin(50, 0), "one table is of groups"),
        (pd.concat([basin(50, 0)] * 2), basin(50, 0), "two rows"),
        (basin(50, 0, "splendid"), basin(50, 0), "is not known"),
        (pd.DataFrame({"station": ["a"]}), sections(3), "neither of basins nor of sections"),
        (sections(9), sections(3), "is no class"),
    ],
)
def test_tables_that_cannot_be_compared_are_errors(before, after, message):
    with pytest.raises(ArgumentError, match=message):
        change_words(before, after)


shares = st.tuples(st.integers(0, 100), st.integers(0, 100)).filter(lambda pair: sum(pair) <= 100)
OPPOSITE = {
    "clearly better": "clearly worse",
    "somewhat better": "somewhat worse",
    "no clear change": "no clear change",
    "somewhat worse": "somewhat better",
    "clearly worse": "clearly better",
}


@given(first=shares, second=shares, statuses_=st.tuples(*[st.sampled_from(statuses())] * 2))
def test_the_way_back_is_the_opposite(first, second, statuses_):
    tables = [basin(*pair, status) for pair, status in zip((first, second), statuses_, strict=True)]
    there, back = change_words(*tables), change_words(*tables[::-1])
    for column in ("by_class", "by_shares"):
        assert OPPOSITE[there[column][0]] == back[column][0]
    assert there["agree"][0] == back["agree"][0]
    assert np.isclose(there["difference"][0], -back["difference"][0])
