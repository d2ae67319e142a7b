"""Trend tests against the numbers that other programs gave, wherever the definition is the same.

Simulated cases travel with the tests; those on other people's data are read from WQSTUDY_ORACLES.
"""

import csv
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wqstudy import stats
from wqstudy.stats import groups, slopes

SHIPPED = json.loads((Path(__file__).parents[1] / "oracles" / "trend.json").read_text(encoding="utf-8"))
FILES = (
    "trend_univariate.json",
    "py_univariate.json",
    "trend_seasonal.json",
    "py_seasonal_regional_step.json",
    "trend_regional_partial.json",
)
SIMULATED = re.compile(r".*syn|u_n\d")

DOUBLE = 1e-8
"""Both sides work in double precision and were written with 15 digits: 1e-8 is what the project promises."""
SINGLE = 2e-5
"""Kendall and smwrStats work in single precision, 7 digits, of which 1 - p of a small p loses two."""


@dataclass(frozen=True)
class Rule:
    """What of one program's answer has the same definition here."""

    family: str
    package: str
    call: str
    pairs: Callable[[dict, dict], list[tuple[str, float, float | None]]]
    tolerance: float = DOUBLE


def column(data, name):
    return np.array([np.nan if v is None else v for v in data[name]])


def mk(data, **options):
    return stats.mann_kendall(column(data, "x"), column(data, "t"), **options)


def sen(data, level=0.95):
    return stats.sen_slope(column(data, "x"), column(data, "t"), level)


def sen_in_steps(data, level=0.95):
    """As programs see it that know no times: one step a value."""
    return stats.sen_slope(column(data, "x"), np.arange(len(data["x"])), level)


def seasonal(data, covariance=False):
    return stats.seasonal_kendall(column(data, "x"), column(data, "year"), column(data, "season"), covariance)


def regional(data, covariance=False):
    return stats.regional_kendall(column(data, "x"), column(data, "year"), column(data, "site"), covariance)


def partial(data, **options):
    time = "t" if "t" in data else "year"
    return stats.partial_kendall(column(data, "x"), column(data, "cov"), column(data, time), **options)


def spearman(data):
    return stats.spearman_trend(column(data, "x"), column(data, "t"))


def without_continuity(trend):
    return trend.s / np.sqrt(trend.var_s) if trend.var_s else None


def tied(data):
    return len(set(data["x"])) < len(data["x"])


def gapped(data):
    """Whether some year lacks some season (or site)."""
    group = data.get("season", data.get("site"))
    present = {(y, g) for y, g, v in zip(data["year"], group, data["x"], strict=True) if v is not None}
    return len(present) < len(set(data["year"])) * len(set(group))


def interpolated(x, t, group, var_s, level=0.95, above=1):
    """Interval whose ends lie between two ranks (Gilbert 1987), from the same slopes and variance.

    `above` is 1 for the upper rank (N + C)/2 + 1 that mirrors the lower one, 0 for (N + C)/2.
    """
    data = groups.arrange(x, t, group)
    total = slopes._pairs(data.t, data.starts)
    reach = slopes.NormalDist().inv_cdf(0.5 + level / 2) * np.sqrt(var_s)
    ends = []
    for rank in ((total - reach) / 2 - 1, (total + reach) / 2 - 1 + above):
        below = int(np.floor(rank))
        if not 0 <= below < total - 1:
            return None, None
        pair = slopes.select_slopes(data.x, data.t, data.starts, np.array([below, below + 1]))
        ends.append(float(pair[0] + (rank - below) * (pair[1] - pair[0])))
    return tuple(ends)


def exact_pairs(data, out):
    if tied(data):
        return [("tau", mk(data).tau, out["estimate"]["tau"])]
    return [("p", mk(data, exact=True).p_value, out["p.value"])]


def scipy_exact_pairs(data, out):
    # scipy counts orders up to 33 values, or where nearly all pairs agree.
    if tied(data) or len(data["x"]) > 33:
        return [("tau", mk(data).tau, out["statistic"])]
    return [("p", mk(data, exact=True).p_value, out["pvalue"])]


