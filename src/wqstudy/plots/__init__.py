"""Pictures of results: one message each, in Chinese or English. They draw; they compute nothing."""

from wqstudy.plots.atlas import atlas
from wqstudy.plots.before_after import before_after
from wqstudy.plots.classes import class_shares, class_strip
from wqstudy.plots.effects import difference_series, effects_forest
from wqstudy.plots.fonts import style
from wqstudy.plots.forest import forest
from wqstudy.plots.loads import load_methods, load_surface, load_trend
from wqstudy.plots.seasons import seasons
from wqstudy.plots.series import series
from wqstudy.plots.specification import specification_curve
from wqstudy.plots.stations import stations

__all__ = [
    "atlas",
    "before_after",
    "class_shares",
    "class_strip",
    "difference_series",
    "effects_forest",
    "forest",
    "load_methods",
    "load_surface",
    "load_trend",
    "seasons",
    "series",
    "specification_curve",
    "stations",
    "style",
]
