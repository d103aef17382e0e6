"""The way to a position: from the approach side, and in short steps towards the sample."""

from math import ceil

from devices.station import Station

__all__ = ["stops"]


def stops(station: Station, here: float, target: float, window: tuple[float, float]) -> list[float]:
    """List all stops on the way to a target: towards the sample none is far from the one before.

    Parameters
    ----------
    station : Station
        Whose approach, and whose sample.
    here, target : float
        Where the stage is and where it shall go, in its unit.
    window : (float, float)
        Where it may go.

    Returns
    -------
    list of float
        Positions inside the window, the target last.
    """
    out: list[float] = []
    # A stage may read as outside by its tolerance; its first step ends inside all the same.
    here = min(max(here, window[0]), window[1])
    for position in _approach(station, here, target, window):
        out += [*_steps_to_sample(station, here, position), position]
        here = position
    return out


def _steps_to_sample(station: Station, here: float, there: float) -> list[float]:
    sample = station.sample
    if sample is None or (there > here) != (sample.side == "high"):
        return []
    count = ceil(abs(there - here) / sample.largest_step)
    return [here + (there - here) * k / count for k in range(1, count)]


def _approach(
    station: Station, here: float, target: float, window: tuple[float, float]
) -> list[float]:
    """List the stops on the way to a target, so that the last move comes from the approach side."""
    low, high = window
    backlash, tolerance = station.approach.backlash, station.position_tolerance
    # From where the stage came to a place at which it is already nobody knows.
    if backlash and station.approach.side == "low" and target <= here + tolerance:
        return [max(low, target - backlash), target]
    if backlash and station.approach.side == "high" and target >= here - tolerance:
        return [min(high, target + backlash), target]
    return [target]
