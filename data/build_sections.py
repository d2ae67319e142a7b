"""Learn which national sections are graded as lakes, from the classes that the feed published in 2020/21.

Each labelled row is graded twice, with river and with lake limits of total phosphorus (values as they are, as
the feed did then). A row in which the two differ is a vote for the one that the published class agrees with.
A section with `LEAST` votes or more, of which `SHARE` or more agree, is written down; its name alone is never
looked at.

Both figures were chosen on these two data sets alone: learnt from either, the table reproduces the classes of
the other no better and no worse with other choices. Run: WQSTUDY_DATA=<folder> python data/build_sections.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from wqstudy import datasets
from wqstudy.grading import grade

RESULT = Path(__file__).parents[1] / "src" / "wqstudy" / "rules" / "sections_water_body.csv"
SOURCES = ("cnemc-2020", "cnemc-2021-04")
LEAST, SHARE = 3, 0.9


def votes(name: str) -> pd.DataFrame:
    """Rows for river and for lake, by section."""
    reading = datasets.read(name)
    normal = reading.samples[reading.samples["status"] == "正常"]
    reading = replace(reading, samples=normal)
    graded = {body: grade(reading, rounding="none", water_body=body) for body in ("river", "lake")}
    river, lake = graded["river"]["class"], graded["lake"]["class"]
    label, station = graded["river"]["reported_class"], graded["river"]["station"]
    telling = (river != lake).fillna(value=False) & label.notna()
    agree = pd.DataFrame({"river": river == label, "lake": lake == label})[telling]
    return agree.fillna(value=False).astype(int).groupby(station[telling]).sum()


def main() -> None:
    """Write the table."""
    found = pd.concat([votes(name) for name in SOURCES]).groupby(level=0).sum().sort_index()
    n, best = found.sum(axis=1), found.max(axis=1)
    found = found[(n >= LEAST) & (best >= SHARE * n)]
    table = pd.DataFrame(
        {
            "station": found.index,
            "water_body": np.where(found["lake"] > found["river"], "lake", "river"),
            "votes": found.max(axis=1).to_numpy(),
            "against": found.min(axis=1).to_numpy(),
        }
    )
    table.to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
