"""Pictures of results: one message each, in Chinese or English. They draw; they compute nothing."""

from wqstudy.plots.fonts import style
from wqstudy.plots.forest import forest
from wqstudy.plots.series import series

__all__ = ["forest", "series", "style"]
