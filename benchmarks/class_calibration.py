"""How true the stated class probabilities are on real data.

Daily national sections, 8 May 2020 to 5 April 2021: truth is the class of the mean of all days that a section
recorded, of sections with 200 complete days or more; 12, 6 or 4 random days are seen, one in each equal
stratum of the days. How items vary is fitted to the other four fifths of the sections; a location prior knows
only the days seen. Then Hong Kong years and Lake Taihu, untuned: 4 of 12 months, with the values that the
package brings and no location prior. Beside them the plain class, and a Bayesian bootstrap of the days seen
(Rubin 1981, Ann. Stat. 9), which knows neither dates nor the shape of the tail.

Run: WQSTUDY_DATA=<folder> python benchmarks/class_calibration.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import wqstudy as wq
from wqstudy.grading import class_probability, classify
from wqstudy.grading.block_error import attaining
from wqstudy.grading.evidence import Evidence, evidence
from wqstudy.grading.likelihood import spread_of
from wqstudy.grading.limits import items_of
from wqstudy.grading.periods import grouped
from wqstudy.grading.variability import Variability, fit_variability, shipped

RESULTS = Path(__file__).parent / "results"
SPAN = ("2020-05-08", "2021-04-06")
ITEMS = ("PH", "DO", "CODMn", "NH3N", "TP")
P = [f"p_{number}" for number in range(1, 7)]
BOOT = [f"bootstrap_{number}" for number in range(1, 7)]
LEAST_DAYS, FOLDS, DRAWS, SEED = 200, 5, 100, 20
LEVELS = (50, 80, 90, 95)
"""Of the intervals of items' means, in per cent."""
WEIGHTS = 400
"""Sets of weights of the bootstrap."""
LEAST_P = 0.005
"""Below it a probability counts as this in the log score."""


def daily_panel() -> pd.DataFrame:
    """Complete days of the sections that have enough of them; TP where a section has it on as many."""
    study = wq.datasets.load("cnemc-2020")
    samples = study.samples
    kept = (samples["status"] == "正常") & (samples["time"] >= SPAN[0]) & samples["parameter"].isin(ITEMS)
    table = samples[kept].assign(day=samples["time"].dt.normalize())
    wide = table.pivot_table(index=["station", "day"], columns="parameter", values="value")
    wide = wide.dropna(subset=[code for code in ITEMS if code != "TP"])
    has_tp = wide["TP"].notna().groupby("station").transform("sum") >= LEAST_DAYS
    wide = wide[~has_tp | wide["TP"].notna()].assign(TP=lambda one: one["TP"].where(has_tp))
    wide = wide[wide.groupby("station")["DO"].transform("size") >= LEAST_DAYS]
    long = wide.stack().dropna().rename("value").reset_index()
    long.columns = ["station", "time", "parameter", "value"]
    river = study.stations.drop_duplicates("station").set_index("station")["river"]
    return long.assign(river=long["station"].map(river))


def water_body(panel: pd.DataFrame) -> dict[str, str]:
    """Lakes by the name of the water, as grading does."""
    names = panel.drop_duplicates("station").set_index("station")["river"].astype("str")
    return names.str.contains("湖|水库|滇池|洱海").map({True: "lake", False: "river"}).to_dict()


def some_days(panel: pd.DataFrame, k: int, rng: np.random.Generator) -> pd.DataFrame:
    """k of the days of each section, one random day in each equal stratum."""
    days = panel[["station", "time"]].drop_duplicates().sort_values(["station", "time"])
    place, size = days.groupby("station").cumcount(), days.groupby("station")["time"].transform("size")
    stratum = place * k // size
    chosen = days.assign(stratum=stratum, u=rng.random(len(days))).sort_values("u")
    chosen = chosen.drop_duplicates(["station", "stratum"])[["station", "time"]]
    return panel.merge(chosen, on=["station", "time"])


def folds(panel: pd.DataFrame) -> Iterator[tuple[list[str], dict[str, object]]]:
    """Sections of each fold, and how items vary at the others."""
    names = np.random.default_rng(SEED).permutation(sorted(panel["station"].unique()))
    for one in range(FOLDS):
        own = list(names[one::FOLDS])
        yield own, fit_variability(panel[~panel["station"].isin(own)], ITEMS, least_days=LEAST_DAYS)


