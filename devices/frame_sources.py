"""The frames of a camera whose own reading holds them."""

from collections.abc import Awaitable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol

import numpy as np
from bluesky.protocols import Reading
from numpy.typing import NDArray

from bluesky_autofocus.errors import CameraFaultError

__all__ = ["ReadingFrames"]

Readings = dict[str, Reading[Any]]


class ReadableCamera(Protocol):
    """A camera that can be read, at once or later."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def read(self) -> Any:
        """Return its readings, or what they can be awaited from."""
        ...


@dataclass(frozen=True)
class ReadingFrames:
    """The frames of a camera whose own reading holds them, of ophyd or of ophyd-async.

    Parameters
    ----------
    camera : Readable
        The camera; it may also be a signal that holds an image.
    full_scale : float
        Grey level at which it saturates.
    key : str, optional
        Data key of the frame. Default: the only reading that is an image.
    """

    camera: ReadableCamera
    full_scale: float
    key: str | None = None

    def frame(self) -> NDArray[np.number] | Awaitable[NDArray[np.number]]:
        """Return the frame that the camera reads now.

        Returns
        -------
        numpy.ndarray or awaitable
            Shape (rows, columns).

        Raises
        ------
        CameraFaultError
            If it reads no image, or several.
        """
        readings = self.camera.read()
        return self._later(readings) if isawaitable(readings) else self._image(readings)

    async def _later(self, readings: Awaitable[Readings]) -> NDArray[np.number]:
        return self._image(await readings)

    def _image(self, readings: Readings) -> NDArray[np.number]:
        found = {
            key: np.squeeze(reading["value"])
            for key, reading in readings.items()
            if self.key in (None, key) and np.squeeze(reading["value"]).ndim == 2
        }
        if len(found) != 1:
            raise CameraFaultError(
                f"{self.camera.name} reads {len(found)} images {sorted(found)} among "
                f"{sorted(readings)}, and one is needed. Name its data key, or take the frames "
                "from elsewhere."
            )
        return next(iter(found.values()))
