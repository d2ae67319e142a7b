"""The files that describe the project say the same thing."""

import csv
import re
import tomllib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import wqstudy

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

# conda-forge splits some packages by what they need; the rest bear the same name in both worlds.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "pandera": "pandera-pandas"}
ENTRY = re.compile(
    r"^(?P<name>\S+?)==(?P<version>\S+?)(?: ; [^\\]+)? \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)",
    re.MULTILINE,
)


def floors(lines: Iterable[str]) -> dict[str, str]:
    """Floor of every name; a name that is asked for twice must have one floor."""
    pairs = {(canonicalize_name(r.name), str(r.specifier)) for r in map(Requirement, lines)}
    assert len(pairs) == len(dict(pairs)), "one package with two floors"
    return dict(pairs)


ASKED = floors([*PROJECT["dependencies"], *chain.from_iterable(PROJECT["optional-dependencies"].values())])


def test_environment_asks_for_what_the_project_asks_for():
    lines = ENVIRONMENT["dependencies"]
    conda = floors([line for line in lines if isinstance(line, str)])
    (pip,) = [floors(line["pip"]) for line in lines if isinstance(line, dict)]
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    assert not conda.keys() & pip.keys()
    assert conda | pip == {CONDA_NAMES.get(name, name): floor for name, floor in ASKED.items()}


def test_lock_names_no_index_and_no_place():
    assert not re.search(r"://|^\s*--(?!hash=)|^-| @ ", LOCK, re.MULTILINE)


def test_lock_pins_every_entry_with_hashes():
    assert ENTRY.sub("", LOCK).strip() == ""
    for entry in ENTRY.finditer(LOCK):
        hashes = re.findall(r"--hash=(\S+)", entry["hashes"])
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes)


@pytest.mark.parametrize(("name", "floor"), sorted(ASKED.items()))
def test_lock_holds_every_dependency_above_its_floor(name, floor):
    pinned = [entry["version"] for entry in ENTRY.finditer(LOCK) if canonicalize_name(entry["name"]) == name]
    assert pinned, f"{name} is not in requirements.lock: run make lock"
    assert all(Requirement(f"{name}{floor}").specifier.contains(version) for version in pinned)


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["version"] == wqstudy.__version__ == citation["version"]
    assert f"## [{wqstudy.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_one_licence_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["license"] == citation["license"] == "BSD-3-Clause"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("BSD 3-Clause License")


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/decisions/0006-default-test.md"])
def test_the_coverage_told_is_the_one_measured(page):
    with (ROOT / "benchmarks/results/coverage.csv").open(encoding="utf-8", newline="") as file:
        measured = next(csv.DictReader(file))
    assert (measured["parameter"], measured["group"]) == ("all", "all")
    text = (ROOT / page).read_text(encoding="utf-8")
    assert f"{100 * float(measured['coverage']):.1f} %" in text
    for number in re.findall(r"(?:Over )?(\d+) simulated studies", text):
        assert number == measured["studies"]
