"""Measure on real monitoring sets what the simulator of a before/after study needs.

ln concentration = level + season + trend + weather + u[district, month] + e[section, month] + white noise.
Variance components are mean products of residuals of one station, of two stations of one district and of two
districts, at lags of 0-6 months, over all pairs at hand: gaps need no filling, averages bring no noise. What
removing trend and months takes out is undone. Run: WQSTUDY_DATA=<> python benchmarks/measure_variability.py
"""

import json
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import load_workbook
from scipy.optimize import nnls

DATA = Path(os.environ.get("WQSTUDY_DATA", "data"))
OUT = Path(__file__).parent / "results" / "variability.csv"
LAGS, PHI, ZONE, MARKED = range(7), np.arange(0, 0.981, 0.02), "Water Control Zone", ("FFFF0000", "FF00B050")
HK = {"NH3N": "Ammonia", "TP": "Total Pho", "CODCr": "Chemical", "DO": "Dissolved.*mg", "flow": "Flow"}
TAIHU = {"NH3N": "氨态氮(mg/L)", "TP": "总磷(mg/L)", "CODMn": "化学需氧量(mg/L)", "DO": "溶解氧(mg/L)"}
CNEMC = {"NH3N": 11, "TP": 12, "CODMn": 10, "DO": 7}
PARTS = "common: pairs of one district; weather: of two; district: the rest; AR(1) to lag 6, section + white"
NOTES = dict.fromkeys(("common", "section", "weather", "district"), PARTS) | {  # by first word of a quantity
    "residual": "linear trend and months removed per station; robust = 1.4826 MAD; nothing trimmed",
    "annual": "sd of yearly means of residuals; what the trend took out is not put back",
    "season": "first harmonic, half peak to trough; 1 = mid January; own = rms distance from the mean wave",
    "level": "spread of station mean ln; noise of district means removed",
    "flow": "ln per sd of ln spot flow; trend and months removed from both; index = mean over stations",
    "monthly": "ln of monthly means (10 days or more) about the section mean, season included",
}
rows = [("source", "parameter", "quantity", "value", "n_units", "n_months", "note")]


def put(source, parameter, n_units, n_months, note, values):
    """Keep one row of the result for each value."""
    for quantity, value in values.items():
        why = "; ".join(filter(None, (NOTES.get(quantity.split("_")[0]), note)))
        rows.append((source, parameter, quantity, round(float(value), 3), n_units, n_months, why))


def moments(a, b, district):
    """Mean product at each lag (columns): one station, two of one district, two of different districts."""
    (fa, wa), (fb, wb) = ((v.fillna(0).to_numpy(), v.notna().to_numpy(dtype=float)) for v in (a, b))
    d, out = district.reindex(a.columns).to_numpy(), np.full((3, len(LAGS)), np.nan)
    same, own = d[:, None] == d, np.eye(len(d), dtype=bool)
    for k in LAGS:
        s, n = fa[: len(fa) - k].T @ fb[k:], wa[: len(wa) - k].T @ wb[k:]
        out[:, k] = [s[m].sum() / n[m].sum() if m.any() else np.nan for m in (own, same & ~own, ~same)]
    return out


def fit(gamma, table, white=False):
    """Least squares of moments on those of AR(1) (a row for each phi), with white noise or without."""
    parts = [np.column_stack([e * (i > 0 or not white), table[0] * white]) for i, e in enumerate(table)]
    tries = [nnls(part, gamma) for part in parts]
    best = int(np.argmin([error for _, error in tries]))
    ar, rest = np.sqrt(tries[best][0])
    return {"ar_sd": ar, "ar_phi": PHI[best], "white_sd": rest if white else np.nan}


def levels(level, district):
    """Spread of station levels within and between districts."""
    g = level.groupby(district.reindex(level.index))
    n, mean, var = (v[g.count() > 1] for v in (g.count(), g.mean(), g.var()))
    within = np.average(var, weights=n - 1)
    between = np.sqrt(max(mean.var() - (within / n).mean(), 0)) if len(n) > 2 else np.nan
    return {"level_sd_between_stations": np.sqrt(within), "level_sd_between_districts": between}


