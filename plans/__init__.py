"""Autofocus plans."""

from .autofocus import autofocus
from .calibrate import calibrate
from .calibration_run import CalibrationResult
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper
from .record_stacks import record_stacks
from .stacks_run import StacksResult

__all__ = [
    "CalibrationResult",
    "FocusSuspender",
    "StacksResult",
    "autofocus",
    "calibrate",
    "keep_focus_decorator",
    "keep_focus_wrapper",
    "record_stacks",
]
