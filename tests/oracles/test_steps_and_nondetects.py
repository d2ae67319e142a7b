"""Steps, change points and non-detects against the numbers of other programs.

The cases on simulated inputs are in `steps_and_nondetects.json`; all others are read from the folder that
WQSTUDY_ORACLES names. Where definitions are the same, numbers agree to 1e-8 or better. Other tolerances:

* 1e-6 for likelihoods maximised elsewhere: those iterations stop at relative changes of about 1e-9 of the
  log-likelihood, which leaves half as many digits of the parameters; 1e-6 leaves slack.
* 5e-3 for the Akritas-Theil-Sen slope: cenken takes a thousandth of the smallest value off every limit and
  stops bisecting at 1e-7; ours is exact on the limits as given. The intercept follows.
* 1e-4 of a unit for steps and intervals of R's wilcox.test, which come from a root finder of that tolerance.
* Simulated p: four and a half standard errors of both simulations together.
"""

import csv
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from wqstudy import stats
from wqstudy.stats.nondetects import finney

OWN = json.loads(Path(__file__).with_name("steps_and_nondetects.json").read_text(encoding="utf-8"))
SAME, ITERATED, BISECTED, ROOT_FOUND = 1e-8, 1e-6, 5e-3, 1e-4
SERIES = 20_000
"""Number of simulated series, theirs; ours too, but for long ones."""


def close(got, expected, rel=SAME, absolute=1e-12):
    assert got == pytest.approx(expected, rel=rel, abs=absolute)


def about(got, expected, series):
    """A p simulated by them with `SERIES` and by us with `series` series."""
    spread = max(expected * (1 - expected), 1e-4)
    assert abs(got - expected) < 4.5 * np.sqrt(spread * (1 / SERIES + 1 / series))


# ---------------------------------------------------------------- inputs


def spans(data):
    x, period = np.array(data["x"]), np.array(data["period"])
    season = np.array(data["season"])
    return x[period == "before"], season[period == "before"], x[period == "after"], season[period == "after"]


def sample(data):
    return np.array(data["obs"]), np.array(data["cens"], dtype=bool)


def groups(data):
    """The first group in alphabetical order as the later span, as EnvStats was called."""
    x, hidden = sample(data)
    label = np.array(data["group"])
    first = label == min(label)
    return x[~first], hidden[~first], x[first], hidden[first]


# ---------------------------------------------------------------- steps


def tail(z):
    return special.ndtr(-abs(z))


def asymptotic(out, data, call):
    before, _, after, _ = spans(data)
    step = stats.rank_sum(before, after)
    close(step.statistic, out["statistic"]["W"])
    if "correct = TRUE" not in call:
        excess = abs(step.statistic - before.size * after.size / 2)
        close(2 * tail(excess * step.z / (excess - 0.5)), out["p.value"])
        return
    close(2 * tail(step.z), out["p.value"])
    if before.size >= 50:  # below, ours is exact
        close([step.low, step.high], out["conf.int"], 0, ROOT_FOUND)
        close(step.value, out["estimate"]["difference in location"], 0, ROOT_FOUND)


def exact(out, data, _call):
    before, _, after, _ = spans(data)
    step = stats.rank_sum(before, after)
    close(step.p_value, out["p.value"])
    if np.unique(np.concatenate([before, after])).size == before.size + after.size:
        close(
            [step.value, step.low, step.high], [out["estimate"]["difference in location"], *out["conf.int"]]
        )


def hodges_lehmann(out, data, _call):
    before, _, after, _ = spans(data)
    close(stats.rank_sum(before, after).value, out["hodges_lehmann"])


def exact_coin(out, data, _call):
    before, _, after, _ = spans(data)
    close(stats.rank_sum(before, after).p_value, out["p_exact"])


def scipy_normal(out, data, _call):
    before, _, after, _ = spans(data)
    step = stats.rank_sum(before, after)
    close(step.statistic, out["statistic"])
    close(2 * tail(step.z), out["pvalue"])


def seasonal(out, data, _call):
    step = stats.seasonal_rank_sum(*spans(data))
    close([step.z, step.p_value], [out["Z_cc"], out["p_cc"]])
    n, m = (np.unique(s, return_counts=True)[1] for s in (spans(data)[1], spans(data)[3]))
    # W counts the ranks of the values after, our statistic the pairs in which they are larger.
    close(step.statistic + np.sum(m * (m + 1) / 2), out["W_after"])
    close(n.sum() + m.sum(), step.n)


def seasonal_step(out, data, _call):
    close(stats.seasonal_rank_sum(*spans(data)).value, out["hodges_lehmann"])


def welch(out, data, _call):
    before, _, after, _ = spans(data)
    # Theirs is of the values: logs of exponentials give them back.
    step = stats.welch_of_logs(np.exp(before - 5), np.exp(after - 5))
    close([step.statistic, step.p_value], [out["statistic"]["t"], out["p.value"]])
    close([step.low, step.high], out["conf.int"])


