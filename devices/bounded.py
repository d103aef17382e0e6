"""Give every write of an ophyd device class a time limit."""

from copy import copy
from typing import TypeVar, cast

from ophyd import Device
from ophyd.signal import EpicsSignal

__all__ = ["WRITE_TIMEOUT_S", "with_write_timeout"]

WRITE_TIMEOUT_S = 10.0

DeviceClass = TypeVar("DeviceClass", bound=Device)


def with_write_timeout(
    device_class: type[DeviceClass], seconds: float = WRITE_TIMEOUT_S
) -> type[DeviceClass]:
    """Derive a device class whose EPICS signals give up a write after a while.

    ``Device.stage`` and ``Device.unstage`` wait for each of their writes without a limit, so one
    process variable that never reads back as written blocks the RunEngine for good. The only
    handle on that wait is the ``write_timeout`` of each signal.

    Parameters
    ----------
    device_class : type
        An ophyd device class.
    seconds : float
        Longest time that ``set`` on one of its signals may take.

    Returns
    -------
    type
        A subclass with the same components, each with that limit.
    """
    bounded = {}
    for attribute in device_class.component_names:
        component = getattr(device_class, attribute)
        if isinstance(component.cls, type) and issubclass(component.cls, EpicsSignal):
            component = copy(component)
            component.kwargs = {**component.kwargs, "write_timeout": seconds}
            bounded[attribute] = component
    return cast(type[DeviceClass], type(device_class.__name__, (device_class,), bounded))
