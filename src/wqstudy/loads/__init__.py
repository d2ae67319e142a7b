"""How much pollution passed? Loads of a river from samples and flow, and their trend without the weather."""

from wqstudy.loads.units import convert_load, flux, plant_load
from wqstudy.loads.wrtds import Wrtds, wrtds

__all__ = ["Wrtds", "convert_load", "flux", "plant_load", "wrtds"]
