"""Study: everything an evaluation rests on, checked at the door."""

import pandas as pd
import pytest

from wqstudy import ArgumentError, SchemaError, Study, WqstudyError
from wqstudy.samples import Reading, empty_ledger, join_ledgers
from wqstudy.study import Windows

DAYS = ["2016-01-05", "2017-06-30", "2019-02-01", "2021-11-30"]


def samples(stations=("A", "B"), **columns):
    rows = [(s, pd.Timestamp(day), "TP", 0.1) for s in stations for day in DAYS]
    return pd.DataFrame(rows, columns=["station", "time", "parameter", "value"]).assign(**columns)


def stations(**columns):
    return pd.DataFrame({"station": ["A", "B", "C"], "district": ["甲", "乙", "丙"]} | columns)


def measures(**starts):
    return pd.DataFrame({"district": list(starts), "measure": "清淤", "start": list(starts.values())})


def days(windows):
    return windows.to_dict()


# ---------------------------------------------------------------- windows


def test_windows_read_dates_of_any_kind():
    text = Windows.of(("2016-01-01", "2018-01-01"), ["2019-01-01", "2021-01-01"])
    stamps = Windows.of(
        (pd.Timestamp("2016-01-01"), pd.Timestamp("2018-01-01").date()), iter(["2019-01-01", "20210101"])
    )
    assert text == stamps
    assert days(text) == {"before": ["2016-01-01", "2018-01-01"], "after": ["2019-01-01", "2021-01-01"]}


def test_windows_may_touch():
    both = Windows.of(("2016-01-01", "2018-01-01"), ("2018-01-01", "2020-01-01"))
    assert both.before[1] == both.after[0]


@pytest.mark.parametrize(
    ("before", "after", "argument", "what"),
    [
        (("2016-01-01", "2016-01-01"), ("2019-01-01", "2021-01-01"), "before", "2016-01-01 is empty"),
        (("2016-01-01", "2018-01-01"), ("2021-01-01", "2019-01-01"), "after", "2019-01-01 is empty"),
        (
            ("2016-01-01", "2019-06-01"),
            ("2019-01-01", "2021-01-01"),
            "before, after",
            "2019-06-01, later than",
        ),
        (("2019-01-01", "2021-01-01"), ("2016-01-01", "2018-01-01"), "before, after", "later than"),
        (("2016-01-01",), ("2019-01-01", "2021-01-01"), "before", "is not a window"),
        (("2016-01-01", "2017-01-01", "2018-01-01"), ("2019-01-01", "2021-01-01"), "before", "not a window"),
        ("2016-01-01", ("2019-01-01", "2021-01-01"), "before", "'2016-01-01' is not a window"),
        (2016, ("2019-01-01", "2021-01-01"), "before", "2016 is not a window"),
        (("2016-01-01", "2018-01-01"), ("then", "now and then"), "after", "is not a window"),
        (("2016-01-01", "2018-01-01"), (None, "2021-01-01"), "after", "is not a window"),
        (("", "2018-01-01"), ("2019-01-01", "2021-01-01"), "before", "is not a window"),
        (("2016-01-01T00:00+08:00", "2018-01-01"), ("2019-01-01", "2021-01-01"), "before", "offset from UTC"),
    ],
)
def test_windows_that_cannot_be(before, after, argument, what):
    with pytest.raises(ArgumentError, match=what) as caught:
        Windows.of(before, after)
    assert caught.value.argument == argument
    assert caught.value.valid


def test_pooled_windows_lie_before_the_first_start_and_after_the_last():
    study = Study(samples(), stations(), measures(甲="2018-03-15", 乙="2019-09-01"))
    assert days(study.pooled_windows()) == {
        # From the first month with samples to the last, both whole.
        "before": ["2016-01-01", "2018-03-15"],
        "after": ["2019-09-01", "2021-12-01"],
    }


def test_windows_of_districts():
    study = Study(samples(), stations(), measures(甲="2018-03-15", 乙="2019-09-01"))
    windows = study.windows_of("district")
    assert list(windows) == ["甲", "乙", "丙"]
    assert days(windows["甲"]) == {
        "before": ["2016-01-01", "2018-03-15"],
        "after": ["2018-03-15", "2021-12-01"],
    }
    assert days(windows["乙"]) == {
        "before": ["2016-01-01", "2019-09-01"],
        "after": ["2019-09-01", "2021-12-01"],
    }
    assert windows["丙"] == study.pooled_windows()


