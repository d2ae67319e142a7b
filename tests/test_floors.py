"""Imports point down: a module of one floor knows nothing of the floors above it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "wqstudy"

FLOORS = {
    0: {"errors", "results", "stats"},
    1: {
        "account_words",
        "doubts",
        "outputs",
        "parameters",
        "progress",
        "rules",
        "samples",
        "schemas",
        "shown",
        "words",
    },
    2: {"datasets", "folder", "readers", "simulate", "study", "windows"},
    3: {
        "calibration",
        "comparison",
        "effects",
        "grading",
        "loads",
        "multiplicity",
        "pairs",
        "pooled",
        "scale",
        "series",
        "trends",
    },
    4: {"plots", "report", "versions"},
    5: {
        "__main__",
        "cli",
        "cli_attain",
        "cli_bulletin",
        "cli_calibrate",
        "cli_claims",
        "cli_check",
        "cli_common",
        "cli_data",
        "cli_evaluate",
        "cli_grade",
        "cli_plan",
        "cli_loads",
        "cli_report",
    },
}
FLOOR = {unit: floor for floor, units in FLOORS.items() for unit in units}
# `wqstudy` itself hands out names of every floor, so only the top floor may import it.
FLOOR[""] = max(FLOORS)

STATS_MAY_IMPORT = {"numpy", "scipy", "numba", "lazy_loader"}
STATS_MAY_USE = {"errors", "results", "stats"}


def modules() -> dict[str, Path]:
    """Dotted name of every module below `wqstudy`, and its file."""
    found = {}
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(("wqstudy", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        found[name] = file
    del found["wqstudy"]  # it imports lazily, from its stub
    return found


MODULES = modules()


def unit_of(name: str) -> str:
    """The part of `wqstudy` that a module belongs to: `wqstudy.stats.step` belongs to `stats`."""
    return name.partition(".")[2].partition(".")[0]


def imported(node: ast.stmt, module: str) -> Iterator[str]:
    """Absolute dotted names that an import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
        base = node.module or ""
        if node.level:
            anchor = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*anchor, *([node.module] if node.module else [])])
        if base == "wqstudy":
            yield from (f"wqstudy.{alias.name}" for alias in node.names)
        else:
            yield base


def imports(module: str, *, only_on_loading: bool = False) -> Iterator[tuple[int, str]]:
    """Line and absolute name of every import of a module, or of those that run when it is loaded."""
    todo: list[ast.AST] = [ast.parse(MODULES[module].read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, name) for name in imported(node, module))
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        )
        if not (only_on_loading and lazy):
            todo.extend(ast.iter_child_nodes(node))


def test_every_module_has_a_floor():
    assert {unit_of(name) for name in MODULES} <= FLOOR.keys()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    own = FLOOR[unit_of(module)]
    wrong = [
        f"{MODULES[module].name}:{line} imports {name}"
        for line, name in imports(module)
        if name.split(".")[0] == "wqstudy"
        and name != "wqstudy.__version__"
        and FLOOR.get(unit_of(name), max(FLOORS) + 1) > own
    ]
    assert not wrong, f"floor {own} may import from itself and from below only"


def test_no_two_parts_load_each_other():
    graph = {unit: set() for unit in FLOOR}
    for module in MODULES:
        for _, name in imports(module, only_on_loading=True):
            if name.startswith("wqstudy.") and unit_of(name) != unit_of(module):
                graph[unit_of(module)].add(unit_of(name))
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", [name for name in MODULES if unit_of(name) == "stats"])
def test_stats_imports_numbers_only(module):
    for line, name in imports(module):
        top = name.split(".")[0]
        allowed = STATS_MAY_IMPORT | sys.stdlib_module_names
        fine = unit_of(name) in STATS_MAY_USE if top == "wqstudy" else top in allowed
        assert fine, f"{MODULES[module].name}:{line} imports {name}"


def test_stats_loads_without_pandas():
    names = [name for name in MODULES if unit_of(name) == "stats"]
    assert names
    code = f"import sys, {', '.join(names)}; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_public_function_bears_the_name_of_a_submodule():
    import wqstudy

    submodules = {unit_of(name) for name in MODULES}
    stub = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    taken = {
        alias.asname or alias.name
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }
    assert taken <= set(wqstudy.__all__)
    assert not taken & submodules
