from .runner import Design as Design
from .runner import designs as designs
from .runner import run as run
from .runner import run_all as run_all
from .shipped import Ground as Ground
from .shipped import atlas as atlas
from .shipped import ground as ground
