"""The site in a browser: built as `make docs` builds it, opened from the disk, without a network."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
OPENED = [
    "index.html",
    "start.html",
    "zh.html",
    "methods.html",
    "atlas.html",
    "made/notebooks/08_controls_and_causality.html",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx", reason="no sphinx: install the docs extra")
    place = tmp_path_factory.mktemp("site")
    asked = [
        "-W",
        "--keep-going",
        "-q",
        "-E",
        "-b",
        "html",
        "-d",
        place / "trees",
        ROOT / "docs",
        place / "html",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *map(str, asked)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return place / "html"


@pytest.fixture
def seen(browser, site):
    """Open a page of the site at a width; the faults that came up are with it."""
    contexts = []

    def open_(name, width):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page, faults = context.new_page(), []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else faults.append(asked.url),
        )
        page.goto((site / name).as_uri())
        return page, faults

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("page_name", OPENED)
def test_pages_open_without_a_network(seen, page_name, width):
    page, faults = seen(page_name, width)
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].filter((i) => !i.naturalWidth).length") == 0
    assert page.evaluate("[...document.images].every((image) => image.alt)")


@pytest.mark.parametrize("page_name", ["index.html", "zh.html", "methods.html"])
def test_pages_can_be_read_by_all(seen, page_name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, _ = seen(page_name, 1280)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 15  # it did look
    grave = [v for v in found["violations"] if v["impact"] in {"serious", "critical"}]
    assert [f"{v['id']}: {v['nodes'][0]['html']}" for v in grave] == []
