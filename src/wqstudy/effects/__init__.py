"""Was it the treatment? Change beyond controls, with its doubt, and a verdict."""

from wqstudy.effects.arithmetic import check_arithmetic
from wqstudy.effects.claim_results import ArithmeticCheck, ClaimCheck, RateCheck
from wqstudy.effects.claim_table import check_claims
from wqstudy.effects.claim_verdicts import BACKGROUND_VERDICTS, CLAIM_VERDICTS, Background, judge_claim
from wqstudy.effects.claims import check_claim
from wqstudy.effects.counts import compatible_counts, possible_totals
from wqstudy.effects.estimates import Design, Effects, spans
from wqstudy.effects.evaluation import evaluate
from wqstudy.effects.figures import Figure, figure
from wqstudy.effects.measures import measures_beside
from wqstudy.effects.own_noise import Variability, variability
from wqstudy.effects.planning import detectable, plan, plan_sentence
from wqstudy.effects.pooling import Pooling, permuted, pool, smallest_p
from wqstudy.effects.rates import check_rate
from wqstudy.effects.specifications import Specifications, specification_curve
from wqstudy.effects.statement import Evaluation, Evaluations
from wqstudy.effects.verdicts import VERDICTS, Verdict, judge

__all__ = [
    "BACKGROUND_VERDICTS",
    "CLAIM_VERDICTS",
    "VERDICTS",
    "ArithmeticCheck",
    "Background",
    "ClaimCheck",
    "Design",
    "Effects",
    "Evaluation",
    "Evaluations",
    "Figure",
    "Pooling",
    "RateCheck",
    "Specifications",
    "Variability",
    "Verdict",
    "check_arithmetic",
    "check_claim",
    "check_claims",
    "check_rate",
    "compatible_counts",
    "detectable",
    "evaluate",
    "figure",
    "judge",
    "judge_claim",
    "measures_beside",
    "permuted",
    "plan",
    "plan_sentence",
    "pool",
    "possible_totals",
    "smallest_p",
    "spans",
    "specification_curve",
    "variability",
]
