"""Write the data cards into docs/data.md, below its heading "Cards". Run: python data/build_cards.py."""

from __future__ import annotations

from pathlib import Path

from wqstudy.datasets.registry import Card, cards, registered, sources

PAGE = Path(__file__).parents[1] / "docs" / "data.md"
HEADING = "## Cards\n"


def section(own: Card) -> str:
    """One card as Markdown."""
    files = registered(own.name)
    size = sum(file.size for file in files) / 1e6
    at = ", ".join(f"github.com/{source}" for source in sources(own.name))
    rows = [
        ("publisher", own.publisher),
        ("licence", own.licence),
        ("coverage", own.coverage),
        ("cite", own.citation),
        ("files", f"{len(files)} in `{own.folder}`, {size:.1f} MB"),
        ("download", at or f"not as it stands: {own.obtain}"),
    ]
    table = "\n".join(f"| {name} | {text.replace('|', chr(92) + '|')} |" for name, text in rows)
    quirks = "\n".join(f"* {quirk}" for quirk in own.quirks)
    return f"\n### {own.name}: {own.title}\n\n| | |\n|---|---|\n{table}\n\n{quirks}\n"


def page() -> str:
    """The whole page: what stands above the cards, and the cards."""
    above = PAGE.read_text(encoding="utf-8").partition(HEADING)[0]
    return above + HEADING + "".join(section(own) for own in cards().values())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
