"""Means of any parameters, held against those of grading."""

import numpy as np
import pandas as pd
import pytest

from wqstudy.errors import ArgumentError
from wqstudy.grading import grade, item_means, tli


def lake(seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = pd.date_range("2020-01-10", "2021-12-10", freq="MS") + pd.Timedelta(days=9)
    centre = {"CHLA": 20.0, "TP": 0.08, "TN": 1.5, "SD": 0.5, "CODMn": 5.0, "PH": 8.0, "DO": 8.0}
    parts = [
        pd.DataFrame(
            {"station": s, "time": days, "parameter": p, "value": v * rng.lognormal(0, 0.2, len(days))}
        )
        for s in ("x", "y")
        for p, v in centre.items()
    ]
    table = pd.concat(parts, ignore_index=True).assign(water_body="lake", censored="none")
    table.loc[table["parameter"] == "PH", "value"] = rng.uniform(7, 9, 2 * len(days)).round(2)
    table.loc[::17, "censored"] = "left"
    return table


@pytest.mark.parametrize("period", ["month", "quarter", "year"])
@pytest.mark.parametrize("nondetect", ["half", "limit", "zero"])
def test_means_are_those_of_grading_where_grading_has_them(period, nondetect):
    samples = lake()
    samples.loc[samples["parameter"] == "PH", "censored"] = "none"
    ours = item_means(samples, period, nondetect=nondetect)
    graded = grade(samples, period, nondetect=nondetect, complete=False)
    for name in ("station", "period", "water_body", "n_samples"):
        assert ours[name].tolist() == graded[name].tolist()
    for code in ("TP", "CODMn", "PH", "DO"):
        assert ours[code].tolist() == graded[code].tolist()


def test_the_index_of_a_lake_from_its_samples():
    found = tli(item_means(lake()))
    assert found[["station", "period"]].to_numpy().tolist() == [
        [s, y] for s in "xy" for y in ("2020", "2021")
    ]
    assert found["n_items"].tolist() == [5] * 4
    assert (found["notes"] == "").all()
    assert found["tli"].between(55, 70).all()  # 57 to 66 by the centres, item by item


def test_order_is_irrelevant_and_parameters_can_be_chosen():
    samples = lake()
    mixed = samples.sample(frac=1, random_state=1)
    names = ["TP", "CHLA"]
    pd.testing.assert_frame_equal(item_means(samples, parameters=names), item_means(mixed, parameters=names))
    assert list(item_means(samples, parameters=names))[-2:] == names


def test_bad_input_is_told():
    with pytest.raises(ArgumentError, match="sample, month, quarter, year"):
        item_means(lake(), "week")
    with pytest.raises(ArgumentError, match="half, limit, zero"):
        item_means(lake(), nondetect="none")
    with pytest.raises(ArgumentError, match="no column 'value'"):
        item_means(lake().drop(columns="value"))
