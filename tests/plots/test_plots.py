"""Figures: drawn in both languages with every character there, and nothing left out silently."""

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from wqstudy import ArgumentError, compare, monthly_series, plots, specification_curve, words
from wqstudy.effects.specifications import CHOICES
from wqstudy.plots.fonts import chinese_font, font_for

LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture(autouse=True)
def _closed():
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def table(small):
    return compare(small, parameters=["NH3N", "TP"])


@pytest.fixture(scope="module")
def months(small):
    return monthly_series(small)


def draw(figure):
    """Draw every mark and letter; a missing glyph, like any other warning, is an error."""
    with warnings.catch_warnings(), plots.style():
        warnings.simplefilter("error")
        figure.canvas.draw()
    return figure


def texts(figure):
    return [t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_text() and t.get_visible()]


def marks(axes, marker):
    """Coordinates of all points of one marker."""
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(x, y) for line in lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def forest_row(unit, change, low, high, parameter="TP"):
    return {
        "district": unit,
        "parameter": parameter,
        "change_percent": change,
        "low": low,
        "high": high,
        "level": 0.9,
    }


# ---------------------------------------------------------------- letters


def test_a_missing_glyph_would_be_noticed():
    with mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        figure, axes = plt.subplots()
        axes.set_title("区县")
        with pytest.warns(UserWarning, match="Glyph .* missing"):
            figure.canvas.draw()


@LANGUAGES
def test_forest_has_every_letter(table, small, lang):
    figure = draw(
        plots.forest(
            table, labels=small.labels("district", lang), truth=small.truth, lang=lang, simulated=True
        )
    )
    assert isinstance(figure, Figure)
    said = texts(figure)
    for key in ("verdict.fell", "verdict.unclear", "verdict.rose", "plot.truth", "plot.simulated"):
        assert words.text(key, lang) in said
    assert words.text("plot.change", lang, level="95") in said
    for name in (
        *small.labels("district", lang).values(),
        *(words.parameter_name(c, lang) for c in ("NH3N", "TP")),
    ):
        assert name in said


@LANGUAGES
def test_series_has_every_letter(months, small, lang):
    figure = draw(plots.series(months, labels=small.labels("district", lang), lang=lang, simulated=True))
    assert isinstance(figure, Figure)
    said = texts(figure)
    for key in ("plot.before", "plot.after", "plot.simulated"):
        assert words.text(key, lang) in said
    assert (
        words.text("plot.concentration", lang, parameter=words.parameter_name("TP", lang), unit="mg/L")
        in said
    )
    assert set(small.labels("district", lang).values()) <= set(said)


@LANGUAGES
def test_every_phrase_can_be_drawn(lang):
    """Whatever the catalogue says may come onto a figure."""
    from wqstudy import rules

    letters = {a for part in rules.load("words").values() for phrase in part.values() for a in phrase[lang]}
    with plots.style():
        figure = plt.figure()
        figure.text(0, 0, "".join(sorted(letters)).replace("$", ""))
        draw(figure)


def test_a_real_study_is_not_called_simulated(table, months):
    for figure in (plots.forest(table), plots.series(months)):
        assert words.text("plot.simulated") not in texts(figure)


def test_style_leaves_no_trace():
    before = dict(mpl.rcParams)
    with plots.style():
        assert mpl.rcParams["font.family"] == ["DejaVu Sans", chinese_font()]
    assert dict(mpl.rcParams) == before


def test_the_web_font_has_the_chinese_letters_and_signs_and_no_others(tmp_path):
    file = tmp_path / "font.woff"
    file.write_bytes(font_for("水质 class Ⅲ，甲"))
    with TTFont(file) as font:
        has = {chr(code) for code in font.getBestCmap()}
    assert has == set("水质Ⅲ，甲")
    assert font_for("水质 class Ⅲ，甲") == file.read_bytes()


# ---------------------------------------------------------------- forest


