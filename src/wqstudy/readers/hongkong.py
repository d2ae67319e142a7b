"""River monitoring tables of Hong Kong's Environmental Protection Department, one CSV file a year."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from wqstudy.readers.layout import lay_out
from wqstudy.readers.part import Part
from wqstudy.readers.sheet import Sheet
from wqstudy.readers.tables import read_wide

_HEADINGS = ("Water Control Zone", "River", "Station", "Dates", "Sample No")


def recognises(sheet: Sheet) -> bool:
    """Whether the table begins as the department's river tables do."""
    return sheet.headings[: len(_HEADINGS)] == _HEADINGS


def read(sheet: Sheet, wanted: Collection[str] | None = None) -> Part:
    """Samples of one year; the water control zone stands as the district, and all stations are on rivers."""
    layout = lay_out(sheet, wanted)
    zone, sample = sheet.headings.index("Water Control Zone"), sheet.headings.index("Sample No")
    layout = replace(layout, roles=layout.roles | {"district": zone}, carried={"sample_no": sample})
    part = read_wide(sheet, wanted, layout)
    stations = part.places["station"].drop_duplicates()
    river = pd.DataFrame({"station": stations, "role": "water_body", "text": "river", "n": 1})
    return replace(part, places=pd.concat([part.places, river], ignore_index=True))
