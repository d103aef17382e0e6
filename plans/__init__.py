"""Autofocus plans."""

from .autofocus import autofocus

__all__ = ["autofocus"]
