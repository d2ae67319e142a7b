"""Every public plot, in both languages: no character may be missing, and no plot may be without a case."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from wqstudy import calibration, compare, evaluate, grading, monthly_series, plots, specification_curve, trend
from wqstudy.words import LANGUAGES


@pytest.fixture(autouse=True)
def _closed():
    plt.close("all")
    yield
    plt.close("all")


# ---------------------------------------------------------------- a case a plot
# Name of a plot: what draws it from a study in a language. Its words, names and notes should all be there.


def atlas(_study, lang):
    table = calibration.atlas()
    plain = table[(table["split"] == "1:1") & (table[["season", "missing", "non_detects"]] == 0).all(axis=1)]
    return plots.atlas(plain, lang=lang)


def before_after(study, lang):
    table = compare(study)
    table.loc[0, ["change_percent", "low", "high"]] = np.nan
    return plots.before_after(table, **look(study, lang))


def class_shares(study, lang):
    shares = grading.basin_status(grading.grade(study, "year"), "district", study)
    return plots.class_shares(shares, "group", **look(study, lang))


def class_strip(study, lang):
    return plots.class_strip(grading.grade(study, "month"), lang=lang, simulated=True)


def difference_series(study, lang):
    told = evaluate(study, parameters=["TP"])
    return plots.difference_series(told.differences(), **look(study, lang))


def effects_forest(study, lang):
    told = evaluate(study, parameters=["TP"])
    return plots.effects_forest(told.forest(), truth=study.truth, **look(study, lang))


def forest(study, lang):
    return plots.forest(compare(study), truth=study.truth, **look(study, lang))


def load_methods(_study, lang):
    table = pd.DataFrame({"method": ["A", "wrtds"], "load": [3.0, np.nan]})
    return plots.load_methods(
        table.assign(load_low=table["load"] - 1, load_high=table["load"] + 1), lang=lang
    )


def load_surface(_study, lang):
    rows = [(t, q, 0.5 + t - 2000 + 0.1 * q) for t in (2000.0, 2000.5, 2001.0) for q in (1.0, 3.0, 9.0)]
    return plots.load_surface(pd.DataFrame(rows, columns=["time", "flow", "conc"]), "NH3N", lang=lang)


def load_trend(_study, lang):
    years = pd.DataFrame({"period": ["2001", "2002"], "load_fn": [5.0, 4.0]})
    return plots.load_trend(years.assign(load_fn_low=3.0, load_fn_high=6.0), lang=lang)


def seasons(study, lang):
    return plots.seasons(monthly_series(study), **look(study, lang))


def series(study, lang):
    months = monthly_series(study).assign(censored_share=1.0)
    return plots.series(months, trends=trend(study), **look(study, lang))


def specification(study, lang):
    curve = specification_curve(study, "TP", str(study.measures["district"].iloc[0]))
    return plots.specification_curve(curve.table(), **look(study, lang))


def stations(study, lang):
    table = study.stations.assign(lon=120.0, lat=30.0 + 0.01 * np.arange(len(study.stations)))
    return plots.stations(table, labels=study.labels("station", lang), lang=lang, simulated=True)


CASES = {
    case.__name__: case
    for case in (
        atlas,
        before_after,
        class_shares,
        class_strip,
        difference_series,
        effects_forest,
        forest,
        load_methods,
        load_surface,
        load_trend,
        seasons,
        series,
        stations,
    )
} | {"specification_curve": specification}


def look(study, lang):
    return {"labels": study.labels("district", lang), "lang": lang, "simulated": True}


# ---------------------------------------------------------------- the tests


def test_every_plot_has_a_case():
    assert set(CASES) == set(plots.__all__) - {"style"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_no_character_is_missing(name, lang, small):
    """A missing glyph is a warning of matplotlib, and an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = CASES[name](small, lang)
        assert isinstance(figure, Figure)
        with plots.style():
            figure.canvas.draw()
    assert not plt.get_fignums(), "left open, a notebook would show it twice"


@pytest.mark.parametrize("name", CASES)
def test_chinese_figures_speak_chinese(name, small):
    """Any word with Latin letters alone is a unit, a number, a code or a name of a test."""
    said = {lang: written(CASES[name](small, lang)) for lang in LANGUAGES}
    assert any("\u4e00" <= letter <= "\u9fff" for text in said["zh"] for letter in text)
    assert said["en"] != said["zh"]


def written(figure):
    with plots.style():
        figure.canvas.draw()
    return {t.get_text() for t in figure.findobj(plt.Text) if t.get_text() and t.get_visible()}
