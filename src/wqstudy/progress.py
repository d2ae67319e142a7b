"""How far long work has come: told to a function, or shown as a bar; silent unless asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import TypeVar

Told = Callable[[str, int, int], None]
Progress = Told | bool | None
"""What functions take: called with a name, its number and how many there are; or True for a bar."""

T = TypeVar("T")


def steps(items: Iterable[T], progress: Progress, whole: int, name: str | None = None) -> Iterator[T]:
    """The items one by one, telling before each how far the work has come.

    Parameters
    ----------
    items
        What is worked on.
    progress
        Called with the name of an item, its number from 0 and how many there are. True shows a bar on stderr,
        in JupyterLab below the cell, which goes away at the end. Nothing is shown by default, so that the
        outputs of notebooks compare.
    whole
        How many items there are.
    name
        How each item is called; by default as it is written.

    Examples
    --------
    >>> list(steps(["NH3N", "TP"], lambda code, number, whole: print(code, number, whole), 2))
    NH3N 0 2
    TP 1 2
    ['NH3N', 'TP']
    """
    if progress is True:
        yield from _with_bar(items, whole, name)
        return
    for number, item in enumerate(items):
        if progress:
            progress(name or str(item), number, whole)
        yield item


def _with_bar(items: Iterable[T], whole: int, name: str | None) -> Iterator[T]:
    from rich.console import Console  # noqa: PLC0415 - only where a bar is asked for
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    # Without ipywidgets rich can draw no bar in a notebook, and would warn of it.
    console = Console(stderr=True, force_jupyter=None if find_spec("ipywidgets") else False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=whole)
        for item in items:
            bar.update(task, description=name or str(item))
            yield item
            bar.advance(task)
