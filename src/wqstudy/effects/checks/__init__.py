"""What can make an effect appear where there is none, checked one by one."""

from wqstudy.effects.checks.controls import leave_one_out, placebo_districts, spill_over
from wqstudy.effects.checks.course import campaign_months, persistence
from wqstudy.effects.checks.dates import parallel_trends, placebo_dates, regression_to_mean
from wqstudy.effects.checks.every import CHECKS, checks
from wqstudy.effects.checks.rows import OUTCOMES, Check, Checks
from wqstudy.effects.checks.sampling import method_change, station_set

__all__ = [
    "CHECKS",
    "OUTCOMES",
    "Check",
    "Checks",
    "campaign_months",
    "checks",
    "leave_one_out",
    "method_change",
    "parallel_trends",
    "persistence",
    "placebo_dates",
    "placebo_districts",
    "regression_to_mean",
    "spill_over",
    "station_set",
]
