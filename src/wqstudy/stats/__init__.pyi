from .kendall import mann_kendall as mann_kendall
from .seasonal import regional_kendall as regional_kendall
from .seasonal import seasonal_kendall as seasonal_kendall
from .sen import seasonal_sen_slope as seasonal_sen_slope
from .sen import sen_slope as sen_slope
