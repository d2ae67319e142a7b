"""What JupyterLab shows of a table-like thing: a title and some facts, short and escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping


def facts(title: str, rows: Mapping[str, str], notes: Iterable[str] = ()) -> str:
    """A title, a small table of facts, and lines below, as HTML.

    Parameters
    ----------
    title
        What it is.
    rows
        Facts by their names; blank ones are left out.
    notes
        Lines below the table.

    Examples
    --------
    >>> facts("a < b", {"samples": "12", "source": ""})
    '<b>a &lt; b</b><table><tr><th style="text-align: left">samples</th>...</table>'
    """
    cells = "".join(
        f'<tr><th style="text-align: left">{html.escape(name)}</th>'
        f'<td style="text-align: left">{html.escape(fact)}</td></tr>'
        for name, fact in rows.items()
        if fact
    )
    below = "<br>".join(html.escape(note) for note in notes)
    return f"<b>{html.escape(title)}</b><table>{cells}</table>{below}"
