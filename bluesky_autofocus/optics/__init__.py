"""The imaging system: depth of field, transfer functions, and sharpness against distance."""

from .sharpness import U_MAX_DOF, SharpnessCurve, sharpness_curve
from .system import Optics, optics_of_sampling
from .transfer import defocused_otf, in_focus_otf, pixel_mtf

__all__ = [
    "U_MAX_DOF",
    "Optics",
    "SharpnessCurve",
    "defocused_otf",
    "in_focus_otf",
    "optics_of_sampling",
    "pixel_mtf",
    "sharpness_curve",
]
