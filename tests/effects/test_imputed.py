"""Non-detects of a panel: what was seen stays, what was hidden comes back on average."""

import numpy as np
import pytest

from wqstudy.effects.imputed import Visits, complete
from wqstudy.simulate import district_panel


def visits_of(made, share):
    """A panel's samples, the lowest share of them only limits; and the true values."""
    districts, stations, _ = made.y.shape
    limit = np.quantile(made.y, share)
    district, station, month = np.nonzero(~np.isnan(made.y))
    true = made.y[district, station, month]
    side = np.where(true < limit, -1, 0)
    place = district * stations + station
    visits = Visits(np.maximum(true, limit), side, place, district, month, made.time, made.start)
    return visits, true, districts


def test_observed_values_stay_and_hidden_ones_keep_their_side():
    visits, _, _ = visits_of(district_panel(np.random.default_rng(1), 2, 2, months=48, starts=24), 0.3)
    full = complete(visits, np.random.default_rng(2), draws=3)
    seen = visits.side == 0
    assert full.shape == (3, visits.y.size)
    assert np.all(full[:, seen] == visits.y[seen])
    assert np.all(full[:, ~seen] <= visits.y[~seen])
    assert full[:, ~seen].std(axis=0).min() > 0


def test_values_above_range_mirror_those_below():
    visits, _, _ = visits_of(district_panel(np.random.default_rng(1), 2, 2, months=36, starts=18), 0.3)
    mirrored = Visits(
        -visits.y, -visits.side, visits.station, visits.district, visits.month, visits.time, visits.start
    )
    full = complete(mirrored, np.random.default_rng(2), draws=2)
    hidden = visits.side != 0
    assert np.all(full[:, hidden] >= -visits.y[hidden])


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_means_of_districts_come_back(share):
    """Half of all hidden: the mean of every district's after window within .15 of the truth, .05 on average.

    A district's mean of 336 hidden values of sd .4 is known to .03 at best; the limit at half its value would
    be off by .3 and more.
    """
    made = district_panel(np.random.default_rng(3), 4, 4, effect=-0.5)
    visits, true, districts = visits_of(made, share)
    full = complete(visits, np.random.default_rng(4)).mean(axis=0)
    late = visits.time[visits.month] >= 42
    gap = np.array([(full - true)[late & (visits.district == g)].mean() for g in range(districts)])
    assert np.abs(gap).max() < 0.15
    assert abs(gap.mean()) < 0.05


def test_nothing_hidden_is_returned_as_it_is():
    visits, true, _ = visits_of(district_panel(np.random.default_rng(1), 1, 2, months=24, starts=12), 0.0)
    seen = Visits(
        true, 0 * visits.side, visits.station, visits.district, visits.month, visits.time, visits.start
    )
    assert np.array_equal(complete(seen, np.random.default_rng(1)), true[None])
