"""What the simulated stage is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

__all__ = ["StageSettings"]


@dataclass(frozen=True)
class StageSettings:
    """What the simulated stage is, in its own engineering unit.

    Parameters
    ----------
    egu : str
        Engineering unit (EGU) of all positions.
    precision : int
        Decimals to show.
    start : float
        Position at start, EGU.
    travel : (float, float)
        Limit switches, EGU.
    soft_limits : (float, float)
        LLM and HLM, EGU.
    velocity : float
        VELO, EGU/s.
    acceleration_s : float
        ACCL: time to reach the velocity, s.
    resolution : float
        MRES: motor and encoder step, EGU.
    backlash : float
        Mechanical play between drive and carriage, EGU.
    noise : float
        Standard deviation of where the carriage settles, EGU.
    """

    egu: str = "um"
    precision: int = 3
    start: float = 0.0
    travel: tuple[float, float] = (-2000.0, 2000.0)
    soft_limits: tuple[float, float] = (-1500.0, 1500.0)
    velocity: float = 1000.0
    acceleration_s: float = 0.1
    resolution: float = 0.01
    backlash: float = 0.5
    noise: float = 0.02

    @classmethod
    def for_planes(cls, positions: Sequence[float], unit: str) -> Self:
        """Make a stage that travels over the planes of a recorded focal stack.

        Without play or noise, so that each plane appears where it was recorded; it crosses the
        stack in about two seconds and starts a quarter of the way up.

        Parameters
        ----------
        positions : sequence of float
            Stage positions of the planes, at least two different ones.
        unit : str
            Their unit.

        Returns
        -------
        StageSettings
            Soft limits at the outer planes, limit switches a fiftieth of the way beyond.
        """
        low, high = float(min(positions)), float(max(positions))
        span = high - low
        decimals = max(0, math.ceil(4 - math.log10(span)))
        return cls(
            egu=unit,
            precision=decimals,
            start=low + span / 4,
            travel=(low - span / 50, high + span / 50),
            soft_limits=(low, high),
            velocity=span / 2,
            resolution=10.0**-decimals,
            backlash=0.0,
            noise=0.0,
        )