def components(source, code, wide, district, note):
    """All quantities of one parameter in one window (months x stations of ln values); the residuals."""
    t = np.arange(len(wide))
    x = np.column_stack([t >= 0, (t - t.mean()) / 12, np.c_[wide.index.month] == np.arange(2, 13)])
    coef = np.column_stack([np.linalg.pinv(x[ok]) @ wide.loc[ok, s] for s, ok in wide.notna().items()])
    res, t = wide - x @ coef, np.flatnonzero(wide.notna().mean(axis=1) >= 0.5)
    gap, m = np.abs(t[:, None] - t), np.eye(len(t)) - x[t] @ np.linalg.pinv(x[t])
    table = np.array([[(m @ phi**gap @ m)[gap == k].mean() for k in LAGS] for phi in PHI])
    g, ns, lost, size = moments(res, res, district), wide.shape[1], table[0, 0], np.abs(res.to_numpy())
    year = res.groupby(res.index.year)
    annual = moments(*[year.mean().where(year.count() >= 8)] * 2, district)[:, 0]
    wave = np.exp(-2j * np.pi * np.arange(12) / 12) @ np.vstack([np.zeros(ns), coef[2:]]) / 6
    values = {
        "residual_sd_station": np.sqrt(g[0, 0] / lost),
        "residual_sd_station_robust": 1.4826 * np.nanmedian(size) / np.sqrt(lost),
        "residual_share_beyond_3sd": (size > 3 * np.sqrt(g[0, 0])).sum() / np.isfinite(size).sum(),
        "annual_mean_sd_station": np.sqrt(annual[0]),
        "annual_mean_sd_common": np.sqrt(max(annual[1], 0)),
        "trend_ln_per_year_mean": coef[1].mean(),
        "trend_ln_per_year_sd_between_stations": coef[1].std(ddof=1),
        "season_amplitude_common": abs(wave.mean()),
        "season_month_of_maximum": (-np.angle(wave.mean()) * 6 / np.pi) % 12 + 1,
        "season_amplitude_own": np.sqrt(max(np.var(wave) - 4 * g[0, 0] / lost / len(t), 0)),
    } | levels(wide.mean(), district)
    parts = {"common": g[1], "section": g[0] - g[1], "weather": g[2], "district": g[1] - g[2]}
    for part, gamma in parts.items():
        if np.isfinite(gamma).all():
            fitted = fit(gamma, table, white=part == "section") | {"var_share": gamma[0] / g[0, 0]}
            fitted |= {f"autocorr_lag{k}": gamma[k] / gamma[0] for k in (1, 3, 6)}
            values |= {f"{part}_{k}": v for k, v in fitted.items()}
    values |= {f"section_only_{k}": v for k, v in fit(parts["section"], table).items()}
    put(source, code, ns, len(t), f"{district[wide.columns].nunique()} districts; {note}", values)
    return res


def crossed(source, res, district, note):
    """Correlations between parameters: in all, in the common part, in the section part."""
    for p, q in combinations(res, 2):
        c = res[p].columns.intersection(res[q].columns)
        pp, qq, pq = (moments(res[u][c], res[v][c], district)[:2, 0] for u, v in ((p, p), (q, q), (p, q)))
        for part, w in {"total": [1, 0], "common": [0, 1], "section": [1, -1]}.items():
            r = pq @ w / np.sqrt((pp @ w) * (qq @ w))
            put(source, f"{p}~{q}", len(c), len(res[p]), note, {f"correlation_{part}": r})


def run_hongkong():
    """Hong Kong rivers: districts are zones of four stations, or rivers; two samples a month: mean."""
    files = sorted((DATA / "hongkong-rivers").glob("*.csv"))
    raw = pd.concat([pd.read_csv(f, encoding="utf-8-sig", dtype=str, keep_default_na=False) for f in files])
    raw["month"] = pd.to_datetime(raw["Dates"]).dt.to_period("M")
    for code, start in HK.items():
        text = raw.filter(regex=f"^{start}").iloc[:, 0]
        below, number = text.str.startswith("<"), pd.to_numeric(text.str.lstrip("<>"), errors="coerce")
        raw[f"{code} nd"] = below.where(number.notna())
        raw[code] = np.log(number.where(number > 0) / np.where(below, 2, 1))
    for first, last in ((2000, 2006), (2007, 2013), (2014, 2020)):
        part = raw[raw["month"].dt.year.between(first, last) & (raw[ZONE] != "")]
        part = part[part.groupby(ZONE)["Station"].transform("nunique") >= 4]
        by, source, res = part.groupby("Station"), f"HongKong {first}-{last}", {}
        for code in HK:
            wide = part.pivot_table(index="month", columns="Station", values=code)
            wide = wide.reindex(pd.period_range(f"{first}-01", f"{last}-12", freq="M", name="month"))
            nd = by[f"{code} nd"].mean()[wide.columns]
            keep = (nd <= 0.3) & (wide.count() >= (36 if code == "flow" else 60))
            shares = {"missing_share": wide.isna().to_numpy().mean(), "nondetect_share": nd.mean()}
            put(source, code, wide.shape[1], len(wide), "stations with any value", shares)
            note = f"'<x' as x/2; {(~keep).sum()} stations left out: few months or > 30 % '<'"
            for unit, label in {"River": " by river", ZONE: ""}.items():
                res[code] = components(source + label, code, wide.loc[:, keep], by[unit].last(), note)
        flow = (flow := res.pop("flow")) / flow.std()
        for code, y in res.items():
            x, mean = flow[flow.columns.intersection(y.columns)], flow.mean(axis=1)
            slope = (x * y).mean() / (x**2).where(y.notna()).mean()
            values = {"flow_slope_median": slope.median(), "flow_slope_sd_between_stations": slope.std()}
            values["flow_slope_on_mean_index"] = y.mul(mean, axis=0).mean().mean() / mean.std()
            values["flow_correlation_median"] = x.corrwith(y).median()
            put(source, code, x.shape[1], len(y), "zero flow dropped", values)
        crossed(source, res, by[ZONE].last(), "residuals of the same station and month")