def test_forest_draws_what_the_table_says():
    table = pd.DataFrame(
        [
            forest_row("甲", -50.0, -60.0, -40.0),
            forest_row("乙", 5.0, -20.0, 40.0),
            forest_row("丙", 90.0, 10, 200),
        ]
    )
    figure = draw(plots.forest(table))
    (axes,) = figure.axes
    drawn = sorted(marks(axes, "o"), key=lambda point: point[1])
    np.testing.assert_allclose(drawn, [(np.log(0.5), 0), (np.log(1.05), 1), (np.log(1.9), 2)])
    segments = [s for lines in axes.collections for s in lines.get_segments()]
    ends = sorted((s[:, 1][0], *s[:, 0]) for s in segments)
    expected = [(0, np.log(0.4), np.log(0.6)), (1, np.log(0.8), np.log(1.4)), (2, np.log(1.1), np.log(3.0))]
    np.testing.assert_allclose(ends, expected)
    colours = {line.get_color() for line in axes.lines if line.get_marker() == "o"}
    assert len({to_rgb(c) for c in colours}) == 3  # fell, rose and cannot tell differ
    assert axes.yaxis_inverted()  # the first unit is on top
    assert [t.get_text() for t in axes.get_yticklabels()] == ["甲", "乙", "丙"]
    assert words.text("plot.change", "en", level="90") in texts(figure)


def test_forest_ticks_are_percentages_and_include_no_change(table):
    for axes in draw(plots.forest(table)).axes:
        at, labels = axes.get_xticks(), [t.get_text() for t in axes.get_xticklabels()]
        assert 0.0 in at.tolist()
        shown = [float(label.replace("−", "-")) for label in labels]
        np.testing.assert_allclose(np.log1p(np.array(shown) / 100), at, atol=1e-12)


def test_forest_survives_rows_without_numbers():
    nan = float("nan")
    table = pd.DataFrame(
        [
            forest_row("甲", nan, nan, nan),
            forest_row("乙", -50.0, -60.0, -40.0),
            forest_row("乙", nan, nan, nan, "NH3N"),
        ]
    )
    figure = draw(plots.forest(table))
    assert [len(marks(axes, "o")) for axes in figure.axes] == [1, 0]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["甲", "乙"]


@LANGUAGES
def test_forest_says_where_nothing_can_be_estimated(lang):
    nan = float("nan")
    table = pd.DataFrame([forest_row("甲", nan, nan, nan), forest_row("乙", -50.0, -60.0, -40.0)])
    (axes,) = draw(plots.forest(table, lang=lang)).axes
    (note,) = [t for t in axes.texts if t.get_text()]
    assert note.get_text() == words.text("plot.mute", lang)
    assert note.xy[1] == 0


def test_forest_survives_a_table_without_any_number():
    nan = float("nan")
    figure = draw(plots.forest(pd.DataFrame([forest_row("甲", nan, nan, nan)])))
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high


def test_forest_draws_the_truth_where_it_is_known():
    table = pd.DataFrame([forest_row("甲", -50.0, -60.0, -40.0), forest_row("乙", 5.0, -20.0, 40.0)])
    truth = pd.DataFrame(
        {"district": ["乙", "丙"], "parameter": ["TP", "TP"], "change_percent": [-90.0, 3.0]}
    )
    (axes,) = draw(plots.forest(table, truth=truth)).axes
    known = [(x, y) for x, y in marks(axes, "D") if np.isfinite(x)]
    np.testing.assert_allclose(known, [(np.log(0.1), 0.76)])  # in the row of 乙, above its estimate
    assert axes.get_xlim()[0] < np.log(0.1)  # inside the axis


