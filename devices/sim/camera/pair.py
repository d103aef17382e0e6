"""A setpoint with its readback, and the labels that areaDetector's choices share."""

from dataclasses import dataclass
from typing import Any

from caproto.server import PvpropertyData

__all__ = ["COLOR_MODES", "DATA_TYPES", "ENABLE", "YES_NO", "Pair", "RefusedError", "Value"]

Value = int | float | str

YES_NO = ("No", "Yes")
ENABLE = ("Disable", "Enable")
COLOR_MODES = ("Mono", "Bayer", "RGB1", "RGB2", "RGB3", "YUV444", "YUV422", "YUV421")
DATA_TYPES = (
    "Int8",
    "UInt8",
    "Int16",
    "UInt16",
    "Int32",
    "UInt32",
    "Int64",
    "UInt64",
    "Float32",
    "Float64",
)


class RefusedError(ValueError):
    """A value that the camera does not take; the message says why and what to do."""


@dataclass(frozen=True)
class Pair:
    """A setpoint and its readback.

    Parameters
    ----------
    setpoint, readback : caproto.server.PvpropertyData
        The two channels; the readback holds what is in force.
    labels : tuple of str
        For a choice: the labels of the setpoint.
    readback_labels : tuple of str
        For a choice: the labels of the readback.
    """

    setpoint: PvpropertyData
    readback: PvpropertyData
    labels: tuple[str, ...] = ()
    readback_labels: tuple[str, ...] = ()

    @property
    def value(self) -> Any:
        """What is in force; for a choice, the setpoint's label."""
        value = self.readback.value
        if self.readback_labels:
            return self.labels[self.readback_labels.index(value)]
        return value

    async def show(self, value: Value) -> None:
        """Publish a value on the readback alone."""
        if self.readback_labels:
            value = self.readback_labels[self.labels.index(str(value))]
        await self.readback.write(value, verify_value=False)

    async def write(self, value: Value) -> None:
        """Publish a value that the camera itself has chosen, on both."""
        await self.show(value)
        await self.setpoint.write(value, verify_value=False)
