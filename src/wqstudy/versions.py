"""Which versions are at work, for a report of a fault or of a result."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version

from wqstudy.plots.fonts import chinese_font


class Versions(dict[str, str]):
    """Versions by name; prints a line each."""

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {said}" for name, said in self.items())


def show_versions() -> Versions:
    """Versions of the package, of Python, of the system, of libraries and of the font for Chinese.

    Returns
    -------
    Versions
        A dictionary that prints as text. Libraries are those that the package names, as far as they are
        installed.

    Examples
    --------
    >>> told = show_versions()
    >>> list(told)[:4]
    ['wqstudy', 'python', 'platform', 'Chinese font']
    >>> "numpy" in told
    True
    """
    told = Versions(
        {
            "wqstudy": version("wqstudy"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "Chinese font": chinese_font(),
        }
    )
    named = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in requires("wqstudy") or ()}
    for name in sorted(named, key=str.lower):
        try:
            told[name] = version(name)
        except PackageNotFoundError:  # of an extra that is not installed
            continue
    return told
