"""Tests and notebooks that need what is not in the repository are skipped, and say what is missing."""

import os
from pathlib import Path

import pytest

REAL_FOLDER = "hongkong-rivers"
NOTEBOOK_NEEDS = {
    "hongkong": "hongkong-rivers",
    "taihu": "lake-taihu",
    "cnemc": "cnemc",
    "loads": "usgs-loads",
}
NO_REAL = "real data not present: set WQSTUDY_DATA to the folder that holds {folder} (see README, Real data)"
NO_ORACLES = (
    "oracle numbers not present: set WQSTUDY_ORACLES to the folder that holds them (see README, Real data)"
)


def present(variable: str, folder: str = "") -> bool:
    """Whether the environment variable names a folder that is there and holds `folder`."""
    root = os.environ.get(variable)
    return bool(root) and Path(root, folder).is_dir()


def needed_folders(item: pytest.Item) -> list[str]:
    """Folders of real data that a test's `real` mark, or its notebook's metadata, asks for."""
    folders = [f for mark in item.iter_markers("real") for f in mark.args or (REAL_FOLDER,)]
    notebook = getattr(item.parent, "nb", None)
    if notebook is not None and (need := notebook.metadata.get("wqstudy", {}).get("needs")):
        if need not in NOTEBOOK_NEEDS:
            valid = ", ".join(NOTEBOOK_NEEDS)
            raise pytest.UsageError(f"{item.path.name}: metadata wqstudy.needs is {need!r}. Valid: {valid}.")
        folders.append(NOTEBOOK_NEEDS[need])
    return folders


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for folder in needed_folders(item):
            if not present("WQSTUDY_DATA", folder):
                item.add_marker(pytest.mark.skip(reason=NO_REAL.format(folder=folder)))
        if item.get_closest_marker("oracle") and not present("WQSTUDY_ORACLES"):
            item.add_marker(pytest.mark.skip(reason=NO_ORACLES))
