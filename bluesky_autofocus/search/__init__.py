"""Focus searches, one Protocol."""

from .curve import Curve, Sample
from .curve_search import CurveSearch
from .peak import Peak, fit_peak
from .protocol import Move, Search, Window
from .registry import SEARCHES, make_search
from .sweep import Sweep

__all__ = [
    "SEARCHES",
    "Curve",
    "CurveSearch",
    "Move",
    "Peak",
    "Sample",
    "Search",
    "Sweep",
    "Window",
    "fit_peak",
    "make_search",
]
