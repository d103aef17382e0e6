"""What the searches of other tools are given."""

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Value"]

Value: TypeAlias = Callable[[float], float]
"""Takes a frame at a position and says how sharp it is: larger is sharper."""
