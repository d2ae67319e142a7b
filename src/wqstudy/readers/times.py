"""The time of every row: of one column, or put together from year, month, day and clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy.readers.dates import lacks_year, parse_iso, parse_times, told_of_times, with_year
from wqstudy.readers.headings import role_columns
from wqstudy.readers.month_headings import month_columns
from wqstudy.readers.sheet import Sheet, as_arrow, as_text

_LOOKED_AT = 500  # rows that tell what a column of times holds
_CLOCK = r"^\d{1,2}([:：]\d{2}([:：]\d{2}(\.\d+)?)?|[时点](\d{1,2}分?)?)$"
_COUNT = r"^(\d+)(\.0+)?\s*[年月日]?份?$"
_MIDNIGHT = r"[T\s]+00:00(:00(\.0+)?)?$"
_DASH, _SPACE = pa.scalar("-", pa.large_string()), pa.scalar(" ", pa.large_string())
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:\d{2}){0,2}(?!\d)")

_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*[年./-]\s*(0?[1-9]|1[0-2])"
    r"(?:\s*[月./-]\s*(0?[1-9]|[12]\d|3[01])(?!\d)\s*日?|\s*月|(?!\d|\s*[-./]))"
)
_MONTH_ALONE = re.compile(r"\s*(0?[1-9]|1[0-2])\s*月份?\s*")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?(?!\d)")

PARTS = ("year", "month", "day", "clock")


def year_in(text: str) -> int | None:
    """The one year that a text names, or None.

    Examples
    --------
    >>> year_in("北桥2021年监测表"), year_in("20210405"), year_in("2020-2021"), year_in("表1")
    (2021, 2021, None, None)
    """
    years = {int(year) for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def year_of(sheet: Sheet) -> int | None:
    """The year that the sheet's name, its title or the file's name says."""
    return year_in(sheet.name or "") or sheet.year or year_in(Path(sheet.path).name)


def month_in(text: str) -> str | None:
    """The one month, or day, that a text names, as ISO 8601 writes it; else None.

    Examples
    --------
    >>> month_in("北桥2021年8月水质"), month_in("20210805"), month_in("2021-2022年8月"), month_in("2021年")
    ('2021-08', '2021-08-05', None, None)
    """
    found = {tuple(int(number) for number in match.groups() if number) for match in _MONTH.finditer(text)} | {
        tuple(int(number) for number in match.groups() if number) for match in _COMPACT.finditer(text)
    }
    years = {int(year) for year in _YEAR.findall(text)}
    if len(found) != 1 or len(years) > 1:
        return None
    return "-".join(f"{number:02d}" for number in found.pop())


def dated_by_title(sheet: Sheet) -> Sheet:
    """A sheet without a column of times, with one of the month that its name, title or file's name says."""
    roles = role_columns(sheet.headings)
    if "station" not in roles or {"time", *PARTS} & roles.keys() or month_columns(sheet.headings):
        return sheet
    alone = _MONTH_ALONE.fullmatch(sheet.name or "")
    named = f"{sheet.year}年{alone[1]}月" if alone and sheet.year else sheet.name or ""
    for text in (named, *sheet.titles, Path(sheet.path.name.removesuffix(".gz")).stem):
        if (month := month_in(text)) is not None:
            break
    else:
        return sheet
    cells = sheet.cells.copy()
    cells.columns = pd.RangeIndex(cells.shape[1])
    cells[cells.shape[1]] = pd.array([month] * len(cells), dtype="str")
    told = (sheet.heading_row, text, f"time: there is no column of times, {month} of this text put in")
    return replace(sheet, headings=(*sheet.headings, "time"), cells=cells, notes=(*sheet.notes, told))


def time_roles(sheet: Sheet, roles: dict[str, int], candidates: list[int]) -> dict[str, int]:
    """The roles, those of time settled by what the columns hold.

    Parameters
    ----------
    roles
        What the headings say; `year, month, day` may be among them.
    candidates
        Columns whose headings say that they hold times, the best first.

    Returns
    -------
    dict
        `time`, and those of `year, month, day, clock` that the time is put together from.
    """
    parts = {part: roles[part] for part in ("year", "month", "day") if part in roles}
    others = {role: column for role, column in roles.items() if role not in (*PARTS, "time")}
    kinds = {column: _kind(sheet, column) for column in dict.fromkeys([*candidates, *parts.values()])}
    first = {kind: column for column, kind in reversed(kinds.items()) if column in candidates}
    clock = {"clock": first["clock"]} if "clock" in first else {}
    if "full" in first:
        return others | {"time": first["full"]} | clock
    year = {"year": parts["year"]} if "year" in parts else {}
    if "partial" in first:
        return others | {"time": first["partial"]} | year | clock
    if "month" in parts and kinds[parts["month"]] == "count":
        return others | {"time": parts["month"]} | parts | clock
    return others | ({"time": candidates[0]} if candidates else {})