def national(panel: pd.DataFrame, k: int, *, prior: bool, draws: int = DRAWS) -> pd.DataFrame:
    """Probabilities and true classes of each section and draw, by a model fitted without the section."""
    body = water_body(panel)
    truth = wq.grading.class_probability(panel, SPAN, water_body=body).set_index("station")["class"]
    rng = np.random.default_rng([SEED, k])
    seen = [some_days(panel, k, rng) for _ in range(draws)]
    weighted = [bootstrap(days.assign(period=0), body, rng).drop(columns="period") for days in seen]
    found = []
    for own, model in folds(panel):
        for draw, days in enumerate(seen):
            table = class_probability(
                days, SPAN, location_prior=prior, days=panel, water_body=body, model=model
            )
            found.append(table[table["station"].isin(own)].assign(draw=draw).merge(weighted[draw]))
    cases = pd.concat(found, ignore_index=True)
    return cases.assign(truth=cases["station"].map(truth))


def coverage(panel: pd.DataFrame, k: int, draws: int = 20) -> pd.DataFrame:
    """How often central intervals of the mean of each item hold the truth, without a location prior."""
    body = water_body(panel)
    rng = np.random.default_rng([SEED, k])
    seen = [some_days(panel, k, rng) for _ in range(draws)]
    rows = []
    for own, model in folds(panel):
        known = {**shipped(), **model}
        true = _evidence(panel[panel["station"].isin(own)], body, known, panel)[1].held.mean[:, None]
        for days in seen:
            items, held = _evidence(days[days["station"].isin(own)], body, known, panel)
            spread = spread_of(held, [known[code] for code in items])
            place = attaining(held.held, spread, np.full_like(true, -np.inf), true)[:, 0]
            rows.append(pd.DataFrame({"item": np.array(items)[held.item], "place": place}))
    table = pd.concat(rows)
    apart = (table["place"] - 0.5).abs()
    inside = {f"holds_{level}": apart.lt(level / 200).groupby(table["item"]).mean() for level in LEVELS}
    return pd.DataFrame(inside).round(3).reset_index().assign(days=k)


def _evidence(
    table: pd.DataFrame, body: dict[str, str], known: dict[str, Variability], days: pd.DataFrame
) -> tuple[tuple[str, ...], Evidence]:
    found = grouped(table, SPAN, items_of(ITEMS), "half")
    lake = found.keys["station"].map(body).eq("lake").to_numpy()
    seen = evidence(found, found.means.n > 0, lake, known, "day", "half", "assessment", "gb3838_2002", days)
    return found.items, seen


def monthly(name: str, items: list[str], body: str, k: int, draws: int) -> pd.DataFrame:
    """Station-years with all twelve months, of which k are seen, one in each k-th of the year."""
    samples = wq.datasets.load(name).samples
    table = samples[samples["parameter"].isin(items)].assign(month=lambda one: one["time"].dt.to_period("M"))
    table = table.drop_duplicates(["station", "month", "parameter"])
    complete = table.groupby(["station", "month"])["parameter"].transform("nunique") == len(items)
    table = table[complete].assign(year=lambda one: one["time"].dt.year)
    whole = table.groupby(["station", "year"])["month"].transform("nunique") == 12
    table = table[whole].drop(columns=["month"])
    how = {"water_body": body, "unit": "month"}
    truth = class_probability(table, **how)[["station", "period", "class"]].rename(columns={"class": "truth"})
    rng = np.random.default_rng([SEED, k])
    found = []
    for draw in range(draws):
        moments = table[["station", "year", "time"]].drop_duplicates()
        stratum = (moments["time"].dt.month - 1) * k // 12
        chosen = moments.assign(stratum=stratum, u=rng.random(len(moments))).sort_values("u")
        chosen = chosen.drop_duplicates(["station", "year", "stratum"])[["station", "time"]]
        seen = table.merge(chosen, on=["station", "time"])
        weighted = bootstrap(
            seen.assign(period=seen["year"].astype("str")), dict.fromkeys(seen["station"], body), rng
        )
        stated = class_probability(seen, **how).assign(draw=draw)
        found.append(stated.merge(weighted, on=["station", "period"]))
    return pd.concat(found, ignore_index=True).merge(truth, on=["station", "period"])


