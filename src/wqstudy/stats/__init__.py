"""Numbers in, numbers out: the statistics alone. Knows no water and no pandas.

Names are loaded when they are first used, so that nothing is compiled for what is not asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