def envstats_pairs(data, out):
    r = sen(data)
    low, high = interpolated(column(data, "x"), column(data, "t"), np.zeros(len(data["x"])), r.var_s)
    limits = out["interval"]["limits"]
    return [
        ("s", r.s, out["S"]),
        ("var_s", r.var_s, out["var.S"]),
        ("z", r.z, out["statistic"]["z"]),
        ("p", r.p_value, out["p.value"]["z"]),
        ("tau_a", r.tau_a, out["estimate"]["tau"]),
        ("slope", r.slope, out["estimate"]["slope"]),
        ("low, interpolated", low, limits["LCL"] if low is not None else None),
        ("high, interpolated", high, limits["UCL"] if high is not None else None),
    ]


def envstats_seasonal_pairs(data, out):
    r = seasonal(data)
    h = stats.trend_heterogeneity(column(data, "x"), column(data, "year"), column(data, "season"))
    low, high = interpolated(column(data, "x"), column(data, "year"), column(data, "season"), r.var_s)
    limits = out["interval"]["limits"]
    return [
        ("z", r.z, out["statistic"]["z (Trend)"]),
        ("p", r.p_value, out["p.value"]["z (Trend)"]),
        ("heterogeneity", h.chi_square, out["statistic"]["Chi-Square (Het)"]),
        ("its p", h.p_value, out["p.value"]["Chi-Square (Het)"]),
        ("freedom", h.freedom, out["parameters"]["df"]),
        ("slope", r.slope, out["estimate"]["slope"]),
        ("low, interpolated", low, limits["LCL"] if low is not None else None),
        ("high, interpolated", high, limits["UCL"] if high is not None else None),
    ]


def envstats_covariance_pairs(data, out):
    # Where there are gaps EnvStats has another covariance than rkt and smwrStats; see docs/methods.md.
    r = seasonal(data, covariance=not gapped(data))
    if gapped(data):
        return [("slope", r.slope, out["estimate"]["slope"])]
    return [
        ("z", r.z, out["statistic"]["z (Trend)"]),
        ("p", r.p_value, out["p.value"]["z (Trend)"]),
        ("slope", r.slope, out["estimate"]["slope"]),
    ]


def rkt_pairs(result, data, out):
    r = result(data)
    return [
        ("s", r.s, out["S"]),
        ("var_s", r.var_s, out["varS"]),
        ("p", r.p_value, out["sl"] if out["varS"] else None),
        ("slope", r.slope, out["B"]),
        ("tau_a", r.tau_a, out["tau"]),
    ]


def rkt_covariance_pairs(result, data, out):
    # Below ten years rkt gives none; a sum of covariances near zero makes it give none either.
    r = result(data, covariance=True)
    return [
        ("s", r.s, out["S"]),
        ("var_s", r.var_s, out["varS.corrected"]),
        ("p", r.p_value, out["sl.corrected"]),
    ]


def py_pairs(result, data, out):
    r = result(data)
    return [
        ("s", r.s, out["s"]),
        ("var_s", r.var_s, out["var_s"]),
        ("z", r.z, out["z"]),
        ("p", r.p_value, out["p"]),
        ("tau_a", r.tau_a, out["Tau"]),
        ("slope", r.slope, out["slope"]),
    ]


def py_covariance_pairs(result, data, out):
    # pymannkendall drops every year with a gap, and has no continuity correction here.
    if gapped(data):
        return [("slope", result(data).slope, out["slope"])]
    r = result(data, covariance=True)
    return [("s", r.s, out["s"]), ("var_s", r.var_s, out["var_s"]), ("z", without_continuity(r), out["z"])]


def smwr_pairs(result, data, out):
    r = result(data)
    return [
        ("tau", r.tau_a, out["statistic"]["tau"]),
        ("p", r.p_value, out["p.value.raw"]),
        ("slope", r.slope, out["estimate"]["slope"]),
    ]


