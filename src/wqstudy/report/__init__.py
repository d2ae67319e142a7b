"""From a study to files, a page and a document that anyone can open."""

from wqstudy.report.answer import answer
from wqstudy.report.bulletin import bulletin
from wqstudy.report.page import render
from wqstudy.report.runner import report, run

__all__ = ["answer", "bulletin", "render", "report", "run"]
