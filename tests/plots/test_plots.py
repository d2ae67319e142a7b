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

from wqstudy import compare, monthly_series, plots, words
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
        assert len(marks(axes, ".")) == (rows["window"] != "").sum()
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
