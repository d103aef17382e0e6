"""Autofocus plans."""

from .autofocus import autofocus
from .calibrate import calibrate
from .calibration_run import CalibrationResult
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper

__all__ = [
    "CalibrationResult",
    "FocusSuspender",
    "autofocus",
    "calibrate",
    "keep_focus_decorator",
    "keep_focus_wrapper",
]
