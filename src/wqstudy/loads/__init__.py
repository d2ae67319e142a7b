"""How much pollution passed? Loads of a river from samples and flow, and their trend without the weather."""

from wqstudy.loads.draws import LoadDraws, retained
from wqstudy.loads.effect import against_capacity, effect
from wqstudy.loads.fitted import Wrtds
from wqstudy.loads.period import beale, period_load
from wqstudy.loads.rating import RatingCurve, rating_curve
from wqstudy.loads.spread import load_table, nondetect_spread
from wqstudy.loads.units import convert_load, flux, plant_load
from wqstudy.loads.wrtds import wrtds

__all__ = [
    "LoadDraws",
    "RatingCurve",
    "Wrtds",
    "against_capacity",
    "beale",
    "convert_load",
    "effect",
    "flux",
    "load_table",
    "nondetect_spread",
    "period_load",
    "plant_load",
    "rating_curve",
    "retained",
    "wrtds",
]
