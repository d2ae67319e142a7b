"""Dates and times from text or typed columns."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

VALID_TIMES = "2021-04-05, 2021-04-05 08:00, 2021/4/5, 2021/4/5 08:00, 2021-04"

# Each turns one way of writing into the next; at the end stands ISO 8601. A month is its first day.
# A point does not part year and month: 2021.1 may be October that lost its nought.
_TO_ISO = (
    (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", r"\1-\2-\3"),
    (r"^(\d{4})[-/年](\d{1,2})月?$", r"\1-\2-01"),
    (r"-(\d)\b", r"-0\1"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d):", r"\1 0\2:"),
    (r"^(\d{4}-\d{2}-\d{2})[T\s]+(\d{2}:)", r"\1 \2"),
)
_OFFSET = r"(Z|[-+]\d{2}:?\d{2})"
_ISO = rf"^\d{{4}}-\d{{2}}-\d{{2}}( \d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?( ?{_OFFSET})?)?$"


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
    return pc.if_else(pc.match_substring_regex(texts, _ISO), texts, None)


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
    try:
        return pd.Series(cells.cast(pa.timestamp("us")).to_numpy())
    except pa.ArrowInvalid:
        pass
    coded = cells.fill_null("").dictionary_encode().combine_chunks()
    iso = to_iso(coded.dictionary)
    offset = pc.match_substring_regex(iso, rf":\d{{2}}(\.\d+)? ?{_OFFSET}$").drop_null().to_pylist()
    if any(offset) and not all(offset):
        raise ValueError("some times have an offset from UTC and others have not")
    texts = pd.Series(pd.array(iso, dtype="str"))
    times = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=any(offset))
    return times.take(coded.indices.to_numpy()).reset_index(drop=True)
