"""How good is the water? Classes of GB 3838 for samples, sections, basins and districts, and indices."""

from wqstudy.grading.attained import deadlines, lasting_attainment
from wqstudy.grading.averages import item_means
from wqstudy.grading.basins import basin_status, lake_class
from wqstudy.grading.black_effect import BlackOdorousEffect, black_odorous_effect
from wqstudy.grading.bodies import national_sections
from wqstudy.grading.bulletin import Bulletin, monthly_bulletin
from wqstudy.grading.canadian_index import ccme
from wqstudy.grading.change import change_words
from wqstudy.grading.city_index import cwqi, delta_cwqi
from wqstudy.grading.classes import classify
from wqstudy.grading.daniel import critical_values, spearman_daniel
from wqstudy.grading.handover_sections import handover, handover_verdict
from wqstudy.grading.indicators import main_indicators
from wqstudy.grading.limits import graded_items, limits
from wqstudy.grading.pollution_index import mean_pollution_index
from wqstudy.grading.probability import class_probability
from wqstudy.grading.rank_intervals import city_ranks
from wqstudy.grading.sections import grade
from wqstudy.grading.status import Shares, printed_shares, section_status, shares, status_by_shares
from wqstudy.grading.targets import attainment, attainment_rate
from wqstudy.grading.trophic import tli
from wqstudy.grading.two_periods import class_change_probability, good_share, good_share_change, rank_doubt
from wqstudy.grading.urban_black import BlackOdorous, black_odorous
from wqstudy.grading.warning import early_warning

__all__ = [
    "BlackOdorous",
    "BlackOdorousEffect",
    "Bulletin",
    "Shares",
    "attainment",
    "attainment_rate",
    "basin_status",
    "black_odorous",
    "black_odorous_effect",
    "ccme",
    "change_words",
    "city_ranks",
    "class_change_probability",
    "class_probability",
    "classify",
    "critical_values",
    "cwqi",
    "deadlines",
    "delta_cwqi",
    "early_warning",
    "good_share",
    "good_share_change",
    "grade",
    "graded_items",
    "handover",
    "handover_verdict",
    "item_means",
    "lake_class",
    "lasting_attainment",
    "limits",
    "main_indicators",
    "mean_pollution_index",
    "monthly_bulletin",
    "national_sections",
    "printed_shares",
    "rank_doubt",
    "section_status",
    "shares",
    "spearman_daniel",
    "status_by_shares",
    "tli",
]