def run_taihu():
    """Lake Taihu: eight stations as one district, with and without the cells coloured as outliers."""
    file = next((DATA / "lake-taihu").glob("*.xlsx"))
    raw, cells = pd.read_excel(file), list(load_workbook(file).active.iter_rows(min_row=2))
    raw["month"] = pd.PeriodIndex.from_fields(year=raw["年份"], month=raw["月份"], freq="M")
    for what, drop in (("kept", False), ("dropped", True)):
        res, source = {}, f"Taihu 2007-2015, outliers {what}"
        for code, name in TAIHU.items():
            marked = [getattr(row[raw.columns.get_loc(name)].font.color, "rgb", 0) in MARKED for row in cells]
            table = raw.assign(value=np.log(raw[name].mask((np.array(marked) & drop) | (raw[name] == 0))))
            wide = table.pivot_table(index="month", columns="观测站代码", values="value", dropna=False)
            lake, note = pd.Series("lake", index=wide.columns), "CODMn = 化学需氧量 unchecked"
            res[code] = components(source, code, wide, lake, f"red, green cells {what}, zero missing; {note}")
        crossed(source, res, lake, "residuals of the same station and month")


def run_cnemc():
    """CNEMC feed, one year, quick: raw values from the `title` of cells; '--', '*' and zero are missing."""
    files, res = sorted((DATA / "cnemc" / "daily_json").glob("*/*.json")), {}
    tables = {f.parts[-2:]: pd.DataFrame(json.loads(f.read_text(encoding="utf-8"))["tbody"]) for f in files}
    raw = pd.concat(tables, names=["month", "day"]).reset_index(["month", "day"]).reset_index(drop=True)
    raw["section"] = raw[0] + raw[2].str.replace(r"<.*?>|[（(].*?[）)]", "", regex=True)
    for code, i in CNEMC.items():
        raw[code] = pd.to_numeric(raw[i].str.extract(r"原始值：([0-9.Ee+-]+)")[0]).replace(0, np.nan)
    first = raw[raw["day"] < "2020-05-10"].groupby("section")
    year, basin = raw[raw.groupby("section")["day"].transform("nunique") >= 200], first[1].last()
    for code in CNEMC:
        for unit, i in {"province": 0, "basin": 1}.items():
            level, note = np.log(first[code].mean()).dropna(), "mean of 8-9 May 2020, no floor at a limit"
            put(f"CNEMC May 2020 by {unit}", code, len(level), 0, note, levels(level, first[i].last()))
        cell = year.groupby(["month", "section"])[code]
        means = np.log(cell.mean().where(cell.count() >= 10)).reset_index()
        wide = means.pivot_table(index="month", columns="section", values=code).dropna(axis=1, thresh=8)
        res[code], n = wide - wide.mean(), wide.count().mean()
        g, spot = moments(res[code], res[code], basin), np.log(year[code][year["section"].isin(wide)])
        spot -= spot.groupby([year["section"], year["month"]]).transform("mean")
        values = {"monthly_sd": np.sqrt(g[0, 0] * n / (n - 1)), "monthly_autocorr_lag1": g[0, 1] / g[0, 0]}
        values |= {"monthly_share_basin": g[1, 0] / g[0, 0], "monthly_share_country": g[2, 0] / g[0, 0]}
        values |= {"monthly_sd_of_days": spot.std(), "missing_share": wide.isna().to_numpy().mean()}
        put("CNEMC 2020-05..2021-03", code, wide.shape[1], len(wide), "8 months or more", values)
    crossed("CNEMC 2020-05..2021-03", res, basin, "monthly means; common = pairs of one basin")


if __name__ == "__main__":
    for run in (run_hongkong, run_taihu, run_cnemc):
        run()
    pd.DataFrame(rows[1:], columns=rows[0]).dropna(subset="value").to_csv(OUT, index=False)
    print(f"{OUT.name} written")
