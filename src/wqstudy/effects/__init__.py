"""Was it the treatment? Change beyond controls, with its doubt, and a verdict."""

from wqstudy.effects.estimates import Design, Effects, spans
from wqstudy.effects.evaluation import evaluate
from wqstudy.effects.own_noise import Variability, variability
from wqstudy.effects.planning import detectable, plan, plan_sentence
from wqstudy.effects.pooling import Pooling, permuted, pool, smallest_p
from wqstudy.effects.statement import Evaluation, Evaluations
from wqstudy.effects.verdicts import VERDICTS, Verdict, judge

__all__ = [
    "VERDICTS",
    "Design",
    "Effects",
    "Evaluation",
    "Evaluations",
    "Pooling",
    "Variability",
    "Verdict",
    "detectable",
    "evaluate",
    "judge",
    "permuted",
    "plan",
    "plan_sentence",
    "pool",
    "smallest_p",
    "spans",
    "variability",
]
