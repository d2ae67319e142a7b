"""The frozen results of inferences: numbers, and what a careful reader must know about them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
