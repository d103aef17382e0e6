"""Focus searches, one Protocol."""

from .brent import Brent
from .curve import Curve
from .curve_search import CurveSearch
from .golden_section import GoldenSection
from .hill_climb import HillClimb
from .peak import Peak, fit_peak
from .protocol import Believing, Move, Search, Window
from .registry import BELIEF, CURVE_SEARCHES, SEARCHES, make_curve_search, make_search
from .steps import Sample
from .sweep import Sweep

__all__ = [
    "BELIEF",
    "CURVE_SEARCHES",
    "SEARCHES",
    "Believing",
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
    "make_curve_search",
    "make_search",
]
