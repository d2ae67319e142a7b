"""Dates and times from text or typed columns."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wqstudy import rules

VALID_TIMES = "2021-04-05, 2021-04-05 08:00, 2021/4/5, 2021年4月5日, 2021-04, 202104, 2021年一季度"

# Each turns one way of writing into the next; at the end stands ISO 8601. A month is its first day, a quarter
# the first day of its first month. A point does not part year and month: 2021.1 may be October that lost
# its nought.
_QUARTERS = (("一1", "01"), ("二2", "04"), ("三3", "07"), ("四4", "10"))
_TO_ISO = (
    (r"^(\d{4}-\d{2}-\d{2}[T\s]\d{2}:\d{2}:\d{2})\.0+$", r"\1"),
    *((rf"^(\d{{4}})[-/年]?第?[Qq]?[{digit}](?:季度|季)$", rf"\1-{month}-01") for digit, month in _QUARTERS),
    *((rf"^(\d{{4}})[-/年]?[Qq]{digit[1]}$", rf"\1-{month}-01") for digit, month in _QUARTERS),
    (r"^((?:19|20)\d{2})(0[1-9]|1[0-2])$", r"\1-\2-01"),
    (r"^((?:19|20)\d{2})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*", r"\1-\2-\3 "),
    (r" $", ""),
    (r"^(\d{4})\s*[-/年]\s*(\d{1,2})\s*月?$", r"\1-\2-01"),
    (r"-(\d)\b", r"-0\1"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]*(\d{1,2})[时点]$", r"\1 \2:00"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]*(\d{1,2})[时点](\d{1,2})分?$", r"\1 \2:\3"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d):", r"\1 0\2:"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d{2}):(\d)$", r"\1 \2:0\3"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d{2}:)", r"\1 \2"),
)
_OFFSET = r"(Z|[-+]\d{2}:?\d{2})"
_ISO = rf"^\d{{4}}-\d{{2}}-\d{{2}}( \d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?( ?{_OFFSET})?)?$"

# Days since the end of 1899, as spreadsheets count: 20000 is in 1954, 60000 in 2064.
_SERIAL = r"^[2-5]\d{4}(\.\d+)?$"
_SERIAL_START = pd.Timestamp("1899-12-30")
_QUARTER = r"^\d{4}\D*(季|[Qq])"
_NO_YEAR = r"^\d{1,2}([-/.月]\d{1,2}日?([T\s]*\d{1,2}[:时点].*)?|月)$"


def years() -> tuple[int, int]:
    """The first and the last year that a time is believed in.

    Examples
    --------
    >>> years()
    (1900, 2100)
    """
    first, last = rules.load("readers")["years"]["believed"]
    return first, last


def to_iso(texts: pa.Array) -> pa.Array:
    """Dates in ISO 8601, null where the text is not understood.

    Examples
    --------
    >>> to_iso(pa.array(["2021/4/5 8:00", "2021-04", "2021年4月5日", "4 May"])).to_pylist()
    ['2021-04-05 08:00', '2021-04-01', '2021-04-05', None]
    """
    texts = pc.utf8_trim_whitespace(pc.utf8_normalize(texts, "NFKC"))
    for written, put in _TO_ISO:
        texts = pc.replace_substring_regex(texts, written, put)
    return pc.if_else(pc.match_substring_regex(texts, _ISO), texts, _serials_as_iso(texts))


def _serials_as_iso(texts: pa.Array) -> pa.Array:
    """What spreadsheets call a date when it lost its form, to the nearest second; null for other texts."""
    serial = pc.match_substring_regex(texts, _SERIAL)
    days = pc.if_else(serial, texts, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    times = (_SERIAL_START + pd.to_timedelta(days, unit="D")).round("s")
    return pa.array(times.strftime("%Y-%m-%d %H:%M:%S"), pa.large_string(), from_pandas=True)


def with_year(texts: pa.Array, years: pa.Array | pa.Scalar) -> pa.Array:
    """Texts that name no year, with the year before them.

    Parameters
    ----------
    years
        One year for all texts, or one for each.

    Examples
    --------
    >>> with_year(pa.array(["04-05 08:00", "4月", "2020-01-02"]), pa.scalar("2021")).to_pylist()
    ['2021-04-05 08:00', '2021-4月', '2020-01-02']
    """
    joined = pc.binary_join_element_wise(years, texts, pa.scalar("-", texts.type))
    return pc.if_else(lacks_year(texts), joined, texts)


def lacks_year(texts: pa.Array) -> pa.Array:
    """Which texts are a month, a day or a time of a year that they do not name."""
    return pc.match_substring_regex(pc.utf8_trim_whitespace(pc.utf8_normalize(texts, "NFKC")), _NO_YEAR)


def told_of_times(texts: pa.Array) -> dict[str, str]:
    """What the ledger says of ways of writing times that put something in: first such text, and what.

    Examples
    --------
    >>> told_of_times(pa.array(["2021-04-05", "2021年一季度"]))
    {'2021年一季度': 'time: a quarter is taken as its first day'}
    """
    told = {}
    for written, reason in (
        (_SERIAL, "time: numbers are taken as a spreadsheet's days since 1899-12-30"),
        (_QUARTER, "time: a quarter is taken as its first day"),
    ):
        found = texts.filter(pc.match_substring_regex(texts, written))
        if len(found):
            told[found[0].as_py()] = reason
    return told


def parse_times(cells: pa.ChunkedArray) -> pd.Series:
    """Times from text; NaT where it is blank or not understood.

    Parameters
    ----------
    cells
        Text. Arrow reads plain ISO dates by itself; other spellings are looked at once each.

    Returns
    -------
    Series
        `datetime64`; with the time zone UTC if the texts have offsets.

    Raises
    ------
    ValueError
        If some texts have an offset from UTC and others have not.

    Examples
    --------
    >>> parse_times(pa.chunked_array([["2021-04-05", "2021/4/6"]])).dt.day.tolist()
    [5, 6]
    """
    plain = parse_iso(cells)
    if plain is not None:
        return plain
    coded = cells.fill_null("").dictionary_encode().combine_chunks()
    iso = to_iso(coded.dictionary)
    offset = pc.match_substring_regex(iso, rf":\d{{2}}(\.\d+)? ?{_OFFSET}$").drop_null().to_pylist()
    if any(offset) and not all(offset):
        raise ValueError("some times have an offset from UTC and others have not")
    texts = pd.Series(pd.array(iso, dtype="str"))
    times = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=any(offset))
    return times.take(coded.indices.to_numpy()).reset_index(drop=True)


def parse_iso(cells: pa.ChunkedArray) -> pd.Series | None:
    """Times from plain ISO 8601 text, the quick way; None if some text is not that."""
    try:
        return pd.Series(cells.cast(pa.timestamp("us")).to_numpy())
    except pa.ArrowInvalid:
        return None