RULES = [
    Rule(
        "mk",
        "trend",
        "trend::mk.test(x)",
        lambda d, o: [
            ("s", mk(d).s, o["estimates"]["S"]),
            ("var_s", mk(d).var_s, o["estimates"]["varS"]),
            ("z", mk(d).z, o["statistic"]["z"]),
            ("p", mk(d).p_value, o["p.value"]),
            ("tau", mk(d).tau, o["estimates"]["tau"]),
        ],
    ),
    Rule(
        "mk",
        "trend",
        "trend::mk.test(x, continuity = FALSE)",
        lambda d, o: [("z", without_continuity(mk(d)), o["statistic"]["z"])],
    ),
    Rule(
        "mk",
        "Kendall",
        "Kendall::",
        lambda d, o: [
            ("s", mk(d).s, o["S"]),
            ("var_s", mk(d).var_s, o["varS"]),
            ("tau", mk(d).tau, o["tau"] if o["varS"] else None),
        ],
        SINGLE,
    ),
    Rule("mk", "EnvStats", "EnvStats::kendallTrendTest", envstats_pairs),
    Rule("mk", "rkt", "rkt::rkt(t, x)", lambda d, o: rkt_pairs(sen, d, o)),
    Rule(
        "mk",
        "wql",
        "wql::mannKen",
        lambda d, o: [
            ("s", mk(d).s, o["S"]),
            ("var_s", mk(d).var_s, o["varS"]),
            ("slope", sen_in_steps(d).slope, o["sen.slope"]),
        ],
    ),
    Rule(
        "mk",
        "stats",
        'cor.test(t, x, method = "kendall", exact = FALSE, continuity = TRUE)',
        lambda d, o: [
            ("z", mk(d).z, o["statistic"].get("z")),
            ("p", mk(d).p_value, o["p.value"]),
            ("tau", mk(d).tau, o["estimate"]["tau"]),
        ],
    ),
    Rule("mk", "stats", 'cor.test(t, x, method = "kendall", exact = TRUE)', exact_pairs),
    Rule("mk", "pymannkendall", "pymannkendall.original_test", lambda d, o: py_pairs(sen_in_steps, d, o)),
    Rule("mk", "scipy", "scipy.stats.kendalltau(t, x)", scipy_exact_pairs),
    Rule(
        "mk",
        "scipy",
        "scipy.stats.kendalltau(t, x, method='asymptotic')",
        lambda d, o: [("tau", mk(d).tau, o["statistic"])],
    ),
    Rule(
        "mk",
        "mannks",
        "mannks.trend_test(x, t)",
        lambda d, o: [
            ("s", mk(d).s, o["s"]),
            ("slope", sen(d).slope, o["slope"]),
            *([] if tied(d) else [("var_s", mk(d).var_s, o["var_s"]), ("p", mk(d).p_value, o["p"])]),
            *([] if tied(d) else [("falling", stats.trend_direction(mk(d)).falling, o["Cd"])]),
        ],
    ),
    Rule(
        "spearman",
        "stats",
        'cor.test(t, x, method = "spearman", exact = FALSE)',
        lambda d, o: [
            ("rho", spearman(d).rho, o["estimate"]["rho"]),
            *([("p", spearman(d).p_value, o["p.value"])] if spearman(d).method == "Spearman, t" else []),
        ],
    ),
    Rule(
        "spearman",
        "stats",
        'cor.test(t, x, method = "spearman")',
        # Beyond 9 values R takes Edgeworth's series.
        lambda d, o: [
            ("rho", spearman(d).rho, o["estimate"]["rho"]),
            *([("p", spearman(d).p_value, o["p.value"])] if len(d["x"]) < 10 else []),
        ],
    ),
    Rule(
        "spearman",
        "scipy",
        "scipy.stats.spearmanr(t, x)",
        lambda d, o: [
            ("rho", spearman(d).rho, o["statistic"]),
            *([("p", spearman(d).p_value, o["pvalue"])] if spearman(d).method == "Spearman, t" else []),
        ],
    ),
    *(
        Rule(
            "sen",
            "trend",
            call,
            lambda d, o, level=level: [
                ("slope", sen_in_steps(d, level).slope, o["estimates"]["Sen's slope"]),
                ("low", sen_in_steps(d, level).low, o["conf.int"][0]),
                ("high", sen_in_steps(d, level).high, o["conf.int"][1]),
            ],
        )
        for call, level in (
            ("trend::sens.slope(x)", 0.95),
            ("trend::sens.slope(x, conf.level = 0.9)", 0.9),
        )
    ),
    *(
        Rule(
            "sen",
            "scipy",
            call,
            lambda d, o, level=level: [
                ("slope", sen(d, level).slope, o["slope"]),
                ("low", sen(d, level).low, o["low_slope"]),
                ("high", sen(d, level).high, o["high_slope"]),
            ],
        )
        for call, level in (
            ("scipy.stats.theilslopes(x, t, 0.95, method='separate')", 0.95),
            ("scipy.stats.theilslopes(x, t, 0.90)", 0.9),
        )
    ),
    # Its upper rank is one lower; see docs/methods.md.
    Rule("sen", "zyp", "{", lambda d, o: [("low", sen(d).low, o["ci95"]["matrix"][1][0])]),
    Rule(
        "sen",
        "smwrStats",
        "smwrStats::kensen.test(x, t, n.min = 1000000000)",
        lambda d, o: [
            ("slope", sen(d).slope, o["estimate"]["slope"]),
            ("tau", sen(d).tau, o["statistic"]["tau"]),
            ("p", sen(d).p_value, o["p.value"]),
        ],
    ),
    Rule(
        "seasonal_mk",
        "trend",
        "trend::smk.test(z)",
        lambda d, o: [
            ("s", seasonal(d).s, o["estimates"]["S"]),
            ("var_s", seasonal(d).var_s, o["estimates"]["varS"]),
            ("z", seasonal(d).z, o["statistic"]["z"]),
            ("p", seasonal(d).p_value, o["p.value"]),
        ],
    ),
    Rule(
        "seasonal_mk_corr",
        "trend",
        "trend::csmk.test(z)",
        lambda d, o: [
            ("s", seasonal(d, True).s, o["estimates"]["S"]),
            ("var_s", seasonal(d, True).var_s, o["estimates"]["varS"]),
        ],
    ),
    Rule(
        "seasonal_sen",
        "trend",
        "trend::sea.sens.slope",
        lambda d, o: [("slope", seasonal(d).slope, o)],
    ),
    Rule(
        "seasonal_mk",
        "Kendall",
        "Kendall::SeasonalMannKendall",
        lambda d, o: [
            ("s", seasonal(d).s, o["S"]),
            ("var_s", seasonal(d).var_s, o["varS"]),
            ("tau_b", seasonal(d).tau_b, o["tau"]),
        ],
        SINGLE,
    ),
    Rule(
        "seasonal_mk",
        "wql",
        "wql::seaKen",
        lambda d, o: [
            ("p", seasonal(d).p_value, o["p.value"]),
            ("slope", seasonal(d).slope, o["sen.slope"]),
        ],
    ),
    Rule("seasonal_mk", "rkt", "rkt::rkt(year, x, season)", lambda d, o: rkt_pairs(seasonal, d, o)),
    Rule(
        "seasonal_mk_corr",
        "rkt",
        "rkt::rkt(year, x, season, correct = TRUE)",
        lambda d, o: rkt_covariance_pairs(seasonal, d, o),
    ),
    Rule("seasonal_mk", "EnvStats", "EnvStats::kendallSeasonalTrendTest", envstats_seasonal_pairs),
    Rule("seasonal_mk_corr", "EnvStats", "EnvStats::kendallSeasonalTrendTest", envstats_covariance_pairs),
    Rule("seasonal_mk_corr", "smwrStats", "", lambda d, o: smwr_pairs(seasonal, d, o), SINGLE),
    Rule(
        "seasonal_mk",
        "pymannkendall",
        "pymannkendall.seasonal_test",
        lambda d, o: py_pairs(seasonal, d, o),
    ),
    Rule(
        "seasonal_mk_corr",
        "pymannkendall",
        "pymannkendall.correlated_seasonal_test",
        lambda d, o: py_covariance_pairs(seasonal, d, o),
    ),
    Rule("regional", "rkt", "rkt::rkt(year, x, site)", lambda d, o: rkt_pairs(regional, d, o)),
    Rule(
        "regional",
        "rkt",
        "rkt::rkt(year, x, site, correct = TRUE)",
        lambda d, o: rkt_covariance_pairs(regional, d, o),
    ),
    Rule(
        "regional",
        "trend",
        "trend::mult.mk.test",
        lambda d, o: [
            ("s", regional(d, True).s, o["estimates"]["S"]),
            ("var_s", regional(d, True).var_s, o["estimates"]["varS"]),
            ("z", without_continuity(regional(d, True)), o["statistic"]["z"]),
        ],
    ),
    Rule("regional", "smwrStats", "smwrStats::regken(M)", lambda d, o: smwr_pairs(regional, d, o), SINGLE),
    *(
        Rule("regional", "pymannkendall", call, lambda d, o: py_pairs(regional, d, o))
        for call in ("pymannkendall.regional_test", "pymannkendall.multivariate_test")
    ),
    Rule(
        "regional",
        "pymannkendall",
        "pymannkendall.correlated_multivariate_test",
        lambda d, o: py_covariance_pairs(regional, d, o),
    ),
    Rule(
        "partial",
        "rkt",
        "rkt::rkt(t, x, cv = cov)",
        lambda d, o: [
            ("s", partial(d).s, o["partial.S"]),
            ("var_s", partial(d).var_s, o["partial.varS"]),
            ("p", partial(d).p_value, o["partial.sl"]),
            ("slope", partial(d).slope, o["B"]),
            ("tau_a", partial(d).tau_a, o["tau"]),
        ],
    ),
    Rule(
        "partial",
        "trend",
        "trend::partial.mk.test(x, cov)",
        lambda d, o: [
            ("s", partial(d).s, o["estimates"]["S"]),
            ("var_s", partial(d).var_s, o["estimates"]["varS"]),
            ("z", without_continuity(partial(d)), o["statistic"]["z"]),
        ],
    ),
    Rule(
        "partial",
        "pymannkendall",
        "pymannkendall.partial_test",
        lambda d, o: [
            ("s", partial(d).s, o["s"]),
            ("var_s", partial(d).var_s, o["var_s"]),
            ("z", without_continuity(partial(d)), o["z"]),
            ("slope", partial(d).slope, o["slope"]),
        ],
    ),
    Rule(
        "seasonal_partial",
        "rkt",
        "rkt::rkt(year, x, season, cov)",
        lambda d, o: [
            ("s", partial(d, season=column(d, "season")).s, o["partial.S"]),
            ("var_s", partial(d, season=column(d, "season")).var_s, o["partial.varS"]),
            ("p", partial(d, season=column(d, "season")).p_value, o["partial.sl"]),
        ],
    ),
    Rule(
        "seasonal_partial",
        "rkt",
        "rkt::rkt(year, x, season, cov, correct = TRUE)",
        lambda d, o: [
            (
                "var_s",
                partial(d, season=column(d, "season"), covariance=True).var_s,
                o["partial.varS.corrected"],
            )
        ],
    ),
]


