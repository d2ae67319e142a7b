"""The catalogue: every spelling leads to one parameter, every unit to one factor."""

import pytest

from wqstudy import ArgumentError, parameters, rules

EVERY = list(parameters.catalogue().values())


@pytest.mark.parametrize("entry", EVERY, ids=lambda p: p.code)
def test_every_spelling_leads_home(entry):
    """A spelling that another parameter takes away would file its values under the wrong name."""
    for spelling in (entry.code, entry.name, entry.zh, entry.en, *entry.aliases):
        assert parameters.find(spelling) == entry.code, spelling


@pytest.mark.parametrize("entry", EVERY, ids=lambda p: p.code)
def test_entries_are_complete(entry):
    assert entry.zh
    assert entry.en
    assert entry.name.isidentifier()
    assert entry.name == entry.name.lower()
    assert entry.decimals >= 0
    assert parameters.factor(entry.unit, entry.code) == 1.0
    assert (entry.detection_limit is None) == (entry.detection_source is None)
    if entry.detection_limit is not None:
        assert entry.detection_limit > 0


def test_codes_and_names_are_each_given_once():
    for key in ("code", "name", "zh", "en"):
        spelt = [getattr(p, key) for p in EVERY]
        assert len(set(spelt)) == len(spelt), key


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("氨氮", "NH3N"),
        ("NH₃-N", "NH3N"),
        ("ＮＨ３－Ｎ", "NH3N"),
        (" nh3_n ", "NH3N"),
        ("高锰酸盐指数", "CODMn"),
        ("codmn", "CODMn"),
        ("化学需氧量", "CODCr"),
        ("COD", "CODCr"),
        ("总 磷", "TP"),
        ("Total-Phosphorus", "TP"),
        ("pH值", "PH"),
    ],
)
def test_spellings_met_in_files(spelling, code):
    assert parameters.find(spelling) == code


@pytest.mark.parametrize("spelling", ["", " ", "colour", "TPx", "磷"])
def test_strange_spellings_are_nobody(spelling):
    assert parameters.find(spelling) is None


def test_permanganate_index_and_dichromate_cod_are_never_one():
    manganese, chromium = parameters.parameter("CODMn"), parameters.parameter("CODCr")
    fold = parameters.fold
    own = {fold(s) for s in (manganese.code, manganese.zh, manganese.en, *manganese.aliases)}
    other = {fold(s) for s in (chromium.code, chromium.zh, chromium.en, *chromium.aliases)}
    assert not own & other


def test_unknown_parameter_names_it_and_near_ones():
    with pytest.raises(ArgumentError, match=r"argument parameters: parameter 'ammonia nitrogn'") as caught:
        parameters.codes(["TP", "ammonia nitrogn"])
    assert "did you mean" in str(caught.value)
    assert "NH3N" in caught.value.valid


def test_codes_keep_the_order_and_drop_repeats():
    assert parameters.codes(["总磷", "NH3-N", "TP"]) == ["TP", "NH3N"]
    assert parameters.codes("氨氮") == ["NH3N"]
    assert parameters.codes([]) == []


@pytest.mark.parametrize(
    ("unit", "code", "factor"),
    [
        ("mg/L", "TP", 1.0),
        ("mg·L⁻¹", "TP", 1.0),
        ("ＭＧ／Ｌ", "TP", 1.0),
        ("μg/L", "TP", 1e-3),  # Greek mu
        ("µg/L", "TP", 1e-3),  # micro sign
        ("ug / l", "NH3N", 1e-3),
        ("mg/m3", "NH3N", 1e-3),
        ("ng/L", "HG", 1e-6),
        ("g/L", "CODCr", 1e3),
        ("毫克/升", "CODMn", 1.0),
        ("℃", "WT", 1.0),
        ("L/s", "FLOW", 1e-3),
    ],
)
def test_factors(unit, code, factor):
    base = parameters.factor(parameters.parameter(code).unit, code)
    assert parameters.factor(unit, code) / base == pytest.approx(factor, rel=1e-15)


def test_parameters_kept_in_other_than_the_base_unit():
    """Conductivity and germs: a factor is to the parameter's own unit, whichever that is."""
    per_mS = parameters.factor("mS/cm", "EC") / parameters.factor("uS/cm", "EC")
    assert per_mS == pytest.approx(1000)
    for code in ("FC", "ECOLI"):
        ratio = parameters.factor("count/100mL", code) / parameters.factor("count/L", code)
        assert ratio == pytest.approx(10)


@pytest.mark.parametrize(
    ("unit", "code", "what"),
    [("furlong", "TP", "is not known"), ("℃", "TP", "does not measure"), ("mg/L", "PH", "does not measure")],
)
def test_units_that_cannot_be(unit, code, what):
    with pytest.raises(ArgumentError, match=what) as caught:
        parameters.factor(unit, code)
    assert repr(unit) in str(caught.value)
    assert code in str(caught.value)
    assert caught.value.mend


def test_no_unit_is_spelt_like_another():
    spelt = {}
    for dimension, units in rules.load("units").items():
        for unit, entry in units.items():
            for spelling in {parameters._fold_unit(s) for s in (unit, *entry["spellings"])}:
                assert spelt.setdefault(spelling, (dimension, unit)) == (dimension, unit)


def test_percentages_of_ph_and_temperature_mean_nothing():
    assert {p.code for p in EVERY if not p.ratio} >= {"PH", "WT"}
    assert all(parameters.parameter(code).ratio for code in ("NH3N", "TP", "CODMn", "DO"))


def test_labels_in_both_languages():
    assert parameters.parameter("CODMn").label("zh") == "高锰酸盐指数"
    assert parameters.parameter("CODMn").label("en") == "permanganate index"
    assert parameters.parameter("CODMn").label() == "permanganate index"
