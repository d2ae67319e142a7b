"""Pictures of effects: every interval, truth and verdict drawn, in both languages."""

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color

from wqstudy import datasets, evaluate, plots, words

LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])


@pytest.fixture(autouse=True)
def _closed():
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def told():
    return evaluate(datasets.load("demo"), parameters=["NH3N", "CODMn"])


def drawn(figure):
    """Every mark and letter; a missing glyph, like any other warning, is an error."""
    with warnings.catch_warnings(), plots.style():
        warnings.simplefilter("error")
        figure.canvas.draw()
    return [t.get_text() for t in figure.findobj(mpl.text.Text) if t.get_text() and t.get_visible()]


@LANGUAGES
def test_forest_shows_every_interval_mean_and_truth(told, lang):
    study = datasets.load("demo")
    table = told.forest()
    figure = plots.effects_forest(
        table, labels=study.labels("district", lang), truth=study.truth, lang=lang, simulated=True
    )
    said = drawn(figure)
    assert words.text("plot.pooled", lang) in said
    assert words.text("plot.simulated", lang) in said
    assert study.labels("district", lang)["甲"] in said
    for axes, code in zip(figure.axes, ("NH3N", "CODMn"), strict=True):
        rows = table[table["parameter"] == code]
        ends = np.concatenate([s for c in axes.collections for s in c.get_segments()])[:, 0]
        wanted = np.log1p(rows[["low", "high"]].to_numpy() / 100).ravel()
        np.testing.assert_allclose(np.sort(ends), np.sort(wanted), atol=1e-9)
        diamonds = [line for line in axes.lines if line.get_marker() == "D"]
        true = study.truth[study.truth["parameter"] == code].set_index("district")["effect_percent"]
        logs = np.log1p(true.reindex(list("甲乙丙丁")) / 100)
        np.testing.assert_allclose(diamonds[0].get_xdata(), [*logs, logs.mean()], atol=1e-9)


def test_colours_are_those_of_the_verdicts(told):
    table = told.forest()
    figure = plots.effects_forest(table)
    shown = (table["verdict"] == "effect shown") & (table["parameter"] == "NH3N")
    blue = plots.look.EFFECT["effect shown"]
    count = sum(
        len(c.get_segments()) for c in figure.axes[0].collections if same_color(c.get_color()[0], blue)
    )
    assert count == shown.sum() > 0


def test_what_cannot_be_estimated_is_written(told):
    table = told.forest()
    table.loc[table.index[1], ["effect_percent", "low", "high"]] = np.nan
    assert "not estimable" in drawn(plots.effects_forest(table))


@LANGUAGES
def test_differences_have_a_panel_a_unit_and_the_controls_behind(told, lang):
    table = told.differences()
    one = table[table["parameter"] == "NH3N"]
    figure = plots.difference_series(one, lang=lang, simulated=True)
    said = drawn(figure)
    assert {"甲", "乙", "丙", "丁"} <= set(said)
    for axes in figure.axes:
        assert sum(same_color(line.get_color(), "0.6") for line in axes.lines) == 2
    with pytest.raises(ValueError, match="unpack"):
        plots.difference_series(table)


def test_every_column_of_panels_has_its_years(told):
    """Three columns for four units: the years stand below the lowest panel of each column."""
    table = told.differences()
    figure = plots.difference_series(table[table["parameter"] == "NH3N"], columns=3)
    figure.canvas.draw()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    labelled = [any(t.label1.get_visible() for t in axes.xaxis.get_major_ticks()) for axes in shown]
    assert labelled == [False, True, True, True]
