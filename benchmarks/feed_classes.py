"""How often the national feed's published classes are reproduced, and what the rest are.

Three figures: a priori (river column where there is one, else river limits; values not rounded), out of
sample
(with the shipped table of section water bodies, learnt from 2020 and 2021, on later sections that it covers),
and fitted (each section graded as whichever suits its own classes better: an upper bound, no claim).

Run: WQSTUDY_DATA=<folder> python benchmarks/feed_classes.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import wqstudy as wq
from wqstudy.grading import national_sections

RESULTS = Path(__file__).parent / "results"
SETS = ("cnemc-2020", "cnemc-2021-04", "cnemc-2025-11")


def graded(name: str, body: str) -> pd.DataFrame:
    """Rows of normal stations with a published class and a graded item."""
    study = wq.datasets.load(name)
    normal = study.samples[study.samples["status"] == "正常"]
    table = wq.grade(wq.Study(normal, study.stations), rounding="none", water_body=body)
    return table.dropna(subset=["class", "reported_class"]).reset_index(drop=True)


def figures(name: str) -> tuple[list[dict[str, object]], pd.DataFrame]:
    """The figures of a data set, and its rows that differ a priori."""
    tables = {body: graded(name, body) for body in ("auto", "national", "river", "lake")}
    alike = {body: table["class"] == table["reported_class"] for body, table in tables.items()}
    station = tables["auto"]["station"]
    covered = station.isin(list(national_sections()))
    fitted = pd.DataFrame({body: alike[body].groupby(station).mean() for body in ("river", "lake")}).max(
        axis=1
    )
    share = {
        "a priori": (alike["auto"].mean(), len(station)),
        "shipped table, sections it covers": (alike["national"][covered].mean(), int(covered.sum())),
        "shipped table where it covers, else a priori": (alike["national"].mean(), len(station)),
        "fitted, upper bound": ((fitted.reindex(station).to_numpy()).mean(), len(station)),
    }
    rows = [
        {"data": name, "figure": what, "rows": n, "agree_percent": round(100 * float(value), 2)}
        for what, (value, n) in share.items()
    ]
    return rows, tables["auto"][~alike["auto"]].assign(data=name, other=tables["lake"]["class"])


def the_rest(rest: pd.DataFrame) -> pd.DataFrame:
    """Rows that differ, by what they have in common."""
    lakes = rest["other"].where(rest["water_body"] == "river", None)
    river = graded_again(rest)
    kind = pd.Series("the items shown do not give it: another value was graded", index=rest.index)
    kind[(rest["class"] > rest["reported_class"])] = "published class is better than the worst item shown"
    kind[(river == rest["reported_class"]) & (rest["water_body"] == "lake")] = "river limits reproduce it"
    kind[(lakes == rest["reported_class"]).fillna(value=False)] = "lake limits reproduce it"
    return (
        kind.groupby([rest["data"], kind]).size().rename_axis(["data", "kind"]).rename("rows").reset_index()
    )


def graded_again(rest: pd.DataFrame) -> pd.Series:
    """Class of each row with the limits of rivers."""
    items = [item for item in wq.grading.graded_items() if item in rest]
    classes = wq.grading.classify(rest[items].to_numpy(), items, "river", rounding="none")[1]
    return pd.Series(classes, rest.index)


def main() -> None:
    """Write both tables."""
    found = [figures(name) for name in SETS]
    table = pd.DataFrame([row for rows, _ in found for row in rows])
    rest = pd.concat([rows for _, rows in found], ignore_index=True)
    table.to_csv(RESULTS / "feed_classes.csv", index=False, lineterminator="\n")
    the_rest(rest).to_csv(RESULTS / "feed_classes_rest.csv", index=False, lineterminator="\n")
    print(table.to_string(), the_rest(rest).to_string(), sep="\n")


if __name__ == "__main__":
    main()
