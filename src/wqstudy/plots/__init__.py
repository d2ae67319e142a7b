"""Pictures of results: one message each, in Chinese or English. They draw; they compute nothing."""

from wqstudy.plots.classes import class_shares, class_strip
from wqstudy.plots.effects import difference_series, effects_forest
from wqstudy.plots.fonts import style
from wqstudy.plots.forest import forest
from wqstudy.plots.loads import load_methods, load_surface, load_trend
from wqstudy.plots.series import series
from wqstudy.plots.specification import specification_curve

__all__ = [
    "class_shares",
    "class_strip",
    "difference_series",
    "effects_forest",
    "forest",
    "load_methods",
    "load_surface",
    "load_trend",
    "series",
    "specification_curve",
    "style",
]
