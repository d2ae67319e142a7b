"""Every page in a browser: it works by mouse and keyboard, asks the network for nothing, and can be read."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

pytestmark = pytest.mark.browser

SIGNS = 0x20FF  # letters and punctuation up to here are in every computer's fonts


def test_nothing_sticks_out(opened, name, width):
    page = opened(name, width)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate("[...document.images].filter((i) => !i.complete || !i.naturalWidth).length")
    assert wide == 0  # every figure is drawn


def test_it_can_be_read_by_all(opened, name, width):
    """No violation that axe-core knows of: contrast, names, headings, landmarks, tables, figures' texts."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(name, width)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 20  # it did look
    assert [f"{v['id']}: {v['nodes'][0]['html']}" for v in found["violations"]] == []
    described = page.evaluate("[...document.images].map((image) => image.alt)")
    assert all(re.search(r"\d", text) for text in described)


def test_no_letter_is_a_box(opened, page_file, name):
    """What computers may lack, the font inside the page has."""
    said = opened(name).evaluate("document.body.textContent")
    code = re.search(r"data:font/woff;base64,([^)]+)\)", page_file(name).read_text("utf-8"))[1]
    known = TTFont(io.BytesIO(base64.b64decode(code))).getBestCmap()
    lost = {letter for letter in said if ord(letter) > SIGNS and ord(letter) not in known}
    assert lost == ({"🧪", "\ufe0f"} & set(said) if "hostile" in name else set())


# ---------------------------------------------------------------- tables


def numbers(page, column):
    """The numbers of a column of the first table, from top to bottom, of the rows that are shown."""
    return page.evaluate(
        "(c) => [...document.querySelector('.part:not([hidden]) [data-tools] tbody').rows]"
        ".filter((row) => !row.hidden).map((row) => Number(row.cells[c].dataset.key))",
        column,
    )


@pytest.mark.parametrize("name", ["report-en", "report-zh", "report-both"])
def test_rows_are_sorted_by_keyboard(opened, name, width):
    page = opened(name, width)
    head = page.locator(".part:not([hidden]) [data-tools] thead th").nth(1)
    assert head.get_attribute("aria-sort") == "none"
    before = numbers(page, 1)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert numbers(page, 1) == sorted(before) != before
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert numbers(page, 1) == sorted(before, reverse=True)
    told = page.locator(".part:not([hidden]) [data-tools] output").first.text_content()
    assert head.text_content().strip() in told
    other = page.locator(".part:not([hidden]) [data-tools] thead th").nth(2)
    other.locator("button").click()
    assert (head.get_attribute("aria-sort"), other.get_attribute("aria-sort")) == ("none", "ascending")


@pytest.mark.parametrize(
    ("name", "word", "said"), [("report-en", "jia", "1 of 6"), ("report-zh", "甲", "1行")]
)
def test_rows_are_filtered(opened, name, word, said, width):
    page = opened(name, width)
    held = page.locator("[data-tools]").first
    field = held.get_by_label({"report-en": "Filter the rows", "report-zh": "筛选行"}[name])
    field.fill(word)
    assert len(numbers(page, 1)) == 1
    assert said in held.locator("output").text_content()
    assert held.locator("output").get_attribute("aria-live") == "polite"
    field.fill("no such word")
    assert numbers(page, 1) == []
    field.fill("")
    assert len(numbers(page, 1)) == 6


# ---------------------------------------------------------------- languages, keyboard, paper


def test_the_language_is_switched(opened, width):
    page = opened("report-both", width)
    shown = "[...document.querySelectorAll('.part')].filter((p) => p.offsetParent).map((p) => p.lang)"
    assert (page.evaluate(shown), page.evaluate("document.documentElement.lang")) == (["en"], "en")
    page.get_by_role("button", name="中文").press("Enter")
    assert (page.evaluate(shown), page.evaluate("document.documentElement.lang")) == (["zh-CN"], "zh-CN")
    assert page.get_by_role("button", name="中文").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("heading", name="结论").is_visible()
    page.get_by_role("button", name="English").click()
    assert page.evaluate(shown) == ["en"]


def test_the_keyboard_comes_to_the_report_first(opened):
    page = opened("report-en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#report"


def test_on_paper_all_is_told(opened):
    page = opened("report-both")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".part:not([hidden]) details:not([open])").count() == 0
    for gone in (".bar", "nav", ".tools"):
        assert not page.locator(gone).first.is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".part:not([hidden]) details[open]").count() == 0


@pytest.mark.parametrize("name", ["bulletin-en", "bulletin-zh", "bulletin-long"])
def test_a_bulletin_is_printed_on_two_sheets(opened, name):
    """However many sections there are; what is left out on paper is counted, and is on the page."""
    page = opened(name)
    told = page.locator(".part:not([hidden]) .paper")
    assert [told.nth(n).is_visible() for n in range(told.count())] == [False] * told.count()
    page.emulate_media(media="print")
    left_out = page.evaluate(
        "[...document.querySelectorAll('.part:not([hidden]) .held')].map((held) => ["
        "[...held.querySelectorAll('tbody tr')].filter((row) => !row.offsetHeight).length,"
        "Number((held.querySelector('.paper')?.textContent.match(/[0-9]+/) || [0])[0])])"
    )
    assert all(hidden == said for hidden, said in left_out)
    assert (sum(hidden for hidden, _ in left_out) > 0) == (name == "bulletin-long")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 2


# ---------------------------------------------------------------- names that mean harm


@pytest.mark.parametrize("name", ["report-hostile", "bulletin-hostile"])
def test_names_are_shown_and_not_obeyed(opened, hostile, name):
    page = opened(name)
    assert page.evaluate("window.harm") is None
    assert page.locator("main script, main iframe, main b:text('bold')").count() == 0
    rows = page.locator(".part:not([hidden]) [data-tools] tbody th").all_text_contents()
    shown = {" ".join(text.split()) for text in rows}
    assert {" ".join(name.split()) for name in hostile.unit_of("district")} <= shown
