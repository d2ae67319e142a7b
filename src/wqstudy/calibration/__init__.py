"""How often do the tests raise a false alarm? Simulated, shipped as an atlas, looked up by the package."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
