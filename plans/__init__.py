"""Autofocus plans."""

from .autofocus import autofocus
from .autofocus_regions import autofocus_region, autofocus_regions
from .calibrate import calibrate
from .calibration_run import CalibrationResult
from .focus_map import focus_map
from .focus_stack import focus_stack
from .follow_focus import follow_focus_wrapper
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper
from .measure_tilt import measure_tilt
from .record_stacks import record_stacks
from .stacks_run import StacksResult

__all__ = [
    "CalibrationResult",
    "FocusSuspender",
    "StacksResult",
    "autofocus",
    "autofocus_region",
    "autofocus_regions",
    "calibrate",
    "focus_map",
    "focus_stack",
    "follow_focus_wrapper",
    "keep_focus_decorator",
    "keep_focus_wrapper",
    "measure_tilt",
    "record_stacks",
]