def test_a_districts_first_measure_is_its_start():
    made = pd.concat([measures(甲="2019-01-01"), measures(甲="2018-06-01")])
    assert Study(samples(), stations(), made).starts() == {"甲": pd.Timestamp("2018-06-01")}
    assert Study(samples(), stations()).starts() == {}


def test_windows_of_stations_and_rivers_follow_their_districts():
    study = Study(
        samples(), stations(river=["东河", "东河", "西河"]), measures(甲="2018-03-15", 乙="2019-09-01")
    )
    by_station, by_river = study.windows_of("station"), study.windows_of("river")
    assert by_station["A"].after[0] == pd.Timestamp("2018-03-15")
    # A river through two districts with different starts has the pooled windows.
    assert by_river["东河"] == study.pooled_windows()
    one = Study(samples(), stations(river=["东河", "西河", "西河"]), measures(甲="2018-03-15"))
    assert one.windows_of("river")["东河"].after[0] == pd.Timestamp("2018-03-15")
    # … and so has one that is treated in part.
    assert one.windows_of("river")["西河"] == one.pooled_windows()


def test_windows_given_with_the_study_are_the_pooled_ones():
    given = Windows.of(("2016-01-01", "2017-01-01"), ("2020-01-01", "2022-01-01"))
    study = Study(samples(), stations(), windows=given)
    assert set(study.windows_of("district").values()) == {given}


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda: Study(samples(), stations()), "neither its windows nor when measures began"),
        (lambda: Study(samples().iloc[:0], stations(), measures(甲="2018-03-15")), "has no samples"),
        (
            lambda: Study(samples(), stations(), measures(甲="2030-01-01")),
            "neither its windows nor when measures began",
        ),
        (
            lambda: Study(samples(), stations(), measures(甲="2010-01-01")),
            "neither its windows nor when measures began",
        ),
    ],
)
def test_no_windows(made, what):
    with pytest.raises(ArgumentError, match=what):
        made().pooled_windows()


# ---------------------------------------------------------------- the door


def test_stations_default_to_those_sampled():
    assert Study(samples()).stations["station"].tolist() == ["A", "B"]


@pytest.mark.parametrize("table", ["samples", "flow", "targets"])
def test_strangers_are_named(table):
    parts = {
        "samples": samples(("A", "X", "Y")),
        "flow": pd.DataFrame({"station": ["Y", "X"], "time": DAYS[:2], "flow": [1.0, 2.0]}),
        "targets": pd.DataFrame({"station": ["X", "Y"], "target_class": [3, 3], "due": DAYS[:2]}),
    }
    given = {"samples": samples(), table: parts[table]}
    with pytest.raises(
        SchemaError, match=r"station 'X' is not in the stations table \(2 such stations\)"
    ) as caught:
        Study(stations=stations(), **given)
    assert (caught.value.file, caught.value.column) == (table, "station")


def test_aliases_name_stations_in_every_table():
    aliases = pd.DataFrame({"alias": ["甲站", "A号"], "station": ["A", "A"]})
    study = Study(
        samples(("甲站", "A", "B")),
        stations(),
        flow=pd.DataFrame({"station": ["A号"], "time": DAYS[:1], "flow": [1.0]}),
        targets=pd.DataFrame({"station": ["甲站"], "target_class": [3], "due": DAYS[:1]}),
        aliases=aliases,
    )
    assert study.samples["station"].value_counts().to_dict() == {"A": 8, "B": 4}
    assert study.flow["station"].tolist() == ["A"]
    assert study.targets["station"].tolist() == ["A"]


def test_parameters_go_under_their_code():
    given = samples().assign(parameter=["总磷", "NH3-N", "CODMN", "TP"] * 2)
    study = Study(given)
    assert study.samples["parameter"].tolist()[:4] == ["TP", "NH3N", "CODMn", "TP"]
    assert study.parameters == ["NH3N", "TP", "CODMn"]


def test_parameters_default_to_the_main_ones_sampled_or_else_to_all():
    assert Study(samples()).parameters == ["TP"]
    assert Study(samples().assign(parameter=["TN", "DO", "TN", "DO"] * 2)).parameters == ["DO", "TN"]
    assert Study(samples(), parameters=["总磷", "氨氮"]).parameters == ["TP", "NH3N"]
    with pytest.raises(ArgumentError, match="'colour' is not in the catalogue"):
        Study(samples(), parameters=["colour"])


