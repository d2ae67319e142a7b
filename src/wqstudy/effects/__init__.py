"""Was it the treatment? Change beyond controls, with its doubt, and a verdict."""

from wqstudy.effects.estimates import Design, Effects, spans
from wqstudy.effects.evaluation import evaluate
from wqstudy.effects.measures import measures_beside
from wqstudy.effects.pooling import Pooling, permuted, pool, smallest_p
from wqstudy.effects.specifications import Specifications, specification_curve
from wqstudy.effects.statement import Evaluation, Evaluations
from wqstudy.effects.verdicts import VERDICTS, Verdict, judge

__all__ = [
    "VERDICTS",
    "Design",
    "Effects",
    "Evaluation",
    "Evaluations",
    "Pooling",
    "Specifications",
    "Verdict",
    "evaluate",
    "judge",
    "measures_beside",
    "permuted",
    "pool",
    "smallest_p",
    "spans",
    "specification_curve",
]
