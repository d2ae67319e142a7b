"""How much pollution passed? Loads of a river from samples and flow, and their trend without the weather."""

from wqstudy.loads.period import beale, nondetect_spread, period_load
from wqstudy.loads.units import convert_load, flux, plant_load
from wqstudy.loads.wrtds import Wrtds, wrtds

__all__ = [
    "Wrtds",
    "beale",
    "convert_load",
    "flux",
    "nondetect_spread",
    "period_load",
    "plant_load",
    "wrtds",
]
