"""Something that goes wrong in the middle of a demo."""

from collections.abc import Mapping
from typing import Any

from .pv import SimulationPvs

__all__ = ["FaultAfterFirstFrame"]


class FaultAfterFirstFrame:
    """A document callback that switches a fault on once the first event is recorded.

    Parameters
    ----------
    pvs : SimulationPvs
        Holds the fault's process variable.
    name : str
        That variable.
    value : float
        What to set it to.
    """

    def __init__(self, pvs: SimulationPvs, name: str, value: float):
        self._pvs, self._name, self._value = pvs, name, value
        self._struck = False

    def __call__(self, name: str, document: Mapping[str, Any]) -> None:
        """Take in a document.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.
        """
        if name == "event" and not self._struck:
            self._struck = True
            # Unawaited, as this runs in the engine's loop; the next move comes behind it in line.
            self._pvs.put(self._name, self._value)