@pytest.mark.parametrize(("low", "high"), [(-100.0, 1e9), (-99.999, 12.0), (-50.0, 2900.0)])
def test_forest_survives_intervals_that_say_nothing(low, high):
    figure = draw(
        plots.forest(pd.DataFrame([forest_row("甲", -20.0, low, high), forest_row("乙", 5.0, -20.0, 40.0)]))
    )
    reach = figure.axes[0].get_xlim()
    # Not beyond a hundredth and a thirtyfold, so that the other intervals stay visible.
    assert -5.2 < reach[0] < reach[1] < 4.0
    segments = [s for lines in figure.axes[0].collections for s in lines.get_segments()]
    assert len(segments) == 2
    assert all(np.isfinite(s).all() for s in segments)


# ---------------------------------------------------------------- series


def test_series_draws_what_the_table_says(months):
    figure = draw(plots.series(months))
    units = list(months["district"].unique())
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == units
    for axes, unit in zip(shown, units, strict=True):
        rows = months[months["district"] == unit]
        line = next(line for line in axes.lines if line.get_linestyle() == "-")
        np.testing.assert_array_equal(line.get_ydata(), rows["value"])
        points, hollow = marks(axes, "."), marks(axes, "v")
        assert len(points) + len(hollow) == (rows["window"] != "").sum()
        assert len(hollow) == ((rows["window"] != "") & (rows["censored_share"] >= 0.5)).sum()
        levels = sorted(s[0, 1] for lines in axes.collections for s in lines.get_segments())
        means = (
            rows[rows["window"] != ""].groupby("window")["value"].apply(lambda v: np.exp(np.log(v).mean()))
        )
        np.testing.assert_allclose(levels, sorted(means))
        assert axes.get_yscale() == "log"


def test_series_of_one_unit_and_of_no_window(months):
    one = months[months["district"] == "甲"].assign(window="")
    figure = draw(plots.series(one))
    assert len(figure.axes) == 1
    assert not marks(figure.axes[0], ".")


def test_empty_panels_are_hidden(months):
    figure = draw(plots.series(months, columns=2))
    assert [axes.get_visible() for axes in figure.axes] == [True, True, True, False]


def test_series_takes_one_parameter(months):
    with pytest.raises(ValueError, match="too many values to unpack"):
        plots.series(pd.concat([months, months.assign(parameter="NH3N")]))


@pytest.mark.parametrize("years", [1, 2, 3, 4, 5, 6, 7, 12, 20, 35])
def test_the_time_axis_has_a_few_distinct_labels(years):
    time = pd.date_range("1986-01-01", periods=12 * years, freq="MS")
    rows = pd.DataFrame({"district": "甲", "parameter": "TP", "time": time, "value": 0.1, "window": ""})
    figure = draw(plots.series(rows))
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    shown = [t.get_text() for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high]
    assert 1 <= len(shown) <= 7
    assert len(set(shown)) == len(shown)
    assert all(label.startswith(("19", "20")) for label in shown)


@pytest.mark.parametrize(("low", "high"), [(0.03, 0.2), (0.9, 3.1), (0.011, 40.0), (2.1, 4.9)])
def test_the_value_axis_can_be_read(low, high):
    """One label on a logarithmic axis says nothing of its scale."""
    time = pd.date_range("2016-01-01", periods=48, freq="MS")
    value = np.geomspace(low, high, 48)
    rows = pd.DataFrame({"district": "甲", "parameter": "TP", "time": time, "value": value, "window": ""})
    axes = draw(plots.series(rows)).axes[0]
    bottom, top = axes.get_ylim()
    shown = [float(t.get_text()) for t in axes.get_yticklabels() if bottom <= t.get_position()[1] <= top]
    assert 2 <= len(shown) <= 12
    assert any(label < np.sqrt(low * high) for label in shown)
    assert any(label >= np.sqrt(low * high) for label in shown)


# ---------------------------------------------------------------- classes


GRADED = pd.DataFrame(
    {
        "station": ["北桥", "北桥", "北桥", "b", "b"],
        "period": ["2021-01", "2021-02", "2021-04", "2021-01", "2021-03"],
        "class": pd.array([1, 6, None, 3, 2], dtype="Int64"),
    }
)


