"""What needs real data or oracle numbers is skipped with a reason where they are absent, and else runs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REASON = (
    "real data not present: set WQSTUDY_DATA to the folder that holds hongkong-rivers (see README, Real data)"
)
ORACLE_REASON = (
    "oracle numbers not present: set WQSTUDY_ORACLES to the folder that holds them (see README, Real data)"
)
MARKED = """
import pytest

@pytest.mark.real
def test_real(): pass

@pytest.mark.real("lake-taihu")
def test_other_folder(): pass

@pytest.mark.oracle
def test_oracle(): pass

def test_plain(): pass
"""


def notebook(**metadata: object) -> str:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "sum",
        "metadata": {},
        "outputs": [
            {
                "data": {"text/plain": ["2"]},
                "execution_count": 1,
                "metadata": {},
                "output_type": "execute_result",
            }
        ],
        "source": ["1 + 1"],
    }
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def run(tmp_path):
    """Run pytest with the repository's conftest on the files of a scratch folder."""
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    real\n    oracle\n", encoding="utf-8")

    def call(*options: str, **variables: Path) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("WQSTUDY_", "PYTEST_"))}
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env=kept | {"PYTHONUTF8": "1"} | {name: str(path) for name, path in variables.items()},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert result.returncode in (0, 1), result.stdout + result.stderr
        return result.stdout

    return call


def test_marked_tests_are_skipped_with_their_reason(run, tmp_path):
    (tmp_path / "test_marked.py").write_text(MARKED, encoding="utf-8")
    out = run(WQSTUDY_DATA=tmp_path / "nowhere")
    assert "1 passed, 3 skipped" in out
    assert REASON in out
    assert REASON.replace("hongkong-rivers", "lake-taihu") in out
    assert ORACLE_REASON in out


def test_marked_tests_run_where_their_folder_is(run, tmp_path):
    (tmp_path / "test_marked.py").write_text(MARKED, encoding="utf-8")
    (tmp_path / "hongkong-rivers").mkdir()
    out = run(WQSTUDY_DATA=tmp_path, WQSTUDY_ORACLES=tmp_path)
    assert "3 passed, 1 skipped" in out
    assert REASON not in out
    assert REASON.replace("hongkong-rivers", "lake-taihu") in out


def test_notebook_that_needs_real_data_is_skipped_with_its_reason(run, tmp_path):
    (tmp_path / "real.ipynb").write_text(notebook(wqstudy={"needs": "hongkong"}), encoding="utf-8")
    out = run("--nbval", "--nbval-current-env")
    assert "1 skipped" in out
    assert "passed" not in out
    assert REASON in out


def test_notebooks_run_where_their_data_are(run, tmp_path):
    (tmp_path / "real.ipynb").write_text(notebook(wqstudy={"needs": "hongkong"}), encoding="utf-8")
    (tmp_path / "plain.ipynb").write_text(notebook(), encoding="utf-8")
    (tmp_path / "hongkong-rivers").mkdir()
    out = run("--nbval", "--nbval-current-env", WQSTUDY_DATA=tmp_path)
    assert "2 passed" in out
    assert "skipped" not in out


def test_notebook_with_a_need_that_nobody_knows_is_an_error(run, tmp_path):
    (tmp_path / "odd.ipynb").write_text(notebook(wqstudy={"needs": "hong kong"}), encoding="utf-8")
    with pytest.raises(AssertionError, match="Valid: hongkong"):
        run("--nbval", "--nbval-current-env")
