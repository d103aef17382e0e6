"""What the simulated stage is."""

from dataclasses import dataclass

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
