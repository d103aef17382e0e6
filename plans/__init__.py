"""Autofocus plans."""

from .autofocus import autofocus
from .keep_focus import FocusSuspender, keep_focus_decorator, keep_focus_wrapper

__all__ = ["FocusSuspender", "autofocus", "keep_focus_decorator", "keep_focus_wrapper"]