@LANGUAGES
def test_class_strip_shows_every_period_and_what_is_not_known(lang):
    figure = draw(plots.class_strip(GRADED, labels={"b": "南桥"}, lang=lang, simulated=True))
    (axes,) = figure.axes
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(shown, [[1, 6, np.nan, 0], [3, np.nan, 2, np.nan]])
    inferior, note = words.text("plot.inferior", lang), words.text("plot.simulated", lang)
    written = texts(figure)
    assert {"北桥", "南桥", note} <= set(written)
    assert written.count(inferior) == 1


def test_class_strip_of_many_months_marks_years():
    months = pd.period_range("2010-03", "2020-02", freq="M").astype(str)
    classes = pd.array([2] * len(months), dtype="Int64")
    table = pd.DataFrame({"station": "a", "period": months, "class": classes})
    (axes,) = draw(plots.class_strip(table)).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == [str(year) for year in range(2011, 2021)]


@LANGUAGES
def test_class_shares_are_bars_that_fill_the_line(lang):
    shares = pd.DataFrame(
        [
            ["甲", "2016", 0, 25, 25, 25, 0, 25],
            ["乙", "2016", 0, 0, 100, 0, 0, 0],
            ["甲", "2022", 100, 0, 0, 0, 0, 0],
        ],
        columns=["district", "period", *(f"share_{n}" for n in range(1, 7))],
    )
    figure = draw(plots.class_shares(shares, "district", lang=lang))
    assert [axes.get_title() for axes in figure.axes] == ["2016", "2022"]
    for axes, expected in zip(figure.axes, ([100, 100], [100, 0]), strict=True):
        widths = np.array([bar.get_width() for bar in axes.patches]).reshape(6, 2).sum(axis=0)
        np.testing.assert_allclose(widths, expected, err_msg="what is not there in a period has no bar")
        low, high = axes.get_ylim()
        assert low > high, "the first bar is on top"
    assert words.text("plot.share", lang) in texts(figure)
    windows = plots.class_shares(shares.replace({"2016": "before", "2022": "after"}), "district", lang=lang)
    titles = [axes.get_title() for axes in draw(windows).axes]
    assert titles == [words.text("plot.before", lang), words.text("plot.after", lang)]


# ---------------------------------------------------------------- loads


@LANGUAGES
def test_loads_are_drawn_with_their_units(lang):
    surface = pd.DataFrame(
        [(t, q, 0.5 + t - 2000 + 0.1 * q) for t in (2000.0, 2000.5, 2001.0) for q in (1.0, 3.0, 9.0)],
        columns=["time", "flow", "conc"],
    )
    assert any("mg/L" in text for text in texts(draw(plots.load_surface(surface, "NH3N", lang=lang))))
    years = pd.DataFrame({"period": ["2001", "2002"], "load_fn": [5.0, 4.0]})
    years = years.assign(load_fn_low=years["load_fn"] - 1, load_fn_high=years["load_fn"] + 1)
    trend = draw(plots.load_trend(years, lang=lang))
    assert words.heading("load_fn", lang) in texts(trend)
    methods = pd.DataFrame(
        {
            "method": ["A", "rating", "wrtds"],
            "load": [3.0, 4.0, np.nan],
            "load_low": [2.0, np.nan, np.nan],
            "load_high": [5.0, np.nan, np.nan],
        }
    )
    figure = draw(plots.load_methods(methods, lang=lang))
    assert words.text("plot.mute", lang) in texts(figure)
    assert [x for x, _ in marks(figure.axes[0], "o")][:2] == [3.0, 4.0]


# ---------------------------------------------------------------- specification curve


