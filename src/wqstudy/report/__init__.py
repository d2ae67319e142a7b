"""From a study to files and a page that anyone can open."""

from wqstudy.report.answer import answer
from wqstudy.report.page import render
from wqstudy.report.runner import run

__all__ = ["answer", "render", "run"]
