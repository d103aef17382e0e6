"""Process variables of the simulation, connected for the length of a demo."""

from types import TracebackType
from typing import Self

from ophyd import EpicsSignal

from bluesky_autofocus.errors import StationError

__all__ = ["SimulationPvs"]

TIMEOUT_S = 10.0


class SimulationPvs:
    """Process variables of a simulated station, as a context manager.

    They are connected at the beginning and closed at the end: ophyd reads a new one's limits and
    units in a thread of its own, and one that is closed meanwhile crashes the process.

    Parameters
    ----------
    prefix : str
        Prefix of the IOC.
    *names : str
        The process variables, without the prefix.
    """

    def __init__(self, prefix: str, *names: str):
        self._signals = {name: EpicsSignal(prefix + name, name=prefix + name) for name in names}

    def __enter__(self) -> Self:
        """Wait until all are connected.

        Raises
        ------
        StationError
            If one does not answer.
        """
        for signal in self._signals.values():
            try:
                signal.wait_for_connection(timeout=TIMEOUT_S)
            except TimeoutError as error:
                raise _silent(signal.name) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all."""
        for signal in self._signals.values():
            signal.destroy()

    def get(self, name: str) -> float:
        """Read one.

        Parameters
        ----------
        name : str
            One of the names.

        Returns
        -------
        float
            Its value.

        Raises
        ------
        StationError
            If the simulation does not answer.
        """
        signal = self._signals[name]
        try:
            return float(signal.get(timeout=TIMEOUT_S, connection_timeout=TIMEOUT_S))
        except TimeoutError as error:
            raise _silent(signal.name) from error

    def put(self, name: str, value: float) -> None:
        """Write one, without waiting until it is written.

        Parameters
        ----------
        name : str
            One of the names.
        value : float
            What to write.
        """
        self._signals[name].put(value, wait=False)


def _silent(name: str) -> StationError:
    return StationError(
        f"{name} did not answer within {TIMEOUT_S:g} s: the simulated station has ended or hangs. "
        "Run the demo again."
    )
