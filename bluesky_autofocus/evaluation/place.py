"""Where in a stack a focus position lies."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Place", "place_in_stack"]

# An uncertain position is not called an end of the stack from farther than this share of it.
MOST_DOUBT = 0.1


class Place(StrEnum):
    """Where in a stack a focus position lies."""

    INSIDE = "inside"
    LOW_END = "low_end"
    HIGH_END = "high_end"
    BEYOND_LOW_END = "beyond_low_end"
    BEYOND_HIGH_END = "beyond_high_end"

    @property
    def said(self) -> str:
        """In words."""
        return self.value.replace("_", " ")


def place_in_stack(focus: float, z: ArrayLike, std: float = 0.0) -> Place:
    """Tell whether planes on both sides show a focus position.

    Parameters
    ----------
    focus : float
        The position.
    z : array_like, shape (planes,)
        Positions of the planes, strictly rising, at least two.
    std : float
        Standard error of `focus`, in the same unit.

    Returns
    -------
    Place
        An end if the position lies within half a plane spacing or one standard error of it.
    """
    at = np.asarray(z, dtype=float)
    doubt = min(std, MOST_DOUBT * float(at[-1] - at[0]))
    near_low = max(float(at[1] - at[0]) / 2, doubt)
    near_high = max(float(at[-1] - at[-2]) / 2, doubt)
    if focus < at[0] - near_low:
        return Place.BEYOND_LOW_END
    if focus > at[-1] + near_high:
        return Place.BEYOND_HIGH_END
    to_low, to_high = focus - at[0], at[-1] - focus
    if to_low < near_low and to_low <= to_high:
        return Place.LOW_END
    if to_high < near_high:
        return Place.HIGH_END
    return Place.INSIDE