# ---------------------------------------------------------------- non-detects


def ros(out, data, _call):
    got = stats.ros(*sample(data))
    close([got.mean, got.sd], [out["mean"], out["sd"]])
    # NADA keeps the order of equal limits and values as they came: compared sorted.
    close(sorted(got.modelled), sorted(out["modeled"]))
    if "quantile" in out:
        close(got.median, out["median"])
        for q, value in out["quantile"].items():
            close(got.quantile(float(q[:-1]) / 100), value)
        close([got.intercept, got.slope], [out["intercept"], out["slope"]])


def cenfit(out, data, _call):
    got = stats.kaplan_meier(*sample(data))
    close([got.mean, got.se_mean], out["mean"][:2])
    close(got.se_mean * np.sqrt(got.n), out["sd"])
    if out["median"] is None:
        assert np.isnan(got.median)
    else:
        close(got.median, out["median"])
    for q, value in out["quantile"].items():
        share = float(q[:-1]) / 100
        if value is not None:
            close(got.quantile(share), value)
        else:  # NADA has none above the second largest value either
            assert np.isnan(got.quantile(share)) or got.quantile(share) == max(got.points)


def enpar(out, data, _call):
    got = stats.kaplan_meier(*sample(data))
    close([got.mean, got.sd, got.se_mean], [out["parameters"][k] for k in ("mean", "sd", "se.mean")])
    # EnvStats cuts intervals off at zero.
    close([max(got.low, 0), got.high], [out["ci"]["LCL"], out["ci"]["UCL"]])


def cenmle(out, data, _call):
    got = stats.lognormal_mle(*sample(data))
    close(got.mean, out["mean"][0], ITERATED)
    close([got.sd, got.median], [out["sd"], out["median"]], ITERATED)
    close([got.mean_log, got.sd_log], [out["meanlog"], out["sdlog"]], ITERATED)
    # Flat at its top: the maximum itself has all digits.
    close(got.log_likelihood, out["loglik"][0])


def elnorm(out, data, _call):
    if out["method"] != "mle":
        return False
    got = stats.lognormal_mle(*sample(data))
    close([got.mean_log, got.sd_log], list(out["parameters"].values()), ITERATED)
    return True


def elnorm_alt(out, data, _call):
    got = stats.lognormal_mle(*sample(data))
    if out["method"] == "mle":
        close([got.mean, got.sd / got.mean], list(out["parameters"].values()), ITERATED)
    elif out["method"] == "qmvue":
        # EnvStats puts the likelihood's variance into Finney's series, whose own is (n - 1)'s.
        close(got.median * finney(got.n - 1, got.sd_log**2 / 2), out["parameters"]["mean"], ITERATED)
    else:
        return False
    return True


def statsmodels_ros(out, data, _call):
    got = stats.ros(*sample(data))
    close([got.mean, got.sd, got.median], [out["mean"], out["sd"], out["median"]])


# ---------------------------------------------------------------- two spans with non-detects


def cendiff(out, data, call):
    if "rho = 0" in call:
        return False
    got = stats.peto_prentice(*groups(data))
    close(got.z**2, out["chisq"])
    if "p" in out:
        close(got.p_value, out["p"], SAME, 1e-15)
    close(got.statistic, out["obs"][0] - out["exp"][0])
    return True


def gehan(out, data, _call):
    if out["test"] != "gehan" or out["variance"] != "hypergeometric":
        return False
    got = stats.gehan(*groups(data))
    close([got.statistic, got.z], [out["statistic"]["nu"], out["statistic"]["z"]])
    close(got.p_value, out["p"], SAME, 1e-15)
    return True


# ---------------------------------------------------------------- trends with non-detects


def cenken(out, data, call):
    x, hidden = sample(data)
    x = np.log(x) if "LOG = TRUE" in call else x
    got = stats.akritas_theil_sen(x, hidden, data["t"])
    close(got.tau, out["tau"])
    close(got.p_value, out.get("p", out.get("pval")), SAME, 1e-15)
    if "S" in out:
        close(got.s, out["S"])
    close(got.slope, out["slope"], BISECTED)
    # Turnbull's intervals begin at zero, ours are open below: they part where the median is a non-detect's.
    if hidden.mean() < 0.5:
        close(got.intercept, out["intercept"], BISECTED)


def mannks(out, data, _call):
    x, hidden = sample(data)
    got = stats.akritas_theil_sen(x, hidden, data["t"])
    # Its variance lacks the ties of non-detects, its slope takes limits for values.
    close(got.s, out["s"])


# ---------------------------------------------------------------- change points