@LANGUAGES
def test_specification_curve(small, lang):
    """Every option that was chosen from has a row of marks, every specification a mark in it."""
    table = specification_curve(small, "TP", "甲").table()
    figure = draw(plots.specification_curve(table, labels=small.labels("district", lang), lang=lang))
    curve, marks = figure.axes
    assert sum(len(line.get_xdata()) for line in curve.lines if line.get_marker() == ".") == len(table)
    assert len(marks_of := curve.lines[-1].get_xdata()) == 1
    assert table.sort_values("effect_percent", kind="stable")["default"].to_numpy()[int(marks_of[0])]
    given = [c for c in CHOICES if len(table[c].unique()) > 1]
    assert len(marks.get_yticks()) == sum(len(table[c].unique()) for c in given)
    drawn = sum(len(points.get_offsets()) for points in marks.collections if hasattr(points, "get_sizes"))
    assert drawn == len(given) * len(table)
    assert words.text("specification.nondetects_half", lang) in texts(figure)
    assert any(small.labels("district", lang)["甲"] in text for text in texts(figure))


def test_a_specification_curve_without_estimates_says_so(small):
    table = specification_curve(small, "TP", "甲").table().assign(effect_percent=np.nan)
    figure = draw(plots.specification_curve(table))
    assert words.text("plot.mute") in texts(figure)


# ---------------------------------------------------------------- windows, non-detects, trends, seasons


def test_series_shades_windows_and_shows_what_is_only_a_limit(months):
    rows = months[months["district"] == "甲"].copy()
    rows["censored_share"] = np.where(rows["time"].dt.month == 2, 0.5, 0.2)
    figure = draw(plots.series(rows))
    (axes,) = figure.axes
    hollow = marks(axes, "v")
    assert len(hollow) == ((rows["time"].dt.month == 2) & (rows["window"] != "")).sum() > 0
    assert len(marks(axes, ".")) + len(hollow) == (rows["window"] != "").sum()
    assert len(axes.patches) == 2  # a shade a window
    assert words.text("plot.nondetects") in texts(figure)
    assert words.text("plot.nondetects") not in texts(draw(plots.series(rows.assign(censored_share=0.0))))


def test_series_draws_the_trend_that_the_table_says(months):
    rows = months[months["district"].isin(["甲", "乙"])]
    trends = pd.DataFrame(
        {
            "district": ["甲"],
            "parameter": "TP",
            "percent_per_year": -10.0,
            "low": -15.0,
            "high": -5.0,
            "level": 0.9,
        }
    )
    figure = draw(plots.series(rows, trends=trends))
    first, second = figure.axes
    line = first.lines[-1]
    value = np.asarray(line.get_ydata())
    years = (rows.loc[rows["district"] == "甲", "time"].diff().dt.days.sum()) / 365.25
    assert value[-1] / value[0] == pytest.approx(0.9**years, rel=1e-9)
    (fan,) = first.collections
    assert np.ptp(fan.get_paths()[0].vertices[:, 1]) > np.ptp(value)
    assert not second.collections, "a unit without a trend has none drawn"
    assert words.text("plot.interval", "en", level="90") in texts(figure)


def test_seasons_are_boxes_by_calendar_month(months):
    figure = draw(plots.seasons(months))
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == months["district"].nunique()
    for axes, unit in zip(shown, months["district"].unique(), strict=True):
        rows = months[(months["district"] == unit) & (months["window"] != "")]
        boxes = rows.groupby([rows["window"], rows["time"].dt.month])["value"]
        assert len(axes.patches) == len(boxes)
        medians = sorted(float(line.get_ydata()[0]) for line in axes.lines if line.get_linewidth() == 1.2)
        np.testing.assert_allclose(medians, sorted(boxes.median()))
    whole = draw(plots.seasons(months.assign(window="")))
    assert len(whole.axes[0].patches) == 12


# ---------------------------------------------------------------- before and after


def before_after_row(unit, median, change, low, high):
    return forest_row(unit, change, low, high) | {"median_before": median}


