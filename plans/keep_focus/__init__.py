"""Keep any plan in focus."""

from .suspender import FocusSuspender
from .wrapper import keep_focus_decorator, keep_focus_wrapper

__all__ = ["FocusSuspender", "keep_focus_decorator", "keep_focus_wrapper"]
