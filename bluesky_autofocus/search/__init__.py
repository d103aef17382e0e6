"""Focus searches, one Protocol."""

from .brent import Brent
from .curve import Curve
from .curve_search import CurveSearch
from .golden_section import GoldenSection
from .hill_climb import HillClimb
from .peak import Peak, fit_peak
from .protocol import Move, Search, Window
from .registry import SEARCHES, make_search
from .steps import Sample
from .sweep import Sweep

__all__ = [
    "SEARCHES",
    "Brent",
    "Curve",
    "CurveSearch",
    "GoldenSection",
    "HillClimb",
    "Move",
    "Peak",
    "Sample",
    "Search",
    "Sweep",
    "Window",
    "fit_peak",
    "make_search",
]