def test_before_after_draws_concentrations():
    nan = float("nan")
    table = pd.DataFrame(
        [
            before_after_row("甲", 0.2, -50.0, -60.0, -40.0),
            before_after_row("乙", 0.1, 5.0, -20.0, 40.0),
            before_after_row("丙", 0.4, nan, nan, nan),
            before_after_row("丁", nan, nan, nan, nan),
        ]
    )
    figure = draw(plots.before_after(table))
    (axes,) = figure.axes
    dots = [(x, y) for x, y in marks(axes, "o") if np.isfinite(x)]
    expected = [(0.1, 0), (0.105, 1), (0.2, 0), (0.1, 1), (0.4, 2)]
    np.testing.assert_allclose(sorted(dots), sorted(expected))
    bars = [s for lines in axes.collections if lines.get_linewidth()[0] == 5 for s in lines.get_segments()]
    np.testing.assert_allclose([bar[:, 0] for bar in bars[:2]], [[0.08, 0.12], [0.08, 0.14]])
    assert [t.get_text() for t in axes.texts] == [words.text("plot.mute")] * 2
    assert axes.yaxis_inverted()


def test_before_after_survives_a_table_without_any_number():
    nan = float("nan")
    draw(plots.before_after(pd.DataFrame([before_after_row("甲", nan, nan, nan, nan)])))


# ---------------------------------------------------------------- atlas and stations


def test_the_atlas_bears_its_numbers_and_leaves_gaps_blank():
    rows = pd.DataFrame(
        {
            "test": ["a", "a", "b"],
            "noise": ["x", "y", "x"],
            "months": [24, 36, 36],
            "size": [0.05, 0.2, 0.012],
        }
    )
    figure = draw(plots.atlas(rows))
    written = [[t.get_text() for t in axes.texts] for axes in figure.axes]
    assert written == [["5.0", "20.0"], ["1.2"]]
    assert [axes.get_title() for axes in draw(plots.atlas(rows, ["b"])).axes] == ["b"]
    with pytest.raises(ValueError, match="duplicate"):
        plots.atlas(pd.concat([rows, rows]))


PLACES = pd.DataFrame(
    {
        "station": ["北桥", "南桥", "东桥", "西桥"],
        "lon": [120.0, 120.1, 120.2, np.nan],
        "lat": [30.0, 30.1, 30.05, 30.0],
        "group": ["treated", "control", None, "treated"],
        "class": pd.array([2, 6, None, 1], dtype="Int64"),
    }
)


def test_stations_lie_where_they_lie():
    figure = draw(plots.stations(PLACES))
    (axes,) = figure.axes
    drawn = {(x, y) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    assert drawn == {(120.0, 30.0), (120.1, 30.1), (120.2, 30.05)}
    assert len({line.get_marker() for line in axes.lines if line.get_label() in ("treated", "control")}) == 2
    assert axes.get_aspect() == pytest.approx(1 / np.cos(np.radians(30.05)))
    assert {"北桥", "南桥", "东桥", "treated", "control"} <= set(texts(figure))


def test_stations_by_class_bear_its_letter():
    said = texts(draw(plots.stations(PLACES, "class", lang="zh", labels={"北桥": "North"})))
    assert {"II", "劣V", "?", "North", words.text("class.6", "zh")} <= set(said)


def test_stations_without_coordinates_are_refused(small):
    for table in (small.stations, PLACES.assign(lon=np.nan)):
        with pytest.raises(ArgumentError, match="no station has coordinates"):
            plots.stations(table)


def test_letters_are_on_every_class_colour():
    """Ten years of months keep their letters, for readers who do not tell the colours apart."""
    periods = pd.period_range("2011-01", "2020-12", freq="M").astype(str)
    table = pd.DataFrame({"station": "a", "period": periods, "class": pd.array([1, 2, 3, 4, 5, 6] * 20)})
    (axes,) = draw(plots.class_strip(table)).axes
    assert len(axes.texts) == 120
