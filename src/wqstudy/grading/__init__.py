"""How good is the water? Classes of GB 3838 for samples, sections, basins and districts, and indices."""

from wqstudy.grading.averages import item_means
from wqstudy.grading.bodies import national_sections
from wqstudy.grading.classes import classify
from wqstudy.grading.limits import graded_items, limits
from wqstudy.grading.sections import grade

__all__ = ["classify", "grade", "graded_items", "item_means", "limits", "national_sections"]
