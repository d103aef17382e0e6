"""One process variable of the simulation, read or written once."""

from ophyd import EpicsSignal, EpicsSignalRO

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
    """
    signal = EpicsSignalRO(name, name=name)
    signal.wait_for_connection(timeout=TIMEOUT_S)
    value = float(signal.get())
    signal.destroy()
    return value


def put_pv(name: str, value: float) -> None:
    """Write a process variable of the simulation and wait until it is written.

    Parameters
    ----------
    name : str
        Full name.
    value : float
        What to write.
    """
    signal = EpicsSignal(name, name=name, write_timeout=TIMEOUT_S)
    signal.wait_for_connection(timeout=TIMEOUT_S)
    signal.put(value, use_complete=True, wait=True)
    signal.destroy()
