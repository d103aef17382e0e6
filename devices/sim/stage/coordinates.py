"""User, dial and raw coordinates of a motor record, and its soft limits."""

import math
from dataclasses import dataclass

__all__ = ["Coordinates", "violates_soft_limits"]


@dataclass(frozen=True)
class Coordinates:
    """How user and dial coordinates hang together: ``user = dial * sign + offset``.

    Parameters
    ----------
    sign : int
        DIR: +1 for Pos, -1 for Neg.
    offset : float
        OFF, EGU.
    resolution : float
        MRES, EGU per motor step.
    """

    sign: int
    offset: float
    resolution: float

    def user(self, dial: float) -> float:
        """User coordinate of a dial position, EGU."""
        return dial * self.sign + self.offset

    def dial(self, user: float) -> float:
        """Dial coordinate of a user position, EGU."""
        return (user - self.offset) / self.sign

    def raw(self, dial: float) -> int:
        """Motor steps of a dial position."""
        return round(dial / self.resolution)

    def user_limits(self, low: float, high: float) -> tuple[float, float]:
        """User limits of dial limits, which change places where the senses differ.

        Parameters
        ----------
        low, high : float
            Dial limits, EGU.

        Returns
        -------
        low, high : float
            User limits, EGU.
        """
        if self.sign > 0:
            return self.user(low), self.user(high)
        return self.user(high), self.user(low)


def violates_soft_limits(
    target: float, last: float, limits: tuple[float, float], *, backlash_distance: float
) -> bool:
    """Whether a motor record refuses a target and sets LVIO.

    Equal limits of 0 switch the check off; low above high refuses everything; a move that comes
    back towards the allowed range is let through; the turning point of a backlash correction must
    lie within the limits too.

    Parameters
    ----------
    target, last : float
        New and previous DVAL, EGU.
    limits : (float, float)
        DLLM and DHLM, EGU.
    backlash_distance : float
        BDST, EGU.

    Returns
    -------
    bool
        True for a target that must be refused, also one that is not finite.
    """
    low, high = limits
    if not math.isfinite(target):
        return True
    if low == high == 0.0:
        return False
    if low > high:
        return True
    if high < target < last or last < target < low:
        return False
    turning_point = target
    if (target > last) != (backlash_distance > 0):
        turning_point = target - backlash_distance
    return not (low <= target <= high and low <= turning_point <= high)