def bootstrap(samples: pd.DataFrame, body: dict[str, str], rng: np.random.Generator) -> pd.DataFrame:
    """Shares of weighted means of the moments of each station and period that have each class."""
    keys = ["station", "period"]
    wide = samples.pivot(index=[*keys, "time"], columns="parameter", values="value")
    items = list(wide)
    known = wide.notna().to_numpy()
    value = wide.fillna(7.0).to_numpy(copy=True)
    if "PH" in items:
        value[:, items.index("PH")] = 10.0 ** -value[:, items.index("PH")]
    weight = rng.exponential(size=(WEIGHTS, len(wide)))
    group = wide.reset_index().groupby(keys, sort=True).ngroup().to_numpy()
    first = np.flatnonzero(np.diff(group, prepend=-1))
    total = np.add.reduceat(weight[..., None] * np.where(known, value, 0.0), first, axis=1)
    with np.errstate(invalid="ignore"):
        mean = total / np.add.reduceat(weight[..., None] * known, first, axis=1)
    if "PH" in items:
        mean[..., items.index("PH")] = -np.log10(mean[..., items.index("PH")])
    stations = wide.index[first].droplevel("time").to_frame(index=False)
    kind = np.tile(stations["station"].map(body).to_numpy(), WEIGHTS)
    number = classify(mean.reshape(-1, len(items)), items, water_body=kind)[1].reshape(WEIGHTS, -1)
    share = (number[..., None] == np.arange(1, 7)).mean(axis=0)
    return stations.assign(**dict(zip(BOOT, share.T, strict=True)))


def scores(cases: pd.DataFrame) -> dict[str, float]:
    """Brier score over six classes and log score, of the probabilities and of the plain class."""
    true = cases["truth"].to_numpy(int)
    came = np.eye(6)[true - 1]
    found = {"cases": len(cases), "sections": cases["station"].nunique()}
    for name, p in (
        ("", cases[P].fillna(0).to_numpy()),
        ("plain_", np.eye(6)[cases["class"].to_numpy(int) - 1]),
        ("bootstrap_", cases[BOOT].to_numpy()),
    ):
        found[f"{name}brier"] = round(float(((p - came) ** 2).sum(axis=1).mean()), 3)
        at_truth = np.maximum(p[np.arange(len(true)), true - 1], LEAST_P)
        found[f"{name}log_score"] = round(float(-np.log(at_truth).mean()), 3)
    return found


def reliability(cases: pd.DataFrame) -> pd.DataFrame:
    """Stated and true shares in tenths, of every class, of I to III, and of inferior V."""
    true = cases["truth"].to_numpy(int)
    p = cases[P].fillna(0).to_numpy()
    events = {
        "class": (p.ravel(), np.eye(6)[true - 1].ravel(), np.repeat(cases["station"].to_numpy(), 6)),
        "good": (p[:, :3].sum(axis=1), (true <= 3).astype(float), cases["station"].to_numpy()),
        "inferior_v": (p[:, 5], (true == 6).astype(float), cases["station"].to_numpy()),
    }
    rows = []
    for event, (stated, came, station) in events.items():
        tenth = np.minimum((stated * 10).astype(int), 9)
        table = pd.DataFrame({"tenth": tenth, "stated": stated, "true": came, "station": station})
        # Draws of one section err together: the error of a tenth counts sections.
        apart = table.assign(gap=came - stated)
        apart["gap"] -= apart.groupby("tenth")["gap"].transform("mean")
        of_section = apart.groupby(["tenth", "station"])["gap"].sum()
        error = np.sqrt((of_section**2).groupby("tenth").sum())
        bins = table.groupby("tenth").agg(
            n=("stated", "size"),
            sections=("station", "nunique"),
            stated=("stated", "mean"),
            true=("true", "mean"),
        )
        bins = bins.assign(standard_error=error / bins["n"])
        rows.append(bins.reset_index().assign(event=event))
    found = pd.concat(rows, ignore_index=True)
    return found.assign(difference=found["true"] - found["stated"]).round(3)


def designs() -> Iterator[tuple[str, pd.DataFrame]]:
    """Name of each trial, and its cases."""
    panel = daily_panel()
    for k in (12, 6, 4):
        for prior in (True, False):
            yield (
                f"national {k} days, {'with' if prior else 'without'} prior",
                national(panel, k, prior=prior),
            )
    yield "Hong Kong 4 of 12 months", monthly("hongkong", ["NH3N", "TP"], "river", 4, 1)
    yield "Lake Taihu 4 of 12 months", monthly("taihu", ["NH3N", "TP", "CODMn"], "lake", 4, 1)


def main() -> None:
    """Write scores, reliability and coverage."""
    rows, bins = [], []
    for name, cases in designs():
        own = reliability(cases)
        many = own[own["n"] >= 100].groupby("event")["difference"].agg(lambda one: one.abs().max())
        rows.append(
            {"trial": name}
            | scores(cases)
            | {f"worst_{e}": round(float(many.get(e, np.nan)), 3) for e in ("class", "good")}
        )
        bins.append(own.assign(trial=name))
        print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(RESULTS / "class_calibration.csv", index=False, lineterminator="\n")
    held = pd.concat([coverage(daily_panel(), k) for k in (12, 6, 4)])
    held.to_csv(RESULTS / "class_coverage.csv", index=False, lineterminator="\n")
    pd.concat(bins).to_csv(RESULTS / "class_reliability.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
