from .kendall import mann_kendall as mann_kendall