def _kind(sheet: Sheet, column: int) -> str:
    """Whether a column holds full dates, dates without a year, clock times, small numbers, or nothing."""
    cells = sheet.cells.iloc[:_LOOKED_AT, column]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return "full"
    texts = pc.utf8_trim_whitespace(as_text(as_arrow(cells)).fill_null(""))
    texts = texts.filter(pc.not_equal(texts, ""))
    if not len(texts):
        return ""
    if pc.all(pc.match_substring_regex(texts, _CLOCK)).as_py():
        return "clock"
    if pc.all(pc.match_substring_regex(texts, r"^\d{1,2}(\.0+)?\s*月?份?$")).as_py():
        return "count"
    return "partial" if pc.any(lacks_year(texts)).as_py() else "full"


def read_times(
    sheet: Sheet, roles: dict[str, int]
) -> tuple[pd.Series, Callable[[], pd.Series], dict[str, str]]:
    """Time of every row, NaT where it is not known; what gives its text; what the ledger must say of them.

    Raises
    ------
    ReadError
        If some times have an offset and others have not, or if the year is nowhere said.
    """
    column = roles["time"]
    cells = sheet.cells.iloc[:, column]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype) and not set(PARTS) & roles.keys():
        return cells.reset_index(drop=True), partial(sheet.names, column), {}
    texts, told = _texts(sheet, roles)
    times = parse_iso(texts)
    if times is None:
        texts, put_in = _in_a_year(sheet, texts, column)
        told |= put_in | told_of_times(texts.unique())
        try:
            times = parse_times(texts)
        except ValueError as problem:
            raise sheet.error(
                str(problem), column=column, mend="write all times with an offset, or none"
            ) from None
    return times, lambda: pd.Series(pd.array(texts, dtype="str")), told


def _texts(sheet: Sheet, roles: dict[str, int]) -> tuple[pa.ChunkedArray, dict[str, str]]:
    """The text of every row's time, put together where that takes several columns."""
    count = {part: _counts(sheet, roles[part]) for part in ("year", "month", "day") if part in roles}
    told = {}
    if "month" in count:
        if list(count) == ["month"]:
            count["day"] = pa.scalar("月", pa.large_string())
        texts = pc.binary_join_element_wise(*count.values(), _DASH)
        texts = pc.replace_substring(texts, "-月", "月")
        blank = pc.equal(sheet.trimmed(roles["month"]), "")
        if "year" in count:
            blank = pc.or_(blank, pc.equal(count["year"], ""))
        texts = pc.if_else(blank, "", texts)
    else:
        texts = sheet.names_as_arrow(roles["time"])
        if "year" in count:
            texts = with_year(texts, count["year"])
    if "clock" in roles:
        date = pc.replace_substring_regex(texts, _MIDNIGHT, "")
        clock = sheet.names_as_arrow(roles["clock"])
        timed = pc.and_(pc.not_equal(clock, ""), pc.invert(pc.match_substring_regex(date, "[:时点]")))
        texts = pc.if_else(timed, pc.binary_join_element_wise(date, clock, _SPACE), texts)
    used = [sheet.headings[roles[part]] for part in PARTS if part in roles]
    if used:
        whole = dict.fromkeys([sheet.headings[roles["time"]], *used])
        told[" + ".join(whole)] = "time: put together from these columns"
    return texts, told


def _counts(sheet: Sheet, column: int) -> pa.ChunkedArray:
    return pc.replace_substring_regex(sheet.trimmed(column), _COUNT, r"\1")


def _in_a_year(sheet: Sheet, texts: pa.ChunkedArray, column: int) -> tuple[pa.ChunkedArray, dict[str, str]]:
    """The texts, with the sheet's year before those that name none."""
    lacking = lacks_year(texts)
    if not pc.any(lacking).as_py():
        return texts, {}
    first = texts.filter(lacking)[0].as_py()
    if sheet.year is None:
        if not sheet.strict:
            return texts, {}
        raise sheet.error(
            f"time {first!r} names no year, and neither the file nor the sheet does in its name",
            position=pc.index(lacking, value=True).as_py(),
            column=column,
            mend="say it: read(path, year=2021), on the command line --year 2021",
        )
    told = {first: f"time: names no year, {sheet.year} put in"}
    return with_year(texts, pa.scalar(str(sheet.year), pa.large_string())), told
