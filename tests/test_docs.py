"""What is written about the project holds together: links resolve, notebooks open and close alike."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "data" / "demo" / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if "made" not in page.parts),
]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
MADE = {"made/atlas": {"ar1.png", "other.png", "recorded.png", "peers.png"}}  # drawn while the site is built


def cells(notebook):
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def text_of(page):
    """Markdown of a page or a notebook, without its code."""
    if page.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in cells(page) if cell["cell_type"] == "markdown")
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """What a heading is linked by, as GitHub and MyST make it."""
    headings = re.findall(r"^#+ +(.+)$", text_of(page), flags=re.MULTILINE)
    plain = (re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda page: page.name)
def test_every_link_within_the_project_resolves(page):
    broken = []
    for target in LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        folder, _, name = path.rpartition("/")
        if name in MADE.get(folder, ()):
            continue
        other = (page.parent / path).resolve() if path else page
        if not other.exists() or (anchor and anchor not in anchors(other)):
            broken.append(target)
    assert not broken


def test_links_and_anchors_are_seen():
    """The two tests above read what they claim to read."""
    assert len(LINK.findall(text_of(ROOT / "README.md"))) > 5
    assert {"grading", "the-step-and-its-interval"} <= anchors(ROOT / "docs" / "methods.md")
    assert "was-it-the-treatment" in anchors(ROOT / "docs" / "guide.md")


@pytest.mark.parametrize("page", ["start.md", "zh.md"])
def test_the_code_of_quick_starts_runs(page, capsys):
    """Block after block, as a reader would paste them; and the sentence that the page quotes is said."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        exec(compile(block, page, "exec"), names)
    (quoted,) = re.findall(r"^> (.+)$", text, flags=re.MULTILINE)
    assert quoted in capsys.readouterr().out.splitlines()


# ---------------------------------------------------------------- notebooks as a course


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
class TestNotebook:
    def test_opens_with_its_question_in_both_languages_and_its_data(self, notebook):
        first = cells(notebook)[0]
        assert first["cell_type"] == "markdown"
        opening = "".join(first["source"])
        assert opening.startswith("# ")
        assert re.search(r"^\*\*Question[.:]?\*\*[.:]? +\S.*\?", opening, flags=re.MULTILINE)
        chinese = re.search(r"^\*\*问题[.：]?\*\*[：:]? *\S.*", opening, flags=re.MULTILINE)
        assert chinese is not None
        assert re.search(r"[\u4e00-\u9fff].*？", chinese[0])
        assert re.search(r"\bdata\b|simulated|made up", opening, flags=re.IGNORECASE)

    def test_closes_with_what_it_shows_and_what_it_does_not(self, notebook):
        last = cells(notebook)[-1]
        assert last["cell_type"] == "markdown"
        assert "".join(last["source"]).startswith("## What this shows, and what it does not\n")
        assert len("".join(last["source"])) > 150

    def test_comes_with_its_outputs_and_nothing_of_this_computer(self, notebook):
        ran = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in ran)
        assert any(cell["outputs"] for cell in ran)
        outputs = [out for cell in ran for out in cell["outputs"]]
        for out in outputs:
            out.get("data", {}).pop("image/png", None)  # letters of a picture may spell anything
        said = json.dumps(outputs, ensure_ascii=False)
        assert not re.search(r"/home/|/tmp/|/root/|C:\\\\Users|0x[0-9a-f]{8}", said)
        kept = set().union(*(cell["metadata"] for cell in cells(notebook)))
        assert "execution" not in kept
