"""Small plans for what sets the light of a frame: an exposure time, a lamp, a filter's position."""

from math import isfinite
from time import monotonic
from typing import Any, Protocol, runtime_checkable

from bluesky import plan_stubs as bps
from bluesky.protocols import Movable, Readable
from bluesky.utils import MsgGenerator, RunEngineControlException, short_uid

from bluesky_autofocus.errors import StudyError
from devices.station import Station

from .stubs import told

__all__ = ["Light", "put_back_light", "read_light", "set_light"]

# A device that is still setting a level refuses another one; it is asked again after so long.
ASK_AGAIN_S = 0.1


@runtime_checkable
class Light(Movable[Any], Readable[Any], Protocol):
    """What sets the light of a frame, and reads as its level."""


def read_light(light: Light) -> MsgGenerator[float]:
    """Read the level of the light.

    Parameters
    ----------
    light : Light
        What sets it.

    Returns
    -------
    float
        Its level, > 0.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StudyError
        If it does not answer, or has no level that could be multiplied.
    """
    try:
        level = float((yield from bps.rd(light)))
    except RunEngineControlException:
        raise
    except Exception as error:
        raise StudyError(f"{light.name} cannot be read: {told(error)}") from error
    if not (isfinite(level) and level > 0):
        raise StudyError(
            f"{light.name} is at {level:g}, and its level is to be multiplied: it must be above 0. "
            "Switch it on."
        )
    return level


def set_light(station: Station, light: Light, level: float) -> MsgGenerator[None]:
    """Set the level of the light, and wait for it as long as for a move.

    Parameters
    ----------
    station : Station
        Whose limits hold.
    light : Light
        What sets it.
    level : float
        In its unit.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StudyError
        If it cannot be set.
    """
    group = short_uid("light")
    try:
        yield from bps.abs_set(light, level, group=group)
        yield from bps.wait(group, timeout=station.move_timeout_s)
    except RunEngineControlException:
        raise
    except Exception as error:
        raise StudyError(f"{light.name} cannot be set to {level:g}: {told(error)}") from error


def put_back_light(station: Station, light: Light, level: float) -> MsgGenerator[None]:
    """Set the level of the light as it was found, also if it was interrupted while it was set.

    Parameters
    ----------
    station : Station
        Whose limits hold: so long as for a move it may refuse, busy with the level before.
    light : Light
        What sets it.
    level : float
        In its unit.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StudyError
        If it cannot be set.
    """
    until = monotonic() + station.move_timeout_s
    while True:
        try:
            return (yield from set_light(station, light, level))
        except StudyError as error:
            # What ophyd's signals raise while a set() is in progress.
            if not isinstance(error.__cause__, RuntimeError) or monotonic() > until:
                raise
        yield from bps.sleep(ASK_AGAIN_S)
