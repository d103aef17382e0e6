"""Autofocus plans."""

from .autofocus import autofocus
from .calibrate import CalibrationResult, calibrate
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper

__all__ = [
    "CalibrationResult",
    "FocusSuspender",
    "autofocus",
    "calibrate",
    "keep_focus_decorator",
    "keep_focus_wrapper",
]