def test_times_with_an_offset_are_turned_to_the_studys_clock():
    utc = samples().assign(time=samples()["time"].dt.tz_localize("UTC") + pd.Timedelta(hours=20))
    shanghai, london = Study(utc), Study(utc, time_zone="Europe/London")
    assert shanghai.samples["time"].iloc[0] == pd.Timestamp("2016-01-06 04:00")  # 20:00 and eight hours
    assert london.samples["time"].iloc[0] == pd.Timestamp("2016-01-05 20:00")
    assert london.samples["time"].iloc[1] == pd.Timestamp("2017-06-30 21:00")  # summer time
    assert shanghai.samples["time"].dt.tz is None


def test_flow_times_are_turned_too():
    flow = pd.DataFrame(
        {"station": ["A"], "time": pd.DatetimeIndex(["2020-01-01 20:00"], tz="UTC"), "flow": 1.0}
    )
    assert Study(samples(), flow=flow).flow["time"].tolist() == [pd.Timestamp("2020-01-02 04:00")]


def test_times_without_an_offset_are_on_the_studys_clock():
    assert Study(samples(), time_zone="America/Lima").samples["time"].iloc[0] == pd.Timestamp(DAYS[0])


@pytest.mark.parametrize(
    ("argument", "value"),
    [("language", "fr"), ("language", None), ("time_zone", "Mars/Base"), ("time_zone", "")],
)
def test_settings_that_cannot_be(argument, value):
    with pytest.raises(ArgumentError, match=repr(value)) as caught:
        Study(samples(), **{argument: value})
    assert caught.value.argument == argument


def test_given_tables_are_left_as_they_were():
    given = samples(("A", "B")).assign(parameter="总磷")
    copy = given.copy()
    Study(given, stations(), aliases=pd.DataFrame({"alias": ["B"], "station": ["A"]}))
    pd.testing.assert_frame_equal(given, copy)


# ---------------------------------------------------------------- units and labels


def test_units_are_text_indexed_by_station():
    study = Study(samples(), stations(street=["一", None, "二"], cluster=[1, 2, 1]))
    assert study.unit_of("station").to_dict() == {"A": "A", "B": "B", "C": "C"}
    assert study.unit_of("district").to_dict() == {"A": "甲", "B": "乙", "C": "丙"}
    assert study.unit_of("street").dropna().to_dict() == {"A": "一", "C": "二"}
    assert study.unit_of("cluster").to_dict() == {"A": "1", "B": "2", "C": "1"}


@pytest.mark.parametrize(
    ("by", "what"), [("street", "has no column 'street'"), ("river", "'river' .* is blank")]
)
def test_units_that_are_not_there(by, what):
    study = Study(samples(), stations(river=[None, None, None]))
    with pytest.raises(ArgumentError, match=what) as caught:
        study.unit_of(by)
    assert caught.value.argument == "by"
    assert caught.value.valid == "station, district"
    assert by in caught.value.mend


def test_labels_are_translated_where_the_stations_say_so():
    study = Study(samples(), stations(district_en=["Jia", None, "Bing"]))
    assert study.labels("district", "en") == {"甲": "Jia", "乙": "乙", "丙": "Bing"}
    assert study.labels("district", "zh") == {"甲": "甲", "乙": "乙", "丙": "丙"}
    assert study.labels("station", "en") == {"A": "A", "B": "B", "C": "C"}


def test_repr_says_what_it_is():
    assert (
        repr(Study(samples(), title="三河"))
        == "<study '三河': 8 samples, 2 stations, 2016-01 to 2021-11, TP>"
    )
    assert "simulated study" in repr(Study(samples(), simulated=True))
    assert "no samples" in repr(Study(samples().iloc[:0]))


# ---------------------------------------------------------------- what readers hand over, and errors


def test_ledgers_join_with_their_own_types():
    first = pd.DataFrame({"row": [3], "action": ["dropped"], "raw": ["x"]})
    second = pd.DataFrame({"row": [4], "action": ["changed"], "value": [0.5]})
    joined = join_ledgers([first, empty_ledger(), second])
    assert joined["row"].tolist() == [3, 4]
    assert str(joined["row"].dtype) == "Int64"
    assert str(joined["value"].dtype) == "float64"
    assert joined["file"].isna().all()
    assert empty_ledger().dtypes.equals(joined.dtypes)


