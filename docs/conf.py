"""How the site is made: pages of this folder, notebooks with their stored outputs, docstrings, the atlas."""

import inspect
import json
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "src"), str(HERE / "_extensions")]

import wqstudy  # noqa: E402 - from the folder beside this one
from wqstudy import calibration, plots  # noqa: E402

project = "wqstudy"
author = "The wqstudy developers"
release = version = wqstudy.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
extensions += ["mathml", "legible"]  # in _extensions
exclude_patterns = ["_extensions"]
templates_path = []

# ---------------------------------------------------------------- pages

nb_execution_mode = "off"
myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"
suppress_warnings = ["myst.header"]  # notebooks may begin a section below the level above it

# ---------------------------------------------------------------- docstrings

default_role = "py:obj"
autodoc_typehints = "none"  # the signature has them
autodoc_member_order = "bysource"
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

# ---------------------------------------------------------------- the look; nothing is fetched from elsewhere

html_theme = "pydata_sphinx_theme"
html_title = "wqstudy"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 7,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {page: [] for page in ("index", "start", "own_data", "guide", "methods", "zh")}
copyright = "The wqstudy developers, BSD-3-Clause"  # noqa: A001 - Sphinx asks for this name

# ---------------------------------------------------------------- what is made before the pages are read

MADE = HERE / "made"
MODULES = {
    "wqstudy": "Everything that most studies need.",
    "wqstudy.grading": "How good is the water?",
    "wqstudy.stats": "Did it change? The tests, numbers in and numbers out.",
    "wqstudy.effects": "Was it the treatment?",
    "wqstudy.loads": "How much pollution passed?",
    "wqstudy.calibration": "How often is a test wrong?",
    "wqstudy.plots": "Pictures.",
    "wqstudy.datasets": "Data sets by name.",
    "wqstudy.simulate": "Studies with known truth.",
    "wqstudy.results": "What inferences return.",
    "wqstudy.parameters": "Parameters and their units.",
    "wqstudy.words": "What the package says, in English and Chinese.",
}


def public(name: str) -> list[str]:
    """Functions and classes that a module hands out."""
    module = import_module(name)
    names = getattr(module, "__all__", None) or [
        one for one, thing in vars(module).items() if getattr(thing, "__module__", None) == name
    ]
    found = [one for one in names if not one.startswith("_")]
    return sorted(
        one for one in found if inspect.isroutine(it := getattr(module, one)) or inspect.isclass(it)
    )


def reference(name: str, what: str, told: set[type]) -> str:
    """The page of a module: a list, then every docstring; a class has only one page."""
    lines = [name, "=" * len(name), "", what, "", f".. currentmodule:: {name}", ""]
    module = import_module(name)
    names = [one for one in public(name) if getattr(module, one) not in told]
    told |= {thing for one in names if inspect.isclass(thing := getattr(module, one))}
    lines += [".. autosummary::", "   :nosignatures:", "", *(f"   {one}" for one in names), ""]
    for one in names:
        is_class = inspect.isclass(getattr(module, one))
        lines += [one, "-" * len(one), "", f".. auto{'class' if is_class else 'function'}:: {one}"]
        lines += ["   :members:", ""] if is_class else [""]
    return "\n".join(lines)


def course() -> str:
    """The notebooks in the order to read them, each with its questions in both languages."""
    lines = [
        "# Notebooks",
        "",
        "In the order to read them. Each opens with a question and its data, and closes with",
        "what it shows and what it does not. Outputs are those that the tests compare.",
        "",
    ]
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        opening = "".join(json.loads(file.read_text(encoding="utf-8"))["cells"][0]["source"])
        said = [line for line in opening.splitlines() if line.startswith(("**Question", "**问题"))]
        lines += [f"* {{doc}}`notebooks/{file.stem}`", *(f"  <br>{line}" for line in said), ""]
    lines += ["```{toctree}", ":hidden:", ":glob:", "", "notebooks/*", "```", ""]
    return "\n".join(lines)


def figures(folder: Path) -> None:
    """The atlas as pictures, from the tables that are kept."""
    table = calibration.atlas()
    plain = table[(table["split"] == "1:1") & (table[["season", "missing", "non_detects"]] == 0).all(axis=1)]
    alone = plain["noise"].str.match(r"AR\(1\) 0\.\d$")
    peers = pd.read_csv(ROOT / "benchmarks" / "results" / "peers_size.csv")
    peers = peers.assign(noise="AR(1) " + peers["phi"].astype(str), size=peers["rejected"])
    real = calibration.recorded_atlas()
    drawn = {
        "ar1": plots.atlas(plain[alone]),
        "other": plots.atlas(plain[~alone & (plain["months"] >= 36)]),
        "recorded": plots.atlas(real.assign(noise=real["source"] + ", " + real["parameter"])),
        "peers": plots.atlas(peers),
    }
    with plots.style():
        for name, figure in drawn.items():
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})


def make() -> None:
    """Fill `made` anew."""
    shutil.rmtree(MADE, ignore_errors=True)
    for name in ("api", "notebooks", "atlas"):
        (MADE / name).mkdir(parents=True)
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        # Links to pages of this folder start two floors down here.
        text = file.read_text(encoding="utf-8").replace("](../docs/", "](../../")
        (MADE / "notebooks" / file.name).write_text(text, encoding="utf-8", newline="\n")
    told: set[type] = set()
    for name, what in MODULES.items():
        (MADE / "api" / f"{name}.rst").write_text(reference(name, what, told), encoding="utf-8")
    (MADE / "course.md").write_text(course(), encoding="utf-8")
    figures(MADE / "atlas")


make()
