"""Small plans: the camera made ready and put back, one frame, one event.

Whatever a device raises is a fault of that device; only the RunEngine's own interruptions pass.
"""

from typing import cast

from bluesky import plan_stubs as bps
from bluesky.protocols import Readable, Stageable
from bluesky.utils import MsgGenerator, RunEngineControlException, short_uid

from bluesky_autofocus.errors import CameraFaultError
from devices.station import Station

from .stubs import ATTEMPTS, SETTLE_TIMEOUT_S, give_up, told

__all__ = ["expose", "record", "stage_camera", "take_frame", "unstage_camera"]


def stage_camera(station: Station) -> MsgGenerator[None]:
    """Get the camera ready.

    Parameters
    ----------
    station : Station
        Whose camera to stage.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    CameraFaultError
        If it cannot be staged.
    """
    group = short_uid("stage")
    try:
        yield from bps.stage(cast(Stageable, station.camera), group=group)
        yield from bps.wait(group, timeout=station.frame_timeout_s)
    except (RunEngineControlException, CameraFaultError):
        raise
    except Exception as error:
        raise CameraFaultError(
            f"{station.camera.name} cannot be made ready: {told(error)} Check its connection and "
            "driver."
        ) from error


def unstage_camera(station: Station) -> MsgGenerator[None]:
    """Put the camera back as it was found.

    Parameters
    ----------
    station : Station
        Whose camera to unstage.

    Yields
    ------
    Msg
        Plan messages.
    """
    group = short_uid("unstage")
    yield from bps.unstage(cast(Stageable, station.camera), group=group)
    yield from bps.wait(group, timeout=station.frame_timeout_s)


def expose(station: Station) -> MsgGenerator[None]:
    """Take one frame.

    Parameters
    ----------
    station : Station
        Whose camera to trigger.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    CameraFaultError
        If no frame came, tried twice.
    """
    camera = station.camera
    for attempt in range(1, ATTEMPTS + 1):
        group = short_uid("frame")
        try:
            yield from bps.trigger(camera, group=group)
            yield from bps.wait(group, timeout=station.frame_timeout_s)
            break
        except RunEngineControlException:
            raise
        except Exception as error:
            yield from give_up(bps.wait(group, timeout=SETTLE_TIMEOUT_S))
            if attempt == ATTEMPTS:
                raise CameraFaultError(f"{told(error)} Tried {ATTEMPTS} times.") from error


def take_frame(station: Station, sensor: Readable, also_read: list[Readable]) -> MsgGenerator[None]:
    """Take one frame and record it with the position and all that is read beside it.

    Parameters
    ----------
    station : Station
        Whose camera and stage are in the event.
    sensor : Readable
        Measures the frame.
    also_read : list of Readable
        What else goes into the event.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    CameraFaultError
        If no frame came, tried twice, or one that cannot be measured.
    """
    yield from expose(station)
    try:
        yield from record("primary", [station.stage, station.camera, sensor, *also_read])
    except RunEngineControlException:
        raise
    except Exception as error:
        raise CameraFaultError(told(error)) from error


def record(stream: str, readables: list[Readable]) -> MsgGenerator[None]:
    """Record one event, or none of it.

    Parameters
    ----------
    stream : str
        Name of the stream.
    readables : list of Readable
        What goes into the event.

    Yields
    ------
    Msg
        Plan messages.
    """
    yield from bps.create(stream)
    try:
        for device in readables:
            yield from bps.read(device)
        yield from bps.save()
    except Exception:
        # An event left open would keep the plan from recording how it ended; after a pause there
        # is none, and nothing to drop.
        yield from give_up(bps.drop())
        raise
