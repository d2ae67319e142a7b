import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from wqstudy import account_words, readers


@pytest.fixture(scope="session", autouse=True)
def _every_reason_has_words_in_chinese():
    """Whatever a test here reads: what its ledger says can be said in Chinese, but for a table's fault."""
    made = readers.Reading

    def checked(**fields):
        reading = made(**fields)
        for text in reading.ledger["reason"].dropna().unique():
            fault = re.match(r"/|[A-Za-z]:\\", text)  # begins with the file
            assert fault or account_words.known(text), text
        return reading

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "Reading", checked)
        yield


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a text (or bytes) to a file of a scratch folder."""

    def put(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: by the name of each sheet its rows, and by the name the cells to merge."""

    def put(
        sheets: dict[str, list[list]], merged: dict[str, list[str]] | None = None, name="book.xlsx"
    ) -> Path:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for cells in (merged or {}).get(title, []):
                sheet.merge_cells(cells)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return put
