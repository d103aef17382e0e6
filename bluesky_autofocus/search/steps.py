"""A search written as one procedure, and how a history is played through it."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TypeAlias, TypeVar

from ..measurement import Condition, Measurement
from .protocol import Move

__all__ = ["Sample", "Steps", "play"]

# No measure of a frame is beyond this, and its square is still a number.
GREATEST_SHARPNESS = 1e100


@dataclass(frozen=True)
class Sample:
    """One frame of a search.

    Parameters
    ----------
    position_dof : float
        Readback of the stage, in depths of field.
    measurement : Measurement
        What the frame says.
    """

    position_dof: float
    measurement: Measurement

    @property
    def sharpness(self) -> float:
        """Value of the focus measure."""
        return self.measurement.sharpness

    @property
    def is_number(self) -> bool:
        """Whether position and sharpness can be calculated with."""
        return isfinite(self.position_dof) and abs(self.sharpness) <= GREATEST_SHARPNESS

    @cached_property
    def usable(self) -> bool:
        """Whether the sample may enter the curve."""
        return self.is_number and self.measurement.condition is Condition.GOOD


T = TypeVar("T")

Steps: TypeAlias = Generator[Move, Sample, T]
"""A procedure that yields where to go, is sent what was seen there, and returns its result."""


def play(steps: Steps[T], history: Iterable[Sample]) -> Move | T:
    """Play frames taken so far through a procedure.

    Parameters
    ----------
    steps : Steps
        A fresh procedure.
    history : iterable of Sample
        Frames in order of time; those beyond its end are left out.

    Returns
    -------
    Move or the procedure's result
        What it wants next, or what it ended with.
    """
    try:
        move = next(steps)
        for sample in history:
            move = steps.send(sample)
    except StopIteration as end:
        return end.value
    return move