def rules_of(record):
    return [
        rule
        for rule in RULES
        if (rule.family, rule.package) == (record["family"], record["package"])
        and (
            record["call"] == rule.call
            or (not rule.call.endswith(")") and record["call"].startswith(rule.call))
        )
    ]


def with_rules(records):
    return [
        pytest.param(record, rule, id=f"{record['case']}-{record['package']}-{record['family']}-{k}")
        for k, record in enumerate(records)
        if record.get("output") is not None
        for rule in rules_of(record)
    ]


def compare(record, rule, data):
    pairs = rule.pairs(data, record["output"])
    # Where all values are equal, others give no number or "nan".
    known = [pair for pair in pairs if pair[2] is not None and pair[2] != "nan"]
    assert known or len(set(data["x"])) == 1
    for name, ours, theirs in known:
        # A slope of exactly zero comes out as 1e-17 in a program that subtracts in another order.
        slack = 1e-14 if rule.tolerance == DOUBLE else 1e-6
        assert ours == pytest.approx(theirs, rel=rule.tolerance, abs=slack), (
            f"{name}: {ours} here, {theirs} in {record['call']}"
        )
    return len(known)


@pytest.mark.parametrize(("record", "rule"), with_rules(SHIPPED["records"]))
def test_simulated_case(record, rule):
    compare(record, rule, SHIPPED["inputs"][record["case"]])


