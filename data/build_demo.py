"""Rebuild the embedded study, data/demo, and its samples as districts hand them in. Run: make demo.

The mess is put in by rule and not by chance, and no file holds the time at which it was written: each run
gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.worksheet.worksheet import Worksheet

from wqstudy import Study, simulate
from wqstudy.outputs import replacing_folder

DEMO = Path(__file__).parent / "demo"
TABLES = ("samples", "stations", "measures", "flow", "claims", "truth")
HELD = ("study.toml", "README.md", "raw", *(f"{name}.csv" for name in TABLES))
CODES = ("NH3N", "TP", "CODMn", "DO", "PH", "WT")
NAMES = ("氨氮", "总磷", "高锰酸盐指数", "溶解氧", "pH", "水温")
UNITS = ("mg/L", "mg/L", "mg/L", "mg/L", "无量纲", "℃")
WRITTEN = dt.datetime(2023, 1, 9, 8)  # noqa: DTZ001 - a workbook's clock has no zone
CORE_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


# What the fictional districts announce, each with another fault or none.
CLAIMS = pd.DataFrame(
    [
        ("甲-氨氮", "concentration", "甲", "NH3N", "下降七成", None, None),
        ("甲-氨氮-首报", "concentration", "甲", "NH3N", "-23%", None, None),
        ("乙-总磷", "concentration", "乙", "TP", "-20%", None, None),
        ("丙-氨氮", "concentration", "丙", "NH3N", "-90 %", None, None),
        ("己-氨氮", "concentration", "己", "NH3N", "+10 %", None, None),
        ("丁-响应率", "rate", "丁", None, None, "62.5 %", "96.43 %"),
        ("甲-管网", "arithmetic", "甲", None, "+18 km", "42 km", "62 km"),
        ("丙-清淤", "amount", "丙", None, None, None, "120000 m3"),
    ],
    columns=["claim", "kind", "district", "parameter", "announced", "before", "after"],
)


# ---------------------------------------------------------------- what all files have in common


def visits(study: Study, district: str, below: Callable[[str], str]) -> pd.DataFrame:
    """A district's visits: `station, river, time`, and every parameter's cell as a laboratory writes it.

    Months without a visit have a row too, as in a form that is filled in: on the 15th, None in its cells.
    """
    samples = study.samples[study.samples["station"].str.startswith(district)]
    texts = samples["value"].map(repr)
    texts = texts.where(samples["censored"] == "none", texts.map(below))
    cells = samples.assign(text=texts).pivot(index=["station", "time"], columns="parameter", values="text")
    months = pd.period_range(study.samples["time"].min(), study.samples["time"].max(), freq="M")
    seen = set(zip(samples["station"], samples["time"].dt.to_period("M"), strict=True))
    missed = [
        (station, month.start_time + pd.Timedelta(days=14))
        for station in samples["station"].unique()
        for month in months
        if (station, month) not in seen
    ]
    index = cells.index.append(pd.MultiIndex.from_tuples(missed, names=cells.index.names))
    table = cells.reindex(index)[list(CODES)].sort_index().reset_index()
    table.insert(1, "river", table["station"].map(study.stations.set_index("station")["river"]))
    return table.astype(object).where(table.notna(), None)


def number(text: str | None) -> float | str | None:
    """A cell of a workbook: a number where the text is one."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def full_width(text: str) -> str:
    """Digits and point as a Chinese keyboard may give them."""
    return text.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789."})


def as_csv(rows: Iterable[Sequence[Any]], encoding: str) -> bytes:
    """Rows as Excel saves them as text, all of one length."""
    rows = list(rows)
    width = max(map(len, rows))
    text = io.StringIO()
    csv.writer(text).writerows([*row, *[""] * (width - len(row))] for row in rows)
    return text.getvalue().encode(encoding)


