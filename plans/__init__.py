"""Autofocus plans."""

from .autofocus import autofocus
from .autofocus_regions import autofocus_region, autofocus_regions
from .calibrate import calibrate
from .calibration_run import CalibrationResult
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper
from .measure_tilt import measure_tilt

__all__ = [
    "CalibrationResult",
    "FocusSuspender",
    "autofocus",
    "autofocus_region",
    "autofocus_regions",
    "calibrate",
    "keep_focus_decorator",
    "keep_focus_wrapper",
    "measure_tilt",
]
