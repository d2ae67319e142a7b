"""How good is the water? Classes of GB 3838 for samples, sections, basins and districts, and indices."""

from wqstudy.grading.classes import classify
from wqstudy.grading.limits import graded_items, limits

__all__ = ["classify", "graded_items", "limits"]
