"""`bluesky-autofocus demo`: watch a simulated stage find focus."""

from .command import demo

__all__ = ["demo"]