@cache
def outside():
    root = Path(os.environ.get("WQSTUDY_ORACLES", ""))
    if not (root / FILES[0]).is_file():
        return []
    records = [r for name in FILES for r in json.loads((root / name).read_text(encoding="utf-8"))]
    return [r for r in records if not SIMULATED.match(r["case"])]


def read_input(name):
    with Path(os.environ["WQSTUDY_ORACLES"], name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: [None if row[key] in {"", "NA"} else float(row[key]) for row in rows] for key in rows[0]}


@pytest.mark.oracle
def test_cases_on_real_inputs():
    compared = 0
    for record in outside():
        if record.get("output") is None:
            continue
        for rule in rules_of(record):
            compared += compare(record, rule, read_input(record["input"]))
    assert compared > 800  # 858 numbers


def test_every_rule_is_used():
    used = {id(rule) for record in SHIPPED["records"] for rule in rules_of(record)}
    idle = [rule.call for rule in RULES if id(rule) not in used and rule.family != "seasonal_partial"]
    assert not idle


@pytest.mark.oracle
def test_lwp_trends():
    """LWPTrends on the cases in which it takes each observation as it is: none censored, none averaged."""
    root = Path(os.environ["WQSTUDY_ORACLES"])
    compared = 0
    for record in json.loads((root / "lwptrends.json").read_text(encoding="utf-8")):
        out = record["output"]
        if out["nObs"] != out["nTimeIncr"] or out["prop.censored"] or out["S"] is None:
            continue
        with (root / record["input"]).open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        x = np.array([float(row["RawValue"]) for row in rows])
        days = np.array([row["myDate"] for row in rows], dtype="datetime64[D]").astype(float)
        t = days / 365.25
        if out["SeasIncr"] == "NonSeasonal":
            season = np.zeros(x.size, int)
        else:
            season = np.array([row["Season"] for row in rows])
        r = stats.seasonal_sen_slope(x, t, season, 0.9)
        direction = stats.trend_direction(r)
        low, high = interpolated(x, t, season, r.var_s, 0.9, above=0)
        pairs = [
            ("s", r.s, out["S"]),
            ("var_s", r.var_s, out["VarS"]),
            ("tau", r.tau, out["tau"]),
            ("z", r.z, out["Z"]),
            ("p", r.p_value, out["p"]),
            ("confidence", direction.confidence, out["C"]),
            ("falling", direction.falling, out["Cd"]),
            ("slope", r.slope, out["AnnualSenSlope"]),
            ("low", low, out["Sen_Lci"]),
            ("high", high, out["Sen_Uci"]),
        ]
        for name, ours, theirs in pairs:
            assert ours == pytest.approx(theirs, rel=DOUBLE, abs=1e-14), f"{record['case']}: {name}"
        compared += 1
    assert compared >= 6
