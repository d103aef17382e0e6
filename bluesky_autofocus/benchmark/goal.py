"""A goal beside what was measured."""

from dataclasses import dataclass

__all__ = ["Goal"]


@dataclass(frozen=True)
class Goal:
    """One goal.

    Parameters
    ----------
    name : str
        What is measured.
    low, high : float
        Range that is wanted.
    measured : float
        What came out; NaN if nothing did.
    """

    name: str
    low: float
    high: float
    measured: float

    @property
    def met(self) -> bool:
        """Whether the measured number lies in the range."""
        return self.low <= self.measured <= self.high
