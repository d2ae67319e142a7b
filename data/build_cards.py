"""Write docs/data.md from the data cards. Run: python data/build_cards.py."""

from __future__ import annotations

from pathlib import Path

from wqstudy.datasets.registry import Card, cards, registered, sources

PAGE = Path(__file__).parents[1] / "docs" / "data.md"
HEAD = """\
# Real data

No real data are part of the repository or of the package: only their names, sizes, hashes and cards are.

```
wqstudy data list                    # what there is, and whether it is on this computer
wqstudy data info taihu              # the card
wqstudy data fetch hongkong          # download into the cache, sha256 checked
wqstudy data fetch cnemc-2020 --month 2020-05
wqstudy data verify                  # compare what is here with the registry
```

```python
study = wq.datasets.load("cnemc-2020", months=["2020-11"])
wq.datasets.load("cnemc-2025-11", floored="nondetect")   # values at the feed's limits as non-detects
reading = wq.datasets.read("taihu", ["TP", "TN"])        # samples and ledger
```

A data set is looked for below the folder that `WQSTUDY_DATA` names, then in the user's cache (or the folder that
`WQSTUDY_CACHE` names), and else downloaded there, from the commit that the registry names. What cannot be downloaded as it
stands says how to obtain it.

## The feed of the national automatic stations

`wq.read` reads saved days (`.json` with `thead` and `tbody`), saved pages (`.html`) and tables made of either.

* Where a cell has a tooltip with the raw value, that is taken; the rounded text shown goes nowhere. `极值过滤` is missing.
* Times have no year. It is the latest in which the time is not after the day of saving (one day allowed), which the file's
  name or a column `snap` gives; without either it is an error, not a guess.
* `stations` has `province`, `basin`, and where tooltips give them `city` and `river`; `district` stays empty, since a
  city is not a district: compare `--by province`, `basin` or `city`. `water_body` is `lake` where the river's name says
  so (湖, 水库, 滇池, 洱海), else `river`, and blank where no river is given: a section's own name is no evidence.
* `samples` carries `reported_class` (1 to 6, the published class) and `status` (正常, 维护, 停站).
* A name like 盘锦兴安(兴安) is kept as it is. Names that sections of several provinces bear (`rules/cnemc.toml`, and any that
  do so in what is read) get the province behind them: 三岔口·天津市.
* Saved days of a folder are read as one table; in the ledger each row stands under its own file.

## Cards
"""


def section(own: Card) -> str:
    """One card as Markdown."""
    files = registered(own.name)
    size = sum(file.size for file in files) / 1e6
    at = ", ".join(f"github.com/{source}" for source in sources(own.name))
    rows = [
        ("publisher", own.publisher),
        ("licence", own.licence),
        ("coverage", own.coverage),
        ("cite", own.citation),
        ("files", f"{len(files)} in `{own.folder}`, {size:.1f} MB"),
        ("download", at or f"not as it stands: {own.obtain}"),
    ]
    table = "\n".join(f"| {name} | {text.replace('|', chr(92) + '|')} |" for name, text in rows)
    quirks = "\n".join(f"* {quirk}" for quirk in own.quirks)
    return f"\n### {own.name}: {own.title}\n\n| | |\n|---|---|\n{table}\n\n{quirks}\n"


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(own) for own in cards().values())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
