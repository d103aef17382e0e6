"""What one frame says, in the form in which a search takes it in."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Condition", "Measurement"]


class Condition(StrEnum):
    """Whether a frame can be trusted."""

    GOOD = "good"
    SATURATED = "saturated"
    TOO_DARK = "too_dark"


@dataclass(frozen=True)
class Measurement:
    """What one frame says.

    Parameters
    ----------
    sharpness : float
        Value of the focus measure; larger is sharper. Its scale is the measure's own.
    mean_fraction : float
        Mean level as a fraction of full scale.
    saturated_fraction : float
        Share of pixels at full scale.
    condition : Condition
        Whether the frame can be trusted.
    """

    sharpness: float
    mean_fraction: float = 0.5
    saturated_fraction: float = 0.0
    condition: Condition = Condition.GOOD
