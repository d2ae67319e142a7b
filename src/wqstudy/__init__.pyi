from . import datasets as datasets
from . import grading as grading
from . import parameters as parameters
from . import plots as plots
from . import simulate as simulate
from . import stats as stats
from . import words as words
from .comparison import compare as compare
from .errors import ArgumentError as ArgumentError
from .errors import OutputError as OutputError
from .errors import ReadError as ReadError
from .errors import SchemaError as SchemaError
from .errors import WqstudyError as WqstudyError
from .grading import grade as grade
from .pairs import station_matches as station_matches
from .pairs import station_pairs as station_pairs
from .pooled import common_fluctuation as common_fluctuation
from .pooled import pooled_change as pooled_change
from .pooled import repeated_changes as repeated_changes
from .readers import read as read
from .results import Estimate as Estimate
from .samples import Reading as Reading
from .series import monthly_series as monthly_series
from .study import Study as Study
from .windows import Windows as Windows
from .words import rounded as rounded

__version__: str