def as_workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    """A workbook without the time at which it was saved, and not compressed: versions of zlib differ."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    fill(book)
    held, put = io.BytesIO(), io.BytesIO()
    book.save(held)
    written = WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(held) as package, zipfile.ZipFile(put, "w", zipfile.ZIP_STORED) as plain:
        for name in package.namelist():
            part = package.read(name)
            part = CORE_TIMES.sub(rb"\g<1>" + written, part) if name == "docProps/core.xml" else part
            entry = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            entry.create_system = 3  # the same on every system
            plain.writestr(entry, part)
    return put.getvalue()


def merge_stations(sheet: Worksheet, first: int, names: Sequence[str], columns: Sequence[int]) -> None:
    """Merge downwards what recurs from row `first` on."""
    start = 0
    for place in range(1, len(names) + 1):
        if place == len(names) or names[place] != names[start]:
            for column in columns:
                sheet.merge_cells(None, first + start, column, first + place - 1, column)
            start = place


# ---------------------------------------------------------------- one file after another


def jia(study: Study) -> bytes:
    """A workbook of years."""
    table = visits(study, "甲", lambda limit: f"{limit}L")

    def fill(book: openpyxl.Workbook) -> None:
        for year, rows in table.groupby(table["time"].map(lambda time: time.year)):
            sheet = book.create_sheet(f"{year}年")
            sheet.append([f"甲区地表水水质监测结果（{year}年）"])
            sheet.append(["断面名称", "河流", "采样日期", "监测项目"])
            sheet.append([None, None, None, *NAMES])
            sheet.append([None, None, None, *UNITS])
            for row in rows.itertuples(index=False):
                cells = ["--" if text is None else number(text) for text in row[3:]]
                sheet.append([row.station, row.river, row.time.to_pydatetime(), *cells])
                sheet.cell(sheet.max_row, 3).number_format = "yyyy-mm-dd"
            measured = rows[list(CODES)].map(number)
            means = [round(float(pd.to_numeric(measured[code], errors="coerce").mean()), 3) for code in CODES]
            sheet.append(["平均值", None, None, *means])
            sheet.append(["注：“L”表示低于检出限，“--”表示未采样。"])
            for cells in ("A1:I1", "A2:A4", "B2:B4", "C2:C4", "D2:I2"):
                sheet.merge_cells(cells)
            merge_stations(sheet, 5, rows["station"].tolist(), [1, 2])
        book.create_sheet("Sheet2")
        notes = book.create_sheet("填报说明")
        for text in ("填报说明", "1. 每月采样一次，结果填入当年的工作表。", "2. 未采样的月份以“--”表示。"):
            notes.append([text])

    return as_workbook(fill)


def yi(study: Study) -> bytes:
    """Text in an old encoding, with lines above and below."""
    table = visits(study, "乙", lambda limit: f"<{limit}")
    rows: list[list[str]] = [
        ["乙区地表水水质监测结果"],
        ["填报单位：乙区监测站（模拟）", "", "", "单位：mg/L（pH无量纲，水温℃）"],
        ["断面名称", "河流", "采样日期", *NAMES],
    ]
    for place, row in enumerate(table.itertuples(index=False)):
        texts = [text or "" for text in row[3:]]
        if place % 16 == 0 and "<" not in texts[place % 6]:
            texts[place % 6] = full_width(texts[place % 6])
        rows.append([row.station, row.river, f"{row.time.year}年{row.time.month}月{row.time.day}日", *texts])
    rows += [["注：“<”表示低于检出限。"], ["审核：某某"]]
    return as_csv(rows, "gbk")


def bing(study: Study) -> bytes:
    """Text with two parameters in μg/L."""
    micro = (True, True, False, False, False, False)

    def text_of(text: str | None, *, thousandfold: bool) -> str:
        if text is None:
            return "--"
        if not thousandfold:
            return text
        return f"{round(1000 * float(text.removesuffix('L')))}{'L' if text.endswith('L') else ''}"

    table = visits(study, "丙", lambda limit: f"{limit}L")
    units = ["μg/L" if one else unit for one, unit in zip(micro, UNITS, strict=True)]
    rows = [["断面", "河道", "日期", *(f"{n}({u})" for n, u in zip(NAMES, units, strict=True))]]
    for row in table.itertuples(index=False):
        texts = [text_of(text, thousandfold=one) for text, one in zip(row[3:], micro, strict=True)]
        rows.append([row.station, row.river, f"{row.time.year}/{row.time.month}/{row.time.day}", *texts])
    return as_csv(rows, "utf-8-sig")


def ding(study: Study) -> bytes:
    """Long text, a row a value."""
    table = visits(study, "丁", lambda limit: f"未检出({limit})").fillna("未监测")
    rows = [
        [row.station, f"{row.time:%Y-%m-%d}", name, text, unit]
        for row in table.sort_values(["time", "station"]).itertuples(index=False)
        for name, text, unit in zip(NAMES, row[3:], UNITS, strict=True)
    ]
    june = [place for place, row in enumerate(rows) if row[1].startswith("2018-06")]
    rows[june[-1] + 1 : june[-1] + 1] = [rows[place] for place in june]
    return as_csv([["监测断面", "监测日期", "监测项目", "监测值", "单位"], *rows], "utf-8")


def wu(study: Study, first: int, last: int, renamed: dict[str, str], more: bool) -> bytes:
    """One of the two files of 戊."""
    table = visits(study, "戊", lambda limit: f"<{limit}")
    table = table[table["time"].map(lambda time: first <= time.year <= last)]
    headings = [f"{name}（{unit}）" for name, unit in zip(NAMES, UNITS, strict=True)]
    rows = [["点位名称", "采样时间", *headings, *(["化学需氧量（mg/L）"] if more else [])]]
    for row in table.itertuples(index=False):
        texts = ["/" if text is None else text for text in row[3:]]
        name = renamed.get(row.station, row.station)
        rows.append([name, f"{row.time:%Y-%m-%d}", *texts, *(["/"] if more else [])])
    return as_csv(rows, "gbk" if more else "utf-8-sig")


def wu_before(study: Study) -> bytes:
    """The years in which a station had its former name."""
    return wu(study, 2016, 2018, {"戊03": "石桥渡"}, more=False)


def wu_after(study: Study) -> bytes:
    """The years in which its name tells that it was renamed."""
    return wu(study, 2019, 2022, {"戊03": "戊03（石桥渡）", "戊05": "戊05 "}, more=True)


def ji(study: Study) -> bytes:
    """A workbook of two tables under one another."""
    table = visits(study, "己", lambda limit: f"ND({limit})")
    east = table["river"] == "己东河"

    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("己区")
        for title, rows in (("（一）己东河", table[east]), ("（二）其他断面", table[~east])):
            sheet.append([title])
            sheet.append(["测点名称", "年", "月", "日", *NAMES])
            sheet.append([None, None, None, None, *UNITS])
            lines = [
                [row.station, row.time.year, row.time.month, row.time.day, *map(number, row[3:])]
                for row in rows.itertuples(index=False)
            ]
            for line in [*lines, *lines[-10:]]:
                sheet.append(line)
            sheet.append([])

    return as_workbook(fill)


FILES: dict[str, Callable[[Study], bytes]] = {
    "甲区监测结果.xlsx": jia,
    "乙区监测结果.csv": yi,
    "丙区监测结果.csv": bing,
    "丁区监测数据.csv": ding,
    "戊区2016-2018.csv": wu_before,
    "戊区2019-2022.csv": wu_after,
    "己区监测结果.xlsx": ji,
}


def build(folder: Path) -> Path:
    """Write the whole folder anew, but for the page that tells what is in it."""
    study, page = simulate.study(), (DEMO / "README.md").read_bytes()
    study.claims = CLAIMS
    with replacing_folder(folder, "study.toml", HELD) as beside:
        study.to_folder(beside)
        (beside / "README.md").write_bytes(page)
        (beside / "raw").mkdir()
        for name, make in FILES.items():
            (beside / "raw" / name).write_bytes(make(study))
    return folder


if __name__ == "__main__":
    build(DEMO)
