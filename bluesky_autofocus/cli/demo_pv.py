"""One process variable of the simulation, connected or read once."""

from typing import TypeVar

from ophyd import EpicsSignalRO
from ophyd.signal import EpicsSignalBase

from bluesky_autofocus.errors import StationError

__all__ = ["connected", "get_pv"]

TIMEOUT_S = 10.0

Signal = TypeVar("Signal", bound=EpicsSignalBase)


def connected(signal: Signal) -> Signal:
    """Wait until a process variable of the simulation answers.

    Parameters
    ----------
    signal : EpicsSignalBase
        The process variable.

    Returns
    -------
    EpicsSignalBase
        The same.

    Raises
    ------
    StationError
        If it does not.
    """
    try:
        signal.wait_for_connection(timeout=TIMEOUT_S)
    except TimeoutError as error:
        signal.destroy()
        raise _silent(signal.name) from error
    return signal


def get_pv(name: str) -> float:
    """Read a process variable of the simulation.

    Parameters
    ----------
    name : str
        Full name.

    Returns
    -------
    float
        Its value.

    Raises
    ------
    StationError
        If the simulation does not answer.
    """
    signal = connected(EpicsSignalRO(name, name=name))
    try:
        return float(signal.get(timeout=TIMEOUT_S))
    except TimeoutError as error:
        raise _silent(name) from error
    finally:
        signal.destroy()


def _silent(name: str) -> StationError:
    return StationError(
        f"{name} did not answer within {TIMEOUT_S:g} s: the simulated station has ended or hangs. "
        "Run the demo again."
    )
