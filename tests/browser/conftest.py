"""A headless browser, and the pages that are opened in it. Without a browser these tests are skipped."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wqstudy import Study, datasets
from wqstudy.report import bulletin, run
from wqstudy.report.content import documents
from wqstudy.report.page import page_of

NO_BROWSER = "no browser: install chromium (apt install chromium), and playwright from the dev extra"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
WIDTHS = (1280, 390)


def report(*langs: str) -> Callable[[Path, Study], Path]:
    """The demonstration's page in one language or in both."""

    def made(folder: Path, _hostile: Study) -> Path:
        whole = folder / "demo"
        if not whole.is_dir():
            run(datasets.load("demo"), whole, lang="both")
        results = json.loads((whole / "results.json").read_text("utf-8"))
        parts = {part.lang: part for part in documents(results)}
        page = folder / f"{'-'.join(langs)}.html"
        page.write_text(page_of([parts[lang] for lang in langs], whole), encoding="utf-8", newline="\n")
        return page

    return made


def hostile_report(folder: Path, hostile: Study) -> Path:
    """A page of names that mean harm."""
    run(hostile, folder / "hostile", lang="both")
    return folder / "hostile" / "index.html"


def of_month(lang: str) -> Callable[[Path, Study], Path]:
    """A month of the demonstration."""

    def made(folder: Path, _hostile: Study) -> Path:
        bulletin(datasets.load("demo"), "2021-08", folder / f"bulletin-{lang}.html", lang=lang)
        return folder / f"bulletin-{lang}.html"

    return made


def long_bulletin(folder: Path, _hostile: Study) -> Path:
    """Two hundred sections in twenty districts, most of them bad, each with a target."""
    rng = np.random.default_rng(1)
    names = [f"断面{number:03d}" for number in range(200)]
    days = pd.to_datetime(["2020-08-05", "2021-07-05", "2021-08-05"])
    table = pd.MultiIndex.from_product([names, days, ["NH3N", "TP", "CODMn"]]).to_frame(index=False)
    table.columns = ["station", "time", "parameter"]
    centre = table["parameter"].map({"NH3N": 0.0, "TP": -1.6, "CODMn": 1.5})
    samples = table.assign(value=np.exp(rng.normal(centre, 0.8)))
    stations = pd.DataFrame({"station": names, "district": [f"区{n % 20}" for n in range(200)]})
    targets = pd.DataFrame({"station": names, "target_class": 3, "due": ["2021-08-31", "2022-12-31"] * 100})
    bulletin(Study(samples, stations, targets=targets), "2021-08", folder / "long.html", lang="both")
    return folder / "long.html"


def hostile_bulletin(folder: Path, hostile: Study) -> Path:
    bulletin(hostile, "2019-03", folder / "hostile.html", lang="both")
    return folder / "hostile.html"


# Another page is one more line: its name, and what makes it in a folder.
PAGES: dict[str, Callable[[Path, Study], Path]] = {
    "report-en": report("en"),
    "report-zh": report("zh"),
    "report-both": report("en", "zh"),
    "report-hostile": hostile_report,
    "bulletin-en": of_month("en"),
    "bulletin-zh": of_month("zh"),
    "bulletin-long": long_bulletin,
    "bulletin-hostile": hostile_bulletin,
}


def pytest_generate_tests(metafunc):
    """Tests that ask for a `name` or a `width` run for each."""
    given = {one for mark in metafunc.definition.iter_markers("parametrize") for one in _names(mark.args[0])}
    for asked, values in (("name", PAGES), ("width", WIDTHS)):
        if asked in metafunc.fixturenames and asked not in given:
            metafunc.parametrize(asked, list(values))


def _names(argument):
    return argument.replace(",", " ").split() if isinstance(argument, str) else argument


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason=NO_BROWSER)
    place = next(filter(None, map(shutil.which, NAMES)), None)
    if place is None:
        pytest.skip(NO_BROWSER)
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=place, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory, hostile):
    """The file of a page by its name, made when first asked for."""
    folder = tmp_path_factory.mktemp("pages")
    held: dict[str, Path] = {}

    def made(name: str) -> Path:
        if name not in held:
            held[name] = PAGES[name](folder, hostile)
        return held[name]

    return made


@pytest.fixture
def opened(browser, page_file):
    """Open a page at a width; at the end nothing may have gone wrong or left the machine."""
    contexts, faults = [], []

    def open_(name: str, width: int = 1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("file:", "data:")) else faults.append(asked.url),
        )
        page.goto(page_file(name).as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults
