"""Values that look a thousandfold too large or too small beside the others of their station: never mended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from wqstudy import rules
from wqstudy.doubts import UNIT
from wqstudy.parameters import catalogue
from wqstudy.readers.layout import is_concentration


def wide_ranges(extremes: Iterable[Mapping[str, tuple[float, float]]]) -> list[str]:
    """Codes of the parameters whose values are far enough apart for a unit to have slipped.

    Parameters
    ----------
    extremes
        Smallest and largest value of each parameter, sheet by sheet.

    Examples
    --------
    >>> wide_ranges([{"TP": (0.1, 0.2), "TN": (1.0, 2.0)}, {"TP": (100.0, 200.0)}])
    ['TP']
    """
    low, high = dict[str, float](), dict[str, float]()
    for part in extremes:
        for code, (least, most) in part.items():
            low[code], high[code] = min(least, low.get(code, least)), max(most, high.get(code, most))
    factor = rules.load("readers")["unit_slip"]["factor_from"]
    units = {code: catalogue()[code].unit for code in low}
    able = [code for code, unit in units.items() if is_concentration(unit) or code == "FLOW"]
    return [code for code in able if high[code] / factor >= low[code]]


def find_slips(samples: pd.DataFrame, able: Collection[str] | None = None) -> pd.DataFrame:
    """Samples whose unit may have slipped by about a thousand, one row each.

    Within a station and parameter (a concentration, or the flow), values above zero that are no limits are
    parted at the widest gap between neighbours in size. The smaller part is flagged if its median is 300 to
    3000 times that of the other (or the other way round), and if its samples follow one another in time. The
    figures are in `rules/readers.toml`.

    Parameters
    ----------
    able
        Codes of the parameters to look at, as `wide_ranges` gives them; None means all.

    Returns
    -------
    DataFrame
        `place` in the samples, `group` (one a station and parameter), `times` by which the medians differ.

    Examples
    --------
    >>> time = pd.date_range("2021-01-01", periods=8)
    >>> value = [0.1, 0.2, 0.1, 0.2, 150.0, 120.0, 180.0, 0.1]
    >>> table = pd.DataFrame({"station": "a", "time": time, "parameter": "TP"})
    >>> table = table.assign(value=value, censored="none")
    >>> find_slips(table)["place"].tolist()
    [4, 5, 6]
    """
    rule = rules.load("readers")["unit_slip"]
    frame = _wide_apart(samples, able, rule["factor_from"])
    none = pd.DataFrame({"place": pd.Series(dtype="int64"), "group": pd.Series(dtype="int64"), "times": 0.0})
    if frame.empty:
        return none
    frame = frame.sort_values(["group", "log"], kind="stable", ignore_index=True)
    group = frame["group"].to_numpy()
    gap = np.diff(frame["log"].to_numpy(), prepend=np.nan)
    gap[np.diff(group, prepend=-1) != 0] = -np.inf
    frame["gap"] = gap
    split = frame.groupby("group", sort=False)["gap"].idxmax()
    widest = frame["gap"].to_numpy()[split.to_numpy()]
    frame["upper"] = frame.index.to_numpy() >= frame["group"].map(split).to_numpy()
    parts = frame.groupby(["group", "upper"], sort=False)["log"].agg(["median", "size"]).unstack()
    median, size = parts["median"], parts["size"]
    times = 10 ** (median[True] - median[False])
    smaller = size[True] <= size[False]
    few = np.minimum(size[True], size[False])
    fits = times.between(rule["factor_from"], rule["factor_to"]) & (few >= rule["samples"])
    fits &= pd.Series(widest >= np.log10(rule["gap"]), index=split.index).reindex(fits.index)
    frame = frame[frame["group"].map(fits).astype(bool)]
    frame = frame.sort_values(["group", "time"], kind="stable", ignore_index=True)
    frame["flagged"] = frame["upper"] == frame["group"].map(smaller)
    block = frame[frame["flagged"]].reset_index().groupby("group")["index"].agg(["min", "max", "size"])
    together = block["size"] / (block["max"] - block["min"] + 1) >= rule["together"]
    frame = frame[frame["flagged"] & frame["group"].map(together).fillna(value=False).astype(bool)]
    return frame.assign(times=frame["group"].map(times))[["place", "group", "times"]]


def _wide_apart(samples: pd.DataFrame, codes: Collection[str] | None, factor: float) -> pd.DataFrame:
    """Measured values of stations and parameters whose extremes are as far apart as a slip would put them."""
    if not len(samples) or (codes is not None and not codes):
        return pd.DataFrame()
    usable = samples["censored"] == "none"
    if codes is not None:
        usable &= samples["parameter"].isin(list(codes))
    value = samples["value"].to_numpy()
    place = np.flatnonzero(usable.to_numpy(bool) & (value > 0))
    if not len(place):
        return pd.DataFrame()
    station = pd.factorize(samples["station"].array.take(place))[0]
    parameter, found = pd.factorize(samples["parameter"].array.take(place))
    group = pd.factorize(station.astype(np.int64) * len(found) + parameter)[0]
    apart = _spread(value[place], group, int(group.max()) + 1) >= np.log10(factor)
    place, group = place[apart[group]], group[apart[group]]
    return pd.DataFrame(
        {
            "place": place,
            "group": group,
            "log": np.log10(value[place]),
            "time": samples["time"].array.take(place),
        }
    )


def _spread(
    value: npt.NDArray[np.float64], group: npt.NDArray[np.integer], n: int
) -> npt.NDArray[np.float64]:
    """Log (base 10) of the largest by the smallest value above zero of each group; 0 where there is none."""
    largest, smallest = np.zeros(n), np.full(n, np.inf)
    positive = value > 0
    np.maximum.at(largest, group[positive], value[positive])
    np.minimum.at(smallest, group[positive], value[positive])
    some = largest > 0
    return np.where(some, np.log10(np.where(some, largest, 1)) - np.log10(np.where(some, smallest, 1)), 0)


def flag_slips(samples: pd.DataFrame, slips: pd.DataFrame) -> pd.DataFrame:
    """The samples with a column `flag` that says which units are in doubt, where any are."""
    if slips.empty:
        return samples
    flag = np.full(len(samples), None, dtype=object)
    if "flag" in samples:
        flag = samples["flag"].astype(object).where(samples["flag"].notna(), None).to_numpy(copy=True)
    place = slips["place"].to_numpy()
    flag[place] = [UNIT if old is None else f"{old};{UNIT}" for old in flag[place]]
    return samples.assign(flag=pd.array(flag, dtype="str"))


def told_slips(samples: pd.DataFrame, slips: pd.DataFrame) -> pd.DataFrame:
    """A line of the ledger for each station and parameter whose unit is in doubt."""
    if slips.empty:
        return pd.DataFrame()
    found = samples.iloc[slips["place"].to_numpy()][["station", "time", "parameter"]].reset_index(drop=True)
    found = found.assign(group=slips["group"].to_numpy(), times=slips["times"].to_numpy())
    lines = found.groupby("group", sort=False).agg(
        station=("station", "first"),
        parameter=("parameter", "first"),
        begin=("time", "min"),
        end=("time", "max"),
        n=("time", "size"),
        times=("times", "first"),
    )
    reasons = [
        f"unit? {one.n} samples of {one.parameter} from {one.begin:%Y-%m-%d} to {one.end:%Y-%m-%d} differ "
        f"from the others of the station by a factor of {one.times:.0f}: flagged, not changed"
        for one in lines.itertuples()
    ]
    return pd.DataFrame({"raw": lines["station"].to_numpy(), "reason": reasons, "action": "not_data"})
