"""One process variable of the simulation, read or written once."""

from ophyd import EpicsSignal, EpicsSignalRO

from bluesky_autofocus.errors import StationError

__all__ = ["get_pv", "put_pv"]

TIMEOUT_S = 10.0


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
    signal = EpicsSignalRO(name, name=name)
    try:
        signal.wait_for_connection(timeout=TIMEOUT_S)
        return float(signal.get(timeout=TIMEOUT_S))
    except TimeoutError as error:
        raise _silent(name) from error
    finally:
        signal.destroy()


def put_pv(name: str, value: float) -> None:
    """Write a process variable of the simulation and wait until it is written.

    Parameters
    ----------
    name : str
        Full name.
    value : float
        What to write.

    Raises
    ------
    StationError
        If the simulation does not answer.
    """
    signal = EpicsSignal(name, name=name, write_timeout=TIMEOUT_S)
    try:
        signal.wait_for_connection(timeout=TIMEOUT_S)
        # Not `set`, which compares the number with the labels of an enumeration.
        signal.put(value, use_complete=True, wait=True)
    except TimeoutError as error:
        raise _silent(name) from error
    finally:
        signal.destroy()


def _silent(name: str) -> StationError:
    return StationError(
        f"{name} did not answer within {TIMEOUT_S:g} s: the simulated station has ended or hangs. "
        "Run the demo again."
    )
