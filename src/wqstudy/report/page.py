"""The page: made from the files of a report alone."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from wqstudy import rules, words
from wqstudy.effects.sentences import verdict
from wqstudy.effects.verdicts import SHOWN, WORSE
from wqstudy.plots.fonts import font_for

PAGE = "index.html"
_FONT = "@@font@@"
_SHOWN = ("n_before", "n_after", "censored_share", "median_before", "median_after", "change_percent")
_TESTS = ("hl_percent", "p_value", "q_value", "improved_share", "notes")


def render(folder: Path) -> Path:
    """Write `index.html` from a report's `results.json` and figures; one file without outside links.

    Parameters
    ----------
    folder
        A report as `wqstudy.report.run` lays it out.

    Returns
    -------
    Path
        The page.
    """
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    lang = results["language"]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("wqstudy.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    names = [words.parameter_name(code, lang) for code in results["parameters"]]
    page = environment.get_template("page.html.j2").render(
        results=results,
        lang=lang,
        say=partial(_say, lang=lang),
        question=_say(
            "question",
            lang,
            parameters=words.text("answer.comma", lang).join(names),
            by=words.heading(results["by"], lang),
        ),
        versions=", ".join(f"{name} {number}" for name, number in results["versions"].items()),
        figures={name: _inline(folder / f"{path}.svg") for name, path in results["figures"].items()},
        comparison=_comparison(results, lang),
        truth=_truth(results, lang),
        effects=_effects(results, lang),
        reduction=f"{100 * rules.load('effects')['verdict']['reduction']:g}",
        thresholds=rules.load("comparison"),
        heading=partial(words.heading, lang=lang),
        thousands="{:,}".format,
    )
    page = page.replace(_FONT, base64.b64encode(font_for(page)).decode("ascii"))
    path = folder / PAGE
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _say(key: str, lang: str, **fill: Any) -> str:
    return words.text(key if "." in key else f"page.{key}", lang, **fill)


def _inline(file: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(file.read_bytes()).decode("ascii")


def _comparison(results: dict[str, Any], lang: str) -> dict[str, Any]:
    """The table of the comparison, rounded, with each row's verdict for its colour."""
    by = results["by"]
    table = pd.DataFrame(results["comparison"])
    numbers = table.columns.difference([by, "parameter", "method", "notes"])
    table[numbers] = table[numbers].apply(pd.to_numeric)
    verdicts = [words.verdict(low, high) for low, high in zip(table["low"], table["high"], strict=True)]
    first = words.rounded(table[[by, "parameter", *_SHOWN]], lang)
    first.iloc[:, 0] = [results["labels"].get(unit, unit) for unit in table[by]]
    first.insert(2, words.heading("verdict", lang), [words.text(f"verdict.{v}", lang) for v in verdicts])
    first[words.heading("interval", lang)] = [
        words.text(
            "page.range", lang, first=words.percent(low, signed=True), last=words.percent(high, signed=True)
        )
        if np.isfinite(low)
        else ""
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    last = [c for c in _TESTS if c != "notes" or table["notes"].any()]
    shown = pd.concat([first, words.rounded(table[last], lang)], axis=1)
    return {"columns": list(shown), "rows": list(zip(verdicts, shown.to_numpy().tolist(), strict=True))}


_EFFECTS = ("effect_percent", "low", "high", "p_value", "q_value", "mde_percent", "possible_percent")


def _effects(results: dict[str, Any], lang: str) -> dict[str, Any] | None:
    """Effects beyond the controls, rounded, with their course."""
    if not results["effects"]:
        return None
    table = pd.DataFrame(results["effects"]["table"])
    by = results["by"]
    course = [str(name) for name in table if str(name).startswith("months_")]
    numbers = [*_EFFECTS, "adjusted_percent", "shrunken_percent", *course]
    table[numbers] = table[numbers].apply(pd.to_numeric)
    shown = words.rounded(table[[by, "parameter", *numbers]], lang)
    shown.iloc[:, 0] = [results["labels"].get(unit, unit) for unit in table[by]]
    shown.insert(2, words.heading("verdict", lang), [verdict(said, lang) for said in table["verdict"]])
    marks = ["fell" if said == SHOWN else "rose" if said == WORSE else "" for said in table["verdict"]]
    return {"columns": list(shown), "rows": list(zip(marks, shown.to_numpy().tolist(), strict=True))}


def _truth(results: dict[str, Any], lang: str) -> dict[str, Any] | None:
    """Estimates beside the truth of a simulated study."""
    if not results["truth"]:
        return None
    by = results["by"]
    truth = pd.DataFrame(results["truth"]).rename(columns={"change_percent": "truth_percent"})
    table = pd.DataFrame(results["comparison"]).merge(truth, on=[by, "parameter"])
    low, high = pd.to_numeric(table["low"]), pd.to_numeric(table["high"])
    inside = (low <= table["truth_percent"]) & (table["truth_percent"] <= high)
    shown = table[[by, "parameter", "truth_percent", "change_percent", "low", "high", "effect_percent"]]
    shown = words.rounded(shown, lang)
    shown.iloc[:, 0] = [results["labels"].get(unit, unit) for unit in table[by]]
    return {
        "columns": list(shown),
        "rows": list(zip(inside.tolist(), shown.to_numpy().tolist(), strict=True)),
        "inside": int(inside.sum()),
    }