def pettitt_formula(out, data, _call):
    if not isinstance(out, dict):
        return False
    got = stats.pettitt(data["x"], resamples=1)
    close([got.statistic, got.p_value], [out["statistic"]["U*"], out["p.value"]])
    assert got.index == out["estimate"]["probable change point at time K"]
    return True


def trend_range(out, data, _call):
    got = stats.buishand(data["x"], resamples=1)
    close(got.statistic * np.sqrt((got.n - 1) / got.n), out["statistic"]["R / sqrt(n)"])
    assert got.index == out["estimate"]["probable change point at time K"]


def trend_snht(out, data, _call):
    got = stats.snht(data["x"], resamples=1)
    close(got.statistic, out["statistic"]["T"])
    assert got.index == out["estimate"]["probable change point at time K"]


def homogeneity(test, letter):
    def compare(out, data, _call):
        series = SERIES if len(data["x"]) <= 100 else SERIES // 5
        got = test(data["x"], resamples=series, phi=0.0)
        close(got.statistic, out[letter])
        assert got.index == out["cp"]
        if test is stats.pettitt:
            # It counts larger statistics only, ours also equal ones, which are many in short series.
            assert got.p_serial > out["p"] - 4.5 * np.sqrt(0.25 * (1 / SERIES + 1 / series))
        else:
            about(got.p_value, out["p"], series)

    return compare


HANDLERS = (
    (r"^wilcox.test.*exact = FALSE", asymptotic),
    (r"^wilcox.test.*exact = TRUE", exact),
    (r"hodges_lehmann = median", hodges_lehmann),
    (r"coin::wilcox_test\(x ~ g, .*exact", exact_coin),
    (r"mannwhitneyu\(after, before, use_continuity=True", scipy_normal),
    (r"^seas_ranksum", seasonal),
    (r"^seas_HL", seasonal_step),
    (r"^t.test\(a, b\)", welch),
    (r"NADA2?::ros\(", ros),
    (r"NADA::cenfit", cenfit),
    (r"enparCensored", enpar),
    (r'cenmle.*"lognormal"', cenmle),
    (r"elnormCensored", elnorm),
    (r"elnormAltCensored", elnorm_alt),
    (r"impute_ros", statsmodels_ros),
    (r"cendiff|survdiff", cendiff),
    (r"twoSampleLinearRank", gehan),
    (r"cenken|NADA2::ATS", cenken),
    (r"prepare_censored_data", mannks),
    (r"trend::pettitt", pettitt_formula),
    (r"trend::br.test", trend_range),
    (r"trend::snh.test", trend_snht),
    (r"pettitt_test", homogeneity(stats.pettitt, "U")),
    (r"buishand_q_test", homogeneity(stats.cusum, "Q")),
    (r"buishand_range_test", homogeneity(stats.buishand, "R")),
    (r"snht_test", homogeneity(stats.snht, "T")),
)


def compare(record, data):
    """True if the record says anything that is compared."""
    if not isinstance(record.get("output"), dict):
        return False
    for pattern, handler in HANDLERS:
        if re.search(pattern, record["call"], re.DOTALL):
            return handler(record["output"], data, record["call"]) is not False
    return False


def name(record):
    call = re.sub(r"\W+", " ", record["call"])
    return f"{record['case']}-{record['package']}-{call[:60]}"


@pytest.mark.parametrize("record", OWN["records"], ids=name)
def test_simulated_inputs(record):
    assert compare(record, OWN["inputs"][record["case"]])


# ---------------------------------------------------------------- all inputs

FAMILIES = ("ranksum", "seasonal_ranksum", "summary", "two_group", "cens_trend", "changepoint")
FILES = {
    "step_trend.json": 31,
    "py_seasonal_regional_step.json": 5,
    "censored.json": 129,
    "py_censored.json": 17,
    "trend_univariate.json": 60,
    "py_univariate.json": 80,
}
"""How many records of each file are compared."""


def read(root, case):
    with (root / "inputs" / f"{case}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    text = {"period", "group", "date", "month", "site"}
    return {
        k: [r[k] if k in text else r[k] == "TRUE" if k == "cens" else float(r[k]) for r in rows]
        for k in rows[0]
        if k in text | {"cens", "obs", "t", "x", "season"}
        and not (k == "season" and not rows[0][k].isdigit())
    }


@pytest.mark.oracle
@pytest.mark.parametrize("file", FILES)
def test_all_inputs(file):
    root = Path(os.environ["WQSTUDY_ORACLES"])
    inputs, compared, wrong = {}, 0, []
    for record in json.loads((root / file).read_text(encoding="utf-8")):
        case = record["case"]
        if record["family"] not in FAMILIES:
            continue
        if case not in inputs:
            inputs[case] = read(root, case)
        try:
            compared += compare(record, inputs[case])
        except AssertionError as error:
            wrong.append(f"{name(record)}: {error}")
    assert not wrong, "\n".join(wrong)
    assert compared == FILES[file]
