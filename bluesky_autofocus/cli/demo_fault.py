"""Something that goes wrong in the middle of a demo."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bluesky import RunEngine
from ophyd import EpicsSignal

from .demo_pv import connected

__all__ = ["fault_after_first_frame"]


@contextmanager
def fault_after_first_frame(
    engine: RunEngine, prefix: str, fault: tuple[str, float] | None
) -> Iterator[None]:
    """Switch a fault on once the engine has recorded its first event.

    Parameters
    ----------
    engine : RunEngine
        The engine.
    prefix : str
        Prefix of the IOC.
    fault : (str, float), optional
        A field of `devices.sim.faults.Faults` and its value; None leaves all well.
    """
    if fault is None:
        yield
        return
    name, value = fault
    signal = connected(EpicsSignal(f"{prefix}fault:{name}", name=name))
    events = 0

    def strike(kind: str, document: Mapping[str, Any]) -> None:
        nonlocal events
        events += 1
        if events == 1:
            # Unawaited, as this runs in the engine's loop; the next move comes behind it in line.
            signal.put(value, wait=False)

    token = engine.subscribe(strike, "event")
    try:
        yield
    finally:
        engine.unsubscribe(token)
        signal.destroy()
