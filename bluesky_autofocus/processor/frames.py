"""The frames of events as they come, inline or in files."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

import numpy as np
from event_model import Filler
from numpy.typing import NDArray

from ..errors import FrameError

__all__ = ["EventFrames", "image_keys"]


def image_keys(descriptor: Mapping[str, Any]) -> list[str]:
    """Return the data keys that hold images.

    Parameters
    ----------
    descriptor : mapping
        A descriptor.

    Returns
    -------
    list of str
        Keys of two dimensions or more.
    """
    keys = descriptor["data_keys"]
    return [name for name, key in keys.items() if len(key.get("shape", ())) >= 2]


class EventFrames:
    """Finds the frame of each event of a run: in the event, or in the file that it refers to.

    Files are read by the handlers that are installed for databroker, such as those of
    area-detector-handlers.
    """

    def __init__(self) -> None:
        self._filler = Filler({}, inplace=False, retry_intervals=[0.05, 0.2, 0.5])

    def take(self, name: str, document: Any) -> None:
        """Take in a document that says where frames are.

        Parameters
        ----------
        name : str
            ``descriptor``, ``resource``, ``datum`` or ``datum_page``.
        document : dict
            The document.

        Raises
        ------
        FrameError
            If there is no handler for a kind of file.
        """
        if name == "resource":
            self._register(document["spec"])
        self._filler(name, document)

    def frame(self, event: Mapping[str, Any], key: str) -> NDArray[Any]:
        """Return the frame of an event.

        Parameters
        ----------
        event : mapping
            The event.
        key : str
            Data key of the frame.

        Returns
        -------
        numpy.ndarray
            Shape (rows, columns).

        Raises
        ------
        FrameError
            If there is none, or not one image.
        """
        data = event["data"]
        if key not in data:
            raise FrameError(
                f"The event holds no {key!r}: its frames are in a stream resource, which is read "
                "from the catalog once the run has ended. Use bluesky-autofocus replay."
            )
        value = data[key]
        if isinstance(value, str):
            only = {**event, "data": {key: value}, "filled": {key: False}}
            value = self._filler.fill_event(only)["data"][key]
        frame = np.squeeze(np.asarray(value))
        if frame.ndim != 2:
            raise FrameError(
                f"{key!r} has the shape {np.shape(value)}, and one image of two dimensions an "
                "event is needed. Name another data key."
            )
        return frame

    def close(self) -> None:
        """Close the files."""
        self._filler.close()

    def _register(self, spec: str) -> None:
        if spec in self._filler.handler_registry:
            return
        found = entry_points(group="databroker.handlers", name=spec)
        if not found:
            raise FrameError(
                f"No handler for frames of the kind {spec!r} is installed, so they cannot be read. "
                "Install the package that has it, or replay the run from the catalog."
            )
        self._filler.register_handler(spec, next(iter(found)).load())
