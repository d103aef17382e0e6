"""What the plan itself has to say, as readables, so that it lands in the run's events."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from bluesky.protocols import Readable, Reading
from numpy.typing import NDArray

__all__ = ["Readout", "Value"]

Value = float | int | str | bool | NDArray[np.integer] | NDArray[np.floating]
"""What a field may hold."""


class Readout(Readable[Any]):
    """Values that a plan publishes, read like a device.

    Parameters
    ----------
    name : str
        Prefix of the data keys.
    units : dict of str to str
        The fields, each with its unit (``""`` where it has none).
    """

    parent = None

    def __init__(self, name: str, units: Mapping[str, str]):
        self._name = name
        self._units = dict(units)
        self._values: dict[str, Value] = {}
        self._timestamp = 0.0

    @property
    def name(self) -> str:
        """Prefix of the data keys."""
        return self._name

    def publish(self, **values: Value) -> None:
        """Set all fields.

        Parameters
        ----------
        **values
            One value for each field.

        Raises
        ------
        ValueError
            If a field is missing or unknown.
        """
        if values.keys() != self._units.keys():
            raise ValueError(
                f"{self.name} has the fields {sorted(self._units)}, got {sorted(values)}."
            )
        self._values = values
        self._timestamp = time.time()

    def read(self) -> dict[str, Reading[Any]]:
        """Return the published values."""
        return {
            f"{self.name}_{field}": {"value": value, "timestamp": self._timestamp}
            for field, value in self._values.items()
        }

    def describe(self) -> dict[str, Any]:
        """Return the type and unit of each field."""
        return {
            f"{self.name}_{field}": {
                "source": f"PLAN:{self.name}.{field}",
                "dtype": _dtype(value),
                "shape": list(np.shape(value)),
                "units": self._units[field],
            }
            for field, value in self._values.items()
        }


def _dtype(value: Value) -> str:
    match value:
        case np.ndarray():
            return "array"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
    return "string"