def test_counts_of_a_reading_add_up():
    ledger = join_ledgers([pd.DataFrame({"action": ["changed", "dropped", "dropped", "not_data"]})])
    reading = Reading(Study(samples()).samples, ledger, kept=5000)
    assert reading.counts == {"cells": 5003, "kept": 5000, "changed": 1, "dropped": 2}
    assert str(reading) == (
        "8 samples, 2 stations, 1 parameters; 5,003 cells = 5,000 kept + 1 changed + 2 dropped"
    )


def test_errors_say_where_what_and_how_to_mend():
    error = WqstudyError(
        "it is odd.", file="a.xlsx", sheet="s", row=4, column="TP", valid="1.", mend="mend it."
    )
    assert str(error) == "a.xlsx, sheet s, row 4, column TP: it is odd. Valid: 1. To mend: mend it."
    assert (error.file, error.sheet, error.row, error.column) == ("a.xlsx", "s", 4, "TP")
    assert str(WqstudyError("it is odd")) == "it is odd."
    assert isinstance(ArgumentError("x"), ValueError)


# ---------------------------------------------------------------- measures, keys, negatives


def test_a_measure_of_an_unknown_district_is_an_error():
    with pytest.raises(SchemaError, match="district '浦东新区' has a measure and no station"):
        Study(samples(), stations(), measures(浦东新区="2018-03-15"))


def test_a_start_outside_the_data_moves_nobody_elses_windows():
    study = Study(samples(), stations(), measures(甲="2018-03-15", 乙="2030-01-01"))
    assert study.pooled_windows().before[1] == pd.Timestamp("2018-03-15")
    assert study.pooled_windows().after[0] == pd.Timestamp("2018-03-15")


def test_codes_read_as_numbers_meet_the_same_codes():
    """A blank cell makes pandas read whole numbers as floats."""
    made = samples()
    names = {name: 1001 + i for i, name in enumerate(made["station"].unique())}
    made["station"] = made["station"].map(names)
    place = stations()
    place["station"] = place["station"].map(names).astype(float)
    study = Study(made, place.dropna(subset="station"))
    assert set(study.samples["station"]) <= set(study.stations["station"])
    assert "1001" in set(study.stations["station"])


def test_negative_concentrations_are_an_error():
    made = samples()
    made.loc[2, "value"] = -0.1
    with pytest.raises(SchemaError, match=r"samples, row 4, column value: -0\.1 of .* is negative"):
        Study(made, stations())


def test_untreated_units():
    grouped = Study(samples(), stations(group=["treated", "control", None]), measures(甲="2018-03-15"))
    assert grouped.untreated("district") == ["乙"]
    # Where the stations table says nothing of groups, the measures do.
    assert Study(samples(), stations(), measures(甲="2018-03-15")).untreated("district") == ["乙", "丙"]
    assert Study(samples(), stations()).untreated("district") == []


@pytest.mark.parametrize(
    ("districts", "groups", "said"),
    [
        (
            "甲乙丙",
            ["control", "control", "control"],
            "district '甲' is a control here, and measures has '清淤'",
        ),
        (
            "甲甲丙",
            ["control", None, "control"],
            "in it from 2018-03-15.*To mend: write treated in column group",
        ),
        (
            "甲甲丙",
            ["treated", "control", "control"],
            "'甲' is both treated .station 'A'. and control .station 'B'",
        ),
        (
            "甲丙丙",
            ["treated", "treated", "control"],
            "district '丙' is both treated .*a district of their own",
        ),
    ],
)
def test_groups_that_contradict_are_an_error(districts, groups, said):
    told = stations(district=[*districts], group=groups)
    with pytest.raises(SchemaError, match=rf"stations, column group: .*{said}"):
        Study(samples(), told, measures(甲="2018-03-15"))


def test_districts_written_alike_are_an_error():
    told = stations(district_en=["Jia", "Yi", "Yi"])
    with pytest.raises(
        SchemaError, match=r"column district_en: districts '乙' and '丙' are both written 'Yi'"
    ):
        Study(samples(), told)
    Study(samples(), stations(district=["甲", "乙", "乙"], district_en=["Jia", "Yi", "Yi"]))


def test_bare_years_are_first_days():
    assert days(Windows.of((2016, 2018), (2019, 2021)))["after"] == ["2019-01-01", "2021-01-01"]
