"""One bounded move of the sample's axes."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bluesky import plan_stubs as bps
from bluesky.protocols import Movable, Readable
from bluesky.run_engine import WaitForTimeoutError
from bluesky.utils import MsgGenerator, RunEngineControlException, short_uid

from bluesky_autofocus.errors import StageFaultError
from devices.station import Station

from .stubs import told

__all__ = ["SampleAxis", "move_sample"]


@runtime_checkable
class SampleAxis(Movable, Readable, Protocol):
    """An axis of the sample that reads as its position."""


def move_sample(station: Station, targets: Mapping[SampleAxis, float]) -> MsgGenerator[None]:
    """Move axes of the sample together, no longer than the station's moves may take.

    Parameters
    ----------
    station : Station
        Its ``move_timeout_s`` bounds the wait.
    targets : mapping of SampleAxis to float
        Where each axis is to go.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StageFaultError
        If an axis fails or does not arrive in time.
    """
    group = short_uid("sample")
    said = ", ".join(f"{axis.name} to {value:g}" for axis, value in targets.items())
    yield from bps.checkpoint()
    try:
        for axis, value in targets.items():
            yield from bps.abs_set(axis, value, group=group)
        yield from bps.wait(group, timeout=station.move_timeout_s)
    except WaitForTimeoutError as error:
        raise StageFaultError(
            f"The sample did not arrive within {station.move_timeout_s:g} s ({said}). Check its "
            "axes, or give limits.move_timeout_s more time."
        ) from error
    except RunEngineControlException:
        raise
    except Exception as error:
        raise StageFaultError(f"The sample could not be moved ({said}): {told(error)}") from error
    yield from bps.checkpoint()
